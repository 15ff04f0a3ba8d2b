//! Training from the command line: `settings` checks what was asked for, `run` trains, saves and
//! resumes, `outcome` reports and plots, `search` tries widths.

mod outcome;
pub mod run;
pub mod search;
mod settings;

pub use outcome::Outcome;
pub use settings::Settings;
