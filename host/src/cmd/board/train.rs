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
use sim::bittrue::{state_to_real, Mode, Sample};
use sim::data::{Dataset, Parts};
use sim::exchange::{self, Form};
use sim::train::{answer, doublings, Augmenter, Measure, Score, Split};

use super::connection::Connection;
use super::infer::show;
use super::load::weights;
use super::report::LinkReport;
use super::shadow::{Comparison, Shadow};
use crate::args::{Common, Data, ScaleChoice};
use crate::ask;
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
    #[command(flatten)]
    scale: ScaleChoice,
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

/// The result, as `--json` prints it. Accuracies are 0…1; where targets are real numbers there are root mean square
/// distances of outputs from them in their place.
#[derive(Serialize)]
struct Outcome {
    network: String,
    seed: u32,
    /// Training samples shown.
    samples: u64,
    /// Of the last of them, as the board answered before it learned from each.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rmse: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    test_rmse: Option<f64>,
    test_samples: usize,
    /// Test samples were not learned from; of fewer than ten all were.
    held_out: bool,
    /// What of the data spoils training.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
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
    arguments.scale.apply(&mut resolved.network);
    let network = &resolved.network;
    let parts = Parts::load(
        network,
        &resolved.folder,
        arguments.data.given(),
        arguments.test_data.as_deref(),
    )?;
    printer.data(&parts.train);
    let mut concerns = parts.train.concerns();
    concerns.extend(parts.concern.clone());
    for concern in &concerns {
        printer.concern(concern);
    }
    let measure = Measure::of(&parts.train);
    let split = Split::new(
        parts.train.len(),
        parts.test.is_some(),
        network.data.validation,
        network.seed,
    );
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
    let trained = lesson.teach(&mut device, &mut shadow, |done, last| {
        let text = measure.text(measure.score(last));
        progress.detail(&format!("{} of the last: {text}", measure.name()));
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
    let mut tested = vec![];
    show(
        &mut device,
        test,
        &indices,
        Some(&mut shadow),
        printer,
        |shown| tested.push(shown.judged()),
    )?;
    let default = || resolved.out.join(ask::LAST);
    let path = arguments.save.clone().unwrap_or_else(default);
    let as_trained = parts.as_trained(network);
    exchange::save(&path, network, &read, Form::Real, Some(&as_trained))?;
    let (accuracy, rmse) = measure.split(measure.score(&trained.last));
    let (test_accuracy, test_rmse) = measure.split(measure.score(&score(tested)));
    let outcome = Outcome {
        network: network.name.clone(),
        seed: network.seed,
        samples: lesson.samples,
        accuracy,
        test_accuracy,
        rmse,
        test_rmse,
        test_samples: indices.len(),
        held_out: parts.test.is_some() || split.test() != split.train(),
        warnings: concerns
            .into_iter()
            .map(|concern| concern.message)
            .collect(),
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
    /// The last samples, as they were answered before they were learned.
    last: Score,
    learned: u64,
}

/// What an answer belongs to.
enum Sent {
    Doublings(u32),
    Sample(Box<Sample>, usize),
}

impl Lesson<'_> {
    /// Streams the training samples, and the halvings of the rate between epochs, to the board; hands
    /// the samples done and how the last ones were answered to `each`.
    fn teach(
        &self,
        device: &mut Device,
        shadow: &mut Shadow,
        mut each: impl FnMut(u64, &Score),
    ) -> Result<Trained, LinkError> {
        let network = device.plan().network.clone();
        let fraction = network.formats.state_fraction;
        let augmenter = &Augmenter::new(&network, self.data);
        let sent = &RefCell::new(VecDeque::new());
        let epochs = network.learning.epochs;
        let commands = (0..epochs).flat_map(|epoch| {
            let m = doublings(&network.learning, epoch, epochs);
            sent_later(
                Sent::Doublings(m),
                sent,
                stream::write_register(Register::Doublings, m),
            )
            .chain(self.split.order(epoch).into_iter().flat_map(move |index| {
                let mut sample = self.data.sample(index, fraction);
                if let Some(augmenter) = augmenter {
                    augmenter.apply(&mut sample.input, epoch, index);
                }
                let purpose = Purpose::Learn(&sample.target);
                let command = stream::sample(&sample.input, purpose, true);
                let label = self.data.label(index);
                sent_later(Sent::Sample(Box::new(sample), label), sent, command)
            }))
        });
        let first = self.split.train().len() as u64;
        // One write of the rate goes before each epoch.
        let writes = self.samples.div_ceil(first.max(1));
        let (mut done, mut learned) = (0, 0);
        let mut last: VecDeque<Judged> = VecDeque::new();
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
                        let judged = response.answer.as_ref();
                        let judged = judged.map(|answer| judge(answer, &sample, fraction, label).1);
                        last.push_back(judged.unwrap_or_default());
                        if last.len() > LAST {
                            last.pop_front();
                        }
                        each(done, &score(last.iter().copied()));
                    }
                }
                Ok(())
            },
        )?;
        Ok(Trained {
            last: score(last),
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

/// How one sample was answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Judged {
    right: bool,
    /// ½ Σ (x − t)².
    cost: f64,
}

/// The sum of many.
pub fn score(all: impl IntoIterator<Item = Judged>) -> Score {
    let mut score = Score::default();
    for Judged { right, cost } in all {
        score.samples += 1;
        score.right += usize::from(right);
        score.cost += cost;
    }
    score
}

/// The class that the board answers to a sample, and how good that is.
pub fn judge(
    given: &stream::Answer,
    sample: &Sample,
    fraction: u32,
    label: usize,
) -> (usize, Judged) {
    let outputs = stream::dense(given, sample.target.len());
    let class = answer(given.1, outputs.len(), outputs[0], fraction);
    let real = |raw: u16| state_to_real(raw, fraction);
    let square = |(&x, &t): (&u16, &u16)| (real(x) - real(t)).powi(2);
    let judged = Judged {
        right: class == label,
        cost: 0.5 * outputs.iter().zip(&sample.target).map(square).sum::<f64>(),
    };
    (class, judged)
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
        let (measure, last, test) = match self.rmse {
            None => (Measure::Accuracy, self.accuracy, self.test_accuracy),
            Some(rmse) => (Measure::Rmse { outputs: 1 }, Some(rmse), self.test_rmse),
        };
        let text = |value: Option<f64>| measure.text(value.unwrap_or(0.0));
        writeln!(
            f,
            "{}: {} of the last {}, {} of {} test samples{}",
            measure.name(),
            text(last),
            self.samples.min(LAST as u64),
            text(test),
            self.test_samples,
            if self.held_out {
                ""
            } else {
                ", which are those that were learned from"
            }
        )?;
        writeln!(f, "{}", self.comparison.text())?;
        writeln!(f, "{}", self.link.text())?;
        writeln!(f, "weights: {}", self.weights.display())
    }
}
