//! Cycles in which a sample is on the stream and the core not busy with it: the port receives it whole before it
//! runs, and answers when it has run.
//!
//! ```text
//!  header │ inputs │ end │ targets │ go │ ─── busy ─── │ report, cycles, saturations │ outputs, answer │ header …
//! ```
//! Of a partner that never waits; one that does makes these cycles more, those of the run never.

use super::Trace;
use crate::arch::plan::Plan;
use crate::arch::registers::REPORT_WORDS;

/// The header, the cycle in which the port tells commands apart if words follow, the end of a list of inputs, and
/// the number of the second sample's.
const HEADER: u64 = 1;
const BEGIN: u64 = 1;
const INPUTS_END: u64 = 1;
const COUNT: u64 = 1;
/// Cycles from the acceptance of a sample's last word to the first busy cycle: the port writes the
/// end of the input's list, or caches the targets in the lanes, and gives the signal to go.
const INPUTS_TO_BUSY: u64 = 3;
const TARGETS_TO_BUSY: u64 = 2;
/// Before the first output of an answer, the same of a second sample, whose lists are selected first, and the winner.
const FIRST: u64 = 1;
const FIRST_OF_SECOND: u64 = 2;
const WINNER: u64 = 1;

/// What of a sample is on the stream, as far as its cycles depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Inputs that are not zero.
    pub inputs: usize,
    /// The targets follow.
    pub nudged: bool,
    /// Outputs that are not zero; `None`: no answer is asked for.
    pub outputs: Option<usize>,
}

impl Words {
    /// Those of a sample that did what its trace says.
    pub(super) fn of(trace: &Trace, answer: bool) -> Words {
        Words {
            inputs: trace.input as usize,
            nudged: trace.phases.len() > 1,
            outputs: answer.then_some(trace.output as usize),
        }
    }

    /// Cycles of the input after the header.
    fn received(self) -> u64 {
        match self.inputs {
            0 => 0,
            words => BEGIN + words as u64,
        }
    }
}

impl Plan {
    /// Cycles from the acceptance of a sample's last word to the first busy cycle.
    pub fn start_delay(&self, nudged: bool) -> u64 {
        let stages = self.shape.stages();
        let received = match (nudged, self.outputs_in_lanes()) {
            (false, _) => INPUTS_TO_BUSY,
            (true, false) => TARGETS_TO_BUSY,
            (true, true) => TARGETS_TO_BUSY + u64::from(stages.sum),
        };
        received + u64::from(stages.go)
    }

    /// Cycles of a sample on the stream, less the busy ones.
    pub fn exchange(&self, words: Words) -> u64 {
        let mut received = HEADER + words.received();
        if words.nudged {
            received += INPUTS_END + self.targets();
        }
        let mut response = REPORT_WORDS as u64 + u64::from(self.network.spiking().is_some());
        if let Some(outputs) = words.outputs {
            response += FIRST + self.answer(outputs);
        }
        received + self.between(words.nudged) + response
    }

    /// The same of two samples by turns.
    pub fn exchange_pair(&self, [first, second]: [Words; 2]) -> u64 {
        let received = HEADER + first.received() + INPUTS_END + COUNT + second.inputs as u64;
        let mut response = REPORT_WORDS as u64;
        for (words, lists) in [(first, FIRST), (second, FIRST_OF_SECOND)] {
            response += words
                .outputs
                .map_or(0, |outputs| lists + self.answer(outputs));
        }
        received + self.between(false) + response
    }

    /// Cycles between the last word taken and the first busy one.
    fn between(&self, nudged: bool) -> u64 {
        self.start_delay(nudged) - 1
    }

    fn outputs_in_lanes(&self) -> bool {
        self.map.layers[self.network.output()].in_lanes
    }

    /// Cycles of the targets, to the last one: lanes store a tile of them before the next is taken.
    fn targets(&self) -> u64 {
        let units = self.network.layers[self.network.output()].units;
        let tiles = match self.outputs_in_lanes() {
            true => units.div_ceil(self.shape.lanes) as u64,
            false => 1,
        };
        units as u64 + (tiles - 1) * u64::from(self.shape.stages().sum)
    }

    /// Cycles of the outputs that are not zero, the end of their list and the winner.
    fn answer(&self, outputs: usize) -> u64 {
        (outputs as u64 + 1) * u64::from(self.shape.stages().answer) + WINNER
    }
}
