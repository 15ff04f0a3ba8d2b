//! Learning in the bit-true model that tells of every sample what its cycles on hardware depend on.

use super::backend::{Backend, Lesson, TrainError};
use super::bittrue::BitTrueBackend;
use super::score::Score;
use crate::bittrue::Sample;
use crate::checkpoint::Parameters;
use crate::data::Dataset;
use crate::lockstep::Record;
use crate::weights::Weights;
use hdl::arch::schedule::Trace;
use hdl::config::Network;

/// The bit-true backend, one sample at a time as hardware learns, with someone who is told of each.
pub struct TracedBackend<F> {
    backend: BitTrueBackend,
    record: Record,
    tell: F,
}

impl<F: FnMut(&Trace)> TracedBackend<F> {
    /// A model that starts from `weights` and the random state `random`; `tell` hears of every sample that it
    /// learns from.
    pub fn new(network: &Network, weights: &Weights, random: u32, tell: F) -> Self {
        TracedBackend {
            backend: BitTrueBackend::new(network, weights, random, 0),
            record: Record::new(network),
            tell,
        }
    }
}

impl<F: FnMut(&Trace)> Backend for TracedBackend<F> {
    fn set_doublings(&mut self, m: u32) -> Result<(), TrainError> {
        self.backend.set_doublings(m)
    }

    fn learn(&mut self, batch: &[Sample], lessons: &mut Vec<Lesson>) -> Result<(), TrainError> {
        for sample in batch {
            self.record.clear();
            lessons.push(self.backend.learn_one(sample, &mut self.record));
            (self.tell)(&self.record.trace);
        }
        Ok(())
    }

    fn score(&mut self, data: &Dataset, indices: &[usize]) -> Result<Score, TrainError> {
        self.backend.score(data, indices)
    }

    fn parameters(&mut self) -> Result<Parameters, TrainError> {
        self.backend.parameters()
    }

    fn random_state(&mut self) -> Result<u32, TrainError> {
        self.backend.random_state()
    }
}
