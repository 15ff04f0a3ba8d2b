//! The JSON of a reference case, field by field as `tests/vectors/README.md` describes it.

use hdl::config::{Neuron, Nudging, Order, Spiking};
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
    pub nudging: Nudging,
    pub rate_shift: Vec<u32>,
    pub halvings: u32,
    pub seed: u32,
    #[serde(default)]
    pub neuron: NeuronFile,
    #[serde(default)]
    pub filter_shift: u32,
    #[serde(default)]
    pub leak_shift: u32,
    #[serde(default)]
    pub steps: u32,
    pub weights: Matrices,
    pub biases: Vec<Vec<i64>>,
    pub samples: Vec<SampleFile>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NeuronFile {
    #[default]
    Rate,
    Spiking,
}

impl CaseFile {
    pub(super) fn neuron(&self) -> Neuron {
        match self.neuron {
            NeuronFile::Rate => Neuron::Rate,
            NeuronFile::Spiking => Neuron::Spiking(Spiking {
                trace_shift: self.filter_shift,
                leak_shift: self.leak_shift,
                steps: self.steps,
            }),
        }
    }
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PhaseFile {
    pub name: String,
    pub sweeps: u32,
    pub settled: bool,
    pub states: Vec<Vec<i64>>,
}
