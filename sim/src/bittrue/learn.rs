//! Learning (design rules 6 and 7): what one sample adds to every weight and bias.

use super::network::Units;
use super::observer::{LearningStart, Observer, WeightPlace, WeightWrite};
use super::panel::TILE;
use super::rng::Xorshift;
use hdl::config::Network;

/// The constants of learning: shifts and limits that formats, rates and nudging fix.
#[derive(Clone, Debug)]
pub(super) struct Learning {
    /// s of each block.
    pub(super) shifts: Vec<u32>,
    /// s of each layer's biases: that of the first block that touches it. Layer 0 has no biases.
    pub(super) bias_shifts: Vec<u32>,
    /// m: rate halvings still open.
    pub(super) halvings_left: u32,
    /// M.
    pub(super) halvings: u32,
    /// F: a bias learns as from a clamped column of value ONE.
    pub(super) state_fraction: u32,
    /// −2^(B−1) and 2^(B−1) − 1.
    pub(super) limits: [i64; 2],
}

/// A word after learning.
#[derive(Clone, Copy)]
struct Word {
    value: i16,
    saturated: bool,
}

impl Learning {
    /// `Network` promises shifts of 1…31.
    pub(super) fn new(network: &Network) -> Self {
        let blocks = &network.blocks;
        let shifts: Vec<u32> = (blocks.iter())
            .map(|block| network.learning_shift(block) as u32)
            .collect();
        let first = |layer| (blocks.iter()).position(|block| block.a == layer || block.b == layer);
        let reach = 1 << (network.formats.weight_bits - 1);
        Self {
            bias_shifts: (0..network.layers.len())
                .map(|layer| first(layer).map_or(1, |block| shifts[block]))
                .collect(),
            shifts,
            halvings_left: network.learning.halvings,
            halvings: network.learning.halvings,
            state_fraction: network.formats.state_fraction,
            limits: [-reach, reach - 1],
        }
    }

    /// saturate(w + ⌊g·2^m / 2^s + r / 2^16⌋), on the common denominator 2^(s+16).
    #[inline]
    fn word(&self, old: i16, g: i64, random: u16, shift: u32) -> Word {
        let numerator = (g << (self.halvings_left + 16)) + (i64::from(random) << shift);
        let exact = i64::from(old) + (numerator >> (shift + 16));
        let value = exact.clamp(self.limits[0], self.limits[1]);
        Word {
            value: value as i16,
            saturated: value != exact,
        }
    }
}

/// r_i = rotl16(r, i mod 16): the word of unit or row i.
#[inline]
fn rotated(random: u16, index: usize) -> u16 {
    random.rotate_left(index as u32 % 16)
}

impl Units {
    /// Learns from p and q, in place; returns how many words saturated. Draws as rule 6 says.
    pub(super) fn learn(
        &mut self,
        learning: &Learning,
        start: LearningStart,
        rng: &mut Xorshift,
        observer: &mut impl Observer,
    ) -> u32 {
        observer.learning(start);
        let mut saturations = 0;
        let mut tell = |place, old, word: Word| {
            saturations += u32::from(word.saturated);
            observer.learned(WeightWrite {
                place,
                old,
                value: word.value,
                saturated: word.saturated,
            });
        };
        for (block, &shift) in learning.shifts.iter().enumerate() {
            let sides = start.orientations[block];
            let (p_rows, q_rows) = start.pair(sides.row);
            let (p_columns, q_columns) = start.pair(sides.column);
            let mut panel = std::mem::take(self.panel_mut(sides.row, block));
            for column in start.emitted(block) {
                let random = rng.draw();
                let (p, q) = (i64::from(p_columns[column]), i64::from(q_columns[column]));
                let rows = match sides.row == sides.column {
                    true => column,
                    false => p_rows.len(),
                };
                for row in 0..rows {
                    let old = panel.get(row, column);
                    let g = i64::from(p_rows[row]) * p - i64::from(q_rows[row]) * q;
                    let g = i64::from(start.sign) * g;
                    let word = learning.word(old, g, rotated(random, row), shift);
                    panel.set(row, column, word.value);
                    if sides.row == sides.column {
                        panel.set(column, row, word.value);
                    } else if sides.column != 0 {
                        self.panel_mut(sides.column, block)
                            .set(column, row, word.value);
                    }
                    tell(WeightPlace::Weight { block, row, column }, old, word);
                }
            }
            *self.panel_mut(sides.row, block) = panel;
        }
        for layer in 1..learning.bias_shifts.len() {
            let random = rng.draw();
            let (p, q) = start.pair(layer);
            for (unit, (&p, &q)) in p.iter().zip(q).enumerate() {
                let bias = &mut self.bias_mut(layer)[unit / TILE][unit % TILE];
                // Within B bits: it was shifted up by F when it was stored.
                let old = (*bias >> learning.state_fraction) as i16;
                let difference = i64::from(start.sign) * (i64::from(p) - i64::from(q));
                let g = difference << learning.state_fraction;
                let shift = learning.bias_shifts[layer];
                let word = learning.word(old, g, rotated(random, unit), shift);
                *bias = i64::from(word.value) << learning.state_fraction;
                tell(WeightPlace::Bias { layer, unit }, old, word);
            }
        }
        saturations
    }
}
