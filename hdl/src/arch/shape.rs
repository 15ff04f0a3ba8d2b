//! What a piece of generated hardware can hold. One shape serves every network that fits it.

use super::spiking::Spiking;
use crate::arch::program::{slot, LIST_GRANULE};
use crate::config::{Formats, Pipeline};
use serde::Serialize;

/// Lanes, formats and memory sizes of generated hardware.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shape {
    /// Lanes P of the line.
    pub lanes: usize,
    /// Accumulator bits of the hardware, one of [`crate::config::ACCUMULATOR_MENU`].
    pub accumulator_bits: u32,
    pub formats: Formats,
    pub pipeline: Pipeline,
    /// What spiking units are built for; `None`: the units are rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spiking: Option<Spiking>,
    /// Weight words of one lane's bank.
    pub bank_words: usize,
    /// A lane's memory holds 2^tile_bits tiles in each of its slots.
    pub tile_bits: u32,
    /// Entries of the head's list memory.
    pub list_words: usize,
    /// Address of the second input list of hardware that interleaves two samples; 0: it runs one at a time.
    #[serde(skip_serializing_if = "is_zero")]
    pub second_input: usize,
    /// Words of the schedule memory.
    pub program_words: usize,
    /// Biases of column-side units at the head.
    pub bias_words: usize,
    /// Targets at the head; whether they are in logic cells.
    pub target_words: usize,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub targets_in_logic: bool,
    /// Column sums kept for units that also live in lanes.
    pub sums_words: usize,
    /// T: the largest learning shift s ([`super::learning`]).
    pub learn_shift: u32,
    /// The largest left shift j against it.
    pub learn_span: u32,
    /// Layers may be connected to themselves: lanes can be told to leave a column out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub triangular: bool,
    /// f: what a layer hears from above may be scaled by 2^−f; 0: it is not.
    #[serde(skip_serializing_if = "is_zero")]
    pub feedback_shift: u32,
    /// m of the learning rule may be beyond 3.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub many_halvings: bool,
}

fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}

/// More biases than these are kept in block RAM, fewer in LUT RAM (see [`super::cells`]).
const LUT_RAM_WORDS: usize = 64;

impl Shape {
    /// Whether two samples can run their free phases by turns.
    pub fn interleaves(&self) -> bool {
        self.second_input > 0
    }

    /// Words for the lists of one sample, and for the input's list of a second one.
    fn list_parts(&self) -> (usize, usize) {
        match self.second_input {
            0 => (self.list_words, 0),
            second => (second, self.list_words - second),
        }
    }

    /// Words of one lane's state memory.
    pub fn memory_words(&self) -> usize {
        slot::COUNT << self.tile_bits
    }

    /// The memory of biases at the head is a block RAM with an output register.
    pub fn biases_registered(&self) -> bool {
        self.is_deep() && self.bias_words > LUT_RAM_WORDS
    }

    /// Words and bits of the memory of the lists' lengths; only deep pipelines have one.
    pub fn lengths(&self) -> (usize, usize) {
        match self.is_deep() {
            true => {
                let bits = usize::BITS - self.list_words.leading_zeros();
                (self.list_words.div_ceil(LIST_GRANULE), bits as usize)
            }
            false => (0, 1),
        }
    }

    /// Whether hardware scales feedback down.
    pub fn scales_feedback(&self) -> bool {
        self.feedback_shift > 0
    }

    /// f of hardware for either of two shapes: hardware of one f runs networks of this f and of 0.
    pub(super) fn union_feedback(&self, other: &Shape) -> Option<u32> {
        match (self.feedback_shift, other.feedback_shift) {
            (f, 0) | (0, f) => Some(f),
            (f, g) => (f == g).then_some(f),
        }
    }

