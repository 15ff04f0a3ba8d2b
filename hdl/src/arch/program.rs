//! The instructions of the schedule memory.
//!
//! The head runs short straight-line programs ("sections") of 32-bit words:
//!
//! ```text
//!  31..28  27..24  23..16        15..0
//!  code    layer   tile / count  argument
//! ```

use serde::Serialize;

/// What an instruction does; the number is its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[repr(u32)]
pub enum Code {
    /// Waits for the tail to drain and ends the section.
    End = 0,
    /// Gives the accumulators the cached drive of `tile`. If its layer is connected to itself, `layer`
    /// names it and the argument is the tile's first row: a [`Code::Row`] of the same layer then reaches only
    /// the lanes of lower rows than its column.
    Restore = 1,
    /// One `row` token for each non-zero unit of column layer `layer`, whose list starts at
    /// 16·`tile`; bank address = argument + unit.
    Row = 2,
    /// One `row` token of value ONE at bank address = argument: the biases of a tile.
    Bias = 3,
    /// Adds the column sums of `tile` units from unit = argument to the lanes 0, 1, …
    Add = 4,
    /// Leak, nudge and step of `tile` of `layer`, or a time step of its spiking units; argument bit 0 marks
    /// the layer's last tile.
    Update = 5,
    /// Adds the rounding constant and caches the accumulators as the drive of `tile`.
    Save = 6,
    /// Opens the list of `layer` at 16·`tile`; argument is the layer's first bias address.
    Open = 7,
    /// A column pass for the units 0…argument−1 of `layer` over the `tile` segment words that
    /// follow; the results are stepped and written to the open list.
    Column = 8,
    /// The same, the results going to the sums memory.
    ColumnSums = 9,
    /// Appends the new states, or spikes, of the first `argument` lanes of `tile` to the open list.
    Read = 10,
    /// Waits for the tail to drain and ends the open list of `layer`; argument [`close`] bits.
    Close = 11,
    /// A segment of a column pass: own states of `tile` of row layer `layer`, bank address
    /// = argument + unit. Where row and column layer are one, its tiles follow one another from the first on, and
    /// only lanes of lower rows than the column add to the sum.
    Segment = 12,
    /// What the next [`Code::Learn`] works with: `layer` is the left shift of its operands before
    /// any halving ([`super::learning`]), `tile` the tile of the lanes' states, the argument
    /// [`rate`] bits.
    Rate = 13,
    /// Two `learn` tokens for each unit of column layer `layer` that is not zero in both phases;
    /// its lists start at 16·`tile`, bank address = argument + unit. With [`rate::BIAS`] one column of value
    /// ONE at bank address = argument; with [`rate::HEAD`] the biases of `layer` from address = argument
    /// of the bias memory.
    Learn = 14,
    /// Appends the states of the units 0…argument−1 of `layer`, which spike at the head, to the open list.
    Collect = 15,
}

/// Argument bit of [`Code::Row`], [`Code::Bias`], [`Code::Save`], [`Code::Update`], [`Code::Segment`] and, for units at
/// the head, [`Code::Open`], of hardware that scales feedback down: what is added, the unit's own state, its bias and
/// the rounding are shifted up by f, as all of a layer's drive that does not come from above.
pub const LIFT: u16 = 1 << 15;

/// Argument bits of [`Code::Rate`].
pub mod rate {
    /// Bits 3…0: by how many bits lane 0 rotates its random words, tile·P mod 16.
    pub const ROTATION_BITS: u32 = 4;
    /// The random words of the block's or layer's first tile once more.
    pub const AGAIN: u32 = 1 << 4;
    /// The column is a clamped unit of value ONE: biases of a tile.
    pub const BIAS: u32 = 1 << 5;
    /// The biases are those of units at the head.
    pub const HEAD: u32 = 1 << 6;
    /// The block connects a layer to itself: only rows below the column learn. The tile's first row is 16
    /// times bits 15…8, plus the rotation.
    pub const UPPER: u32 = 1 << 7;
    pub const FIRST_ROW_SHIFT: u32 = 8;
}

/// Argument bits of [`Code::Close`].
pub mod close {
    /// The last list of a sweep, of deep pipelines: it ends the section, whose end is not read any more, and the next
    /// sweep's words are read meanwhile. Where two samples run by turns the section ends at once, and the list
    /// when its results have come.
    pub const LAST: u64 = 1;
}

/// One word of the schedule memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Instruction {
    pub code: Code,
    pub layer: u8,
    pub tile: u8,
    pub argument: u16,
}

impl Instruction {
    pub const CODE_SHIFT: u32 = 28;
    pub const LAYER_SHIFT: u32 = 24;
    pub const TILE_SHIFT: u32 = 16;

    /// The word in memory.
    pub fn word(self) -> u32 {
        (self.code as u32) << Self::CODE_SHIFT
            | u32::from(self.layer) << Self::LAYER_SHIFT
            | u32::from(self.tile) << Self::TILE_SHIFT
            | u32::from(self.argument)
    }
}

/// Slots of a lane's memory; the word address is slot·tiles + tile.
pub mod slot {
    /// Two state slots for each phase (read the one, write the other), from the free phase on.
    pub const PHASE: [u32; 3] = [0, 2, 4];
    /// Targets of the output layer.
    pub const TARGET: u32 = 6;
    /// Always zero: the state before the free phase.
    pub const ZERO: u32 = 7;
    /// First of the words that hold the cached drive.
    pub const DRIVE: u32 = 8;
    /// First of those of the second sample, where two run by turns; its states are in the slots of the nudged phase.
    pub const SECOND_DRIVE: u32 = 11;
    /// Low bits of the traces of spiking units, and their membranes: each a word for the free phase and one
    /// for the nudged ones.
    pub const TRACE: u32 = 12;
    pub const MEMBRANE: u32 = 14;
    /// Number of slots.
    pub const COUNT: usize = 16;
}

/// Entries of a list region are counted in units of this many words.
pub const LIST_GRANULE: usize = 16;

/// Bits of one list entry: {end mark, unit, state}.
pub mod entry {
    pub const END_BIT: u32 = 28;
    pub const UNIT_SHIFT: u32 = 16;
    pub const UNIT_BITS: u32 = 12;
    pub const BITS: usize = 29;
}
