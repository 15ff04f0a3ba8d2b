//! Weights and biases of one network as the raw integers that the hardware stores.

use ndarray::{Array1, Array2};

/// All parameters of one network, each a signed integer of B bits worth `w · 2^−G`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    /// One matrix a block, in file order, rows × columns by `Network::orientations()`.
    /// A self-connected layer has a square matrix of which only row < column counts.
    pub blocks: Vec<Array2<i16>>,
    /// Biases of the free layers, layer 1 first.
    pub biases: Vec<Array1<i16>>,
}
