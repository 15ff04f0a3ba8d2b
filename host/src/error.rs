//! How a command ends when it does not succeed.

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
