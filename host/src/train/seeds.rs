//! `--seeds`: the same run from several seeds, each with a split, weights and random words of its own.

use std::fmt;
use std::path::PathBuf;

use rayon::prelude::*;
use serde::{Serialize, Serializer};
use sim::train::{EpochReport, Measure};

use super::outcome::Outcome;
use super::run::{execute, OnInterrupt};
use super::Settings;
use crate::claim::{Claim, Kind};
use crate::cmd::train::Arguments;
use crate::error::{Explained, Failure};
use crate::output::Printer;
use crate::report::table::{Align, Table};
use crate::report::training::{training_plot, Curve, Titled, TrainingData};

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Outcomes {
    network: String,
    backend: &'static str,
    /// What the numbers below tell of: "accuracy", or "RMSE" where targets are real numbers.
    #[serde(serialize_with = "named")]
    measure: Measure,
    /// Of the seeds' test results, 0…1, and their standard deviation.
    mean: f64,
    deviation: f64,
    lowest: f64,
    highest: f64,
    plots: [PathBuf; 2],
    /// In the order of the seeds; each run has a folder of its own.
    runs: Vec<Outcome>,
}

fn named<S: Serializer>(measure: &Measure, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(measure.name())
}

/// Trains from every seed, on all threads, each in a folder `seed-N` of --out.
///
/// # Errors
/// As a single run; the first that fails ends all.
pub fn run(
    settings: &Settings,
    arguments: &Arguments,
    seeds: u32,
    printer: &Printer,
) -> Result<(), Failure> {
    let out = &settings.resolved.out;
    let _claim = Claim::new(out, Kind::Training)?;
    let first = settings.resolved.network.seed;
    let progress = printer.progress();
    progress.start("training", seeds.into(), "seeds");
    let one = |seed: u32| -> Result<(Outcome, Vec<EpochReport>), Failure> {
        let settings = Settings::of_seed(arguments, seed)?;
        execute(
            &settings,
            arguments,
            OnInterrupt::End,
            None,
            &Printer::silent(),
        )
    };
    let all: Vec<u32> = (0..seeds).map(|n| first.wrapping_add(n)).collect();
    let mut runs = Vec::new();
    for some in all.chunks(rayon::current_num_threads()) {
        let some: Result<Vec<_>, Failure> = some.par_iter().map(|&seed| one(seed)).collect();
        runs.extend(some?);
        progress.reach(runs.len() as u64);
    }
    let (runs, histories): (Vec<Outcome>, Vec<Vec<EpochReport>>) = runs.into_iter().unzip();
    progress.finish();
    let results: Vec<f64> = runs.iter().map(Outcome::tested).collect();
    let (mean, deviation) = spread(&results);
    let measure = Measure::of(&settings.train);
    let text = |value: f64| measure.text(value);
    let curves = |value: &dyn Fn(&EpochReport) -> f64| -> Vec<Curve> {
        let each = runs.iter().zip(&histories);
        each.map(|(run, history)| {
            Curve::new(format!("seed {}", run.seed), history.iter().map(value))
        })
        .collect()
    };
    let held = histories[0].first().map_or("test", EpochReport::held_name);
    let (title, scale) = match measure {
        Measure::Accuracy => (format!("{held}: right answers, %"), 100.0),
        Measure::Rmse { .. } => (format!("{held}: distance from targets, RMSE"), 1.0),
    };
    let data = TrainingData {
        title: format!("{}: {seeds} seeds", settings.resolved.network.name),
        subtitle: format!(
            "test {}: {} ± {}",
            measure.name(),
            text(mean),
            text(deviation)
        ),
        quality: Titled {
            title,
            curves: curves(&|epoch| scale * epoch.held_measure()),
        },
        loss: curves(&EpochReport::held_loss),
        effort: Titled {
            title: "sweeps, or steps, a sample".into(),
            curves: curves(&|epoch| epoch.sweeps_per_sample),
        },
        weights: vec![],
    };
    let plots = training_plot(&data, &out.join("seeds"));
    let outcomes = Outcomes {
        network: settings.resolved.network.name.clone(),
        backend: arguments.backend.name(),
        measure,
        mean,
        deviation,
        lowest: results.iter().copied().fold(f64::INFINITY, f64::min),
        highest: results.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        plots: plots.map_err(|error| Explained::new("eqprop::plot", &error))?,
        runs,
    };
    printer.result(&outcomes.to_string(), &outcomes)
}

/// Mean and standard deviation of a sample; the latter is 0 of a single value.
pub fn spread(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    let variance = squares.sum::<f64>() / (count - 1.0).max(1.0);
    (mean, variance.sqrt())
}

impl fmt::Display for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([
            ("seed", Align::Right),
            ("test", Align::Right),
            ("training", Align::Right),
            ("epochs", Align::Right),
            ("weights", Align::Left),
        ]);
        for run in &self.runs {
            let (_, test, train) = run.quality();
            let weights = run
                .files
                .as_ref()
                .map(|files| files.best.as_ref().unwrap_or(&files.weights));
            table.row([
                run.seed.to_string(),
                test,
                train,
                run.epochs.to_string(),
                weights.map_or(String::new(), |path| path.display().to_string()),
            ]);
        }
        write!(f, "{table}")?;
        let [mean, deviation, lowest, highest] =
            [self.mean, self.deviation, self.lowest, self.highest]
                .map(|value| self.measure.text(value));
        writeln!(
            f,
            "\ntest {}: {mean} ± {deviation}, {lowest} … {highest}, over {} seeds",
            self.measure.name(),
            self.runs.len()
        )?;
        writeln!(f, "plot: {}", self.plots[1].display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_are_those_of_a_sample() {
        assert_eq!(spread(&[2.0, 4.0, 9.0]), (5.0, 13f64.sqrt()));
        assert_eq!(spread(&[7.0]), (7.0, 0.0));
    }
}