    /// Addresses that hardware which scales feedback down has one bit less for, beyond it: what they address, how many
    /// there are, how many there may be.
    pub(super) fn beyond_lift(&self) -> Option<(&'static str, usize, usize)> {
        // Of a self-connected layer's first row the highest bit is the same.
        let sums = if self.triangular { self.sums_words } else { 0 };
        [
            (
                "bank words a lane where feedback is scaled",
                self.bank_words,
                1 << 15,
            ),
            (
                "list words where feedback is scaled",
                self.list_words,
                1 << 15,
            ),
            (
                "head biases where feedback is scaled",
                self.bias_words,
                (1 << 15) - 1,
            ),
            (
                "units of a self-connected layer where feedback is scaled",
                sums,
                (1 << 11) - 1,
            ),
        ]
        .into_iter()
        .find(|(_, count, limit)| self.scales_feedback() && count > limit)
    }

    /// The smallest shape that holds whatever either of two shapes holds.
    ///
    /// `None` if their lanes, formats, pipelines, kinds of units or feedback shifts differ, which is not a matter of size,
    /// or if their learning shifts lie too far apart.
    pub fn union(&self, other: &Shape) -> Option<Shape> {
        let kinds = |shape: &Shape| (shape.lanes, shape.formats, shape.pipeline);
        if kinds(self) != kinds(other) {
            return None;
        }
        let learn_shift = self.learn_shift.max(other.learn_shift);
        let (own, others) = (self.list_parts(), other.list_parts());
        let lists = (own.0.max(others.0), own.1.max(others.1));
        let union = Shape {
            lanes: self.lanes,
            accumulator_bits: self.accumulator_bits.max(other.accumulator_bits),
            formats: self.formats,
            pipeline: self.pipeline,
            spiking: self.union_spiking(other)?,
            bank_words: self.bank_words.max(other.bank_words),
            tile_bits: self.tile_bits.max(other.tile_bits),
            list_words: lists.0 + lists.1,
            second_input: if lists.1 > 0 { lists.0 } else { 0 },
            program_words: self.program_words.max(other.program_words),
            bias_words: self.bias_words.max(other.bias_words),
            target_words: self.target_words.max(other.target_words),
            targets_in_logic: self.targets_in_logic,
            sums_words: self.sums_words.max(other.sums_words),
            learn_shift,
            learn_span: self.span_at(learn_shift).max(other.span_at(learn_shift)),
            triangular: self.triangular | other.triangular,
            feedback_shift: self.union_feedback(other)?,
            many_halvings: self.many_halvings | other.many_halvings,
        };
        (union.shifts_fit() && union.beyond_lift().is_none()).then_some(union)
    }

    /// The largest left shift if the window were at `learn_shift` and not below it.
    fn span_at(&self, learn_shift: u32) -> u32 {
        self.learn_span + learn_shift - self.learn_shift
    }

    /// The first quantity that `need` has more of than this shape: (what, needed, there is).
    pub fn lacks(&self, need: &Shape) -> Option<(&'static str, usize, usize)> {
        [
            ("bank words a lane", need.bank_words, self.bank_words),
            ("tiles a lane", 1 << need.tile_bits, 1 << self.tile_bits),
            ("list words", need.list_parts().0, self.list_parts().0),
            (
                "list words of a second sample",
                need.list_parts().1,
                self.list_parts().1,
            ),
            ("schedule words", need.program_words, self.program_words),
            ("head biases", need.bias_words, self.bias_words),
            ("head targets", need.target_words, self.target_words),
            ("column sums", need.sums_words, self.sums_words),
            (
                "learning shift",
                need.learn_shift as usize,
                self.learn_shift as usize,
            ),
            (
                "range of learning shifts",
                need.span_at(self.learn_shift.max(need.learn_shift)) as usize,
                self.learn_span as usize,
            ),
            (
                "self-connected layers",
                usize::from(need.triangular),
                usize::from(self.triangular),
            ),
            (
                "halvings of the rate",
                usize::from(need.many_halvings),
                usize::from(self.many_halvings),
            ),
            (
                "accumulator bits",
                need.accumulator_bits as usize,
                self.accumulator_bits as usize,
            ),
        ]
        .into_iter()
        .find(|(_, need, have)| need > have)
    }
}
