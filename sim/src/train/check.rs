//! What makes a training run pointless before it begins.

use std::fmt;

use super::Split;
use crate::bittrue::MAX_BATCH_SHIFT;
use hdl::config::{Network, LEARNING_SHIFTS};
use miette::Diagnostic;
use thiserror::Error;

/// A run that could not learn.
#[derive(Clone, Debug, PartialEq, Eq, Error, Diagnostic)]
pub enum TrainError {
    /// Even the largest product of states lies below the random word's last bit.
    #[error("block {block} never learns: its learning shift is {shift}, but products of states with {bits} fraction bits reach 2^-16 of a weight's last bit at {limit} only")]
    #[diagnostic(
        code("eqprop::train::rate"),
        help("take {} off rate_shift of this block, or use a larger state_fraction", shift - limit)
    )]
    Rate {
        block: usize,
        shift: u32,
        bits: u32,
        /// The largest shift at which something can happen.
        limit: u32,
    },
    /// Integers divide by powers of two only.
    #[error("a batch of {size} samples (a power of two up to {})", 1 << MAX_BATCH_SHIFT)]
    #[diagnostic(
        code("eqprop::train::batch"),
        help("give {nearest}, or train the golden model, which takes any batch")
    )]
    Batch { size: usize, nearest: usize },
}

/// Something that a user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Classes that no sample of the training part belongs to, rising.
    MissingClasses(Vec<usize>),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Warning::MissingClasses(classes) = self;
        let classes: Vec<String> = classes.iter().map(usize::to_string).collect();
        write!(
            f,
            "no training sample belongs to class {}: the network cannot learn it",
            classes.join(", ")
        )
    }
}

/// Checks a run of batches of `batch` samples; `integers` says whether the backend computes in the
/// network's formats, as all but the golden one do.
///
/// # Errors
/// A batch size that integers cannot divide by; a block whose weights could not change.
pub fn check(
    network: &Network,
    split: &Split,
    batch: usize,
    integers: bool,
) -> Result<Vec<Warning>, TrainError> {
    if integers {
        let largest = 1 << MAX_BATCH_SHIFT;
        if !batch.is_power_of_two() || batch > largest {
            let nearest = batch.clamp(1, largest).next_power_of_two();
            return Err(TrainError::Batch {
                size: batch,
                nearest,
            });
        }
        rates(network)?;
    }
    let mut missing = vec![true; split.train.data.classes()];
    for &index in &split.train.indices {
        missing[split.train.data.label(index)] = false;
    }
    let missing: Vec<usize> = (0..missing.len()).filter(|&class| missing[class]).collect();
    Ok(match missing.is_empty() {
        true => Vec::new(),
        false => vec![Warning::MissingClasses(missing)],
    })
}

/// A change needs g·2^m / 2^s ≥ 2^−16 for some g ≤ ONE², at the run's largest m, M.
fn rates(network: &Network) -> Result<(), TrainError> {
    let bits = network.formats.state_fraction;
    let limit = 2 * bits + network.learning.halvings + 16;
    for (block, ends) in network.blocks.iter().enumerate() {
        // A checked network is within this range.
        let shift = network
            .learning_shift(ends)
            .clamp(0, *LEARNING_SHIFTS.end()) as u32;
        if shift > limit {
            return Err(TrainError::Rate {
                block,
                shift,
                bits,
                limit,
            });
        }
    }
    Ok(())
}
