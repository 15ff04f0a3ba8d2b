//! Learning from several samples at once, for software training only: the hardware learns online.

use super::learn::Learning;
use super::observer::{LearningStart, Phase};
use super::panel::TILE;
use super::rng::Xorshift;
use super::{BitTrue, Sample};
use hdl::config::Orientation;

/// p and q of one sample that is learned from.
#[derive(Clone, Debug)]
pub struct Lesson {
    sign: i32,
    input: Vec<u16>,
    p: Vec<Vec<u16>>,
    q: Vec<Vec<u16>>,
}

/// Largest batch, as a power of two: sums of products and random words then stay within 64 bits.
pub const MAX_BATCH_SHIFT: u32 = 12;

impl BitTrue {
    /// What the last sample teaches, to be kept for a batch: `sample` must be the one that ran
    /// last, with nudged phases, the first of them with this `sign`.
    pub fn lesson(&self, sample: &Sample, sign: i32) -> Lesson {
        let [p, q] = Phase::contrast(self.nudging).map(|phase| self.ends[phase as usize].clone());
        Lesson {
            sign,
            input: sample.input.clone(),
            p,
            q,
        }
    }

    /// Learns from the samples of a batch of 2^`shift`; returns how many words saturated.
    ///
    /// Rule 7 with σ·g summed over the lessons and s + `shift` in the place of s:
    /// w' = saturate(w + ⌊Σ(σ·g)·2^m / 2^(s+shift) + r_i / 2^16⌋). A column is emitted, and draws,
    /// if it would be for any of the samples; without a lesson nothing is drawn. With one lesson
    /// and shift 0 this is rule 7.
    ///
    /// # Panics
    /// If `shift` is above [`MAX_BATCH_SHIFT`] or there are more lessons than 2^`shift`.
    pub fn learn_batch(&mut self, lessons: &[Lesson], shift: u32, rng: &mut Xorshift) -> u32 {
        assert!(shift <= MAX_BATCH_SHIFT, "a batch of 2^{shift} samples");
        assert!(lessons.len() <= 1 << shift, "{} lessons", lessons.len());
        if lessons.is_empty() {
            return 0;
        }
        let starts: Vec<LearningStart> = (lessons.iter())
            .map(|lesson| LearningStart {
                sign: lesson.sign,
                halvings_left: self.learning.halvings_left,
                input: &lesson.input,
                p: &lesson.p,
                q: &lesson.q,
                orientations: &self.orientations,
            })
            .collect();
        let mut saturations = 0;
        let learning = &self.learning;
        let mut sums = Vec::new();
        for (block, &Orientation { row, column }) in self.orientations.iter().enumerate() {
            for unit in 0..starts[0].pair(column).0.len() {
                let rows = match row == column {
                    true => unit,
                    false => starts[0].pair(row).0.len(),
                };
                if !sum_column(&mut sums, &starts, [row, column], unit, rows) {
                    continue;
                }
                let random = rng.draw();
                for (index, &sum) in sums.iter().enumerate() {
                    let own = self.units.panel_mut(row, block);
                    let old = own.get(index, unit);
                    let rule = (learning.blocks[block].shift + shift, random, index);
                    let (value, saturated) = word(learning, old, sum, rule);
                    own.set(index, unit, value);
                    if column != 0 {
                        self.units.panel_mut(column, block).set(unit, index, value);
                    }
                    saturations += u32::from(saturated);
                }
            }
        }
        for layer in 1..learning.biases.len() {
            let random = rng.draw();
            for unit in 0..starts[0].pair(layer).0.len() {
                let moved = starts.iter().map(|start| {
                    let (p, q) = start.signed(layer);
                    i64::from(p[unit]) - i64::from(q[unit])
                });
                let sum = moved.sum::<i64>() << learning.state_fraction;
                let bias = &mut self.units.bias_mut(layer)[unit / TILE][unit % TILE];
                let old = (*bias >> learning.state_fraction) as i16;
                let rule = (learning.biases[layer].shift + shift, random, unit);
                let (value, saturated) = word(learning, old, sum, rule);
                *bias = i64::from(value) << learning.state_fraction;
                saturations += u32::from(saturated);
            }
        }
        saturations
    }

    /// The states of the output layer at the end of the last sample's free phase, raw.
    pub fn outputs(&self) -> &[u16] {
        self.states(Phase::Free, self.ends[0].len() - 1)
    }
}

/// Σ(σ·g) of one column's first `rows` rows; false if no sample emits the column.
fn sum_column(
    sums: &mut Vec<i64>,
    starts: &[LearningStart],
    [row, column]: [usize; 2],
    unit: usize,
    rows: usize,
) -> bool {
    sums.clear();
    sums.resize(rows, 0);
    let mut emitted = false;
    for start in starts {
        let (p, q) = start.signed(column);
        let (p, q) = (i64::from(p[unit]), i64::from(q[unit]));
        if p == 0 && q == 0 {
            continue;
        }
        emitted = true;
        let (p_rows, q_rows) = start.signed(row);
        for (sum, (&p_row, &q_row)) in sums.iter_mut().zip(p_rows.iter().zip(q_rows)) {
            *sum += i64::from(p_row) * p - i64::from(q_row) * q;
        }
    }
    emitted
}

/// saturate(w + ⌊sum·2^m / 2^s + r_i / 2^16⌋) and whether it saturated.
fn word(
    learning: &Learning,
    old: i16,
    sum: i64,
    (shift, random, index): (u32, u16, usize),
) -> (i16, bool) {
    let random = random.rotate_left(index as u32 % 16);
    // |sum| ≤ 2^(12+28), so 2^(40+7+16) is one bit too much for 64.
    let numerator =
        (i128::from(sum) << (learning.halvings_left + 16)) + (i128::from(random) << shift);
    let exact = i128::from(old) + (numerator >> (shift + 16));
    let [low, high] = learning.biases[0].limits.map(i128::from);
    let value = exact.clamp(low, high);
    (value as i16, value != exact)
}
