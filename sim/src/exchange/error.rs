//! What is wrong with a file of weights: the file, the array, the value, the limit and the way out.

use std::fmt::Display;
use std::path::Path;

use hdl::config::Formats;
use miette::Diagnostic;
use thiserror::Error;

/// A file of weights that cannot be written, read, or used with the network.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
#[diagnostic(code(eqprop::weights), help("{help}"))]
pub struct ExchangeError {
    message: String,
    help: String,
}

impl ExchangeError {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> ExchangeError {
        ExchangeError {
            message: message.into(),
            help: help.into(),
        }
    }

    /// The way out, one sentence.
    pub fn way_out(&self) -> &str {
        &self.help
    }
}

type Shapes = [(String, Vec<usize>)];

fn list(expected: &Shapes) -> String {
    let names = expected
        .iter()
        .map(|(name, shape)| format!("{name} {shape:?}"));
    format!("this network has {}", names.collect::<Vec<_>>().join(", "))
}

pub(super) fn ending(path: &Path) -> ExchangeError {
    ExchangeError::new(
        format!(
            "`{}` ends neither in .npz nor in .safetensors",
            path.display()
        ),
        "give the file one of these endings: it decides the format",
    )
}

pub(super) fn unreadable(path: &Path, why: impl Display) -> ExchangeError {
    ExchangeError::new(
        format!("cannot read the weights `{}`: {why}", path.display()),
        "check the path, or save the file again",
    )
}

pub(super) fn unwritable(why: impl Display) -> ExchangeError {
    ExchangeError::new(
        why.to_string(),
        "make room or choose another path; a file that was there is unchanged",
    )
}

pub(super) fn array(path: &Path, name: &str, why: impl Display) -> ExchangeError {
    ExchangeError::new(
        format!("`{}`, array `{name}`, {why}", path.display()),
        "save finite numbers: float16, bfloat16 (safetensors), float32 or float64 for real values, int16 for raw weights",
    )
}

pub(super) fn dtype(path: &Path, name: &str, dtype: &str) -> ExchangeError {
    array(path, name, format!("has elements of type {dtype}"))
}

pub(super) fn unknown(path: &Path, name: &str, expected: &Shapes) -> ExchangeError {
    ExchangeError::new(
        format!(
            "`{}` has an array `{name}`, which this network has not",
            path.display()
        ),
        list(expected),
    )
}

pub(super) fn missing(path: &Path, name: &str, expected: &Shapes) -> ExchangeError {
    ExchangeError::new(
        format!("`{}` has no array `{name}`", path.display()),
        list(expected),
    )
}

pub(super) fn shape(
    path: &Path,
    name: &str,
    found: &[usize],
    wanted: &[usize],
    expected: &Shapes,
) -> ExchangeError {
    let transposed = found.len() == 2 && found.iter().rev().eq(wanted);
    ExchangeError::new(
        format!(
            "`{}`, array `{name}`, has the shape {found:?}, not {wanted:?}",
            path.display()
        ),
        match transposed {
            true => "transpose it: w.<a>.<b> is units of b × units of a, as in PyTorch".to_owned(),
            false => list(expected),
        },
    )
}

pub(super) fn symmetry(
    path: &Path,
    name: &str,
    (row, column): (usize, usize),
    found: f64,
    wanted: f64,
) -> ExchangeError {
    ExchangeError::new(
        format!(
            "`{}`, array `{name}`, element [{row}, {column}] is {found}, not {wanted}",
            path.display()
        ),
        "weights within a layer are symmetric and no unit is connected to itself: \
         w = (w + w.T) / 2 with a zero diagonal",
    )
}

pub(super) fn range(
    path: &Path,
    name: &str,
    index: &[usize],
    value: f64,
    [lowest, highest]: [f64; 2],
    formats: &Formats,
) -> ExchangeError {
    ExchangeError::new(
        format!(
            "`{}`, array `{name}`, element {index:?} is {value}, but weights of {} bits with {} \
             fraction bits lie in {lowest}…{highest}",
            path.display(),
            formats.weight_bits,
            formats.weight_fraction,
        ),
        "clamp them on loading, or give the network file a smaller weight_fraction",
    )
}

pub(super) fn trained(path: &Path, why: &str) -> ExchangeError {
    ExchangeError::new(
        format!(
            "`{}` says how its data became inputs, but {why}",
            path.display()
        ),
        "give weights that `eqprop train` saved for this network, or remove its entry `data`: then the scale of the network's own data is assumed",
    )
}

pub(super) fn formats(path: &Path, key: &str, found: u64, own: u32) -> ExchangeError {
    ExchangeError::new(
        format!(
            "`{}` holds raw weights with {key} = {found}, but the network has {own}",
            path.display()
        ),
        "save real values instead: they are rounded to any format",
    )
}
