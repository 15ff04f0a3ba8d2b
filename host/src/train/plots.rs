//! What a training run looks like: its epochs and weights, and spiking units at work.

use std::path::{Path, PathBuf};

use hdl::arch::random_seed;
use sim::bittrue::lsb;
use sim::checkpoint::Parameters;
use sim::golden::Reals;
use sim::train::{EpochReport, Measure, Position, Trainer};

use super::outcome::nudging;
use super::Settings;
use crate::cosim::spikes::{self, Subject};
use crate::error::{Explained, Failure};
use crate::report::training::{training_plot, Curve, Histogram, Titled, TrainingData};

/// Bins of a histogram of weights.
const BINS: usize = 64;

/// Plots the epochs and the weights as `train.svg` and `train.png` in `out`.
///
/// # Errors
/// A file that cannot be written.
pub fn plot(
    settings: &Settings,
    position: &Position,
    parameters: &Parameters,
    out: &Path,
) -> Result<[PathBuf; 2], Failure> {
    let network = &settings.resolved.network;
    let held = position
        .history
        .last()
        .map_or("test", EpochReport::held_name);
    let curve = |label: &str, value: fn(&EpochReport) -> f64| Curve {
        label: label.into(),
        values: position.history.iter().map(value).collect(),
    };
    let reals = match parameters {
        Parameters::Raw(weights) => Reals::of(weights, network.formats.weight_fraction),
        Parameters::Real(reals) => reals.clone(),
    };
    // All weights, in bins no narrower than one step of the format.
    let step = lsb(network.formats.weight_fraction);
    let most = (reals.blocks.iter().flatten()).fold(step, |most, weight| most.max(weight.abs()));
    let limit = most.max(step * (BINS / 2) as f64);
    let weights = reals
        .blocks
        .iter()
        .zip(&network.blocks)
        .map(|(matrix, block)| {
            let name = |layer: usize| network.layers[layer].name.as_str();
            let label = format!("{}–{}", name(block.a), name(block.b));
            Histogram::of(label, matrix.iter().copied(), (-limit, limit), BINS)
        });
    let data = TrainingData {
        title: format!("{}: training", network.name),
        subtitle: format!(
            "{}, {} nudging, seed {}",
            match parameters {
                Parameters::Raw(_) => format!("{}-bit weights", network.formats.weight_bits),
                Parameters::Real(_) => "weights in real numbers".into(),
            },
            nudging(settings).replace('_', " "),
            network.seed
        ),
        quality: match Measure::of(&settings.train) {
            Measure::Accuracy => Titled {
                title: "right answers, %".into(),
                curves: vec![
                    curve("training", |e| 100.0 * e.train_measure()),
                    curve(held, |e| 100.0 * e.held_measure()),
                ],
            },
            Measure::Rmse { .. } => Titled {
                title: "distance from targets, RMSE".into(),
                curves: vec![
                    curve("training", EpochReport::train_measure),
                    curve(held, EpochReport::held_measure),
                ],
            },
        },
        loss: vec![
            curve("training", |e| e.train_loss),
            curve(held, EpochReport::held_loss),
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
        weights: weights.collect(),
    };
    let plots = training_plot(&data, &out.join("train"));
    Ok(plots.map_err(|error| Explained::new("eqprop::plot", &error))?)
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
