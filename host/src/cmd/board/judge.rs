//! How the answers of a board are judged.

use hdl::arch::stream;
use sim::bittrue::{state_to_real, Sample};
use sim::train::{answer, Score};

/// How one sample was answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Judged {
    right: bool,
    /// ½ Σ (x − t)².
    cost: f64,
}

/// The sum of many.
pub fn score(all: impl IntoIterator<Item = Judged>) -> Score {
    let mut score = Score::default();
    for Judged { right, cost } in all {
        score.samples += 1;
        score.right += usize::from(right);
        score.cost += cost;
    }
    score
}

/// The class that the board answers to a sample, and how good that is.
pub fn judge(
    given: &stream::Answer,
    sample: &Sample,
    fraction: u32,
    label: usize,
) -> (usize, Judged) {
    let outputs = stream::dense(given, sample.target.len());
    let class = answer(given.1, outputs.len(), outputs[0], fraction);
    let real = |raw: u16| state_to_real(raw, fraction);
    let square = |(&x, &t): (&u16, &u16)| (real(x) - real(t)).powi(2);
    let judged = Judged {
        right: class == label,
        cost: 0.5 * outputs.iter().zip(&sample.target).map(square).sum::<f64>(),
    };
    (class, judged)
}
