//! The golden model's steps, sweeps and phases: x_i ← clip(x_i + 2^−k (d_i − x_i + σβ(t_i − x_i)), 0, 1).

use super::{Golden, States};
use crate::bittrue::Phase;
use hdl::config::Order;
use ndarray::Array1;

/// What pulls the outputs in a nudged phase.
#[derive(Clone, Copy, Debug)]
pub struct Nudge<'a> {
    /// σβ, negative in a phase at −β.
    pub strength: f64,
    /// Target of each output unit, 0…1.
    pub target: &'a Array1<f64>,
}

/// How one phase of the golden model went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseEnd {
    pub phase: Phase,
    pub sweeps: u32,
    pub settled: bool,
}

impl Golden {
    /// The next states of a layer's units from `states`, written to `next`.
    ///
    /// `nudge` acts on the output layer only; for another layer it is ignored.
    pub fn layer_step(
        &self,
        layer: usize,
        states: &States,
        nudge: Option<Nudge>,
        next: &mut Array1<f64>,
    ) {
        self.drive(layer, states, next);
        let own = &states[layer];
        match nudge.filter(|_| layer == states.len() - 1) {
            None => {
                for (next, &x) in next.iter_mut().zip(own) {
                    *next = self.moved(x, *next - x);
                }
            }
            Some(nudge) => {
                for ((next, &x), t) in next.iter_mut().zip(own).zip(nudge.target) {
                    *next = self.moved(x, *next - x + nudge.strength * (t - x));
                }
            }
        }
    }

    /// The next state of one unit from `states`; what [`layer_step`](Self::layer_step) computes for it.
    pub fn unit_step(
        &self,
        layer: usize,
        unit: usize,
        states: &States,
        nudge: Option<Nudge>,
    ) -> f64 {
        let x = states[layer][unit];
        let mut force = self.constant[layer][unit] - x;
        for (source, matrix) in &self.free[layer] {
            force += self.gain(layer, *source) * matrix.row(unit).dot(&states[*source]);
        }
        if let Some(nudge) = nudge.filter(|_| layer == states.len() - 1) {
            force += nudge.strength * (nudge.target[unit] - x);
        }
        self.moved(x, force)
    }

    fn moved(&self, x: f64, force: f64) -> f64 {
        (x + self.step * force).clamp(0.0, 1.0)
    }

    /// One sweep over all free layers in the network's order; returns the largest move of a state.
    ///
    /// `next` is scratch space of the shape of `states`.
    pub fn sweep(&self, states: &mut States, next: &mut States, nudge: Option<Nudge>) -> f64 {
        let mut largest = 0.0f64;
        for layer in 1..states.len() {
            self.layer_step(layer, states, nudge, &mut next[layer]);
            let moves = states[layer]
                .iter()
                .zip(&next[layer])
                .map(|(old, new)| (new - old).abs());
            largest = moves.fold(largest, f64::max);
            if self.order == Order::Sequential {
                std::mem::swap(&mut states[layer], &mut next[layer]);
            }
        }
        if self.order == Order::Synchronous {
            states[1..].swap_with_slice(&mut next[1..]);
        }
        largest
    }

    /// Sweeps until no state moves by more than the tolerance, or until the phase's limit.
    ///
    /// `watch(sweep, states)` sees the states before the first sweep (as sweep 0) and after each.
    pub fn settle(
        &self,
        phase: Phase,
        states: &mut States,
        next: &mut States,
        nudge: Option<Nudge>,
        mut watch: impl FnMut(u32, &States),
    ) -> PhaseEnd {
        let limit = match phase {
            Phase::Free => self.max_sweeps_free,
            Phase::Nudged | Phase::NudgedMinus => self.max_sweeps_nudged,
        };
        watch(0, states);
        for sweeps in 1..=limit {
            let largest = self.sweep(states, next, nudge);
            watch(sweeps, states);
            if largest <= self.tolerance {
                return PhaseEnd {
                    phase,
                    sweeps,
                    settled: true,
                };
            }
        }
        PhaseEnd {
            phase,
            sweeps: limit,
            settled: false,
        }
    }
}
