//! Why a reference case could not be used.

use hdl::config::ConfigError;
use std::path::PathBuf;

/// An unusable case, with the place to look at and what would be accepted.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("{}: cannot be read: {source}; give a folder of cases (*.json) or one case", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: holds no case; a case is a file *.json as tests/vectors/README.md describes", .0.display())]
    Empty(PathBuf),
    #[error("{}: at {field}: {message}; tests/vectors/README.md lists the fields", path.display())]
    Parse {
        path: PathBuf,
        field: String,
        message: String,
    },
    #[error("{}: {field} is {value}, must be {expected}", path.display())]
    Value {
        path: PathBuf,
        field: String,
        value: String,
        expected: String,
    },
    #[error("{}: {source}", path.display())]
    Network { path: PathBuf, source: ConfigError },
}
