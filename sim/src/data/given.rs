//! What a command line says about data: which file, and which of its columns is the label.

use std::convert::Infallible;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::AsTrained;

/// The column of a table that holds the label; of a table with one target for each output, the first target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelColumn {
    /// The first column that is no index.
    First,
    /// The last column.
    Last,
    /// The column of this name in the header, else of this number, counted from 1.
    At(String),
}

impl FromStr for LabelColumn {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "first" => LabelColumn::First,
            "last" => LabelColumn::Last,
            other => LabelColumn::At(other.to_owned()),
        })
    }
}

impl fmt::Display for LabelColumn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            LabelColumn::First => "first",
            LabelColumn::Last => "last",
            LabelColumn::At(name) => name,
        })
    }
}

/// What takes the place of a network's own data, and how its table is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// A CSV, IDX, NPY or NPZ file or a folder; `None`: the network's own data.
    pub path: Option<&'a Path>,
    /// Where the label is in a CSV file or NPY table, the network's own included; `None`: it is looked for.
    pub label: Option<&'a LabelColumn>,
    /// How weights learned from data: scale and numbers of classes are theirs; `None`: they are learned from the data.
    pub trained: Option<&'a AsTrained>,
    /// Samples need no labels.
    pub unlabelled: bool,
}

impl<'a> From<Option<&'a Path>> for Given<'a> {
    fn from(path: Option<&'a Path>) -> Self {
        Given {
            path,
            ..Given::default()
        }
    }
}
