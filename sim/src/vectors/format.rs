//! The JSON of a reference case, field by field as the `README.md` of `tests/vectors`, `tests/vectors-spiking` and
//! `tests/vectors-feedback` describe it.

use hdl::config::{Nudging, Order};
use serde::Deserialize;

/// `[block][row][column]`.
pub(super) type Matrices = Vec<Vec<Vec<i64>>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    pub layers: Vec<usize>,
    pub blocks: Vec<[usize; 2]>,
    pub row_layer: Vec<usize>,
    pub state_fraction_bits: u32,
    pub weight_bits: u32,
    pub weight_fraction_bits: u32,
    pub k: u32,
    pub order: Order,
    pub tolerance_lsb: u32,
    pub max_sweeps: MaxSweeps,
    pub beta_shift: u32,
    #[serde(default)]
    pub feedback_shift: u32,
    pub nudging: Nudging,
    pub rate_shift: Vec<i32>,
    pub halvings: u32,
    pub seed: u32,
    #[serde(default)]
    pub neuron: NeuronFile,
    pub filter_shift: Option<u32>,
    pub leak_shift: Option<u32>,
    pub steps: Option<u32>,
    pub weights: Matrices,
    pub biases: Vec<Vec<i64>>,
    pub samples: Vec<SampleFile>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NeuronFile {
    #[default]
    Rate,
    Spiking,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MaxSweeps {
    pub free: u32,
    pub nudged: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleFile {
    pub m: u32,
    pub input: Vec<i64>,
    pub target: Vec<i64>,
    pub phases: Vec<PhaseFile>,
    pub weights: Matrices,
    pub biases: Vec<Vec<i64>>,
    pub rng_state: u32,
    pub saturations: u64,
    pub not_learned: u64,
    pub spikes: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseFile {
    pub name: String,
    pub sweeps: u32,
    pub settled: bool,
    pub states: Vec<Vec<i64>>,
}
