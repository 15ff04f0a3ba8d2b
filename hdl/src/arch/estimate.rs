//! What a plan needs of a device, before any tool has run.

use super::plan::Plan;
use super::program::entry;
use crate::board::{Board, Family};

/// Multipliers: one a lane, where the device has any.
pub fn multipliers(plan: &Plan, board: &Board) -> usize {
    if board.resources.dsps == 0 {
        0
    } else {
        plan.shape.lanes
    }
}

/// Block RAMs that yosys makes of the plan's memories.
pub fn block_rams(plan: &Plan, family: Family) -> usize {
    let shape = &plan.shape;
    let one = |depth: usize, bits: usize| blocks(family, depth, bits);
    let lane =
        one(shape.bank_words, shape.formats.weight_bits as usize) + one(shape.memory_words(), 16);
    lane * shape.lanes
        + one(shape.list_words, entry::BITS)
        + one(shape.program_words, 32)
        + one(shape.bias_words, 16)
        + one(shape.target_words, 16)
        + one(shape.sums_words, shape.accumulator_bits as usize)
}

/// Blocks of one memory: the cheapest of the family's aspect ratios; a single word is a register.
fn blocks(family: Family, depth: usize, bits: usize) -> usize {
    let shapes: &[(usize, usize)] = match family {
        Family::Ice40 => &[(256, 16), (512, 8), (1024, 4), (2048, 2)],
        Family::Ecp5 => &[
            (512, 36),
            (1024, 18),
            (2048, 9),
            (4096, 4),
            (8192, 2),
            (16384, 1),
        ],
    };
    if depth < 2 {
        return 0;
    }
    let blocks = shapes
        .iter()
        .map(|(words, width)| depth.div_ceil(*words) * bits.div_ceil(*width))
        .min()
        .unwrap_or(0);
    // The costs in yosys's ECP5 tables: 4 for 16 × 4 bits of LUT RAM, 64 for a block.
    let lut_ram = 4 * depth.div_ceil(16) * bits.div_ceil(4);
    if matches!(family, Family::Ecp5) && lut_ram < 64 * blocks {
        0
    } else {
        blocks
    }
}
