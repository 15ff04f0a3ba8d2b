//! Reading a network file: TOML text or a path to a checked [`Network`], or an error with its line.

use std::io::Read;
use std::path::Path;

use super::error::{did_you_mean, ConfigError};
use super::file::{resolve, File};
use super::{builtin, Network, MAX_FILE_BYTES};
use crate::board::Board;

impl Network {
    /// Reads a network from TOML text; `source` (a path or a title) appears in errors, and its
    /// stem is the name of a network that gives none.
    ///
    /// # Errors
    /// Everything that [`Network::validate`] refuses, unknown fields, wrong types and text that
    /// is not TOML, each with the line it is on.
    pub fn parse(source: &str, text: &str) -> Result<Network, ConfigError> {
        let file: File = toml::from_str(text).map_err(|error| reading(source, text, &error))?;
        let path = Path::new(source);
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let mut network = resolve(file, stem.unwrap_or("network"))
            .map_err(|error| error.in_text(source, text))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        network.engine.board = Board::beside(&network.engine.board, folder);
        network
            .validate()
            .map_err(|error| error.in_text(source, text))?;
        if let Ok(board) = Board::load(&network.engine.board) {
            network.engine.board.clone_from(&board.name);
        }
        Ok(network)
    }

    /// Reads the network file at `path`.
    ///
    /// # Errors
    /// As [`Network::parse`], and a file that cannot be read, is not UTF-8 or exceeds 1 MB.
    pub fn load(path: &Path) -> Result<Network, ConfigError> {
        let shown = path.display().to_string();
        let unreadable = |why: String| {
            ConfigError::new(
                "eqprop::config::unreadable",
                "",
                format!("cannot read the network file `{shown}`: {why}"),
                "",
                format!(
                    "give the path of a TOML file or one of the built-in networks: {}; \
                     `eqprop new NAME` writes a commented file",
                    builtin::names().join(", ")
                ),
            )
        };
        let mut text = String::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text))
            .map_err(|error| unreadable(error.to_string()))?;
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(unreadable(format!(
                "it is larger than {MAX_FILE_BYTES} bytes"
            )));
        }
        Network::parse(&shown, &text)
    }
}

/// Turns the TOML reader's error into ours: its line, its words, and a way out.
fn reading(source: &str, text: &str, error: &toml::de::Error) -> ConfigError {
    // serde's own words name Rust's types; a user knows numbers and lists.
    const WORDS: [(&str, &str); 4] = [
        (
            "expected u32",
            "expected a whole number from 0 to 4294967295",
        ),
        ("expected usize", "expected a whole number, 0 or more"),
        ("expected a sequence", "expected a list in brackets"),
        ("unknown variant", "unknown value"),
    ];
    let message = (WORDS.iter()).fold(error.message().to_owned(), |message, (theirs, ours)| {
        message.replace(theirs, ours)
    });
    let syntax = toml::de::DeTable::parse(text).is_err();
    let unknown = message.starts_with("unknown ");
    // `unknown field `x`, expected one of `a`, `b``: every second piece is a name.
    let mut names = message.split('`').skip(1).step_by(2);
    let close = names.next().and_then(|word| did_you_mean(word, names));
    let (code, label, help) = match (syntax, unknown, close) {
        (true, ..) => (
            "eqprop::config::toml",
            "not valid TOML",
            "see https://toml.io for the notation; strings need quotes, lists need brackets"
                .to_owned(),
        ),
        (_, true, Some(name)) => (
            "eqprop::config::unknown",
            "not known",
            format!("did you mean `{name}`?"),
        ),
        (_, true, None) => (
            "eqprop::config::unknown",
            "not known",
            "remove it; `eqprop new NAME` writes a file that explains every field".to_owned(),
        ),
        _ => (
            "eqprop::config::type",
            "not a value for this field",
            "`eqprop new NAME` writes a file that shows and explains every field".to_owned(),
        ),
    };
    ConfigError::new(code, "", message, label, help).at_span(source, text, error.span())
}
