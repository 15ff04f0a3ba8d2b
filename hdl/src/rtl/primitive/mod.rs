//! The only places where Verilog text is written by hand: memories whose size is known when the
//! hardware is generated, not when this crate is compiled.

mod ram;

pub use ram::{Ram, RamShape};
