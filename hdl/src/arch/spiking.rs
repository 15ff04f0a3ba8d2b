//! What spiking units take of hardware (design rules S1…S4): constants of their step, and words of
//! their state.
//!
//! A unit in a lane has three words: {spike, state} in the two slots of each phase, as a rate has its
//! state there; its membrane and the low bits of its trace in two slots of their own, one for the free
//! phase, which the nudged ones continue, and one for these. A unit at the head has one word in a
//! memory there, in two copies likewise. Two kinds of lists are made of column-side layers: in every
//! step the units that spiked, in the work slot, and after every phase the states, in its twin.

use super::shape::Shape;
use crate::config::{Formats, Network, TRACE_EXTRA_BITS};
use serde::Serialize;

/// Bits of a membrane: −2^14 … 2^15, negative if both upper bits are set.
pub const MEMBRANE_BITS: usize = 16;
/// Bits of the longest trace: F = 14 and 4 more.
pub const TRACE_BITS: usize = 18;
/// Bit of a lane's state word that says whether the unit spiked.
pub const SPIKE_BIT: u32 = 15;
/// Words of a unit that a step reads: {spike, state}, membrane, low bits of the trace.
pub const OWN_WORDS: u32 = 3;

/// Constants of the step of spiking units; hardware with others is other hardware.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spiking {
    /// κ
    pub trace_shift: u32,
    /// λ; 0: no leak.
    pub leak_shift: u32,
    /// b + F + 4 − G
    pub nudge_shift: u32,
    /// Where output units can be.
    pub nudge_in_lanes: bool,
    pub nudge_at_head: bool,
}

impl Spiking {
    /// What `network` needs, if its units spike; `output_in_lanes` says where its output layer lives.
    pub(super) fn of(network: &Network, output_in_lanes: bool) -> Option<Spiking> {
        network.spiking().map(|spiking| Spiking {
            trace_shift: spiking.trace_shift,
            leak_shift: spiking.leak_shift,
            nudge_shift: u32::try_from(network.nudge_shift())
                .expect("a checked network's nudge is shifted right"),
            nudge_in_lanes: output_in_lanes,
            nudge_at_head: !output_in_lanes,
        })
    }

    /// 2^(F+4), the trace of a unit that always spikes.
    pub fn full_trace(&self, formats: &Formats) -> u64 {
        1 << (formats.state_fraction + TRACE_EXTRA_BITS)
    }

    /// These constants in one word, which is not 0.
    pub fn word(self) -> u32 {
        1 << 31
            | u32::from(self.nudge_at_head) << 25
            | u32::from(self.nudge_in_lanes) << 24
            | self.nudge_shift << 16
            | self.leak_shift << 8
            | self.trace_shift
    }

    /// The constants in a word of [`Spiking::word`], `None` in a word 0.
    pub fn from_word(word: u32) -> Option<Spiking> {
        (word != 0).then_some(Spiking {
            trace_shift: word & 0xFF,
            leak_shift: word >> 8 & 0xFF,
            nudge_shift: word >> 16 & 0xFF,
            nudge_in_lanes: word >> 24 & 1 == 1,
            nudge_at_head: word >> 25 & 1 == 1,
        })
    }

    /// Both in one piece of hardware; `None` if their constants differ.
    fn union(self, other: Spiking) -> Option<Spiking> {
        let union = Spiking {
            nudge_in_lanes: self.nudge_in_lanes | other.nudge_in_lanes,
            nudge_at_head: self.nudge_at_head | other.nudge_at_head,
            ..self
        };
        let same = Spiking {
            nudge_in_lanes: union.nudge_in_lanes,
            nudge_at_head: union.nudge_at_head,
            ..other
        };
        (union == same).then_some(union)
    }
}

/// One spiking unit after a time step, as a probe reports it in one word:
///
/// ```text
///  34     33..18    17..0
///  spike  membrane  trace
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpikingUnit {
    /// v, −θ … 2θ.
    pub membrane: i32,
    /// z, 0 … 2^(F+4).
    pub trace: i32,
    pub fires: bool,
}

impl SpikingUnit {
    const TRACE: i64 = (1 << TRACE_BITS) - 1;
    const MEMBRANE: i64 = (1 << MEMBRANE_BITS) - 1;

    /// The probe's word.
    pub fn word(self) -> i64 {
        i64::from(self.fires) << (TRACE_BITS + MEMBRANE_BITS)
            | (i64::from(self.membrane) & Self::MEMBRANE) << TRACE_BITS
            | i64::from(self.trace)
    }

    /// What a probe's word says.
    pub fn from_word(word: i64) -> SpikingUnit {
        let membrane = (word >> TRACE_BITS & Self::MEMBRANE) as i32;
        // Negative if both upper bits are set.
        let negative = membrane >> (MEMBRANE_BITS - 2) == 3;
        SpikingUnit {
            membrane: membrane - if negative { 1 << MEMBRANE_BITS } else { 0 },
            trace: (word & Self::TRACE) as i32,
            fires: word >> (TRACE_BITS + MEMBRANE_BITS) & 1 == 1,
        }
    }

    /// The state x = z >> 4.
    pub fn state(self) -> u16 {
        (self.trace >> TRACE_EXTRA_BITS) as u16
    }
}

impl Shape {
    /// The units of both shapes in one, `None` if no hardware has both.
    pub(super) fn union_spiking(&self, other: &Shape) -> Option<Option<Spiking>> {
        match (self.spiking, other.spiking) {
            (None, None) => Some(None),
            (Some(a), Some(b)) => a.union(b).map(Some),
            _ => None,
        }
    }

    /// Words of the head's memory of membranes and traces: two copies of every unit, none without spikes.
    pub fn membrane_words(&self) -> usize {
        match self.spiking {
            Some(_) => 2 * self.membrane_stride(),
            None => 0,
        }
    }

    /// Words between the copies of a unit at the head.
    pub fn membrane_stride(&self) -> usize {
        self.bias_words.next_power_of_two()
    }

    /// Bits of a word there: a trace of F + 4 bits above a membrane.
    pub fn membrane_bits(&self) -> usize {
        MEMBRANE_BITS + (self.formats.state_fraction + TRACE_EXTRA_BITS) as usize
    }
}
