//! `eqprop board bench`: how full the line is, how fast the board.

use std::fmt;
use std::time::Instant;

use clap::value_parser;
use hdl::arch::schedule::Words;
use hdl::arch::stream::{self, Purpose};
use serde::Serialize;
use sim::bittrue::Sample;
use sim::data::{Dataset, Shuffled};
use sim::engine::Engine;
use sim::train::Cycles;
use sim::verilate::Trace;
use sim::weights::Weights;

use super::connection::Connection;
use super::report::LinkReport;
use crate::args::{Common, Data};
use crate::cosim::Hardware;
use crate::error::{Explained, Failure};
use crate::link::{response, Device, LinkError};
use crate::output::Printer;
use crate::report::table::{Align, Table};
use crate::resolve::Resolved;

/// Measure a board: samples a second, use of its line while loading, sampling and reading
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board bench --virtual --network digits")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    connection: Connection,
    /// Samples to show, in a seeded random order
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = value_parser!(u32).range(1..))]
    samples: u32,
    /// Train, in place of inferring
    #[arg(long)]
    train: bool,
}

/// The result, as `--json` prints it. Of a virtual board times are simulated, with --fast those of the simulation.
#[derive(Serialize)]
struct Outcome {
    network: String,
    mode: &'static str,
    baud: u32,
    samples: u32,
    /// Share of the busier direction's time in which bits were on the line; `null` with --fast.
    line_use: Option<f64>,
    /// Over the line.
    samples_per_second: f64,
    /// What the core alone would do at the board's clock, samples back to back: cycles from a sample's first word taken to
    /// the last one answered, and those of them in which it is busy.
    stream_samples_per_second: f64,
    stream_cycles_per_sample: f64,
    cycles_per_sample: f64,
    /// While all weights were written, and read back to verify them.
    load_line_use: Option<f64>,
    verify_line_use: Option<f64>,
    weights_per_second: f64,
    crc_errors: u32,
    retries: u64,
    /// Real time.
    wall_samples_per_second: f64,
    /// The Verilated core without a line, on the same samples; only with --fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    verilated_core_samples_per_second: Option<f64>,
    link: LinkReport,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let network = &resolved.network;
    let data = Dataset::load(network, &resolved.folder, arguments.data.given())?;
    printer.data(&data);
    let fraction = network.formats.state_fraction;
    let samples: Vec<Sample> = Shuffled::new(data.len(), network.seed)
        .take(arguments.samples as usize)
        .map(|index| data.sample(index, fraction))
        .collect();
    let weights = Weights::initial(network);
    let (mut device, line) = arguments.connection.device(&resolved, printer)?;
    device.configure().map_err(LinkError::failure)?;

    let mark = line.mark(&mut device)?;
    device.load(&weights).map_err(LinkError::failure)?;
    let load = line.since(&mark, &mut device)?;
    let mark = line.mark(&mut device)?;
    let read = device.read_weights().map_err(LinkError::failure)?;
    let verify = line.since(&mark, &mut device)?;
    if read != weights {
        return Err(Failure::failed(Explained::new(
            "eqprop::board::verify",
            &Lost,
        )));
    }
    let train = arguments.train;
    let mark = line.mark(&mut device)?;
    let begin = Instant::now();
    let cycles = stream_all(&mut device, &samples, train, printer)?;
    let wall = begin.elapsed().as_secs_f64();
    let link = line.since(&mark, &mut device)?;

    let count = f64::from(arguments.samples);
    let bare = match arguments.connection.virtual_board && arguments.connection.simulation.fast {
        true => Some(count / bare(&resolved, &weights, &samples, train)?),
        false => None,
    };
    let clock = f64::from(device.identity().clock_hz);
    let parameters = weights.pairs(&weights).count() as f64;
    let outcome = Outcome {
        network: network.name.clone(),
        mode: if arguments.train { "train" } else { "infer" },
        baud: link.baud,
        samples: arguments.samples,
        line_use: link.line_use,
        samples_per_second: count / link.seconds,
        stream_samples_per_second: clock / (cycles.stream as f64 / count),
        stream_cycles_per_sample: cycles.stream as f64 / count,
        cycles_per_sample: cycles.busy as f64 / count,
        load_line_use: load.line_use,
        verify_line_use: verify.line_use,
        weights_per_second: parameters / (load.seconds + verify.seconds),
        crc_errors: load.crc_errors + verify.crc_errors + link.crc_errors,
        retries: [&load, &verify, &link]
            .map(|part| part.statistics.retries)
            .iter()
            .sum(),
        wall_samples_per_second: count / wall,
        verilated_core_samples_per_second: bare,
        link,
    };
    printer.result(&outcome.to_string(), &outcome)
}

