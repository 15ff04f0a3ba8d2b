//! How a command ends when it does not succeed.

use std::error::Error;
use std::fmt::Display;

use miette::{Diagnostic, Report};

/// A command that did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Something to tell the user, and the exit code: 1 if what was asked for failed, 2 for bad
    /// input or a missing tool.
    Report { report: Report, code: u8 },
    /// Nobody reads standard output any more (`eqprop check | head -1`): stop without a word.
    ReaderGone,
}

/// Errors are bad input unless a command says otherwise.
impl<E: Diagnostic + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure::Report {
            report: Report::new(error),
            code: 2,
        }
    }
}

/// A library's error that carries its way out as a last line "help: …", made into a diagnostic.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Explained {
    message: String,
    help: Option<String>,
    code: &'static str,
}

impl Explained {
    /// `code` names the kind of error, as `eqprop::plan`.
    pub fn new(code: &'static str, error: &(impl Error + ?Sized)) -> Explained {
        let text = error.to_string();
        let (message, help) = match text.rsplit_once("\nhelp: ") {
            Some((message, help)) => (message, Some(help)),
            None => (text.as_str(), None),
        };
        Explained {
            message: message.to_owned(),
            help: help.map(str::to_owned),
            code,
        }
    }

    /// The same with this help, unless it has one.
    pub fn or_help(mut self, help: impl Into<String>) -> Explained {
        self.help.get_or_insert_with(|| help.into());
        self
    }
}

impl Diagnostic for Explained {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        let help = self.help.as_ref()?;
        Some(Box::new(help))
    }
}

impl Failure {
    /// What was asked for failed: exit code 1.
    pub fn failed(error: impl Diagnostic + Send + Sync + 'static) -> Failure {
        Failure::Report {
            report: Report::new(error),
            code: 1,
        }
    }
}
