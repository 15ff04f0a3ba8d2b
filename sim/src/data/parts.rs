//! Training and test data: two files, or two parts of one file or folder; both on the scale of what is learned from.

use std::path::Path;

use hdl::config::{Dataset as Source, Network};

use crate::train::Split;

use super::{file, AsTrained, Concern, DataError, Dataset, Given, Sizes, Wanted};

/// Which part of a file or folder is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The training part, or everything where there are no parts.
    Train,
    /// The part that is there for testing only.
    Test,
}

/// The data of a network and, where they come apart from them, data to test it with.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// Samples to learn from; where `test` is missing, to be split by the caller.
    pub train: Dataset,
    /// Samples that are not learned from, on the scale of those that are.
    pub test: Option<Dataset>,
    /// Their ranges differ.
    pub concern: Option<Concern>,
}

impl Parts {
    /// The data of a network in two parts.
    ///
    /// `data` (from `--data`: a CSV, IDX, NPY or NPZ file, or a folder of IDX or NPY files) takes the place of the
    /// network's own; a path in the network itself starts at `folder`. The test part comes
    /// from `test` (from `--test-data`: any file or folder that `data` may be; its own test part if
    /// it has one) or else from what `data` names: the test or t10k files of an IDX folder, `x_test.npy`
    /// and `y_test.npy` of a folder, `x_test` and `y_test` or `test_images` and `test_labels` of an NPZ file.
    ///
    /// Scale of inputs and numbers of classes are those of `data.trained`, or learned from the training part.
    ///
    /// # Errors
    /// A file that is missing, cut off or not of its format; values that are no numbers; labels
    /// that the output layer has no unit for; an input width that differs from layer 0; a table of which the
    /// label cannot be told from the inputs; a shape that does not multiply to the inputs.
    pub fn load<'a>(
        network: &Network,
        folder: &Path,
        data: impl Into<Given<'a>>,
        test: Option<&Path>,
    ) -> Result<Parts, DataError> {
        let given = data.into();
        let mut train = Dataset::read(network, folder, given)?;
        let wanted = Wanted {
            label: given.label,
            numbering: Some(&train.numbering),
            test: true,
            unlabelled: given.unlabelled,
            ..Wanted::of(Sizes::of(network))
        };
        let mut test = match (test, given.path, &network.dataset) {
            (Some(path), ..) => match file::read_test(path, wanted)? {
                Some(test) => Some(test),
                None => Some(file::read(path, wanted)?),
            },
            (None, Some(path), _) => file::read_test(path, wanted)?,
            (None, None, Source::File(path)) => file::read_test(&folder.join(path), wanted)?,
            (None, None, _) => None,
        };
        match given.trained {
            Some(trained) => train.scaling = trained.scaling().clone(),
            None => {
                let validation = network.data.validation;
                let split = Split::new(train.len(), test.is_some(), validation, network.seed);
                train.fit(network.data.scale, split.train());
            }
        }
        train.shape = network.data.shape.or(train.shape);
        let concern = test.as_mut().and_then(|test| {
            test.scaling = train.scaling.clone();
            test.shape = train.shape;
            // They told of the test part's own classes.
            test.warnings.clear();
            test.strays("test data")
        });
        let parts = Parts {
            train,
            test,
            concern,
        };
        // Weights that are only asked vary nothing.
        if given.trained.is_none() {
            parts.have_shape(network)?;
        }
        Ok(parts)
    }

    /// Pictures that are varied have rows and columns.
    ///
    /// # Errors
    /// `data.augment` of inputs without a shape.
    pub fn have_shape(&self, network: &Network) -> Result<(), DataError> {
        if network.data.augment.is_none() || self.train.shape.is_some() {
            return Ok(());
        }
        Err(DataError::new(
            "eqprop::data::augment",
            "`data.augment` varies pictures, but nobody says how many rows and columns inputs have",
            "write shape = [rows, columns] under [data] in the network file, or leave augment out",
        ))
    }

    /// What goes with weights that learn from these.
    pub fn as_trained(&self, network: &Network) -> AsTrained {
        AsTrained::of(self, network)
    }
}
