//! `eqprop board info`: what a board says of itself.

use std::fmt;

use hdl::arch::link::Identity;
use hdl::arch::protocol::counter;
use serde::Serialize;

use super::connection::Connection;
use crate::args::Common;
use crate::error::Failure;
use crate::output::Printer;
use crate::report::table::{grouped, Align, Table};

/// Show what a board says of itself: configuration, sizes, formats, clock, counters
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board info --port /dev/ttyUSB1")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    connection: Connection,
}

/// What was said, as `--json` prints it.
#[derive(Serialize)]
struct Info {
    port: String,
    baud: u32,
    configuration: String,
    /// It was generated for exactly the network of --network.
    made_for_network: bool,
    network: String,
    #[serde(flatten)]
    identity: Identity,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let connected = arguments.connection.open(&resolved, printer)?;
    let own = hdl::arch::Plan::on(&resolved.network, &connected.identity.shape);
    let info = Info {
        port: connected.line.path,
        baud: connected.line.baud,
        configuration: format!("{:08x}", connected.identity.hash),
        made_for_network: own.is_ok_and(|plan| plan.hash == connected.identity.hash),
        network: resolved.network.name,
        identity: connected.identity,
    };
    printer.result(&info.to_string(), &info)
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let identity = &self.identity;
        let shape = &identity.shape;
        let formats = &shape.formats;
        let layers: Vec<String> = identity.layers.iter().map(usize::to_string).collect();
        let same = match self.made_for_network {
            true => format!("that of {}", self.network),
            false => format!("not that of {}", self.network),
        };
        let mut table = Table::new([("", Align::Left), ("", Align::Left)]);
        table.row([
            "port".to_owned(),
            format!("{}, {} baud", self.port, self.baud),
        ]);
        table.row([
            "configuration".to_owned(),
            format!("{} ({same})", self.configuration),
        ]);
        table.row(["layers".to_owned(), layers.join("-")]);
        table.row(["lanes".to_owned(), shape.lanes.to_string()]);
        table.row([
            "formats".to_owned(),
            format!(
                "states 0.{}, weights {} bits with {} fraction bits",
                formats.state_fraction, formats.weight_bits, formats.weight_fraction
            ),
        ]);
        table.row([
            "clock".to_owned(),
            format!("{} MHz", f64::from(identity.clock_hz) / 1e6),
        ]);
        table.row([
            "buffers".to_owned(),
            format!(
                "{} frames under way, {} bytes in, {} words an answer",
                identity.window, identity.receive_bytes, identity.answer_words
            ),
        ]);
        let counted = counter::NAMES.iter().zip(identity.counters);
        for (name, value) in counted {
            table.row([name.replace('_', " "), grouped(value.into())]);
        }
        write!(f, "{table}")
    }
}
