//! The theorem in numbers: the gradient that two phases reveal, against the exact one.

use hdl::config::{Network, Nudging};
use ndarray::Array1;
use rand_chacha::rand_core::RngCore;
use rayon::prelude::*;
use serde::Serialize;

use super::cases::{Case, Cases};
use super::gradient::{self, Agreement};
use super::runs::{Resting, Source};
use super::system::{active, flat};
use super::trial::{beta, Measured, Trial};
use crate::data::random;
use crate::golden::{Golden, Reals};

/// Estimates against the exact gradient, at one set of weights.
#[derive(Clone, Debug, Serialize)]
pub struct Theorem {
    /// Blocks, then biases.
    pub groups: Vec<String>,
    /// Samples looked at; how many of them were compared, were left out because their exact gradient is 0,
    /// and because they never rest; how many Hessians were singular.
    pub samples: usize,
    pub compared: usize,
    pub zero_gradient: usize,
    pub restless: usize,
    pub least_squares: usize,
    pub points: Vec<Point>,
    pub one_sided_order: Option<Fit>,
    pub symmetric_order: Option<Fit>,
    pub finite_differences: Option<Differences>,
    /// The β whose estimate, nudged as the network is, has the best worst group, in the formats of the
    /// network.
    pub recommended: Option<Recommended>,
}

/// One source at one β.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    pub source: Source,
    pub beta_shift: u32,
    pub beta: f64,
    /// Samples of which some phase did not settle.
    pub unsettled: usize,
    /// One mean a group.
    pub one_sided: Vec<Mean>,
    pub symmetric: Vec<Mean>,
    /// Cosines of the gradient of the cost summed over all samples; null where it is 0.
    pub batch_one_sided: Vec<Option<f64>>,
    pub batch_symmetric: Vec<Option<f64>>,
}

/// Mean over the samples whose exact gradient of the group is not 0.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Mean {
    pub cosine: f64,
    /// |estimate − exact| / |exact|.
    pub error: f64,
    pub samples: usize,
}

/// error ∝ β^order, by least squares on logarithms.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Fit {
    pub order: f64,
    /// The range of β, as shifts, and how many samples it rests on: those that hold the same units at 0 and
    /// 1 at all these β.
    pub from_shift: u32,
    pub to_shift: u32,
    pub samples: usize,
}

/// Implicit differentiation against central finite differences.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Differences {
    /// Derivatives compared, and left out because the step changes which units are held.
    pub compared: usize,
    pub left_out: usize,
    pub cosine: f64,
    /// Largest difference ÷ largest derivative.
    pub worst: f64,
}

/// A β for training by the true gradient.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Recommended {
    pub beta_shift: u32,
    pub beta: f64,
    /// Mean over samples of the worst group.
    pub cosine: f64,
    /// Of the gradient summed over all samples, of the worst group.
    pub batch_cosine: f64,
    pub source: Source,
}

impl Theorem {
    pub fn new(network: &Network, cases: &Cases, trials: &[Trial]) -> Theorem {
        let groups = gradient::groups(network);
        let points: Vec<Point> = (trials.iter())
            .map(|trial| Point {
                source: trial.source,
                beta_shift: trial.shift,
                beta: trial.beta(),
                unsettled: trial.unsettled,
                one_sided: means(trial, groups.len(), |m| &m.one_sided),
                symmetric: means(trial, groups.len(), |m| &m.symmetric),
                batch_one_sided: cosines(&trial.batch[0]),
                batch_symmetric: cosines(&trial.batch[1]),
            })
            .collect();
        Theorem {
            samples: cases.samples,
            compared: cases.cases.len(),
            zero_gradient: cases.zero,
            restless: cases.restless,
            least_squares: cases.least_squares(),
            one_sided_order: fit(trials, |m| &m.one_sided),
            symmetric_order: fit(trials, |m| &m.symmetric),
            finite_differences: None,
            recommended: recommended(network, &points),
            groups,
            points,
        }
    }

    /// The point of a source at β = 2^−`shift`.
    pub fn at(&self, source: Source, shift: u32) -> Option<&Point> {
        let mut points = self.points.iter();
        points.find(|point| point.source == source && point.beta_shift == shift)
    }
}

fn cosines(groups: &[Option<Agreement>]) -> Vec<Option<f64>> {
    groups
        .iter()
        .map(|group| Some(group.as_ref()?.cosine))
        .collect()
}

fn means(
    trial: &Trial,
    groups: usize,
    pick: impl Fn(&Measured) -> &Vec<Option<Agreement>>,
) -> Vec<Mean> {
    (0..groups)
        .map(|group| {
            let all: Vec<Agreement> = (trial.measured.iter().flatten())
                .filter_map(|measured| pick(measured)[group])
                .collect();
            let mean = |value: fn(&Agreement) -> f64| {
                all.iter().map(value).sum::<f64>() / all.len().max(1) as f64
            };
            Mean {
                cosine: mean(|a| a.cosine),
                error: mean(|a| a.error),
                samples: all.len(),
            }
        })
        .collect()
}

/// Powers of two that a fit spans.
const SPAN: u32 = 4;

