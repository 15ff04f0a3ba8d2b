//! Why a tool cannot be used.

use miette::Diagnostic;
use thiserror::Error;

/// A tool that is missing, too old, or cannot be started. Help texts name the one command that helps.
#[derive(Debug, Error, Diagnostic)]
pub enum ToolError {
    #[error("{name} is not installed (needed for: {purpose})")]
    #[diagnostic(
        code(eqprop::tool::missing),
        help("run: {install}; `eqprop setup --check` lists all tools")
    )]
    Missing {
        name: &'static str,
        purpose: &'static str,
        install: String,
    },
    #[error("{name} {found} ({place}) is too old: {needed} or newer is needed (tested: {tested})")]
    #[diagnostic(
        code(eqprop::tool::version),
        help("run: {install}; the version that was found stays as it is")
    )]
    TooOld {
        name: &'static str,
        found: String,
        place: String,
        needed: String,
        tested: &'static str,
        install: String,
    },
    #[error("{name} could not be started: {source}")]
    #[diagnostic(code(eqprop::tool::start), help("run: {install}"))]
    Start {
        name: &'static str,
        install: String,
        source: std::io::Error,
    },
    #[error("the log {path} of {name} could not be written: {source}")]
    #[diagnostic(
        code(eqprop::tool::log),
        help("is the disk full or the folder read-only? --out DIR names another folder")
    )]
    Log {
        name: &'static str,
        path: String,
        source: std::io::Error,
    },
}
