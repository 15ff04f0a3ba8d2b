//! Modules too small to be read on their own become part of their parents: what is only constants, because a
//! configuration has no use for it, and one register with what it loads.

use super::dedupe::Shared;
use super::ir::*;
use std::collections::HashMap;

/// Replaces the instances of all small modules by what is in them.
pub fn inline(shared: &mut [Shared]) {
    let small: HashMap<String, Module> = (shared.iter().skip(1))
        .filter(|s| is_small(&s.module))
        .map(|s| (s.module.name.clone(), s.module.clone()))
        .collect();
    for Shared { module, .. } in shared {
        for item in std::mem::take(&mut module.items) {
            match &item {
                Item::Instance(instance) if small.contains_key(&instance.module) => {
                    place(module, instance, small[&instance.module].clone());
                }
                _ => module.items.push(item),
            }
        }
    }
}

fn is_small(module: &Module) -> bool {
    let ours = module.verbatim.is_none() && !module.external;
    let input = |s: &Signal| s.direction == Some(Direction::Input);
    let registers = module
        .items
        .iter()
        .filter(|i| matches!(i, Item::Register(_)));
    let logic = |i: &Item| {
        matches!(
            i,
            Item::Assign(..) | Item::Combinational(_) | Item::Register(_)
        )
    };
    let constant = !module.signals.iter().any(input);
    ours && module.items.iter().all(logic)
        && (constant || registers.count() == 1 && module.items.len() <= 3)
}

/// Puts `child` in the place of its instance: ports take the names of what they are connected to.
fn place(module: &mut Module, instance: &Instance, mut child: Module) {
    let mut names: HashMap<String, String> = HashMap::new();
    let mut drivers = Vec::new();
    for (port, connection) in &instance.ports {
        let Some(connection) = connection else {
            continue;
        };
        match connection.as_name() {
            Some(name) => {
                names.insert(port.clone(), name.to_owned());
            }
            None => drivers.push((port.clone(), connection.clone())),
        }
    }
    // The register, if there is one, takes the name of the instance.
    let register = child.items.iter().find_map(|item| match item {
        Item::Register(register) => Some(register.name.clone()),
        _ => None,
    });
    let own = |name: &str| {
        let of_register = register
            .as_ref()
            .and_then(|r| name.strip_prefix(r.as_str()));
        match of_register.filter(|rest| rest.is_empty() || rest.starts_with('$')) {
            Some(rest) => format!("{}{rest}", instance.name),
            None => format!("{}${name}", instance.name),
        }
    };
    child.signals.retain(|s| !names.contains_key(&s.name));
    child.signals.iter_mut().for_each(|s| s.direction = None);
    child.ports.clear();
    child.rename(&|name| *name = names.get(name).cloned().unwrap_or_else(|| own(name)));
    let assign = |(port, value): (String, Expr)| Item::Assign(Target::Whole(own(&port)), value);
    module.items.extend(drivers.into_iter().map(assign));
    module.items.append(&mut child.items);
    module.signals.append(&mut child.signals);
    module.constants.append(&mut child.constants);
}
