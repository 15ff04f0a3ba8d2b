//! Training: samples in a seeded order, a rate that halves, reports by epoch, resumable anywhere.
//!
//! `split` decides which samples are learned from and in which order, `schedule` when the rate
//! halves; a `backend` learns from one sample after another (`bittrue` and `hardware` in integers,
//! `golden` in real numbers; `traced` tells what cycles depend on), `score` counts right answers,
//! `measure` says what of them is told, `augment` varies training pictures,
//! `report` sums up an epoch, and this file strings them together.

mod augment;
mod backend;
mod bittrue;
mod golden;
mod hardware;
mod measure;
mod report;
mod schedule;
mod score;
mod split;
#[cfg(test)]
mod tests;
mod traced;

pub use augment::Augmenter;
pub use backend::{Backend, Cycles, Lesson, TrainError};
pub use bittrue::{answered, BitTrueBackend};
pub use golden::GoldenBackend;
pub use hardware::HardwareBackend;
pub use measure::Measure;
pub use report::{Counters, EpochReport};
pub use schedule::doublings;
pub use score::{answer, real_answer, Score};
pub use split::Split;
pub use traced::TracedBackend;

use crate::bittrue::Sample;
use crate::data::Dataset;
use hdl::config::Network;
use report::{Held, Judged};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// Where a run stands: with the weights and the state of the random numbers, all that it needs to go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs finished.
    pub epoch: u32,
    /// Samples shown of the epoch under way.
    pub samples: usize,
    /// What they gave so far.
    pub counters: Counters,
    /// Reports of the epochs finished.
    pub history: Vec<EpochReport>,
}

/// A run of several epochs.
pub struct Trainer<'a> {
    network: &'a Network,
    data: &'a Dataset,
    /// Samples of their own to test with; without it those that the split keeps back.
    test: Option<&'a Dataset>,
    split: Split,
    augmenter: Option<Augmenter>,
    epochs: u32,
    backend: Box<dyn Backend + 'a>,
    position: Position,
    order: Vec<usize>,
    /// Samples of one batch, reused.
    batch: Vec<Sample>,
    lessons: Vec<Lesson>,
    /// Time spent learning since the trainer was made, tests not counted.
    learning: Duration,
    /// Samples shown since the trainer was made.
    shown: u64,
    epoch_time: Duration,
}

