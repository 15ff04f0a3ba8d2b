//! Who reads and who drives each signal of a module.

use super::ir::*;
use std::collections::HashMap;

/// Port directions of every module that may be instantiated.
pub struct Interfaces(HashMap<String, HashMap<String, Direction>>);

impl Interfaces {
    pub fn of<'a>(modules: impl Iterator<Item = &'a Module>) -> Interfaces {
        let ports = |m: &Module| {
            let directed = m
                .signals
                .iter()
                .filter_map(|s| Some((s.name.clone(), s.direction?)));
            directed.collect()
        };
        Interfaces(
            modules
                .filter(|m| m.verbatim.is_none())
                .map(|m| (m.name.clone(), ports(m)))
                .collect(),
        )
    }

    /// A black box may do anything with its ports.
    pub fn direction(&self, module: &str, port: &str) -> Direction {
        let known = self.0.get(module).and_then(|ports| ports.get(port));
        known.copied().unwrap_or(Direction::InOut)
    }
}

/// How often each name is read and driven.
#[derive(Default)]
pub struct Uses {
    reads: HashMap<String, usize>,
    drivers: HashMap<String, usize>,
    /// Signals that an instance drives as a whole through an output port.
    outputs: HashMap<String, usize>,
}

impl Uses {
    pub fn of(module: &Module, interfaces: &Interfaces) -> Uses {
        let mut uses = Uses::default();
        let Uses {
            reads,
            drivers,
            outputs,
        } = &mut uses;
        let count = |map: &mut HashMap<String, usize>, name: &str| {
            *map.entry(name.to_owned()).or_default() += 1;
        };
        for signal in &module.signals {
            match signal.direction {
                Some(Direction::Output) => count(reads, &signal.name),
                Some(Direction::Input) => count(drivers, &signal.name),
                Some(Direction::InOut) => {
                    count(reads, &signal.name);
                    count(drivers, &signal.name);
                }
                None => {}
            }
        }
        for item in &module.items {
            item.reads(&mut |name| count(reads, name));
            item.writes(&mut |name| count(drivers, name));
            let Item::Instance(instance) = item else {
                continue;
            };
            for (port, connection) in &instance.ports {
                let Some(connection) = connection else {
                    continue;
                };
                let direction = interfaces.direction(&instance.module, port);
                if direction != Direction::Output {
                    connection.names(&mut |name| count(reads, name));
                }
                if direction != Direction::Input {
                    connection.names(&mut |name| count(drivers, name));
                }
                if let (Direction::Output, Some(name)) = (direction, connection.as_name()) {
                    count(outputs, name);
                }
            }
        }
        uses
    }

    pub fn reads(&self, name: &str) -> usize {
        self.reads.get(name).copied().unwrap_or(0)
    }

    pub fn drivers(&self, name: &str) -> usize {
        self.drivers.get(name).copied().unwrap_or(0)
    }

    /// Whether one output port of an instance, and nothing else, drives the signal.
    pub fn is_instance_output(&self, name: &str) -> bool {
        self.outputs.get(name) == Some(&1) && self.drivers(name) == 1
    }
}
