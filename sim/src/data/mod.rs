//! What a network is shown: samples of inputs and targets, stored once and turned into states one by one.
//!
//! `builtin` holds the data sets that need no file, `csv`, `idx` and `arrays` (NPY, NPZ) read
//! files, `table` tells the label of a table from its inputs, `labels` numbers the classes, `parts` tells
//! training from test data, `scaling` gets inputs into 0…1, `range` warns of what that spoils, `trained` is what of all
//! this goes with weights; `wanted` is what readers are asked for.

mod arrays;
mod builtin;
mod csv;
mod error;
mod file;
mod given;
mod idx;
mod labels;
mod parts;
mod range;
mod scaling;
mod shuffled;
mod table;
#[cfg(test)]
mod tests;
mod trained;
mod wanted;

use std::path::Path;

use hdl::config::{Dataset as Source, Network, Warning};

use crate::array::Values;
use crate::bittrue::{state_from_real, Sample};

use labels::Numbering;
use parts::Part;
use wanted::{Sizes, Wanted};

pub use error::DataError;
pub use given::{Given, LabelColumn};
pub use parts::Parts;
pub use range::Concern;
pub use scaling::Scaling;
pub use shuffled::Shuffled;
pub(crate) use shuffled::{random, shuffle};
pub use trained::AsTrained;

/// Samples that fit one network: every input has as many values as layer 0 has units.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    inputs: Values,
    /// How the file writes the value 1, where its format says it.
    white: Option<f64>,
    scaling: Scaling,
    /// Rows and columns of one input.
    shape: Option<[usize; 2]>,
    targets: Targets,
    /// Values of one input.
    width: usize,
    /// Units of the output layer.
    outputs: usize,
    /// How the file writes its classes.
    numbering: Numbering,
    /// What a user should know about the data, such as how classes are numbered.
    pub note: Option<String>,
    /// What is probably wrong with the data, such as labels of one class only.
    pub warnings: Vec<Warning>,
}

/// What the output should be.
#[derive(Clone, Debug, PartialEq)]
enum Targets {
    /// One class a sample; with a single output unit the class, 0 or 1, is its target.
    Labels(Vec<u16>),
    /// One value for each output unit of each sample, one sample after another.
    Values(Vec<f64>),
    /// Nobody says.
    Unknown,
}

