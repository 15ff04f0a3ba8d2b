//! When the learning rate halves.

use hdl::config::Learning;

/// m of rule 7 in an epoch of a run of `epochs`: M in the first of M + 1 equal parts of the run, one less in
/// each further one (for M = 3: 3 − ⌊4·epoch / epochs⌋).
pub fn doublings(learning: &Learning, epoch: u32, epochs: u32) -> u32 {
    let parts = u64::from(learning.halvings) + 1;
    let part = parts * u64::from(epoch) / u64::from(epochs.max(1));
    learning.halvings - (part.min(parts - 1) as u32)
}
