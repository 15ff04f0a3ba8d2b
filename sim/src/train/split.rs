//! Which samples are learned from, in which order, which weights are chosen by, and which are kept back to test with.

use crate::data::{random, shuffle};

/// Streams of the seed, far from those that draw weights and order co-simulations.
const SPLIT: u64 = 2 << 32;
const EPOCHS: u64 = 3 << 32;
const VALIDATION: u64 = 4 << 32;

/// One sample of so many is kept back.
const TEST_SHARE: usize = 5;
/// With fewer samples all are learned from and tested with.
const SMALLEST: usize = 10;

/// A seeded division of samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    train: Vec<usize>,
    validation: Vec<usize>,
    test: Vec<usize>,
    seed: u32,
}

impl Split {
    /// What of `samples` is for training: all, if there are test data of their own, or what [`Split::of`] leaves; less
    /// the share `validation` of these, rounded up, at random to choose weights by. The test part does not depend on it.
    pub fn new(samples: usize, own_test: bool, validation: f64, seed: u32) -> Split {
        let mut split = match own_test {
            true => Split::all(samples, seed),
            false => Split::of(samples, seed),
        };
        let kept = (validation * split.train.len() as f64).ceil() as usize;
        if kept > 0 && kept < split.train.len() {
            shuffle(&mut split.train, &mut random(seed, VALIDATION));
            let train = split.train.split_off(kept);
            split.validation = std::mem::replace(&mut split.train, train);
            split.validation.sort_unstable();
            split.train.sort_unstable();
        }
        split
    }

    /// A fifth of `samples`, rounded up, at random for testing; of fewer than ten samples all for both.
    pub fn of(samples: usize, seed: u32) -> Split {
        if samples < SMALLEST {
            let all: Vec<usize> = (0..samples).collect();
            return Split {
                test: all.clone(),
                validation: vec![],
                train: all,
                seed,
            };
        }
        let mut indices: Vec<usize> = (0..samples).collect();
        shuffle(&mut indices, &mut random(seed, SPLIT));
        let train = indices.split_off(samples.div_ceil(TEST_SHARE));
        Split {
            train,
            validation: vec![],
            test: indices,
            seed,
        }
    }

    /// All of `samples` to learn from; the test data come from elsewhere.
    fn all(samples: usize, seed: u32) -> Split {
        Split {
            train: (0..samples).collect(),
            validation: vec![],
            test: vec![],
            seed,
        }
    }

    /// Samples that are learned from.
    pub fn train(&self) -> &[usize] {
        &self.train
    }

    /// Samples to choose weights by; none unless a share was asked for.
    pub fn validation(&self) -> &[usize] {
        &self.validation
    }

    /// Samples to test with.
    pub fn test(&self) -> &[usize] {
        &self.test
    }

    /// The training samples in the order of an epoch, which depends on seed and epoch only.
    pub fn order(&self, epoch: u32) -> Vec<usize> {
        let mut order = self.train.clone();
        let stream = EPOCHS + u64::from(epoch);
        shuffle(&mut order, &mut random(self.seed, stream));
        order
    }
}
