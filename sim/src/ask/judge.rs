//! How good answers are: right ones and confusions of classes, distances from real targets.

use serde::Serialize;

use crate::data::Dataset;

use super::Reply;

/// Answers beside what the data say.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub quality: Quality,
    /// Places among the replies by falling cost ½ Σ (x − t)², with this cost; equal ones in the order of the replies.
    pub worst: Vec<(usize, f64)>,
}

/// In the measure that suits the targets.
#[derive(Clone, Debug, PartialEq)]
pub enum Quality {
    Classes {
        /// Right answers over all, 0…1.
        accuracy: f64,
        /// Samples of a class (row) that got an answer (column).
        confusion: Vec<Vec<usize>>,
    },
    Targets {
        /// Root of the mean square of an output's distance from its target.
        rmse: f64,
        /// Share of the targets' variance that outputs explain; `None` where targets do not vary.
        r2: Option<f64>,
    },
}

/// How one class fares; shares are 0…1, `None` where there is nothing to divide by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Class {
    pub name: String,
    pub samples: usize,
    /// Of the samples of the class, those that were answered so.
    pub recall: Option<f64>,
    /// Of the samples that were answered so, those of the class.
    pub precision: Option<f64>,
}

impl Judgement {
    /// Judges the replies to samples `indices` of labelled data, of which there is one at least.
    pub fn new(data: &Dataset, indices: &[usize], replies: &[Reply]) -> Judgement {
        let cost = |(at, reply): (usize, &Reply)| {
            let outputs = reply.outputs.iter().enumerate();
            let square = |(unit, &x): (usize, &f64)| (x - data.target(indices[at], unit)).powi(2);
            (at, 0.5 * outputs.map(square).sum::<f64>())
        };
        let mut worst: Vec<(usize, f64)> = replies.iter().enumerate().map(cost).collect();
        let all: f64 = worst.iter().map(|&(_, cost)| cost).sum();
        worst.sort_by(|a, b| b.1.total_cmp(&a.1));
        let quality = match data.is_regression() {
            true => Quality::targets(data, indices, all),
            false => Quality::classes(data, indices, replies),
        };
        Judgement { quality, worst }
    }
}

impl Quality {
    fn classes(data: &Dataset, indices: &[usize], replies: &[Reply]) -> Quality {
        let mut confusion = vec![vec![0; data.classes()]; data.classes()];
        for (&index, reply) in indices.iter().zip(replies) {
            confusion[data.label(index)][reply.answer] += 1;
        }
        let right: usize = (0..data.classes())
            .map(|class| confusion[class][class])
            .sum();
        Quality::Classes {
            accuracy: right as f64 / indices.len() as f64,
            confusion,
        }
    }

    fn targets(data: &Dataset, indices: &[usize], costs: f64) -> Quality {
        let count = indices.len() as f64;
        let variance = |output: usize| {
            let targets = indices.iter().map(|&index| data.target(index, output));
            let mean = targets.clone().sum::<f64>() / count;
            targets.map(|target| (target - mean).powi(2)).sum::<f64>()
        };
        let variance: f64 = (0..data.outputs()).map(variance).sum();
        Quality::Targets {
            rmse: (2.0 * costs / (count * data.outputs() as f64)).sqrt(),
            r2: (variance > 0.0).then(|| 1.0 - 2.0 * costs / variance),
        }
    }

    /// Every class, lowest first; none of real targets.
    pub fn by_class(&self, name: impl Fn(usize) -> String) -> Vec<Class> {
        let Quality::Classes { confusion, .. } = self else {
            return Vec::new();
        };
        let share = |part: usize, of: usize| (of > 0).then(|| part as f64 / of as f64);
        let class = |class: usize| {
            let samples = confusion[class].iter().sum();
            let answered = confusion.iter().map(|row| row[class]).sum();
            Class {
                name: name(class),
                samples,
                recall: share(confusion[class][class], samples),
                precision: share(confusion[class][class], answered),
            }
        };
        (0..confusion.len()).map(class).collect()
    }
}
