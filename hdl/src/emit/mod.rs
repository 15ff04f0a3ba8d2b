//! Raw Verilog of rust-hdl → clean Verilog-2005.
//!
//! `lexer`, `syntax`, `statement` and `parser` read; `elaborate` resolves widths and signs into
//! the typed tree of `ir`; `dedupe` shares modules; `registers`, `split`, `connect`, `unused` and `inline`
//! rewrite each of them; `origin` knows their Rust blocks, after which they are called; `unread` shows what
//! nothing reads; `print` writes. `hard` says what ECP5 has hard cells for.

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
mod inline;
mod ir;
pub mod lexer;
mod make;
mod names;
mod origin;
mod parser;
mod print;
mod registers;
mod scope;
mod split;
mod statement;
mod syntax;
mod unread;
mod unused;
mod uses;
mod waivers;
mod walk;

pub use error::{EmitError, Problem};
pub use ir::Direction;
pub use origin::{Origin, Sources};

use dedupe::Shared;
use ir::Module;
use names::Names;
use origin::Blocks;
use std::collections::{HashMap, HashSet};
use uses::Interfaces;

/// What the emitted text is called and what its header says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Name of the top module and prefix of all others.
    pub top_name: String,
    /// Comment lines at the top of the file: configuration and hash, never dates or paths.
    pub header: Vec<String>,
    /// Where the blocks are written: modules are called after them and open with their documentation.
    pub sources: Option<Sources>,
    /// A part of the design whose text is in a file of its own.
    pub external: Option<External>,
    /// A module around the top that is written as text.
    pub around: Option<Around>,
}

/// A module that another text has.
#[derive(Clone, Debug)]
pub struct External {
    /// rust-hdl's name of its instance.
    pub raw_name: String,
    /// The top of the other text.
    pub module: ModuleInfo,
}

/// A module at the end of the text.
#[derive(Clone, Debug)]
pub struct Around {
    pub name: String,
    pub text: String,
    pub origin: Origin,
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
    let blocks = options.sources.as_ref().map(Blocks::of);
    let origin = |raw: &str| blocks.as_ref()?.origin(raw);
    let mut parsed = parser::parse(raw)?;
    if let Some(external) = &options.external {
        refer(&mut parsed, external);
    }
    let mut shared = dedupe::share(parsed)?;
    rewrite(&mut shared);
    dedupe::name(&mut shared, &options.top_name, &|raw| {
        Some(origin(raw)?.name())
    });
    shared.retain(|s| !s.module.external);
    let names: HashMap<String, Names> = shared
        .iter()
        .map(|s| (s.module.name.clone(), Names::of(&s.module)))
        .collect();
    let mut infos = Vec::new();
    let mut modules = Vec::new();
    for Shared { mut module, raw } in shared {
        let own = &names[&module.name];
        infos.push(ModuleInfo {
            name: module.name.clone(),
            raw_names: raw,
            ports: ports(&module, own),
        });
        names::apply(&mut module, own, &names);
        modules.push(module);
    }
    let ecp5 = modules.iter().filter_map(hard::hard);
    let ecp5 = ecp5.map(|module| print::module(&module)).collect();
    unread::show(&mut modules, options.external.as_ref().map(|e| &e.module));
    let mut parts: Vec<Part> = Vec::new();
    for (module, info) in modules.iter().zip(&infos) {
        parts.push(Part {
            name: &module.name,
            text: print::module(module),
            origin: dedupe::shortest(&info.raw_names).and_then(origin),
        });
    }
    if let Some(around) = &options.around {
        parts.push(Part {
            name: &around.name,
            text: around.text.clone(),
            origin: Some(around.origin.clone()),
        });
    }
    let mut text: String = comment(&options.header);
    text += &map(&parts);
    for part in &parts {
        if !text.is_empty() {
            text += "\n";
        }
        if let Some(origin) = &part.origin {
            text += &comment(&heading(origin));
        }
        text += &part.text;
    }
    Ok(Emitted {
        text,
        modules: infos,
        ecp5,
        waivers: waivers::text(&options.top_name),
    })
}

/// A printed module.
struct Part<'a> {
    name: &'a str,
    text: String,
    origin: Option<Origin>,
}

fn comment(lines: &[String]) -> String {
    let line = |line: &String| format!("// {line}").trim_end().to_owned() + "\n";
    lines.iter().map(line).collect()
}

/// The comment that a module opens with.
fn heading(origin: &Origin) -> Vec<String> {
    let mut lines = vec![format!("{} ({})", origin.block, origin.file), String::new()];
    lines.extend(origin.documentation.iter().cloned());
    // Where a fence of rustdoc stood beside an empty line.
    lines.dedup_by(|a, b| a.is_empty() && b.is_empty());
    lines
}

/// The modules of a file and what each of them comes from; nothing if that is not known.
fn map(parts: &[Part]) -> String {
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let name = longest(&mut parts.iter().map(|p| p.name.len()));
    let origins = || parts.iter().filter_map(|p| p.origin.as_ref());
    let block = longest(&mut origins().map(|o| o.block.len()));
    let row = |part: &Part| {
        let origin = part.origin.as_ref()?;
        Some(format!(
            "  {:name$}  {:block$}  {}",
            part.name, origin.block, origin.file
        ))
    };
    let rows: Vec<String> = parts.iter().filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    let title = [String::new(), "Module, Rust block, and its file:".into()];
    comment(&[&title[..], &rows].concat())
}

/// Puts the module of another text in the place of the one that rust-hdl printed.
fn refer(modules: &mut [Module], external: &External) {
    let names: HashMap<&str, &str> = (external.module.ports.iter())
        .map(|p| (p.raw_name.as_str(), p.name.as_str()))
        .collect();
    for module in modules {
        for item in &mut module.items {
            match item {
                ir::Item::Instance(instance) if instance.module == external.raw_name => {
                    instance.module = external.module.name.clone();
                    for (port, _) in &mut instance.ports {
                        *port = names
                            .get(port.as_str())
                            .map_or(port.clone(), |&n| n.to_owned());
                    }
                }
                _ => {}
            }
        }
        if module.name == external.raw_name {
            module.name = external.module.name.clone();
            module.external = true;
            module.items.clear();
            module.constants.clear();
            module.signals.retain(|s| s.direction.is_some());
            module.rename(&|name| {
                if let Some(new) = names.get(name.as_str()) {
                    *name = (*new).to_owned();
                }
            });
        }
    }
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
    let mut flip_flops: HashMap<_, _> = shared
        .iter()
        .skip(1)
        .filter_map(|s| Some((s.module.name.clone(), registers::flip_flop(&s.module)?)))
        .collect();
    let interfaces = Interfaces::of(shared.iter().map(|s| &s.module));
    // Children first: what turns out to be a flip-flop is one in its parent.
    for Shared { module, .. } in shared.iter_mut().rev() {
        registers::inline(module, &flip_flops);
        // What never happens does not tie together what does.
        fold::fold(module);
        split::split(module);
        connect::connect(module, &interfaces);
        fold::fold(module);
        split::split(module);
        if let Some(flip_flop) = registers::masked(module) {
            flip_flops.insert(module.name.clone(), flip_flop);
        }
    }
    unused::remove(shared);
    inline::inline(shared);
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
