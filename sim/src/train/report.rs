//! What an epoch gave.

use super::{Lesson, Measure, Score};
use crate::bittrue::Activity;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Sums over the samples of the epoch under way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    pub samples: u64,
    /// Right answers of the free phases, each before its sample was learned.
    pub right: u64,
    /// Kept bit for bit, infinities too.
    #[serde(with = "bits")]
    pub cost: f64,
    pub sweeps: u64,
    /// Samples whose nudge moved nothing (rule 4).
    pub not_learned: u64,
    /// Samples with a phase that did not settle.
    pub unsettled: u64,
    pub saturations: u64,
    /// Of spiking units; none of rates.
    #[serde(default)]
    pub activity: Option<Activity>,
}

/// A real as its 64 bits: JSON knows neither NaN nor infinity.
mod bits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(value: &f64, out: S) -> Result<S::Ok, S::Error> {
        value.to_bits().serialize(out)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<f64, D::Error> {
        u64::deserialize(source).map(f64::from_bits)
    }
}

impl Counters {
    /// Adds one lesson; `label` is the right answer.
    pub fn add(&mut self, lesson: &Lesson, label: usize) {
        self.samples += 1;
        self.right += u64::from(lesson.answer == label);
        self.cost += lesson.cost;
        self.sweeps += u64::from(lesson.sweeps);
        self.not_learned += u64::from(!lesson.learned);
        self.unsettled += u64::from(!lesson.settled);
        self.saturations += u64::from(lesson.saturations);
        if let Some(more) = lesson.activity {
            *self.activity.get_or_insert_default() += more;
        }
    }
}

/// What was asked at the end of an epoch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    Validation(Score),
    Test(Score),
}

/// What is told of an epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub measure: Measure,
    /// Weights have bits.
    pub saturates: bool,
}

/// One epoch; shares are 0…1. Of one under way the training samples so far, and nothing that is asked at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// From 1.
    pub epoch: u32,
    /// m of rule 7.
    pub m: u32,
    /// Of the training samples, each answered before it was learned; where targets are real numbers, the root mean square
    /// distance of outputs from them in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_accuracy: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_rmse: Option<f64>,
    pub train_loss: f64,
    /// Of the validation part, with the weights at the end of the epoch; where there is none, of the test part in its
    /// place, which otherwise waits for the end of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_accuracy: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_rmse: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_accuracy: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_rmse: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_loss: Option<f64>,
    /// Sweeps, or time steps, over all phases of a training sample.
    pub sweeps_per_sample: f64,
    /// Of spiking units, over all phases of a training sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spikes_per_sample: Option<f64>,
    /// Weights added for spikes or multiplied by inputs, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub synaptic_operations_per_sample: Option<f64>,
    pub not_learned_share: f64,
    pub unsettled: u64,
    /// Weights that saturated; none of real numbers, which have no bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saturations: Option<u64>,
    /// Learning only; 0 where a resumed run did not see the whole epoch.
    pub samples_per_second: f64,
}

impl EpochReport {
    pub(super) fn new(
        epoch: u32,
        m: u32,
        sums: &Counters,
        held: Option<Held>,
        judged: Judged,
        time: Duration,
    ) -> Self {
        let mean = |sum: f64| sum / sums.samples.max(1) as f64;
        let measure = judged.measure;
        let train = measure.value(mean(sums.right as f64), mean(sums.cost));
        let (train_accuracy, train_rmse) = measure.split(train);
        let told = |score: Option<Score>| match score {
            None => (None, None, None),
            Some(score) => {
                let (accuracy, rmse) = measure.split(measure.score(&score));
                (accuracy, rmse, Some(score.mean_cost()))
            }
        };
        let (validation, test) = match held {
            Some(Held::Validation(score)) => (Some(score), None),
            Some(Held::Test(score)) => (None, Some(score)),
            None => (None, None),
        };
        let (validation_accuracy, validation_rmse, validation_loss) = told(validation);
        let (test_accuracy, test_rmse, test_loss) = told(test);
        EpochReport {
            epoch: epoch + 1,
            m,
            train_accuracy,
            train_rmse,
            train_loss: mean(sums.cost),
            validation_accuracy,
            validation_rmse,
            validation_loss,
            test_accuracy,
            test_rmse,
            test_loss,
            sweeps_per_sample: mean(sums.sweeps as f64),
            spikes_per_sample: (sums.activity).map(|activity| mean(activity.spikes as f64)),
            synaptic_operations_per_sample: (sums.activity)
                .map(|activity| mean(activity.synaptic_operations as f64)),
            not_learned_share: mean(sums.not_learned as f64),
            unsettled: sums.unsettled,
            saturations: judged.saturates.then_some(sums.saturations),
            samples_per_second: sums.samples as f64 / time.as_secs_f64().max(f64::MIN_POSITIVE),
        }
    }

    /// How good the training samples were answered, in the measure of the data.
    pub fn train_measure(&self) -> f64 {
        self.train_accuracy.or(self.train_rmse).unwrap_or(0.0)
    }

    /// What was asked at the end of the epoch, for people.
    pub fn held_name(&self) -> &'static str {
        match self.validation_loss {
            Some(_) => "validation",
            None => "test",
        }
    }

    /// The same of the samples that were asked at the end of the epoch.
    pub fn held_measure(&self) -> f64 {
        let validation = self.validation_accuracy.or(self.validation_rmse);
        let test = self.test_accuracy.or(self.test_rmse);
        validation.or(test).unwrap_or(0.0)
    }

    /// Their mean cost.
    pub fn held_loss(&self) -> f64 {
        self.validation_loss.or(self.test_loss).unwrap_or(0.0)
    }

    /// Targets are real numbers.
    pub fn is_regression(&self) -> bool {
        self.train_rmse.is_some()
    }

    /// What weights are chosen by, the larger the better; `None` without a validation part.
    pub fn goodness(&self) -> Option<f64> {
        self.validation_accuracy
            .or(self.validation_rmse.map(|rmse| -rmse))
    }
}
