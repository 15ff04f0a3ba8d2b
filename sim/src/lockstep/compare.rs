//! What the hardware did with a sample, held beside what the models say.

use super::{Lockstep, LockstepError, Mismatch, Quantity, Record, WEIGHT_WRITE};
use crate::bittrue::{BitTrue, Outcome, Phase, Sample};
use crate::verilate::{ProbeEvent, RunReport};
use hdl::arch::program::slot;
use hdl::arch::schedule::{Cost, WriteAt};
use hdl::arch::spiking::SpikingUnit;
use hdl::arch::stream::{Answer, Response};
use hdl::arch::Plan;
use hdl::config::Network;
use std::fmt::Debug;

/// What the core must answer to the sample that `model` has just run, its cost being `cost`.
pub fn expected(
    plan: &Plan,
    model: &BitTrue,
    record: &Record,
    outcome: &Outcome,
    cost: Cost,
) -> Response {
    let mut phases = [(0, false); 3];
    for phase in outcome.phases() {
        phases[phase.phase as usize] = (phase.sweeps, phase.settled);
    }
    Response {
        phases,
        negative: outcome
            .phase(Phase::Nudged)
            .is_some_and(|phase| phase.sign < 0),
        moved_by_nudge: outcome.learned,
        learned: record.trace.learned.is_some(),
        saturations: outcome.saturations,
        spikes: outcome.activity.map(|activity| activity.spikes as u32),
        cycles: cost.cycles as u32,
        answer: Some(answer(&plan.network, model, outcome)),
    }
}

/// Non-zero outputs and the answer of the sample that `model` has just run.
pub(super) fn answer(network: &Network, model: &BitTrue, outcome: &Outcome) -> Answer {
    let states = model.states(Phase::Free, network.output());
    let nonzero = states.iter().copied().enumerate().filter(|&(_, x)| x != 0);
    (nonzero.collect(), outcome.answer)
}

/// What two words of a spiking unit's probe differ in first, expected and got.
fn differing(expected: i64, got: i64) -> (Quantity, i64, i64) {
    let [a, b] = [expected, got].map(SpikingUnit::from_word);
    if a.fires != b.fires {
        (Quantity::Spike, a.fires.into(), b.fires.into())
    } else if a.membrane != b.membrane {
        (Quantity::Membrane, a.membrane.into(), b.membrane.into())
    } else {
        (Quantity::Trace, a.trace.into(), b.trace.into())
    }
}

impl Lockstep {
    pub(super) fn mismatch(
        &self,
        cycle: u64,
        at: Option<&WriteAt>,
        quantity: Quantity,
        expected: impl ToString,
        got: impl ToString,
    ) -> LockstepError {
        LockstepError::Mismatch(Box::new(Mismatch {
            sample: self.totals.samples,
            cycle,
            state: at.map(|w| (Phase::ALL[w.phase], w.sweep, w.layer, w.unit)),
            parameter: None,
            quantity,
            expected: expected.to_string(),
            got: got.to_string(),
        }))
    }

    /// Every state write of the hardware against the record, in the order of cycles.
    pub(super) fn compare_writes(&mut self, start: u64) -> Result<(), LockstepError> {
        self.states.clone_from(&self.record.states);
        self.spiking.clone_from(&self.record.spiking);
        let spikes = self.plan.shape.spiking.is_some();
        self.learn_events.clear();
        let mut expected = self.expected.iter();
        for event in &self.events {
            if event.kind == WEIGHT_WRITE {
                // The last store of a load may still travel down the line when its response leaves.
                if event.cycle >= start {
                    self.learn_events.push(*event);
                }
                continue;
            }
            let next = expected.as_slice().first();
            let Some(write) = self.check_state(event, next, &self.record, start)? else {
                continue;
            };
            expected.next();
            let position = self.record.position(write.layer, write.unit);
            let state = match spikes {
                false => event.value as u16,
                true => {
                    let unit = SpikingUnit::from_word(event.value);
                    self.spiking[write.phase][write.sweep][position] = unit;
                    unit.state()
                }
            };
            self.states[write.phase][write.sweep][position] = state;
            self.totals.compared_writes += 1;
        }
        match expected.next() {
            None => Ok(()),
            Some(write) => Err(self.missing(write, start)),
        }
    }

    /// A state write of the hardware against the next one that is expected, which it is; `None` if no unit lives
    /// where it writes.
    pub(super) fn check_state(
        &self,
        event: &ProbeEvent,
        next: Option<&WriteAt>,
        record: &Record,
        start: u64,
    ) -> Result<Option<WriteAt>, LockstepError> {
        let spikes = self.plan.shape.spiking.is_some();
        let cycle = event.cycle;
        let Some((layer, unit)) = self.unit_at(event) else {
            // A membrane without inputs rests where it started, or leaks.
            let value = match spikes {
                false => event.value,
                true => {
                    let unit = SpikingUnit::from_word(event.value);
                    SpikingUnit {
                        membrane: 0,
                        ..unit
                    }
                    .word()
                }
            };
            return match value {
                0 => Ok(None),
                _ => Err(self.mismatch(cycle, None, Quantity::Padding, 0, value)),
            };
        };
        let Some(write) = next else {
            let what = format!("layer {layer}, unit {unit}: {}", event.value);
            return Err(self.mismatch(cycle, None, Quantity::ExtraWrite, "none", what));
        };
        let differs = |quantity, expected: String, got: String| {
            Err(self.mismatch(cycle, next, quantity, expected, got))
        };
        if (write.layer, write.unit) != (layer, unit) {
            let got = format!("layer {layer}, unit {unit}");
            let want = format!("layer {}, unit {}", write.layer, write.unit);
            return differs(Quantity::MissingWrite, want, got);
        }
        let value = record.word(write);
        if event.value != value {
            let (quantity, value, got) = match spikes {
                false => (Quantity::State, value, event.value),
                true => differing(value, event.value),
            };
            return differs(quantity, value.to_string(), got.to_string());
        }
        if start + write.cycle != cycle {
            let want = (start + write.cycle).to_string();
            return differs(Quantity::WriteCycle, want, cycle.to_string());
        }
        Ok(Some(*write))
    }

