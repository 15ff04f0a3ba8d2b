//! Nets, registers, constants and ports that nothing reads, or only what nothing reads: a counter whose
//! value is not used counts for itself.

use super::dedupe::Shared;
use super::ir::*;
use super::uses::{Interfaces, Uses};
use std::collections::HashSet;

/// Removes what nothing reads, in all modules, until nothing changes. The top keeps its ports.
pub fn remove(shared: &mut [Shared]) {
    loop {
        let interfaces = Interfaces::of(shared.iter().map(|s| &s.module));
        for Shared { module, .. } in shared.iter_mut() {
            while remove_signals(module, &interfaces) {}
        }
        if !remove_ports(shared, &interfaces) {
            return;
        }
    }
}

/// Signals on which something outside of the module depends: ports, memories, instances.
fn live(module: &Module, interfaces: &Interfaces) -> HashSet<String> {
    let ports = module.signals.iter().filter(|s| s.direction.is_some());
    let mut live: HashSet<String> = ports.map(|s| s.name.clone()).collect();
    for instance in module.instances() {
        let ports = instance.ports.iter();
        let inputs = ports
            .filter(|(port, _)| interfaces.direction(&instance.module, port) != Direction::Output);
        for connection in inputs.filter_map(|(_, connection)| connection.as_ref()) {
            connection.names(&mut |name| {
                live.insert(name.to_owned());
            });
        }
    }
    let computes = |item: &&Item| {
        matches!(
            item,
            Item::Assign(..) | Item::Register(_) | Item::Combinational(_)
        )
    };
    let (mut waiting, mut found): (Vec<&Item>, Vec<&Item>) =
        module.items.iter().partition(computes);
    loop {
        for item in found {
            item.reads(&mut |name| {
                live.insert(name.to_owned());
            });
        }
        let drives = |item: &&Item| {
            let mut drives = false;
            item.writes(&mut |name| drives |= live.contains(name));
            drives
        };
        (found, waiting) = waiting.into_iter().partition(drives);
        if found.is_empty() {
            return live;
        }
    }
}

/// Removes drivers of signals that are not [`live`] and declarations that nothing mentions.
fn remove_signals(module: &mut Module, interfaces: &Interfaces) -> bool {
    let uses = Uses::of(module, interfaces);
    let live = live(module, interfaces);
    let dead: HashSet<String> = module
        .signals
        .iter()
        .filter(|s| s.direction.is_none() && !live.contains(&s.name) && uses.drivers(&s.name) > 0)
        .map(|s| s.name.clone())
        .collect();
    let is_dead = |target: &Target| {
        let mut all = true;
        target.writes(&mut |name| all &= dead.contains(name));
        all
    };
    let mut changed = false;
    module.items.retain_mut(|item| {
        let gone = match item {
            Item::Assign(target, _) => is_dead(target),
            Item::Register(register) => dead.contains(&register.name),
            Item::Combinational(body) => {
                changed |= strip(body, &is_dead);
                body.is_empty()
            }
            Item::Instance(instance) => {
                for (port, connection) in &mut instance.ports {
                    let output = interfaces.direction(&instance.module, port) == Direction::Output;
                    let name = connection.as_ref().and_then(Expr::as_name);
                    if output && name.is_some_and(|n| dead.contains(n)) {
                        *connection = None;
                        changed = true;
                    }
                }
                // Nobody sees what it does.
                (instance.ports.iter()).all(|(port, to)| {
                    to.is_none()
                        || interfaces.direction(&instance.module, port) != Direction::Output
                })
            }
            Item::Initial(_) | Item::Clocked(..) => false,
        };
        changed |= gone;
        !gone
    });
    let uses = Uses::of(module, interfaces);
    let before = module.signals.len() + module.constants.len();
    module
        .signals
        .retain(|s| s.direction.is_some() || uses.reads(&s.name) > 0 || uses.drivers(&s.name) > 0);
    module.constants.retain(|c| uses.reads(&c.name) > 0);
    changed || module.signals.len() + module.constants.len() < before
}

/// Removes assignments to dead targets and the branches that they leave empty.
fn strip(body: &mut Vec<Stmt>, is_dead: &dyn Fn(&Target) -> bool) -> bool {
    let mut changed = false;
    body.retain_mut(|statement| {
        let gone = match statement {
            Stmt::Assign { target, .. } => is_dead(target),
            Stmt::If(_, then, otherwise) => {
                changed |= strip(then, is_dead) | strip(otherwise, is_dead);
                then.is_empty() && otherwise.is_empty()
            }
            Stmt::Case { arms, default, .. } => {
                for body in arms.iter_mut().map(|a| &mut a.1).chain(default.iter_mut()) {
                    changed |= strip(body, is_dead);
                }
                arms.iter().all(|a| a.1.is_empty()) && default.as_ref().is_none_or(Vec::is_empty)
            }
            Stmt::For { .. } | Stmt::System(..) => false,
        };
        changed |= gone;
        !gone
    });
    changed
}

/// Removes inputs that a module never reads and outputs that no parent connects.
fn remove_ports(shared: &mut [Shared], interfaces: &Interfaces) -> bool {
    let mut connected: HashSet<(String, String)> = HashSet::new();
    for instance in shared.iter().flat_map(|s| s.module.instances()) {
        for (port, _) in instance.ports.iter().filter(|p| p.1.is_some()) {
            connected.insert((instance.module.clone(), port.clone()));
        }
    }
    let mut gone: HashSet<(String, String)> = HashSet::new();
    for Shared { module, .. } in shared
        .iter_mut()
        .skip(1)
        .filter(|s| s.module.verbatim.is_none() && !s.module.external)
    {
        let uses = Uses::of(module, interfaces);
        for signal in &mut module.signals {
            let key = (module.name.clone(), signal.name.clone());
            let unread =
                signal.direction == Some(Direction::Input) && uses.reads(&signal.name) == 0;
            let open = signal.direction == Some(Direction::Output) && !connected.contains(&key);
            if unread || open {
                signal.direction = None;
                module.ports.retain(|p| *p != signal.name);
                gone.insert(key);
            }
        }
        let gone_inputs = |s: &Signal| {
            uses.reads(&s.name) == 0 && gone.contains(&(module.name.clone(), s.name.clone()))
        };
        module.signals.retain(|s| !gone_inputs(s));
    }
    for Shared { module, .. } in shared.iter_mut() {
        for item in &mut module.items {
            if let Item::Instance(instance) = item {
                let of = instance.module.clone();
                instance
                    .ports
                    .retain(|(port, _)| !gone.contains(&(of.clone(), port.clone())));
            }
        }
    }
    !gone.is_empty()
}
