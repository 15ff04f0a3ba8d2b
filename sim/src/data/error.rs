//! What is wrong with a data set: the file, the place in it, the value, and the way out.

use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;

/// A data set that cannot be read or does not fit the network.
#[derive(Debug, Error)]
#[error("{message}")]
pub struct DataError {
    code: &'static str,
    message: String,
    help: String,
}

impl DataError {
    /// `message` names file, place, value and limit; `help` is the way out.
    pub(super) fn new(
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        DataError {
            code,
            message: message.into(),
            help: help.into(),
        }
    }

    /// A file that cannot be opened or read.
    pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            return Self::truncated(path, "its compressed data end too early");
        }
        DataError::new(
            "eqprop::data::unreadable",
            format!("cannot read the data file `{}`: {error}", path.display()),
            "check the path after `--data` or in `dataset`; a path in a network file starts at \
             that file's folder",
        )
    }

    /// A file that ends before its samples do.
    pub(super) fn truncated(path: &Path, why: &str) -> Self {
        DataError::new(
            "eqprop::data::truncated",
            format!("`{}` is cut off: {why}", path.display()),
            "copy or download the file again",
        )
    }

    /// A file with more values than a run should hold in memory.
    pub(super) fn too_large(path: &Path, limit: usize) -> Self {
        DataError::new(
            "eqprop::data::too_large",
            format!("the values of `{}` take more than {limit} bytes of memory", path.display()),
            "use fewer samples: cut the file into parts; bytes take one byte a value, float32 four, other numbers eight",
        )
    }

    /// Stable name of the kind of error, such as `eqprop::data::label`.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl Diagnostic for DataError {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }
}
