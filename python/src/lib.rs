//! eqprop inside Python: the command's own functions, with arrays for files.
//!
//! `parse` reads options as the command line does, `watch` runs work beside Python (signals, progress, warnings),
//! `failure` makes exceptions of errors; `ask`, `cosim`, `stream`, `trainer` and `board` are what a text cannot carry. The Python
//! around it is in `eqprop/`.

mod ask;
mod board;
mod cosim;
mod failure;
mod network;
mod parse;
mod stream;
mod trainer;
mod watch;

use pyo3::prelude::*;

use eqprop::args::Args;
use watch::{Told, Watcher};

/// Runs a command of the command line; what `--json` would print is among what it tells.
#[pyfunction]
fn command(py: Python, options: Vec<String>, watcher: Watcher) -> PyResult<((), Told)> {
    let args: Args = parse::all(options).map_err(|failure| failure::raise(py, failure))?;
    watch::run(py, watcher, |printer| eqprop::run(args.command, printer))
}

#[pymodule]
fn _eqprop(module: &Bound<PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<trainer::Trainer>()?;
    module.add_class::<board::VirtualBoard>()?;
    module.add_class::<stream::Stream>()?;
    for function in [
        wrap_pyfunction!(command, module)?,
        wrap_pyfunction!(ask::predict, module)?,
        wrap_pyfunction!(ask::settle, module)?,
        wrap_pyfunction!(cosim::cosim, module)?,
        wrap_pyfunction!(network::describe, module)?,
        wrap_pyfunction!(network::initial, module)?,
        wrap_pyfunction!(network::tensors, module)?,
        wrap_pyfunction!(network::toml, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}
