//! Weights and biases of one network as the raw integers that the hardware stores.

use hdl::arch::schedule::Parameter;
use hdl::config::Network;
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

impl Weights {
    /// All weights and biases 0.
    pub fn zero(network: &Network) -> Weights {
        let units = |layer: usize| network.layers[layer].units;
        Weights {
            blocks: network
                .orientations()
                .iter()
                .map(|sides| Array2::zeros((units(sides.row), units(sides.column))))
                .collect(),
            biases: network.layers[1..]
                .iter()
                .map(|layer| Array1::zeros(layer.units))
                .collect(),
        }
    }

    /// One weight or bias.
    pub fn at(&self, parameter: &Parameter) -> &i16 {
        match *parameter {
            Parameter::Weight { block, row, column } => &self.blocks[block][(row, column)],
            Parameter::Bias { layer, unit } => &self.biases[layer - 1][unit],
        }
    }

    /// One weight or bias, to change it.
    pub fn at_mut(&mut self, parameter: &Parameter) -> &mut i16 {
        match *parameter {
            Parameter::Weight { block, row, column } => &mut self.blocks[block][(row, column)],
            Parameter::Bias { layer, unit } => &mut self.biases[layer - 1][unit],
        }
    }

    /// Every weight and bias with its value here and in `other`: blocks in file order, rows rising, columns
    /// rising within a row, then the biases layer by layer.
    ///
    /// # Panics
    /// If `other` has another shape.
    pub fn pairs<'a>(
        &'a self,
        other: &'a Weights,
    ) -> impl Iterator<Item = (Parameter, i16, i16)> + 'a {
        let blocks = self.blocks.iter().zip(&other.blocks).enumerate();
        let weights = blocks.flat_map(|(block, (own, other))| {
            assert_eq!(own.dim(), other.dim(), "matrix of block {block}");
            let words = own.indexed_iter().zip(other);
            words.map(move |(((row, column), &own), &other)| {
                (Parameter::Weight { block, row, column }, own, other)
            })
        });
        let layers = (1..).zip(self.biases.iter().zip(&other.biases));
        let biases = layers.flat_map(|(layer, (own, other))| {
            assert_eq!(own.len(), other.len(), "biases of layer {layer}");
            let words = own.iter().zip(other).enumerate();
            words.map(move |(unit, (&own, &other))| (Parameter::Bias { layer, unit }, own, other))
        });
        weights.chain(biases)
    }
}
