//! Printing results and notes, and writing files whole or not at all.

use std::io::{self, ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

use hdl::config::Warning;
use miette::Diagnostic;
use serde::Serialize;
use sim::data::{Concern, Dataset};
use sim::progress::Progress;
use sim::wave::{write_atomically, WaveError};
use thiserror::Error;

use crate::args::Display;
use crate::error::Failure;
use crate::progress;

/// Prints what a command finds: results on standard output, everything else on standard error; or tells a
/// [`Listener`].
#[derive(Clone)]
pub struct Printer {
    json: bool,
    quiet: bool,
    silent: bool,
    verbose: bool,
    listener: Option<Arc<dyn Listener>>,
}

/// A program that takes what a command finds in the place of a terminal.
pub trait Listener: Send + Sync {
    /// What `--json` would print.
    fn result(&self, object: serde_json::Value);
    fn note(&self, text: &str);
    fn warning(&self, message: &str, help: &str);
    fn progress(&self) -> Box<dyn Progress>;
}

impl Printer {
    pub fn new(display: &Display) -> Printer {
        Printer {
            json: display.json,
            quiet: display.quiet,
            silent: false,
            verbose: display.verbose,
            listener: None,
        }
    }

    /// One that prints nothing and tells all.
    pub fn telling(listener: Arc<dyn Listener>) -> Printer {
        Printer {
            json: true,
            quiet: false,
            silent: false,
            verbose: false,
            listener: Some(listener),
        }
    }

    /// One that prints results only: for what another part of the command has told already.
    pub fn silent() -> Printer {
        Printer {
            json: false,
            quiet: true,
            silent: true,
            verbose: false,
            listener: None,
        }
    }

    /// Whether `-v` asks for more detail.
    pub fn verbose(&self) -> bool {
        self.verbose
    }

    /// Draws the progress of long work, unless `-q` forbids it.
    pub fn progress(&self) -> Box<dyn Progress> {
        match &self.listener {
            Some(listener) => listener.progress(),
            None => progress::renderer(self.quiet),
        }
    }

    /// The result of a command: with `--json` the object, otherwise the text. Call it once.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn result(&self, text: &str, object: &impl Serialize) -> Result<(), Failure> {
        if let Some(listener) = &self.listener {
            let object = serde_json::to_value(object).map_err(io::Error::from);
            let object = object.map_err(|error| WriteError::new("the result", error))?;
            listener.result(object);
            Ok(())
        } else if self.json {
            let object = serde_json::to_string_pretty(object).map_err(io::Error::from);
            to_stdout(object.map(|object| object + "\n"))
        } else {
            to_stdout(Ok(text.to_owned()))
        }
    }

    /// Something worth knowing; `-q` drops it.
    pub fn note(&self, text: &str) {
        if let Some(listener) = &self.listener {
            listener.note(text);
        } else if !self.quiet {
            // Nobody may be reading standard error; that must not stop the work.
            let _ = writeln!(io::stderr(), "note: {text}");
        }
    }

    /// What is probably wrong with data that were read, and what was done to them; `-q` drops the latter.
    pub fn data(&self, data: &Dataset) {
        for warning in &data.warnings {
            self.warning(warning);
        }
        if let Some(note) = &data.note {
            self.note(note);
        }
        if !data.is_plain() {
            self.note(&format!("inputs are {}", data.scaling().text()));
        }
    }

    /// What spoils results of these data without any other sign; `-q` does not drop it.
    pub fn concern(&self, Concern { message, help }: &Concern) {
        self.warn(message, help);
    }

    /// Something that may go wrong; `-q` does not drop it.
    pub fn warning(&self, warning: &Warning) {
        let Warning {
            code,
            message,
            help,
        } = warning;
        self.warn(message, &format!("{help} [{code}]"));
    }

    fn warn(&self, message: &str, help: &str) {
        if let Some(listener) = &self.listener {
            listener.warning(message, help);
        } else if !self.silent {
            let _ = writeln!(io::stderr(), "warning: {message}\n  help: {help}");
        }
    }
}

fn to_stdout(text: io::Result<String>) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = text
        .and_then(|text| stdout.write_all(text.as_bytes()))
        .and_then(|()| stdout.flush());
    match written {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Err(Failure::ReaderGone),
        Err(error) => Err(WriteError::new("standard output", error).into()),
    }
}

/// Something that cannot be written.
#[derive(Debug, Error, Diagnostic)]
#[error("cannot write {what}")]
#[diagnostic(code(eqprop::write), help("{help}"))]
pub struct WriteError {
    what: String,
    help: &'static str,
    source: io::Error,
}

impl WriteError {
    /// `what` names it; `source` decides the help.
    pub fn new(what: impl Into<String>, source: io::Error) -> WriteError {
        let help = match source.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                "the disk is full: free some space, or choose a folder on another disk with --out"
            }
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                "choose a folder that you may write to with --out"
            }
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                "a part of this path is a file: remove it, or choose another folder with --out"
            }
            ErrorKind::IsADirectory => "a folder has this name: remove it, or choose another name",
            _ => "check the path, or choose another folder with --out",
        };
        WriteError {
            what: what.into(),
            help,
            source,
        }
    }
}

/// Writes a file, making its folder: it appears under its name complete or not at all.
///
/// # Errors
/// The folder or the file cannot be written; the error names the path and the way out.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    write_atomically(path, bytes).map_err(|error| {
        let (path, source) = match error {
            WaveError::Io { path, source, .. } => (path, source),
            other => (path.to_owned(), io::Error::other(other)),
        };
        WriteError::new(format!("`{}`", path.display()), source)
    })
}

/// Makes a folder and those above it.
///
/// # Errors
/// It cannot be made; the error names the path and the way out.
pub fn folder(path: &Path) -> Result<(), WriteError> {
    std::fs::create_dir_all(path)
        .map_err(|source| WriteError::new(format!("`{}`", path.display()), source))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_where_a_folder_is_needed_is_named_and_nothing_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "old").unwrap();
        let error = write(&file.join("inner"), b"new").unwrap_err();
        let text = format!("{error}: {}\n{}", error.source, error.help().unwrap());
        let text = text.replace(&format!("{}/", folder.path().display()), "");
        insta::assert_snapshot!(text, @r#"
        cannot write `file`: File exists (os error 17)
        a part of this path is a file: remove it, or choose another folder with --out
        "#);
        assert_eq!(std::fs::read(&file).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_full_disk_says_what_to_do() {
        let error = WriteError::new("`plan.json`", ErrorKind::StorageFull.into());
        insta::assert_snapshot!(format!("{error}\n{}", error.help().unwrap()), @r#"
        cannot write `plan.json`
        the disk is full: free some space, or choose a folder on another disk with --out
        "#);
    }
}