/// Fits the order of the golden estimate's error over the largest β at which half of the samples, and three at
/// least, hold the units that they hold at rest, and the `SPAN` next smaller ones.
fn fit(trials: &[Trial], pick: impl Fn(&Measured) -> &Vec<Option<Agreement>>) -> Option<Fit> {
    let golden: Vec<&Trial> = (trials.iter())
        .filter(|trial| trial.source == Source::Golden)
        .collect();
    let samples = golden.first()?.measured.len();
    golden.windows(SPAN as usize + 1).find_map(|window| {
        let kept: Vec<usize> = (0..samples)
            .filter(|&sample| {
                let mut all = window.iter().map(|trial| trial.measured[sample].as_ref());
                all.all(|measured| measured.is_some_and(|m| m.same_active))
            })
            .collect();
        if kept.is_empty() || kept.len() < 3.min(samples) || 2 * kept.len() < samples {
            return None;
        }
        let points: Vec<(f64, f64)> = (window.iter())
            .map(|trial| {
                let errors: Vec<f64> = (kept.iter())
                    .filter_map(|&sample| trial.measured[sample].as_ref())
                    .flat_map(|measured| pick(measured).iter().flatten().map(|a| a.error))
                    .collect();
                let mean = errors.iter().sum::<f64>() / errors.len() as f64;
                (trial.beta().ln(), mean.ln())
            })
            .collect();
        let order = slope(&points)?;
        Some(Fit {
            order,
            from_shift: window[0].shift,
            to_shift: window[window.len() - 1].shift,
            samples: kept.len(),
        })
    })
}

/// Slope of the straight line of least squares; `None` without finite values.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = |pick: fn(&(f64, f64)) -> f64| points.iter().map(pick).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let covariance: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let variance: f64 = points.iter().map(|p| (p.0 - x) * (p.0 - x)).sum();
    Some(covariance / variance).filter(|slope| slope.is_finite())
}

fn recommended(network: &Network, points: &[Point]) -> Option<Recommended> {
    let hardware = points.iter().any(|point| point.source == Source::Hardware);
    let source = if hardware {
        Source::Hardware
    } else {
        Source::Bittrue
    };
    let worst = |point: &Point| {
        let (means, batch) = match network.phases.nudging {
            Nudging::Symmetric => (&point.symmetric, &point.batch_symmetric),
            Nudging::Positive | Nudging::RandomSign => (&point.one_sided, &point.batch_one_sided),
        };
        let cosines = means.iter().filter(|m| m.samples > 0).map(|m| m.cosine);
        let batch = batch.iter().flatten().copied();
        [cosines.fold(1.0, f64::min), batch.fold(1.0, f64::min)]
    };
    let of_source = points.iter().filter(|point| point.source == source);
    let compared = of_source.filter(|point| point.one_sided.iter().any(|m| m.samples > 0));
    let best = compared.max_by(|a, b| worst(a)[0].total_cmp(&worst(b)[0]))?;
    let [cosine, batch_cosine] = worst(best);
    Some(Recommended {
        beta_shift: best.beta_shift,
        beta: beta(best.beta_shift),
        cosine,
        batch_cosine,
        source,
    })
}

/// Step of the finite differences.
const STEP: f64 = 1.0 / 65536.0;
/// Derivatives drawn of each group of a sample.
const DRAWS: usize = 12;
/// The stream of the seed that draws them.
const STREAM: u64 = 5 << 32;

/// Compares some derivatives of `cases` with (C(θ + ε) − C(θ − ε)) / 2ε at rest.
pub fn differences(network: &Network, reals: &Reals, cases: &[Case]) -> Option<Differences> {
    let mut random = random(network.seed, STREAM);
    let mut drawn = vec![];
    for case in cases {
        let shapes = (case.exact.blocks.iter().map(|b| b.len()))
            .chain(case.exact.biases.iter().map(|b| b.len()));
        for (group, words) in shapes.enumerate() {
            for _ in 0..DRAWS.min(words) {
                let draw = u64::from(random.next_u32()) * words as u64;
                drawn.push((case, group, (draw >> 32) as usize));
            }
        }
    }
    let pairs: Vec<Option<(f64, f64)>> = drawn
        .par_iter()
        .map(|&(case, group, word)| {
            let exact = *word_of(&mut case.exact.clone(), group, word);
            // Words below the diagonal of a self-connected block are no parameters.
            let [high, low] = [STEP, -STEP].map(|step| {
                let mut reals = reals.clone();
                *word_of(&mut reals, group, word) += step;
                cost(network, &reals, case)
            });
            Some((exact, (high? - low?) / (2.0 * STEP)))
        })
        .collect();
    let compared: Vec<(f64, f64)> = pairs.iter().flatten().copied().collect();
    let sum = |value: fn(&(f64, f64)) -> f64| compared.iter().map(value).sum::<f64>();
    let largest = compared.iter().fold(0.0f64, |m, p| m.max(p.0.abs()));
    let distance = compared
        .iter()
        .fold(0.0f64, |m, p| m.max((p.0 - p.1).abs()));
    (largest > 0.0).then(|| Differences {
        compared: compared.len(),
        left_out: pairs.len() - compared.len(),
        cosine: sum(|p| p.0 * p.1) / (sum(|p| p.0 * p.0) * sum(|p| p.1 * p.1)).sqrt(),
        worst: distance / largest,
    })
}

/// One weight or bias of a group.
fn word_of(reals: &mut Reals, group: usize, word: usize) -> &mut f64 {
    let blocks = reals.blocks.len();
    match group < blocks {
        true => {
            let block = &mut reals.blocks[group];
            let columns = block.ncols();
            &mut block[[word / columns, word % columns]]
        }
        false => &mut reals.biases[group - blocks][word],
    }
}

/// C at rest with other weights; `None` if it holds other units than before, or never rests.
fn cost(network: &Network, reals: &Reals, case: &Case) -> Option<f64> {
    let golden = Golden::with_reals(network, reals);
    let (mut resting, _) = Resting::new(network, &golden, &case.sample);
    let mut states: Vec<Array1<f64>> = case.free.clone();
    resting.settle(&mut states, 0.0)?;
    let same = active(&flat(&states)) == active(&case.rest);
    same.then(|| golden.cost(&states, &resting.target))
}
