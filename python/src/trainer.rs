//! A training run that Python steps through.

use std::path::PathBuf;

use eqprop::cmd::train::Arguments;
use eqprop::error::Failure;
use eqprop::output::Printer;
use eqprop::train::run::failed;
use eqprop::train::start::{backend, start, Start};
use eqprop::train::{write_weights, Settings};
use pyo3::prelude::*;
use sim::train::{self, Measure};

use crate::watch::{self, Told, Watcher};
use crate::{failure, parse};

/// Where a run stands; between two calls nothing of it runs.
#[pyclass]
pub struct Trainer {
    arguments: Arguments,
    settings: Settings,
    start: Start,
    samples_per_epoch: usize,
}

/// Reports of epochs as JSON; and what was told.
type Reports = (Vec<String>, Told);
/// Samples, accuracy or RMSE, mean cost.
type Score = (usize, Option<f64>, Option<f64>, f64);

#[pymethods]
impl Trainer {
    #[new]
    fn new(py: Python, options: Vec<String>, watcher: Watcher) -> PyResult<Trainer> {
        let arguments: Arguments =
            parse::of("train", options).map_err(|failure| failure::raise(py, failure))?;
        let (trainer, _) = watch::run(py, watcher, |printer| {
            let settings = Settings::new(&arguments, printer)?;
            let none = settings.resolved.out.join("train.checkpoint");
            let start = start(&settings, &arguments, &none, printer)?;
            Ok((settings, start))
        })?;
        let (settings, start) = trainer;
        Ok(Trainer {
            samples_per_epoch: settings.split().train().len(),
            arguments,
            settings,
            start,
        })
    }

    /// Epochs of the whole run.
    #[getter]
    fn epochs(&self) -> u32 {
        self.settings.resolved.network.learning.epochs
    }

    #[getter]
    fn samples_per_epoch(&self) -> usize {
        self.samples_per_epoch
    }

    /// Finished epochs, and samples shown of the one under way.
    #[getter]
    fn position(&self) -> (u32, usize) {
        (self.start.position.epoch, self.start.position.samples)
    }

    /// Reports of all finished epochs as JSON.
    #[getter]
    fn history(&self) -> Vec<String> {
        self.start.position.history.iter().map(json).collect()
    }

    /// Learns from up to `samples` more samples; reports of the epochs that end.
    fn step(&mut self, py: Python, samples: u64, watcher: Watcher) -> PyResult<Reports> {
        watch::run(py, watcher, |printer| self.learn(samples, printer))
    }

    /// Test samples, their accuracy or RMSE, and their mean cost.
    fn test(&self, py: Python, watcher: Watcher) -> PyResult<(Score, Told)> {
        watch::run(py, watcher, |printer| {
            let progress = printer.progress();
            let score = self.run(&*progress)?.test().map_err(failed)?;
            let measure = Measure::of(&self.settings.train);
            let (accuracy, rmse) = measure.split(measure.score(&score));
            Ok((score.samples, accuracy, rmse, score.mean_cost()))
        })
    }

    /// Writes the weights as they are.
    fn save(&self, py: Python, path: PathBuf) -> PyResult<()> {
        write_weights(&self.settings, &path, &self.start.parameters)
            .map_err(|failure| failure::raise(py, failure))
    }
}

impl Trainer {
    fn run<'a>(
        &'a self,
        progress: &'a dyn sim::progress::Progress,
    ) -> Result<train::Trainer<'a>, Failure> {
        let network = &self.settings.resolved.network;
        train::Trainer::new(
            network,
            &self.settings.train,
            self.settings.test.as_ref(),
            network.learning.epochs,
            self.settings.batch,
            backend(&self.settings, &self.arguments, &self.start, progress)?,
            self.start.position.clone(),
        )
        .map_err(failed)
    }

    fn learn(&mut self, samples: u64, printer: &Printer) -> Result<Vec<String>, Failure> {
        let progress = printer.progress();
        let mut run = self.run(&*progress)?;
        progress.start("training", samples, "samples");
        let mut reports = vec![];
        while run.shown() < samples && !run.finished() {
            let step = (samples - run.shown()).min(STEP) as usize;
            reports.extend(run.step(step).map_err(failed)?.as_ref().map(json));
            progress.reach(run.shown());
        }
        progress.finish();
        let backend = run.backend();
        backend.check().map_err(failed)?;
        let now = Start {
            parameters: backend.parameters().map_err(failed)?,
            random: backend.random_state().map_err(failed)?,
            position: run.position().clone(),
        };
        drop(run);
        self.start = now;
        Ok(reports)
    }
}

/// Samples between two looks at progress and signals.
const STEP: u64 = 64;

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("numbers have a form in JSON")
}
