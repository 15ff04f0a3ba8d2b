//! Right answers and cost over many samples, on all cores, the same whatever their number.

use rayon::prelude::*;

/// How well samples are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    pub samples: usize,
    pub right: usize,
    /// Σ ½ Σ (x − t)².
    pub cost: f64,
}

impl Score {
    /// Share of right answers, 0…1; 0 without samples.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.samples.max(1) as f64
    }

    /// Mean cost of a sample.
    pub fn mean_cost(&self) -> f64 {
        self.cost / self.samples.max(1) as f64
    }
}

/// The answer of `units` outputs with rule 8's `winner`; of a single one, whose state is `first` of
/// `fraction` bits, whether it is at least ½, as in [`Dataset::label`](crate::data::Dataset::label).
pub fn answer(winner: usize, units: usize, first: u16, fraction: u32) -> usize {
    match units {
        1 => usize::from(first >= 1 << (fraction - 1)),
        _ => winner,
    }
}

/// The same of real states, the lowest of equal ones.
pub fn real_answer(outputs: &[f64]) -> usize {
    if let [only] = outputs {
        return usize::from(*only >= 0.5);
    }
    let mut answer = 0;
    for (unit, &state) in outputs.iter().enumerate() {
        if state > outputs[answer] {
            answer = unit;
        }
    }
    answer
}

/// Samples that one piece of parallel work answers.
const PIECE: usize = 32;

/// Scores samples on all threads of rayon's pool. `worker` makes what answers one sample: right or not, and its cost.
/// Costs are added in the order of `indices`, so the sum does not depend on the threads.
pub(super) fn parallel<W: FnMut(usize) -> (bool, f64)>(
    indices: &[usize],
    worker: impl Fn() -> W + Sync,
) -> Score {
    let answers: Vec<Vec<(bool, f64)>> = indices
        .par_chunks(PIECE)
        .map(|piece| {
            let mut answer = worker();
            piece.iter().map(|&index| answer(index)).collect()
        })
        .collect();
    let mut score = Score::default();
    for (right, cost) in answers.into_iter().flatten() {
        score.samples += 1;
        score.right += usize::from(right);
        score.cost += cost;
    }
    score
}
