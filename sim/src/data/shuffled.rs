//! The order in which samples are shown: shuffled by a seed, equal on any machine.

use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Endless indices of samples: every sample once in random order, then all again in another order.
#[derive(Clone, Debug)]
pub struct Shuffled {
    random: ChaCha8Rng,
    indices: Vec<usize>,
    next: usize,
}

/// The stream of the seed that orders samples, far from those that blocks draw weights from.
const STREAM: u64 = 1 << 32;

impl Shuffled {
    /// Orders `samples` samples, at least one.
    pub fn new(samples: usize, seed: u32) -> Shuffled {
        Shuffled {
            random: random(seed, STREAM),
            indices: (0..samples).collect(),
            next: samples,
        }
    }
}

/// Fisher and Yates: every place takes one of those that are left.
pub(crate) fn shuffle(indices: &mut [usize], random: &mut ChaCha8Rng) {
    for place in (1..indices.len()).rev() {
        let draw = u64::from(random.next_u32()) * (place as u64 + 1);
        indices.swap(place, (draw >> 32) as usize);
    }
}

/// The generator of a seed's stream.
pub(crate) fn random(seed: u32, stream: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    random.set_stream(stream);
    random
}

impl Iterator for Shuffled {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.next == self.indices.len() {
            shuffle(&mut self.indices, &mut self.random);
            self.next = 0;
        }
        let index = self.indices.get(self.next).copied();
        self.next += 1;
        index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_shows_every_sample_once_in_its_own_order() {
        let mut order = Shuffled::new(100, 1);
        let rounds: Vec<Vec<usize>> = (0..2).map(|_| order.by_ref().take(100).collect()).collect();
        for round in &rounds {
            let mut sorted = round.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        }
        assert_ne!(rounds[0], rounds[1]);
    }

    #[test]
    fn the_seed_decides() {
        let first: Vec<usize> = Shuffled::new(1797, 1).take(5).collect();
        assert_eq!(first, Shuffled::new(1797, 1).take(5).collect::<Vec<_>>());
        assert_ne!(first, Shuffled::new(1797, 2).take(5).collect::<Vec<_>>());
    }
}
