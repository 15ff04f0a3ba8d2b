//! Options as the command line reads them, with its limits and its words.

use clap::error::ErrorKind;
use clap::Parser;
use eqprop::error::{Explained, Failure};

/// A whole command line, the program's name left out.
pub fn all<T: Parser>(options: Vec<String>) -> Result<T, Failure> {
    T::try_parse_from(["eqprop".to_owned()].into_iter().chain(options)).map_err(explained)
}

/// The options of one command.
pub fn of<T: clap::Args>(name: &'static str, options: Vec<String>) -> Result<T, Failure> {
    let command = T::augment_args(clap::Command::new(name));
    let words = [name.to_owned()].into_iter().chain(options);
    let matches = command.try_get_matches_from(words).map_err(explained)?;
    T::from_arg_matches(&matches).map_err(explained)
}

/// clap's own text, but for the usage of a program that nobody typed.
fn explained(error: clap::Error) -> Failure {
    let text = error.render().to_string();
    let text = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => &text[..],
        _ => ["\n\nUsage:", "\n\nFor more information"]
            .iter()
            .fold(&text[..], |text, end| {
                text.split(end).next().unwrap_or(text)
            }),
    };
    let text = text.strip_prefix("error: ").unwrap_or(text).trim_end();
    let text = match text.split_once("\n\n  tip: ") {
        Some((message, tip)) => format!("{message}\nhelp: {tip}"),
        None => text.to_owned(),
    };
    Explained::new("eqprop::options", &std::io::Error::other(text))
        .or_help("options are those of the command line, with _ for -")
        .into()
}
