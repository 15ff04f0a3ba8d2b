//! The bit-true model beside a board: what each answer and each weight must be.

use std::fmt;

use hdl::arch::stream::{PairResponse, Response};
use hdl::arch::Plan;
use serde::Serialize;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::data::Dataset;
use sim::lockstep::{expected, Part, Record};
use sim::train::{answered, Score};
use sim::weights::Weights;

/// A model that sees what the board sees.
pub struct Shadow {
    plan: Plan,
    model: BitTrue,
    rng: Xorshift,
    record: Record,
    pub comparison: Comparison,
}

/// What was compared.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Comparison {
    /// Answers to samples: outputs, sweeps, flags, saturations and cycles.
    pub compared_answers: u64,
    pub answer_mismatches: u64,
    /// Weights, biases and the state of the random numbers, read back.
    pub compared_writes: u64,
    pub mismatches: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_difference: Option<String>,
}

impl Comparison {
    pub fn equal(&self) -> bool {
        self.mismatches == 0 && self.answer_mismatches == 0
    }

    /// What was received in answer to so many samples, beside what was expected.
    fn answers<T: PartialEq + fmt::Debug>(&mut self, samples: u64, expected: &T, received: &T) {
        let first = self.compared_answers + 1;
        self.compared_answers += samples;
        if received != expected {
            self.answer_mismatches += samples;
            self.first_difference.get_or_insert_with(|| {
                format!("answer {first}: {expected:?} expected, {received:?} received")
            });
        }
    }

    /// One line for people.
    pub fn text(&self) -> String {
        let first = self.first_difference.as_deref();
        let first = first.map_or(String::new(), |first| format!("; the first: {first}"));
        format!(
            "{} answers and {} weights compared with the bit-true model, {} and {} differ{first}",
            self.compared_answers, self.compared_writes, self.answer_mismatches, self.mismatches
        )
    }
}

impl Shadow {
    /// A model with the board's weights and random numbers.
    pub fn new(plan: &Plan, weights: &Weights, random: u32) -> Shadow {
        let mut model = BitTrue::new(&plan.network);
        model.load(weights);
        Shadow {
            model,
            rng: Xorshift::from_state(random),
            record: Record::new(&plan.network),
            comparison: Comparison::default(),
            plan: plan.clone(),
        }
    }

    pub fn set_doublings(&mut self, m: u32) {
        self.model.set_rate_halvings_left(m);
    }

    /// The board was loaded with other weights.
    pub fn load(&mut self, weights: &Weights) {
        self.model.load(weights);
    }

    /// What the board's weights must be.
    pub fn weights(&self) -> Weights {
        self.model.weights()
    }

    /// How well samples are answered with the board's weights.
    pub fn score(&self, data: &Dataset, indices: &[usize]) -> Score {
        let fraction = self.plan.network.formats.state_fraction;
        answered(&self.model, fraction, data, indices)
    }

    /// Shows the model what the board was shown, and compares the board's answer.
    pub fn compare(&mut self, sample: &Sample, mode: Mode, response: &Response) {
        self.record.clear();
        let (rng, record) = (&mut self.rng, &mut self.record);
        let outcome = self.model.run(sample, mode, rng, record);
        let cost = self.plan.predict(&self.record.trace, true);
        let expected = expected(&self.plan, &self.model, &self.record, &outcome, cost);
        self.comparison.answers(1, &expected, response);
    }

    /// The same of two samples that the board ran by turns.
    pub fn compare_pair(&mut self, samples: [&Sample; 2], response: &PairResponse) {
        let (network, model, rng) = (&self.plan.network, &mut self.model, &mut self.rng);
        let parts = samples.map(|sample| Part::run(network, model, rng, sample));
        let traces = parts.each_ref().map(|part| &part.record.trace);
        let expected = Part::expected(&parts, self.plan.predict_pair(traces, true));
        self.comparison.answers(2, &expected, response);
    }

    /// Compares weights and random state that were read back.
    pub fn compare_weights(&mut self, read: &Weights, random: u32) {
        let expected = self.model.weights();
        let comparison = &mut self.comparison;
        let mut differs = |what: String| {
            comparison.mismatches += 1;
            comparison.first_difference.get_or_insert(what);
        };
        for (parameter, expected, read) in expected.pairs(read) {
            comparison.compared_writes += 1;
            if expected != read {
                differs(format!("{parameter}: {expected} expected, {read} read"));
            }
        }
        comparison.compared_writes += 1;
        if random != self.rng.state() {
            let expected = self.rng.state();
            differs(format!(
                "random state: {expected:08x} expected, {random:08x} read"
            ));
        }
    }
}
