//! What can be trained.

use super::{Counters, Part};
use crate::bittrue::{state_to_real, Sample};

/// A network that learns. Weights, S and m are all that it carries from sample to sample.
pub trait Backend {
    /// All weights and biases, in the backend's numbers.
    type Parameters: Clone;
    /// Why it could not go on; models in software never fail.
    type Error: std::error::Error + 'static;

    /// Stable name, such as `bittrue`.
    fn name(&self) -> &'static str;

    /// Sets m of rule 7.
    ///
    /// # Panics
    /// If m is above M.
    fn set_rate_halvings_left(&mut self, m: u32) -> Result<(), Self::Error>;

    /// Learns from the samples as one batch of `size` (at least as many as there are: the last
    /// batch of an epoch may be short); `labels` are their right answers.
    ///
    /// A batch of size 1 is the specification's online learning. Counts what the samples gave
    /// before the weights changed.
    fn train(
        &mut self,
        samples: &[Sample],
        labels: &[usize],
        size: usize,
    ) -> Result<Counters, Self::Error>;

    /// Free phases of all samples; nothing is drawn, nothing changes.
    fn evaluate(&mut self, part: &Part) -> Result<Counters, Self::Error>;

    /// The weights as they are.
    fn parameters(&mut self) -> Result<Self::Parameters, Self::Error>;

    /// Takes other weights.
    ///
    /// # Panics
    /// If their shape is not the network's.
    fn load(&mut self, parameters: &Self::Parameters) -> Result<(), Self::Error>;

    /// S of rule 6.
    fn random_state(&self) -> u32;

    /// Sets S.
    fn set_random_state(&mut self, state: u32) -> Result<(), Self::Error>;
}

/// The answer that real outputs give and their cost ½ Σ (x − t)² against raw targets of `fraction`
/// bits. The answer is that of rule 8; of a single output, whether it is at least ½.
pub fn judge(
    outputs: impl ExactSizeIterator<Item = f64>,
    target: &[u16],
    fraction: u32,
) -> (usize, f64) {
    let single = outputs.len() == 1;
    let (mut answer, mut largest, mut squares) = (0, f64::MIN, 0.0);
    for (unit, (output, &target)) in outputs.zip(target).enumerate() {
        let error = output - state_to_real(target, fraction);
        squares += error * error;
        if single {
            answer = usize::from(output >= 0.5);
        } else if output > largest {
            (answer, largest) = (unit, output);
        }
    }
    (answer, 0.5 * squares)
}