impl Dataset {
    /// The data of a network: what [`Parts::load`] gives to learn from.
    ///
    /// # Errors
    /// As [`Parts::load`].
    pub fn load<'a>(
        network: &Network,
        folder: &Path,
        data: impl Into<Given<'a>>,
    ) -> Result<Dataset, DataError> {
        Ok(Parts::load(network, folder, data, None)?.train)
    }

    /// The data of a network, inputs as their file has them.
    fn read(network: &Network, folder: &Path, given: Given<'_>) -> Result<Dataset, DataError> {
        let sizes = Sizes::of(network);
        let wanted = Wanted {
            label: given.label,
            numbering: given.trained.map(AsTrained::numbering),
            unlabelled: given.unlabelled,
            ..Wanted::of(sizes)
        };
        let file = match (given.path, &network.dataset) {
            (Some(path), _) => path.to_owned(),
            (None, Source::File(path)) => folder.join(path),
            (None, built_in) => {
                wanted.no_table("the built-in data set")?;
                return match built_in {
                    Source::Xor => builtin::xor(sizes),
                    Source::Digits => builtin::digits(sizes),
                    Source::Mnist => builtin::enlarged_digits(sizes),
                    _ => Ok(builtin::random(sizes, network.seed)),
                };
            }
        };
        file::read(&file, wanted)
    }

    /// Number of samples, at least 1.
    pub fn len(&self) -> usize {
        let values = match &self.inputs {
            Values::Bytes(values) => values.len(),
            Values::Singles(values) => values.len(),
            Values::Reals(values) => values.len(),
        };
        values / self.width
    }

    /// Always false: a data set without samples is refused when it is read.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values of one input: the units of layer 0.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Units of the output layer: values of one target.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Number of answers that a network can give.
    pub fn classes(&self) -> usize {
        self.outputs.max(2)
    }

    /// Writes sample `index` into `sample` as states of `fraction` bits, reusing its memory.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn sample_into(&self, index: usize, fraction: u32, sample: &mut Sample) {
        let state = |value| state_from_real(value, fraction);
        sample.input.clear();
        let input = &mut sample.input;
        self.scaled(index, |value| input.push(state(value)));
        sample.target.clear();
        match &self.targets {
            Targets::Labels(labels) if self.outputs == 1 => {
                sample.target.push(labels[index] << fraction);
            }
            Targets::Labels(labels) => {
                sample.target.resize(self.outputs, 0);
                sample.target[usize::from(labels[index])] = 1 << fraction;
            }
            Targets::Values(values) => {
                let values = &values[index * self.outputs..][..self.outputs];
                sample.target.extend(values.iter().copied().map(state));
            }
            // Nobody nudges towards it.
            Targets::Unknown => sample.target.resize(self.outputs, 0),
        }
    }

    /// Sample `index` as states of `fraction` bits.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn sample(&self, index: usize, fraction: u32) -> Sample {
        let mut sample = Sample {
            input: Vec::with_capacity(self.width),
            target: Vec::with_capacity(self.outputs),
        };
        self.sample_into(index, fraction, &mut sample);
        sample
    }

    /// The right answer for sample `index`: its class, or the output with the largest target
    /// (the lowest on a tie; of a single output, whether the target is at least ½).
    ///
    /// # Panics
    /// If there is no such sample, or nobody says ([`Dataset::is_labelled`]).
    pub fn label(&self, index: usize) -> usize {
        match &self.targets {
            Targets::Labels(labels) => usize::from(labels[index]),
            Targets::Values(values) if self.outputs == 1 => usize::from(values[index] >= 0.5),
            Targets::Values(values) => {
                let values = &values[index * self.outputs..][..self.outputs];
                let largest = values.iter().copied().fold(f64::MIN, f64::max);
                values
                    .iter()
                    .position(|&value| value == largest)
                    .unwrap_or(0)
            }
            Targets::Unknown => panic!("samples without labels are asked only"),
        }
    }

    /// The data say what the samples are; those to be predicted need not.
    pub fn is_labelled(&self) -> bool {
        self.targets != Targets::Unknown
    }

    /// Rows and columns of one input, if inputs are pictures.
    pub fn shape(&self) -> Option<[usize; 2]> {
        self.shape
    }

    /// Targets are real numbers: some sample's are not one output at 1 and the others at 0.
    pub fn is_regression(&self) -> bool {
        let Targets::Values(values) = &self.targets else {
            return false;
        };
        !values.chunks(self.outputs).all(|values| {
            let ones = values.iter().filter(|&&value| value == 1.0).count();
            let whole = values.iter().all(|value| value.fract() == 0.0);
            whole && (self.outputs == 1 || ones == 1)
        })
    }

    /// The classes, lowest first, that none of the samples `indices` belongs to: what a training
    /// part cannot teach. Empty for real targets, which need not be classes.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn missing_classes(&self, indices: &[usize]) -> Vec<usize> {
        let Targets::Labels(labels) = &self.targets else {
            return Vec::new();
        };
        let mut missing = vec![true; self.classes()];
        for &index in indices {
            missing[usize::from(labels[index])] = false;
        }
        (0..self.classes())
            .filter(|&class| missing[class])
            .collect()
    }

    /// What the file calls a class: its label there.
    pub fn class_name(&self, class: usize) -> String {
        self.numbering.name(class)
    }

    /// Target `output` of sample `index` as a real number of 0…1 that no format has rounded.
    ///
    /// # Panics
    /// If there is no such sample or output.
    pub fn target(&self, index: usize, output: usize) -> f64 {
        assert!(output < self.outputs, "output {output} of {}", self.outputs);
        match &self.targets {
            Targets::Labels(labels) if self.outputs == 1 => labels[index].into(),
            Targets::Labels(labels) => f64::from(u8::from(usize::from(labels[index]) == output)),
            Targets::Values(values) => values[index * self.outputs + output],
            Targets::Unknown => panic!("samples without labels are asked only"),
        }
    }
}
