//! What the engine can represent. Every limit that a user can meet stands here once.

use std::ops::RangeInclusive;

/// Layers of one network.
pub const MAX_LAYERS: usize = 16;
/// Blocks of one network.
pub const MAX_BLOCKS: usize = 64;
/// Units of one layer: a column index travels in 12 bits.
pub const MAX_UNITS: usize = 4096;
/// State fraction bits F: a state in 0…2^F must fit a signed 16-bit multiplier input.
pub const MAX_STATE_FRACTION: u32 = 14;
pub const MIN_STATE_FRACTION: u32 = 2;
/// Weight bits B: one bank word.
pub const MAX_WEIGHT_BITS: u32 = 16;
pub const MIN_WEIGHT_BITS: u32 = 3;
/// Step size shift k.
pub const MAX_K: u32 = 3;
/// Feedback shift f.
pub const MAX_FEEDBACK_SHIFT: u32 = 3;
/// Settling tolerance in LSB.
pub const MAX_TOLERANCE: u32 = 255;
/// Sweeps, or time steps, of one phase.
pub const MAX_SWEEPS: u32 = 255;
/// Time constant 2^κ of the trace of a spiking unit: longer ones would not settle within a phase.
pub const MAX_TRACE_SHIFT: u32 = 7;
/// Leak shift λ of a membrane: a larger one would take nothing from any membrane.
pub const MAX_LEAK_SHIFT: u32 = 15;
/// Nudging strength shift b of β = 2^−b.
pub const MAX_BETA_SHIFT: u32 = MAX_WEIGHT_BITS - 2;
/// Learning-rate halvings M.
pub const MAX_HALVINGS: u32 = 7;
/// Learning shift s of a block.
pub const LEARNING_SHIFTS: RangeInclusive<i64> = 1..=31;
/// Passes over the training data.
pub const MAX_EPOCHS: u32 = 1_000_000;
/// Initial biases and the scale of initial weights; no weight format reaches further.
pub const MAX_INITIAL: f64 = 65_536.0;
/// Weights of one network: keeps every model of it far below 1 GB.
pub const MAX_WEIGHTS: usize = 1 << 24;
/// Letters of a network's or a layer's name.
pub const MAX_NAME: usize = 64;
/// Bytes of a network file.
pub const MAX_FILE_BYTES: u64 = 1 << 20;
/// Lane counts that the engine can be generated with.
pub const LANE_MENU: [usize; 10] = [1, 2, 4, 8, 16, 24, 26, 28, 32, 64];
/// Accumulator widths that the engine can be generated with.
pub const ACCUMULATOR_MENU: [u32; 3] = [36, 40, 48];
