//! Which samples teach, which test, and in which order they are shown.

use crate::data::{Dataset, Shuffled};

/// Some samples of a data set.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    pub data: &'a Dataset,
    /// Indices of samples in `data`.
    pub indices: Vec<usize>,
}

/// What a run learns from and what it is measured on.
#[derive(Clone, Debug)]
pub struct Split<'a> {
    pub train: Part<'a>,
    pub test: Part<'a>,
}

impl<'a> Part<'a> {
    /// All samples.
    pub fn all(data: &'a Dataset) -> Self {
        Part {
            data,
            indices: (0..data.len()).collect(),
        }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.indices.len()
    }

    /// There is no sample.
    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }
}

impl<'a> Split<'a> {
    /// A data set in two: four fifths, rounded down, teach (1437 of the 1797 digits), the rest
    /// tests. The order is that of [`Shuffled`] with `seed`; classes are not balanced.
    ///
    /// Fewer than ten samples, such as the four of the exclusive or, teach *and* test.
    pub fn seeded(data: &'a Dataset, seed: u32) -> Self {
        if data.len() < 10 {
            return Self::separate(data, data);
        }
        let mut order: Vec<usize> = Shuffled::new(data.len(), seed).take(data.len()).collect();
        let test = order.split_off(data.len() * 4 / 5);
        Split {
            train: Part {
                data,
                indices: order,
            },
            test: Part {
                data,
                indices: test,
            },
        }
    }

    /// Two data sets, each as a whole.
    pub fn separate(train: &'a Dataset, test: &'a Dataset) -> Self {
        Split {
            train: Part::all(train),
            test: Part::all(test),
        }
    }
}

/// The places of a training part's samples in the order in which `epoch` shows them: a pure
/// function of its arguments. All epochs together are one endless [`Shuffled`].
pub(super) fn epoch_order(samples: usize, seed: u32, epoch: u32) -> Vec<usize> {
    // The complement, so that orders do not repeat the draws that made the split.
    Shuffled::new(samples, !seed)
        .skip(samples * epoch as usize)
        .take(samples)
        .collect()
}
