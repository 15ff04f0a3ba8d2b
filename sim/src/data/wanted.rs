//! What a reader of files is asked for, and what it hands back beside the inputs.

use hdl::config::{Network, Scale, Warning};

use crate::array::Values;

use super::labels::{self, Answers, Numbering};
use super::{DataError, Dataset, LabelColumn, Scaling, Targets};

/// What is wanted of a file.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub sizes: Sizes,
    pub label: Option<&'a LabelColumn>,
    /// How the training data number their labels; `None` where this file decides.
    pub numbering: Option<&'a Numbering>,
    /// It is a test part: what was said of the label is said of the training part.
    pub test: bool,
    /// There need be no labels.
    pub unlabelled: bool,
}

/// The answers of all samples.
pub(super) struct Labelled {
    targets: Targets,
    numbering: Numbering,
    note: Option<String>,
    warnings: Vec<Warning>,
}

impl Wanted<'_> {
    /// Labelled samples of these sizes, read for the first time.
    pub fn of(sizes: Sizes) -> Self {
        Wanted {
            sizes,
            label: None,
            numbering: None,
            test: false,
            unlabelled: false,
        }
    }

    /// Refuses `--label-column` for `source`, which is no table. Test data take it where it applies.
    pub fn no_table(&self, source: &str) -> Result<(), DataError> {
        match (self.label, self.test) {
            (Some(column), false) => Err(DataError::new(
                "eqprop::data::label_column",
                format!("--label-column {column}: {source} keeps labels apart from inputs"),
                "leave it out: it is for CSV files and for NPY files of one table",
            )),
            _ => Ok(()),
        }
    }

    /// Samples of which nobody says what they are.
    pub fn unknown(&self) -> Labelled {
        Labelled {
            targets: Targets::Unknown,
            numbering: self.numbering.cloned().unwrap_or_default(),
            note: None,
            warnings: Vec::new(),
        }
    }

    /// The targets of all samples of `source`; `place` says where those of a sample stand.
    pub fn targets(
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
    /// A data set of these answers; `notes` are about its inputs, of which the value 1 is written as `white`, if the
    /// format says so.
    pub fn dataset(
        self,
        inputs: Values,
        white: Option<f64>,
        notes: Vec<String>,
        sizes: Sizes,
    ) -> Dataset {
        let notes: Vec<String> = self.note.into_iter().chain(notes).collect();
        let mut data = Dataset {
            inputs,
            white,
            scaling: Scaling::none(),
            shape: None,
            targets: self.targets,
            width: sizes.inputs,
            outputs: sizes.outputs,
            numbering: self.numbering,
            note: (!notes.is_empty()).then(|| notes.join("; ")),
            warnings: self.warnings,
        };
        data.fit(Scale::Whole, &(0..data.len()).collect::<Vec<_>>());
        data
    }
}

/// Units of the network's ends.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub inputs: usize,
    pub outputs: usize,
}

impl Sizes {
    pub fn of(network: &Network) -> Sizes {
        Sizes {
            inputs: network.layers[0].units,
            outputs: network.layers[network.output()].units,
        }
    }

    /// Refuses inputs of another width than layer 0; `name` is the file or data set.
    pub fn check_width(self, name: &str, width: usize) -> Result<(), DataError> {
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
    pub fn check_label(self, place: impl Fn() -> String, label: usize) -> Result<u16, DataError> {
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
