//! From a network file to Verilog: `config` → `arch` → `rtl` → `emit`.

pub mod board;
pub mod config;
