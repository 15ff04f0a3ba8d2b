//! Gradients of the cost: exact by implicit differentiation, estimated from two phases, and by
//! finite differences.
//!
//! At rest the active units A (0 < x < 1) satisfy x_A = (W x + b)_A, the others do not move under
//! small changes. With H = I − W_AA, the Hessian of the energy on A, and e_i = x_i − t_i at active
//! outputs, a = H⁻¹ e is the gradient of C = ½ Σ (x − t)² after the drives (Scellier & Bengio,
//! Frontiers in Comput. Neurosci. 11:24, 2017, appendix A): ∂C/∂b_i = a_i and
//! ∂C/∂w_ij = a_i x_j + a_j x_i, where a is 0 off A and at inputs.
//!
//! Where feedback is scaled down, W is that of the drives, and a the same solution: −∂x/∂β. ∂E/∂w_ij is then −x_i x_j times
//! what the higher of both layers weighs in the energy, and so are both gradients.

use hdl::config::{Network, Orientation};
use ndarray::{Array1, Array2};

use super::system::{active, norm, System};
use crate::golden::{energy_weight, Reals};

/// A solution of H a = e on the active units.
#[derive(Clone, Debug)]
pub struct Solution {
    /// One value a free unit, 0 where it is held.
    pub values: Array1<f64>,
    /// H is singular: this is the least-squares solution of least length.
    pub least_squares: bool,
}

/// Beyond this growth, or with a larger relative residual, H counts as singular.
const GROWTH: f64 = 1e8;
const RESIDUAL: f64 = 1e-8;

/// Solves (I − W_AA) a_A = e_A on the active units of `states`.
pub fn solve(system: &System, states: &Array1<f64>, right: &Array1<f64>) -> Solution {
    let units = active(states);
    let n = units.len();
    let mut values = Array1::zeros(states.len());
    let length = units.iter().map(|&u| right[u] * right[u]).sum::<f64>();
    if length == 0.0 {
        return Solution {
            values,
            least_squares: false,
        };
    }
    let hessian = Array2::eye(n) - system.among(&units);
    let right: Array1<f64> = units.iter().map(|&unit| right[unit]).collect();
    let size = length.sqrt();
    let sound = |solution: &Array1<f64>| {
        let residual = norm((hessian.dot(solution) - &right).view());
        residual <= RESIDUAL * size && norm(solution.view()) <= GROWTH * size
    };
    let exact = algebra::solve(&hessian, &right).filter(sound);
    let least_squares = exact.is_none();
    let solution = exact.unwrap_or_else(|| algebra::least_squares(&hessian, &right, 1.0 / GROWTH));
    for (i, &unit) in units.iter().enumerate() {
        values[unit] = solution[i];
    }
    Solution {
        values,
        least_squares,
    }
}

/// The gradient of the cost after all weights and biases from the adjoint `a` of all layers, 0 at
/// the input: ∂C/∂w_ij = a_i x_j + a_j x_i.
pub fn from_adjoint(network: &Network, states: &[Array1<f64>], a: &[Array1<f64>]) -> Reals {
    shaped(network, a, |Orientation { row, column }, i, j| {
        a[row][i] * states[column][j] + a[column][j] * states[row][i]
    })
}

/// What two phases tell of the gradient: −(p_i p_j − q_i q_j) / span, where span is β of
/// (x^β, x⁰), or 2β of (x^β, x^−β); a bias is a weight from a unit of state 1.
pub fn from_phases(network: &Network, p: &[Array1<f64>], q: &[Array1<f64>], span: f64) -> Reals {
    let biases: Vec<Array1<f64>> = (p.iter().zip(q)).map(|(p, q)| (q - p) / span).collect();
    shaped(network, &biases, |Orientation { row, column }, i, j| {
        (q[row][i] * q[column][j] - p[row][i] * p[column][j]) / span
    })
}

fn shaped(
    network: &Network,
    biases: &[Array1<f64>],
    value: impl Fn(Orientation, usize, usize) -> f64,
) -> Reals {
    let block = |sides: Orientation| {
        let shape = [sides.row, sides.column].map(|layer| network.layers[layer].units);
        let weight = energy_weight(network, sides.row.max(sides.column));
        Array2::from_shape_fn(shape, |(i, j)| match sides.row == sides.column && i >= j {
            true => 0.0,
            false => weight * value(sides, i, j),
        })
    };
    let biases = biases.iter().enumerate().skip(1);
    Reals {
        blocks: network.orientations().into_iter().map(block).collect(),
        biases: biases
            .map(|(layer, of)| of * energy_weight(network, layer))
            .collect(),
    }
}

/// Splits a vector of all free units into layers, the input's all 0.
pub fn layered(network: &Network, system: &System, values: &Array1<f64>) -> Vec<Array1<f64>> {
    let input = std::iter::once(Array1::zeros(network.layers[0].units));
    let free = system.layers.iter();
    input
        .chain(free.map(|units| values.slice(ndarray::s![units.clone()]).to_owned()))
        .collect()
}

/// Adds one gradient to another.
pub fn add(total: &mut Reals, other: &Reals) {
    for (total, other) in total.blocks.iter_mut().zip(&other.blocks) {
        *total += other;
    }
    for (total, other) in total.biases.iter_mut().zip(&other.biases) {
        *total += other;
    }
}

/// Names of what gradients are compared by: the blocks in file order, then the biases of the layers.
pub fn groups(network: &Network) -> Vec<String> {
    let name = |layer: usize| &network.layers[layer].name;
    let blocks = network.blocks.iter();
    let biases = network.layers[1..].iter();
    blocks
        .map(|block| format!("{}–{}", name(block.a), name(block.b)))
        .chain(biases.map(|layer| format!("bias {}", layer.name)))
        .collect()
}

/// How an estimate of one group lies to the exact gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// 0 for an estimate of length 0.
    pub cosine: f64,
    /// |estimate − exact| / |exact|.
    pub error: f64,
}

/// Each group's agreement; `None` where the exact gradient is 0.
pub fn compare(estimate: &Reals, exact: &Reals) -> Vec<Option<Agreement>> {
    let blocks =
        (estimate.blocks.iter().zip(&exact.blocks)).map(|(a, b)| agreement(a.iter().zip(b.iter())));
    let biases =
        (estimate.biases.iter().zip(&exact.biases)).map(|(a, b)| agreement(a.iter().zip(b.iter())));
    blocks.chain(biases).collect()
}

fn agreement<'a>(pairs: impl Iterator<Item = (&'a f64, &'a f64)>) -> Option<Agreement> {
    let (mut dot, mut own, mut other, mut distance) = (0.0, 0.0, 0.0, 0.0);
    for (a, b) in pairs {
        dot += a * b;
        own += a * a;
        other += b * b;
        distance += (a - b) * (a - b);
    }
    if other == 0.0 {
        return None;
    }
    let cosine = match own {
        0.0 => 0.0,
        _ => dot / (own * other).sqrt(),
    };
    Some(Agreement {
        cosine,
        error: (distance / other).sqrt(),
    })
}

/// Whether every derivative is 0.
pub fn is_zero(gradient: &Reals) -> bool {
    let blocks = gradient.blocks.iter().all(|b| b.iter().all(|&g| g == 0.0));
    blocks && gradient.biases.iter().all(|b| b.iter().all(|&g| g == 0.0))
}
