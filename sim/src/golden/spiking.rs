//! Integrate-and-fire units in real numbers: rules S1–S4 without their rounding.
//!
//! With membranes v in units of the threshold, traces z in 0…1, spikes s of the step before, and
//! σβ the nudge of an output: u = v − 2^−λ v + Σ_j w_ij s_j + b_i + Σ_inputs w_ij x_j + σβ (t − z);
//! a unit fires if u ≥ 1; v ← clip(u − s, −1, 2); z ← z + 2^−κ (s − z). The state is z. No energy
//! is known that these units descend.

use super::{Golden, Nudge, PhaseEnd, States};
use crate::bittrue::{lsb, Activity, Phase};
use hdl::config::{Network, Spiking, TRACE_EXTRA_BITS};
use ndarray::{Array1, Zip};

/// The constants of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// 1 − 2^−λ, or 1 without a leak.
    keep: f64,
    /// 2^−κ.
    follow: f64,
    pub(super) steps: u32,
}

/// All units between two steps, one vector a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct SpikingState {
    /// v, −1 … 2; of the clamped layer 0 unused.
    pub membranes: Vec<Array1<f64>>,
    /// z, 0 … 1, which are the states; layer 0 holds the input.
    pub traces: Vec<Array1<f64>>,
    /// 1 where a unit fired in the step before, else 0; layer 0 stays 0.
    pub spikes: Vec<Array1<f64>>,
    /// What membranes start a free phase with: ½, or 0 where weights have no fraction bit for it.
    start: f64,
}

/// By how much a unit's step differs from a golden one, or may at most.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SpikingError {
    /// Of the membrane, in units of the threshold; also by how much a unit fired too early or too late.
    pub membrane: f64,
    /// Of the trace.
    pub trace: f64,
}

/// How far one f64 step from the integers' own previous membranes, traces and spikes may lie from
/// their next ones; `nudged` where a nudge acts.
///
/// The current c is rounded to a weight's LSB, 2^−G, by at most half of one; what leaks and the nudge are
/// rounded down by shifts of λ and n = b + F + 4 − G bits, which loses at most 1 − 2^−λ and 1 − 2^−n
/// LSB; σ keeps that magnitude. A trace is rounded down by κ bits, by at most 1 − 2^−κ of its LSB,
/// 2^−(F+4). Nothing else is rounded, and clipping brings numbers closer, never apart.
///
/// There is no term for f64: the exact numbers are multiples of 2^−G·2^−max(F, λ, n) below
/// 2^(A−1−F) LSB, which is A − 1 − F + max(F, λ, n) bits. A − 1 − F is 32 at most and the shifts
/// are at most 18, so the golden step from given integers is exact.
pub fn spiking_error_bound(network: &Network, nudged: bool) -> SpikingError {
    let spiking = network.spiking().unwrap_or_default();
    let lost = |shift: u32| 1.0 - lsb(shift);
    let mut membrane = 0.5;
    if spiking.leak_shift > 0 {
        membrane += lost(spiking.leak_shift);
    }
    if nudged {
        // A checked network has no shift below 0.
        membrane += lost(network.nudge_shift() as u32);
    }
    let trace = lost(spiking.trace_shift);
    SpikingError {
        membrane: membrane * lsb(network.formats.weight_fraction),
        trace: trace * lsb(network.formats.state_fraction + TRACE_EXTRA_BITS),
    }
}

impl Rule {
    pub(super) fn new(spiking: Spiking) -> Self {
        let leaks = spiking.leak_shift > 0;
        Self {
            keep: 1.0 - if leaks { lsb(spiking.leak_shift) } else { 0.0 },
            follow: lsb(spiking.trace_shift),
            steps: spiking.steps,
        }
    }
}

impl SpikingState {
    /// What a free phase starts from (S3), the input 0.
    pub fn new(network: &Network) -> Self {
        let zeros = Golden::zero_states(network);
        let mut state = Self {
            membranes: zeros.clone(),
            traces: zeros.clone(),
            spikes: zeros,
            start: if network.formats.weight_fraction > 0 {
                0.5
            } else {
                0.0
            },
        };
        state.reset();
        state
    }

    /// Back to the start of a free phase; the input stays.
    pub fn reset(&mut self) {
        let start = self.start;
        (self.membranes.iter_mut()).for_each(|layer| layer.fill(start));
        self.spikes.iter_mut().for_each(|layer| layer.fill(0.0));
        self.traces[1..]
            .iter_mut()
            .for_each(|layer| layer.fill(0.0));
    }

