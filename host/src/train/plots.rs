//! What a training run looks like: its epochs and weights, and spiking units at work.

use std::path::{Path, PathBuf};

use hdl::arch::random_seed;
use sim::bittrue::lsb;
use sim::checkpoint::Parameters;
use sim::golden::Reals;
use sim::train::{EpochReport, Measure, Trainer};

use super::outcome::nudging;
use super::Settings;
use crate::cosim::spikes::{self, Subject};
use crate::error::{Explained, Failure};
use crate::report::training::{training_plot, Curve, Histogram, Titled, TrainingData};

/// Bins of a histogram of weights.
const BINS: usize = 64;

/// Plots the run as `train.svg` and `train.png` in `out`.
///
/// # Errors
/// A file that cannot be written.
pub fn plot(
    settings: &Settings,
    trainer: &Trainer,
    parameters: &Parameters,
    out: &Path,
) -> Result<[PathBuf; 2], Failure> {
    let data = so_far(settings, trainer, weights(settings, parameters));
    let plots = training_plot(&data, &out.join("train"));
    Ok(plots.map_err(|error| Explained::new("eqprop::plot", &error))?)
}

/// How the weights of each block spread.
pub fn weights(settings: &Settings, parameters: &Parameters) -> Vec<Histogram> {
    let network = &settings.resolved.network;
    let reals = match parameters {
        Parameters::Raw(weights) => Reals::of(weights, network.formats.weight_fraction),
        Parameters::Real(reals) => reals.clone(),
    };
    // All weights, in bins no narrower than one step of the format.
    let step = lsb(network.formats.weight_fraction);
    let most = (reals.blocks.iter().flatten()).fold(step, |most, weight| most.max(weight.abs()));
    let limit = most.max(step * (BINS / 2) as f64);
    let blocks = reals.blocks.iter().zip(&network.blocks);
    blocks
        .map(|(matrix, block)| {
            let name = |layer: usize| network.layers[layer].name.as_str();
            let label = format!("{}–{}", name(block.a), name(block.b));
            Histogram::of(label, matrix.iter().copied(), (-limit, limit), BINS)
        })
        .collect()
}

/// What a run looks like so far: its epochs, the one under way, and its weights as they spread when they were last
/// looked at.
pub fn so_far(settings: &Settings, trainer: &Trainer, weights: Vec<Histogram>) -> TrainingData {
    let network = &settings.resolved.network;
    let history = &trainer.position().history;
    let under_way = trainer.under_way();
    let held = match settings.validates() {
        true => "validation",
        false => "test",
    };
    let ended =
        |label: &str, value: fn(&EpochReport) -> f64| Curve::new(label, history.iter().map(value));
    let curve = |label: &str, value: fn(&EpochReport) -> f64| {
        let mut curve = ended(label, value);
        let now = under_way.iter().map(|(at, report)| (*at, value(report)));
        curve.points.extend(now);
        curve
    };
    TrainingData {
        title: format!("{}: training", network.name),
        subtitle: format!(
            "{}, {} nudging, seed {}",
            match trainer.saturates() {
                true => format!("{}-bit weights", network.formats.weight_bits),
                false => "weights in real numbers".into(),
            },
            nudging(settings).replace('_', " "),
            network.seed
        ),
        quality: match Measure::of(&settings.train) {
            Measure::Accuracy => Titled {
                title: "right answers, %".into(),
                curves: vec![
                    curve("training", |e| 100.0 * e.train_measure()),
                    ended(held, |e| 100.0 * e.held_measure()),
                ],
            },
            Measure::Rmse { .. } => Titled {
                title: "distance from targets, RMSE".into(),
                curves: vec![
                    curve("training", EpochReport::train_measure),
                    ended(held, EpochReport::held_measure),
                ],
            },
        },
        loss: vec![
            curve("training", |e| e.train_loss),
            ended(held, EpochReport::held_loss),
        ],
        effort: match network.spiking() {
            None => Titled {
                title: "sweeps a sample".into(),
                curves: vec![curve("all phases", |e| e.sweeps_per_sample)],
            },
            Some(_) => Titled {
                title: "spikes a sample".into(),
                curves: vec![curve("all phases", |e| e.spikes_per_sample.unwrap_or(0.0))],
            },
        },
        weights,
    }
}

/// Draws the first test sample with the final weights as `spikes.svg` and `spikes.png` in `out`, if the
/// units spike in integers.
///
/// # Errors
/// A file that cannot be written.
pub fn spikes(
    settings: &Settings,
    trainer: &Trainer,
    parameters: &Parameters,
    out: &Path,
) -> Result<Option<[PathBuf; 2]>, Failure> {
    let network = &settings.resolved.network;
    let Parameters::Raw(weights) = parameters else {
        return Ok(None);
    };
    if network.spiking().is_none() {
        return Ok(None);
    }
    let (data, index) = match &settings.test {
        Some(test) => (test, 0),
        None => (&settings.train, trainer.split().test()[0]),
    };
    let sample = data.sample(index, network.formats.state_fraction);
    let subject = Subject {
        network,
        weights,
        sample: &sample,
        nudged: true,
        random: random_seed(network.seed),
    };
    let title = format!("{}: a test sample in spikes", network.name);
    let plots = spikes::plot(&subject, title, &out.join("spikes"));
    Ok(plots
        .map(Some)
        .map_err(|error| Explained::new("eqprop::plot", &error))?)
}
