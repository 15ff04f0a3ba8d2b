//! How a training run ends when it does not reach its end, and why it is not begun.

use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;
use crate::tools::interrupt::INTERRUPTED;

/// Hardware that learned something else.
#[derive(Debug, Error, Diagnostic)]
#[error(
    "{weights} weights, biases or random words of the hardware differ from the bit-true model's"
)]
#[diagnostic(
    code(eqprop::train::mismatch),
    help("`eqprop cosim --learn` finds the first write that differs")
)]
pub struct Differs {
    pub weights: usize,
}

/// A checkpoint of a run that was asked for otherwise.
#[derive(Debug, Error, Diagnostic)]
#[error("the checkpoint `{path}` is of another run: {saved}; now asked for: {asked}")]
#[diagnostic(
    code(eqprop::train::other_run),
    help("give the same options, or leave --resume out to begin anew")
)]
pub struct OtherRun {
    pub path: String,
    pub saved: String,
    pub asked: String,
}

/// `--resume` where no run has left anything.
#[derive(Debug, Error, Diagnostic)]
#[error("there is no run to go on with: `{path}` does not exist")]
#[diagnostic(
    code(eqprop::train::no_checkpoint),
    help("name the folder of that run with --out, its network with --network; leave --resume out to begin anew")
)]
pub struct NoCheckpoint {
    path: String,
}

impl NoCheckpoint {
    pub fn new(path: &Path) -> NoCheckpoint {
        let path = path.display().to_string();
        NoCheckpoint { path }
    }
}

/// `--resume` of a run whose chosen weights are gone.
#[derive(Debug, Error, Diagnostic)]
#[error("the weights that the run chose so far are gone: `{path}` does not exist")]
#[diagnostic(
    code(eqprop::train::no_best),
    help("put the file back, or leave --resume out to begin anew")
)]
pub struct NoBest {
    path: String,
}

impl NoBest {
    pub fn new(path: &Path) -> NoBest {
        let path = path.display().to_string();
        NoBest { path }
    }
}

/// A run that a Ctrl-C ended.
#[derive(Debug, Error, Diagnostic)]
#[error("stopped after {done} of {all} training samples; all that was learned is in `{path}`")]
#[diagnostic(
    code(eqprop::train::stopped),
    help("`{again}` goes on from there and ends with the same bits")
)]
struct Interrupted {
    path: String,
    done: u64,
    all: u64,
    again: String,
}

/// The end of a run that a Ctrl-C stopped after its checkpoint was saved.
pub fn interrupted(checkpoint: &Path, done: u64, all: u64) -> Failure {
    let typed = std::env::args().skip(1);
    let mut words: Vec<String> = typed.map(|word| quoted(&word)).collect();
    if !words.iter().any(|word| word == "--resume") {
        words.push("--resume".into());
    }
    let error = Interrupted {
        path: checkpoint.display().to_string(),
        done,
        all,
        again: format!("eqprop {}", words.join(" ")),
    };
    Failure::Report {
        report: miette::Report::new(error),
        code: INTERRUPTED,
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_or_change_them() {
        let words = ["--out", "a b", "it's", "", "$HOME", "x=1"];
        let text = words.map(quoted).join(" ");
        assert_eq!(text, r#"--out 'a b' 'it'\''s' '' '$HOME' x=1"#);
    }
}
