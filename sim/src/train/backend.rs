//! What can learn: one sample in, one lesson out.

use super::Score;
use crate::bittrue::{Activity, Sample};
use crate::checkpoint::Parameters;
use crate::data::Dataset;
use crate::verilate::RunError;

/// What one training sample gave. Answer and cost are those of the free phase, before the weights change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lesson {
    /// The network's answer (rule 8).
    pub answer: usize,
    /// C = ½ Σ (x − t)² over the outputs, states in 0…1.
    pub cost: f64,
    /// The nudge moved something, so the weights may have changed (rule 4).
    pub learned: bool,
    /// Weights and biases that saturated.
    pub saturations: u32,
    /// Sweeps, or time steps, over all phases.
    pub sweeps: u32,
    /// Every phase settled.
    pub settled: bool,
    /// Of spiking units; none of rates.
    pub activity: Option<Activity>,
}

/// Why training stopped.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The hardware does not answer.
    #[error(transparent)]
    Run(#[from] RunError),
    /// The hardware's response is none.
    #[error("after {samples} samples the hardware's response is not one to a sample")]
    Response { samples: u64 },
    /// Hardware and bit-true model went apart.
    #[error("after {samples} samples {weights} weights and biases of the hardware differ from the bit-true model's, the first: {first}")]
    Differs {
        samples: u64,
        weights: usize,
        first: String,
    },
}

/// Clock cycles of hardware.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cycles {
    /// In which the core was busy.
    pub busy: u64,
    /// From each sample's first word to its last one answered.
    pub stream: u64,
}

/// A model or hardware that learns from batches of samples; hardware from batches of one.
pub trait Backend {
    /// Sets m of rule 7: every rate is 2^(m − M) of the network's.
    ///
    /// # Errors
    /// The hardware does not answer; so also below.
    fn set_doublings(&mut self, m: u32) -> Result<(), TrainError>;

    /// Shows the samples of a batch and learns from them; one lesson for each is added to `lessons`.
    fn learn(&mut self, batch: &[Sample], lessons: &mut Vec<Lesson>) -> Result<(), TrainError>;

    /// Answers to samples `indices` of `data` with the present weights; nothing is learned or drawn.
    fn score(&mut self, data: &Dataset, indices: &[usize]) -> Result<Score, TrainError>;

    /// The present weights and biases.
    fn parameters(&mut self) -> Result<Parameters, TrainError>;

    /// Holds hardware beside its model, so that nothing is kept of hardware that went its own way.
    ///
    /// # Errors
    /// Also: they differ.
    fn check(&mut self) -> Result<(), TrainError> {
        Ok(())
    }

    /// Weights have bits that saturate; real numbers have none.
    fn saturates(&self) -> bool {
        true
    }

    /// Clock cycles of all samples so far; `None` for a model.
    fn cycles(&self) -> Option<Cycles> {
        None
    }

    /// State of the random number generator (rule 6).
    fn random_state(&mut self) -> Result<u32, TrainError>;
}
