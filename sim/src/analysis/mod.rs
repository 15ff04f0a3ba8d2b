//! The physics of a network, measured: does the theory that the hardware rests on hold, in numbers?
//!
//! `system` is the network as one matrix, `runs` and `watch` run samples in models and hardware. One
//! file a question: `energy` (does it fall?), `words` and `symmetry` (is there one weight for both
//! directions, and what if not?), `stability` (must phases settle?), `response` (is the shift linear in β?),
//! `theorem` (do two phases reveal the gradient?), `credit` (how does the nudge travel?), `settling` (how long
//! does it take?). `cases`, `trial` and `gradient` are what response, theorem and credit share.

pub mod cases;
pub mod credit;
pub mod energy;
pub mod gradient;
pub mod response;
pub mod runs;
pub mod settling;
pub mod stability;
pub mod symmetry;
pub mod system;
#[cfg(test)]
mod tests;
pub mod theorem;
pub mod trial;
pub mod watch;
pub mod words;

use hdl::config::Network;
use serde::Serialize;

use crate::bittrue::{Sample, Xorshift};
use crate::checkpoint::Parameters;
use crate::data::Dataset;
use crate::golden::{Golden, Reals};
use crate::lockstep::LockstepError;
use crate::progress::Progress;
use crate::train::{BitTrueBackend, Position, TrainError, Trainer};
use crate::weights::Weights;

use cases::Cases;
use runs::{Resting, Rig};
use system::System;

/// What is analysed.
pub struct Subject<'a> {
    pub network: &'a Network,
    pub weights: &'a Weights,
    /// Samples with their index into the data.
    pub samples: Vec<(usize, Sample)>,
}

/// Everything that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    pub network: String,
    pub seed: u32,
    pub samples: usize,
    /// Why no hardware took part; null if it did.
    pub no_hardware: Option<String>,
    pub energy: energy::Energy,
    pub words: Option<words::Words>,
    /// Null where no two free units are connected: there is nothing to break.
    pub asymmetry: Option<symmetry::Experiment>,
    pub stability: stability::Stability,
    pub response: Section<response::Response>,
    /// At the given weights, then after an epoch of learning.
    pub theorem: Vec<Stage>,
    pub credit: Section<credit::Credit>,
    pub settling: settling::Settling,
}

/// The theorem at one set of weights.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    pub weights: String,
    /// Samples learned from before.
    pub learned_from: usize,
    pub theorem: Section<theorem::Theorem>,
}

/// What a section found, or why there is nothing to find.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Section<T> {
    Done(T),
    Refused { refused: String },
}

impl<T> Section<T> {
    pub fn done(&self) -> Option<&T> {
        match self {
            Section::Done(found) => Some(found),
            Section::Refused { .. } => None,
        }
    }
}

/// Why an analysis stopped.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    /// Hardware and bit-true model differ, or the hardware does not answer.
    #[error(transparent)]
    Lockstep(#[from] LockstepError),
    #[error(transparent)]
    Train(#[from] TrainError),
}

/// With a larger share of free phases that do not settle, gradients and responses are refused.
pub const UNSETTLED_LIMIT: f64 = 0.1;

/// Samples that gradients and responses are compared on.
const COMPARED: usize = 40;

/// How much work a network of so many weights can be asked for.
struct Budget {
    /// Samples of response, theorem and credit.
    compared: usize,
    /// Samples learned from at most.
    learned: usize,
    /// Samples with finite differences.
    differences: usize,
}

impl Budget {
    fn new(network: &Network, samples: usize) -> Budget {
        let units = |layer: usize| network.layers[layer].units;
        let weights: usize = (network.blocks.iter())
            .map(|block| units(block.a) * units(block.b))
            .sum();
        let free = network.free_units().pow(2);
        Budget {
            compared: (20_000_000 / weights.max(free))
                .clamp(3, COMPARED)
                .min(samples),
            learned: (400_000_000 / weights).max(50),
            differences: (400_000 / weights.max(1)).clamp(1, 3),
        }
    }
}

/// Analyses a network, on `rig` where there is hardware; `no_hardware` says why there is none.
///
/// # Errors
/// Hardware that does not answer or differs from the bit-true model.
pub fn analyse(
    subject: &Subject,
    data: &Dataset,
    start: &str,
    rig: Option<&Rig>,
    no_hardware: Option<String>,
    progress: &dyn Progress,
) -> Result<Analysis, AnalysisError> {
    let network = subject.network;
    let budget = Budget::new(network, subject.samples.len());
    let reals = Reals::of(subject.weights, network.formats.weight_fraction);
    let golden = Golden::with_reals(network, &reals);
    let system = System::new(network, &reals);

    let mut meter = energy::Meter::new(subject, &golden, &system);
    let mut collector = settling::Collector::default();
    let source = watch::watch(subject, rig, progress, |run| {
        meter.add(&run);
        collector.add(&run);
    })?;
    let energy = meter.finish(source);
    let settling = collector.finish(source);
    let refused = refusal(&settling);

    let asymmetry = asymmetry(subject, &golden, &system, progress);
    let compared = &subject.samples[..budget.compared];
    let first = Weighted {
        network,
        weights: subject.weights,
        golden,
        system,
        compared,
        differences: budget.differences,
    };
    let (cases, theorem, response, credit) = first.sections(&refused, rig, progress)?;
    let stability = stability::Stability::new(network, &first.golden, &first.system, &cases);

    let (trained, learned_from) = one_epoch(subject, data, budget.learned, progress)?;
    let reals = Reals::of(&trained, network.formats.weight_fraction);
    let second = Weighted {
        network,
        weights: &trained,
        golden: Golden::with_reals(network, &reals),
        system: System::new(network, &reals),
        compared,
        differences: budget.differences,
    };
    let (_, after, ..) = second.sections(&refused, rig, progress)?;
    let stage = |weights: &str, learned_from, theorem| Stage {
        weights: weights.to_owned(),
        learned_from,
        theorem,
    };
    Ok(Analysis {
        network: network.name.clone(),
        seed: network.seed,
        samples: subject.samples.len(),
        no_hardware,
        energy,
        words: rig.map(|rig| words::words(rig.plan)),
        asymmetry,
        stability,
        response,
        theorem: vec![
            stage(start, 0, theorem),
            stage("after one epoch", learned_from, after),
        ],
        credit,
        settling,
    })
}

/// Why gradients and responses mean nothing, if so.
fn refusal(settling: &settling::Settling) -> Option<String> {
    let share = settling.unsettled_free;
    (share > UNSETTLED_LIMIT).then(|| {
        format!(
            "{:.0} % of the free phases do not settle, and a state that is not at rest has no linear \
             response and no gradient: use more max_sweeps_free, a larger k or smaller weights",
            100.0 * share
        )
    })
}

fn asymmetry(
    subject: &Subject,
    golden: &Golden,
    system: &System,
    progress: &dyn Progress,
) -> Option<symmetry::Experiment> {
    let constants: Vec<_> = (subject.samples.iter().take(8))
        .map(|(_, sample)| {
            let (resting, states) = Resting::new(subject.network, golden, sample);
            // With all free states 0 the drive is what the input and the biases give.
            let mut drives = states.clone();
            for (layer, drives) in drives.iter_mut().enumerate().skip(1) {
                resting.golden.drive(layer, &states, drives);
            }
            system::flat(&drives)
        })
        .collect();
    progress.start("breaking the symmetry", 12, "strengths");
    let experiment = symmetry::experiment(subject.network, system, &constants, &|done| {
        progress.reach(done)
    });
    progress.finish();
    experiment
}

/// One set of weights, and the samples that gradients are compared on.
struct Weighted<'a> {
    network: &'a Network,
    weights: &'a Weights,
    golden: Golden,
    system: System,
    compared: &'a [(usize, Sample)],
    differences: usize,
}

