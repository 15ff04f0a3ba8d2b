//! Learning in the bit-true model: what the hardware does, fast.

use super::backend::{Backend, Lesson, TrainError};
use super::score::{self, Score};
use crate::bittrue::{self, BitTrue, Mode, Observer, Outcome, Sample, Xorshift};
use crate::checkpoint::Parameters;
use crate::data::Dataset;
use crate::weights::Weights;
use hdl::config::{Network, Nudging};
use rayon::prelude::*;

/// The bit-true model with its random numbers.
#[derive(Clone, Debug)]
pub struct BitTrueBackend {
    pub(super) model: BitTrue,
    pub(super) rng: Xorshift,
    pub(super) fraction: u32,
    nudging: Nudging,
    /// A batch has 2^`batch_shift` samples.
    batch_shift: u32,
}

impl BitTrueBackend {
    /// A model that starts from `weights` and the random state `random` and learns from batches of
    /// 2^`batch_shift` samples.
    pub fn new(network: &Network, weights: &Weights, random: u32, batch_shift: u32) -> Self {
        let mut model = BitTrue::new(network);
        model.load(weights);
        BitTrueBackend {
            model,
            rng: Xorshift::from_state(random),
            fraction: network.formats.state_fraction,
            nudging: network.phases.nudging,
            batch_shift,
        }
    }

    /// Learns from one sample as the hardware does, watched by an observer.
    pub(super) fn learn_one(&mut self, sample: &Sample, observer: &mut impl Observer) -> Lesson {
        let outcome = self.model.run(sample, Mode::Learn, &mut self.rng, observer);
        lesson(&self.model, self.fraction, sample, &outcome)
    }

    /// Nudges all samples of a batch from the same weights, on all threads, then learns from all.
    fn learn_batch(&mut self, batch: &[Sample], lessons: &mut Vec<Lesson>) {
        // Signs are drawn in the order of the samples, whatever thread nudges them.
        let random: Vec<(Xorshift, i32)> = (batch.iter())
            .map(|_| match self.nudging {
                Nudging::RandomSign => (self.rng, self.rng.draw_sign()),
                Nudging::Positive | Nudging::Symmetric => (self.rng, 1),
            })
            .collect();
        let (model, fraction) = (&self.model, self.fraction);
        let nudged: Vec<(Lesson, Option<bittrue::Lesson>)> = (batch, &random)
            .into_par_iter()
            .map_init(
                || model.clone(),
                |model, (sample, (rng, sign))| {
                    let outcome = model.run(sample, Mode::Nudge, &mut rng.clone(), &mut ());
                    let teaches = outcome.learned.then(|| model.lesson(sample, *sign));
                    (lesson(model, fraction, sample, &outcome), teaches)
                },
            )
            .collect();
        let from = lessons.len();
        let mut teaching = vec![];
        for (lesson, teaches) in nudged {
            lessons.push(lesson);
            teaching.extend(teaches);
        }
        let saturations = self
            .model
            .learn_batch(&teaching, self.batch_shift, &mut self.rng);
        lessons[from].saturations = saturations;
    }
}

/// The lesson that an outcome of the model is.
fn lesson(model: &BitTrue, fraction: u32, sample: &Sample, outcome: &Outcome) -> Lesson {
    Lesson {
        answer: answer(model, outcome, fraction),
        cost: cost(model.outputs(), &sample.target, fraction),
        learned: outcome.learned,
        saturations: outcome.saturations,
        sweeps: outcome.sweeps(),
        settled: outcome.phases().all(|phase| phase.settled),
        activity: outcome.activity,
    }
}

fn answer(model: &BitTrue, outcome: &Outcome, fraction: u32) -> usize {
    let outputs = model.outputs();
    score::answer(outcome.answer, outputs.len(), outputs[0], fraction)
}

/// ½ Σ (x − t)² of raw states, in units of 1.
fn cost(states: &[u16], targets: &[u16], fraction: u32) -> f64 {
    let squares = states.iter().zip(targets).map(|(&x, &t)| {
        let distance = u64::from(x.abs_diff(t));
        distance * distance
    });
    // Below 2^53, so the sum is exact.
    squares.sum::<u64>() as f64 / 2.0 / (1u64 << (2 * fraction)) as f64
}

/// Right answers and cost of samples of `data` with the weights of a model whose states have `fraction` bits.
pub fn answered(model: &BitTrue, fraction: u32, data: &Dataset, indices: &[usize]) -> Score {
    score::parallel(indices, || {
        let mut model = model.clone();
        let mut sample = Sample::default();
        move |index| {
            data.sample_into(index, fraction, &mut sample);
            // Nothing is drawn where there is no nudging.
            let rng = &mut Xorshift::from_state(1);
            let outcome = model.run(&sample, Mode::Infer, rng, &mut ());
            let cost = cost(model.outputs(), &sample.target, fraction);
            let answer = answer(&model, &outcome, fraction);
            (answer == data.label(index), cost)
        }
    })
}

impl Backend for BitTrueBackend {
    fn set_doublings(&mut self, m: u32) -> Result<(), TrainError> {
        self.model.set_rate_halvings_left(m);
        Ok(())
    }

    fn learn(&mut self, batch: &[Sample], lessons: &mut Vec<Lesson>) -> Result<(), TrainError> {
        match batch {
            [sample] if self.batch_shift == 0 => lessons.push(self.learn_one(sample, &mut ())),
            _ => self.learn_batch(batch, lessons),
        }
        Ok(())
    }

    fn score(&mut self, data: &Dataset, indices: &[usize]) -> Result<Score, TrainError> {
        Ok(answered(&self.model, self.fraction, data, indices))
    }

    fn parameters(&mut self) -> Result<Parameters, TrainError> {
        Ok(Parameters::Raw(self.model.weights()))
    }

    fn random_state(&mut self) -> Result<u32, TrainError> {
        Ok(self.rng.state())
    }
}
