//! The golden model: equilibrium propagation in real numbers (design §1, first half).
//!
//! States x ∈ [0,1], energy E(x) = ½ Σ x_i² − ½ Σ_{i≠j} w_ij x_i x_j − Σ b_i x_i and cost
//! C = ½ Σ_out (x_o − t_o)², after Scellier & Bengio, Frontiers in Comput. Neurosci. 11:24 (2017)
//! with ρ = hard sigmoid. Where feedback is scaled by γ = 2^−f, a unit's terms and those of what it hears from its own
//! layer l and lower ones weigh γ^l in E, so that −∂E/∂x is γ^l times the force. `dynamics` moves states downhill, `spiking` moves integrate-and-fire units
//! instead, `learn` changes the weights (`reals`),
//! `runner` runs whole samples, `trajectory` records them.

mod dynamics;
mod learn;
mod reals;
mod runner;
mod spiking;
#[cfg(test)]
mod tests;
mod trajectory;

pub use dynamics::{Nudge, PhaseEnd};
pub use reals::Reals;
pub use runner::{Lesson, Runner, Watched};
pub use spiking::{spiking_error_bound, SpikingError, SpikingState};
pub use trajectory::{Point, Trajectory};

use crate::bittrue::{lsb, state_to_real};
use crate::weights::Weights;
use hdl::config::{Network, Nudging, Order};
use learn::BlockLinks;
use ndarray::linalg::general_mat_vec_mul;
use ndarray::{Array1, Array2};

/// The states of all units, one vector a layer; layer 0 is the clamped input.
pub type States = [Array1<f64>];

/// A network in f64, with the input's part of every drive cached.
#[derive(Clone, Debug)]
pub struct Golden {
    order: Order,
    nudging: Nudging,
    /// How spiking units step; none of rates.
    spiking: Option<spiking::Rule>,
    /// Per layer, [`Network::fan_out`].
    fan_out: Vec<u64>,
    /// 2^−k.
    step: f64,
    /// β = 2^−b.
    beta: f64,
    state_fraction: u32,
    tolerance: f64,
    max_sweeps_free: u32,
    max_sweeps_nudged: u32,
    /// Where each block's matrices are.
    blocks: Vec<BlockLinks>,
    /// Per layer, at m = M.
    bias_rates: Vec<f64>,
    /// Per layer: 2^−f_l, what higher layers say is scaled by; its weight in the energy, γ^(l−L) with L the last layer,
    /// so that the cost, which the last layer feels, weighs 1.
    feedback: Vec<f64>,
    weight: Vec<f64>,
    /// Per layer: links from the input, targets × inputs.
    clamped: Vec<Vec<Array2<f64>>>,
    /// Per layer: source layer and matrix, targets × sources, of the links from free layers.
    free: Vec<Vec<(usize, Array2<f64>)>>,
    /// Per layer; layer 0 has none.
    bias: Vec<Array1<f64>>,
    /// Bias and the clamped input's part of the drive.
    constant: Vec<Array1<f64>>,
}

/// How far one f64 step from the hardware's own previous states may lie from the hardware's next
/// state: half an LSB of a state.
///
/// There is no term for the rounding of f64. Every number before the hardware's single rounding
/// is a multiple of 2^−(F+G+k+f) below 2^(A−1−F−G−f), so it takes A − 1 + k bits; with A ≤ 48 and
/// k ≤ 3 that is less than the 53 of an f64, so the golden step from given states is exact
/// whatever the order of its sums.
pub fn error_bound(network: &Network) -> f64 {
    0.5 * lsb(network.formats.state_fraction)
}

impl Golden {
    /// The real values of `weights` (raw · 2^−G) on a checked network.
    ///
    /// # Panics
    /// If a matrix or bias vector has not the network's shape.
    pub fn new(network: &Network, weights: &Weights) -> Self {
        Self::with_reals(
            network,
            &Reals::of(weights, network.formats.weight_fraction),
        )
    }

    /// A model of a checked network with any real weights.
    ///
    /// # Panics
    /// If a matrix or bias vector has not the network's shape.
    pub fn with_reals(network: &Network, weights: &Reals) -> Self {
        let layers = network.layers.len();
        let mut clamped = vec![Vec::new(); layers];
        let mut free: Vec<Vec<(usize, Array2<f64>)>> = vec![Vec::new(); layers];
        let mut blocks = Vec::new();
        let sides = network.orientations().into_iter().zip(&weights.blocks);
        for (block, (sides, real)) in sides.enumerate() {
            let (row, column) = (sides.row, sides.column);
            let units = [row, column].map(|layer| network.layers[layer].units);
            assert_eq!(real.shape(), units, "matrix of layers {row} and {column}");
            let links = match column {
                0 => [clamped[row].len(), 0],
                _ => [free[row].len(), free[column].len()],
            };
            blocks.push(BlockLinks::new(network, block, sides, links));
            if row == column {
                free[row].push((row, symmetric(real)));
            } else if column == 0 {
                clamped[row].push(real.clone());
            } else {
                free[column].push((row, real.t().as_standard_layout().into_owned()));
                free[row].push((column, real.clone()));
            }
        }
        let mut bias = vec![Array1::zeros(0)];
        for (layer, real) in network.layers[1..].iter().zip(&weights.biases) {
            assert_eq!(real.len(), layer.units, "biases of layer {:?}", layer.name);
            bias.push(real.clone());
        }
        Self {
            order: network.dynamics.order,
            nudging: network.phases.nudging,
            spiking: network.spiking().map(spiking::Rule::new),
            fan_out: (0..layers)
                .map(|layer| network.fan_out(layer) as u64)
                .collect(),
            step: lsb(network.dynamics.k),
            beta: lsb(network.phases.beta_shift),
            state_fraction: network.formats.state_fraction,
            tolerance: f64::from(network.dynamics.tolerance) * lsb(network.formats.state_fraction),
            max_sweeps_free: network.dynamics.max_sweeps_free,
            max_sweeps_nudged: network.dynamics.max_sweeps_nudged,
            blocks,
            bias_rates: learn::bias_rates(network),
            feedback: (0..layers)
                .map(|layer| lsb(network.feedback_shift(layer)))
                .collect(),
            weight: (0..layers)
                .map(|layer| energy_weight(network, layer))
                .collect(),
            clamped,
            free,
            constant: bias.clone(),
            bias,
        }
    }

