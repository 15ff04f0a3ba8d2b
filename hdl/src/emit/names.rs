//! Legal identifiers without `$`: `lanes$0$sum_out` becomes `lanes_0_sum_out`.

use super::ir::*;
use std::collections::{HashMap, HashSet};

/// Final names of the signals, constants and instances of one module.
pub struct Names(HashMap<String, String>);

impl Names {
    /// Names without `$` keep theirs; a clash gets the first free number.
    pub fn of(module: &Module) -> Names {
        let signals = module.signals.iter().map(|s| s.name.as_str());
        let constants = module.constants.iter().map(|c| c.name.as_str());
        let instances = module.instances().map(|i| i.name.as_str());
        let mut raw: Vec<&str> = signals.chain(constants).chain(instances).collect();
        raw.sort_by_key(|name| name.contains('$'));
        let mut taken: HashSet<String> = HashSet::new();
        let mut names = HashMap::new();
        for name in raw {
            let mut base = name.replace('$', "_");
            if KEYWORDS.contains(&base.as_str()) {
                base.push('_');
            }
            let mut legal = base.clone();
            let mut number = 2;
            while !taken.insert(legal.clone()) {
                legal = format!("{base}_{number}");
                number += 1;
            }
            names.insert(name.to_owned(), legal);
        }
        Names(names)
    }

    pub fn get<'a>(&'a self, raw: &'a str) -> &'a str {
        self.0.get(raw).map_or(raw, String::as_str)
    }
}

/// Renames everything in `module`; `children` has the names of every module it may instantiate.
pub fn apply(module: &mut Module, names: &Names, children: &HashMap<String, Names>) {
    module.rename(&|name| *name = names.get(name).to_owned());
    for item in &mut module.items {
        if let Item::Instance(instance) = item {
            instance.name = names.get(&instance.name).to_owned();
            if let Some(child) = children.get(&instance.module) {
                for (port, _) in &mut instance.ports {
                    *port = child.get(port).to_owned();
                }
            }
        }
    }
}

/// Words that a Rust field may be called and Verilog or SystemVerilog reserves.
const KEYWORDS: [&str; 96] = [
    "alias",
    "always",
    "and",
    "assert",
    "assign",
    "assume",
    "automatic",
    "before",
    "begin",
    "bind",
    "bins",
    "bit",
    "break",
    "buf",
    "byte",
    "case",
    "cell",
    "checker",
    "class",
    "clocking",
    "config",
    "const",
    "constraint",
    "context",
    "continue",
    "cover",
    "deassign",
    "default",
    "design",
    "disable",
    "dist",
    "do",
    "edge",
    "else",
    "end",
    "endcase",
    "endmodule",
    "enum",
    "event",
    "expect",
    "export",
    "extends",
    "final",
    "first_match",
    "for",
    "force",
    "forever",
    "fork",
    "function",
    "generate",
    "global",
    "if",
    "iff",
    "import",
    "initial",
    "inout",
    "input",
    "inside",
    "instance",
    "int",
    "integer",
    "interface",
    "join",
    "large",
    "let",
    "library",
    "local",
    "logic",
    "longint",
    "macromodule",
    "medium",
    "module",
    "nand",
    "negedge",
    "new",
    "nor",
    "not",
    "null",
    "or",
    "output",
    "package",
    "packed",
    "parameter",
    "posedge",
    "priority",
    "property",
    "pulldown",
    "pullup",
    "rand",
    "real",
    "reg",
    "repeat",
    "signed",
    "small",
    "table",
    "wire",
];
