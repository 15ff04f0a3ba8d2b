//! Comparing a model, or hardware, with a reference case.

use super::{Case, ExpectedPhase};
use crate::bittrue::{BitTrue, Mode, Phase, Xorshift};
use crate::weights::Weights;
use hdl::arch::schedule::Parameter;
use std::fmt;

/// How many numbers of one case were compared, and which differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseReport {
    pub case: String,
    pub compared: u64,
    pub mismatches: Vec<Mismatch>,
}

/// A number that is not what the case says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Index of the sample in the case.
    pub sample: usize,
    pub place: Place,
    pub expected: i64,
    pub got: i64,
}

/// Which number of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Raw state at the end of a phase.
    State {
        phase: Phase,
        layer: usize,
        unit: usize,
    },
    /// Sweeps of a phase.
    Sweeps(Phase),
    /// Whether a phase settled, 1 or 0.
    Settled(Phase),
    /// Whether the sample is learned from (rule 4), 1 or 0.
    Learned,
    /// S of rule 6 after the sample.
    RandomState,
    /// Raw weight or bias after the sample.
    Weight(Parameter),
    /// Saturated weights and biases, counted from the case's start.
    Saturations,
    /// Samples not learned from, counted from the case's start.
    NotLearned,
    /// Spikes of free units, counted from the case's start.
    Spikes,
}

/// What learning carries from sample to sample beside the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LearningState {
    /// Saturated weights and biases since the case's start.
    pub saturations: u64,
    /// Samples not learned from since the case's start.
    pub not_learned: u64,
    /// Spikes of free units since the case's start.
    pub spikes: u64,
    /// S of rule 6.
    pub random: u32,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "sample {}, ", self.sample)?;
        match self.place {
            Place::State { phase, layer, unit } => {
                write!(f, "{phase}, layer {layer}, unit {unit}: state")?
            }
            Place::Sweeps(phase) => write!(f, "{phase}: sweeps")?,
            Place::Settled(phase) => write!(f, "{phase}: settled")?,
            Place::Learned => write!(f, "learned from")?,
            Place::RandomState => write!(f, "random state")?,
            Place::Weight(parameter) => write!(f, "{parameter}")?,
            Place::Saturations => write!(f, "saturations so far")?,
            Place::NotLearned => write!(f, "samples not learned from so far")?,
            Place::Spikes => write!(f, "spikes so far")?,
        }
        write!(f, ": expected {}, got {}", self.expected, self.got)
    }
}

impl CaseReport {
    /// A report on which nothing has been compared yet.
    pub fn new(case: &Case) -> Self {
        Self {
            case: case.name.clone(),
            compared: 0,
            mismatches: Vec::new(),
        }
    }

    /// Something was compared and nothing differs.
    pub fn passed(&self) -> bool {
        self.compared > 0 && self.mismatches.is_empty()
    }

    /// Compares how a phase of a sample ended; `states(layer)` are the raw states of a free layer.
    pub fn phase<'a>(
        &mut self,
        sample: usize,
        expected: &ExpectedPhase,
        sweeps: u32,
        settled: bool,
        states: impl Fn(usize) -> &'a [u16],
    ) {
        let phase = expected.phase;
        self.number(
            sample,
            Place::Sweeps(phase),
            expected.sweeps.into(),
            sweeps.into(),
        );
        self.number(
            sample,
            Place::Settled(phase),
            expected.settled.into(),
            settled.into(),
        );
        for (layer, expected) in (1..).zip(&expected.states) {
            let states = states(layer);
            assert_eq!(states.len(), expected.len(), "states of layer {layer}");
            for (unit, (&expected, &got)) in expected.iter().zip(states).enumerate() {
                self.number(
                    sample,
                    Place::State { phase, layer, unit },
                    expected.into(),
                    got.into(),
                );
            }
        }
    }

    /// Compares everything that learning from sample `index` of the case left behind.
    pub fn learning(
        &mut self,
        case: &Case,
        index: usize,
        learned: bool,
        state: &LearningState,
        weights: &Weights,
    ) {
        let expected = &case.samples[index];
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        for (place, expected, got) in [
            (Place::Learned, case.learned(index).into(), learned.into()),
            (
                Place::NotLearned,
                count(expected.not_learned),
                count(state.not_learned),
            ),
            (
                Place::Saturations,
                count(expected.saturations),
                count(state.saturations),
            ),
            (
                Place::RandomState,
                expected.rng_state.into(),
                state.random.into(),
            ),
        ] {
            self.number(index, place, expected, got);
        }
        if let Some(spikes) = expected.spikes {
            self.number(index, Place::Spikes, count(spikes), count(state.spikes));
        }
        self.weights(index, &expected.weights, weights);
    }

    /// Compares all weights and biases; both must have the shape of the case's network.
    pub fn weights(&mut self, sample: usize, expected: &Weights, got: &Weights) {
        for (parameter, expected, got) in expected.pairs(got) {
            self.number(
                sample,
                Place::Weight(parameter),
                expected.into(),
                got.into(),
            );
        }
    }

    /// Compares one number.
    pub fn number(&mut self, sample: usize, place: Place, expected: i64, got: i64) {
        self.compared += 1;
        if expected != got {
            self.mismatches.push(Mismatch {
                sample,
                place,
                expected,
                got,
            });
        }
    }
}

/// Checks every number of all samples against the bit-true model.
pub fn check_bittrue(case: &Case) -> CaseReport {
    check_model(case, &mut BitTrue::new(&case.network))
}

/// Checks a given bit-true model, which must have the shape of the case's network.
///
/// The case runs as a whole: only the first sample gets weights and a random state, every other
/// one starts from what the model made of them.
pub fn check_model(case: &Case, model: &mut BitTrue) -> CaseReport {
    let mut report = CaseReport::new(case);
    let mut learning = LearningState {
        random: Xorshift::seed(case.network.seed).state(),
        ..LearningState::default()
    };
    model.load(&case.initial);
    for (index, expected) in case.samples.iter().enumerate() {
        model.set_rate_halvings_left(expected.m);
        let mut rng = Xorshift::from_state(learning.random);
        let outcome = model.run(&expected.sample, Mode::Learn, &mut rng, &mut ());
        for expected in &expected.phases {
            // A model without the phase counts as one that made no sweep in it.
            let (sweeps, settled) = outcome
                .phase(expected.phase)
                .map_or((0, false), |phase| (phase.sweeps, phase.settled));
            report.phase(index, expected, sweeps, settled, |layer| {
                model.states(expected.phase, layer)
            });
        }
        learning.saturations += u64::from(outcome.saturations);
        learning.not_learned += u64::from(!outcome.learned);
        learning.spikes += outcome.activity.map_or(0, |activity| activity.spikes);
        learning.random = rng.state();
        report.learning(case, index, outcome.learned, &learning, &model.weights());
    }
    report
}
