//! Training from the command line: `settings` checks what was asked for, `run` trains, saves and
//! resumes, `outcome` reports, `log` writes every epoch down (`events` for TensorBoard), `plots` draws, `ends` says why a run stops, `search` tries widths, `seeds` several seeds.

mod ends;
mod events;
mod log;
mod outcome;
mod plots;
pub mod run;
pub mod search;
pub mod seeds;
mod settings;

pub use outcome::Outcome;
pub use settings::Settings;
