//! Networks: what a file or a dict comes to.

use std::path::PathBuf;

use eqprop::args::Common;
use eqprop::error::{Explained, Failure};
use hdl::config::Network;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use sim::exchange::{self, Form};
use sim::weights::Weights;

use crate::{failure, parse};

#[derive(clap::Args)]
struct Options {
    #[command(flatten)]
    common: Common,
}

fn resolve(options: Vec<String>) -> Result<eqprop::resolve::Resolved, Failure> {
    let options: Options = parse::of("network", options)?;
    Ok(options.common.resolve()?)
}

/// The checked network as JSON, and what a user should know of it.
#[pyfunction]
pub fn describe(py: Python, options: Vec<String>) -> PyResult<(String, Vec<String>)> {
    let resolved = resolve(options).map_err(|failure| failure::raise(py, failure))?;
    let text = serde_json::to_string(&resolved.network).expect("a network has a form in JSON");
    let warnings = (resolved.warnings.iter()).map(|warning| {
        format!(
            "{}\nhelp: {} [{}]",
            warning.message, warning.help, warning.code
        )
    });
    Ok((text, warnings.collect()))
}

/// Writes the seeded initial weights of a network to a file; with `raw` the integers.
#[pyfunction]
pub fn initial(py: Python, options: Vec<String>, path: PathBuf, raw: bool) -> PyResult<()> {
    let form = if raw { Form::Raw } else { Form::Real };
    let written = resolve(options).and_then(|resolved| {
        let network = &resolved.network;
        Ok(exchange::save(
            &path,
            network,
            &Weights::initial(network),
            form,
            None,
        )?)
    });
    written.map_err(|failure| failure::raise(py, failure))
}

/// A file's arrays by name: shape and numbers.
type Tensors<'py> = Vec<(String, Vec<usize>, Bound<'py, PyArray1<f64>>)>;

/// All arrays of a file of tensors, and what it says of itself.
#[pyfunction]
pub fn tensors(py: Python, path: PathBuf) -> PyResult<(Tensors, Option<String>)> {
    let (named, about) =
        exchange::tensors(&path).map_err(|error| failure::raise(py, error.into()))?;
    let arrays = named.into_iter();
    let arrays = arrays.map(|(name, shape, numbers)| (name, shape, numbers.into_pyarray(py)));
    Ok((arrays.collect(), about))
}

/// The text of a network file with these fields, given as a JSON object; checked.
#[pyfunction]
pub fn toml(py: Python, fields: &str) -> PyResult<String> {
    let made = || -> Result<String, Failure> {
        let odd = |error: &dyn std::error::Error| {
            Explained::new("eqprop::config::type", error)
                .or_help("fields are numbers, words, truths, lists and dicts, as in a network file")
        };
        let fields: ::toml::Table = serde_json::from_str(fields).map_err(|error| odd(&error))?;
        let text = ::toml::to_string(&fields).map_err(|error| odd(&error))?;
        Network::parse("network", &text)?;
        Ok(text)
    };
    made().map_err(|failure| failure::raise(py, failure))
}
