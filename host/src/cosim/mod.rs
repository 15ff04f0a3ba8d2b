//! Co-simulation: a network's hardware in lockstep with both models on samples of its data.
//!
//! `bench` holds what is compared, `report` what is found.

mod bench;
mod cache;
mod report;
mod workload;

pub use bench::Bench;
pub use report::Report;
pub use workload::Workload;
