//! What a training run gave: JSON and text.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;
use sim::train::{EpochReport, Measure, Score, Trainer};

use super::Settings;
use crate::cmd::train::{Arguments, BackendName};
use crate::report::table::{grouped, Align, Table};

/// The result, as `--json` prints it. Shares are 0…1; mean values are those of the last epoch, of the one
/// under way if it is the first.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    pub network: String,
    pub backend: &'static str,
    pub nudging: String,
    /// Of integers; real numbers have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_bits: Option<u32>,
    pub state_fraction: u32,
    pub seed: u32,
    pub batch: usize,
    /// Epochs finished, and training samples shown.
    pub epochs: u32,
    pub samples: u64,
    pub train_samples: usize,
    pub test_samples: usize,
    /// Test samples were not learned from; of fewer than ten all were.
    pub held_out: bool,
    /// With the final weights, or with those that a validation part chose: right answers or, where targets are real numbers, the root mean square distance of an
    /// output from its target, both 0…1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train_rmse: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_rmse: Option<f64>,
    pub test_loss: f64,
    /// The epoch, from 1, whose weights the validation part chose; these are tested. None without such a part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_samples: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_accuracy: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_rmse: Option<f64>,
    /// Learning only, tests not counted; 0 where nothing was left to learn.
    pub samples_per_second: f64,
    /// Sweeps, or time steps, over all phases.
    pub sweeps_per_sample: f64,
    /// Over all phases; of spiking units only. A synaptic operation is a weight added for a spike, or
    /// multiplied by an input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spikes_per_sample: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synaptic_operations_per_sample: Option<f64>,
    pub not_learned_share: f64,
    pub unsettled: u64,
    /// Weights, over all epochs; none of real numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saturations: Option<u64>,
    /// Weights, biases and random state that differ from the bit-true model's; hardware only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_mismatches: Option<usize>,
    /// Hardware only: its lanes; cycles of a sample in which the core is busy, and those from its first word taken to
    /// the last one answered; how many of the latter are simulated in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lanes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles_per_sample: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_cycles_per_sample: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles_per_second: Option<f64>,
    /// What of the data spoils training.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    #[serde(flatten)]
    pub files: Option<Files>,
}

/// The final weights, on the training and on the test samples.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scores {
    pub train: Score,
    pub test: Score,
}

/// What was written.
#[derive(Clone, Debug, Serialize)]
pub struct Files {
    pub checkpoint: PathBuf,
    pub log: PathBuf,
    /// The same as CSV.
    pub table: PathBuf,
    /// The same for TensorBoard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<PathBuf>,
    pub weights: PathBuf,
    /// Those that the validation part chose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best: Option<PathBuf>,
    pub plots: [PathBuf; 2],
    /// A test sample in spikes, with the final weights; of integer spiking units only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spikes: Option<[PathBuf; 2]>,
}

