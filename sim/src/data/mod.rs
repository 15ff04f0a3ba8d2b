//! What a network is shown: samples of inputs and targets, stored once and turned into states one by one.
//!
//! `builtin` holds the data sets that need no file, `csv`, `idx` and `arrays` (NPY, NPZ) read
//! files, `parts` tells training from test data, `range` what their sizes come to.

mod arrays;
mod builtin;
mod csv;
mod error;
mod file;
mod idx;
mod parts;
mod range;
mod shuffled;
#[cfg(test)]
mod tests;

use std::path::Path;

use hdl::config::{Dataset as Source, Network};

use crate::bittrue::{state_from_real, Sample};

use parts::Part;

pub use error::DataError;
pub use parts::Parts;
pub use range::Concern;
pub use shuffled::Shuffled;
pub(crate) use shuffled::{random, shuffle};

/// Samples that fit one network: every input has as many values as layer 0 has units.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    inputs: Inputs,
    targets: Targets,
    /// Values of one input.
    width: usize,
    /// Units of the output layer.
    outputs: usize,
    /// What a user should know about the data, such as a rescaling.
    pub note: Option<String>,
}

/// All inputs, one after another.
#[derive(Clone, Debug, PartialEq)]
enum Inputs {
    /// The value 1 is written as `scale`.
    Bytes { values: Vec<u8>, scale: f64 },
    /// The value 1 is written as `scale`.
    Singles { values: Vec<f32>, scale: f64 },
    /// The value 1 is written as `scale`.
    Reals { values: Vec<f64>, scale: f64 },
}

/// What the output should be.
#[derive(Clone, Debug, PartialEq)]
enum Targets {
    /// One class a sample; with a single output unit the class, 0 or 1, is its target.
    Labels(Vec<u16>),
    /// One value for each output unit of each sample, one sample after another.
    Values(Vec<f64>),
}

impl Dataset {
    /// The data of a network.
    ///
    /// `data` (from `--data`: a CSV, IDX, NPY or NPZ file, or a folder of IDX or NPY files) takes the place of the
    /// network's own; a path in the network itself starts at `folder`.
    ///
    /// # Errors
    /// A file that is missing, cut off or not of its format; values that are no numbers; labels
    /// that the output layer has no unit for; an input width that differs from layer 0.
    pub fn load(
        network: &Network,
        folder: &Path,
        data: Option<&Path>,
    ) -> Result<Dataset, DataError> {
        let sizes = Sizes::of(network);
        match (data, &network.dataset) {
            (Some(path), _) => file::read(path, sizes),
            (None, Source::File(path)) => file::read(&folder.join(path), sizes),
            (None, Source::Xor) => builtin::xor(sizes),
            (None, Source::Digits) => builtin::digits(sizes),
            (None, Source::Mnist) => builtin::enlarged_digits(sizes),
            (None, Source::Random) => Ok(builtin::random(sizes, network.seed)),
        }
    }

    /// Number of samples, at least 1.
    pub fn len(&self) -> usize {
        let values = match &self.inputs {
            Inputs::Bytes { values, .. } => values.len(),
            Inputs::Singles { values, .. } => values.len(),
            Inputs::Reals { values, .. } => values.len(),
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
        let inputs = index * self.width..(index + 1) * self.width;
        sample.input.clear();
        match &self.inputs {
            Inputs::Bytes { values, scale } => {
                let reals = values[inputs].iter().map(|&value| f64::from(value) / scale);
                sample.input.extend(reals.map(state));
            }
            Inputs::Singles { values, scale } => {
                let reals = values[inputs].iter().map(|&value| f64::from(value) / scale);
                sample.input.extend(reals.map(state));
            }
            Inputs::Reals { values, scale } => {
                let reals = values[inputs].iter().map(|value| value / scale);
                sample.input.extend(reals.map(state));
            }
        }
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
    /// If there is no such sample.
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
        }
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
        }
    }
}

/// What a user should know about inputs that were divided by `scale` and of which `negative` were
/// below 0.
fn rescaling(scale: f64, negative: usize) -> Option<String> {
    let mut notes = Vec::new();
    if scale > 1.0 {
        notes.push(format!("input values were divided by the largest, {scale}"));
    }
    if negative > 0 {
        notes.push(format!("values below 0 (there are {negative}) count as 0"));
    }
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// Units of the network's ends.
#[derive(Clone, Copy)]
struct Sizes {
    inputs: usize,
    outputs: usize,
}

impl Sizes {
    fn of(network: &Network) -> Sizes {
        Sizes {
            inputs: network.layers[0].units,
            outputs: network.layers[network.output()].units,
        }
    }

    /// Refuses inputs of another width than layer 0; `name` is the file or data set.
    fn check_width(self, name: &str, width: usize) -> Result<(), DataError> {
        if width == self.inputs {
            return Ok(());
        }
        Err(DataError::new(
            "eqprop::data::width",
            format!(
                "{name} has {width} input values a sample, but layer 0 has {} units",
                self.inputs
            ),
            format!("write layers = [{width}, …] in the network file, or use other data"),
        ))
    }

    /// Refuses a label that the output layer has no unit for; `place` says where it stands.
    fn check_label(self, place: impl Fn() -> String, label: usize) -> Result<u16, DataError> {
        let classes = self.outputs.max(2);
        match u16::try_from(label) {
            Ok(small) if label < classes => Ok(small),
            _ => Err(DataError::new(
                "eqprop::data::label",
                format!(
                    "{}: label {label} does not fit an output layer of {} unit{} (labels 0…{})",
                    place(),
                    self.outputs,
                    if self.outputs == 1 { "" } else { "s" },
                    classes - 1
                ),
                "give the last layer one unit for each class, or check that the last column is \
                 the label",
            )),
        }
    }
}
