//! `eqprop board train`: a board learns, the bit-true model beside it.

use std::fmt;
use std::path::{Path, PathBuf};

use clap::value_parser;
use hdl::arch::random_seed;
use hdl::arch::registers::Register;
use serde::Serialize;
use sim::data::{Dataset, Parts};
use sim::exchange::{self, Form};
use sim::train::{Measure, Split};
use sim::weights::Weights;

use super::connection::Connection;
use super::infer::show;
use super::judge::score;
use super::lesson::{Lesson, LAST};
use super::load::weights;
use super::report::LinkReport;
use super::shadow::{Comparison, Shadow};
use crate::args::{AugmentChoice, Common, Data, ScaleChoice};
use crate::ask;
use crate::claim::{Claim, Kind};
use crate::error::{Explained, Failure};
use crate::link::LinkError;
use crate::output::Printer;
use crate::train::sighted;

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
    #[command(flatten)]
    augment: AugmentChoice,
    /// Samples to test with, in any form that --data takes; without it a fifth of the data is kept back
    #[arg(long, value_name = "PATH", help_heading = "Network")]
    test_data: Option<PathBuf>,
    /// Passes over the training data, in place of the file's
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    epochs: Option<u32>,
    /// Share of the training samples that is kept back to choose weights by, 0 to 0.5, in place of `data.validation` of
    /// the file; the weights that it likes best are saved as best.npz, tested, and left on the board
    #[arg(long, value_name = "SHARE")]
    validation: Option<f64>,
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
    /// Counted from 1; only with a validation part, which chose the weights of this epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    best_epoch: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_samples: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validation_rmse: Option<f64>,
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
    /// Those of the last epoch.
    weights: PathBuf,
    /// Those that the validation part chose, which the board now has.
    #[serde(skip_serializing_if = "Option::is_none")]
    best: Option<PathBuf>,
    /// While training.
    link: LinkReport,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let mut resolved = arguments.common.resolve()?;
    if let Some(epochs) = arguments.epochs {
        resolved.network.learning.epochs = epochs;
    }
    arguments.scale.apply(&mut resolved.network);
    arguments.augment.apply(&mut resolved.network);
    if let Some(share) = arguments.validation {
        resolved.network.data.validation = share;
    }
    let network = &resolved.network;
    network.validate()?;
    let parts = Parts::load(
        network,
        &resolved.folder,
        arguments.data.given(),
        arguments.test_data.as_deref(),
    )?;
    parts.have_shape(network)?;
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
    sighted(network, &parts.train, &split)?;
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
    if let Some(chosen) = &trained.chosen {
        // The board answers the test, and is left, with the weights that were chosen.
        device.load(&chosen.weights).map_err(LinkError::failure)?;
        shadow.load(&chosen.weights);
    }
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
    let save = |path: &Path, weights: &Weights| {
        exchange::save(path, network, weights, Form::Real, Some(&as_trained))
    };
    save(&path, &read)?;
    let best = trained
        .chosen
        .as_ref()
        .map(|_| resolved.out.join(ask::BEST));
    if let (Some(best), Some(chosen)) = (&best, &trained.chosen) {
        save(best, &chosen.weights)?;
    }
    let chosen = trained.chosen.as_ref();
    let validated = chosen.map(|chosen| measure.split(measure.score(&chosen.score)));
    let (validation_accuracy, validation_rmse) = validated.unwrap_or_default();
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
        best_epoch: chosen.map(|chosen| chosen.epoch),
        validation_samples: chosen.map(|_| split.validation().len()),
        validation_accuracy,
        validation_rmse,
        held_out: parts.test.is_some() || split.test() != split.train(),
        warnings: concerns
            .into_iter()
            .map(|concern| concern.message)
            .collect(),
        learned: trained.learned,
        samples_per_second: lesson.samples as f64 / link.seconds,
        comparison: shadow.comparison,
        weights: path,
        best,
        link,
    };
    printer.result(&outcome.to_string(), &outcome)?;
    differs(&outcome.comparison)
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
        if let (Some(epoch), Some(samples)) = (self.best_epoch, self.validation_samples) {
            let value = text(self.validation_rmse.or(self.validation_accuracy));
            writeln!(
                f,
                "validation {}: {value} of {samples} samples, which chose the weights of epoch {epoch}",
                measure.name()
            )?;
        }
        writeln!(f, "{}", self.comparison.text())?;
        writeln!(f, "{}", self.link.text())?;
        if let Some(best) = &self.best {
            writeln!(f, "best weights: {}, on the board", best.display())?;
        }
        writeln!(f, "weights: {}", self.weights.display())
    }
}
