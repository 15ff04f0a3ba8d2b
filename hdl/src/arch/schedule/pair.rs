//! Cycles and writes of two samples whose free phases run by turns.
//!
//! ```text
//!  line    drive 0 │ drive 1 │ sweep 0 │ sweep 1 │ sweep 0 │ sweep 1 │ …
//!  results                             └── of 0 ──┘└── of 1 ─┘
//! ```
//! While the results of one sample's sweep travel to the head, the other sample's sweep is in the line. A sample's
//! next sweep begins when its last one is judged; one that has settled leaves its turns to the other.

use super::section::{Sweep, Timers};
use super::{Cost, Trace, Words, WriteAt, FINISH, JUDGE, START};
use crate::arch::plan::Plan;
use crate::arch::registers::Register;

/// Cycles from the last result of a sweep to the first in which the controller acts on it.
const VERDICT: u64 = 2;

impl Plan {
    /// Predicts the cost of two samples by turns, the free phases of `traces`.
    pub fn predict_pair(&self, traces: [&Trace; 2], answer: bool) -> Cost {
        self.walk_pair(traces, answer, None)
    }

    /// Predicts the cost of answering samples one after another, or two by turns where the hardware interleaves.
    pub fn predict_inference(&self, traces: &[Trace]) -> Cost {
        let at_once = if self.shape.interleaves() { 2 } else { 1 };
        let mut sum = Cost::default();
        for traces in traces.chunks(at_once) {
            sum += match traces {
                [first, second] => self.predict_pair([first, second], true),
                _ => self.predict(&traces[0], true),
            };
        }
        sum
    }

    /// Predicts cost and every state write, with the number of its sample.
    pub fn predict_pair_writes(
        &self,
        traces: [&Trace; 2],
        answer: bool,
        mut write: impl FnMut(usize, WriteAt),
    ) -> Cost {
        self.walk_pair(traces, answer, Some(&mut write))
    }

    fn walk_pair(
        &self,
        traces: [&Trace; 2],
        answer: bool,
        mut watch: Option<&mut dyn FnMut(usize, WriteAt)>,
    ) -> Cost {
        let stages = self.shape.stages();
        let zeros = vec![0; self.network.layers.len()];
        let (mut cost, mut timers) = (Cost::default(), Timers::default());
        let mut read = 0;
        for (index, trace) in (0..).zip(traces) {
            let mut input = zeros.clone();
            input[0] = trace.input;
            let first = match index {
                0 => u64::from(stages.fetch),
                _ => {
                    cost.cycles += START;
                    self.resumed(cost.cycles, read)
                }
            };
            let (drive, sweep) = (Register::DrivePc, Sweep::still(&input));
            let ended = self.instructions(drive, first, sweep, &mut timers, &mut cost, &mut None);
            read = ended.cycle;
            cost.cycles = read + 1 + u64::from(stages.go);
        }

        let sweeps = traces.map(|trace| &trace.phases[0][..]);
        let (mut ran, mut judged, mut current) = ([0; 2], [0; 2], 1);
        loop {
            let other = 1 - current;
            let mut at = cost.cycles.max(judged[other]);
            let next = if ran[other] < sweeps[other].len() {
                other
            } else {
                at = at.max(judged[current]);
                current
            };
            cost.cycles = at;
            if ran[next] == sweeps[next].len() {
                break;
            }
            cost.cycles += START;
            let index = ran[next];
            let sweep = Sweep {
                old: index.checked_sub(1).map(|before| &sweeps[next][before][..]),
                new: &sweeps[next][index],
                pairs: traces[next].pairs_before(0, index),
                phase: 0,
                index,
            };
            let first = self.resumed(cost.cycles, read);
            let mut told = watch.as_mut().map(|watch| move |at| watch(next, at));
            let mut write = told.as_mut().map(|told| told as &mut dyn FnMut(WriteAt));
            let pc = Register::SweepPc;
            let ended = self.instructions(pc, first, sweep, &mut timers, &mut cost, &mut write);
            let end = ended.cycle.max(timers.closed);
            read = ended.read.unwrap_or(end);
            let drained = timers.drained.max(end + 1);
            timers.closed = drained + 1;
            judged[next] = drained + VERDICT;
            cost.cycles = end + 1 + u64::from(stages.go);
            (ran[next], current) = (index + 1, next);
        }
        if answer && self.map.layers[self.network.output()].in_lanes {
            for sweeps in sweeps {
                cost.cycles += START;
                let still = Sweep::still(sweeps.last().map_or(&zeros[..], Vec::as_slice));
                self.section(
                    Register::OutputPc,
                    0,
                    still,
                    &mut timers,
                    &mut cost,
                    &mut None,
                );
            }
        }
        cost.cycles += START + JUDGE + FINISH;
        let words = traces.map(|trace| Words::of(trace, answer));
        cost.stream_cycles = self.exchange_pair(words) + cost.cycles;
        cost
    }
}
