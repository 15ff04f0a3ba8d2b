//! Learning (design rules 6 and 7): what one sample adds to every weight and bias.

use super::network::Units;
use super::observer::{LearningStart, Observer, WeightWrite};
use super::panel::TILE;
use super::rng::Xorshift;
use super::rule::Rule;
use hdl::arch::schedule::Parameter;
use hdl::config::{Network, Orientation};

/// The constants of learning, and working memory.
#[derive(Clone, Debug)]
pub(super) struct Learning {
    /// One rule a block.
    pub(super) blocks: Vec<Rule>,
    /// One rule a layer, for its biases. Layer 0 has none, so its entry is never used.
    pub(super) biases: Vec<Rule>,
    /// m: rate halvings still open.
    pub(super) halvings_left: u32,
    /// M.
    pub(super) halvings: u32,
    /// F: a bias learns as from a clamped column of value ONE.
    pub(super) state_fraction: u32,
    /// p and q of a block's row side, in tiles; 0 beyond the layer's end.
    rows: Vec<[[i16; TILE]; 2]>,
}

/// Words of one tile after learning.
pub(super) struct Learned {
    /// Before saturation.
    pub(super) exact: [i32; TILE],
    pub(super) value: [i16; TILE],
}

impl Learning {
    pub(super) fn new(network: &Network) -> Self {
        let rule = |block| Rule::new(network, block);
        Self {
            blocks: network.blocks.iter().map(rule).collect(),
            biases: (0..network.layers.len())
                .map(|layer| rule(network.bias_block(layer)))
                .collect(),
            halvings_left: network.learning.halvings,
            halvings: network.learning.halvings,
            state_fraction: network.formats.state_fraction,
            rows: Vec::new(),
        }
    }

    /// Takes the row side's states.
    fn take_rows(&mut self, p: &[u16], q: &[u16]) {
        self.rows.clear();
        for (p, q) in p.chunks(TILE).zip(q.chunks(TILE)) {
            let mut tile = [[0; TILE]; 2];
            for (tile, states) in tile.iter_mut().zip([p, q]) {
                for (word, &state) in tile.iter_mut().zip(states) {
                    // A state is at most 2^14.
                    *word = state as i16;
                }
            }
            self.rows.push(tile);
        }
    }
}

impl Units {
    /// Learns from p and q, in place; returns how many words saturated. Draws as rule 6 says.
    #[inline(always)]
    pub(super) fn learn(
        &mut self,
        learning: &mut Learning,
        start: LearningStart,
        rng: &mut Xorshift,
        observer: &mut impl Observer,
    ) -> u32 {
        observer.learning(start);
        let mut saturations = 0;
        for block in 0..learning.blocks.len() {
            saturations += self.learn_block(learning, block, start, rng, observer);
        }
        for layer in 1..learning.biases.len() {
            saturations += self.learn_biases(learning, layer, start, rng, observer);
        }
        saturations
    }

    #[inline(always)]
    fn learn_block(
        &mut self,
        learning: &mut Learning,
        block: usize,
        start: LearningStart,
        rng: &mut Xorshift,
        observer: &mut impl Observer,
    ) -> u32 {
        let Orientation { row, column } = start.orientations[block];
        let (p, q) = start.signed(row);
        let units = p.len();
        learning.take_rows(p, q);
        let rule = &learning.blocks[block];
        let (p, q) = start.signed(column);
        let mut panel = std::mem::take(self.panel_mut(row, block));
        // The input drives only: its block has no panel of the other direction.
        let mut back = match column == 0 || column == row {
            true => None,
            false => Some(std::mem::take(self.panel_mut(column, block))),
        };
        let mut saturations = 0;
        for unit in start.emitted(block) {
            let random = rule.random(rng.draw());
            let [p, q] = [p[unit], q[unit]].map(i32::from);
            // A self-connected layer stores row < column.
            let rows = if row == column { unit } else { units };
            for (tile, states) in learning.rows.iter().enumerate() {
                let first = tile * TILE;
                if first >= rows {
                    break;
                }
                let old = *panel.tile(tile, unit);
                let learned = rule.tile(&old, states, [p, q], &random, learning.halvings_left);
                let count = (rows - first).min(TILE);
                if row == column {
                    for lane in 0..count {
                        panel.set(first + lane, unit, learned.value[lane]);
                        panel.set(unit, first + lane, learned.value[lane]);
                    }
                } else {
                    // Lanes beyond the layer's end have states 0, so they stay 0.
                    *panel.tile_mut(tile, unit) = learned.value;
                }
                if let Some(back) = &mut back {
                    for (lane, &value) in learned.value[..count].iter().enumerate() {
                        back.set(unit, first + lane, value);
                    }
                }
                saturations += learned.tell(&old, count, observer, |lane| Parameter::Weight {
                    block,
                    row: first + lane,
                    column: unit,
                });
            }
        }
        *self.panel_mut(row, block) = panel;
        if let Some(back) = back {
            *self.panel_mut(column, block) = back;
        }
        saturations
    }

    #[inline(always)]
    fn learn_biases(
        &mut self,
        learning: &mut Learning,
        layer: usize,
        start: LearningStart,
        rng: &mut Xorshift,
        observer: &mut impl Observer,
    ) -> u32 {
        let (p, q) = start.signed(layer);
        learning.take_rows(p, q);
        let (rule, fraction) = (&learning.biases[layer], learning.state_fraction);
        let random = rule.random(rng.draw());
        let one = 1 << fraction;
        let mut saturations = 0;
        for (tile, states) in learning.rows.iter().enumerate() {
            let biases = &mut self.bias_mut(layer)[tile];
            // Within B bits: they were shifted up by F when they were stored.
            let old = biases.map(|bias| (bias >> fraction) as i16);
            let learned = rule.tile(&old, states, [one, one], &random, learning.halvings_left);
            *biases = learned.value.map(|bias| i64::from(bias) << fraction);
            let count = (p.len() - tile * TILE).min(TILE);
            saturations += learned.tell(&old, count, observer, |lane| Parameter::Bias {
                layer,
                unit: tile * TILE + lane,
            });
        }
        saturations
    }
}

impl Learned {
    /// Reports the first `count` words; returns how many of them saturated.
    #[inline(always)]
    fn tell(
        &self,
        old: &[i16; TILE],
        count: usize,
        observer: &mut impl Observer,
        place: impl Fn(usize) -> Parameter,
    ) -> u32 {
        let mut saturations = 0;
        let words = self.value.iter().zip(&self.exact).zip(old);
        for (lane, ((&value, &exact), &old)) in words.enumerate().take(count) {
            let saturated = exact != i32::from(value);
            saturations += u32::from(saturated);
            observer.learned(WeightWrite {
                place: place(lane),
                old,
                value,
                saturated,
            });
        }
        saturations
    }
}
