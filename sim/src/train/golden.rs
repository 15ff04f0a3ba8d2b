//! Learning in the golden model: the same run in real numbers.

use super::backend::{Backend, Lesson, TrainError};
use super::score::{self, Score};
use crate::bittrue::{Mode, Phase, Sample, Xorshift};
use crate::checkpoint::Parameters;
use crate::data::Dataset;
use crate::golden::{self, Golden, PhaseEnd, Reals, Runner};
use hdl::config::{Network, Nudging};
use ndarray::Array1;
use rayon::prelude::*;

/// The golden model with the random numbers that draw its signs.
#[derive(Clone, Debug)]
pub struct GoldenBackend {
    runner: Runner,
    rng: Xorshift,
    nudging: Nudging,
    fraction: u32,
    batch: usize,
}

impl GoldenBackend {
    /// A model that starts from `weights` and the random state `random` and learns from batches of
    /// `batch` samples.
    pub fn new(network: &Network, weights: &Reals, random: u32, batch: usize) -> Self {
        GoldenBackend {
            runner: Runner::with_golden(network, Golden::with_reals(network, weights)),
            rng: Xorshift::from_state(random),
            nudging: network.phases.nudging,
            fraction: network.formats.state_fraction,
            batch,
        }
    }

    fn draw_sign(&mut self) -> i32 {
        match self.nudging {
            Nudging::RandomSign => self.rng.draw_sign(),
            Nudging::Positive | Nudging::Symmetric => 1,
        }
    }
}

fn lesson(
    runner: &Runner,
    fraction: u32,
    sample: &Sample,
    phases: [Option<PhaseEnd>; 3],
) -> Lesson {
    let phases = || phases.iter().flatten();
    let (answer, cost) = judge(runner, fraction, sample);
    Lesson {
        answer,
        cost,
        learned: runner.taught(),
        saturations: 0,
        sweeps: phases().map(|phase| phase.sweeps).sum(),
        settled: phases().all(|phase| phase.settled),
        activity: runner.activity(),
    }
}

/// The free phase's answer (the lowest of equal outputs; of a single one, whether it is at least ½)
/// and its cost.
fn judge(runner: &Runner, fraction: u32, sample: &Sample) -> (usize, f64) {
    let states = runner.states(Phase::Free);
    let outputs = &states[states.len() - 1];
    let target = Array1::from_iter(
        sample
            .target
            .iter()
            .map(|&raw| crate::bittrue::state_to_real(raw, fraction)),
    );
    let outputs = outputs.as_slice().expect("a vector of its own");
    (
        score::real_answer(outputs),
        runner.golden().cost(states, &target),
    )
}

impl Backend for GoldenBackend {
    fn set_doublings(&mut self, m: u32) -> Result<(), TrainError> {
        self.runner.set_rate_halvings_left(m);
        Ok(())
    }

    fn learn(&mut self, batch: &[Sample], lessons: &mut Vec<Lesson>) -> Result<(), TrainError> {
        let fraction = self.fraction;
        if let ([sample], 1) = (batch, self.batch) {
            let sign = self.draw_sign();
            let phases = self.runner.run(sample, Mode::Learn, sign, |_| ());
            lessons.push(lesson(&self.runner, fraction, sample, phases));
            return Ok(());
        }
        let signs: Vec<i32> = batch.iter().map(|_| self.draw_sign()).collect();
        let runner = &self.runner;
        let nudged: Vec<(Lesson, Option<golden::Lesson>)> = (batch, &signs)
            .into_par_iter()
            .map_init(
                || runner.clone(),
                |runner, (sample, &sign)| {
                    let phases = runner.run(sample, Mode::Nudge, sign, |_| ());
                    (
                        lesson(runner, fraction, sample, phases),
                        runner.taught().then(|| runner.lesson(sign)),
                    )
                },
            )
            .collect();
        let (all, teaching): (Vec<_>, Vec<_>) = nudged.into_iter().unzip();
        let teaching: Vec<_> = teaching.into_iter().flatten().collect();
        lessons.extend(all);
        self.runner.learn_batch(&teaching, self.batch);
        Ok(())
    }

    fn score(&mut self, data: &Dataset, indices: &[usize]) -> Result<Score, TrainError> {
        let fraction = self.fraction;
        Ok(score::parallel(indices, || {
            let mut runner = self.runner.clone();
            let mut sample = Sample::default();
            move |index| {
                data.sample_into(index, fraction, &mut sample);
                runner.run(&sample, Mode::Infer, 1, |_| ());
                let (answer, cost) = judge(&runner, fraction, &sample);
                (answer == data.label(index), cost)
            }
        }))
    }

    fn parameters(&mut self) -> Result<Parameters, TrainError> {
        Ok(Parameters::Real(self.runner.weights()))
    }

    fn saturates(&self) -> bool {
        false
    }

    fn random_state(&mut self) -> Result<u32, TrainError> {
        Ok(self.rng.state())
    }
}
