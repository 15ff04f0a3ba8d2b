//! Hardware with a fault against the models, on samples that reach every corner of the arithmetic.

use hdl::arch::Plan;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::bittrue::{Mode, Sample};
use crate::lockstep::{Lockstep, LockstepError};
use crate::progress::Progress;
use crate::verilate::Library;
use crate::weights::Weights;

/// Learns from every sample and then shows it free only, and reads the weights back at the end; first
/// from `weights`, then from weights over the whole range of their format, whose drives leave [0, 1]
/// far behind and seldom settle. Returns how often a sample passed.
///
/// # Errors
/// What shows the fault: the first mismatch, or hardware that hangs or stops.
pub fn trial(
    plan: &Plan,
    library: &Library,
    weights: &Weights,
    samples: &[Sample],
    progress: &dyn Progress,
) -> Result<usize, LockstepError> {
    let mut lockstep = Lockstep::new(plan.clone(), library.instance(), weights, None)?;
    let wild = wild(plan, weights);
    progress.start("looking for the fault", 4 * samples.len() as u64, "samples");
    for (round, weights) in [weights, &wild].into_iter().enumerate() {
        if round > 0 {
            lockstep.load(weights)?;
        }
        for sample in samples {
            for mode in [Mode::Learn, Mode::Infer] {
                lockstep.sample(sample, mode)?;
                progress.reach(lockstep.totals().samples as u64);
            }
        }
        lockstep.compare_weights()?;
    }
    progress.finish();
    Ok(lockstep.totals().samples)
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
