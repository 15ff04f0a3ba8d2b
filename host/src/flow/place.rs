//! Step "place-<seed>": a netlist to a placed and routed design, with nextpnr.

use std::collections::BTreeMap;

use hdl::board::Family;
use serde::Deserialize;

use super::steps::{Key, Steps};
use super::{synth, FlowError, FlowInput, ResourceUse, Shortage};
use crate::tools::Tool;

/// Result of one seed.
pub struct Placed {
    pub seed: u32,
    /// File with the routed design, input of the packer.
    pub routed: String,
    pub report: Report,
    /// "nextpnr-ice40 0.11…"
    pub tool: String,
}

/// nextpnr's `--report`.
#[derive(Debug, Deserialize)]
pub struct Report {
    pub fmax: BTreeMap<String, Fmax>,
    pub utilization: BTreeMap<String, Utilization>,
    pub critical_paths: Vec<Path>,
}

/// One clock, in MHz.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Fmax {
    pub achieved: f64,
    pub constraint: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Utilization {
    pub used: usize,
    pub available: usize,
}

/// The slowest path between two clock domains ("posedge <clock>", "<async>").
#[derive(Debug, Deserialize)]
pub struct Path {
    pub from: String,
    pub to: String,
    pub path: Vec<Segment>,
}

#[derive(Debug, Deserialize)]
pub struct Segment {
    /// In ns.
    pub delay: f64,
    pub from: Pin,
    pub to: Pin,
    /// "clk-to-q", "source", "logic", "routing" or "setup".
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub struct Pin {
    pub cell: String,
    pub port: String,
}

impl Placed {
    /// Achieved over wanted frequency, of the clock where this is smallest; 0 without a clock.
    pub fn margin(&self) -> f64 {
        self.slowest_clock()
            .map_or(0.0, |(_, fmax)| fmax.achieved / fmax.constraint)
    }

    /// Name and frequencies of the clock with the smallest margin.
    pub fn slowest_clock(&self) -> Option<(&str, Fmax)> {
        let margin = |fmax: &Fmax| fmax.achieved / fmax.constraint;
        self.report
            .fmax
            .iter()
            .min_by(|a, b| margin(a.1).total_cmp(&margin(b.1)))
            .map(|(name, fmax)| (name.as_str(), *fmax))
    }
}

/// Places and routes with one seed; fails with the resources where the design does not fit.
pub fn run(steps: &mut Steps, input: &FlowInput, seed: u32) -> Result<Placed, FlowError> {
    let board = input.board;
    let name = format!("place-{seed}");
    let (tool, constraints_flag, routed_flag, extension) = match board.family {
        Family::Ice40 => (Tool::NextpnrIce40, "--pcf", "--asc", "asc"),
        Family::Ecp5 => (Tool::NextpnrEcp5, "--lpf", "--textcfg", "config"),
    };
    let tool = tool.find()?;
    let routed = format!("seed-{seed}.{extension}");
    let report = format!("seed-{seed}.json");

    // The same for equal results: results go to the scratch folder, whose name is left out.
    let mut arguments = board.place_flags.clone();
    for (flag, value) in [
        ("--json", synth::NETLIST.to_string()),
        (constraints_flag, board.constraints.clone()),
        ("--seed", seed.to_string()),
        ("--freq", format!("{}", input.clock_hz / 1e6)),
    ] {
        arguments.extend([flag.to_string(), value]);
    }
    // The caller decides what a missed clock means.
    arguments.push("--timing-allow-fail".to_string());
    let key = Key::new(&tool)
        .and_all(&arguments)
        .and(steps.read(synth::NETLIST)?)
        .and(board.constraints_text);

    steps.step(&name, key, &[&routed, &report], |steps| {
        steps.write(&board.constraints, board.constraints_text)?;
        for (flag, file) in [(routed_flag, &routed), ("--report", &report)] {
            arguments.extend([flag.to_string(), steps.partial(file)]);
        }
        let outcome = steps.tool(&name, &tool, &arguments)?;
        match outcome.failure {
            None => Ok(()),
            Some(failure) => Err(match shortage(&outcome.lines) {
                Some(shortage) => FlowError::DoesNotFit {
                    board: board.title.clone(),
                    shortage: Box::new(shortage),
                    log: steps.path(&format!("{name}.log")).display().to_string(),
                },
                None => failure,
            }),
        }
    })?;
    Ok(Placed {
        seed,
        routed,
        report: serde_json::from_slice(&steps.read(&report)?).map_err(|problem| {
            FlowError::Report {
                tool: tool.tool.spec().name,
                file: report,
                problem: problem.to_string(),
            }
        })?,
        tool: tool.identity(),
    })
}

/// What a failed run had too little of; `None` where it failed for another reason.
fn shortage(lines: &[String]) -> Option<Shortage> {
    let uses: Vec<ResourceUse> = lines.iter().filter_map(|line| utilisation(line)).collect();
    let exceeded: Vec<_> = uses
        .iter()
        .filter(|resource| resource.used > resource.available)
        .cloned()
        .collect();
    let gave_up = lines.iter().any(|line| {
        line.starts_with("ERROR")
            && (line.contains("no BELs remaining")
                || line.contains("legal placement")
                || line.contains("ailed to place"))
    });
    let share = |resource: &ResourceUse| resource.used as f64 / resource.available as f64;
    let fullest = uses
        .into_iter()
        .filter(|resource| resource.available > 0)
        .max_by(|a, b| share(a).total_cmp(&share(b)));
    (gave_up || !exceeded.is_empty()).then_some(Shortage { exceeded, fullest })
}

/// Reads "Info: \t ICESTORM_DSP:      10/      8   125%".
fn utilisation(line: &str) -> Option<ResourceUse> {
    let (cell, counts) = line.strip_prefix("Info:")?.split_once(':')?;
    let (used, rest) = counts.split_once('/')?;
    Some(ResourceUse::new(
        cell.trim(),
        used.trim().parse().ok()?,
        rest.split_whitespace().next()?.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_string).collect()
    }

    #[test]
    fn a_failed_placement_with_room_for_every_cell_names_the_fullest_resource() {
        let shortage = shortage(&lines(
            "Info: Device utilisation:\n\
             Info: \t         ICESTORM_LC:    5180/   5280    98%\n\
             Info: \t        ICESTORM_RAM:      12/     30    40%\n\
             ERROR: Unable to find legal placement for all cells, design is probably at utilisation limit.",
        ));
        insta::assert_snapshot!(shortage.unwrap(), @"no legal placement was found with 5180 of 5280 logic cells");
    }

    #[test]
    fn another_failure_is_not_a_shortage() {
        let shortage = shortage(&lines(
            "Info: \t         ICESTORM_LC:      90/   5280     1%\n\
             ERROR: IO 'led_1' is unconstrained in PCF",
        ));
        assert_eq!(shortage, None);
    }
}
