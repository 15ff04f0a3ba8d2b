//! Hardware with a fault against the models, on samples that reach every corner of the arithmetic.

use hdl::arch::Plan;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::bittrue::{Mode, Sample};
use crate::lockstep::{Lockstep, LockstepError};
use crate::progress::Progress;
use crate::verilate::{Library, Pressure};
use crate::weights::Weights;

/// What hardware with a fault is shown.
pub struct Trial<'a> {
    pub plan: &'a Plan,
    pub weights: &'a Weights,
    pub samples: &'a [Sample],
    /// How each sample is run, one after the other.
    pub modes: &'a [Mode],
    pub pressure: Option<Pressure>,
}

impl Trial<'_> {
    /// Runs every sample in every mode and reads the weights back at the end; first from the given weights, then from
    /// weights over the whole range of their format, whose drives leave [0, 1] far behind and seldom settle. `after`
    /// sees each run, the failing one too, with its number. Returns how often a sample passed.
    ///
    /// # Errors
    /// What shows the fault: the first mismatch, or hardware that hangs or stops.
    pub fn run(
        &self,
        library: &Library,
        progress: &dyn Progress,
        mut after: impl FnMut(&mut Lockstep, usize, &Sample, Mode),
    ) -> Result<usize, LockstepError> {
        let (plan, model) = (self.plan.clone(), library.instance());
        let mut lockstep = Lockstep::new(plan, model, self.weights, self.pressure)?;
        let wild = wild(self.plan, self.weights);
        let all = 2 * self.modes.len() * self.samples.len();
        progress.start("looking for the fault", all as u64, "samples");
        for (round, weights) in [self.weights, &wild].into_iter().enumerate() {
            if round > 0 {
                lockstep.load(weights)?;
            }
            for sample in self.samples {
                for &mode in self.modes {
                    let number = lockstep.totals().samples;
                    let outcome = lockstep.sample(sample, mode);
                    after(&mut lockstep, number, sample, mode);
                    outcome?;
                    progress.reach(lockstep.totals().samples as u64);
                }
            }
            lockstep.compare_weights()?;
        }
        progress.finish();
        Ok(lockstep.totals().samples)
    }
}

/// Weights and biases uniform over all values of their format, of the network's seed.
pub fn wild(plan: &Plan, shape: &Weights) -> Weights {
    let mut random = ChaCha8Rng::seed_from_u64(plan.network.seed.into());
    let unused = 16 - plan.network.formats.weight_bits;
    // An arithmetic shift of a random word leaves a random one of B bits.
    let mut draw = || (random.next_u32() as u16 as i16) >> unused;
    let mut weights = shape.clone();
    for block in &mut weights.blocks {
        block.map_inplace(|weight| *weight = draw());
    }
    for biases in &mut weights.biases {
        biases.map_inplace(|bias| *bias = draw());
    }
    weights
}
