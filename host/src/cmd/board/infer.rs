//! `eqprop board infer`: answers of a board to samples.

use std::fmt;
use std::path::PathBuf;

use clap::value_parser;
use serde::Serialize;
use sim::bittrue::Mode;
use sim::data::{Dataset, Scaling};
use sim::train::Measure;

use super::connection::Connection;
use super::judge::{judge, score, Judged};
use super::load::weights;
use super::report::LinkReport;
use super::shadow::{Comparison, Shadow};
use super::train::differs;
use crate::args::{Common, Data};
use crate::error::Failure;
use crate::link::{Answered, Device, LinkError};
use crate::output::Printer;
use crate::questions::{Choice, Questions};

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
    /// Show the samples that are learned from, too
    #[arg(long)]
    all: bool,
    /// Show only N samples, chosen by the seed [default: all that are not learned from]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    samples: Option<u32>,
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
    /// Which samples these are.
    which: String,
    /// What inputs are scaled by: that of the data that the weights learned from.
    scale: Scaling,
    /// Right answers, 0…1, or the root mean square distance of outputs from real targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rmse: Option<f64>,
    samples_per_second: f64,
    /// In the order of the data.
    answers: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
    #[serde(skip)]
    verbose: bool,
    #[serde(flatten)]
    comparison: Comparison,
    link: LinkReport,
}

/// A sample and the board's answer to it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Shown {
    /// Of the sample in its data, from 0.
    index: usize,
    /// An output unit, or the class of a single output.
    answer: usize,
    /// What the data say.
    label: usize,
    #[serde(skip)]
    judged: Judged,
}

impl Shown {
    pub fn judged(&self) -> Judged {
        self.judged
    }
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let network = &resolved.network;
    let choice = Choice {
        data: arguments.data.given(),
        all: arguments.all,
        most: arguments.samples.map(|most| most as usize),
    };
    let questions = Questions::new(arguments.weights.as_deref(), &resolved, &choice, printer)?;
    let data = &questions.data;
    let given = match (&arguments.weights, arguments.connection.virtual_board) {
        (None, false) => None,
        (file, _) => Some(weights(file.as_ref(), &resolved)?),
    };
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
    let mut answers: Vec<Shown> = vec![];
    show(
        &mut device,
        data,
        &questions.indices,
        Some(&mut shadow),
        printer,
        |shown| answers.push(shown),
    )?;
    let link = line.since(&mark, &mut device)?;
    let measure = Measure::of(data);
    let score = score(answers.iter().map(Shown::judged));
    let (accuracy, rmse) = measure.split(measure.score(&score));
    let outcome = Outcome {
        network: network.name.clone(),
        samples: answers.len(),
        which: questions.which,
        scale: data.scaling().clone(),
        accuracy,
        rmse,
        samples_per_second: answers.len() as f64 / link.seconds,
        answers,
        warning: questions.concern.map(|concern| concern.message),
        verbose: printer.verbose(),
        comparison: shadow.comparison,
        link,
    };
    printer.result(&outcome.to_string(), &outcome)?;
    differs(&outcome.comparison)
}

/// Streams samples through the free phase; hands on each answer.
///
/// # Errors
/// The board does not answer.
pub fn show(
    device: &mut Device,
    data: &Dataset,
    indices: &[usize],
    mut shadow: Option<&mut Shadow>,
    printer: &Printer,
    mut each: impl FnMut(Shown),
) -> Result<(), Failure> {
    let network = &device.plan().network;
    let fraction = network.formats.state_fraction;
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
            let (class, judged) = judge(
                answer,
                &data.sample(index, fraction),
                fraction,
                data.label(index),
            );
            each(Shown {
                index,
                answer: class,
                label: data.label(index),
                judged,
            });
        }
        progress.reach((position + answered.answers().len()) as u64);
    });
    shown.map_err(LinkError::failure)?;
    progress.finish();
    Ok(())
}

/// Answers that people are shown without `-v`.
const LISTED: usize = 200;
/// Answers in a line.
const IN_LINE: usize = 10;

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let result = match (self.accuracy, self.rmse) {
            (_, Some(rmse)) => format!("RMSE {rmse:.4}"),
            (accuracy, None) => format!("{:.1} % right", 100.0 * accuracy.unwrap_or(0.0)),
        };
        writeln!(
            f,
            "{}: {result}, {} samples {}, {:.0} a second",
            self.network, self.samples, self.which, self.samples_per_second
        )?;
        if self.rmse.is_none() {
            self.list(f)?;
        }
        writeln!(f, "{}", self.comparison.text())?;
        writeln!(f, "{}", self.link.text())
    }
}

impl Outcome {
    /// Answers in the order of the data, by their index; of a wrong one the right answer beside it.
    fn list(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let most = if self.verbose { usize::MAX } else { LISTED };
        writeln!(f, "answers, by index in the data:")?;
        let answers = &self.answers[..self.answers.len().min(most)];
        for line in answers.chunks(IN_LINE) {
            let one = |shown: &Shown| match shown.answer == shown.label {
                true => format!("{}: {}", shown.index, shown.answer),
                false => format!("{}: {} (is {})", shown.index, shown.answer, shown.label),
            };
            let texts: Vec<String> = line.iter().map(one).collect();
            writeln!(f, "  {}", texts.join("  "))?;
        }
        match self.answers.len() - answers.len() {
            0 => Ok(()),
            more => writeln!(f, "  {more} more with -v or --json"),
        }
    }
}
