//! Comparing a model, or hardware, with a reference case.

use super::{Case, ExpectedPhase};
use crate::bittrue::{BitTrue, Mode, Phase};
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
    /// S of rule 6, where the sample is not learned from and only the sign was drawn.
    RandomState,
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

/// Checks the free and nudged phases of all samples against the bit-true model.
pub fn check_bittrue(case: &Case) -> CaseReport {
    check_model(case, &mut BitTrue::new(&case.network))
}

/// Checks a given bit-true model, which must have the shape of the case's network.
///
/// Each sample starts from the weights and the random state that the case gives for it.
pub fn check_model(case: &Case, model: &mut BitTrue) -> CaseReport {
    let mut report = CaseReport::new(case);
    for (index, expected) in case.samples.iter().enumerate() {
        let (weights, mut rng) = case.start(index);
        model.load(weights);
        let outcome = model.run(&expected.sample, Mode::Nudge, &mut rng, &mut ());
        for expected in &expected.phases {
            // A model without the phase counts as one that made no sweep in it.
            let (sweeps, settled) = outcome
                .phase(expected.phase)
                .map_or((0, false), |phase| (phase.sweeps, phase.settled));
            report.phase(index, expected, sweeps, settled, |layer| {
                model.states(expected.phase, layer)
            });
        }
        let learned = case.learned(index);
        report.number(
            index,
            Place::Learned,
            learned.into(),
            outcome.learned.into(),
        );
        if !learned {
            let state = expected.rng_state.into();
            report.number(index, Place::RandomState, state, rng.state().into());
        }
    }
    report
}
