//! The engine for other people's projects: a FuseSoC core file and a worked example of the bare core.
//!
//! `eqprop generate` writes these beside the Verilog:
//!
//! ```text
//! eqprop.core        FuseSoC: targets lint (Verilator) and sim (Icarus), and the board's files
//! eqprop_axis.v      instantiation of the core with the names of AXI4-Stream
//! eqprop_axis_tb.v   its test bench, which plays the next two files
//! commands.hex       weights and samples of the network's data, as the core's stream takes them
//! expected.hex       what the core must answer, from the bit-true model
//! ```

mod core_file;
mod example;

pub use core_file::core_file;
pub use example::example;

/// Name of the FuseSoC core file.
pub const CORE_FILE: &str = "eqprop.core";
/// The example's wrapper and test bench.
pub const WRAPPER: (&str, &str) = ("eqprop_axis.v", include_str!("eqprop_axis.v"));
pub const BENCH: (&str, &str) = ("eqprop_axis_tb.v", include_str!("eqprop_axis_tb.v"));
/// What the test bench sends and expects.
pub const COMMANDS: &str = "commands.hex";
pub const EXPECTED: &str = "expected.hex";
