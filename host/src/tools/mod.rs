//! External tools: which there are, where they are found, which version, how they are run.
//!
//! `table` lists them, `locate` finds one, `version` asks it who it is, `run` starts it and
//! `interrupt` makes sure that nothing it started outlives a Ctrl-C.

mod cache;
mod error;
pub mod interrupt;
mod locate;
mod run;
mod table;
mod version;

pub use cache::{cache_problem, CACHE_HELP};
pub use error::ToolError;
pub use locate::Located;
pub use run::run;
pub use table::{Need, Source, Tool};
