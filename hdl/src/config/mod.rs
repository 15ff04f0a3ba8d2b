//! The network description: what a user writes in a network file, resolved and checked.
//!
//! `read` turns TOML into a [`Network`] (`file` holds its fields, `defaults` what it leaves out),
//! `validate`, `ranges`, `preparation` and `neuron` refuse what the engine or the theory cannot do, `orientation`
//! decides which side of each block is row and which is column.

pub mod builtin;
mod defaults;
mod entry;
mod error;
mod file;
mod limits;
mod neuron;
mod orientation;
mod preparation;
mod ranges;
mod read;
mod validate;

pub use error::{did_you_mean, ConfigError, Warning};
pub use limits::*;
pub use neuron::{Neuron, Spiking, TRACE_EXTRA_BITS};
pub use orientation::Orientation;
pub use preparation::{Augment, Preparation, Scale};
pub use validate::is_name;

use serde::{Deserialize, Serialize};

/// A network as every other part of the project sees it: all defaults filled in, all limits checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Name used for output folders and reports.
    pub name: String,
    /// Layers from input (index 0, clamped) to output (last, nudged).
    pub layers: Vec<Layer>,
    /// Dense weight matrices between pairs of layers, in file order.
    pub blocks: Vec<Block>,
    #[serde(default)]
    pub neuron: Neuron,
    /// Plays no part where the units spike.
    pub dynamics: Dynamics,
    pub phases: Phases,
    pub formats: Formats,
    pub learning: Learning,
    pub engine: Engine,
    /// Seed of every random choice (initial weights, splits, on-chip random words).
    pub seed: u32,
    pub dataset: Dataset,
    /// What is done to the data before they are shown.
    #[serde(default, skip_serializing_if = "Preparation::is_default")]
    pub data: Preparation,
}

/// One layer of units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    pub name: String,
    pub units: usize,
}

/// A dense matrix of symmetric weights between two layers (equal for a self-connection).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Layer indices, `a <= b`.
    pub a: usize,
    pub b: usize,
    /// Learning rate of this block: η = 2^−e; where feedback is scaled down, e may be negative.
    pub rate_shift: i32,
}

/// How the states of rate units move (design rule 2 and 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dynamics {
    /// Step size 2^−k.
    pub k: u32,
    pub order: Order,
    /// A phase ends when no state moved by more than this many LSB in one sweep.
    pub tolerance: u32,
    /// Sweeps after which a free phase is flagged unsettled.
    pub max_sweeps_free: u32,
    /// Sweeps after which a nudged phase is flagged unsettled.
    pub max_sweeps_nudged: u32,
    /// f: what a layer hears from layers above it is scaled by 2^−f ([`Network::feedback_shift`]).
    #[serde(skip_serializing_if = "is_zero")]
    pub feedback_shift: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// In which order layers are updated within a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Layer after layer from the input side, each seeing the newest states.
    Sequential,
    /// All layers from the old states (the Euler step of the papers).
    Synchronous,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    /// Nudging strength β = 2^−b.
    pub beta_shift: u32,
    pub nudging: Nudging,
}

/// How the nudged phases of one sample are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nudging {
    /// One phase at +β.
    Positive,
    /// One phase at ±β, the sign drawn per sample.
    RandomSign,
    /// Two phases, at +β and at −β, both from the free state.
    Symmetric,
}

/// Fixed-point formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Formats {
    /// Fraction bits F of a state; ONE = 2^F.
    pub state_fraction: u32,
    /// Bits B of a signed weight or bias.
    pub weight_bits: u32,
    /// Fraction bits G of a weight or bias.
    pub weight_fraction: u32,
}

impl Formats {
    /// The state value 1.
    pub fn one(&self) -> i64 {
        1 << self.state_fraction
    }

