//! What happens where weights are not symmetric.
//!
//! The experiment adds s·A to the weights W of the golden dynamics, A antisymmetric, at the places where
//! W has weights and as long as W (Frobenius), and watches free phases: they settle, straight or in a
//! spiral, or go round for ever.

use hdl::config::Network;
use ndarray::{Array1, Array2};
use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;
use serde::Serialize;

use super::system::{norm, System};
use crate::data::random;

/// How a free phase went.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fate {
    /// Settled after so many sweeps; `turns` if the last moves rotate instead of shrinking along one line.
    Settled { sweeps: usize, turns: bool },
    /// Comes back to the same states after `period` sweeps.
    Cycle { period: usize, amplitude: f64 },
    /// Goes on moving without an exact period; `period` is the mean time between upward crossings of the
    /// mean of the unit that moves most, null if it crosses less than twice.
    Wanders { period: Option<f64>, amplitude: f64 },
}

impl Fate {
    pub fn settled(&self) -> bool {
        matches!(self, Fate::Settled { .. })
    }
}

/// Free phases at growing strength.
#[derive(Clone, Debug, Serialize)]
pub struct Experiment {
    pub samples: usize,
    /// Sweeps after which a phase that moves counts as unsettled.
    pub patience: usize,
    pub strengths: Vec<Strength>,
    /// The smallest strength at which some phase does not settle, between a strength at which all do and
    /// this; null if all settle at all strengths.
    pub breaking: Option<[f64; 2]>,
    /// Fate of the first phase that does not settle there.
    pub broken: Option<Fate>,
    /// The two units that move most there: their states at strength 0, at half of it, there.
    pub portraits: Vec<Portrait>,
}

/// All samples at one strength.
#[derive(Clone, Debug, Serialize)]
pub struct Strength {
    pub strength: f64,
    pub fates: Vec<Fate>,
}

/// Two units against each other.
#[derive(Clone, Debug, Serialize)]
pub struct Portrait {
    pub strength: f64,
    pub fate: Fate,
    /// Layer and index of both units.
    pub units: [String; 2],
    pub points: Vec<[f64; 2]>,
}

/// Settled: no state moves by more than this.
const STILL: f64 = 1e-9;
/// Back: all states within this of those before.
const BACK: f64 = 1e-8;
/// Sweeps watched for a cycle.
const WATCH: usize = 400;
/// Successive moves that point the same way, or the opposite one, have a cosine beyond this.
const STRAIGHT: f64 = 0.95;
/// Sweeps drawn.
const DRAWN: usize = 160;

/// Follows one free phase from states 0 for `patience` sweeps, and a while longer if it moves.
pub fn follow(
    system: &System,
    constant: &Array1<f64>,
    patience: usize,
) -> (Fate, Vec<Array1<f64>>) {
    let mut states = Array1::zeros(system.units());
    let mut path = vec![states.clone()];
    for sweep in 1..=patience {
        let moved = system.sweep(&mut states, constant);
        path.push(states.clone());
        if moved <= STILL {
            let fate = Fate::Settled {
                sweeps: sweep,
                turns: turns(&path),
            };
            return (fate, path);
        }
    }
    let from = path.len() - 1;
    for _ in 0..WATCH {
        system.sweep(&mut states, constant);
        path.push(states.clone());
    }
    let watched = &path[from..];
    let fate = going(watched);
    (fate, path)
}

/// What a phase that does not settle does.
fn going(watched: &[Array1<f64>]) -> Fate {
    let distance = |a: &Array1<f64>, b: &Array1<f64>| {
        (a.iter().zip(b)).fold(0.0f64, |m, (a, b)| m.max((a - b).abs()))
    };
    let units = watched[0].len();
    let range = |unit: usize| {
        let states = watched.iter().map(|states| states[unit]);
        let (low, high) = states.fold((1.0f64, 0.0f64), |(l, h), x| (l.min(x), h.max(x)));
        high - low
    };
    let widest = (0..units).max_by(|&a, &b| range(a).total_cmp(&range(b)));
    let widest = widest.expect("a network has free units");
    let amplitude = range(widest);
    if let Some(period) = (1..watched.len() / 2).find(|&p| {
        let pairs = watched.iter().zip(&watched[p..]).take(p.max(8));
        pairs.fold(0.0f64, |m, (a, b)| m.max(distance(a, b))) <= BACK
    }) {
        return Fate::Cycle { period, amplitude };
    }
    let mean = watched.iter().map(|states| states[widest]).sum::<f64>() / watched.len() as f64;
    let crossings: Vec<f64> = (watched.windows(2).enumerate())
        .filter_map(|(sweep, pair)| {
            let [old, new] = [pair[0][widest] - mean, pair[1][widest] - mean];
            (old < 0.0 && new >= 0.0).then(|| sweep as f64 - old / (new - old))
        })
        .collect();
    let period = match crossings[..] {
        [first, .., last] => Some((last - first) / (crossings.len() - 1) as f64),
        _ => None,
    };
    Fate::Wanders { period, amplitude }
}

/// Whether the last moves rotate.
fn turns(path: &[Array1<f64>]) -> bool {
    let moves: Vec<Array1<f64>> = path.windows(2).map(|pair| &pair[1] - &pair[0]).collect();
    let last = &moves[moves.len().saturating_sub(12)..];
    let cosines: Vec<f64> = (last.windows(2))
        .filter_map(|pair| {
            let lengths = norm(pair[0].view()) * norm(pair[1].view());
            (lengths > 0.0).then(|| pair[0].dot(&pair[1]).abs() / lengths)
        })
        .collect();
    !cosines.is_empty() && cosines.iter().sum::<f64>() / (cosines.len() as f64) < STRAIGHT
}

