//! One process at a time makes files of one kind in a folder.
//!
//! A claim is a lock file beside the files, `.<kind>.lock`, locked until the claim is dropped or its process ends,
//! however it ends. It holds the number of the process, for the message that another one gets.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::output::{self, WriteError};

/// Files that belong together: mixed, those of two processes would mean nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Generated Verilog and what lies beside it.
    Verilog,
    /// Waveforms and plots of single samples.
    Waveforms,
    /// Checkpoint, log, plots and weights of a training run.
    Training,
    /// Page and numbers of an analysis.
    Analysis,
    /// Pictures of a test.
    Testing,
    /// Plots of an exploration.
    Exploration,
    /// Netlists, placements, bitstreams.
    Build,
}

impl Kind {
    /// Name of the lock file, and what the files are called in a message.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Kind::Verilog => ("verilog", "Verilog"),
            Kind::Waveforms => ("waveforms", "waveforms"),
            Kind::Training => ("training", "checkpoint, log and weights of a training run"),
            Kind::Analysis => ("analysis", "an analysis"),
            Kind::Testing => ("testing", "pictures of a test"),
            Kind::Exploration => ("exploration", "an exploration"),
            Kind::Build => ("build", "a build"),
        }
    }
}

/// The right to make files of one kind in a folder.
#[derive(Debug)]
pub struct Claim {
    folder: PathBuf,
    /// Closing it releases the lock.
    _lock: File,
}

#[derive(Debug, Error, Diagnostic)]
#[error("`{folder}` is in use: {holder} writes {what} there")]
#[diagnostic(
    code(eqprop::folder),
    help("wait until it has ended, or give this run a folder of its own with --out DIR")
)]
struct InUse {
    folder: String,
    what: &'static str,
    holder: String,
}

impl Claim {
    /// Makes the folder and claims it.
    ///
    /// # Errors
    /// Another process has claimed the same; a folder that cannot be written.
    pub fn new(folder: &Path, kind: Kind) -> Result<Claim, Failure> {
        output::folder(folder)?;
        let (name, what) = kind.names();
        let path = folder.join(format!(".{name}.lock"));
        let unwritten = |source| WriteError::new(format!("`{}`", path.display()), source);
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut lock = options.open(&path).map_err(unwritten)?;
        match FileExt::try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // A holder that has only just come has not written its number yet.
                let _ = lock.read_to_string(&mut holder);
                return Err(InUse {
                    folder: folder.display().to_string(),
                    what,
                    holder: match holder.trim() {
                        "" => "another process".into(),
                        number => format!("process {number}"),
                    },
                }
                .into());
            }
            Err(TryLockError::Error(source)) => return Err(unwritten(source).into()),
        }
        let written = lock
            .set_len(0)
            .and_then(|()| lock.rewind())
            .and_then(|()| writeln!(lock, "{}", std::process::id()));
        written.map_err(unwritten)?;
        Ok(Claim {
            folder: folder.to_owned(),
            _lock: lock,
        })
    }

    /// The folder that is claimed.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_file_is_claimed_once_until_the_claim_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        let first = Claim::new(&inner, Kind::Build).unwrap();
        assert_eq!(first.folder(), inner);
        let Err(Failure::Report { report, code }) = Claim::new(&inner, Kind::Build) else {
            panic!("claimed twice");
        };
        assert_eq!(code, 2);
        let text = format!("{report}\n{}", report.help().unwrap());
        let text = text
            .replace(&inner.display().to_string(), "FOLDER")
            .replace(&std::process::id().to_string(), "N");
        insta::assert_snapshot!(text, @r"
        `FOLDER` is in use: process N writes a build there
        wait until it has ended, or give this run a folder of its own with --out DIR
        ");
        // Other files of the same folder, and the same ones elsewhere.
        Claim::new(&inner, Kind::Training).unwrap();
        Claim::new(folder.path(), Kind::Build).unwrap();
        drop(first);
        Claim::new(&inner, Kind::Build).unwrap();
    }
}
