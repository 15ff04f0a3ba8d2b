//! The only places where Verilog text is written by hand: memories whose size is known when the
//! hardware is generated, not when this crate is compiled, and the pins of a board.

mod pins;
mod ram;

pub use pins::{pins, PINS};
pub use ram::{Ram, RamShape};
