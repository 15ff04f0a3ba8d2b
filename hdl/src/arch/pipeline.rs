//! Latencies of the engine, in clock cycles: the RTL is built to them, the schedule and the
//! cycle prediction count with them.
//!
//! ```text
//! short   0        1         2          3         4        5          6         7         8
//! lane    token →  bank, →   operands → product → addend → acc, sum → state   → flags   → chain
//!         in       memory                                  step       written   known     of flags
//!
//! deep    0        2         3          5         6        7, 8       8 … 10    11, 12    13
//! ```
//! A deep pipeline has a register more wherever one stage is two: behind the memories, in the
//! multiplier, between the halves of the adders, and in the step.

use super::Shape;
use crate::config::Pipeline;

/// Stages of one pipeline, counted from a token at a lane's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stages {
    /// From the port's signal to go to the controller, and from the sequencer's end of a section.
    pub go: u32,
    /// Of the sequencer: from its start, or that of a column pass, to the first instruction or segment.
    pub fetch: u32,
    /// From the sequencer's choice of a token to its arrival at lane 0.
    pub token: u32,
    /// From an instruction to the address of its list.
    pub base: u32,
    /// Cycles of a learn instruction before its first column, its lists being found and compared.
    pub learn: u32,
    /// Cycles of a row instruction beside one for each entry of its list, of which it takes no fewer than these.
    pub list: u32,
    pub list_least: u32,
    /// The controller's cycles for the verdict on a sweep, and for the start of the next one: a deep pipeline has
    /// none, it judges as the sweep ends.
    pub judge: u32,
    pub start: u32,
    /// The accumulator holds the token's product, and the sum leaves the lane (the chain of sums lags
    /// the token by this, less the one cycle that the token itself takes through the lane).
    pub sum: u32,
    /// From an `update` token to the first token that may read the new state.
    pub state: u32,
    /// Of the head's column unit, from a sum at the tail to the flags of the unit it updates.
    pub column: u32,
    /// The same to the write of its state.
    pub column_write: u32,
    /// Columns from that of a weight to the `learn` token that writes it; it was read by an earlier one, when
    /// both products were in the accumulator. A column takes two cycles.
    pub learn_write: u32,
    /// A token that writes an accumulator or a learned weight does it here.
    pub write: u32,
    /// The port's cycles for each word that it reads from a list to answer with.
    pub answer: u32,
}

const SHORT: Stages = Stages {
    go: 0,
    fetch: 1,
    token: 1,
    base: 0,
    learn: 2,
    list: 2,
    list_least: 0,
    judge: 1,
    start: 1,
    sum: 5,
    state: 7,
    column: 8,
    column_write: 7,
    learn_write: 4,
    write: 0,
    answer: 1,
};

const DEEP: Stages = Stages {
    go: 1,
    fetch: 4,
    token: 3,
    base: 1,
    learn: 11,
    list: 1,
    list_least: 3,
    judge: 0,
    start: 0,
    sum: 8,
    state: 11,
    column: 12,
    column_write: 10,
    learn_write: 6,
    write: 1,
    answer: 3,
};

/// Columns from that of a bias at the head to its write.
pub const LEARN_HEAD: u32 = 2;

/// Words of 16 bits in which a lane keeps one accumulator value.
pub const DRIVE_WORDS: u32 = 3;

impl Pipeline {
    /// Its latencies.
    pub const fn stages(self) -> Stages {
        match self {
            Pipeline::Short => SHORT,
            Pipeline::Deep => DEEP,
        }
    }
}

impl Shape {
    /// Stages of this hardware's pipelines.
    pub const fn stages(&self) -> Stages {
        self.pipeline.stages()
    }

    /// Whether there are the registers of a deep pipeline.
    pub fn is_deep(&self) -> bool {
        self.pipeline == Pipeline::Deep
    }

    /// Cycles from the emission of a token to its sum at the column unit.
    ///
    /// Into the line, `lanes` through it, the sum stages less the one overlapping the last lane.
    pub const fn line_latency(&self) -> u32 {
        let stages = self.stages();
        stages.token + self.lanes as u32 + (stages.sum - 1)
    }

    /// Cycles from the emission of a token that has a result to the moment when that result is
    /// written, its flags are counted and the next dependent step may start.
    ///
    /// The line, the column unit, and one into the sticky flag.
    pub const fn drain(&self) -> u32 {
        self.line_latency() + self.stages().column + 1
    }

    /// Cycles after the last one of a reset in which the core takes no command yet.
    ///
    /// What the port said in the first cycle of the reset may still go into the line, and has then to drain.
    pub const fn recovery(&self) -> u32 {
        self.stages().go + self.drain()
    }
}
