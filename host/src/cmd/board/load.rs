//! `eqprop board load`: weights onto a board.

use std::path::PathBuf;

use serde::Serialize;
use sim::exchange::{self, OutOfRange};
use sim::weights::Weights;

use super::connection::Connection;
use super::report::LinkReport;
use super::shadow::{Comparison, Shadow};
use super::train::differs;
use crate::args::Common;
use crate::error::Failure;
use crate::link::LinkError;
use crate::output::Printer;
use crate::resolve::Resolved;

/// Write a network and its weights to a board, and read them back
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board load --network digits --weights weights.npz")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    connection: Connection,
    /// Weights (.npz or .safetensors) [default: seeded random ones]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

#[derive(Serialize)]
struct Loaded {
    network: String,
    #[serde(flatten)]
    comparison: Comparison,
    link: LinkReport,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let weights = weights(arguments.weights.as_ref(), &resolved)?;
    let (mut device, line) = arguments.connection.device(&resolved, printer)?;
    let mark = line.mark(&mut device)?;
    device.configure().map_err(LinkError::failure)?;
    device.load(&weights).map_err(LinkError::failure)?;
    let read = device.read_weights().map_err(LinkError::failure)?;
    let random = device.read_random().map_err(LinkError::failure)?;
    let mut shadow = Shadow::new(device.plan(), &weights, random);
    shadow.compare_weights(&read, random);
    let loaded = Loaded {
        network: resolved.network.name,
        comparison: shadow.comparison,
        link: line.since(&mark, &mut device)?,
    };
    let text = format!("{}\n{}\n", loaded.comparison.text(), loaded.link.text());
    printer.result(&text, &loaded)?;
    differs(&loaded.comparison)
}

/// The weights of a file, or the seeded initial ones.
pub fn weights(file: Option<&PathBuf>, resolved: &Resolved) -> Result<Weights, Failure> {
    Ok(match file {
        Some(path) => exchange::load(path, &resolved.network, OutOfRange::Refuse)?.weights,
        None => Weights::initial(&resolved.network),
    })
}
