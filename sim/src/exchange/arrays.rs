//! From the network's blocks and biases to named arrays and back: names, shapes, orientation.

use std::path::Path;

use hdl::config::Network;
use ndarray::{Array1, Array2, ArrayView2};

use crate::array::{Array, Values};

use super::{error, ExchangeError, Reals};

/// Element type of a written array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Out {
    /// int16.
    Raw,
    /// float32.
    Single,
    /// float64.
    Double,
}

pub(super) type Tensor = Array;

impl Tensor {
    /// Whether the elements are integers: raw weights.
    pub(super) fn is_raw(&self) -> bool {
        self.dtype.starts_with("int") || self.dtype.starts_with("uint")
    }

    /// What a value is multiplied by to become a raw weight of `fraction` fraction bits.
    pub(super) fn scale(&self, fraction: u32) -> f64 {
        match self.is_raw() {
            true => 1.0,
            false => f64::from(1u32 << fraction),
        }
    }
}

/// Names and shapes of all arrays of a network: blocks in file order, then biases.
pub(super) fn expected(network: &Network) -> Vec<(String, Vec<usize>)> {
    let layers = &network.layers;
    let blocks = network.blocks.iter().map(|block| {
        let (a, b) = (&layers[block.a], &layers[block.b]);
        // Layer names hold no dot, so the names cannot be confused.
        (format!("w.{}.{}", a.name, b.name), vec![b.units, a.units])
    });
    let biases = (layers[1..].iter()).map(|layer| (format!("b.{}", layer.name), vec![layer.units]));
    blocks.chain(biases).collect()
}

/// The arrays of the weights, each element through `value`.
pub(super) fn collect(
    network: &Network,
    weights: &Reals,
    value: impl Fn(f64) -> f64,
) -> Vec<(String, Tensor)> {
    let orientations = network.orientations();
    let blocks = (network.blocks.iter().zip(&orientations))
        .zip(&weights.blocks)
        .map(|((block, sides), matrix)| {
            let matrix = match (block.a == block.b, sides.row == block.b) {
                (true, _) => symmetric(matrix),
                (false, true) => matrix.clone(),
                (false, false) => matrix.t().to_owned(),
            };
            matrix.iter().map(|&element| value(element)).collect()
        });
    let biases = (weights.biases.iter()).map(|bias| bias.iter().map(|&b| value(b)).collect());
    let elements = blocks.chain(biases);
    (expected(network).into_iter().zip(elements))
        .map(|((name, shape), elements)| {
            let tensor = Tensor {
                shape,
                dtype: "float64",
                values: Values::Reals(elements),
            };
            (name, tensor)
        })
        .collect()
}

/// Both triangles from the upper one.
fn symmetric(upper: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(upper.dim(), |(row, column)| match row.cmp(&column) {
        std::cmp::Ordering::Less => upper[[row, column]],
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => upper[[column, row]],
    })
}

/// Puts the arrays of a file into the network's order; refuses a wrong set, shape or type.
pub(super) fn check(
    path: &Path,
    network: &Network,
    mut tensors: Vec<(String, Tensor)>,
) -> Result<Vec<(String, Tensor)>, ExchangeError> {
    let expected = expected(network);
    if let Some((name, _)) =
        (tensors.iter()).find(|(name, _)| !expected.iter().any(|(e, _)| e == name))
    {
        return Err(error::unknown(path, name, &expected));
    }
    let mut ordered = Vec::with_capacity(expected.len());
    for (name, shape) in &expected {
        let Some(at) = tensors.iter().position(|(other, _)| other == name) else {
            return Err(error::missing(path, name, &expected));
        };
        let (name, tensor) = tensors.swap_remove(at);
        if tensor.shape != *shape {
            return Err(error::shape(path, &name, &tensor.shape, shape, &expected));
        }
        if tensor.dtype == "bool" {
            return Err(error::dtype(path, &name, "bool"));
        }
        ordered.push((name, tensor));
    }
    for (block, (name, tensor)) in network.blocks.iter().zip(&ordered) {
        if block.a != block.b {
            continue;
        }
        let units = network.layers[block.a].units;
        for (row, column) in (0..units).flat_map(|row| (0..=row).map(move |column| (row, column))) {
            let element = tensor.get(row * units + column);
            let mirrored = match row == column {
                true => 0.0,
                false => tensor.get(column * units + row),
            };
            if element != mirrored {
                return Err(error::symmetry(
                    path,
                    name,
                    (row, column),
                    element,
                    mirrored,
                ));
            }
        }
    }
    Ok(ordered)
}

/// The weights of checked arrays, each element through `value`.
pub(super) fn distribute(
    network: &Network,
    tensors: &[(String, Tensor)],
    value: impl Fn(&Tensor, f64) -> f64,
) -> Reals {
    let elements = |tensor: &Tensor| -> Vec<f64> {
        tensor
            .iter()
            .map(|element| value(tensor, element))
            .collect()
    };
    let (matrices, biases) = tensors.split_at(network.blocks.len());
    let blocks = (network.blocks.iter().zip(network.orientations()))
        .zip(matrices)
        .map(|((block, sides), (_, tensor))| {
            let shape = (tensor.shape[0], tensor.shape[1]);
            let elements = elements(tensor);
            let matrix =
                ArrayView2::from_shape(shape, &elements).expect("check compared the shape");
            if block.a == block.b {
                return Array2::from_shape_fn(shape, |(row, column)| match row < column {
                    true => matrix[[row, column]],
                    false => 0.0,
                });
            }
            match sides.row == block.b {
                true => matrix.to_owned(),
                false => matrix.t().as_standard_layout().into_owned(),
            }
        });
    Reals {
        blocks: blocks.collect(),
        biases: (biases.iter())
            .map(|(_, tensor)| Array1::from_vec(elements(tensor)))
            .collect(),
    }
}
