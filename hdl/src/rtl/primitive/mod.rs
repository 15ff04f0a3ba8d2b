//! The only places where Verilog text is written by hand: memories whose size is known when the
//! hardware is generated, not when this crate is compiled, and the pins and the PLL of a board. Blocks that
//! a device has hard cells for are here as well.

mod multiplier;
mod pins;
mod pll;
mod ram;

pub use multiplier::Multiplier;
pub use pins::{origin as pins_origin, pins, PINS};
pub use ram::{Ram, RamShape};
