//! Training from the command line: `settings` checks what was asked for, `run` trains, saves and
//! resumes (`start`: from what; `ends`: why it stops), `outcome` reports, `log` writes every epoch down (`events` for
//! TensorBoard), `plots` draws, `live` shows it in a browser, `search` tries widths, `seeds` several seeds.

mod ends;
mod events;
mod live;
mod log;
mod outcome;
mod plots;
pub mod run;
pub mod search;
pub mod seeds;
mod settings;
pub mod start;

pub use outcome::Outcome;
pub use run::write_weights;
pub use settings::{sighted, Settings};
