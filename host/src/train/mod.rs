//! Training from the command line: `settings` checks what was asked for, `run` trains, saves and
//! resumes, `outcome` reports, `plots` draws, `search` tries widths.

mod outcome;
mod plots;
pub mod run;
pub mod search;
mod settings;

pub use outcome::Outcome;
pub use settings::Settings;
