//! From a case as written to networks, weights and samples of the shapes that its layers demand.

use super::checker::Checker;
use super::error::CaseError;
use super::format::{CaseFile, Matrices, NeuronFile, PhaseFile, SampleFile};
use super::{Case, CaseSample, ExpectedPhase};
use crate::bittrue::{Phase, Sample};
use crate::weights::Weights;
use hdl::config::*;
use ndarray::{Array1, Array2};
use std::path::Path;

pub(super) fn resolve(file: CaseFile, path: &Path) -> Result<Case, CaseError> {
    let name = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let check = Checker { path };
    let blocks = file.blocks.len();
    check.length("the length of row_layer", file.row_layer.len(), blocks)?;
    check.length("the length of rate_shift", file.rate_shift.len(), blocks)?;
    let neuron = neuron(&check, &file)?;
    let network = network(&file, &name, neuron);
    check.network(&network)?;
    check.row_sides(&network, &file.row_layer)?;
    let shapes = Shapes::new(&network);
    let samples = file.samples.iter().enumerate();
    Ok(Case {
        name,
        initial: shapes.weights(&check, "", &file.weights, &file.biases)?,
        samples: samples
            .map(|(index, sample)| shapes.sample(&check, &format!("samples[{index}]."), sample))
            .collect::<Result<_, _>>()?,
        network,
    })
}

/// The kind of the units; `check.network` refuses numbers out of range.
fn neuron(check: &Checker, file: &CaseFile) -> Result<Neuron, CaseError> {
    let fields = [
        ("filter_shift", file.filter_shift),
        ("leak_shift", file.leak_shift),
        ("steps", file.steps),
    ];
    let spiking = file.neuron == NeuronFile::Spiking;
    for (field, value) in fields {
        if value.is_some() != spiking {
            let expected = match spiking {
                true => "a number in a case of spiking units",
                false => "left out unless neuron is \"spiking\"",
            };
            return Err(check.fail(field, value, expected));
        }
    }
    let [trace_shift, leak_shift, steps] = fields.map(|(_, value)| value.unwrap_or_default());
    Ok(match spiking {
        false => Neuron::Rate,
        true => Neuron::Spiking(Spiking {
            trace_shift,
            leak_shift,
            steps,
        }),
    })
}

fn network(file: &CaseFile, name: &str, neuron: Neuron) -> Network {
    let layers = file.layers.iter().enumerate();
    let blocks = file.blocks.iter().zip(&file.rate_shift);
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        }
    };
    Network {
        name: name.chars().map(plain).take(MAX_NAME).collect(),
        layers: layers
            .map(|(index, &units)| Layer {
                name: format!("layer{index}"),
                units,
            })
            .collect(),
        blocks: blocks
            .map(|(&[a, b], &rate_shift)| Block {
                a: a.min(b),
                b: a.max(b),
                rate_shift,
            })
            .collect(),
        neuron,
        dynamics: Dynamics {
            k: file.k,
            order: file.order,
            tolerance: file.tolerance_lsb,
            max_sweeps_free: file.max_sweeps.free,
            max_sweeps_nudged: file.max_sweeps.nudged,
            feedback_shift: file.feedback_shift,
        },
        phases: Phases {
            beta_shift: file.beta_shift,
            nudging: file.nudging,
        },
        formats: Formats {
            state_fraction: file.state_fraction_bits,
            weight_bits: file.weight_bits,
            weight_fraction: file.weight_fraction_bits,
        },
        learning: Learning {
            halvings: file.halvings,
            halve_at: HalveAt::Even,
            // A case brings its weights: nothing here is drawn or repeated.
            init_scale: 0.0,
            init_bias: 0.0,
            epochs: 1,
        },
        engine: Engine {
            lanes: Lanes::Auto,
            pipeline: None,
            interleave: false,
            targets_in_logic: false,
            board: "icebreaker".into(),
        },
        seed: file.seed,
        dataset: Dataset::Random,
        data: Default::default(),
    }
}

/// What every array of the case must look like.
struct Shapes {
    layers: Vec<usize>,
    matrices: Vec<Orientation>,
    nudging: Nudging,
    spiking: bool,
    halvings: u32,
    one: i64,
    /// Largest weight; the smallest is −(largest + 1).
    largest: i64,
}

impl Shapes {
    fn new(network: &Network) -> Self {
        Self {
            layers: network.layers.iter().map(|layer| layer.units).collect(),
            matrices: network.orientations(),
            nudging: network.phases.nudging,
            spiking: network.spiking().is_some(),
            halvings: network.learning.halvings,
            one: network.formats.one(),
            largest: (1 << (network.formats.weight_bits - 1)) - 1,
        }
    }

