//! From a network file to Verilog: `config` → `arch` → `rtl` → `emit`.

pub mod config;
pub mod emit;
