//! Training and test data: two files, or two parts of one file or folder.

use std::path::Path;

use hdl::config::{Dataset as Source, Network};

use super::{file, Concern, DataError, Dataset, Given, Sizes, Wanted};

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
    /// Samples that are not learned from. Their inputs are divided by the same number as those of
    /// `train`; what exceeds it counts as 1.
    pub test: Option<Dataset>,
    /// Their ranges differ.
    pub concern: Option<Concern>,
}

impl Parts {
    /// The data of a network in two parts.
    ///
    /// `data` takes the place of the network's own, as in [`Dataset::load`]. The test part comes
    /// from `test` (from `--test-data`: any file or folder that `data` may be; its own test part if
    /// it has one) or else from what `data` names: the test or t10k files of an IDX folder, `x_test.npy`
    /// and `y_test.npy` of a folder, `x_test` and `y_test` or `test_images` and `test_labels` of an NPZ file.
    ///
    /// # Errors
    /// As [`Dataset::load`], for either part.
    pub fn load<'a>(
        network: &Network,
        folder: &Path,
        data: impl Into<Given<'a>>,
        test: Option<&Path>,
    ) -> Result<Parts, DataError> {
        let given = data.into();
        let train = Dataset::load(network, folder, given)?;
        let wanted = Wanted {
            sizes: Sizes::of(network),
            label: given.label,
            numbering: Some(&train.numbering),
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
        let concern = test
            .as_mut()
            .and_then(|test| test.scaled_as(&train, "test data"));
        if let Some(test) = &mut test {
            // They told of the test part's own classes.
            test.warnings.clear();
        }
        Ok(Parts {
            train,
            test,
            concern,
        })
    }
}
