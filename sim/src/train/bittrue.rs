//! Training in the integers of the hardware.

use std::convert::Infallible;

use super::{judge, Backend, Counters, Part};
use crate::bittrue::{state_to_real, BitTrue, Lesson, Mode, Outcome, Phase, Sample, Xorshift};
use crate::weights::Weights;
use hdl::config::{Network, Nudging};
use rayon::prelude::*;

/// The bit-true model, learning exactly as the hardware does. Batches (a power of two, up to
/// 2^[`MAX_BATCH_SHIFT`](crate::bittrue::MAX_BATCH_SHIFT)) learn as [`BitTrue::learn_batch`] says.
#[derive(Clone, Debug)]
pub struct BitTrueBackend {
    model: BitTrue,
    rng: Xorshift,
    draws_sign: bool,
    fraction: u32,
}

impl BitTrueBackend {
    /// With the network's seeded initial weights and S₀.
    pub fn new(network: &Network) -> Self {
        let mut model = BitTrue::new(network);
        model.load(&Weights::initial(network));
        Self {
            model,
            rng: Xorshift::seed(network.seed),
            draws_sign: network.phases.nudging == Nudging::RandomSign,
            fraction: network.formats.state_fraction,
        }
    }

    /// The samples of a batch, all from the same weights.
    fn batch(&mut self, samples: &[Sample], labels: &[usize], size: usize) -> Counters {
        // Each sample's sign is the draw it would make in turn, whichever thread runs it.
        let rngs: Vec<Xorshift> = samples
            .iter()
            .map(|_| {
                let start = self.rng;
                if self.draws_sign {
                    self.rng.advance();
                }
                start
            })
            .collect();
        let share = samples.len().div_ceil(rayon::current_num_threads());
        let jobs = samples.par_chunks(share).zip(labels.par_chunks(share));
        let jobs = jobs.zip(rngs.par_chunks(share));
        let results: Vec<(Counters, Option<Lesson>)> = jobs
            .map(|((samples, labels), rngs)| {
                let mut model = self.model.clone();
                let each = samples.iter().zip(labels).zip(rngs);
                each.map(|((sample, &label), &rng)| {
                    let outcome = model.run(sample, Mode::Nudge, &mut rng.clone(), &mut ());
                    let sign = outcome.phase(Phase::Nudged).map_or(1, |phase| phase.sign);
                    let lesson = outcome.learned.then(|| model.lesson(sample, sign));
                    (
                        count(&model, &outcome, sample, label, self.fraction),
                        lesson,
                    )
                })
                .collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect();
        let mut counters = Counters::default();
        results.iter().for_each(|(more, _)| counters.add(more));
        let lessons: Vec<Lesson> = results.into_iter().filter_map(|(_, it)| it).collect();
        let saturations = self
            .model
            .learn_batch(&lessons, size.ilog2(), &mut self.rng);
        counters.saturations += u64::from(saturations);
        counters
    }
}

fn count(
    model: &BitTrue,
    outcome: &Outcome,
    sample: &Sample,
    label: usize,
    fraction: u32,
) -> Counters {
    let outputs = model.outputs().iter();
    let outputs = outputs.map(|&state| state_to_real(state, fraction));
    let (answer, loss) = judge(outputs, &sample.target, fraction);
    Counters {
        samples: 1,
        learned: outcome.learned.into(),
        correct: u64::from(answer == label),
        loss,
        sweeps: outcome.sweeps().into(),
        unsettled: outcome.phases().filter(|phase| !phase.settled).count() as u64,
        saturations: outcome.saturations.into(),
    }
}

impl Backend for BitTrueBackend {
    type Parameters = Weights;
    type Error = Infallible;

    fn name(&self) -> &'static str {
        "bittrue"
    }

    fn set_rate_halvings_left(&mut self, m: u32) -> Result<(), Infallible> {
        self.model.set_rate_halvings_left(m);
        Ok(())
    }

    fn train(
        &mut self,
        samples: &[Sample],
        labels: &[usize],
        size: usize,
    ) -> Result<Counters, Infallible> {
        assert!(size.is_power_of_two(), "a batch of {size}");
        let ([sample], [label], 1) = (samples, labels, size) else {
            return Ok(self.batch(samples, labels, size));
        };
        let outcome = self.model.run(sample, Mode::Learn, &mut self.rng, &mut ());
        Ok(count(&self.model, &outcome, sample, *label, self.fraction))
    }

    fn evaluate(&mut self, part: &Part) -> Result<Counters, Infallible> {
        let share = part.len().div_ceil(rayon::current_num_threads()).max(1);
        let each: Vec<Counters> = (part.indices.par_chunks(share))
            .map(|indices| {
                let mut model = self.model.clone();
                let mut sample = Sample::default();
                let each = indices.iter().map(|&index| {
                    part.data.sample_into(index, self.fraction, &mut sample);
                    // Inference draws nothing.
                    let outcome = model.run(&sample, Mode::Infer, &mut Xorshift::seed(0), &mut ());
                    let label = part.data.label(index);
                    count(&model, &outcome, &sample, label, self.fraction)
                });
                each.collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect();
        let mut counters = Counters::default();
        each.iter().for_each(|more| counters.add(more));
        Ok(counters)
    }

    fn parameters(&mut self) -> Result<Weights, Infallible> {
        Ok(self.model.weights())
    }

    fn load(&mut self, parameters: &Weights) -> Result<(), Infallible> {
        self.model.load(parameters);
        Ok(())
    }

    fn random_state(&self) -> u32 {
        self.rng.state()
    }

    fn set_random_state(&mut self, state: u32) -> Result<(), Infallible> {
        self.rng = Xorshift::from_state(state);
        Ok(())
    }
}
