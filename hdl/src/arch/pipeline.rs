//! Latencies of the engine, in clock cycles: the RTL is built to them, the schedule and the
//! cycle prediction count with them.
//!
//! ```text
//! stage   0        1         2          3         4        5          6         7         8
//! lane    token →  bank, →   operands → product → addend → acc, sum → state   → flags   → chain
//!         in       memory                                  step       written   known     of flags
//! ```

/// Stages from a token at a lane's input to its sum at the lane's output (the chain lags the
/// token by this, less the one cycle that the token itself takes through the lane).
pub const SUM_STAGE: u32 = 5;

/// Cycles from an `update` token to the first token that may read the new state.
pub const STATE_READY: u32 = 7;

/// Stages from an `update` token at a lane's input to its flags on the flag chain.
pub const FLAG_STAGE: u32 = 8;

/// Cycles from the last accumulating token to a token that may use the accumulator at its input.
pub const ACCUMULATOR_READY: u32 = 5;

/// Stages of the head's column unit from a sum at the tail to the flags of the unit it updates.
pub const COLUMN_STAGES: u32 = 8;

/// Columns from that of a weight to the `learn` tokens that bring its address to the bank for reading,
/// when both products are in the accumulator, and for writing. A column takes two cycles.
pub const LEARN_READ: u32 = 2;
pub const LEARN_WRITE: u32 = 4;

/// Words of 16 bits in which a lane keeps one accumulator value.
pub const DRIVE_WORDS: u32 = 3;

/// Cycles from the emission of a token that has a result to the moment when that result is
/// written, its flags are counted and the next dependent step may start.
///
/// One cycle into the line, `lanes` through it, the sum stages less the one overlapping the
/// last lane, the column unit, and one into the sticky flag.
pub const fn drain(lanes: usize) -> u32 {
    1 + lanes as u32 + (SUM_STAGE - 1) + COLUMN_STAGES + 1
}
