//! Why a checkpoint cannot be saved or used, and the way out.

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::{Difference, VERSION};

/// A checkpoint that cannot be saved, read, or gone on from.
#[derive(Debug, Error, Diagnostic)]
pub enum CheckpointError {
    /// The file is missing or cannot be read.
    #[error("cannot read the checkpoint `{}`: {source}", .path.display())]
    #[diagnostic(
        code(eqprop::checkpoint::unreadable),
        help("check the path, or start anew without --resume")
    )]
    Read { path: PathBuf, source: io::Error },
    /// The disk is full, or the folder cannot be written to.
    #[error("cannot save the checkpoint `{}`: {source}", .path.display())]
    #[diagnostic(
        code(eqprop::checkpoint::unwritable),
        help("make room or choose another folder; a checkpoint that was there is unchanged")
    )]
    Write { path: PathBuf, source: io::Error },
    /// The file is something else.
    #[error("`{}` is not a checkpoint: it does not start with EQPROPCK", .path.display())]
    #[diagnostic(
        code(eqprop::checkpoint::not_one),
        help("give a file that `eqprop train` saved; weights from elsewhere are .npz or .safetensors")
    )]
    NotACheckpoint { path: PathBuf },
    /// The file is of another version of the format.
    #[error(
        "the checkpoint `{}` has the version {found}, but this eqprop reads version {VERSION} only",
        .path.display()
    )]
    #[diagnostic(
        code(eqprop::checkpoint::version),
        help("go on with the eqprop that saved it, or start anew")
    )]
    Version { path: PathBuf, found: u32 },
    /// The file was changed or cut off.
    #[error("the checkpoint `{}` is damaged: {why}", .path.display())]
    #[diagnostic(
        code(eqprop::checkpoint::corrupt),
        help("use an older copy, or start anew: nothing of this file can be trusted")
    )]
    Corrupt { path: PathBuf, why: String },
    /// The checkpoint belongs to a network that trains to other weights.
    #[error(
        "the checkpoint `{}` is of another network:\n{}",
        .path.display(),
        .differences.iter().map(|d| format!("  {d}")).collect::<Vec<_>>().join("\n")
    )]
    #[diagnostic(
        code(eqprop::checkpoint::other_network),
        help("make the network file equal again, or start anew with another output folder")
    )]
    OtherNetwork {
        path: PathBuf,
        /// Every field that differs, at least one.
        differences: Vec<Difference>,
    },
}

impl CheckpointError {
    pub(super) fn read(path: &Path, source: io::Error) -> CheckpointError {
        CheckpointError::Read {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn write(path: &Path, source: io::Error) -> CheckpointError {
        CheckpointError::Write {
            path: path.to_path_buf(),
            source,
        }
    }

    pub(super) fn not_one(path: &Path) -> CheckpointError {
        CheckpointError::NotACheckpoint {
            path: path.to_path_buf(),
        }
    }

    pub(super) fn corrupt(path: &Path, why: &str) -> CheckpointError {
        CheckpointError::Corrupt {
            path: path.to_path_buf(),
            why: why.to_owned(),
        }
    }
}