    fn weights(
        &self,
        check: &Checker,
        at: &str,
        matrices: &Matrices,
        biases: &[Vec<i64>],
    ) -> Result<Weights, CaseError> {
        check.length(
            format!("the length of {at}weights"),
            matrices.len(),
            self.matrices.len(),
        )?;
        check.length(
            format!("the length of {at}biases"),
            biases.len(),
            self.layers.len() - 1,
        )?;
        let mut result = Weights {
            blocks: Vec::new(),
            biases: Vec::new(),
        };
        for (block, (rows, sides)) in matrices.iter().zip(&self.matrices).enumerate() {
            let field = format!("{at}weights[{block}]");
            let (height, width) = (self.layers[sides.row], self.layers[sides.column]);
            check.length(format!("the length of {field}"), rows.len(), height)?;
            let mut matrix = Array2::zeros((height, width));
            for (row, values) in rows.iter().enumerate() {
                let values = self.parameters(check, &format!("{field}[{row}]"), values, width)?;
                matrix.row_mut(row).assign(&values);
            }
            result.blocks.push(matrix);
        }
        for (layer, values) in biases.iter().enumerate() {
            let units = self.layers[layer + 1];
            let values = self.parameters(check, &format!("{at}biases[{layer}]"), values, units)?;
            result.biases.push(values);
        }
        Ok(result)
    }

    fn parameters(
        &self,
        check: &Checker,
        field: &str,
        values: &[i64],
        units: usize,
    ) -> Result<Array1<i16>, CaseError> {
        check.length(format!("the length of {field}"), values.len(), units)?;
        let values = values.iter().enumerate();
        values
            .map(|(index, &value)| {
                check.range(
                    format!("{field}[{index}]"),
                    value,
                    -self.largest - 1..=self.largest,
                )?;
                // B is at most 16.
                Ok(value as i16)
            })
            .collect()
    }

    fn sample(
        &self,
        check: &Checker,
        at: &str,
        file: &SampleFile,
    ) -> Result<CaseSample, CaseError> {
        let (inputs, outputs) = (self.layers[0], self.layers[self.layers.len() - 1]);
        let expected = match self.nudging {
            Nudging::Symmetric => &[
                ("free", Phase::Free),
                ("plus", Phase::Nudged),
                ("minus", Phase::NudgedMinus),
            ][..],
            _ => &[("free", Phase::Free), ("nudged", Phase::Nudged)],
        };
        check.length(
            format!("the length of {at}phases"),
            file.phases.len(),
            expected.len(),
        )?;
        check.range(format!("{at}m"), file.m, 0..=self.halvings)?;
        if file.spikes.is_some() != self.spiking {
            let expected = "there in cases of spiking units, and only there";
            return Err(check.fail(format!("{at}spikes"), file.spikes, expected));
        }
        let phases = file.phases.iter().zip(expected).enumerate();
        Ok(CaseSample {
            sample: Sample {
                input: check.states(&format!("{at}input"), &file.input, inputs, self.one)?,
                target: check.states(&format!("{at}target"), &file.target, outputs, self.one)?,
            },
            m: file.m,
            phases: phases
                .map(|(index, (file, &(name, phase)))| {
                    let at = format!("{at}phases[{index}].");
                    if file.name != name {
                        return Err(check.fail(
                            format!("{at}name"),
                            &file.name,
                            format!("{name:?}"),
                        ));
                    }
                    self.phase(check, &at, file, phase)
                })
                .collect::<Result<_, _>>()?,
            weights: self.weights(check, at, &file.weights, &file.biases)?,
            rng_state: file.rng_state,
            saturations: file.saturations,
            not_learned: file.not_learned,
            spikes: file.spikes,
        })
    }

    fn phase(
        &self,
        check: &Checker,
        at: &str,
        file: &PhaseFile,
        phase: Phase,
    ) -> Result<ExpectedPhase, CaseError> {
        let free = &self.layers[1..];
        check.length(
            format!("the length of {at}states"),
            file.states.len(),
            free.len(),
        )?;
        let layers = file.states.iter().zip(free).enumerate();
        Ok(ExpectedPhase {
            phase,
            sweeps: file.sweeps,
            settled: file.settled,
            states: layers
                .map(|(layer, (values, &units))| {
                    check.states(&format!("{at}states[{layer}]"), values, units, self.one)
                })
                .collect::<Result<_, _>>()?,
        })
    }
}
