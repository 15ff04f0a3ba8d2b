//! `eqprop board infer`: answers of a board to samples.

use std::fmt;
use std::path::PathBuf;

use clap::value_parser;
use serde::Serialize;
use sim::bittrue::Mode;
use sim::data::{Dataset, Shuffled};

use super::connection::Connection;
use super::load::weights;
use super::report::LinkReport;
use super::shadow::{Comparison, Shadow};
use super::train::{differs, right};
use crate::args::{Common, Data};
use crate::error::Failure;
use crate::link::{Answered, Device, LinkError};
use crate::output::Printer;

/// Ask a board for its answers, and compare them with the bit-true model's
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board infer --network digits --samples 100")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    connection: Connection,
    /// Samples to show, in a seeded random order
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u32).range(1..))]
    samples: u32,
    /// Load these weights first (.npz or .safetensors) [default: those that the board holds; a virtual
    /// board starts with seeded random ones]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Outcome {
    network: String,
    samples: usize,
    accuracy: f64,
    samples_per_second: f64,
    /// The board's answer to each sample, as an output unit.
    answers: Vec<usize>,
    #[serde(flatten)]
    comparison: Comparison,
    link: LinkReport,
}

/// Right answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    right: usize,
    samples: usize,
}

impl Score {
    pub fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.samples += 1;
    }

    /// Their share, 0…1.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.samples.max(1) as f64
    }
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let network = &resolved.network;
    let data = Dataset::load(network, &resolved.folder, arguments.data.data.as_deref())?;
    let given = match (&arguments.weights, arguments.connection.virtual_board) {
        (None, false) => None,
        (file, _) => Some(weights(file.as_ref(), &resolved)?),
    };
    let order: Vec<usize> = Shuffled::new(data.len(), network.seed)
        .take(arguments.samples as usize)
        .collect();
    let (mut device, line) = arguments.connection.device(&resolved, printer)?;
    device.configure().map_err(LinkError::failure)?;
    if let Some(weights) = &given {
        device.load(weights).map_err(LinkError::failure)?;
    }
    let held = device.read_weights().map_err(LinkError::failure)?;
    let random = device.read_random().map_err(LinkError::failure)?;
    let mut shadow = Shadow::new(device.plan(), given.as_ref().unwrap_or(&held), random);
    shadow.compare_weights(&held, random);
    let mark = line.mark(&mut device)?;
    let (mut score, mut answers) = (Score::default(), vec![]);
    show(
        &mut device,
        &data,
        &order,
        Some(&mut shadow),
        printer,
        |right, answer| {
            score.add(right);
            answers.push(answer);
        },
    )?;
    let link = line.since(&mark, &mut device)?;
    let outcome = Outcome {
        network: network.name.clone(),
        samples: order.len(),
        accuracy: score.accuracy(),
        samples_per_second: order.len() as f64 / link.seconds,
        answers,
        comparison: shadow.comparison,
        link,
    };
    printer.result(&outcome.to_string(), &outcome)?;
    differs(&outcome.comparison)
}

/// Streams samples through the free phase; hands on whether each answer is right, and the answer.
///
/// # Errors
/// The board does not answer.
pub fn show(
    device: &mut Device,
    data: &Dataset,
    indices: &[usize],
    mut shadow: Option<&mut Shadow>,
    printer: &Printer,
    mut each: impl FnMut(bool, usize),
) -> Result<(), Failure> {
    let network = &device.plan().network;
    let fraction = network.formats.state_fraction;
    let outputs = network.layers[network.output()].units;
    let progress = printer.progress();
    progress.start("inferring", indices.len() as u64, "samples");
    let sample = |position: usize| data.sample(indices[position], fraction);
    let shown = device.infer(indices.len(), sample, |position, answered| {
        if let Some(shadow) = &mut shadow {
            match &answered {
                Answered::One(response) => {
                    shadow.compare(&sample(position), Mode::Infer, response);
                }
                Answered::Two(response) => {
                    shadow.compare_pair([&sample(position), &sample(position + 1)], response);
                }
            }
        }
        for (answer, &index) in answered.answers().iter().zip(&indices[position..]) {
            each(
                right(answer, outputs, fraction, data.label(index)),
                answer.1,
            );
        }
        progress.reach((position + answered.answers().len()) as u64);
    });
    shown.map_err(LinkError::failure)?;
    progress.finish();
    Ok(())
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{}: {:.1} % of {} samples right, {:.0} a second",
            self.network,
            100.0 * self.accuracy,
            self.samples,
            self.samples_per_second
        )?;
        writeln!(f, "{}", self.comparison.text())?;
        writeln!(f, "{}", self.link.text())
    }
}
