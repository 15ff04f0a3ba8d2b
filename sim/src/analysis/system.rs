//! The free units of a network as one vector, and its weights as one matrix: what linear algebra wants.

use std::ops::Range;

use hdl::config::{Network, Order};
use ndarray::{Array1, Array2, ArrayView1};

use crate::bittrue::lsb;
use crate::golden::{energy_weight, Reals};

/// Weights between free units, with the dynamics that they shape.
///
/// `weights` may be asymmetric: the experiment that breaks the symmetry needs such. Those of scaled feedback are, but
/// weight_i·w_ij = weight_j·w_ji, the curvature of the one energy.
#[derive(Clone, Debug)]
pub struct System {
    /// Positions of the free layers' units, in file order.
    pub layers: Vec<Range<usize>>,
    /// Drive of unit i from unit j, 0 on the diagonal. Where feedback is scaled down, weights from above are too.
    pub weights: Array2<f64>,
    /// What each unit weighs in the energy: 1, or 2^f for each layer that is above it.
    pub weight: Array1<f64>,
    pub order: Order,
    /// 2^−k.
    pub step: f64,
}

impl System {
    /// The symmetric system of a network.
    pub fn new(network: &Network, reals: &Reals) -> System {
        let layers = layers(network);
        let units = network.free_units();
        let mut weights = Array2::zeros((units, units));
        let heard = |layer: usize, source: usize| match source > layer {
            true => lsb(network.feedback_shift(layer)),
            false => 1.0,
        };
        for (sides, block) in network.orientations().iter().zip(&reals.blocks) {
            if sides.column == 0 {
                continue;
            }
            let (rows, columns) = (&layers[sides.row - 1], &layers[sides.column - 1]);
            for ((row, column), &weight) in block.indexed_iter() {
                if sides.row == sides.column && row >= column {
                    continue;
                }
                let (i, j) = (rows.start + row, columns.start + column);
                weights[[i, j]] = weight * heard(sides.row, sides.column);
                weights[[j, i]] = weight * heard(sides.column, sides.row);
            }
        }
        System {
            layers,
            weights,
            weight: (network.layers.iter().enumerate().skip(1))
                .flat_map(|(index, layer)| vec![energy_weight(network, index); layer.units])
                .collect(),
            order: network.dynamics.order,
            step: (-f64::from(network.dynamics.k)).exp2(),
        }
    }

    /// Free units.
    pub fn units(&self) -> usize {
        self.weights.nrows()
    }

    /// Sets of units that move together: the layers, or all units in the synchronous order.
    pub fn groups(&self) -> Vec<Range<usize>> {
        match self.order {
            Order::Sequential => self.layers.clone(),
            Order::Synchronous => std::iter::once(0..self.units()).collect(),
        }
    }

    /// The weights of these units among themselves.
    pub fn among(&self, units: &[usize]) -> Array2<f64> {
        Array2::from_shape_fn((units.len(), units.len()), |(i, j)| {
            self.weights[[units[i], units[j]]]
        })
    }

    /// The same between states each scaled by the root of its unit's weight in the energy: symmetric where the system is,
    /// with the same eigenvalues.
    pub fn balanced(&self, units: &[usize]) -> Array2<f64> {
        Array2::from_shape_fn((units.len(), units.len()), |(i, j)| {
            let (i, j) = (units[i], units[j]);
            self.weights[[i, j]] * (self.weight[i] / self.weight[j]).sqrt()
        })
    }

    /// One free sweep with the constant drive `constant`; returns the largest move of a state.
    pub fn sweep(&self, states: &mut Array1<f64>, constant: &Array1<f64>) -> f64 {
        let mut largest = 0.0f64;
        for group in self.groups() {
            let drives: Vec<f64> = group
                .clone()
                .map(|unit| self.weights.row(unit).dot(states) + constant[unit])
                .collect();
            for (unit, drive) in group.zip(drives) {
                let old = states[unit];
                states[unit] = (old + self.step * (drive - old)).clamp(0.0, 1.0);
                largest = largest.max((states[unit] - old).abs());
            }
        }
        largest
    }

    /// The linear map that one sweep applies to a small displacement while only the units of `active`
    /// are free to move.
    pub fn jacobian(&self, active: &[usize]) -> Array2<f64> {
        let n = active.len();
        let mut map = Array2::<f64>::eye(n);
        let weights = self.among(active);
        for group in self.groups() {
            let rows: Vec<usize> = (0..n).filter(|&i| group.contains(&active[i])).collect();
            let old = map.clone();
            for row in rows {
                let drive: Array1<f64> = weights.row(row).dot(&old);
                for (column, drive) in drive.iter().enumerate() {
                    let own = old[[row, column]];
                    map[[row, column]] = own + self.step * (drive - own);
                }
            }
        }
        map
    }
}

/// Positions of the free layers' units in a vector of all free units.
pub fn layers(network: &Network) -> Vec<Range<usize>> {
    let mut from = 0;
    let mut next = |units: usize| {
        from += units;
        from - units..from
    };
    network.layers[1..]
        .iter()
        .map(|layer| next(layer.units))
        .collect()
}

/// The free units' states of all layers, one after another.
pub fn flat(states: &[Array1<f64>]) -> Array1<f64> {
    states[1..].iter().flatten().copied().collect()
}

/// Units that are not held at 0 or 1.
pub fn active(states: &Array1<f64>) -> Vec<usize> {
    let inside = |&(_, &x): &(usize, &f64)| x > 0.0 && x < 1.0;
    (states.iter().enumerate().filter(inside))
        .map(|(unit, _)| unit)
        .collect()
}

/// Euclidean length.
pub fn norm(vector: ArrayView1<f64>) -> f64 {
    vector.dot(&vector).sqrt()
}
