//! What a network is shown: samples of inputs and targets, stored once and turned into states one by one.
//!
//! `builtin` holds the data sets that need no file, `csv`, `idx` and `arrays` (NPY, NPZ) read
//! files, `table` tells the label of a table from its inputs, `labels` numbers the classes, `parts` tells
//! training from test data, `range` what their sizes come to.

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
mod shuffled;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;

use hdl::config::{Dataset as Source, Network, Warning};

use crate::bittrue::{state_from_real, Sample};

use labels::{Answers, Numbering};
use parts::Part;

pub use error::DataError;
pub use given::{Given, LabelColumn};
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
    /// How the file writes its classes.
    numbering: Numbering,
    /// What a user should know about the data, such as a rescaling.
    pub note: Option<String>,
    /// What is probably wrong with the data, such as labels of one class only.
    pub warnings: Vec<Warning>,
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
    /// that the output layer has no unit for; an input width that differs from layer 0; a table of which the
    /// label cannot be told from the inputs.
    pub fn load<'a>(
        network: &Network,
        folder: &Path,
        data: impl Into<Given<'a>>,
    ) -> Result<Dataset, DataError> {
        let given = data.into();
        let sizes = Sizes::of(network);
        let wanted = Wanted {
            sizes,
            label: given.label,
            numbering: None,
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

/// What is wanted of a file.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    sizes: Sizes,
    label: Option<&'a LabelColumn>,
    /// How the training data number their labels; `None` where this file decides.
    numbering: Option<&'a Numbering>,
}

/// The answers of all samples.
struct Labelled {
    targets: Targets,
    numbering: Numbering,
    note: Option<String>,
    warnings: Vec<Warning>,
}

impl Wanted<'_> {
    /// Refuses `--label-column` for `source`, which is no table. Test data take it where it applies.
    fn no_table(&self, source: &str) -> Result<(), DataError> {
        match (self.label, self.numbering) {
            (Some(column), None) => Err(DataError::new(
                "eqprop::data::label_column",
                format!("--label-column {column}: {source} keeps labels apart from inputs"),
                "leave it out: it is for CSV files and for NPY files of one table",
            )),
            _ => Ok(()),
        }
    }

    /// The targets of all samples of `source`; `place` says where those of a sample stand.
    fn targets(
        &self,
        source: &str,
        answers: Answers,
        place: &dyn Fn(usize) -> String,
    ) -> Result<Labelled, DataError> {
        let (targets, numbering) = labels::targets(answers, self.sizes, self.numbering, place)?;
        Ok(Labelled {
            warnings: labels::warnings(source, &targets, &numbering, self.sizes),
            note: numbering.note(),
            targets,
            numbering,
        })
    }
}

impl Labelled {
    /// A data set of these answers; `notes` are about its inputs.
    fn dataset(self, inputs: Inputs, notes: Vec<String>, sizes: Sizes) -> Dataset {
        let notes: Vec<String> = self.note.into_iter().chain(notes).collect();
        Dataset {
            inputs,
            targets: self.targets,
            width: sizes.inputs,
            outputs: sizes.outputs,
            numbering: self.numbering,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
            warnings: self.warnings,
        }
    }
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
                "give the last layer one unit for each class, or say with --label-column which column of a \
                 table is the label",
            )),
        }
    }
}
