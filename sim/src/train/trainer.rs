//! The training loop, one batch a step.

use std::time::Instant;

use super::split::epoch_order;
use super::{Backend, Counters, EpochReport, Schedule, Split};
use crate::bittrue::Sample;
use crate::progress::Progress;
use hdl::config::Network;

/// What a run may choose beside its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub schedule: Schedule,
    /// Samples of one weight update; 1 is online learning, as the hardware does it.
    pub batch: usize,
    /// Stop after so many epochs in a row without a better test accuracy.
    pub patience: Option<u32>,
}

/// Everything a run carries from step to step, to be saved and continued.
#[derive(Clone, Debug, PartialEq)]
pub struct State<P> {
    pub parameters: P,
    /// S of rule 6.
    pub random: u32,
    /// The epoch being trained, from 0.
    pub epoch: u32,
    /// Samples of this epoch that are done, less than there are.
    pub position: usize,
    /// Sums over these samples.
    pub counters: Counters,
    /// Seconds spent on them.
    pub seconds: f64,
    /// The finished epochs.
    pub history: Vec<EpochReport>,
}

/// A training run.
pub struct Trainer<'a, B> {
    split: Split<'a>,
    backend: B,
    options: Options,
    seed: u32,
    fraction: u32,
    epoch: u32,
    position: usize,
    counters: Counters,
    seconds: f64,
    history: Vec<EpochReport>,
    /// Of the present epoch.
    order: Vec<usize>,
    samples: Vec<Sample>,
    labels: Vec<usize>,
}

impl Options {
    /// The network's epochs and halvings, online, to the last epoch.
    pub fn of(network: &Network) -> Self {
        Self {
            schedule: Schedule::of(network),
            batch: 1,
            patience: None,
        }
    }
}

impl<'a, B: Backend> Trainer<'a, B> {
    /// A run from its beginning; the backend has the weights and S that it starts from.
    ///
    /// # Errors
    /// If the backend fails.
    ///
    /// # Panics
    /// If the training part or a batch is empty.
    pub fn new(
        network: &Network,
        split: Split<'a>,
        mut backend: B,
        options: Options,
    ) -> Result<Self, B::Error> {
        assert!(!split.train.is_empty(), "nothing to learn from");
        assert!(options.batch > 0, "batches of no sample");
        backend.set_rate_halvings_left(options.schedule.halvings_left(0))?;
        Ok(Self {
            order: epoch_order(split.train.len(), network.seed, 0),
            split,
            backend,
            options,
            seed: network.seed,
            fraction: network.formats.state_fraction,
            epoch: 0,
            position: 0,
            counters: Counters::default(),
            seconds: 0.0,
            history: Vec::new(),
            samples: Vec::new(),
            labels: Vec::new(),
        })
    }

    /// Continues where `state` was taken; network, split, backend and options must be as then.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn restore(&mut self, state: State<B::Parameters>) -> Result<(), B::Error> {
        self.backend.load(&state.parameters)?;
        self.backend.set_random_state(state.random)?;
        self.position = state.position;
        self.counters = state.counters;
        self.seconds = state.seconds;
        self.history = state.history;
        self.enter(state.epoch)
    }

    /// The run as it stands between two steps.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn state(&mut self) -> Result<State<B::Parameters>, B::Error> {
        Ok(State {
            parameters: self.backend.parameters()?,
            random: self.backend.random_state(),
            epoch: self.epoch,
            position: self.position,
            counters: self.counters,
            seconds: self.seconds,
            history: self.history.clone(),
        })
    }

    /// All epochs are done, or the test accuracy has not risen for as long as was asked.
    pub fn finished(&self) -> bool {
        self.epoch >= self.options.schedule.epochs || self.out_of_patience()
    }

    fn out_of_patience(&self) -> bool {
        let (Some(patience), 0) = (self.options.patience, self.position) else {
            return false;
        };
        let mut best = (0, f64::MIN);
        for (epoch, report) in self.history.iter().enumerate() {
            if report.test_accuracy > best.1 {
                best = (epoch, report.test_accuracy);
            }
        }
        self.history.len() > best.0 + patience as usize
    }

    /// Learns from one batch; after the last one of an epoch, tests, and returns the epoch's report.
    /// Does nothing once [`finished`](Self::finished).
    ///
    /// # Errors
    /// If the backend fails.
    pub fn step(&mut self) -> Result<Option<&EpochReport>, B::Error> {
        if self.finished() {
            return Ok(None);
        }
        let start = Instant::now();
        let size = self.options.batch.min(self.order.len() - self.position);
        let places = &self.order[self.position..self.position + size];
        self.samples.resize_with(size, Sample::default);
        self.labels.clear();
        let part = &self.split.train;
        for (sample, &place) in self.samples.iter_mut().zip(places) {
            let index = part.indices[place];
            part.data.sample_into(index, self.fraction, sample);
            self.labels.push(part.data.label(index));
        }
        let batch = self.options.batch;
        let counters = self.backend.train(&self.samples, &self.labels, batch)?;
        self.counters.add(&counters);
        self.position += size;
        self.seconds += start.elapsed().as_secs_f64();
        if self.position < self.order.len() {
            return Ok(None);
        }
        let test = self.backend.evaluate(&self.split.test)?;
        let m = self.options.schedule.halvings_left(self.epoch);
        let report = EpochReport::new(self.epoch, m, &self.counters, &test, self.seconds);
        self.history.push(report);
        self.position = 0;
        self.counters = Counters::default();
        self.seconds = 0.0;
        self.enter(self.epoch + 1)?;
        Ok(self.history.last())
    }

    /// Steps to the end of the present epoch; `None` once [`finished`](Self::finished).
    ///
    /// # Errors
    /// If the backend fails.
    pub fn epoch(&mut self, progress: &dyn Progress) -> Result<Option<&EpochReport>, B::Error> {
        let (before, total) = (self.history.len(), self.order.len() as u64);
        progress.start("training", total, "samples");
        while !self.finished() && self.history.len() == before {
            self.step()?;
            progress.reach(match self.position {
                0 => total,
                done => done as u64,
            });
        }
        progress.finish();
        Ok(self.history.get(before))
    }

    fn enter(&mut self, epoch: u32) -> Result<(), B::Error> {
        self.epoch = epoch;
        self.order = epoch_order(self.split.train.len(), self.seed, epoch);
        let m = self.options.schedule.halvings_left(epoch);
        self.backend.set_rate_halvings_left(m)
    }

    /// Finished epochs, in order.
    pub fn history(&self) -> &[EpochReport] {
        &self.history
    }

    /// What learns.
    pub fn backend(&mut self) -> &mut B {
        &mut self.backend
    }

    /// What it learns from and is tested on.
    pub fn split(&self) -> &Split<'a> {
        &self.split
    }
}