    /// States of all layers, the input included, all 0.
    pub fn zero_states(network: &Network) -> Vec<Array1<f64>> {
        network
            .layers
            .iter()
            .map(|layer| Array1::zeros(layer.units))
            .collect()
    }

    /// β = 2^−b.
    pub fn beta(&self) -> f64 {
        self.beta
    }

    /// Caches the drive of the clamped input `states[0]`; every other call here relies on it.
    pub fn clamp(&mut self, states: &States) {
        for (layer, constant) in self.constant.iter_mut().enumerate().skip(1) {
            constant.assign(&self.bias[layer]);
            for matrix in &self.clamped[layer] {
                general_mat_vec_mul(1.0, matrix, &states[0], 1.0, constant);
            }
        }
    }

    /// Writes the real values of a layer's raw states (LSB = 2^−F) to `real`.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn set_raw(&self, real: &mut Array1<f64>, raw: &[u16]) {
        assert_eq!(real.len(), raw.len(), "raw states of one layer");
        for (real, &raw) in real.iter_mut().zip(raw) {
            *real = state_to_real(raw, self.state_fraction);
        }
    }

    /// By what a layer's drive weighs what `source` says: 2^−f_l where that is a higher layer, else 1.
    fn gain(&self, layer: usize, source: usize) -> f64 {
        match source > layer {
            true => self.feedback[layer],
            false => 1.0,
        }
    }

    /// The drive d_i = Σ_j w_ij x_j + b_i of a free layer's units, what higher layers say scaled by 2^−f, written to
    /// `drive`.
    pub fn drive(&self, layer: usize, states: &States, drive: &mut Array1<f64>) {
        drive.assign(&self.constant[layer]);
        for (source, matrix) in &self.free[layer] {
            let gain = self.gain(layer, *source);
            general_mat_vec_mul(gain, matrix, &states[*source], 1.0, drive);
        }
    }

    /// The energy E(x) of all units, the input's ½ Σ x_i² included.
    pub fn energy(&self, states: &States) -> f64 {
        // Σ over pairs of free units counts each pair twice, so with c the constant and d the
        // whole drive, the weights' and biases' part is −½ Σ_i x_i (c_i + d_i). Both ends of a pair weigh it alike.
        let mut energy = 0.5 * self.weight[0] * states[0].dot(&states[0]);
        for (layer, own) in states.iter().enumerate().skip(1) {
            let mut part = 0.5 * own.dot(own) - own.dot(&self.constant[layer]);
            for (source, matrix) in &self.free[layer] {
                part -= 0.5 * self.gain(layer, *source) * own.dot(&matrix.dot(&states[*source]));
            }
            energy += self.weight[layer] * part;
        }
        energy
    }

    /// The cost C = ½ Σ_out (x_o − t_o)².
    pub fn cost(&self, states: &States, target: &Array1<f64>) -> f64 {
        let outputs = &states[states.len() - 1];
        let squares = outputs.iter().zip(target).map(|(x, t)| (x - t) * (x - t));
        0.5 * squares.sum::<f64>()
    }

    /// The total energy E + σβC that a phase descends; with no nudge, E.
    pub fn total_energy(&self, states: &States, nudge: Option<Nudge>) -> f64 {
        let nudging = nudge.map_or(0.0, |nudge| {
            nudge.strength * self.cost(states, nudge.target)
        });
        self.energy(states) + nudging
    }
}

/// What a layer's units weigh in the energy: 2^f for each layer that is above them, so that the outputs, which feel the
/// cost, weigh 1.
pub fn energy_weight(network: &Network, layer: usize) -> f64 {
    let above = (network.output() - layer) as i32;
    f64::from(1u32 << network.dynamics.feedback_shift).powi(above)
}

/// A self-connected layer's full matrix from its stored triangle row < column.
fn symmetric(stored: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(stored.dim(), |(i, j)| match i.cmp(&j) {
        std::cmp::Ordering::Less => stored[[i, j]],
        std::cmp::Ordering::Equal => 0.0,
        std::cmp::Ordering::Greater => stored[[j, i]],
    })
}
