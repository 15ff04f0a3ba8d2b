//! What a configuration has no use for, said in the text: the bits of signals that nothing reads, and outputs of
//! instances that their parent does not need. Linters take what is called `unused` as it is meant.

use super::ir::*;
use super::ModuleInfo;
use std::collections::{BTreeMap, HashMap};

/// Names what is not used in each module, `external` being one of another text; the top is the first, and keeps inputs that nothing reads.
pub fn show(modules: &mut [Module], external: Option<&ModuleInfo>) {
    let mut outputs: HashMap<(String, String), (u32, bool)> = modules
        .iter()
        .flat_map(|m| m.signals.iter().map(move |s| (m, s)))
        .filter(|(_, s)| s.direction == Some(Direction::Output))
        .map(|(m, s)| ((m.name.clone(), s.name.clone()), (s.width, s.signed)))
        .collect();
    if let Some(info) = external {
        let ports = info
            .ports
            .iter()
            .filter(|p| p.direction == Direction::Output);
        outputs.extend(ports.map(|p| ((info.name.clone(), p.name.clone()), (p.width, p.signed))));
    }
    for (i, module) in modules.iter_mut().enumerate() {
        connect(module, &outputs);
        module.unread = unread(module, i == 0);
    }
}

/// A wire at each output that an instance offers and the module does not need.
fn connect(module: &mut Module, outputs: &HashMap<(String, String), (u32, bool)>) {
    let mut wires = Vec::new();
    for item in &mut module.items {
        let Item::Instance(instance) = item else {
            continue;
        };
        for (port, connection) in instance.ports.iter_mut().filter(|p| p.1.is_none()) {
            let key = (instance.module.clone(), port.clone());
            if let Some(&(width, signed)) = outputs.get(&key) {
                let name = format!("unused_{}_{port}", instance.name);
                *connection = Some(Expr::name(&name, width));
                wires.push((name, width, signed));
            }
        }
    }
    let wire = |(name, width, signed)| Signal {
        name,
        width,
        signed,
        kind: SignalKind::Wire,
        direction: None,
        array: None,
        attributes: Vec::new(),
    };
    module.signals.extend(wires.into_iter().map(wire));
}

/// Which bits of a signal are read.
#[derive(Clone, Default)]
struct Read {
    whole: bool,
    bits: Vec<(u32, u32)>,
}

/// The parts of signals that nothing reads, in the order of their declarations.
fn unread(module: &Module, top: bool) -> Vec<Expr> {
    let read = reads(module);
    let signals = module.signals.iter().filter(|s| {
        s.kind != SignalKind::Integer
            && s.direction != Some(Direction::Output)
            && !s.name.starts_with("unused_")
    });
    let mut unread = Vec::new();
    for signal in signals {
        let nothing = top && signal.direction == Some(Direction::Input);
        match read.get(signal.name.as_str()) {
            Some(read) if !read.whole => unread.extend(gaps(signal, &read.bits)),
            None if nothing => unread.push(Expr::name(&signal.name, signal.width)),
            _ => {}
        }
    }
    unread
}

/// The bits of a signal that are in none of the parts, the highest first.
fn gaps(signal: &Signal, parts: &[(u32, u32)]) -> Vec<Expr> {
    let is_read = |bit: u32| {
        parts
            .iter()
            .any(|&(low, width)| (low..low + width).contains(&bit))
    };
    let mut gaps: Vec<(u32, u32)> = Vec::new();
    for bit in (0..signal.width).filter(|&bit| !is_read(bit)) {
        match gaps.last_mut() {
            Some((low, width)) if *low + *width == bit => *width += 1,
            _ => gaps.push((bit, 1)),
        }
    }
    let part = |&(low, width): &(u32, u32)| Expr {
        width,
        node: Node::Part(signal.name.clone(), low),
    };
    gaps.iter().rev().map(part).collect()
}

fn reads(module: &Module) -> BTreeMap<&str, Read> {
    let mut read: BTreeMap<&str, Read> = BTreeMap::new();
    let mut visit = |e: &Expr, name: &'_ str| {
        let signal = module.signal(name)?;
        let entry = read.entry(signal.name.as_str()).or_default();
        let place = match &e.node {
            Node::Part(_, low) => Some(*low),
            Node::PartAt(_, at) => at.bits().and_then(|bits| bits.value()).map(|at| at as u32),
            _ => None,
        };
        match place {
            Some(low) => entry.bits.push((low, e.width)),
            None => entry.whole = true,
        }
        Some(())
    };
    let mut each = |e: &Expr| {
        e.each(&mut |e| match &e.node {
            Node::Name(name)
            | Node::Part(name, _)
            | Node::PartAt(name, _)
            | Node::Index(name, _) => {
                visit(e, name);
            }
            _ => {}
        });
    };
    for item in &module.items {
        item.expressions(&mut each);
        if let Item::Instance(instance) = item {
            instance
                .ports
                .iter()
                .filter_map(|p| p.1.as_ref())
                .for_each(&mut each);
        }
    }
    for item in &module.items {
        if let Item::Clocked(edges, _) = item {
            for (_, name) in edges {
                if let Some(signal) = module.signal(name) {
                    read.entry(signal.name.as_str()).or_default().whole = true;
                }
            }
        }
    }
    read
}
