//! Energy along the phases: E in the free phase, F = E + σβC in the nudged ones, after every sweep.
//!
//! # How far rounding may lift the energy
//!
//! Units of a group move together: a layer in the sequential order, all units in the synchronous
//! one. Let −g be the gradient of F at the old states, δ = 2^−F the step of a state, and
//! h = 1 + max(0, −λ_min) + max(0, σβ at outputs) a bound of the curvature of F along the group,
//! λ_min being the lowest eigenvalue of the weights inside it. Then moves s change F by at most
//! Σ (½ h s_i² − g_i s_i), unit by unit. Rule 2 moves a unit by s = δ·round(2^−k g / δ); clipping
//! shortens a move, and ½ h s² − g s is convex and 0 at s = 0, so it cannot turn a fall into a rise.
//! With v = g / h and q = 2^−k h this is ½ h s (s − 2v):
//!
//! - q ≤ 1: a number that rounds to n ≥ 1 is at least n/2, so s ≤ 2·2^−k g ≤ 2v: **no rise at all**.
//!   So it is in every free phase of layers without inner connections.
//! - 1 < q < 2 (outputs nudged by +β at k = 0): s ≤ q v + δ/2, and the largest value of
//!   (q v + δ/2)(δ/2 − (2 − q) v) is δ² / (4 q (2 − q)): a rise of at most
//!   **2^k δ² / (8 (2 − q)) a unit and sweep**.
//! - q ≥ 2: a whole step may already climb, and no bound holds.
//!
//! Where feedback is scaled down a unit moves by 2^−k of g divided by its weight in the energy. In states that are scaled
//! by the root of that weight all of this holds as it stands, unit by unit as often as the unit weighs.
//!
//! All numbers in F are multiples of a power of two that an f64 holds exactly in most networks; a
//! relative 10^−12 covers the rest.

use ndarray::Array1;
use serde::Serialize;

use super::runs::{layers_of, Source};
use super::system::System;
use super::watch::Watched;
use super::Subject;
use crate::bittrue::{lsb, Phase};
use crate::golden::{Golden, Nudge};

/// What was seen of the energy.
#[derive(Clone, Debug, Serialize)]
pub struct Energy {
    pub source: Source,
    pub samples: usize,
    /// Sweeps compared, over all phases.
    pub sweeps: usize,
    /// Sweeps after which the energy was higher than before, by any amount beyond f64 rounding.
    pub rises: usize,
    /// Those beyond the bound; without a bound, all rises.
    pub violations: usize,
    pub largest_rise: f64,
    /// Largest rise that rounding allows in a sweep: free phase, nudged at +β, at −β; null where the
    /// steps are too long for any bound.
    pub bounds: [Option<f64>; 3],
    /// The first samples: energy above that at the end of the phase.
    pub traces: Vec<EnergyTrace>,
}

/// One phase of one sample.
#[derive(Clone, Debug, Serialize)]
pub struct EnergyTrace {
    pub sample: usize,
    pub phase: String,
    /// E or F minus its last value: before the first sweep, then after each.
    pub above: Vec<f64>,
}

/// Samples whose curves are kept.
const TRACES: usize = 6;
/// Rounding of f64, relative.
const ROUNDING: f64 = 1e-12;

/// Follows the energy of samples that are shown one after another.
pub struct Meter<'a> {
    subject: &'a Subject<'a>,
    golden: Golden,
    target: Array1<f64>,
    energy: Energy,
}

impl<'a> Meter<'a> {
    pub fn new(subject: &'a Subject<'a>, golden: &Golden, system: &System) -> Meter<'a> {
        let network = subject.network;
        Meter {
            golden: golden.clone(),
            target: Array1::zeros(network.layers[network.output()].units),
            energy: Energy {
                source: Source::Bittrue,
                samples: 0,
                sweeps: 0,
                rises: 0,
                violations: 0,
                largest_rise: 0.0,
                bounds: [0.0, golden.beta(), -golden.beta()]
                    .map(|strength| bound(subject, system, strength)),
                traces: vec![],
            },
            subject,
        }
    }

    pub fn add(&mut self, run: &Watched) {
        let network = self.subject.network;
        let zero = vec![0; network.free_units()];
        self.golden.set_raw(&mut self.target, &run.sample.target);
        self.golden
            .clamp(&layers_of(network, run.sample, &zero)[..]);
        let free_end = run.states[0].last().unwrap_or(&zero);
        for ((phase, sweeps), &sign) in Phase::ALL.iter().zip(run.states).zip(run.signs) {
            let nudge = (sign != 0).then(|| Nudge {
                strength: f64::from(sign) * self.golden.beta(),
                target: &self.target,
            });
            let start = match phase {
                Phase::Free => &zero,
                _ => free_end,
            };
            let values: Vec<f64> = std::iter::once(start)
                .chain(sweeps)
                .map(|raw| {
                    let states = layers_of(network, run.sample, raw);
                    self.golden.total_energy(&states, nudge)
                })
                .collect();
            let bound = self.energy.bounds[match sign {
                0 => 0,
                1 => 1,
                _ => 2,
            }];
            for pair in values.windows(2) {
                let rounding = ROUNDING * (1.0 + pair[0].abs());
                let rise = pair[1] - pair[0] - rounding;
                self.energy.sweeps += 1;
                self.energy.rises += usize::from(rise > 0.0);
                self.energy.violations += usize::from(rise > bound.unwrap_or(0.0));
                self.energy.largest_rise = self.energy.largest_rise.max(rise.max(0.0));
            }
            if self.energy.samples < TRACES {
                let last = values[values.len() - 1];
                self.energy.traces.push(EnergyTrace {
                    sample: run.index,
                    phase: phase.to_string(),
                    above: values.iter().map(|value| value - last).collect(),
                });
            }
        }
        self.energy.samples += 1;
    }

    pub fn finish(mut self, source: Source) -> Energy {
        self.energy.source = source;
        self.energy
    }
}

/// Largest rise of F in one sweep under the nudge `strength`; `None` where there is no bound.
fn bound(subject: &Subject, system: &System, strength: f64) -> Option<f64> {
    let delta = lsb(subject.network.formats.state_fraction);
    let outputs = &system.layers[system.layers.len() - 1];
    let mut rise = 0.0;
    for group in system.groups() {
        let units: Vec<usize> = group.clone().collect();
        let lowest = lowest_eigenvalue(system, &units);
        let pull = match group.end == outputs.end {
            true => strength.max(0.0),
            false => 0.0,
        };
        let q = system.step * (1.0 + (-lowest).max(0.0) + pull);
        if q >= 2.0 {
            return None;
        }
        if q > 1.0 {
            // Without inner connections only the nudged outputs curve more than their leak.
            let lifted = match lowest < 0.0 {
                true => group,
                false => outputs.clone(),
            };
            let weight: f64 = lifted.map(|unit| system.weight[unit]).sum();
            rise += weight * delta * delta / (8.0 * (2.0 - q) * system.step);
        }
    }
    Some(rise)
}

/// Of the weights among `units`; 0 if there are none.
pub fn lowest_eigenvalue(system: &System, units: &[usize]) -> f64 {
    let weights = system.balanced(units);
    if weights.iter().all(|&weight| weight == 0.0) {
        return 0.0;
    }
    algebra::symmetric_eigenvalues(&weights)[0]
}
