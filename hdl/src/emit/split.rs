//! One big `always @(*)` → independent processes and continuous assignments.
//!
//! rust-hdl puts a whole kernel into one process, which makes tools see loops through it that
//! do not exist. Statements stay together, in order, if they write the same signal or if one
//! reads a signal between two writes of it. A statement that reads a signal before its only
//! writes reads the settled value, as in synthesis and in rust-hdl's own simulator.

use super::ir::*;
use std::collections::{BTreeMap, BTreeSet};

/// Splits every combinational process of the module.
pub fn split(module: &mut Module) {
    let items = std::mem::take(&mut module.items);
    for item in items {
        match item {
            Item::Combinational(body) => module.items.extend(groups(live(body)).map(simplest)),
            item => module.items.push(item),
        }
    }
}

/// A lone assignment needs no process.
fn simplest(mut group: Vec<Stmt>) -> Item {
    match group.as_mut_slice() {
        [Stmt::Assign { target, value, .. }] if !matches!(target, Target::Concat(_)) => {
            let zero = Expr::literal(super::bits::Bits::new(0, 1));
            Item::Assign(target.clone(), std::mem::replace(value, zero))
        }
        _ => Item::Combinational(group),
    }
}

fn reads(statement: &Stmt) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    statement.reads(&mut |name| {
        names.insert(name);
    });
    names
}

fn writes(statement: &Stmt) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    statement.writes(&mut |name| {
        names.insert(name);
    });
    names
}

/// The signal that a statement replaces altogether without looking at it.
fn replaces(statement: &Stmt) -> Option<&str> {
    match statement {
        Stmt::Assign {
            target: Target::Whole(name),
            ..
        } if !reads(statement).contains(name.as_str()) => Some(name),
        _ => None,
    }
}

/// Drops assignments whose value is replaced before anybody reads it.
fn live(body: Vec<Stmt>) -> Vec<Stmt> {
    let dead = |i: usize| {
        let Stmt::Assign {
            target: Target::Whole(name),
            ..
        } = &body[i]
        else {
            return false;
        };
        let touches =
            |s: &&Stmt| reads(s).contains(name.as_str()) || writes(s).contains(name.as_str());
        body[i + 1..]
            .iter()
            .find(touches)
            .is_some_and(|s| replaces(s) == Some(name))
    };
    let dead: Vec<bool> = (0..body.len()).map(dead).collect();
    body.into_iter()
        .zip(dead)
        .filter(|(_, dead)| !dead)
        .map(|(s, _)| s)
        .collect()
}

/// Statements that must stay together, groups in the order of their last statements.
fn groups(body: Vec<Stmt>) -> impl Iterator<Item = Vec<Stmt>> {
    let mut writers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, statement) in body.iter().enumerate() {
        for name in writes(statement) {
            writers.entry(name).or_default().push(i);
        }
    }
    let mut group: Vec<usize> = (0..body.len()).collect();
    let join = |group: &mut Vec<usize>, a: usize, b: usize| {
        let (from, to) = (group[a], group[b]);
        group
            .iter_mut()
            .filter(|g| **g == from)
            .for_each(|g| *g = to);
    };
    for indices in writers.values() {
        indices
            .windows(2)
            .for_each(|pair| join(&mut group, pair[0], pair[1]));
    }
    for (i, statement) in body.iter().enumerate() {
        for indices in reads(statement).iter().filter_map(|name| writers.get(name)) {
            let (first, last) = (indices[0], indices[indices.len() - 1]);
            if first < i && i < last {
                join(&mut group, i, first);
            }
        }
    }
    let mut last = BTreeMap::new();
    group.iter().enumerate().for_each(|(i, &g)| {
        last.insert(g, i);
    });
    let mut ordered: BTreeMap<usize, Vec<Stmt>> = BTreeMap::new();
    for (statement, g) in body.into_iter().zip(group) {
        ordered.entry(last[&g]).or_default().push(statement);
    }
    ordered.into_values()
}
