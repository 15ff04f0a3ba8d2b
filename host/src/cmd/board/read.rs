//! `eqprop board read`: the weights that a board has learned.

use std::path::PathBuf;

use serde::Serialize;
use sim::exchange::{self, Form};

use super::connection::Connection;
use super::report::LinkReport;
use crate::args::Common;
use crate::ask;
use crate::claim::{Claim, Kind};
use crate::error::Failure;
use crate::link::LinkError;
use crate::output::Printer;

/// Read the weights of a board into a file
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board read --network digits --save learned.npz")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    connection: Connection,
    /// Where they go: .npz or .safetensors [default: weights.npz in the folder of --out]
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Write the raw integers, in place of real values
    #[arg(long)]
    raw: bool,
}

#[derive(Serialize)]
struct Read {
    network: String,
    weights: PathBuf,
    link: LinkReport,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    // Before anything is read; the weights of a file elsewhere are no matter of this folder.
    let _claim = match &arguments.save {
        Some(_) => None,
        None => Some(Claim::new(&resolved.out, Kind::Training)?),
    };
    let (mut device, line) = arguments.connection.device(&resolved, printer)?;
    let mark = line.mark(&mut device)?;
    let weights = device.read_weights().map_err(LinkError::failure)?;
    let link = line.since(&mark, &mut device)?;
    let default = || resolved.out.join(ask::LAST);
    let path = arguments.save.clone().unwrap_or_else(default);
    let form = match arguments.raw {
        true => Form::Raw,
        false => Form::Real,
    };
    exchange::save(&path, &resolved.network, &weights, form, None)?;
    let read = Read {
        network: resolved.network.name,
        weights: path,
        link,
    };
    let text = format!("{}\n{}\n", read.weights.display(), read.link.text());
    printer.result(&text, &read)
}
