//! The words of the core's stream, and what the bit-true model answers to them.

use std::path::PathBuf;

use eqprop::args::Common;
use eqprop::error::{Explained, Failure};
use eqprop::integration::{Exchange, Reference};
use eqprop::resolve::Resolved;
use hdl::arch::stream::{self, Response};
use hdl::config::Network;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use sim::bittrue::{state_from_real, state_to_real, Mode, Sample};
use sim::exchange::{self, Form, OutOfRange};
use sim::train;

use crate::{failure, parse};

#[derive(clap::Args)]
struct Options {
    #[command(flatten)]
    common: Common,
}

/// Command and answer.
type Words<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u32>>);

/// Outputs, answer, sweeps, settled.
type Decoded<'py> = (Bound<'py, PyArray1<f64>>, usize, u32, bool);

/// A core that does what the bit-true model does.
#[pyclass]
pub struct Stream {
    reference: Reference,
}

#[pymethods]
impl Stream {
    /// Of a network; or of what `eqprop generate --cocotb` wrote down of one.
    #[new]
    fn new(py: Python, options: Vec<String>, json: Option<&str>) -> PyResult<Stream> {
        let resolved = match json {
            Some(text) => restored(text),
            None => parse::of("stream", options)
                .and_then(|options: Options| Ok(options.common.resolve()?)),
        };
        let reference = resolved.and_then(|resolved| Ok(Reference::new(&resolved.plan()?)));
        let reference = reference.map_err(|failure| failure::raise(py, failure))?;
        Ok(Stream { reference })
    }

    /// Units of the input and of the output layer, and lanes.
    #[getter]
    fn sizes(&self) -> (usize, usize, usize) {
        let plan = self.reference.plan();
        let layers = &plan.network.layers;
        let output = &layers[plan.network.output()];
        (layers[0].units, output.units, plan.shape.lanes)
    }

    #[getter]
    fn state_fraction(&self) -> u32 {
        self.reference.plan().network.formats.state_fraction
    }

    fn configure<'py>(&self, py: Python<'py>) -> Vec<Words<'py>> {
        words(py, self.reference.configure())
    }

    /// Loads the weights of a file.
    fn load<'py>(&mut self, py: Python<'py>, path: PathBuf) -> PyResult<Vec<Words<'py>>> {
        let network = &self.reference.plan().network;
        let loaded = exchange::load(&path, network, OutOfRange::Refuse);
        let loaded = loaded.map_err(|error| failure::raise(py, error.into()))?;
        Ok(words(py, self.reference.load(&loaded.weights)))
    }

    /// Shows a sample of states 0…1; with a target it nudges, and learns if it is to.
    fn sample<'py>(
        &mut self,
        py: Python<'py>,
        input: PyReadonlyArray1<f64>,
        target: Option<PyReadonlyArray1<f64>>,
        learn: bool,
    ) -> PyResult<(Words<'py>, u64)> {
        let (inputs, outputs, _) = self.sizes();
        let target = target.as_ref();
        let mode = match (target, learn) {
            (None, _) => Mode::Infer,
            (Some(_), false) => Mode::Nudge,
            (Some(_), true) => Mode::Learn,
        };
        let sample = Sample {
            input: self.states("input", Some(&input), inputs)?,
            target: self.states("target", target, outputs)?,
        };
        let exchange = self.reference.sample(&sample, mode);
        let cycles = exchange.writes.map_or(0, |(_, cycles)| cycles);
        Ok((pair(py, exchange), cycles))
    }

    fn read<'py>(&self, py: Python<'py>) -> Vec<Words<'py>> {
        words(py, self.reference.read())
    }

    /// The outputs of an answered sample, its answer, sweeps of all phases, and whether all settled; none of other words.
    fn decode<'py>(&self, py: Python<'py>, words: PyReadonlyArray1<u32>) -> Option<Decoded<'py>> {
        let words: Vec<u32> = words.as_array().iter().copied().collect();
        let response = Response::parse(&words)?;
        let answer = response.answer.as_ref()?;
        let (_, outputs, _) = self.sizes();
        let (states, fraction) = (stream::dense(answer, outputs), self.state_fraction());
        let class = train::answer(answer.1, outputs, states[0], fraction);
        let states: Vec<f64> = states
            .iter()
            .map(|&state| state_to_real(state, fraction))
            .collect();
        Some((
            states.into_pyarray(py),
            class,
            response.sweeps(),
            response.settled(),
        ))
    }

    /// Writes the model's weights to a file.
    fn save(&self, py: Python, path: PathBuf) -> PyResult<()> {
        let network = &self.reference.plan().network;
        let weights = self.reference.weights();
        exchange::save(&path, network, &weights, Form::Real, None)
            .map_err(|error| failure::raise(py, error.into()))
    }
}

impl Stream {
    fn states(
        &self,
        name: &str,
        values: Option<&PyReadonlyArray1<f64>>,
        units: usize,
    ) -> PyResult<Vec<u16>> {
        let Some(values) = values else {
            return Ok(vec![0; units]);
        };
        let values = values.as_array();
        if values.len() != units || !values.iter().all(|value| (0.0..=1.0).contains(value)) {
            return Err(PyValueError::new_err(format!(
                "the {name} has {} values, smallest {:?}; give {units} states of 0 to 1",
                values.len(),
                values.iter().copied().reduce(f64::min)
            )));
        }
        let fraction = self.state_fraction();
        Ok(values
            .iter()
            .map(|&value| state_from_real(value, fraction))
            .collect())
    }
}

/// The network of a snapshot.
fn restored(text: &str) -> Result<Resolved, Failure> {
    let network: Network = serde_json::from_str(text).map_err(|error| {
        Explained::new("eqprop::python::snapshot", &error)
            .or_help("`eqprop generate --cocotb` writes network.json anew")
    })?;
    Ok(Resolved {
        warnings: network.validate()?,
        network,
        folder: PathBuf::new(),
        out: PathBuf::new(),
    })
}

fn words(py: Python, exchanges: Vec<Exchange>) -> Vec<Words> {
    exchanges
        .into_iter()
        .map(|exchange| pair(py, exchange))
        .collect()
}

fn pair(py: Python, exchange: Exchange) -> Words {
    (
        exchange.command.into_pyarray(py),
        exchange.response.into_pyarray(py),
    )
}
