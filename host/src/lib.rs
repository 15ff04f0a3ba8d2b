//! The parts of the `eqprop` command that need no command line: external tools and the way from
//! Verilog to a bitstream.

pub mod flow;
pub mod tools;