    /// Takes one unit's integers: v with LSB 2^−G, z with LSB 2^−(F+4).
    pub fn set_raw(
        &mut self,
        network: &Network,
        (layer, unit): (usize, usize),
        (membrane, trace, fired): (i32, i32, bool),
    ) {
        let formats = network.formats;
        self.membranes[layer][unit] = f64::from(membrane) * lsb(formats.weight_fraction);
        self.traces[layer][unit] =
            f64::from(trace) * lsb(formats.state_fraction + TRACE_EXTRA_BITS);
        self.spikes[layer][unit] = f64::from(u8::from(fired));
    }

    pub(super) fn assign(&mut self, from: &Self) {
        for (to, from) in [
            (&mut self.membranes, &from.membranes),
            (&mut self.traces, &from.traces),
            (&mut self.spikes, &from.spikes),
        ] {
            to.iter_mut()
                .zip(from)
                .for_each(|(to, from)| to.assign(from));
        }
    }
}

impl Golden {
    fn rule(&self) -> Rule {
        self.spiking
            .expect("only a spiking network takes time steps")
    }

    /// u of a free layer's units: their membranes after this step's input, before the threshold.
    fn charge(
        &self,
        layer: usize,
        state: &SpikingState,
        nudge: Option<Nudge>,
        charge: &mut Array1<f64>,
    ) {
        self.drive(layer, &state.spikes, charge);
        charge.scaled_add(self.rule().keep, &state.membranes[layer]);
        if let Some(nudge) = nudge.filter(|_| layer == state.traces.len() - 1) {
            let traces = &state.traces[layer];
            Zip::from(charge)
                .and(nudge.target)
                .and(traces)
                .for_each(|charge, t, z| *charge += nudge.strength * (t - z));
        }
    }

    /// One time step of all free units from `state`, written to `next`; the model must be clamped
    /// to the input.
    ///
    /// # Panics
    /// If the network's units do not spike; so also below.
    pub fn spiking_step(
        &self,
        state: &SpikingState,
        nudge: Option<Nudge>,
        next: &mut SpikingState,
    ) {
        let follow = self.rule().follow;
        for layer in 1..state.traces.len() {
            self.charge(layer, state, nudge, &mut next.membranes[layer]);
            Zip::from(&mut next.membranes[layer])
                .and(&mut next.spikes[layer])
                .and(&mut next.traces[layer])
                .and(&state.traces[layer])
                .for_each(|membrane, spike, trace, &old| {
                    *spike = f64::from(u8::from(*membrane >= 1.0));
                    *membrane = (*membrane - *spike).clamp(-1.0, 2.0);
                    *trace = old + follow * (*spike - old);
                });
        }
    }

    /// How far `next`, which hardware or integers made of `state`, is from one golden step.
    ///
    /// Where rounding lets a membrane pass the threshold that a real one just misses, or the other
    /// way, the membranes differ by a whole threshold, so the step follows the spikes of `next`, and
    /// the distance to the threshold counts as an error instead.
    pub fn spiking_errors(
        &self,
        state: &SpikingState,
        nudge: Option<Nudge>,
        next: &SpikingState,
        mut visit: impl FnMut(usize, usize, SpikingError),
    ) {
        let follow = self.rule().follow;
        for layer in 1..state.traces.len() {
            let mut charge = Array1::zeros(state.traces[layer].len());
            self.charge(layer, state, nudge, &mut charge);
            for (unit, &charge) in charge.iter().enumerate() {
                let spike = next.spikes[layer][unit];
                let membrane = (charge - spike).clamp(-1.0, 2.0);
                let wrongly = if spike > 0.0 {
                    1.0 - charge
                } else {
                    charge - 1.0
                };
                let old = state.traces[layer][unit];
                let trace = old + follow * (spike - old);
                let error = SpikingError {
                    membrane: (membrane - next.membranes[layer][unit]).abs().max(wrongly),
                    trace: (trace - next.traces[layer][unit]).abs(),
                };
                visit(layer, unit, error);
            }
        }
    }

    /// A phase of T steps (S3) from `state`; `watch(step, state)` sees it before the first step
    /// (as step 0) and after each, `activity` counts.
    pub(super) fn spike(
        &self,
        phase: Phase,
        state: &mut SpikingState,
        next: &mut SpikingState,
        nudge: Option<Nudge>,
        activity: &mut Activity,
        mut watch: impl FnMut(u32, &States),
    ) -> PhaseEnd {
        // Sums of ones.
        let spikes = |state: &SpikingState, layer: usize| state.spikes[layer].sum() as u64;
        let steps = self.rule().steps;
        watch(0, &state.traces);
        for step in 1..=steps {
            self.spiking_step(state, nudge, next);
            for (layer, fan_out) in self.fan_out.iter().enumerate() {
                activity.synaptic_operations += spikes(state, layer) * fan_out;
                activity.spikes += spikes(next, layer);
            }
            std::mem::swap(state, next);
            watch(step, &state.traces);
        }
        PhaseEnd {
            phase,
            sweeps: steps,
            settled: true,
        }
    }
}