type Sections = (
    Cases,
    Section<theorem::Theorem>,
    Section<response::Response>,
    Section<credit::Credit>,
);

impl Weighted<'_> {
    fn sections(
        &self,
        refused: &Option<String>,
        rig: Option<&Rig>,
        progress: &dyn Progress,
    ) -> Result<Sections, AnalysisError> {
        let network = self.network;
        let cases = Cases::new(network, &self.golden, &self.system, self.compared);
        let reason = match (refused, cases.cases.len()) {
            (Some(reason), _) => Some(reason.clone()),
            (None, 0) => Some(format!(
                "none of {} samples can be compared: {} never rest, {} have the gradient 0",
                cases.samples, cases.restless, cases.zero
            )),
            _ => None,
        };
        if let Some(refused) = reason {
            return Ok((
                cases,
                Section::Refused {
                    refused: refused.clone(),
                },
                Section::Refused {
                    refused: refused.clone(),
                },
                Section::Refused { refused },
            ));
        }
        let (golden, weights) = (&self.golden, self.weights);
        let trials = trial::trials(network, golden, weights, &cases, rig, progress)?;
        let mut theorem = theorem::Theorem::new(network, &cases, &trials);
        let reals = golden.weights();
        let few = &cases.cases[..self.differences.min(cases.cases.len())];
        theorem.finite_differences = theorem::differences(network, &reals, few);
        let response = response::Response::new(&cases, &trials);
        let credit = credit::Credit::new(network, golden, &self.system, weights, &cases);
        let credit = match credit {
            Some(credit) => Section::Done(credit),
            None => Section::Refused {
                refused: "no nudged phase of the golden model rests".to_owned(),
            },
        };
        Ok((
            cases,
            Section::Done(theorem),
            Section::Done(response),
            credit,
        ))
    }
}

/// The weights after the first epoch of a bit-true run from the subject's, or after `most` samples of
/// it.
fn one_epoch(
    subject: &Subject,
    data: &Dataset,
    most: usize,
    progress: &dyn Progress,
) -> Result<(Weights, usize), AnalysisError> {
    let network = subject.network;
    let random = Xorshift::seed(network.seed).state();
    let backend = Box::new(BitTrueBackend::new(network, subject.weights, random, 0));
    let epochs = network.learning.epochs;
    let position = Position::default();
    let mut trainer = Trainer::new(network, data, None, epochs, 1, backend, position)?;
    let samples = trainer.samples_per_epoch().min(most);
    progress.start("learning one epoch", samples as u64, "samples");
    const STEP: usize = 256;
    for from in (0..samples).step_by(STEP) {
        trainer.step(STEP.min(samples - from))?;
        progress.reach((from + STEP).min(samples) as u64);
    }
    progress.finish();
    match trainer.backend().parameters()? {
        Parameters::Raw(weights) => Ok((weights, samples)),
        Parameters::Real(_) => unreachable!("the bit-true model has raw weights"),
    }
}