impl Outcome {
    /// Sums up; `differing` words of the hardware are not the bit-true model's.
    pub fn new(
        trainer: &mut Trainer,
        settings: &Settings,
        arguments: &Arguments,
        Scores { train, test }: Scores,
        differing: usize,
    ) -> Outcome {
        let network = &settings.resolved.network;
        let hardware = arguments.backend == BackendName::Hardware;
        let position = trainer.position().clone();
        let counters = &position.counters;
        let mean = |sum: u64| sum as f64 / counters.samples.max(1) as f64;
        let last = position.history.last();
        let best = sim::train::best(&position.history);
        let chosen = best.map(|epoch| &position.history[epoch]);
        let of_last = |value: fn(&EpochReport) -> f64, now: f64| last.map_or(now, value);
        let finished: u64 = position.history.iter().filter_map(|e| e.saturations).sum();
        let measure = Measure::of(&settings.train);
        let (train_accuracy, train_rmse) = measure.split(measure.score(&train));
        let (test_accuracy, test_rmse) = measure.split(measure.score(&test));
        let saturates = trainer.saturates();
        let each = trainer.samples_per_epoch() as u64;
        let shown = trainer.shown().max(1) as f64;
        let cycles = trainer.backend().cycles();
        let stream = cycles.map(|all| all.stream as f64 / shown);
        Outcome {
            network: network.name.clone(),
            backend: arguments.backend.name(),
            nudging: nudging(settings),
            weight_bits: saturates.then_some(network.formats.weight_bits),
            state_fraction: network.formats.state_fraction,
            seed: network.seed,
            batch: settings.batch,
            epochs: position.epoch,
            samples: each * u64::from(position.epoch) + position.samples as u64,
            train_samples: trainer.samples_per_epoch(),
            test_samples: test.samples,
            held_out: settings.held_out(),
            train_accuracy,
            test_accuracy,
            train_rmse,
            test_rmse,
            test_loss: test.mean_cost(),
            best_epoch: best.map(|epoch| epoch + 1),
            validation_samples: best.map(|_| trainer.split().validation().len()),
            validation_accuracy: chosen.and_then(|epoch| epoch.validation_accuracy),
            validation_rmse: chosen.and_then(|epoch| epoch.validation_rmse),
            samples_per_second: trainer.samples_per_second(),
            sweeps_per_sample: of_last(|e| e.sweeps_per_sample, mean(counters.sweeps)),
            spikes_per_sample: match last {
                Some(epoch) => epoch.spikes_per_sample,
                None => (counters.activity).map(|activity| mean(activity.spikes)),
            },
            synaptic_operations_per_sample: match last {
                Some(epoch) => epoch.synaptic_operations_per_sample,
                None => (counters.activity).map(|activity| mean(activity.synaptic_operations)),
            },
            not_learned_share: of_last(|e| e.not_learned_share, mean(counters.not_learned)),
            unsettled: last.map_or(counters.unsettled, |e| e.unsettled),
            saturations: saturates.then_some(finished + counters.saturations),
            warnings: settings
                .concerns()
                .map(|concern| concern.message.clone())
                .collect(),
            weight_mismatches: hardware.then_some(differing),
            lanes: match hardware {
                true => settings.resolved.lanes().ok(),
                false => None,
            },
            cycles_per_sample: cycles.map(|all| all.busy as f64 / shown),
            stream_cycles_per_sample: stream,
            cycles_per_second: stream.map(|c| c * trainer.samples_per_second()),
            files: None,
        }
    }

    /// The test result, 0…1, in the measure of the data.
    pub fn tested(&self) -> f64 {
        self.test_accuracy.or(self.test_rmse).unwrap_or(0.0)
    }

    /// What answers are measured by, and the texts of test and training samples.
    pub fn quality(&self) -> (&'static str, String, String) {
        let value = |value: Option<f64>| value.unwrap_or(0.0);
        let (measure, test, train) = match self.test_rmse {
            None => (Measure::Accuracy, self.test_accuracy, self.train_accuracy),
            Some(rmse) => (Measure::Rmse { outputs: 1 }, Some(rmse), self.train_rmse),
        };
        let text = |of| measure.text(value(of));
        (measure.name(), text(test), text(train))
    }

    /// The same with what was written.
    pub fn with(self, files: Files) -> Outcome {
        Outcome {
            files: Some(files),
            ..self
        }
    }
}

/// The nudging mode as the network file names it.
pub fn nudging(settings: &Settings) -> String {
    let value = serde_json::to_value(settings.resolved.network.phases.nudging);
    let name = value.ok().and_then(|v| v.as_str().map(str::to_owned));
    name.unwrap_or_default()
}

