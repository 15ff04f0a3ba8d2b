//! `eqprop board train`: a board learns, the bit-true model beside it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;

use clap::value_parser;
use hdl::arch::random_seed;
use hdl::arch::registers::{status, Register};
use hdl::arch::stream::{self, Purpose};
use serde::Serialize;
use sim::bittrue::{Mode, Sample};
use sim::data::{Dataset, Parts};
use sim::exchange::{self, Form};
use sim::train::{answer, doublings, Split};

use super::connection::Connection;
use super::infer::{show, Score};
use super::load::weights;
use super::report::LinkReport;
use super::shadow::{Comparison, Shadow};
use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::error::{Explained, Failure};
use crate::link::{response, Device, LinkError};
use crate::output::Printer;

/// Train on a board; the bit-true model learns beside it and every answer and weight is compared
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: eqprop board train --network digits --samples 2000\n         \
                        eqprop board train --virtual --network digits --samples 200"
)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    connection: Connection,
    /// Samples to test with, in any form that --data takes; without it a fifth of the data is kept back
    #[arg(long, value_name = "PATH", help_heading = "Network")]
    test_data: Option<PathBuf>,
    /// Passes over the training data, in place of the file's
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Stop after so many training samples
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    samples: Option<u64>,
    /// Start from these weights (.npz or .safetensors) in place of random ones
    #[arg(long, value_name = "FILE", conflicts_with = "keep")]
    weights: Option<PathBuf>,
    /// Start from the weights that the board holds
    #[arg(long)]
    keep: bool,
    /// Where the trained weights go: .npz or .safetensors [default: weights.npz in the folder of --out]
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// The result, as `--json` prints it. Accuracies are 0…1.
#[derive(Serialize)]
struct Outcome {
    network: String,
    seed: u32,
    /// Training samples shown.
    samples: u64,
    /// Of the last of them, as the board answered before it learned from each.
    accuracy: f64,
    test_accuracy: f64,
    test_samples: usize,
    /// Learned from: the nudge moved something.
    learned: u64,
    /// While training.
    samples_per_second: f64,
    #[serde(flatten)]
    comparison: Comparison,
    weights: PathBuf,
    /// While training.
    link: LinkReport,
}

/// Samples over which the live accuracy is taken.
const LAST: usize = 200;

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let mut resolved = arguments.common.resolve()?;
    if let Some(epochs) = arguments.epochs {
        resolved.network.learning.epochs = epochs;
    }
    let network = &resolved.network;
    let parts = Parts::load(
        network,
        &resolved.folder,
        arguments.data.data.as_deref(),
        arguments.test_data.as_deref(),
    )?;
    let split = Split::new(parts.train.len(), parts.test.is_some(), network.seed);
    let start = weights(arguments.weights.as_ref(), &resolved)?;
    let _claim = Claim::new(&resolved.out, Kind::Training)?;

    let (mut device, line) = arguments.connection.device(&resolved, printer)?;
    device.configure().map_err(LinkError::failure)?;
    let (start, random) = match arguments.keep {
        true => {
            let held = device.read_weights().map_err(LinkError::failure)?;
            (held, device.read_random().map_err(LinkError::failure)?)
        }
        false => {
            let random = random_seed(network.seed);
            device.load(&start).map_err(LinkError::failure)?;
            let set = device.set(Register::Random, random);
            set.map_err(LinkError::failure)?;
            (start, random)
        }
    };
    let mut shadow = Shadow::new(device.plan(), &start, random);
    let each = split.train().len() as u64;
    let all = each * u64::from(network.learning.epochs);
    let lesson = Lesson {
        data: &parts.train,
        split: &split,
        samples: arguments.samples.unwrap_or(all).min(all),
    };
    let mark = line.mark(&mut device)?;
    let progress = printer.progress();
    progress.start("training", lesson.samples, "samples");
    let trained = lesson.teach(&mut device, &mut shadow, |done, accuracy| {
        progress.detail(&format!("{:.1} % of the last right", 100.0 * accuracy));
        progress.reach(done);
    });
    let trained = trained.map_err(LinkError::failure)?;
    progress.finish();
    let link = line.since(&mark, &mut device)?;

    let read = device.read_weights().map_err(LinkError::failure)?;
    let random = device.read_random().map_err(LinkError::failure)?;
    shadow.compare_weights(&read, random);
    let (test, indices): (&Dataset, Vec<usize>) = match &parts.test {
        Some(test) => (test, (0..test.len()).collect()),
        None => (&parts.train, split.test().to_vec()),
    };
    let mut score = Score::default();
    show(
        &mut device,
        test,
        &indices,
        Some(&mut shadow),
        printer,
        |right, _| score.add(right),
    )?;
    let default = || resolved.out.join("weights.npz");
    let path = arguments.save.clone().unwrap_or_else(default);
    exchange::save(&path, network, &read, Form::Real)?;
    let outcome = Outcome {
        network: network.name.clone(),
        seed: network.seed,
        samples: lesson.samples,
        accuracy: trained.accuracy,
        test_accuracy: score.accuracy(),
        test_samples: indices.len(),
        learned: trained.learned,
        samples_per_second: lesson.samples as f64 / link.seconds,
        comparison: shadow.comparison,
        weights: path,
        link,
    };
    printer.result(&outcome.to_string(), &outcome)?;
    differs(&outcome.comparison)
}

