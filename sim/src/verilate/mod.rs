//! Run-time binding to Verilator: Verilog text in, a model that can be clocked from Rust out.
//!
//! ```text
//! ModelSource ──▶ verilator ──▶ make ──▶ core.so in the cache ──▶ Library ──▶ Model, Model, …
//!  (Verilog,                     ▲                                 dlopen      run(Job)
//!   port names)     shim.cpp + bind.h (names of the ports)
//! ```
//!
//! [`build`] fills an entry of a [`Cache`] or finds it there; [`Library::instance`] makes any number of
//! independent [`Model`]s; [`Model::run`] streams a whole job through the core in one call, with every loop
//! inside the C++ shim, and hands back responses and probe events in bulk.
//!
//! A cycle n (counted from reset) is: inputs set and combinational logic settled with the clock low, everything
//! sampled, then the rising edge. Events and stream handshakes of cycle n are what the core's registers
//! see at that edge. In a trace its low half starts at 10·n ns and its rising edge is at 10·n + 5 ns.

pub mod bench;
mod build;
mod cache;
mod error;
mod ffi;
mod find;
mod header;
mod model;
mod shim;
mod source;
mod tool;

pub use build::build;
pub use cache::Cache;
pub use error::{RunError, TraceError, VerilateError};
pub use ffi::ProbeEvent;
pub use find::{NoVerilator, Unusable, Verilator};
pub use model::{Job, Library, Model, Pressure, RunReport, NS_PER_CYCLE, RESET_CYCLES};
pub use source::{BuildOptions, CorePorts, ModelSource, ProbePorts, Profile, Trace};
