//! From a network file to Verilog: `config` → `arch` → `rtl` → `emit`.

pub mod arch;
pub mod board;
pub mod clocking;
pub mod config;
pub mod design;
pub mod emit;
pub mod manifest;
pub mod rtl;
