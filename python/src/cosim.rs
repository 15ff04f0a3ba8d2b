//! Co-simulation with every write of hardware and models as columns.

use eqprop::cmd::cosim::{watched, Arguments, Differs};
use eqprop::error::Failure;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use sim::lockstep::{Mismatch, Write};

use crate::watch::{self, Told, Watcher};
use crate::{failure, parse};

/// Where hardware and models differ: sample, cycle, (phase, sweep, layer, unit), parameter, quantity, expected, got.
type Place = (
    usize,
    u64,
    Option<(usize, usize, usize, usize)>,
    Option<String>,
    String,
    String,
    String,
);

/// A mismatch and its exception, if there is one.
type Mismatching = Option<(Place, PyErr)>;

/// Columns of the writes: sample, phase, sweep, layer, unit, cycle, hardware (NaN: not written), bit-true, golden.
type Columns<'py> = (
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<u64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// Runs hardware and models; the report as JSON, all writes, and the mismatch with its exception.
#[pyfunction]
pub fn cosim(
    py: Python,
    options: Vec<String>,
    writes: bool,
    watcher: Watcher,
) -> PyResult<(String, Option<Columns>, Mismatching, Told)> {
    let arguments: Arguments =
        parse::of("cosim", options).map_err(|failure| failure::raise(py, failure))?;
    let mut seen: Vec<(usize, Write)> = vec![];
    let (ended, told) = watch::run(py, watcher, |printer| {
        let bench = arguments.bench(printer)?;
        watched(&arguments, &bench, printer, |lockstep, position, _| {
            if writes {
                let sample = bench.sample(position);
                seen.extend(
                    lockstep
                        .look(&sample)
                        .into_iter()
                        .map(|write| (position, write)),
                );
            }
        })
    })?;
    let (report, mismatch) = ended;
    let differs = mismatch.map(|mismatch| {
        let differs = Differs::new(&mismatch, &report);
        (
            place(&mismatch),
            failure::raise(py, Failure::failed(differs)),
        )
    });
    let text = serde_json::to_string(&report).expect("numbers and words have a form in JSON");
    Ok((text, writes.then(|| columns(py, &seen)), differs, told))
}

fn place(mismatch: &Mismatch) -> Place {
    let state = |(phase, sweep, layer, unit)| (phase as usize, sweep, layer, unit);
    (
        mismatch.sample,
        mismatch.cycle,
        mismatch.state.map(state),
        mismatch.parameter.map(|parameter| parameter.to_string()),
        mismatch.quantity.to_string(),
        mismatch.expected.clone(),
        mismatch.got.clone(),
    )
}

fn columns<'py>(py: Python<'py>, seen: &[(usize, Write)]) -> Columns<'py> {
    let whole = |value: fn(&Write) -> usize| -> Vec<i64> {
        seen.iter().map(|(_, write)| value(write) as i64).collect()
    };
    let real = |value: fn(&Write) -> f64| -> Vec<f64> {
        seen.iter().map(|(_, write)| value(write)).collect()
    };
    let samples: Vec<i64> = seen.iter().map(|&(sample, _)| sample as i64).collect();
    let phases: Vec<u8> = seen.iter().map(|(_, write)| write.phase as u8).collect();
    let cycles: Vec<u64> = seen.iter().map(|(_, write)| write.cycle).collect();
    (
        samples.into_pyarray(py),
        phases.into_pyarray(py),
        whole(|write| write.sweep).into_pyarray(py),
        whole(|write| write.layer).into_pyarray(py),
        whole(|write| write.unit).into_pyarray(py),
        cycles.into_pyarray(py),
        real(|write| write.hardware.unwrap_or(f64::NAN)).into_pyarray(py),
        real(|write| write.bittrue).into_pyarray(py),
        real(|write| write.golden).into_pyarray(py),
    )
}
