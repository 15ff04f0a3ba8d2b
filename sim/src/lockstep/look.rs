//! A closer look at the last sample, also at one that failed: what the hardware wrote, what the
//! models say.

use super::step::Step;
use super::{Lockstep, WEIGHT_WRITE};
use crate::bittrue::{lsb, state_to_real, Phase, Sample};
use hdl::arch::spiking::SpikingUnit;
use hdl::config::TRACE_EXTRA_BITS;

/// One state write as the models expect it, beside what the hardware wrote.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Write {
    pub phase: Phase,
    pub sweep: usize,
    pub layer: usize,
    pub unit: usize,
    /// Cycle since reset: the hardware's, or the predicted one of a write that it did not make.
    pub cycle: u64,
    /// 0…1; `None`: not written.
    pub hardware: Option<f64>,
    pub bittrue: f64,
    /// One golden step from the states before.
    pub golden: f64,
}

/// All values of one layer at the end of a phase.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseEnd {
    pub phase: Phase,
    pub layer: usize,
    pub sweeps: usize,
    /// States of the golden model's own run, of the bit-true model, of the hardware (`None`: not
    /// written).
    pub golden: Vec<f64>,
    pub bittrue: Vec<f64>,
    pub hardware: Vec<Option<f64>>,
}

impl Lockstep {
    /// Every state write of `sample`, which must be the last one run, in the order of its cycles.
    ///
    /// The n-th write of a unit by the hardware stands beside the n-th that the models expect.
    pub fn look(&mut self, sample: &Sample) -> Vec<Write> {
        let network = &self.plan.network;
        let fraction = network.formats.state_fraction;
        let units = network.free_units();
        let mut hardware = vec![vec![]; units];
        for event in self.events.iter().filter(|e| e.kind != WEIGHT_WRITE) {
            if let Some((layer, unit)) = self.unit_at(event) {
                let value = match self.plan.shape.spiking {
                    None => state_to_real(event.value as u16, fraction),
                    Some(_) => {
                        let trace = SpikingUnit::from_word(event.value).trace;
                        f64::from(trace) * lsb(fraction + TRACE_EXTRA_BITS)
                    }
                };
                hardware[self.record.position(layer, unit)].push((event.cycle, value));
            }
        }
        let mut next = vec![0; units];
        let mut writes = vec![];
        let (record, steps) = (&self.record, &mut self.steps);
        let mut visit = |step: Step| {
            let position = record.position(step.layer, step.unit);
            let written = hardware[position].get(next[position]);
            next[position] += 1;
            writes.push(Write {
                phase: Phase::ALL[step.phase],
                sweep: step.sweep,
                layer: step.layer,
                unit: step.unit,
                cycle: written.map_or(0, |&(cycle, _)| cycle),
                hardware: written.map(|&(_, value)| value),
                bittrue: step.state,
                golden: step.golden,
            });
        };
        match self.plan.shape.spiking {
            None => steps.each(sample, &record.signs, &record.states, visit),
            Some(_) => steps.each_trace(sample, &record.signs, &record.spiking, &mut visit),
        }
        for write in writes.iter_mut().filter(|w| w.hardware.is_none()) {
            let at = |w: &&hdl::arch::schedule::WriteAt| {
                (Phase::ALL[w.phase], w.sweep, w.layer, w.unit)
                    == (write.phase, write.sweep, write.layer, write.unit)
            };
            write.cycle = self.start + self.expected.iter().find(at).map_or(0, |w| w.cycle);
        }
        writes.sort_by_key(|write| write.cycle);
        writes
    }

    /// States at the end of each phase of `sample`, which must be the last one run, layer by layer.
    pub fn phase_ends(&mut self, sample: &Sample) -> Vec<PhaseEnd> {
        let writes = self.look(sample);
        let fraction = self.plan.network.formats.state_fraction;
        let golden = self.steps.trajectory(sample, &self.record.signs);
        let mut ends = vec![];
        for (phase, sweeps) in Phase::ALL.into_iter().zip(&self.record.states) {
            let Some(last) = sweeps.last() else { continue };
            for (layer, states) in golden.states(phase).iter().enumerate().skip(1) {
                let from = self.record.position(layer, 0);
                let mut hardware = vec![None; states.len()];
                let of_layer = |w: &&_| {
                    matches!(w, Write { phase: p, layer: l, sweep, .. }
                    if (*p, *l, *sweep + 1) == (phase, layer, sweeps.len()))
                };
                for write in writes.iter().filter(of_layer) {
                    hardware[write.unit] = write.hardware;
                }
                ends.push(PhaseEnd {
                    phase,
                    layer,
                    sweeps: sweeps.len(),
                    golden: states.to_vec(),
                    bittrue: last[from..from + states.len()]
                        .iter()
                        .map(|&raw| state_to_real(raw, fraction))
                        .collect(),
                    hardware,
                });
            }
        }
        ends
    }

    /// Cycles of the hardware since reset.
    pub fn cycle(&self) -> u64 {
        self.engine.cycle()
    }

    /// First busy cycle of the last sample, since reset.
    pub fn start(&self) -> u64 {
        self.start
    }
}
