//! Errors as Python exceptions: the command's message, help and code.

use eqprop::error::Failure;
use miette::{GraphicalReportHandler, GraphicalTheme, Report};
use pyo3::prelude::*;

/// The exception of a failure.
pub fn raise(py: Python, failure: Failure) -> PyErr {
    let made = match failure {
        Failure::Report { report, code } => exception(py, &report, code),
        Failure::ReaderGone => unreachable!("nothing is printed"),
    };
    made.unwrap_or_else(|error| error)
}

fn exception(py: Python, report: &Report, exit_code: u8) -> PyResult<PyErr> {
    let code = report.code().map(|code| code.to_string());
    let help = report.help().map(|help| help.to_string());
    let causes: Vec<String> = report.chain().map(|cause| cause.to_string()).collect();
    let message = causes.join(": ");
    let place = report.labels().is_some().then(|| lines(report));
    let make = py.import("eqprop.errors")?.getattr("_make")?;
    let made = make.call1((message, help, code, exit_code, place))?;
    Ok(PyErr::from_value(made))
}

/// The lines of the network file that an error points at, as a terminal shows them.
fn lines(report: &Report) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    let mut text = String::new();
    match handler.render_report(&mut text, report.as_ref()) {
        Ok(()) => text,
        Err(_) => String::new(),
    }
}