/// The stream of the seed that draws the antisymmetric part.
const STREAM: u64 = 6 << 32;

/// An antisymmetric matrix with weights where `weights` has some, as long as it.
pub fn antisymmetric(weights: &Array2<f64>, seed: u32) -> Array2<f64> {
    let mut random = random(seed, STREAM);
    let mut part = Array2::zeros(weights.dim());
    for i in 0..weights.nrows() {
        for j in 0..i {
            if weights[[i, j]] != 0.0 || weights[[j, i]] != 0.0 {
                let value = f64::from(random.next_u32()) / f64::from(u32::MAX) * 2.0 - 1.0;
                part[[i, j]] = value;
                part[[j, i]] = -value;
            }
        }
    }
    let square = |matrix: &Array2<f64>| matrix.iter().map(|w| w * w).sum::<f64>();
    let length = square(&part);
    if length > 0.0 {
        part *= (square(weights) / length).sqrt();
    }
    part
}

/// Strengths tried before the search between them.
const STRENGTHS: [f64; 12] = [
    0.0, 0.125, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0,
];
/// Halvings of the interval in which settling breaks.
const HALVINGS: usize = 6;

/// Breaks the symmetry of `system` on samples with these constant drives.
pub fn experiment(
    network: &Network,
    system: &System,
    constants: &[Array1<f64>],
    progress: &dyn Fn(u64),
) -> Option<Experiment> {
    if constants.is_empty() || system.weights.iter().all(|&w| w == 0.0) {
        return None;
    }
    let n = system.units() as f64;
    let runs = (STRENGTHS.len() + HALVINGS) as f64;
    let samples = constants.len().min(if n > 300.0 { 2 } else { 8 });
    let patience = (4e9 / (n * n * runs * samples as f64)).clamp(150.0, 2000.0) as usize;
    let part = antisymmetric(&system.weights, network.seed);
    let broken_by = |strength: f64| {
        let mut system = system.clone();
        system.weights = &system.weights + &(&part * strength);
        system
    };
    let all = |strength: f64| -> Vec<Fate> {
        let system = broken_by(strength);
        let constants = constants[..samples].par_iter();
        constants
            .map(|constant| follow(&system, constant, patience).0)
            .collect()
    };
    let mut strengths: Vec<Strength> = vec![];
    for strength in STRENGTHS {
        strengths.push(Strength {
            strength,
            fates: all(strength),
        });
        progress(strengths.len() as u64);
    }
    let breaks = |fates: &[Fate]| fates.iter().any(|fate| !fate.settled());
    let first = strengths.iter().position(|s| breaks(&s.fates));
    let breaking = first.filter(|&first| first > 0).map(|first| {
        let (mut low, mut high) = (strengths[first - 1].strength, strengths[first].strength);
        for _ in 0..HALVINGS {
            let middle = (low + high) / 2.0;
            match breaks(&all(middle)) {
                true => high = middle,
                false => low = middle,
            }
        }
        [low, high]
    });
    let breaking = breaking.or(first.map(|_| [0.0, 0.0]));
    let fates = breaking.map(|[_, high]| all(high));
    let portrayed = fates
        .as_ref()
        .and_then(|fates| fates.iter().position(|f| !f.settled()));
    let portraits = match (breaking, portrayed) {
        (Some([_, high]), Some(sample)) => portraits(
            network,
            &[0.0, high / 2.0, high],
            &constants[sample],
            patience,
            broken_by,
        ),
        _ => vec![],
    };
    Some(Experiment {
        samples,
        patience,
        strengths,
        breaking,
        broken: fates.and_then(|fates| fates.into_iter().find(|fate| !fate.settled())),
        portraits,
    })
}

fn portraits(
    network: &Network,
    strengths: &[f64],
    constant: &Array1<f64>,
    patience: usize,
    broken_by: impl Fn(f64) -> System,
) -> Vec<Portrait> {
    let runs: Vec<(f64, Fate, Vec<Array1<f64>>)> = (strengths.iter())
        .map(|&strength| {
            let (fate, path) = follow(&broken_by(strength), constant, patience);
            (strength, fate, path)
        })
        .collect();
    // The units that move most at the end of the last, which does not settle.
    let Some((_, _, last)) = runs.last() else {
        return vec![];
    };
    let tail = &last[last.len().saturating_sub(DRAWN)..];
    let spread = |unit: usize| {
        let states = tail.iter().map(|states| states[unit]);
        let (low, high) = states.fold((1.0f64, 0.0f64), |(l, h), x| (l.min(x), h.max(x)));
        high - low
    };
    let mut units: Vec<usize> = (0..last[0].len()).collect();
    units.sort_by(|&a, &b| spread(b).total_cmp(&spread(a)).then(a.cmp(&b)));
    let [x, y] = [units[0], units[usize::from(units.len() > 1)]];
    runs.into_iter()
        .map(|(strength, fate, path)| {
            let shown = match fate.settled() {
                true => &path[..path.len().min(DRAWN)],
                false => &path[path.len().saturating_sub(DRAWN)..],
            };
            Portrait {
                strength,
                fate,
                units: [x, y].map(|unit| unit_name(network, unit)),
                points: shown.iter().map(|states| [states[x], states[y]]).collect(),
            }
        })
        .collect()
}

/// Layer and index of a free unit.
pub fn unit_name(network: &Network, unit: usize) -> String {
    let mut index = unit;
    for layer in &network.layers[1..] {
        if index < layer.units {
            return format!("{} {index}", layer.name);
        }
        index -= layer.units;
    }
    format!("unit {unit}")
}
