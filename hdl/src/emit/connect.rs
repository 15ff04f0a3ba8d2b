//! Direct connections: clocks and copies that rust-hdl routes through `child$port` signals.
//!
//! Only continuous assignments take part, so the moved expression is always the settled one.

use super::ir::*;
use super::uses::{Interfaces, Uses};

/// Removes copies to and from ports of instances and registers.
pub fn connect(module: &mut Module, interfaces: &Interfaces) {
    while let Some((item, change)) = find(module, interfaces) {
        module.items.remove(item);
        match change {
            Change::Replace { old, new } => {
                module.rename_uses(&|name| {
                    if *name == old {
                        name.clone_from(&new);
                    }
                });
                module.signals.retain(|s| s.name != old);
            }
            Change::Move { old, value } => {
                place(module, &old, value);
                module.signals.retain(|s| s.name != old);
            }
        }
    }
}

enum Change {
    /// One signal is a copy of the other.
    Replace { old: String, new: String },
    /// The only reader takes the value itself.
    Move { old: String, value: Expr },
}

/// The first assignment that can go, and what takes its place.
fn find(module: &Module, interfaces: &Interfaces) -> Option<(usize, Change)> {
    let uses = Uses::of(module, interfaces);
    // A signal that exists only because rust-hdl names the ports of children in the parent.
    let stub = |name: &str| name.contains('$') && !module.is_port(name);
    let plain = |name: &str| module.signal(name).is_some_and(|s| s.array.is_none());
    module.items.iter().enumerate().find_map(|(i, item)| {
        let Item::Assign(Target::Whole(target), value) = item else {
            return None;
        };
        if uses.drivers(target) != 1 {
            return None;
        }
        if let Some(source) = value.as_name().filter(|s| plain(s) && *s != target) {
            let replace = |old: &str, new: &str| Change::Replace {
                old: old.into(),
                new: new.into(),
            };
            if stub(target) {
                return Some((i, replace(target, source)));
            }
            if stub(source) && uses.is_instance_output(source) {
                return Some((i, replace(source, target)));
            }
        }
        let movable = stub(target) && uses.reads(target) == 1 && taker(module, target, value);
        movable.then(|| {
            (
                i,
                Change::Move {
                    old: target.clone(),
                    value: value.clone(),
                },
            )
        })
    })
}

/// Whether the one reader is a register, or a port and the value is simple enough for one.
fn taker(module: &Module, name: &str, value: &Expr) -> bool {
    let simple = matches!(
        value.node,
        Node::Literal(_) | Node::Constant(..) | Node::Part(..)
    );
    module.items.iter().any(|item| match item {
        Item::Register(register) => register.next.as_name() == Some(name),
        Item::Instance(instance) => {
            let connections = instance.ports.iter().filter_map(|p| p.1.as_ref());
            simple && connections.into_iter().any(|c| c.as_name() == Some(name))
        }
        _ => false,
    })
}

fn place(module: &mut Module, name: &str, value: Expr) {
    for item in &mut module.items {
        let place = match item {
            Item::Register(register) if register.next.as_name() == Some(name) => &mut register.next,
            Item::Instance(instance) => {
                let mut connections = instance.ports.iter_mut().filter_map(|p| p.1.as_mut());
                match connections.find(|c| c.as_name() == Some(name)) {
                    Some(connection) => connection,
                    None => continue,
                }
            }
            _ => continue,
        };
        *place = value;
        return;
    }
}
