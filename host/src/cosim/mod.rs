//! Co-simulation: a network's hardware in lockstep with both models on samples of its data.
//!
//! `hardware` is what is simulated, `bench` holds what it is compared with, `wave` writes waveforms, `trace` looks at single samples, `settling` and
//! `spikes` draw one,
//! `uart` runs the whole board at its pins, `gates` finds a netlist, `given` reads Verilog of the user's own, `fault` proves that the comparison can fail, `vectors` runs reference cases, `report` says what
//! was found.

mod bench;
mod cache;
pub mod fault;
pub mod gates;
pub mod given;
mod hardware;
mod report;
mod workload;

pub mod settling;
pub mod spikes;
pub mod trace;
pub mod uart;
pub mod vectors;
pub mod wave;

pub use bench::Bench;
pub use cache::models;
pub use hardware::Hardware;
pub use report::Report;
pub use workload::Workload;

#[cfg(test)]
mod tests;