/// Which samples are shown, in which order.
struct Lesson<'a> {
    data: &'a Dataset,
    split: &'a Split,
    samples: u64,
}

struct Trained {
    accuracy: f64,
    learned: u64,
}

/// What an answer belongs to.
enum Sent {
    Doublings(u32),
    Sample(Box<Sample>, usize),
}

impl Lesson<'_> {
    /// Streams the training samples, and the halvings of the rate between epochs, to the board; hands
    /// the samples done and the share of the last ones answered rightly to `each`.
    fn teach(
        &self,
        device: &mut Device,
        shadow: &mut Shadow,
        mut each: impl FnMut(u64, f64),
    ) -> Result<Trained, LinkError> {
        let network = device.plan().network.clone();
        let fraction = network.formats.state_fraction;
        let sent = RefCell::new(VecDeque::new());
        let epochs = network.learning.epochs;
        let commands = (0..epochs).flat_map(|epoch| {
            let m = doublings(&network.learning, epoch, epochs);
            sent_later(
                Sent::Doublings(m),
                &sent,
                stream::write_register(Register::Doublings, m),
            )
            .chain(self.split.order(epoch).into_iter().flat_map(|index| {
                let sample = self.data.sample(index, fraction);
                let purpose = Purpose::Learn(&sample.target);
                let command = stream::sample(&sample.input, purpose, true);
                let label = self.data.label(index);
                sent_later(Sent::Sample(Box::new(sample), label), &sent, command)
            }))
        });
        let first = self.split.train().len() as u64;
        // One write of the rate goes before each epoch.
        let writes = self.samples.div_ceil(first.max(1));
        let (mut done, mut learned) = (0, 0);
        let mut last = VecDeque::new();
        device.stream(
            commands.take((self.samples + writes) as usize),
            |_, words| {
                match sent
                    .borrow_mut()
                    .pop_front()
                    .expect("every answer has its command")
                {
                    Sent::Doublings(m) if *words == [status::DONE] => shadow.set_doublings(m),
                    Sent::Doublings(_) => drop(response(words)?),
                    Sent::Sample(sample, label) => {
                        let response = response(words)?;
                        shadow.compare(&sample, Mode::Learn, &response);
                        learned += u64::from(response.learned);
                        done += 1;
                        last.push_back(response.answer.as_ref().is_some_and(|answer| {
                            right(answer, sample.target.len(), fraction, label)
                        }));
                        if last.len() > LAST {
                            last.pop_front();
                        }
                        each(done, share(&last));
                    }
                }
                Ok(())
            },
        )?;
        Ok(Trained {
            accuracy: share(&last),
            learned,
        })
    }
}

/// The command, noted as sent when it is taken.
fn sent_later<'a>(
    what: Sent,
    sent: &'a RefCell<VecDeque<Sent>>,
    command: Vec<u32>,
) -> impl Iterator<Item = Vec<u32>> + 'a {
    let mut what = Some(what);
    std::iter::once(command).inspect(move |_| sent.borrow_mut().extend(what.take()))
}

fn share(right: &VecDeque<bool>) -> f64 {
    right.iter().filter(|&&right| right).count() as f64 / right.len().max(1) as f64
}

/// Whether the board's answer is the label.
pub fn right(
    (states, winner): &stream::Answer,
    outputs: usize,
    fraction: u32,
    label: usize,
) -> bool {
    // Outputs in state 0 are not in the response.
    let first = states
        .iter()
        .find(|state| state.0 == 0)
        .map_or(0, |state| state.1);
    answer(*winner, outputs, first, fraction) == label
}

#[derive(Debug, thiserror::Error)]
#[error("the board differs from the bit-true model")]
struct Differs;

/// Exit code 1 where something differs.
pub fn differs(comparison: &Comparison) -> Result<(), Failure> {
    match comparison.equal() {
        true => Ok(()),
        false => Err(Failure::failed(
            Explained::new("eqprop::board::differs", &Differs)
                .or_help("`eqprop board test` tells whether it does so again"),
        )),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{}, seed {}: {} samples, {} learned from, {:.0} a second",
            self.network, self.seed, self.samples, self.learned, self.samples_per_second
        )?;
        writeln!(
            f,
            "right: {:.1} % of the last {}, {:.1} % of {} test samples",
            100.0 * self.accuracy,
            self.samples.min(LAST as u64),
            100.0 * self.test_accuracy,
            self.test_samples
        )?;
        writeln!(f, "{}", self.comparison.text())?;
        writeln!(f, "{}", self.link.text())?;
        writeln!(f, "weights: {}", self.weights.display())
    }
}
