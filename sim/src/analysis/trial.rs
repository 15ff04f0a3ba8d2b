//! The nudge at many strengths, in every source: what response and theorem are measured from.

use hdl::config::Network;
use rayon::prelude::*;

use super::cases::{Case, Cases};
use super::gradient::{self, Agreement};
use super::runs::{BitTrueRuns, Ends, HardwareRuns, Resting, Rig, Source};
use super::system::{active, flat, norm};
use super::AnalysisError;
use crate::golden::{Golden, Reals};
use crate::progress::Progress;
use crate::weights::Weights;

/// One sample under one nudge.
#[derive(Clone, Debug)]
pub struct Measured {
    /// |x^β − x⁰|.
    pub shift: f64,
    /// Component of (x^β − x⁰)/β along the predicted response, as a multiple of it.
    pub slope: f64,
    /// Estimates from (x^β, x⁰) and from (x^β, x^−β), group by group.
    pub one_sided: Vec<Option<Agreement>>,
    pub symmetric: Vec<Option<Agreement>>,
    /// The same units are held at 0 or 1 in all three phases.
    pub same_active: bool,
}

/// All samples under one nudge.
pub struct Trial {
    pub source: Source,
    /// β = 2^−shift.
    pub shift: u32,
    /// In the order of the cases; `None` for a golden phase that never rests.
    pub measured: Vec<Option<Measured>>,
    /// Samples of which some phase did not settle.
    pub unsettled: usize,
    /// The gradient of the summed cost of all samples: one-sided and symmetric, group by group.
    pub batch: [Vec<Option<Agreement>>; 2],
}

impl Trial {
    pub fn beta(&self) -> f64 {
        beta(self.shift)
    }
}

pub fn beta(shift: u32) -> f64 {
    (-f64::from(shift)).exp2()
}

/// Runs all cases at all β in the models and, where it is there, the hardware.
///
/// # Errors
/// Hardware that does not answer or differs from the bit-true model.
pub fn trials(
    network: &Network,
    golden: &Golden,
    weights: &Weights,
    cases: &Cases,
    rig: Option<&Rig>,
    progress: &dyn Progress,
) -> Result<Vec<Trial>, AnalysisError> {
    let shifts = shifts(network);
    let steps = shifts.len() * (2 + usize::from(rig.is_some()));
    progress.start("nudging", steps as u64, "strengths");
    let mut trials = vec![];
    for &shift in &shifts {
        let ends: Vec<Option<Ends>> = (cases.cases.par_iter())
            .map(|case| {
                let (mut resting, _) = Resting::new(network, golden, &case.sample);
                resting.ends(&case.free, beta(shift))
            })
            .collect();
        trials.push(trial(network, cases, Source::Golden, shift, ends));
        progress.reach(trials.len() as u64);
    }
    for &shift in &shifts {
        let mut runs = BitTrueRuns::new(network, weights, shift);
        let ends = (cases.cases.iter()).map(|case| Some(runs.ends(&case.sample)));
        trials.push(trial(
            network,
            cases,
            Source::Bittrue,
            shift,
            ends.collect(),
        ));
        progress.reach(trials.len() as u64);
    }
    for &shift in shifts.iter().filter(|_| rig.is_some()) {
        let Some(rig) = rig else { break };
        let mut runs = HardwareRuns::new(rig, weights, shift)?;
        let ends: Result<Vec<_>, _> = (cases.cases.iter())
            .map(|case| runs.ends(&case.sample).map(Some))
            .collect();
        trials.push(trial(network, cases, Source::Hardware, shift, ends?));
        progress.reach(trials.len() as u64);
    }
    progress.finish();
    Ok(trials)
}

/// The β = 2^−b that the formats hold, from the largest; β = 1 only where it is stable.
pub fn shifts(network: &Network) -> Vec<u32> {
    let first = u32::from(network.dynamics.k == 0);
    (first..=network.formats.weight_fraction).collect()
}

fn trial(
    network: &Network,
    cases: &Cases,
    source: Source,
    shift: u32,
    ends: Vec<Option<Ends>>,
) -> Trial {
    let unsettled = |ends: &&Option<Ends>| ends.as_ref().is_none_or(|ends| !ends.settled);
    Trial {
        source,
        shift,
        unsettled: ends.iter().filter(unsettled).count(),
        batch: batch(network, cases, &ends, beta(shift)),
        measured: (cases.cases.par_iter().zip(&ends))
            .map(|(case, ends)| Some(measure(network, case, ends.as_ref()?, beta(shift))))
            .collect(),
    }
}

/// Sums estimates and exact gradients over all samples, and compares the sums, one-sided and symmetric.
///
/// The gradient of one sample jumps where a unit's drive crosses 0 or 1, so a nudge that crosses such a corner
/// measures something between both sides. As many units of a batch rest on the one side as on the other, and what
/// is too much here is missing there: the sum is what the theorem speaks of, and what learning follows.
pub fn batch(
    network: &Network,
    cases: &Cases,
    ends: &[Option<Ends>],
    beta: f64,
) -> [Vec<Option<Agreement>>; 2] {
    let mut sums: Option<[Reals; 3]> = None;
    for (case, ends) in cases.cases.iter().zip(ends) {
        let Some(Ends {
            free, plus, minus, ..
        }) = ends
        else {
            continue;
        };
        let parts = [
            gradient::from_phases(network, plus, free, beta),
            gradient::from_phases(network, plus, minus, 2.0 * beta),
            case.exact.clone(),
        ];
        match &mut sums {
            None => sums = Some(parts),
            Some(sums) => {
                for (sum, part) in sums.iter_mut().zip(&parts) {
                    gradient::add(sum, part);
                }
            }
        }
    }
    match sums {
        Some([one, both, exact]) => [one, both].map(|sum| gradient::compare(&sum, &exact)),
        None => [vec![], vec![]],
    }
}

/// Holds what a source gives against the exact gradient and the predicted response.
pub fn measure(network: &Network, case: &Case, ends: &Ends, beta: f64) -> Measured {
    let [free, plus, minus] = [&ends.free, &ends.plus, &ends.minus].map(|states| flat(states));
    let moved = &plus - &free;
    let estimate = |p: &[_], q: &[_], span| {
        gradient::compare(&gradient::from_phases(network, p, q, span), &case.exact)
    };
    let held = active(&free);
    Measured {
        shift: norm(moved.view()),
        slope: moved.dot(&case.response) / beta / case.response.dot(&case.response),
        one_sided: estimate(&ends.plus, &ends.free, beta),
        symmetric: estimate(&ends.plus, &ends.minus, 2.0 * beta),
        same_active: active(&plus) == held && active(&minus) == held,
    }
}
