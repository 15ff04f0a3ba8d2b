//! D flip-flops: a module that is nothing but one becomes a register of its parent. rust-hdl's flip-flop with
//! an initial value keeps the difference to that value in one that starts at zero; here it is plain as well.

use super::bits::Bits;
use super::ir::*;
use std::collections::HashMap;

/// A module with an input `d`, an output `q` and a clock, whatever they are called.
#[derive(Clone)]
pub struct FlipFlop {
    clock: String,
    d: String,
    q: String,
    initial: Bits,
}

/// Recognises a flip-flop by its structure: one power-up value, one process, one assignment.
pub fn flip_flop(module: &Module) -> Option<FlipFlop> {
    let [Item::Initial(initial), Item::Clocked(edges, body)] = module.items.as_slice() else {
        return None;
    };
    let [Stmt::Assign {
        target: Target::Whole(q),
        value,
        blocking: true,
    }] = initial.as_slice()
    else {
        return None;
    };
    let [Stmt::Assign {
        target: Target::Whole(written),
        value: next,
        blocking: false,
    }] = body.as_slice()
    else {
        return None;
    };
    let ([(true, clock)], Some(d)) = (edges.as_slice(), next.as_name()) else {
        return None;
    };
    let is = |name: &str, direction| {
        module
            .signal(name)
            .is_some_and(|s| s.direction == Some(direction))
    };
    let ports = module.ports.len() == 3
        && module.signals.len() == 3
        && is(q, Direction::Output)
        && is(d, Direction::Input)
        && is(clock, Direction::Input);
    (ports && q == written).then_some(FlipFlop {
        clock: clock.clone(),
        d: d.to_owned(),
        q: q.clone(),
        initial: value.bits()?.clone(),
    })
}

/// Recognises a flip-flop behind a mask, once the one inside it is a register: `q = dff ^ mask`,
/// `dff <= d ^ mask`. It holds `q` and starts at the mask's own value where `dff` starts at zero.
pub fn masked(module: &Module) -> Option<FlipFlop> {
    let (mut assigned, mut register) = (None, None);
    for item in &module.items {
        match item {
            Item::Assign(Target::Whole(q), value) if assigned.is_none() => {
                assigned = Some((q, unmasked(value)?))
            }
            Item::Register(r) if register.is_none() => register = Some((r, unmasked(&r.next)?)),
            _ => return None,
        }
    }
    let ((q, (stored, out)), (register, (d, into))) = (assigned?, register?);
    let zero = register.initial.value() == Some(0);
    let input = module.signal(d)?.direction == Some(Direction::Input);
    (stored == register.name && out == into && zero && input && module.ports.len() == 3).then(
        || FlipFlop {
            clock: register.clock.as_name().unwrap_or_default().to_owned(),
            d: d.to_owned(),
            q: q.clone(),
            initial: out.clone(),
        },
    )
}

/// `name ^ constant`.
fn unmasked(value: &Expr) -> Option<(&str, &Bits)> {
    match &value.node {
        Node::Binary(Binary::Xor, a, b) => Some((a.as_name()?, b.bits()?)),
        _ => None,
    }
}

/// Replaces every instance of a flip-flop by a register. `acc$q` becomes `acc`.
pub fn inline(module: &mut Module, flip_flops: &HashMap<String, FlipFlop>) {
    let mut renames: HashMap<String, String> = HashMap::new();
    let mut items = Vec::new();
    for item in std::mem::take(&mut module.items) {
        let Item::Instance(instance) = &item else {
            items.push(item);
            continue;
        };
        let register = flip_flops
            .get(&instance.module)
            .and_then(|f| register(instance, f));
        let Some((register, q)) = register else {
            items.push(item);
            continue;
        };
        let own = format!("{}${q}", instance.name);
        if register.name == own && module.signal(&instance.name).is_none() {
            renames.insert(own, instance.name.clone());
        }
        items.push(Item::Register(register));
    }
    module.items = items;
    module.rename(&|name| {
        if let Some(new) = renames.get(name) {
            name.clone_from(new);
        }
    });
}

/// The register and the raw name of the flip-flop's output port.
fn register(instance: &Instance, flip_flop: &FlipFlop) -> Option<(Register, String)> {
    let port = |name: &str| {
        instance
            .ports
            .iter()
            .find(|p| p.0 == name)
            .and_then(|p| p.1.clone())
    };
    let register = Register {
        name: port(&flip_flop.q)?.as_name()?.to_owned(),
        clock: port(&flip_flop.clock)?,
        next: port(&flip_flop.d)?,
        initial: flip_flop.initial.clone(),
    };
    Some((register, flip_flop.q.clone()))
}
