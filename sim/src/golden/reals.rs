//! Weights and biases as real numbers.

use crate::bittrue::weight_to_real;
use crate::weights::Weights;
use ndarray::{Array1, Array2};

/// All parameters of one network as real numbers, shaped like [`Weights`].
#[derive(Clone, Debug, PartialEq)]
pub struct Reals {
    /// One matrix a block, in file order, rows × columns by `Network::orientations()`.
    /// A self-connected layer has a square matrix of which only row < column counts.
    pub blocks: Vec<Array2<f64>>,
    /// Biases of the free layers, layer 1 first.
    pub biases: Vec<Array1<f64>>,
}

impl Reals {
    /// The real values of raw weights with `fraction` fraction bits, exactly.
    pub fn of(weights: &Weights, fraction: u32) -> Reals {
        let real = |raw| weight_to_real(raw, fraction);
        Reals {
            blocks: weights.blocks.iter().map(|w| w.mapv(real)).collect(),
            biases: weights.biases.iter().map(|b| b.mapv(real)).collect(),
        }
    }
}
