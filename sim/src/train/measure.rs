//! What tells how good answers are: the share of right ones where samples belong to classes, the distance of outputs
//! from targets where these are real numbers.

use super::Score;
use crate::data::Dataset;

/// How answers are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Right answers over all, 0…1.
    Accuracy,
    /// Root of the mean square of an output's distance from its target, both 0…1.
    Rmse { outputs: usize },
}

impl Measure {
    /// The one that suits the targets of `data`.
    pub fn of(data: &Dataset) -> Measure {
        match data.is_regression() {
            false => Measure::Accuracy,
            true => Measure::Rmse {
                outputs: data.outputs(),
            },
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Accuracy => "accuracy",
            Measure::Rmse { .. } => "RMSE",
        }
    }

    /// From the share of right answers and the mean cost of a sample, ½ Σ (x − t)².
    pub fn value(self, accuracy: f64, mean_cost: f64) -> f64 {
        match self {
            Measure::Accuracy => accuracy,
            Measure::Rmse { outputs } => (2.0 * mean_cost / outputs as f64).sqrt(),
        }
    }

    /// That of a score.
    pub fn score(self, score: &Score) -> f64 {
        self.value(score.accuracy(), score.mean_cost())
    }

    /// The larger the better, of a value.
    pub fn goodness(self, value: f64) -> f64 {
        match self {
            Measure::Accuracy => value,
            Measure::Rmse { .. } => -value,
        }
    }

    /// A value for people: percent, or states.
    pub fn text(self, value: f64) -> String {
        match self {
            Measure::Accuracy => format!("{:.2} %", 100.0 * value),
            Measure::Rmse { .. } => format!("{value:.4}"),
        }
    }

    /// The value if it is an accuracy, and if it is a distance.
    pub fn split(self, value: f64) -> (Option<f64>, Option<f64>) {
        match self {
            Measure::Accuracy => (Some(value), None),
            Measure::Rmse { .. } => (None, Some(value)),
        }
    }
}
