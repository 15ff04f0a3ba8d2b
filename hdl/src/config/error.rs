//! What is wrong with a network, where in its file, and the way out.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use toml::de::DeTable;

/// A network that cannot be read or built, as a `miette` diagnostic.
///
/// Read from a file it carries the text and the span of the offending value; found later, for
/// example after `--lanes`, it has no span and names the field in its message.
#[derive(Debug)]
pub struct ConfigError(Box<Problem>);

#[derive(Debug)]
struct Problem {
    code: &'static str,
    /// Where in the file: keys and array positions joined by dots, such as `layers.1.units`;
    /// alternatives are separated by `|`.
    at: String,
    message: String,
    limit: String,
    help: String,
    /// The text of the file, where there is one.
    source: Option<Arc<NamedSource<String>>>,
    span: Option<Range<usize>>,
}

impl ConfigError {
    /// `message` names field and value, `limit` what is allowed, `help` the way out.
    pub(super) fn new(
        code: &'static str,
        at: impl Into<String>,
        message: impl Into<String>,
        limit: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        ConfigError(Box::new(Problem {
            code,
            at: at.into(),
            message: message.into(),
            limit: limit.into(),
            help: help.into(),
            source: None,
            span: None,
        }))
    }

    /// Points at the offending value in the text that the network was read from.
    pub(super) fn in_text(self, name: &str, text: &str) -> Self {
        let span = find(text, &self.0.at);
        self.at_span(name, text, span)
    }

    /// Points at a span that the TOML reader reported.
    pub(super) fn at_span(mut self, name: &str, text: &str, span: Option<Range<usize>>) -> Self {
        let source = NamedSource::new(name, text.to_owned()).with_language("TOML");
        self.0.source = Some(Arc::new(source));
        self.0.span = span;
        self
    }

    /// Stable name of the kind of error, such as `eqprop::config::units`.
    pub fn code(&self) -> &'static str {
        self.0.code
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        // With a span the limit is the label under the offending line.
        if self.0.span.is_none() && !self.0.limit.is_empty() {
            write!(f, " ({})", self.0.limit)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

impl Diagnostic for ConfigError {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.0.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.0.help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.0.source.as_ref().map(|source| source as _)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.0.span.clone()?;
        let label = LabeledSpan::new_with_span(Some(self.0.limit.clone()), span);
        Some(Box::new(std::iter::once(label)))
    }
}

/// Something that a user should know about a network that is nevertheless usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Stable name of the kind of warning, such as `eqprop::config::may_oscillate`.
    pub code: &'static str,
    /// What may happen.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The known word closest to `word`, if one is close enough to be what was meant.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Span of the value at the first of the alternative paths that the text has in full, or of the
/// deepest part of the last one.
fn find(text: &str, at: &str) -> Option<Range<usize>> {
    let document = DeTable::parse(text).ok()?;
    let mut deepest = None;
    for path in at.split('|') {
        let mut parts = path.split('.');
        let mut value = parts.next().and_then(|first| document.get_ref().get(first));
        deepest = value;
        for part in parts {
            value = value.and_then(|value| match part.parse::<usize>() {
                Ok(index) => value.get_ref().get(index),
                Err(_) => value.get_ref().get(part),
            });
            deepest = value.or(deepest);
        }
        if let Some(value) = value {
            return Some(value.span());
        }
    }
    deepest.map(|value| value.span())
}
