//! A simulated board that stays while Python holds it.

use eqprop::args::Common;
use eqprop::cmd::board::Simulation;
use eqprop::link;
use pyo3::prelude::*;

use crate::watch::{self, Told, Watcher};
use crate::{failure, parse};

#[derive(clap::Args)]
struct Options {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    simulation: Simulation,
}

/// The Verilated board behind a pseudo-terminal, until it is dropped or closed.
#[pyclass(frozen)]
pub struct VirtualBoard {
    board: std::sync::Mutex<Option<link::VirtualBoard>>,
    #[pyo3(get)]
    port: String,
}

#[pymethods]
impl VirtualBoard {
    #[new]
    fn new(py: Python, options: Vec<String>, watcher: Watcher) -> PyResult<VirtualBoard> {
        let options: Options =
            parse::of("board", options).map_err(|failure| failure::raise(py, failure))?;
        let (board, Told { .. }) = watch::run(py, watcher, |_| {
            options.simulation.start(&options.common.resolve()?)
        })?;
        Ok(VirtualBoard {
            port: board.path().to_owned(),
            board: std::sync::Mutex::new(Some(board)),
        })
    }

    fn close(&self, py: Python) {
        let board = self.board.lock().ok().and_then(|mut board| board.take());
        py.detach(|| drop(board));
    }
}
