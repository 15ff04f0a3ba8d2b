//! Choices from a stream of random words.

use crate::bittrue::Xorshift;

/// A number in 0…limit−1; `limit` is at least 1.
pub(super) fn below(rng: &mut Xorshift, limit: usize) -> usize {
    ((u64::from(rng.advance()) * limit as u64) >> 32) as usize
}

/// True in `some` of `all` cases.
pub(super) fn chance(rng: &mut Xorshift, some: usize, all: usize) -> bool {
    below(rng, all) < some
}

/// One of `choices`, which is not empty.
pub(super) fn pick<T: Copy>(rng: &mut Xorshift, choices: &[T]) -> T {
    choices[below(rng, choices.len())]
}
