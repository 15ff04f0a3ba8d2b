//! Lint noise that remains after cleaning, each kind with its reason, for Verilator's `-Wall`.

use super::helper::Helper;
use super::ir::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Text of a Verilator configuration (`.vlt`) for the emitted modules, the top one first.
pub fn text(modules: &[Module], helpers: &BTreeSet<Helper>) -> String {
    let mut text = String::from("`verilator_config\n");
    let mut waive = |reason: &str, rule: &str, message: &str| {
        writeln!(
            text,
            "\n// {reason}\nlint_off -rule {rule} -file \"*\" -match \"{message}\""
        )
        .expect("writing to a string");
    };
    for module in modules.iter().skip(1) {
        waive(
            &format!(
                "{}: one file holds the whole design, named after its top module.",
                module.name
            ),
            "DECLFILENAME",
            &format!("*does not match MODULE name: '{}'", module.name),
        );
    }
    for (port, of) in open_outputs(modules) {
        waive(
            &format!("{of}: an output that some instances offer and their parent does not need."),
            "PINCONNECTEMPTY",
            &format!("*with empty reference: '{port}'"),
        );
    }
    let instances: BTreeSet<&str> = modules
        .iter()
        .flat_map(Module::instances)
        .map(|i| i.name.as_str())
        .collect();
    let names = |m: &'_ Module| m.signals.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
    let hiding: BTreeSet<String> = modules
        .iter()
        .flat_map(names)
        .filter(|n| instances.contains(n.as_str()))
        .collect();
    for name in hiding {
        waive(
            &format!("{name}: a signal in one module and an instance in another may share a name."),
            "VARHIDDEN",
            &format!("*hides declaration in upper scope: '{name}'*"),
        );
    }
    for (i, module) in modules.iter().enumerate() {
        let (whole, parts) = reads(module);
        for signal in module
            .signals
            .iter()
            .filter(|s| s.kind != SignalKind::Integer)
        {
            let name = signal.name.as_str();
            if whole.contains(name) || signal.direction == Some(Direction::Output) {
                continue;
            }
            if parts.contains(name) {
                waive(
                    &format!(
                        "{}.{name}: only a part of the value matters here.",
                        module.name
                    ),
                    "UNUSEDSIGNAL",
                    &format!("Bits of signal are not used: '{name}'*"),
                );
            } else if i == 0 && signal.direction == Some(Direction::Input) {
                waive(
                    &format!(
                        "{}.{name}: an input that this configuration does not use.",
                        module.name
                    ),
                    "UNUSEDSIGNAL",
                    &format!("Signal is not used: '{name}'"),
                );
            }
        }
    }
    if helpers.iter().any(|h| matches!(h, Helper::Low { .. })) {
        waive(
            "functions low_N_of_M: dropping the high bits is their purpose.",
            "UNUSEDSIGNAL",
            "Bits of signal are not used: 'cut_value'*",
        );
    }
    text
}

/// Ports left open, and the modules that they belong to.
fn open_outputs(modules: &[Module]) -> BTreeMap<&str, String> {
    let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for instance in modules.iter().flat_map(Module::instances) {
        for (port, _) in instance.ports.iter().filter(|p| p.1.is_none()) {
            open.entry(port).or_default().insert(&instance.module);
        }
    }
    open.into_iter()
        .map(|(port, of)| (port, of.into_iter().collect::<Vec<_>>().join(", ")))
        .collect()
}

/// Signals that are read as a whole, and those of which a part is read.
fn reads(module: &Module) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut whole, mut parts) = (BTreeSet::new(), BTreeSet::new());
    let mut visit = |e: &'_ Expr| match &e.node {
        Node::Name(name) | Node::Index(name, _) => {
            whole.insert(name.clone());
        }
        // Where a part begins is often a constant of the configuration.
        Node::Part(name, _) | Node::PartAt(name, _) => {
            parts.insert(name.clone());
        }
        _ => {}
    };
    for item in &module.items {
        item.expressions(&mut |e| e.each(&mut visit));
        if let Item::Instance(instance) = item {
            instance
                .ports
                .iter()
                .filter_map(|p| p.1.as_ref())
                .for_each(|e| e.each(&mut visit));
        }
    }
    for item in &module.items {
        if let Item::Clocked(edges, _) = item {
            whole.extend(edges.iter().map(|(_, name)| name.clone()));
        }
    }
    (whole, parts)
}
