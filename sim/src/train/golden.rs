//! Training in real numbers, the measure of what the number formats cost.

use std::convert::Infallible;

use super::{judge, Backend, Counters, Part};
use crate::bittrue::{Mode, Phase, Sample, Xorshift};
use crate::golden::{Golden, Lesson, PhaseEnd, Reals, Runner};
use crate::weights::Weights;
use hdl::config::{Network, Nudging};
use rayon::prelude::*;

/// The golden model. Inputs and targets are those of the other backends, rounded to F bits; S
/// serves `random_sign` alone. Batches of any size learn from the mean.
#[derive(Clone, Debug)]
pub struct GoldenBackend {
    network: Network,
    runner: Runner,
    rng: Xorshift,
    m: u32,
}

impl GoldenBackend {
    /// With the network's seeded initial weights, on the grid of the formats, and S₀.
    pub fn new(network: &Network) -> Self {
        Self {
            runner: Runner::new(network, &Weights::initial(network)),
            rng: Xorshift::seed(network.seed),
            m: network.learning.halvings,
            network: network.clone(),
        }
    }

    /// σ of the next sample, as rule 6 draws it.
    fn sign(&mut self) -> i32 {
        match self.network.phases.nudging {
            Nudging::RandomSign => self.rng.draw_sign(),
            Nudging::Positive | Nudging::Symmetric => 1,
        }
    }

    fn count(
        &self,
        runner: &Runner,
        ends: &[Option<PhaseEnd>; 3],
        sample: &Sample,
        label: usize,
    ) -> Counters {
        let outputs = &runner.states(Phase::Free)[self.network.output()];
        let fraction = self.network.formats.state_fraction;
        let (answer, loss) = judge(outputs.iter().copied(), &sample.target, fraction);
        let ends = || ends.iter().flatten();
        Counters {
            samples: 1,
            learned: u64::from(ends().count() > 1 && runner.taught()),
            correct: u64::from(answer == label),
            loss,
            sweeps: ends().map(|end| u64::from(end.sweeps)).sum(),
            unsettled: ends().filter(|end| !end.settled).count() as u64,
            saturations: 0,
        }
    }
}

impl Backend for GoldenBackend {
    type Parameters = Reals;
    type Error = Infallible;

    fn name(&self) -> &'static str {
        "golden"
    }

    fn set_rate_halvings_left(&mut self, m: u32) -> Result<(), Infallible> {
        self.runner.set_rate_halvings_left(m);
        self.m = m;
        Ok(())
    }

    fn train(
        &mut self,
        samples: &[Sample],
        labels: &[usize],
        size: usize,
    ) -> Result<Counters, Infallible> {
        if let ([sample], [label], 1) = (samples, labels, size) {
            let sign = self.sign();
            let ends = self.runner.run(sample, Mode::Learn, sign, |_| ());
            return Ok(self.count(&self.runner, &ends, sample, *label));
        }
        let signs: Vec<i32> = samples.iter().map(|_| self.sign()).collect();
        let share = samples.len().div_ceil(rayon::current_num_threads());
        let jobs = samples.par_chunks(share).zip(labels.par_chunks(share));
        let this = &*self;
        let results: Vec<(Counters, Lesson)> = jobs
            .zip(signs.par_chunks(share))
            .map(|((samples, labels), signs)| {
                let mut runner = this.runner.clone();
                let each = samples.iter().zip(labels).zip(signs);
                each.map(|((sample, &label), &sign)| {
                    let ends = runner.run(sample, Mode::Nudge, sign, |_| ());
                    let counters = this.count(&runner, &ends, sample, label);
                    (counters, runner.lesson(sign))
                })
                .collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect();
        let mut counters = Counters::default();
        results.iter().for_each(|(more, _)| counters.add(more));
        let lessons: Vec<Lesson> = results.into_iter().map(|(_, lesson)| lesson).collect();
        self.runner.learn_batch(&lessons, size);
        Ok(counters)
    }

    fn evaluate(&mut self, part: &Part) -> Result<Counters, Infallible> {
        let share = part.len().div_ceil(rayon::current_num_threads()).max(1);
        let fraction = self.network.formats.state_fraction;
        let this = &*self;
        let each: Vec<Counters> = (part.indices.par_chunks(share))
            .map(|indices| {
                let mut runner = this.runner.clone();
                let mut sample = Sample::default();
                let each = indices.iter().map(|&index| {
                    part.data.sample_into(index, fraction, &mut sample);
                    let ends = runner.run(&sample, Mode::Infer, 1, |_| ());
                    this.count(&runner, &ends, &sample, part.data.label(index))
                });
                each.collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect();
        // In the order of the samples: sums of reals depend on it.
        let mut counters = Counters::default();
        each.iter().for_each(|more| counters.add(more));
        Ok(counters)
    }

    fn parameters(&mut self) -> Result<Reals, Infallible> {
        Ok(self.runner.weights())
    }

    fn load(&mut self, parameters: &Reals) -> Result<(), Infallible> {
        let golden = Golden::with_reals(&self.network, parameters);
        self.runner = Runner::with_golden(&self.network, golden);
        self.runner.set_rate_halvings_left(self.m);
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
