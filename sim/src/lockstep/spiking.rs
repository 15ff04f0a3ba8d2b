//! One golden time step of spiking units from the hardware's own membranes, traces and spikes, for
//! every write.

use super::step::{GoldenSteps, Step};
use super::{Lockstep, LockstepError, Quantity};
use crate::bittrue::Sample;
use crate::golden::{spiking_error_bound, Nudge, SpikingError, SpikingState};
use hdl::arch::spiking::SpikingUnit;
use hdl::config::Network;

/// States in a run: phase, step, unit.
pub type Units = [Vec<Vec<SpikingUnit>>];

/// One unit's step beside a golden one.
struct Compared {
    step: Step,
    error: SpikingError,
}

impl GoldenSteps {
    /// One golden step for each of `units` from those before it, in order.
    fn each_unit(
        &mut self,
        sample: &Sample,
        signs: &[i32],
        units: &Units,
        mut visit: impl FnMut(Compared),
    ) {
        let network = &self.network;
        let mut old = SpikingState::new(network);
        let (mut new, mut golden) = (old.clone(), old.clone());
        self.golden.set_raw(&mut self.old[0], &sample.input);
        self.golden.clamp(&self.old);
        self.golden.set_raw(&mut self.target, &sample.target);
        for (phase, (steps, &sign)) in units.iter().zip(signs).enumerate() {
            // The nudged phases continue the free one.
            match units[0].last() {
                Some(end) if phase > 0 => fill(&mut old, network, end),
                _ => old.reset(),
            }
            let strength = f64::from(sign) * self.golden.beta();
            let nudge = (sign != 0).then_some(Nudge {
                strength,
                target: &self.target,
            });
            for (index, units) in steps.iter().enumerate() {
                fill(&mut new, network, units);
                self.golden.spiking_step(&old, nudge, &mut golden);
                self.golden
                    .spiking_errors(&old, nudge, &new, |layer, unit, error| {
                        let step = Step {
                            phase,
                            sweep: index,
                            layer,
                            unit,
                            golden: golden.traces[layer][unit],
                            state: new.traces[layer][unit],
                        };
                        visit(Compared { step, error });
                    });
                std::mem::swap(&mut old, &mut new);
            }
        }
    }

    /// The traces of [`GoldenSteps::each_unit`].
    pub fn each_trace(
        &mut self,
        sample: &Sample,
        signs: &[i32],
        units: &Units,
        mut visit: impl FnMut(Step),
    ) {
        self.each_unit(sample, signs, units, |compared| visit(compared.step));
    }
}

/// Writes the integers of all free units to `state`.
fn fill(state: &mut SpikingState, network: &Network, units: &[SpikingUnit]) {
    let places = (1..network.layers.len())
        .flat_map(|layer| (0..network.layers[layer].units).map(move |unit| (layer, unit)));
    for (place, unit) in places.zip(units) {
        state.set_raw(network, place, (unit.membrane, unit.trace, unit.fires));
    }
}

impl Lockstep {
    /// Every write of a spiking unit against one golden step from the hardware's own units before.
    pub(super) fn compare_golden_spiking(
        &mut self,
        sample: &Sample,
        start: u64,
    ) -> Result<(), LockstepError> {
        let network = &self.plan.network;
        let output = network.output();
        let bounds = [false, true].map(|nudged| spiking_error_bound(network, nudged));
        let (mut trace, mut membrane, mut beyond) = (0.0f64, 0.0f64, None);
        let signs = &self.record.signs;
        self.steps
            .each_unit(sample, signs, &self.spiking, |Compared { step, error }| {
                trace = trace.max(error.trace);
                membrane = membrane.max(error.membrane);
                let nudged = step.layer == output && signs[step.phase] != 0;
                let bound = bounds[usize::from(nudged)];
                if beyond.is_none()
                    && (error.trace > bound.trace || error.membrane > bound.membrane)
                {
                    beyond = Some((step, error, bound));
                }
            });
        self.totals.max_abs_error = self.totals.max_abs_error.max(trace);
        self.totals.membrane_error = self.totals.membrane_error.max(membrane);
        let distance = self.steps.distance(sample, &self.states);
        self.totals.trajectory_distance = self.totals.trajectory_distance.max(distance);
        let Some((step, error, bound)) = beyond else {
            return Ok(());
        };
        let write = self.expected.iter().find(|w| {
            (w.phase, w.sweep, w.layer, w.unit) == (step.phase, step.sweep, step.layer, step.unit)
        });
        let cycle = start + write.map_or(0, |w| w.cycle);
        let text = |error: SpikingError| {
            format!("membrane {:.3e}, trace {:.3e}", error.membrane, error.trace)
        };
        let bound = format!("at most {}", text(bound));
        Err(self.mismatch(cycle, write, Quantity::GoldenStep, bound, text(error)))
    }
}
