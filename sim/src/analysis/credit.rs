//! Credit: how the nudge travels from the outputs through the layers, and whether hidden units learn
//! in the direction of the true gradient.

use hdl::config::Network;
use ndarray::Array1;
use rayon::prelude::*;
use serde::Serialize;

use super::cases::{Case, Cases};
use super::runs::{BitTrueRuns, Resting, Source};
use super::symmetry::unit_name;
use super::system::{flat, System};
use super::trial::beta;
use crate::golden::Golden;
use crate::weights::Weights;

/// The nudge on its way.
#[derive(Clone, Debug, Serialize)]
pub struct Credit {
    /// Strength of the nudge in the maps: small, so that the response is linear.
    pub beta: f64,
    pub samples: usize,
    /// Free layers, in file order.
    pub layers: Vec<String>,
    /// Per layer and sweep of the nudged phase: mean |x − x⁰| as a share of that at rest.
    pub travel: Vec<Vec<f64>>,
    /// One sample: change of single units, in units of β, per sweep.
    pub map: UnitMap,
    pub signs: Vec<Signs>,
}

/// Single units of one sample.
#[derive(Clone, Debug, Serialize)]
pub struct UnitMap {
    pub sample: usize,
    /// The units that move most, in file order.
    pub units: Vec<String>,
    /// Units × sweeps: (x − x⁰) / β.
    pub change: Vec<Vec<f64>>,
}

/// Units of one layer: the sign in which the phases push their drive, against the true gradient's.
#[derive(Clone, Debug, Serialize)]
pub struct Signs {
    pub layer: String,
    pub source: Source,
    pub beta: f64,
    /// Units with a gradient, over all samples, whose update has its sign, the other one, none.
    pub agree: usize,
    pub differ: usize,
    pub silent: usize,
}

/// Sweeps shown.
const SWEEPS: usize = 12;
/// Units shown.
const UNITS: usize = 40;
/// β = 2^−6 in the maps.
const SHIFT: u32 = 6;

impl Credit {
    pub fn new(
        network: &Network,
        golden: &Golden,
        system: &System,
        weights: &Weights,
        cases: &Cases,
    ) -> Option<Credit> {
        let shift = SHIFT.min(network.formats.weight_fraction);
        let nudge = beta(shift);
        let paths: Vec<(Vec<Array1<f64>>, Array1<f64>)> = (cases.cases.par_iter())
            .filter_map(|case| path(network, golden, case, nudge))
            .collect();
        let (first, _) = paths.first()?;
        let layers = network.layers[1..].iter();
        let mut signs = vec![];
        for shift in [shift, network.phases.beta_shift] {
            signs.extend(signs_of(network, system, weights, cases, shift));
        }
        signs.dedup_by_key(|signs| (signs.layer.clone(), signs.beta.to_bits()));
        Some(Credit {
            beta: nudge,
            samples: paths.len(),
            layers: layers.map(|layer| layer.name.clone()).collect(),
            travel: travel(system, &paths),
            map: map(network, cases.cases[0].index, first, nudge),
            signs,
        })
    }
}

/// x − x⁰ after each sweep of a nudged phase, and at its rest.
fn path(
    network: &Network,
    golden: &Golden,
    case: &Case,
    nudge: f64,
) -> Option<(Vec<Array1<f64>>, Array1<f64>)> {
    let (mut resting, _) = Resting::new(network, golden, &case.sample);
    let mut states = case.free.clone();
    let changes = (0..SWEEPS)
        .map(|_| {
            resting.sweep(&mut states, nudge);
            &flat(&states) - &case.rest
        })
        .collect();
    resting.settle(&mut states, nudge)?;
    Some((changes, &flat(&states) - &case.rest))
}

fn travel(system: &System, paths: &[(Vec<Array1<f64>>, Array1<f64>)]) -> Vec<Vec<f64>> {
    let size = |change: &Array1<f64>, units: &std::ops::Range<usize>| {
        units.clone().map(|unit| change[unit].abs()).sum::<f64>()
    };
    let layers = system.layers.iter();
    layers
        .map(|units| {
            let last: f64 = paths.iter().map(|(_, rest)| size(rest, units)).sum();
            (0..SWEEPS)
                .map(|sweep| {
                    let now: f64 = paths
                        .iter()
                        .map(|(path, _)| size(&path[sweep], units))
                        .sum();
                    match last {
                        0.0 => 0.0,
                        _ => now / last,
                    }
                })
                .collect()
        })
        .collect()
}

fn map(network: &Network, sample: usize, path: &[Array1<f64>], nudge: f64) -> UnitMap {
    let last = &path[path.len() - 1];
    let mut units: Vec<usize> = (0..last.len()).filter(|&unit| last[unit] != 0.0).collect();
    units.sort_by(|&a, &b| last[b].abs().total_cmp(&last[a].abs()).then(a.cmp(&b)));
    units.truncate(UNITS);
    units.sort_unstable();
    UnitMap {
        sample,
        change: (units.iter())
            .map(|&unit| path.iter().map(|change| change[unit] / nudge).collect())
            .collect(),
        units: units.iter().map(|&unit| unit_name(network, unit)).collect(),
    }
}

/// Hidden layers: signs of x^β − x^−β in the bit-true model against the predicted response.
fn signs_of(
    network: &Network,
    system: &System,
    weights: &Weights,
    cases: &Cases,
    shift: u32,
) -> Vec<Signs> {
    let hidden = &network.layers[1..network.output()];
    let mut signs: Vec<Signs> = (hidden.iter())
        .map(|layer| Signs {
            layer: layer.name.clone(),
            source: Source::Bittrue,
            beta: beta(shift),
            agree: 0,
            differ: 0,
            silent: 0,
        })
        .collect();
    let mut runs = BitTrueRuns::new(network, weights, shift);
    for case in &cases.cases {
        let ends = runs.ends(&case.sample);
        let pushed = &flat(&ends.plus) - &flat(&ends.minus);
        for (signs, units) in signs.iter_mut().zip(&system.layers) {
            for unit in units.clone().filter(|&unit| case.response[unit] != 0.0) {
                match pushed[unit] * case.response[unit] {
                    x if x > 0.0 => signs.agree += 1,
                    x if x < 0.0 => signs.differ += 1,
                    _ => signs.silent += 1,
                }
            }
        }
    }
    signs
}
