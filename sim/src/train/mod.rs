//! Training runs: epochs of online or batched learning, measured on a part of the data held back.
//!
//! `backend` is what learns (`bittrue`, `golden`; hardware elsewhere), `split` which samples teach
//! and which test, and in which order, `schedule` how the rate falls, `trainer` the loop, `report`
//! what it tells, `check` what makes a run pointless, `search` many runs over number formats.
//!
//! Everything random follows from `network.seed` and the epoch, and no result depends on the number
//! of threads. A run stopped between two [`Trainer::step`]s continues from its [`State`] as if it
//! had never stopped.

mod backend;
mod bittrue;
mod check;
mod golden;
mod report;
mod schedule;
mod search;
mod split;
#[cfg(test)]
mod tests;
mod trainer;

pub use backend::{judge, Backend};
pub use bittrue::BitTrueBackend;
pub use check::{check, TrainError, Warning};
pub use golden::GoldenBackend;
pub use report::{Counters, EpochReport};
pub use schedule::Schedule;
pub use search::{search, Candidate, Row, SearchReport, ALLOWED_LOSS};
pub use split::{Part, Split};
pub use trainer::{Options, State, Trainer};
