//! One section of the program, instruction by instruction, as the sequencer takes it.

use super::{Cost, WriteAt};
use crate::arch::pipeline::DRIVE_WORDS;
use crate::arch::plan::Plan;
use crate::arch::program::{close, Code};
use crate::arch::registers::Register;
use crate::arch::spiking::OWN_WORDS;
use crate::config::Order;

/// Cycles from a start of the sequencer to the first instruction of a section that is read already.
const RESUME: u64 = 1;
/// Cycles in which the instruction after a column pass is fetched.
const FETCH: u64 = 1;

impl Plan {
    /// Walks one section as the sequencer does, from its first cycle at `cost.cycles` to its end. What a deep pipeline
    /// reads ahead of its start, it asked for in cycle `read`; returned is when it asks for what follows.
    pub(super) fn section(
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
    pub(super) fn resumed(&self, now: u64, read: u64) -> u64 {
        match self.shape.is_deep() {
            true => (now + RESUME).max(read + 1 + u64::from(self.shape.stages().fetch)),
            false => now + RESUME,
        }
    }

    /// Walks the instructions of a section, the first in cycle `now`.
    pub(super) fn instructions(
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
pub(super) struct End {
    /// From which cycle on it ends, were there no results to wait for.
    pub cycle: u64,
    /// When a deep pipeline asks for the next section's words, if not as this one ends.
    pub read: Option<u64>,
}

/// From which cycle on something is there, whichever section it comes from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timers {
    /// The states of the last update can be read.
    pub updated: u64,
    /// What is in the line has reached the column unit, its flags are counted.
    pub drained: u64,
    /// The list of the other sample's last sweep is closed.
    pub closed: u64,
    /// The column unit has taken the last list.
    pub opened: u64,
}

/// Counts before and after one sweep; `old` is `None` where all states are known to be zero.
#[derive(Clone, Copy)]
pub(super) struct Sweep<'a> {
    pub old: Option<&'a [u32]>,
    pub new: &'a [u32],
    /// [`Trace::pairs`] before.
    pub pairs: &'a [u32],
    pub phase: usize,
    pub index: usize,
}

impl<'a> Sweep<'a> {
    /// A section that changes no state.
    pub fn still(counts: &'a [u32]) -> Self {
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