impl<'a> Trainer<'a> {
    /// A run over `epochs` epochs, `batch` samples at a time, from `position`, which the backend's weights
    /// must belong to.
    ///
    /// # Errors
    /// The backend does not answer.
    pub fn new(
        network: &'a Network,
        data: &'a Dataset,
        test: Option<&'a Dataset>,
        epochs: u32,
        batch: usize,
        backend: Box<dyn Backend + 'a>,
        position: Position,
    ) -> Result<Trainer<'a>, TrainError> {
        let mut trainer = Trainer {
            split: Split::new(
                data.len(),
                test.is_some(),
                network.data.validation,
                network.seed,
            ),
            augmenter: Augmenter::new(network, data),
            network,
            data,
            test,
            epochs,
            backend,
            position,
            order: vec![],
            batch: vec![Sample::default(); batch],
            lessons: vec![],
            learning: Duration::ZERO,
            shown: 0,
            epoch_time: Duration::ZERO,
        };
        trainer.begin_epoch()?;
        Ok(trainer)
    }

    /// Samples of one epoch.
    pub fn samples_per_epoch(&self) -> usize {
        self.split.train().len()
    }

    pub fn split(&self) -> &Split {
        &self.split
    }

    pub fn position(&self) -> &Position {
        &self.position
    }

    pub fn backend(&mut self) -> &mut dyn Backend {
        &mut *self.backend
    }

    /// Weights have bits.
    pub fn saturates(&self) -> bool {
        self.backend.saturates()
    }

    /// Samples shown since the trainer was made.
    pub fn shown(&self) -> u64 {
        self.shown
    }

    /// Samples a second over all learning so far, tests not counted.
    pub fn samples_per_second(&self) -> f64 {
        self.shown as f64 / self.learning.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    /// No epoch is left.
    pub fn finished(&self) -> bool {
        self.position.epoch >= self.epochs
    }

    /// Learns from up to `samples` more samples of the epoch under way, in whole batches; at its end tests and
    /// returns its report.
    ///
    /// # Errors
    /// The backend does not answer, or its hardware went another way than the bit-true model.
    pub fn step(&mut self, samples: usize) -> Result<Option<EpochReport>, TrainError> {
        let fraction = self.network.formats.state_fraction;
        let from = self.position.samples;
        let whole = samples.next_multiple_of(self.batch.len());
        let to = (from + whole).min(self.order.len());
        let begin = Instant::now();
        for indices in self.order[from..to].chunks(self.batch.len()) {
            let batch = &mut self.batch[..indices.len()];
            for (&index, sample) in indices.iter().zip(&mut *batch) {
                self.data.sample_into(index, fraction, sample);
                if let Some(augmenter) = &self.augmenter {
                    augmenter.apply(&mut sample.input, self.position.epoch, index);
                }
            }
            self.lessons.clear();
            self.backend.learn(batch, &mut self.lessons)?;
            for (lesson, &index) in self.lessons.iter().zip(indices) {
                self.position.counters.add(lesson, self.data.label(index));
            }
        }
        let time = begin.elapsed();
        self.learning += time;
        self.epoch_time += time;
        self.shown += (to - from) as u64;
        self.position.samples = to;
        if to < self.order.len() {
            return Ok(None);
        }
        let held = match self.split.validation() {
            [] => Held::Test(self.test()?),
            kept => Held::Validation(self.backend.score(self.data, kept)?),
        };
        let report = self.report(Some(held));
        self.position.history.push(report.clone());
        self.position.epoch += 1;
        self.position.samples = 0;
        self.position.counters = Counters::default();
        self.begin_epoch()?;
        Ok(Some(report))
    }

    /// The epoch under way, and how many epochs were shown with what it has; `None` between two epochs.
    pub fn under_way(&self) -> Option<(f64, EpochReport)> {
        let part = self.position.samples as f64 / self.order.len() as f64;
        (self.position.samples > 0)
            .then(|| (f64::from(self.position.epoch) + part, self.report(None)))
    }

    fn report(&self, held: Option<Held>) -> EpochReport {
        EpochReport::new(
            self.position.epoch,
            doublings(&self.network.learning, self.position.epoch, self.epochs),
            &self.position.counters,
            held,
            Judged {
                measure: Measure::of(self.data),
                saturates: self.backend.saturates(),
            },
            self.epoch_time,
        )
    }

    /// Right answers and cost of the test samples with the present weights.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn test(&mut self) -> Result<Score, TrainError> {
        tested(&mut *self.backend, self.data, self.test, &self.split)
    }

    /// Scores of training and test samples with the weights of another backend.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn scores_of(&self, other: &mut dyn Backend) -> Result<[Score; 2], TrainError> {
        Ok([
            other.score(self.data, self.split.train())?,
            tested(other, self.data, self.test, &self.split)?,
        ])
    }

    /// Right answers and cost of all training samples with the present weights.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn train_score(&mut self) -> Result<Score, TrainError> {
        self.backend.score(self.data, self.split.train())
    }

    fn begin_epoch(&mut self) -> Result<(), TrainError> {
        if self.finished() {
            return Ok(());
        }
        let epoch = self.position.epoch;
        self.epoch_time = Duration::ZERO;
        self.order = self.split.order(epoch);
        let m = doublings(&self.network.learning, epoch, self.epochs);
        self.backend.set_doublings(m)
    }
}

/// Scores the test data, or without them what `split` keeps back of `data`.
fn tested(
    backend: &mut dyn Backend,
    data: &Dataset,
    test: Option<&Dataset>,
    split: &Split,
) -> Result<Score, TrainError> {
    match test {
        Some(test) => {
            let all: Vec<usize> = (0..test.len()).collect();
            backend.score(test, &all)
        }
        None => backend.score(data, split.test()),
    }
}

/// The report that the validation part likes best, the first of equal ones; `None` without a validation part.
pub fn best(history: &[EpochReport]) -> Option<usize> {
    let mut best: Option<(usize, f64)> = None;
    for (epoch, report) in history.iter().enumerate() {
        let goodness = report.goodness()?;
        if best.is_none_or(|(_, so_far)| goodness > so_far) {
            best = Some((epoch, goodness));
        }
    }
    best.map(|(epoch, _)| epoch)
}
