//! `eqprop board virtual`: a simulated board that any serial program can open.

use hdl::arch::Link;
use serde::Serialize;

use super::connection::Simulation;
use crate::args::Common;
use crate::error::Failure;
use crate::output::Printer;

/// Simulate a board behind a pseudo-terminal, until Ctrl-C; prints the device file to open
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board virtual --network digits\n\n\
                        Then, elsewhere: eqprop board train --network digits --port /dev/pts/N")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    simulation: Simulation,
}

/// What was started, as `--json` prints it.
#[derive(Serialize)]
struct Started {
    port: String,
    network: String,
    board: String,
    #[serde(flatten)]
    link: Link,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let board = arguments.simulation.start(&resolved)?;
    let started = Started {
        port: board.path().to_owned(),
        network: resolved.network.name,
        board: resolved.network.engine.board,
        link: board.link().clone(),
    };
    printer.result(&format!("{}\n", started.port), &started)?;
    printer.note(&format!(
        "{} on a virtual {} at {} baud; Ctrl-C ends it",
        started.network, started.board, started.link.baud
    ));
    board.wait();
    Ok(())
}
