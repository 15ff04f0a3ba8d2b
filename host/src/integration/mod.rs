//! The engine for other people's projects: a FuseSoC core file and a worked example of the bare core.
//!
//! `eqprop generate` writes these beside the Verilog:
//!
//! ```text
//! eqprop.core        FuseSoC: targets lint (Verilator), sim (Icarus) and sim_verilator, and the board's files
//! eqprop_axis.v      instantiation of the core with the names of AXI4-Stream
//! eqprop_axil.v      the same behind AXI4-Lite, a word at a time
//! eqprop_axis_tb.v   test bench of eqprop_axis, which plays the next two files
//! commands.hex       configuration, weights and samples of the network's data, as the core's stream takes them
//! expected.hex       what the core must answer, from the bit-true model
//! ```
//! and with `--cocotb` a bench for cocotb (`eqprop_cocotb.py`), which draws its own samples and asks the Python package
//! what must come back (`network.json`, `initial.npz`).

mod bench;
mod core_file;
mod example;
mod prefix;
mod reference;
mod wrapper;

use hdl::design::OWNERSHIP;

pub use bench::bench;
pub use core_file::core_file;
pub use example::{example, SAMPLES};
pub use prefix::Prefix;
pub use reference::{Exchange, Reference};
pub use wrapper::wrapper;

/// A generated Verilog file with the line that says whose it is.
fn owned(text: &str) -> String {
    format!("// {OWNERSHIP}\n{text}")
}

/// Name of the FuseSoC core file.
pub const CORE_FILE: &str = "eqprop.core";
/// Name of the example's wrapper.
pub const WRAPPER: &str = "eqprop_axis.v";
/// The example's wrapper behind AXI4-Lite.
pub const AXI_LITE: &str = "eqprop_axil.v";

/// The text of [`AXI_LITE`].
pub fn axi_lite() -> String {
    owned(include_str!("eqprop_axil.v"))
}

/// Test bench of the wrapper.
pub const BENCH: &str = "eqprop_axis_tb.v";
/// What the test bench sends and expects.
pub const COMMANDS: &str = "commands.hex";
pub const EXPECTED: &str = "expected.hex";
/// The bench for cocotb, and what its model needs: the network and its initial weights.
pub const COCOTB: &str = "eqprop_cocotb.py";
pub const COCOTB_TEXT: &str = include_str!("eqprop_cocotb.py");
pub const NETWORK: &str = "network.json";
pub const INITIAL: &str = "initial.npz";
