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
        help("{}; `eqprop setup --check` lists all tools", .tool.help())
    )]
    Missing { tool: Tool },
    #[error("{} {found} ({place}) is too old (tested: {})", .tool.spec().name, .tool.spec().tested)]
    #[diagnostic(
        code(eqprop::tool::version),
        help("{}; the version that was found stays as it is", .tool.help())
    )]
    TooOld {
        tool: Tool,
        found: String,
        /// Where it was found: "yosys on PATH".
        place: String,
    },
    #[error("{} ({place}) {why}", .tool.spec().name)]
    #[diagnostic(code(eqprop::tool::broken), help("{}", .tool.help()))]
    Broken {
        tool: Tool,
        place: String,
        /// As "does not start: " and what it said.
        why: String,
    },
    #[error("{} could not be started: {source}", .tool.spec().name)]
    #[diagnostic(code(eqprop::tool::start), help("{}", .tool.help()))]
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
