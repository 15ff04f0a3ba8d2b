//! The cycles that a program takes.
//!
//! [`Plan::predict`] walks the sections as the sequencer does, with the numbers of non-zero columns
//! that the models report, and counts cycles. No simulator is needed.

mod learning;
mod pair;
mod products;

use super::pipeline::DRIVE_WORDS;
use super::plan::Plan;
use super::program::{close, Code};
use super::registers::Register;
use super::spiking::OWN_WORDS;
use crate::config::Order;

/// What a sample did, as far as its cycles depend on it: non-zero states of each layer (index 0,
/// the input, included) after every sweep; of spiking units, how many spiked in every time step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Non-zero inputs.
    pub input: u32,
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
    /// Products that a real row and a non-zero column contributed; of spiking units synaptic operations: a
    /// weight on which a spike arrived.
    pub products: u64,
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
/// Cycles from a start of the sequencer to the first instruction of a section that is read already.
const RESUME: u64 = 1;
/// Cycles in which the instruction after a column pass is fetched.
const FETCH: u64 = 1;
/// Cycles from the acceptance of a sample's last word to the first busy cycle: the port writes the
/// end of the input's list, or caches the targets in the lanes, and gives the signal to go.
const INPUTS_TO_BUSY: u64 = 3;
const TARGETS_TO_BUSY: u64 = 2;

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
        cost
    }

    /// Cycles from the acceptance of a sample's last word to the first busy cycle.
    pub fn start_delay(&self, nudged: bool) -> u64 {
        let stages = self.shape.stages();
        let received = match (nudged, self.map.layers[self.network.output()].in_lanes) {
            (false, _) => INPUTS_TO_BUSY,
            (true, false) => TARGETS_TO_BUSY,
            (true, true) => TARGETS_TO_BUSY + u64::from(stages.sum),
        };
        received + u64::from(stages.go)
    }

    /// Walks one section as the sequencer does, from its first cycle at `cost.cycles` to its end. What a deep pipeline
    /// reads ahead of its start, it asked for in cycle `read`; returned is when it asks for what follows.
    fn section(
        &self,
        start: Register,
        read: u64,
        sweep: Sweep,
        timers: &mut Timers,
        cost: &mut Cost,
        write: &mut Option<&mut dyn FnMut(WriteAt)>,
    ) -> u64 {
        let stages = self.shape.stages();
        let first = match start {
            Register::SweepPc => self.resumed(cost.cycles, read),
            _ => cost.cycles + u64::from(stages.fetch),
        };
        let ended = self.instructions(start, first, sweep, timers, cost, write);
        let end = ended.cycle.max(timers.drained);
        cost.cycles = end + 1 + u64::from(stages.go);
        ended.read.unwrap_or(end)
    }

    /// The first instruction of a sweep that starts a cycle before `now`, its words being asked for in cycle `read`.
    fn resumed(&self, now: u64, read: u64) -> u64 {
        match self.shape.is_deep() {
            true => (now + RESUME).max(read + 1 + u64::from(self.shape.stages().fetch)),
            false => now + RESUME,
        }
    }

    /// Walks the instructions of a section, the first in cycle `now`.
    fn instructions(
        &self,
        start: Register,
        mut now: u64,
        sweep: Sweep,
        timers: &mut Timers,
        cost: &mut Cost,
        write: &mut Option<&mut dyn FnMut(WriteAt)>,
    ) -> End {
        let lanes = self.shape.lanes;
        let drain = u64::from(self.shape.drain());
        let stages = self.shape.stages();
        let spiking = self.network.spiking().is_some();
        let sequential = !spiking && self.network.dynamics.order == Order::Sequential;
        // Words of its own unit that a lane reads before the step.
        let own = if spiking { OWN_WORDS } else { 1 };
        let mut fresh = vec![false; self.network.layers.len()];
        let Timers {
            updated,
            drained,
            closed,
            opened,
        } = timers;
        let mut pc = self.registers[start as usize] as usize;
        loop {
            let i = self.program[pc];
            let (layer, argument) = (i.layer as usize, u64::from(i.argument));
            pc += 1;
            match i.code {
                Code::Restore => now += u64::from(DRIVE_WORDS),
                Code::Row => {
                    let columns = match (sequential && fresh[layer], sweep.old) {
                        (true, _) => Some(sweep.new[layer]),
                        (false, old) => old.map(|counts| counts[layer]),
                    };
                    // A list costs its address and, with a short pipeline, its end mark, unless a deep one has looked
                    // it up before; states that are known to be zero, one cycle.
                    let words = |n: u32| match self.list_is_known(pc - 1) {
                        true => u64::from(n.max(1)),
                        false => u64::from(n.max(stages.list_least) + stages.list),
                    };
                    now += columns.map_or(1, words);
                    let gathers = self.gathering(pc);
                    let tile = usize::from(gathers.tile);
                    cost.products += match layer != 0 && layer == usize::from(gathers.layer) {
                        false => u64::from(columns.unwrap_or(0)) * self.rows_in(tile) as u64,
                        // A column of a self-connected layer meets each unit before it in one of the tiles.
                        true if tile == self.map.layers[layer].first_tile => {
                            sweep.pairs.get(layer).map_or(0, |&pairs| pairs.into())
                        }
                        true => 0,
                    };
                }
                Code::Bias => now += 1,
                Code::Add => {
                    now = now.max(*drained) + 1 + u64::from(DRIVE_WORDS) * u64::from(i.tile)
                }
                Code::Update => {
                    let nudge = sweep.phase > 0 && layer == self.network.output();
                    let step = now.max(*updated) + u64::from(own) + u64::from(nudge);
                    *updated = step + u64::from(stages.state);
                    *drained = step + drain;
                    now = step + 1;
                    fresh[layer] |= argument & 1 == 1;
                    if let Some(write) = write {
                        let tile = usize::from(i.tile) - self.map.layers[layer].first_tile;
                        let first = step + u64::from(stages.token + stages.state) - 1;
                        for lane in 0..self.map.layers[layer].rows(tile, lanes) {
                            write(sweep.write(
                                first + lane as u64,
                                lane,
                                layer,
                                tile * lanes + lane,
                            ));
                        }
                    }
                }
                Code::Save => now += u64::from(stages.sum + DRIVE_WORDS),
                Code::Open => {
                    // A list is opened as if it came down the line, where two samples run by turns.
                    let line = u64::from(self.shape.line_latency());
                    let ready = (*opened).max(closed.saturating_sub(1 + line));
                    now = now.max(ready) + u64::from(stages.base) + 1;
                    if self.shape.interleaves() {
                        *opened = now + line;
                    }
                }
                Code::Column | Code::ColumnSums => {
                    let count = usize::from(i.tile);
                    let segments = &self.program[pc..pc + count];
                    cost.products += match spiking {
                        false => (segments.iter())
                            .map(|segment| self.products_of(segment, layer))
                            .sum::<u64>(),
                        true => self.operations_of(segments, layer, sweep),
                    };
                    // The states of the last update are those of the last segment, or older ones.
                    let early = if self.shape.is_deep() {
                        count as u64
                    } else {
                        0
                    };
                    let states = updated.saturating_sub(early);
                    let ready = match i.code {
                        Code::ColumnSums => states.max(*closed),
                        _ => states,
                    };
                    now = (now + u64::from(stages.fetch) - 1).max(ready) + 1;
                    if let (Code::Column, Some(write)) = (i.code, &mut *write) {
                        for unit in 0..argument {
                            let last = now + (unit + 1) * count as u64 - 1;
                            let flags = u64::from(stages.column + 1 - stages.column_write);
                            write(sweep.write(last + drain - flags, lanes, layer, unit as usize));
                        }
                    }
                    now += argument * count as u64;
                    *drained = now - 1 + drain;
                    now += FETCH;
                    pc += count;
                }
                Code::Read | Code::Collect => {
                    now = now.max(*updated) + argument;
                    *drained = now - 1 + drain;
                }
                Code::Close if argument & close::LAST != 0 => {
                    return End {
                        cycle: now,
                        read: Some(now),
                    }
                }
                Code::Close => {
                    now = now.max(*drained) + 1;
                    fresh[layer] = true;
                }
                Code::End => {
                    return End {
                        cycle: now,
                        read: None,
                    }
                }
                Code::Segment => unreachable!("a column pass skips its segments"),
                Code::Rate | Code::Learn => unreachable!("only the learning section learns"),
            }
        }
    }
}