#[derive(Debug, thiserror::Error)]
#[error("the weights that were read back are not those that were written")]
struct Lost;

fn purpose(sample: &Sample, train: bool) -> Purpose<'_> {
    match train {
        true => Purpose::Learn(&sample.target),
        false => Purpose::Infer,
    }
}

/// Shows all samples to the board; the core's cycles for all of them: busy as it counts them itself, on the stream
/// those that their words take too.
fn stream_all(
    device: &mut Device,
    samples: &[Sample],
    train: bool,
    printer: &Printer,
) -> Result<Cycles, Failure> {
    let plan = device.plan().clone();
    let progress = printer.progress();
    progress.start("measuring", samples.len() as u64, "samples");
    let mut cycles = Cycles::default();
    let mut add = |busy: u64, words: u64| {
        cycles.busy += busy;
        cycles.stream += busy + words;
    };
    let words = |index: usize, nudged, answer: &stream::Answer| Words {
        inputs: samples[index]
            .input
            .iter()
            .filter(|&&state| state != 0)
            .count(),
        nudged,
        outputs: Some(answer.0.len()),
    };
    let streamed = if train {
        let commands = samples
            .iter()
            .map(|sample| stream::sample(&sample.input, Purpose::Learn(&sample.target), true));
        device.stream(commands, |index, received| {
            let response = response(received)?;
            let sent = response
                .answer
                .as_ref()
                .map(|answer| words(index, true, answer));
            let exchanged = sent.map_or(0, |words| plan.exchange(words));
            add(response.cycles.into(), exchanged);
            progress.reach(index as u64 + 1);
            Ok(())
        })
    } else {
        let sample = |index: usize| samples[index].clone();
        device.infer(samples.len(), sample, |first, answered| {
            let exchanged = match answered.answers() {
                [one] => plan.exchange(words(first, false, one)),
                [one, two] => {
                    plan.exchange_pair([words(first, false, one), words(first + 1, false, two)])
                }
                _ => 0,
            };
            add(answered.cycles(), exchanged);
            progress.reach((first + answered.answers().len()) as u64);
        })
    };
    streamed.map_err(LinkError::failure)?;
    progress.finish();
    Ok(cycles)
}

/// Seconds that the Verilated core takes for the same samples, driven from memory.
fn bare(
    resolved: &Resolved,
    weights: &Weights,
    samples: &[Sample],
    train: bool,
) -> Result<f64, Failure> {
    let hardware = Hardware::new(resolved)?;
    let model = hardware.library(Trace::None)?.instance();
    let failed = |error| Failure::failed(Explained::new("eqprop::board::bare", &error));
    let mut engine = Engine::new(hardware.plan, model, weights, None).map_err(failed)?;
    let begin = Instant::now();
    for sample in samples {
        engine
            .sample(sample, purpose(sample, train))
            .map_err(failed)?;
    }
    Ok(begin.elapsed().as_secs_f64())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let percent = |used: Option<f64>| {
            used.map_or("not simulated".into(), |used| {
                format!("{:.1} %", 100.0 * used)
            })
        };
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        table.row(["baud", &self.baud.to_string(), ""]);
        let title = format!("line used, {}", self.mode);
        table.row([&title, &percent(self.line_use), ""]);
        table.row(["line used, loading", &percent(self.load_line_use), ""]);
        table.row(["line used, verifying", &percent(self.verify_line_use), ""]);
        table.row([
            "over the line",
            &format!("{:.0}", self.samples_per_second),
            "samples a second",
        ]);
        table.row([
            "the core alone",
            &format!("{:.0}", self.stream_samples_per_second),
            &format!(
                "samples a second back to back, {:.0} cycles each, busy in {:.0}",
                self.stream_cycles_per_sample, self.cycles_per_sample
            ),
        ]);
        if let Some(bare) = self.verilated_core_samples_per_second {
            table.row([
                "simulated",
                &format!("{:.0}", self.wall_samples_per_second),
                &format!("samples a second, the Verilated core alone {bare:.0}"),
            ]);
        }
        table.row(["damaged frames", &self.crc_errors.to_string(), ""]);
        table.row(["frames sent again", &self.retries.to_string(), ""]);
        write!(f, "{table}")
    }
}
