//! What can go wrong with a waveform, and the way out of it.

use std::io;
use std::path::{Path, PathBuf};

/// Why a waveform could not be annotated.
#[derive(Debug, thiserror::Error)]
pub enum WaveError {
    #[error("cannot {action} `{}`: {source}", .path.display())]
    Io {
        /// `read` or `write`.
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("`{}` is not a VCD file: {source}; simulate again with tracing on", .path.display())]
    NotVcd { path: PathBuf, source: io::Error },
    #[error("output `{}` must end in `.vcd`; rename it", .0.display())]
    OutputName(PathBuf),
    #[error(
        "signal `{path}` is not in the waveform; {}",
        match .similar {
            Some(name) => format!("did you mean `{name}`?"),
            None => "trace deeper, or take the row out".to_string(),
        }
    )]
    UnknownSignal {
        path: String,
        /// A signal of the waveform with the same last name.
        similar: Option<String>,
    },
    #[error(
        "signal `{path}` has {width} bits: {fraction} fraction bits need a vector of at least \
         {} bits", .fraction + 1
    )]
    Fraction {
        path: String,
        width: u32,
        fraction: u32,
    },
    #[error("signal `{path}` is given {first} fraction bits in one row and {second} in another")]
    TwoFractions {
        path: String,
        first: u32,
        second: u32,
    },
    #[error("{what} {index} does not exist: the annotation has {count}")]
    Index {
        /// `golden trace` or `enumeration`.
        what: &'static str,
        index: usize,
        count: usize,
    },
    #[error("name `{name}` of a {what} must be letters, digits and `_` only")]
    Name { what: &'static str, name: String },
    #[error("golden value at time {time} comes after one at time {after}: sort them by time")]
    Order { time: u64, after: u64 },
}

impl WaveError {
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> WaveError + '_ {
        move |source| WaveError::Io {
            action: "read",
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> WaveError + '_ {
        move |source| WaveError::Io {
            action: "write",
            path: path.to_path_buf(),
            source,
        }
    }
}
