//! The cycles that a program takes.
//!
//! [`Plan::predict`] walks the sections as the sequencer does, with the numbers of non-zero columns
//! that the models report, and counts cycles. No simulator is needed.

mod exchange;
mod learning;
mod pair;
mod products;
mod section;

use super::plan::Plan;
use super::registers::Register;
pub use exchange::Words;
use section::{Sweep, Timers};

/// What a sample did, as far as its cycles depend on it: non-zero states of each layer (index 0,
/// the input, included) after every sweep; of spiking units, how many spiked in every time step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Non-zero inputs.
    pub input: u32,
    /// Non-zero outputs at the end of the free phase, which are answered.
    pub output: u32,
    /// Free phase, then the nudged ones: one vector of counts for each sweep.
    pub phases: Vec<Vec<Vec<u32>>>,
    /// Like `phases`, for products only: how many units of a layer come before its non-zero ones, summed over
    /// these. Empty where no layer is connected to itself.
    pub pairs: Vec<Vec<Vec<u32>>>,
    /// What the sample taught; `None` if it was not learned from.
    pub learned: Option<Learned>,
}

impl Trace {
    /// [`Trace::pairs`] before a sweep.
    fn pairs_before(&self, phase: usize, sweep: usize) -> &[u32] {
        let before = match (phase, sweep) {
            (0, 0) => None,
            (_, 0) => self.pairs.first().and_then(|sweeps| sweeps.last()),
            _ => self
                .pairs
                .get(phase)
                .and_then(|sweeps| sweeps.get(sweep - 1)),
        };
        before.map_or(&[], Vec::as_slice)
    }
}

/// What learning depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Units of each layer that are not zero in both of the phases that learning compares, rising.
    pub units: Vec<Vec<u16>>,
}

/// Predicted work of one sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Clock cycles from the first in which the core is busy to the last.
    pub cycles: u64,
    /// Clock cycles from the first word taken to the last word answered, both counted, of a partner that never
    /// waits. The next sample's first word is taken in the next cycle, so this is what rates are made of.
    pub stream_cycles: u64,
    /// Products that a real row and a non-zero column contributed; of spiking units synaptic operations: a
    /// weight on which a spike arrived.
    pub products: u64,
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, more: Cost) {
        self.cycles += more.cycles;
        self.stream_cycles += more.stream_cycles;
        self.products += more.products;
    }
}

/// Predicted write of one unit's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteAt {
    /// Clock cycle, 0 being the first in which the core is busy with the sample.
    pub cycle: u64,
    /// The lane that writes, or the number of lanes for the head.
    pub probe: usize,
    pub phase: usize,
    pub sweep: usize,
    pub layer: usize,
    pub unit: usize,
}

/// Predicted write of one weight or bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnAt {
    /// Clock cycle, as in [`WriteAt`].
    pub cycle: u64,
    /// The lane that writes, or the number of lanes for the head.
    pub probe: usize,
    pub parameter: Parameter,
}

/// A weight, by row and column of its block's orientation (row < column in a self-connected one), or a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parameter {
    Weight {
        block: usize,
        row: usize,
        column: usize,
    },
    /// `layer` counts from 1, as the input has none.
    Bias { layer: usize, unit: usize },
}

impl std::fmt::Display for Parameter {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Parameter::Weight { block, row, column } => {
                write!(f, "weight of block {block}, row {row}, column {column}")
            }
            Parameter::Bias { layer, unit } => write!(f, "bias of layer {layer}, unit {unit}"),
        }
    }
}

/// Who is told of writes of states, and of weights.
type Watch<'a> = (&'a mut dyn FnMut(WriteAt), &'a mut dyn FnMut(LearnAt));

/// Cycles of the controller: before the first sweep, after the outputs of spiking units, after the last phase, at
/// the end. [`Stages`](super::pipeline::Stages) has those between sweeps.
const START: u64 = 1;
const JUDGE: u64 = 1;
const AFTER: u64 = 1;
const FINISH: u64 = 1;

impl Plan {
    /// Predicts the cost of a sample, exactly, from what the bit-true model says of it.
    pub fn predict(&self, trace: &Trace, answer: bool) -> Cost {
        self.walk(trace, answer, None)
    }

    /// Predicts cost, every state write and every write of a weight or bias of a sample.
    pub fn predict_writes(
        &self,
        trace: &Trace,
        answer: bool,
        mut write: impl FnMut(WriteAt),
        mut learn: impl FnMut(LearnAt),
    ) -> Cost {
        self.walk(trace, answer, Some((&mut write, &mut learn)))
    }

    /// Walks all sections of a sample; where nobody watches, writes cost no time.
    fn walk(&self, trace: &Trace, answer: bool, watch: Option<Watch>) -> Cost {
        let (mut write, mut learn) = watch.unzip();
        let spiking = self.network.spiking().is_some();
        let zeros = vec![0; self.network.layers.len()];
        let mut input = zeros.clone();
        input[0] = trace.input;
        let stages = self.shape.stages();
        let (mut cost, mut timers) = (Cost::default(), Timers::default());
        let (drive, still) = (Register::DrivePc, Sweep::still(&input));
        let mut read = self.section(drive, 0, still, &mut timers, &mut cost, &mut write);
        cost.cycles += START;
        let mut free: &[u32] = &zeros;
        for (phase, sweeps) in trace.phases.iter().enumerate() {
            let mut old = if phase == 0 { None } else { Some(free) };
            for (index, new) in sweeps.iter().enumerate() {
                let sweep = Sweep {
                    old,
                    new,
                    pairs: trace.pairs_before(phase, index),
                    phase,
                    index,
                };
                let pc = Register::SweepPc;
                read = self.section(pc, read, sweep, &mut timers, &mut cost, &mut write);
                cost.cycles += u64::from(stages.judge + stages.start);
                old = Some(new);
            }
            if phase == 0 {
                free = sweeps.last().map_or(&zeros, |counts| counts);
            }
            if spiking {
                let (pc, still) = (Register::OutputPc, Sweep::still(&zeros));
                // It begins as its last time step is judged.
                cost.cycles -= u64::from(stages.start);
                self.section(pc, 0, still, &mut timers, &mut cost, &mut write);
                cost.cycles += JUDGE + u64::from(stages.start);
            }
        }
        cost.cycles -= u64::from(stages.start);
        cost.cycles += AFTER;
        if let Some(learned) = &trace.learned {
            self.learn_section(learned, &mut cost, &mut learn);
            cost.cycles += AFTER;
        }
        if answer && !spiking && self.map.layers[self.network.output()].in_lanes {
            let (pc, still) = (Register::OutputPc, Sweep::still(free));
            self.section(pc, 0, still, &mut timers, &mut cost, &mut write);
        }
        cost.cycles += FINISH;
        cost.stream_cycles = self.exchange(Words::of(trace, answer)) + cost.cycles;
        cost
    }
}
