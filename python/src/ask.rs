//! Answers and settling of saved weights.

use eqprop::cmd::predict as asking;
use eqprop::cmd::predict::{Answers, Arguments};
use eqprop::error::Failure;
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;
use sim::ask::settle::Settled;

use crate::watch::{self, Told, Watcher};
use crate::{failure, parse};

/// Columns of a table: indices, answers (classes only), names of these, margins, sweeps, settled, outputs.
type Table<'py> = (
    Bound<'py, PyArray1<i64>>,
    Option<Bound<'py, PyArray1<i64>>>,
    Option<Vec<String>>,
    Option<Bound<'py, PyArray1<f64>>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray2<f64>>,
);

/// What weights answer to samples.
#[pyfunction]
pub fn predict(py: Python, options: Vec<String>, watcher: Watcher) -> PyResult<(Table, Told)> {
    let arguments: Arguments = parsed(py, options)?;
    let (answers, told) = watch::run(py, watcher, |printer| asking::answers(&arguments, printer))?;
    let Answers {
        questions, replies, ..
    } = answers;
    let classes = !questions.trained.real_targets();
    let outputs = questions.data.outputs();
    let flat = replies.iter().flat_map(|reply| &reply.outputs).copied();
    let flat = Array2::from_shape_vec((replies.len(), outputs), flat.collect());
    let column =
        |value: fn(&sim::ask::Reply) -> i64| -> Vec<i64> { replies.iter().map(value).collect() };
    let indices: Vec<i64> = questions
        .indices
        .iter()
        .map(|&index| index as i64)
        .collect();
    let names = |_| {
        (0..outputs.max(2))
            .map(|class| questions.trained.class_name(class))
            .collect()
    };
    let margins = || {
        replies
            .iter()
            .map(|reply| reply.margin())
            .collect::<Vec<_>>()
    };
    let table = (
        indices.into_pyarray(py),
        classes.then(|| column(|reply| reply.answer as i64).into_pyarray(py)),
        classes.then_some(()).map(names),
        classes.then(|| margins().into_pyarray(py)),
        replies
            .iter()
            .map(|reply| reply.sweeps)
            .collect::<Vec<_>>()
            .into_pyarray(py),
        replies
            .iter()
            .map(|reply| reply.settled)
            .collect::<Vec<_>>()
            .into_pyarray(py),
        flat.expect("every reply has all outputs").into_pyarray(py),
    );
    Ok((table, told))
}

/// One sample: input, target (or none), and each phase's sign and states after every sweep.
type Sample<'py> = (
    Bound<'py, PyArray1<f64>>,
    Option<Bound<'py, PyArray1<f64>>>,
    Vec<(i32, Bound<'py, PyArray2<f64>>)>,
);

/// States after every sweep of samples.
#[pyfunction]
pub fn settle(
    py: Python,
    options: Vec<String>,
    nudged: bool,
    watcher: Watcher,
) -> PyResult<(Vec<Sample>, Told)> {
    let arguments: Arguments = parsed(py, options)?;
    let (settled, told) = watch::run(py, watcher, |printer| {
        asking::settle(&arguments, nudged, printer)
    })?;
    let samples = settled.into_iter().map(|one: Settled| {
        let phases = one.phases.into_iter().map(|phase| {
            let states = PyArray2::from_vec2(py, &phase.states);
            (phase.sign, states.expect("every sweep has all units"))
        });
        let target = nudged.then(|| one.target.into_pyarray(py));
        (one.input.into_pyarray(py), target, phases.collect())
    });
    Ok((samples.collect(), told))
}

fn parsed(py: Python, options: Vec<String>) -> PyResult<Arguments> {
    parse::of("predict", options).map_err(|failure: Failure| failure::raise(py, failure))
}
