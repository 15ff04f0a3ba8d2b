//! How a command ends when it does not succeed.

use std::error::Error;
use std::fmt::{self, Display};

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
            report: Report::new(Once(error)),
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
            report: Report::new(Once(error)),
            code: 1,
        }
    }
}

/// An error without the cause that its own message quotes already, so that it is told once.
#[derive(Debug)]
struct Once<E>(E);

impl<E: Display> Display for Once<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl<E: Error> Error for Once<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let quoted =
            |cause: &&(dyn Error + 'static)| self.0.to_string().contains(&cause.to_string());
        self.0.source().filter(|cause| !quoted(cause))
    }
}

impl<E: Diagnostic> Diagnostic for Once<E> {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.0.code()
    }

    fn severity(&self) -> Option<miette::Severity> {
        self.0.severity()
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.0.help()
    }

    fn url<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        self.0.url()
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.0.source_code()
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = miette::LabeledSpan> + '_>> {
        self.0.labels()
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        self.0.related()
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use super::*;

    #[derive(Debug, thiserror::Error, Diagnostic)]
    enum Sample {
        #[error("cannot read it: {source}")]
        Quoted { source: std::io::Error },
        #[error("cannot read it")]
        Apart { source: std::io::Error },
    }

    #[test]
    fn a_cause_is_told_once() {
        let source = || std::io::Error::from(ErrorKind::NotFound);
        for error in [
            Sample::Quoted { source: source() },
            Sample::Apart { source: source() },
        ] {
            let Failure::Report { report, code } = Failure::from(error) else {
                panic!("an error is a report");
            };
            assert_eq!(
                (
                    format!("{report:?}").matches("entity not found").count(),
                    code
                ),
                (1, 2)
            );
        }
    }
}
