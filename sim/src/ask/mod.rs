//! What trained weights answer, sample by sample, in each of the three implementations; `judge` says how good that is,
//! `settle` how the models come to rest.

mod judge;
pub mod settle;
#[cfg(test)]
mod tests;

use hdl::arch::stream::{dense, Purpose};
use hdl::config::Network;
use rayon::prelude::*;

use crate::bittrue::{state_to_real, BitTrue, Mode, Phase, Sample, Xorshift};
use crate::data::Dataset;
use crate::engine::Engine;
use crate::golden::{Golden, Reals, Runner};
use crate::progress::Progress;
use crate::train::{answer, real_answer, TrainError};
use crate::weights::Weights;

pub use judge::{Class, Judgement, Quality};

/// The answer to one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// States of the output units after the free phase, 0…1.
    pub outputs: Vec<f64>,
    /// The class: the largest output, the lowest on a tie; of a single output whether it is at least ½.
    pub answer: usize,
    /// Sweeps, or time steps, of the free phase.
    pub sweeps: u32,
    pub settled: bool,
}

impl Reply {
    /// How far the answer is from another one, 0…1: the largest output less the next; of a single output twice its
    /// distance from ½.
    pub fn margin(&self) -> f64 {
        if let [only] = self.outputs[..] {
            return (2.0 * only - 1.0).abs();
        }
        let others = self.outputs.iter().enumerate();
        let next = others.filter(|&(unit, _)| unit != self.answer);
        self.outputs[self.answer] - next.map(|(_, &state)| state).fold(0.0, f64::max)
    }
}

/// Answers of the bit-true model, on all threads.
///
/// # Panics
/// If there is no such sample; so also below.
pub fn bittrue(
    network: &Network,
    weights: &Weights,
    data: &Dataset,
    indices: &[usize],
) -> Vec<Reply> {
    let fraction = network.formats.state_fraction;
    let mut model = BitTrue::new(network);
    model.load(weights);
    let work = || (model.clone(), Sample::default());
    let reply = |(model, sample): &mut (BitTrue, Sample), &index: &usize| {
        data.sample_into(index, fraction, sample);
        // Nothing is drawn where there is no nudging.
        let rng = &mut Xorshift::from_state(1);
        let outcome = model.run(sample, Mode::Infer, rng, &mut ());
        let outputs = model.outputs();
        let settled = outcome.phases().all(|phase| phase.settled);
        Reply {
            answer: answer(outcome.answer, outputs.len(), outputs[0], fraction),
            outputs: real(outputs, fraction),
            sweeps: outcome.sweeps(),
            settled,
        }
    };
    indices.par_iter().map_init(work, reply).collect()
}

/// Answers of the golden model, on all threads.
pub fn golden(network: &Network, weights: &Reals, data: &Dataset, indices: &[usize]) -> Vec<Reply> {
    let fraction = network.formats.state_fraction;
    let runner = Runner::with_golden(network, Golden::with_reals(network, weights));
    let work = || (runner.clone(), Sample::default());
    let reply = |(runner, sample): &mut (Runner, Sample), &index: &usize| {
        data.sample_into(index, fraction, sample);
        let phases = runner.run(sample, Mode::Infer, 1, |_| ());
        let phases = || phases.iter().flatten();
        let states = runner.states(Phase::Free);
        let outputs = states[states.len() - 1].to_vec();
        Reply {
            answer: real_answer(&outputs),
            outputs,
            sweeps: phases().map(|phase| phase.sweeps).sum(),
            settled: phases().all(|phase| phase.settled),
        }
    };
    indices.par_iter().map_init(work, reply).collect()
}

/// Answers of the hardware, one after another.
///
/// # Errors
/// It does not answer.
pub fn hardware(
    engine: &mut Engine,
    data: &Dataset,
    indices: &[usize],
    progress: &dyn Progress,
) -> Result<Vec<Reply>, TrainError> {
    let fraction = engine.plan().network.formats.state_fraction;
    let mut replies = Vec::with_capacity(indices.len());
    for &index in indices {
        let sample = data.sample(index, fraction);
        let (_, response) = engine.sample(&sample, Purpose::Infer)?;
        let samples = replies.len() as u64 + 1;
        let lost = TrainError::Response { samples };
        let Some((response, given)) = response
            .as_ref()
            .and_then(|response| Some((response, response.answer.as_ref()?)))
        else {
            return Err(lost);
        };
        let outputs = dense(given, data.outputs());
        replies.push(Reply {
            answer: answer(given.1, outputs.len(), outputs[0], fraction),
            outputs: real(&outputs, fraction),
            sweeps: response.sweeps(),
            settled: response.settled(),
        });
        progress.reach(samples);
    }
    Ok(replies)
}

fn real(outputs: &[u16], fraction: u32) -> Vec<f64> {
    let real = |&state: &u16| state_to_real(state, fraction);
    outputs.iter().map(real).collect()
}
