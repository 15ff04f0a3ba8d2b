//! Why there is no bitstream.

use std::fmt;

use miette::Diagnostic;
use thiserror::Error;

use super::ResourceUse;
use crate::tools::{ToolError, CACHE_HELP};

#[derive(Debug, Error, Diagnostic)]
pub enum FlowError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),

    #[error("{tool} failed ({status}):\n{quote}")]
    #[diagnostic(code(eqprop::build::tool), help("the whole log: {log}"))]
    Failed {
        tool: &'static str,
        status: String,
        /// Its own words.
        quote: String,
        log: String,
    },

    #[error("the {device} does not have the pins of the board file:\n{quote}")]
    #[diagnostic(
        code(eqprop::build::pins),
        help("correct `device` or the pins, in the board file and in its constraint file; the whole log: {log}")
    )]
    Pins {
        device: String,
        /// nextpnr's own words.
        quote: String,
        log: String,
    },

    #[error("{tool} cannot keep its machine code: {said}")]
    #[diagnostic(code(eqprop::build::cache), help("{CACHE_HELP}; the whole log: {log}"))]
    Cache {
        tool: &'static str,
        /// The operating system's words.
        said: String,
        log: String,
    },

    #[error("the design does not fit the {board}: {shortage}")]
    #[diagnostic(
        code(eqprop::build::fit),
        help("fewer lanes (--lanes), smaller layers or a larger board (--board) make it fit; log: {log}")
    )]
    DoesNotFit {
        board: String,
        /// Boxed: it would make every result as large as itself.
        shortage: Box<Shortage>,
        log: String,
    },

    #[error("yosys removed logic: {count} driver conflicts, the first: {first}")]
    #[diagnostic(
        code(eqprop::build::conflict),
        help(
            "synth_ice40 -dsp deletes a multiplier with registers on both sides; \
             instantiate SB_MAC16 instead; log: {log}"
        )
    )]
    Conflict {
        count: usize,
        first: String,
        log: String,
    },

    #[error("{kind} ({cell}): synthesis made {found}, the plan has {expected}")]
    #[diagnostic(
        code(eqprop::build::count),
        help("the netlist is not the planned design, so it was not placed; log: {log}")
    )]
    Count {
        kind: &'static str,
        cell: &'static str,
        expected: usize,
        found: usize,
        log: String,
    },

    #[error("{tool} wrote a report that cannot be read, {file}: {problem}")]
    #[diagnostic(
        code(eqprop::build::report),
        help("`eqprop setup --check` shows whether the tools have the tested versions")
    )]
    Report {
        tool: &'static str,
        file: String,
        problem: String,
    },

    #[error("{path} was changed while a tool read it")]
    #[diagnostic(
        code(eqprop::build::changed),
        help("what the tool made was thrown away: run this again while nobody writes there, or choose another folder with --out")
    )]
    Changed { path: String },

    #[error("cannot {action} {path}: {source}")]
    #[diagnostic(
        code(eqprop::build::io),
        help("is the disk full or the folder read-only? --out DIR names another folder")
    )]
    Io {
        action: &'static str,
        path: String,
        source: std::io::Error,
    },

    /// An internal error.
    #[error(transparent)]
    #[diagnostic(code(eqprop::emit))]
    Emit(#[from] hdl::emit::EmitError),

    #[error("a build needs at least one placement seed")]
    #[diagnostic(code(eqprop::build::seed), help("give one, for example 1"))]
    NoSeed,
}

/// What a device has too little of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Resources of which more is used than there is; empty when the placer found no way
    /// although every count fits.
    pub exceeded: Vec<ResourceUse>,
    /// The fullest resource.
    pub fullest: Option<ResourceUse>,
}

impl fmt::Display for Shortage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.exceeded.is_empty() {
            let list: Vec<String> = self.exceeded.iter().map(ToString::to_string).collect();
            return write!(f, "it needs {}", list.join(", "));
        }
        match &self.fullest {
            Some(fullest) => write!(f, "no legal placement was found with {fullest}"),
            None => write!(f, "no legal placement was found"),
        }
    }
}
