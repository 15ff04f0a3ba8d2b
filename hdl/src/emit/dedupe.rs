//! One module for all instances with the same body, and readable names for what remains.

use super::error::{EmitError, Problem};
use super::ir::*;
use std::collections::{BTreeMap, HashMap};

/// A module and the raw names of all instances that share it.
pub struct Shared {
    pub module: Module,
    /// Raw names; the first one is `module.name` until [`name`] runs.
    pub raw: Vec<String>,
}

/// Groups modules with equal bodies; rust-hdl's `top` comes first, then in order of first use.
pub fn share(modules: Vec<Module>) -> Result<Vec<Shared>, EmitError> {
    let mut named: BTreeMap<String, Module> = BTreeMap::new();
    for module in modules {
        if let Some(known) = named.get(&module.name) {
            if body(known) != body(&module) {
                let conflict = Problem::ConflictingModules(module.name.clone());
                return Err(problem(&module, conflict));
            }
        }
        named.insert(module.name.clone(), module);
    }
    let mut sharing = Sharing {
        named,
        shared: Vec::new(),
        class: HashMap::new(),
        by_body: HashMap::new(),
    };
    sharing.visit("top", &mut Vec::new())?;
    let Sharing { mut shared, .. } = sharing;
    shared.reverse();
    shared
        .iter_mut()
        .for_each(|s| s.raw.sort_by_key(|raw| natural(raw)));
    Ok(shared)
}

/// Sorts `lanes$2` before `lanes$10`.
fn natural(raw: &str) -> Vec<(Option<u64>, String)> {
    raw.split('$')
        .map(|segment| (segment.parse().ok(), segment.to_owned()))
        .collect()
}

fn problem(module: &Module, problem: Problem) -> EmitError {
    EmitError {
        module: module.name.clone(),
        line: module.line,
        problem,
    }
}

/// What two modules must have in common to be the same.
fn body(module: &Module) -> String {
    match &module.verbatim {
        Some(text) => text.clone(),
        None if module.external => module.name.clone(),
        None => format!(
            "{:?}",
            (
                &module.ports,
                &module.signals,
                &module.constants,
                &module.items
            )
        ),
    }
}

struct Sharing {
    named: BTreeMap<String, Module>,
    /// Children before parents.
    shared: Vec<Shared>,
    /// Raw name → index in `shared`.
    class: HashMap<String, usize>,
    by_body: HashMap<String, usize>,
}

impl Sharing {
    fn visit(&mut self, name: &str, path: &mut Vec<String>) -> Result<usize, EmitError> {
        if let Some(&class) = self.class.get(name) {
            return Ok(class);
        }
        let parent = path.last().and_then(|parent| self.named.get(parent));
        let fail = |found: Problem| match parent {
            Some(parent) => problem(parent, found),
            None => EmitError {
                module: "?".into(),
                line: 1,
                problem: found,
            },
        };
        if path.iter().any(|p| p == name) {
            return Err(fail(Problem::Recursive(name.to_owned())));
        }
        let Some(mut module) = self.named.get(name).cloned() else {
            return Err(fail(Problem::NoModule(name.to_owned())));
        };
        path.push(name.to_owned());
        // The last child first: the whole list is reversed at the end.
        for item in module.items.iter_mut().rev() {
            if let Item::Instance(instance) = item {
                let class = self.visit(&instance.module, path)?;
                instance.module = self.shared[class].module.name.clone();
            }
        }
        path.pop();
        let body = body(&module);
        let next = self.shared.len();
        let class = *self.by_body.entry(body).or_insert(next);
        if class == next {
            self.shared.push(Shared {
                module,
                raw: Vec::new(),
            });
        }
        self.shared[class].raw.push(name.to_owned());
        self.class.insert(name.to_owned(), class);
        Ok(class)
    }
}

/// Gives every module its final name: the top's own, `top_block` for the others. Several modules of one block
/// have their roles before it, which are instance paths without indices, as short as uniqueness allows; so
/// has a module of no known block.
pub fn name(shared: &mut [Shared], top: &str, block: &dyn Fn(&str) -> Option<String>) {
    let mut names: Vec<String> = vec![top.to_owned()];
    let roles: Vec<Vec<String>> = shared.iter().map(|s| role(&s.raw)).collect();
    let blocks: Vec<Option<String>> = (shared.iter()).map(|s| block(shortest(&s.raw)?)).collect();
    let candidate = |i: usize, length: usize| {
        let role = &roles[i];
        let last = &role[role.len().saturating_sub(length)..];
        // The place of a block is often called after it.
        let block = blocks[i].as_slice();
        let block = if last.ends_with(block) { &[] } else { block };
        [&[top.to_owned()], last, block].concat().join("_")
    };
    let ours: Vec<usize> = (1..shared.len())
        .filter(|&i| shared[i].module.verbatim.is_none() && !shared[i].module.external)
        .collect();
    let mut length: Vec<usize> = blocks.iter().map(|b| usize::from(b.is_none())).collect();
    loop {
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for &i in &ours {
            by_name.entry(candidate(i, length[i])).or_default().push(i);
        }
        let clashing = by_name.into_values().filter(|c| c.len() > 1).flatten();
        let growing: Vec<usize> = clashing.filter(|&i| length[i] < roles[i].len()).collect();
        if growing.is_empty() {
            break;
        }
        growing.into_iter().for_each(|i| length[i] += 1);
    }
    let mut final_names = HashMap::new();
    final_names.insert(shared[0].module.name.clone(), top.to_owned());
    for &i in &ours {
        let base = candidate(i, length[i]);
        let numbered = (2..).map(|n| format!("{base}_{n}"));
        let name = std::iter::once(base.clone())
            .chain(numbered)
            .find(|n| !names.contains(n))
            .expect("there is always a next number");
        names.push(name.clone());
        final_names.insert(shared[i].module.name.clone(), name);
    }
    for Shared { module, .. } in shared {
        for item in &mut module.items {
            if let Item::Instance(instance) = item {
                if let Some(name) = final_names.get(&instance.module) {
                    instance.module = name.clone();
                }
            }
        }
        if let Some(name) = final_names.get(&module.name) {
            module.name = name.clone();
        }
    }
}

/// The shortest instance path, the first in order on a tie.
pub fn shortest(raw: &[String]) -> Option<&str> {
    let length = |r: &&String| (r.split('$').count(), (*r).clone());
    raw.iter().min_by_key(length).map(String::as_str)
}

/// The shortest instance path without the top and without indices; `lanes$0` is a `lane`.
fn role(raw: &[String]) -> Vec<String> {
    let index = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let segments: Vec<&str> = shortest(raw).map_or(Vec::new(), |p| p.split('$').skip(1).collect());
    let mut role = Vec::new();
    for (i, segment) in segments.iter().enumerate().filter(|(_, s)| !index(s)) {
        let element = segments.get(i + 1).is_some_and(|s| index(s));
        let singular = segment
            .strip_suffix('s')
            .filter(|s| element && s.len() > 1 && !s.ends_with('s'));
        role.push(singular.unwrap_or(segment).to_owned());
    }
    role
}
