//! Learning of the golden model: rule 7 in real numbers, without rounding and without a range.
//!
//! Δw_ij = σ·(η/β)·2^(m−M)·(p_i p_j − q_i q_j), halved for symmetric nudging (Scellier & Bengio
//! 2017; Laborieux et al., Frontiers in Neurosci. 15:633674, 2021). A bias is a weight from a unit
//! whose state is 1. Weights stay f64 and are *not* clipped to the format's range, so the model
//! shows what the format costs.

use super::{Golden, Reals, States};
use hdl::config::{Network, Nudging, Orientation};
use ndarray::{Array1, Array2};

/// Where a block's matrices are, and how fast it learns.
#[derive(Clone, Debug)]
pub(super) struct BlockLinks {
    pub(super) sides: Orientation,
    /// Index into the row layer's `clamped` if the column side is the input, else into its `free`.
    pub(super) row: usize,
    /// Index into the column layer's `free`; of a self-connected layer and of the input unused.
    pub(super) column: usize,
    /// η/β, halved for symmetric nudging, with all halvings open (m = M).
    rate: f64,
}

/// η/β of a block with rate shift e, halved for symmetric nudging.
fn rate(network: &Network, rate_shift: i32) -> f64 {
    let halved = i32::from(network.phases.nudging == Nudging::Symmetric);
    let exponent = f64::from(network.phases.beta_shift) - f64::from(rate_shift + halved);
    exponent.exp2()
}

impl BlockLinks {
    pub(super) fn new(
        network: &Network,
        block: usize,
        sides: Orientation,
        [row, column]: [usize; 2],
    ) -> Self {
        Self {
            sides,
            row,
            column,
            rate: rate(network, network.blocks[block].rate_shift),
        }
    }
}

/// The bias rate of each layer; layer 0 has no biases, so its entry is never used.
pub(super) fn bias_rates(network: &Network) -> Vec<f64> {
    (0..network.layers.len())
        .map(|layer| rate(network, network.bias_block(layer).rate_shift))
        .collect()
}

impl Golden {
    /// Changes all weights and biases by `scale` times the rule's Δ at m = M; p and q are those of
    /// rule 4, with the input in layer 0.
    ///
    /// `scale` is σ·2^(m−M), and over a batch of N samples that of each divided by N: with p and q
    /// of all samples computed before, this adds up to the mean of their Δ.
    pub fn learn(&mut self, p: &States, q: &States, scale: f64) {
        for index in 0..self.blocks.len() {
            let BlockLinks {
                sides,
                row,
                column,
                rate,
            } = self.blocks[index];
            let rate = rate * scale;
            let (r, c) = (sides.row, sides.column);
            if c == 0 {
                add(
                    &mut self.clamped[r][row],
                    rate,
                    [&p[r], &q[r]],
                    [&p[c], &q[c]],
                );
                continue;
            }
            add(
                &mut self.free[r][row].1,
                rate,
                [&p[r], &q[r]],
                [&p[c], &q[c]],
            );
            match r == c {
                true => self.free[r][row].1.diag_mut().fill(0.0),
                // Products commute exactly, so both directions stay equal bit for bit.
                false => {
                    let matrix = &mut self.free[c][column].1;
                    add(matrix, rate, [&p[c], &q[c]], [&p[r], &q[r]]);
                }
            }
        }
        for (layer, bias) in self.bias.iter_mut().enumerate().skip(1) {
            let rate = self.bias_rates[layer] * scale;
            for (bias, (p, q)) in bias.iter_mut().zip(p[layer].iter().zip(&q[layer])) {
                *bias += rate * (p - q);
            }
        }
    }

    /// The weights as they are.
    pub fn weights(&self) -> Reals {
        let matrix = |links: &BlockLinks| match links.sides {
            Orientation { row, column: 0 } => self.clamped[row][links.row].clone(),
            Orientation { row, column } => {
                let matrix = &self.free[row][links.row].1;
                Array2::from_shape_fn(matrix.dim(), |(i, j)| match row == column && i >= j {
                    true => 0.0,
                    false => matrix[[i, j]],
                })
            }
        };
        Reals {
            blocks: self.blocks.iter().map(matrix).collect(),
            biases: self.bias[1..].to_vec(),
        }
    }
}

/// matrix += rate·(p_rows p_columnsᵀ − q_rows q_columnsᵀ).
fn add(matrix: &mut Array2<f64>, rate: f64, rows: [&Array1<f64>; 2], columns: [&Array1<f64>; 2]) {
    let [p_columns, q_columns] = columns;
    for ((mut weights, &p), &q) in matrix.rows_mut().into_iter().zip(rows[0]).zip(rows[1]) {
        if p == q && p == 0.0 {
            continue;
        }
        for ((weight, &p_column), &q_column) in weights.iter_mut().zip(p_columns).zip(q_columns) {
            *weight += rate * (p * p_column - q * q_column);
        }
    }
}
