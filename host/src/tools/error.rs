//! Why a tool cannot be used.

use std::io;

use miette::Diagnostic;
use thiserror::Error;

use super::Tool;

/// A tool that is missing, too old, or cannot be run. Help texts name the one command that helps.
#[derive(Debug, Error, Diagnostic)]
pub enum ToolError {
    #[error("{} is not installed (needed for: {})", .tool.spec().name, .tool.spec().purpose)]
    #[diagnostic(
        code(eqprop::tool::missing),
        help("run: {}; `eqprop setup --check` lists all tools", .tool.install())
    )]
    Missing { tool: Tool },
    #[error("{} {found} ({place}) is too old (tested: {})", .tool.spec().name, .tool.spec().tested)]
    #[diagnostic(
        code(eqprop::tool::version),
        help("run: {}; the version that was found stays as it is", .tool.install())
    )]
    TooOld {
        tool: Tool,
        found: String,
        /// Where it was found: "yosys on PATH".
        place: String,
    },
    #[error("{} could not be started: {source}", .tool.spec().name)]
    #[diagnostic(code(eqprop::tool::start), help("run: {}", .tool.install()))]
    Start { tool: Tool, source: io::Error },
    #[error("the log {path} of {} could not be written: {source}", .tool.spec().name)]
    #[diagnostic(
        code(eqprop::tool::log),
        help("is the disk full or the folder read-only? --out DIR names another folder")
    )]
    Log {
        tool: Tool,
        path: String,
        source: io::Error,
    },
}
