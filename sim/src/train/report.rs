//! What a training run counts and tells.

use serde::{Deserialize, Serialize};

/// Sums over samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    pub samples: u64,
    /// Samples learned from; 0 in an evaluation.
    pub learned: u64,
    /// Right answers of the free phase.
    pub correct: u64,
    /// Σ over samples of the free phase's cost C = ½ Σ_out (x_o − t_o)², in real units.
    pub loss: f64,
    /// Sweeps of all phases.
    pub sweeps: u64,
    /// Phases that `max_sweeps` ended.
    pub unsettled: u64,
    /// Weights and biases that learning saturated.
    pub saturations: u64,
}

impl Counters {
    /// Adds the sums of further samples.
    pub fn add(&mut self, more: &Counters) {
        self.samples += more.samples;
        self.learned += more.learned;
        self.correct += more.correct;
        self.loss += more.loss;
        self.sweeps += more.sweeps;
        self.unsettled += more.unsettled;
        self.saturations += more.saturations;
    }

    /// A sum over the number of samples; 0 without samples.
    fn mean(&self, sum: f64) -> f64 {
        sum / self.samples.max(1) as f64
    }

    /// Part of right answers, 0…1.
    pub fn accuracy(&self) -> f64 {
        self.mean(self.correct as f64)
    }

    /// Mean cost of a sample.
    pub fn mean_loss(&self) -> f64 {
        self.mean(self.loss)
    }
}

/// One epoch of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// From 0.
    pub epoch: u32,
    /// Rate halvings still open in this epoch.
    pub m: u32,
    /// Samples shown.
    pub samples: u64,
    /// Mean cost of the free phase, each sample measured before it is learned from.
    pub train_loss: f64,
    /// Part of right answers, 0…1, measured likewise.
    pub train_accuracy: f64,
    /// Part of right answers on the test part after the epoch.
    pub test_accuracy: f64,
    /// Mean cost on the test part after the epoch.
    pub test_loss: f64,
    /// Sweeps of a training sample, all phases together.
    pub sweeps_per_sample: f64,
    /// Part of the samples that taught nothing (rule 4), 0…1.
    pub not_learned_share: f64,
    /// Training phases that `max_sweeps` ended.
    pub unsettled: u64,
    /// Weights and biases that learning saturated.
    pub saturations: u64,
    /// Time that training took, the test not counted.
    pub seconds: f64,
}

impl EpochReport {
    pub(super) fn new(epoch: u32, m: u32, train: &Counters, test: &Counters, seconds: f64) -> Self {
        Self {
            epoch,
            m,
            samples: train.samples,
            train_loss: train.mean_loss(),
            train_accuracy: train.accuracy(),
            test_accuracy: test.accuracy(),
            test_loss: test.mean_loss(),
            sweeps_per_sample: train.mean(train.sweeps as f64),
            not_learned_share: train.mean((train.samples - train.learned) as f64),
            unsettled: train.unsettled,
            saturations: train.saturations,
            seconds,
        }
    }
}
