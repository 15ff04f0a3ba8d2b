//! The shifts of the learning rule (design rule 7) in one piece of hardware.
//!
//! A weight changes by g·2^m / 2^s with s = 2F − G + e − b + M (+ 1 for symmetric nudging), where g is
//! a product of two states. Hardware takes g from its accumulator at one *window*, a shift T that is
//! the largest s it serves. A block with another s, and every m, is a left shift j = T − s + m of g,
//! made where it is cheapest:
//!
//! ```text
//!  j = column operand (0 … R)  +  row operand (0 or R)  +  window (0 … W)
//!      at the head                wires in the lane       multiplexer in the lane
//! ```
//! R = 14 − F, at most 3, is by how much a state can grow in a multiplier of 16-bit signed inputs.
//! Most networks need no multiplexer: W is what j has beyond 2R.

use super::shape::Shape;
use crate::config::{Block, Network};

/// Bits of j in the schedule memory, and of W on a token.
pub const SHIFT_BITS: u32 = 4;

/// Signed bits of a multiplier input, less the sign.
const OPERAND_BITS: u32 = 14;

/// R: by how many bits an operand of the learning rule can be shifted.
pub fn operand_shift(state_fraction: u32) -> u32 {
    (OPERAND_BITS - state_fraction).min(3)
}

/// s of rule 7 for `block`.
fn shift(network: &Network, block: &Block) -> u32 {
    u32::try_from(network.learning_shift(block)).expect("a checked network's shift is positive")
}

impl Shape {
    /// W: how many windows beyond the first the lanes choose from; 0 needs no multiplexer.
    pub fn windows(&self) -> u32 {
        let operands = 2 * operand_shift(self.formats.state_fraction);
        self.learn_span.saturating_sub(operands)
    }

    /// Whether the shifts fit their fields.
    pub(super) fn shifts_fit(&self) -> bool {
        self.learn_span < 1 << SHIFT_BITS
    }
}

/// The shift j of `block` at m = 0, in hardware whose window is at `learn_shift`, no less than the network needs.
pub(super) fn base_shift(network: &Network, block: &Block, learn_shift: u32) -> u32 {
    learn_shift - shift(network, block)
}

/// T and the largest j that `network` needs.
pub(super) fn needed(network: &Network) -> (u32, u32) {
    let shifts = || network.blocks.iter().map(|block| shift(network, block));
    let most = shifts().max().unwrap_or(0);
    let least = shifts().min().unwrap_or(0);
    (most, most - least + network.learning.halvings)
}
