//! When the learning rate halves.

use hdl::config::{HalveAt, Learning};
use std::f64::consts::PI;

/// m of rule 7 in an epoch of a run of `epochs`: M at first, one less for each halving of the schedule that has come
/// (evenly, for M = 3: 3 − ⌊4·epoch / epochs⌋).
pub fn doublings(learning: &Learning, epoch: u32, epochs: u32) -> u32 {
    let halved = match &learning.halve_at {
        HalveAt::Even => {
            let parts = u64::from(learning.halvings) + 1;
            (parts * u64::from(epoch) / u64::from(epochs.max(1))) as u32
        }
        HalveAt::Cosine => {
            let part = f64::from(epoch) / f64::from(epochs.max(1));
            // Where the cosine ends the power has no end; the conversion stops at the largest number.
            (-(0.5 * (1.0 + (PI * part).cos())).log2()).round() as u32
        }
        HalveAt::Epochs(at) => at.iter().filter(|&&at| at <= epoch).count() as u32,
    };
    learning.halvings - halved.min(learning.halvings)
}