/// An epoch in one line.
pub fn line(report: &EpochReport) -> String {
    let effort = match report.spikes_per_sample {
        None => format!("{:.1} sweeps", report.sweeps_per_sample),
        Some(spikes) => format!("{spikes:.0} spikes"),
    };
    let (train, held) = (report.train_measure(), report.held_measure());
    let name = report.held_name();
    let quality = match report.is_regression() {
        false => format!("train {:.1} %, {name} {:.1} %", 100.0 * train, 100.0 * held),
        true => format!("train RMSE {train:.4}, {name} RMSE {held:.4}"),
    };
    let saturated = (report.saturations).map_or(String::new(), |n| format!(", {n} saturated"));
    format!(
        "epoch {}: cost {:.4}, {quality}, {effort}, {:.0} % learned{saturated}",
        report.epoch,
        report.train_loss,
        100.0 * (1.0 - report.not_learned_share),
    )
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        table.row([
            "samples",
            &grouped(self.samples),
            &format!(
                "of {} in {} epochs, backend {}, seed {}",
                self.network, self.epochs, self.backend, self.seed
            ),
        ]);
        let (name, test, train) = self.quality();
        let tested = grouped(self.test_samples as u64);
        table.row([
            &format!("test {name}"),
            &test,
            &match self.held_out {
                true => format!("of {tested} samples that were not learned from"),
                false => format!(
                    "of the {tested} samples that were learned from: too few to keep some back"
                ),
            },
        ]);
        if let (Some(epoch), Some(samples)) = (self.best_epoch, self.validation_samples) {
            let value = match (self.validation_accuracy, self.validation_rmse) {
                (_, Some(rmse)) => Measure::Rmse { outputs: 1 }.text(rmse),
                (accuracy, None) => Measure::Accuracy.text(accuracy.unwrap_or(0.0)),
            };
            let chosen = format!("of {samples} samples, which chose the weights of epoch {epoch}");
            table.row([&format!("validation {name}"), &value, &chosen]);
        }
        table.row([
            &format!("train {name}"),
            &train,
            &format!("of {} samples", grouped(self.train_samples as u64)),
        ]);
        let phases = format!("over all phases, {} nudging, last epoch", self.nudging);
        let pace = match self.spikes_per_sample {
            None => "sweeps a sample",
            Some(_) => "steps a sample",
        };
        table.row([pace, &format!("{:.1}", self.sweeps_per_sample), &phases]);
        if let Some(spikes) = self.spikes_per_sample {
            table.row([
                "spikes a sample",
                &format!("{spikes:.0}"),
                "of all free units",
            ]);
        }
        if let Some(operations) = self.synaptic_operations_per_sample {
            table.row([
                "synaptic operations",
                &grouped(operations.round() as u64),
                "a sample: weights added for spikes, or multiplied by inputs",
            ]);
        }
        table.row([
            "not learned from",
            &percent(self.not_learned_share),
            "of the last epoch's samples: the nudge moved nothing",
        ]);
        if let (Some(saturations), Some(bits)) = (self.saturations, self.weight_bits) {
            table.row([
                "saturations",
                &grouped(saturations),
                &format!("of {bits}-bit weights"),
            ]);
        }
        table.row([
            "speed",
            &grouped(self.samples_per_second as u64),
            "training samples a second",
        ]);
        if let (Some(stream), Some(busy), Some(second)) = (
            self.stream_cycles_per_sample,
            self.cycles_per_sample,
            self.cycles_per_second,
        ) {
            table.row([
                "cycles a sample",
                &format!("{stream:.0}"),
                &format!(
                    "on {} lanes, busy in {busy:.0} of them; {:.2} million simulated a second",
                    self.lanes.unwrap_or(0),
                    second / 1e6
                ),
            ]);
        }
        if let Some(differing) = self.weight_mismatches {
            table.row([
                "weight mismatches",
                &differing.to_string(),
                "read back from the hardware, against the bit-true model",
            ]);
        }
        if let Some(files) = &self.files {
            for (name, path) in [
                ("best weights", files.best.as_ref()),
                ("weights", Some(&files.weights)),
                ("checkpoint", Some(&files.checkpoint)),
                ("log", Some(&files.log)),
                ("table", Some(&files.table)),
                ("TensorBoard", files.events.as_ref()),
                ("plot", Some(&files.plots[1])),
                ("spikes", files.spikes.as_ref().map(|files| &files[1])),
            ] {
                if let Some(path) = path {
                    table.row([name, "", &path.display().to_string()]);
                }
            }
        }
        write!(f, "{table}")
    }
}