    /// The same with weights of so many bits, and as many fraction bits as a network file that
    /// names only these gets.
    pub fn with_weight_bits(self, weight_bits: u32) -> Formats {
        Formats {
            weight_bits,
            weight_fraction: defaults::weight_fraction(weight_bits),
            ..self
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learning {
    /// M: how often a run may halve the learning rate (0…7).
    pub halvings: u32,
    /// When it does.
    #[serde(default, skip_serializing_if = "HalveAt::is_even")]
    pub halve_at: HalveAt,
    /// Initial weights are round(U(−1,1)·scale·√(6/(rows+columns))·2^G).
    pub init_scale: f64,
    /// Initial value of every bias.
    pub init_bias: f64,
    /// Passes over the training data.
    pub epochs: u32,
}

/// At the beginning of which epochs a run halves its learning rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HalveAt {
    /// After each of M + 1 equal parts of the run but the last.
    #[default]
    Even,
    /// Wherever ½(1 + cos(π·epoch/epochs)), rounded to a power of two, falls, down to 2^−M.
    Cosine,
    /// At these, counted from 0; a number that stands twice halves twice.
    Epochs(Vec<u32>),
}

impl HalveAt {
    fn is_even(&self) -> bool {
        *self == HalveAt::Even
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    pub lanes: Lanes,
    /// How many registers stand between a token and its result; `None`: what suits the board.
    pub pipeline: Option<Pipeline>,
    /// In inference two samples run by turns: one's sweep is in the line while the other's results come. No
    /// result depends on it, so checkpoints do not keep it.
    #[serde(skip)]
    pub interleave: bool,
    /// Targets at the head are kept in logic cells; the board says so, not the network file.
    #[serde(skip)]
    pub targets_in_logic: bool,
    /// Target board, a name of `constraints/*.toml`.
    pub board: String,
}

/// Depth of the pipelines of lanes and head. Results are the same bits, cycles and clock differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pipeline {
    /// Few registers, for chips whose cells are scarce (iCE40).
    #[default]
    Short,
    /// Registers wherever a clock of 170 MHz wants them (ECP5).
    Deep,
}

/// How many lanes the line has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lanes {
    /// The board's default.
    Auto,
    Count(usize),
}

/// Which data a network is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dataset {
    /// The four rows of the exclusive or.
    Xor,
    /// The embedded 8×8 digits.
    Digits,
    /// The embedded digits resampled to 28×28, or IDX files given with `--data`.
    Mnist,
    /// Seeded random inputs and targets.
    Random,
    /// A file, relative to the network file.
    File(String),
}

impl Network {
    /// Index of the output layer.
    pub fn output(&self) -> usize {
        self.layers.len() - 1
    }

    /// The block whose rate the biases of a free layer learn with: the first in file order that touches it
    /// (design rule 7).
    ///
    /// # Panics
    /// If no block does, which a checked network has no layer of.
    pub fn bias_block(&self, layer: usize) -> &Block {
        let touches = |block: &&Block| block.a == layer || block.b == layer;
        (self.blocks.iter())
            .find(touches)
            .expect("every layer is connected")
    }

    /// f_l of design rule F1: f for a free layer that hears a higher one, else 0.
    pub fn feedback_shift(&self, layer: usize) -> u32 {
        let rises = |block: &Block| block.a == layer && block.b > layer;
        match layer > 0 && self.blocks.iter().any(rises) {
            true => self.dynamics.feedback_shift,
            false => 0,
        }
    }

    /// By how many bits the drive of `layer` weighs what `source` says more than what higher layers say (design rule
    /// F1): f_l for its own layer and lower ones, the input and the bias (layer 0) among them, else 0.
    pub fn feedback_lift(&self, layer: usize, source: usize) -> u32 {
        match source <= layer {
            true => self.feedback_shift(layer),
            false => 0,
        }
    }

    /// Number of free (not clamped) units.
    pub fn free_units(&self) -> usize {
        self.layers[1..].iter().map(|l| l.units).sum()
    }

    /// Number of weights by which one unit of a layer reaches free units.
    pub fn fan_out(&self, layer: usize) -> usize {
        let reached = self.blocks.iter().map(|block| match (block.a, block.b) {
            (a, b) if a == b && a == layer => self.layers[layer].units - 1,
            (a, b) if a == layer => self.layers[b].units,
            // Nothing reaches the clamped input.
            (a, b) if b == layer && a != 0 => self.layers[a].units,
            _ => 0,
        });
        reached.sum()
    }

    /// Largest number of weights that reach one unit, its bias not counted.
    pub fn largest_fan_in(&self) -> usize {
        (1..self.layers.len())
            .map(|layer| {
                self.blocks
                    .iter()
                    .map(|block| match (block.a == layer, block.b == layer) {
                        (true, true) => self.layers[layer].units - 1,
                        (true, false) => self.layers[block.b].units,
                        (false, true) => self.layers[block.a].units,
                        (false, false) => 0,
                    })
                    .sum()
            })
            .max()
            .unwrap_or(0)
    }

    /// Accumulator width A: the smallest with (largest fan-in + 1)·2^(B−1+F+f) < 2^(A−1) (design rules 1 and F1).
    pub fn accumulator_bits(&self) -> u32 {
        let product = self.formats.weight_bits - 1 + self.formats.state_fraction;
        let bound = (self.largest_fan_in() as u128 + 1) << (product + self.dynamics.feedback_shift);
        (128 - bound.leading_zeros()) + 1
    }
}
