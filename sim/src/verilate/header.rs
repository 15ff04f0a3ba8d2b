//! The ports of a Verilated module, read from the class declaration that Verilator wrote.

use super::error::VerilateError;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Input,
    Output,
}

/// One port of the top module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    pub direction: Direction,
    pub bits: u32,
}

/// Ports of the top module by name.
pub struct Ports {
    top: String,
    ports: BTreeMap<String, Port>,
}

impl Ports {
    /// Reads declarations such as `VL_OUT16(&value,11,0);`.
    pub fn parse(top: &str, header: &str) -> Ports {
        Ports {
            top: top.to_string(),
            ports: header.lines().filter_map(declaration).collect(),
        }
    }

    /// Looks a port up and checks its direction and that it has `bits` of bits.
    pub fn expect(
        &self,
        name: &str,
        direction: Direction,
        bits: std::ops::RangeInclusive<u32>,
    ) -> Result<Port, VerilateError> {
        let problem = match self.ports.get(name) {
            None => "does not exist".to_string(),
            Some(port) if port.direction != direction => {
                format!("is not an {direction:?}").to_lowercase()
            }
            Some(port) if !bits.contains(&port.bits) && bits.start() == bits.end() => {
                format!("has {} bits instead of {}", port.bits, bits.end())
            }
            Some(port) if !bits.contains(&port.bits) => {
                format!("has {} bits, more than {}", port.bits, bits.end())
            }
            Some(port) => return Ok(*port),
        };
        Err(VerilateError::Port {
            top: self.top.clone(),
            name: name.to_string(),
            problem,
            known: self.to_string(),
        })
    }
}

impl std::fmt::Display for Ports {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let texts = self.ports.iter().map(|(name, port)| {
            format!("{name} ({:?}, {})", port.direction, port.bits).to_lowercase()
        });
        f.write_str(&texts.collect::<Vec<_>>().join(", "))
    }
}

fn declaration(line: &str) -> Option<(String, Port)> {
    let (kind, rest) = line.trim().strip_prefix("VL_")?.split_once("(&")?;
    let direction = match kind {
        "IN8" | "IN16" | "IN" | "IN64" | "INW" => Direction::Input,
        "OUT8" | "OUT16" | "OUT" | "OUT64" | "OUTW" => Direction::Output,
        _ => return None,
    };
    let mut fields = rest.strip_suffix(");")?.split(',');
    let name = fields.next()?;
    let (high, low): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let bits = high.abs_diff(low) + 1;
    Some((name.to_string(), Port { direction, bits }))
}