/// The end of a section.
struct End {
    /// From which cycle on it ends, were there no results to wait for.
    cycle: u64,
    /// When a deep pipeline asks for the next section's words, if not as this one ends.
    read: Option<u64>,
}

/// From which cycle on something is there, whichever section it comes from.
#[derive(Clone, Copy, Debug, Default)]
struct Timers {
    /// The states of the last update can be read.
    updated: u64,
    /// What is in the line has reached the column unit, its flags are counted.
    drained: u64,
    /// The list of the other sample's last sweep is closed.
    closed: u64,
    /// The column unit has taken the last list.
    opened: u64,
}

/// Counts before and after one sweep; `old` is `None` where all states are known to be zero.
#[derive(Clone, Copy)]
struct Sweep<'a> {
    old: Option<&'a [u32]>,
    new: &'a [u32],
    /// [`Trace::pairs`] before.
    pairs: &'a [u32],
    phase: usize,
    index: usize,
}

impl<'a> Sweep<'a> {
    /// A section that changes no state.
    fn still(counts: &'a [u32]) -> Self {
        Sweep {
            old: Some(counts),
            new: counts,
            pairs: &[],
            phase: 0,
            index: 0,
        }
    }

    fn write(&self, cycle: u64, probe: usize, layer: usize, unit: usize) -> WriteAt {
        WriteAt {
            cycle,
            probe,
            phase: self.phase,
            sweep: self.index,
            layer,
            unit,
        }
    }
}
