//! Raw Verilog of rust-hdl → clean Verilog-2005.
//!
//! `lexer`, `syntax`, `statement` and `parser` read; `elaborate` resolves widths and signs into
//! the typed tree of `ir`; `dedupe` shares modules; `registers`, `split`, `connect` and `unused`
//! rewrite each of them; `print` writes. `hard` says what ECP5 has hard cells for.

mod bits;
mod connect;
mod cursor;
mod dedupe;
mod elaborate;
mod error;
mod expression;
mod fold;
mod hard;
mod helper;
mod ir;
pub mod lexer;
mod make;
mod names;
mod parser;
mod print;
mod registers;
mod scope;
mod split;
mod statement;
mod syntax;
mod unused;
mod uses;
mod waivers;
mod walk;

pub use error::{EmitError, Problem};
pub use ir::Direction;

use dedupe::Shared;
use names::Names;
use std::collections::{BTreeSet, HashMap, HashSet};
use uses::Interfaces;

/// What the emitted text is called and what its header says.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the top module and prefix of all others.
    pub top_name: String,
    /// Comment lines at the top of the file: configuration and hash, never dates or paths.
    pub header: Vec<String>,
}

/// Clean Verilog.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The whole design, the top module first.
    pub text: String,
    /// The modules in the order of the text.
    pub modules: Vec<ModuleInfo>,
    /// Some of the modules again, made of hard cells of ECP5, to be read in place of those of `text`.
    pub ecp5: String,
    waivers: String,
}

impl Emitted {
    /// Verilator configuration (`.vlt`) that makes `verilator --lint-only -Wall` silent for
    /// this text: each waiver names a rule, a module and signal, and its reason.
    pub fn lint_waivers(&self) -> &str {
        &self.waivers
    }
}

/// One module of the emitted text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleInfo {
    pub name: String,
    /// rust-hdl's name of every instance that shares this module.
    pub raw_names: Vec<String>,
    pub ports: Vec<PortInfo>,
}

/// One port of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortInfo {
    pub name: String,
    /// rust-hdl's name, with `$` between an interface and its field.
    pub raw_name: String,
    pub direction: Direction,
    /// Bits.
    pub width: u32,
    pub signed: bool,
}

/// Turns rust-hdl's raw text into clean Verilog-2005 of the same behaviour.
///
/// # Errors
/// [`EmitError`] names the module, line and construct that lies outside the subset.
pub fn clean(raw: &str, options: &Options) -> Result<Emitted, EmitError> {
    let mut shared = dedupe::share(parser::parse(raw)?)?;
    rewrite(&mut shared);
    dedupe::name(&mut shared, &options.top_name);
    let names: HashMap<String, Names> = shared
        .iter()
        .map(|s| (s.module.name.clone(), Names::of(&s.module)))
        .collect();
    let mut text: String = options
        .header
        .iter()
        .map(|line| format!("// {line}\n"))
        .collect();
    let mut ecp5 = String::new();
    let mut infos = Vec::new();
    let mut helpers = BTreeSet::new();
    let mut modules = Vec::new();
    for Shared { mut module, raw } in shared {
        let own = &names[&module.name.clone()];
        let ports = ports(&module, own);
        names::apply(&mut module, own, &names);
        if !text.is_empty() {
            text += "\n";
        }
        if let Some(hard) = hard::hard(&module) {
            ecp5 += &print::module(&hard).0;
        }
        let (printed, needed) = print::module(&module);
        text += &printed;
        helpers.extend(needed);
        infos.push(ModuleInfo {
            name: module.name.clone(),
            raw_names: raw,
            ports,
        });
        modules.push(module);
    }
    let waivers = waivers::text(&modules, &helpers);
    Ok(Emitted {
        text,
        modules: infos,
        ecp5,
        waivers,
    })
}

/// Drops modules that nobody has an instance of, the top excepted.
fn drop_uninstantiated(shared: &mut Vec<Shared>) {
    loop {
        let modules = shared.len();
        let used: HashSet<String> = shared
            .iter()
            .flat_map(|s| s.module.instances().map(|i| i.module.clone()))
            .collect();
        let top = shared[0].module.name.clone();
        shared.retain(|s| s.module.name == top || used.contains(&s.module.name));
        if shared.len() == modules {
            return;
        }
    }
}

/// Every rewriting pass, on every module.
fn rewrite(shared: &mut Vec<Shared>) {
    let flip_flops: HashMap<_, _> = shared
        .iter()
        .skip(1)
        .filter_map(|s| Some((s.module.name.clone(), registers::flip_flop(&s.module)?)))
        .collect();
    let interfaces = Interfaces::of(shared.iter().map(|s| &s.module));
    for Shared { module, .. } in shared.iter_mut() {
        registers::inline(module, &flip_flops);
        // What never happens does not tie together what does.
        fold::fold(module);
        split::split(module);
        connect::connect(module, &interfaces);
        fold::fold(module);
        split::split(module);
    }
    unused::remove(shared);
    drop_uninstantiated(shared);
    let interfaces = Interfaces::of(shared.iter().map(|s| &s.module));
    shared
        .iter_mut()
        .for_each(|s| connect::connect(&mut s.module, &interfaces));
}

/// The ports of a module that still has its raw names.
fn ports(module: &ir::Module, names: &Names) -> Vec<PortInfo> {
    let signals = module.ports.iter().filter_map(|p| module.signal(p));
    signals
        .filter_map(|s| {
            Some(PortInfo {
                name: names.get(&s.name).to_owned(),
                raw_name: s.name.clone(),
                direction: s.direction?,
                width: s.width,
                signed: s.signed,
            })
        })
        .collect()
}