    /// A write that the hardware did not make.
    pub(super) fn missing(&self, write: &WriteAt, start: u64) -> LockstepError {
        let cycle = start + write.cycle;
        self.mismatch(
            cycle,
            Some(write),
            Quantity::MissingWrite,
            "a write",
            "none",
        )
    }

    /// The unit whose state an event writes; `None` in a lane without a unit, or outside of all states.
    pub(super) fn unit_at(&self, event: &ProbeEvent) -> Option<(usize, usize)> {
        let lanes = self.plan.shape.lanes;
        let layers = self.plan.map.layers.iter().enumerate().skip(1);
        if usize::from(event.probe) == lanes {
            return self.head_unit(event.address as usize);
        }
        let tile = event.address as usize & ((1 << self.plan.shape.tile_bits) - 1);
        let slot = event.address >> self.plan.shape.tile_bits;
        if slot >= slot::TARGET {
            // A faulty core may write a state anywhere; no unit's state lives here.
            return None;
        }
        let mut in_lanes = layers.filter(|(_, layer)| layer.in_lanes);
        let (index, layer) =
            in_lanes.find(|(_, l)| (l.first_tile..l.first_tile + l.tiles).contains(&tile))?;
        let unit = (tile - layer.first_tile) * lanes + usize::from(event.probe);
        (unit < layer.units).then_some((index, unit))
    }

    /// The layer and unit at an address of the head's bias memory.
    pub(super) fn head_unit(&self, address: usize) -> Option<(usize, usize)> {
        let layers = self.plan.map.layers.iter().enumerate().skip(1);
        let mut head = layers.filter(|(_, layer)| !layer.in_lanes);
        head.find(|(_, l)| (l.bias_address..l.bias_address + l.units).contains(&address))
            .map(|(index, layer)| (index, address - layer.bias_address))
    }

    pub(super) fn compare_response(
        &self,
        outcome: &Outcome,
        cost: Cost,
        run: &RunReport,
        start: u64,
    ) -> Result<(), LockstepError> {
        let expected = expected(&self.plan, &self.bittrue, &self.record, outcome, cost);
        let got = Response::parse(self.engine.words());
        self.check_response(expected, got, cost, run, start)
    }

    /// Busy cycles, those of the stream where nothing pauses it, and the response against what is expected of them.
    pub(super) fn check_response<T: PartialEq + Debug>(
        &self,
        expected: T,
        got: Option<T>,
        cost: Cost,
        run: &RunReport,
        start: u64,
    ) -> Result<(), LockstepError> {
        let end = start + cost.cycles;
        if run.busy_cycles != cost.cycles {
            return Err(self.mismatch(end, None, Quantity::Cycles, cost.cycles, run.busy_cycles));
        }
        let (quantity, got) = match got {
            Some(response) if response == expected => return self.check_stream(cost, run, end),
            Some(response) => (Quantity::Response, format!("{response:?}")),
            None => (Quantity::Silence, "no response".into()),
        };
        Err(self.mismatch(end, None, quantity, format!("{expected:?}"), got))
    }

    /// Without pauses a sample's first word is taken in the first cycle of its run, its last answered in the last.
    fn check_stream(&self, cost: Cost, run: &RunReport, end: u64) -> Result<(), LockstepError> {
        if self.engine.paused() || run.cycles == cost.stream_cycles {
            return Ok(());
        }
        let (expected, got) = (cost.stream_cycles, run.cycles);
        Err(self.mismatch(end, None, Quantity::StreamCycles, expected, got))
    }

    /// Every written state against one golden step from the hardware's own previous states.
    pub(super) fn compare_golden(
        &mut self,
        sample: &Sample,
        start: u64,
    ) -> Result<(), LockstepError> {
        if self.plan.shape.spiking.is_some() {
            return self.compare_golden_spiking(sample, start);
        }
        let worst = self.steps.worst(sample, &self.record.signs, &self.states);
        self.totals.max_abs_error = self.totals.max_abs_error.max(worst.error);
        self.totals.trajectory_distance = self.totals.trajectory_distance.max(worst.distance);
        if worst.error <= self.totals.error_bound {
            return Ok(());
        }
        let (phase, sweep, layer, unit) = worst.at;
        let write = self
            .expected
            .iter()
            .find(|w| (w.phase, w.sweep, w.layer, w.unit) == (phase, sweep, layer, unit));
        let cycle = start + write.map_or(0, |w| w.cycle);
        let bound = format!("at most {:.3e}", self.totals.error_bound);
        Err(self.mismatch(
            cycle,
            write,
            Quantity::GoldenStep,
            bound,
            format!("{:.3e}", worst.error),
        ))
    }
}
