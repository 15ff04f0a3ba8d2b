//! The only places where Verilog text is written by hand: memories whose size is known when the
//! hardware is generated, not when this crate is compiled, and the pins and the PLL of a board.

mod pins;
mod pll;
mod ram;

pub use pins::{pins, PINS};
pub use ram::{Ram, RamShape};
