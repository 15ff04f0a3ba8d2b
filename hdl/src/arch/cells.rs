//! Which cells yosys makes a memory of.
//!
//! yosys takes the cheapest of block RAM, LUT RAM and flip-flops. The costs are those of its library
//! files (`ice40/brams.txt`, `lattice/brams_16kd.txt`, `lattice/lutrams_trellis.txt` of yosys 0.70)
//! and of its pass `memory_libmap`, doubled to stay whole. Held against that pass on 133 sizes of
//! 4…48 bits, the rule is exact but for iCE40 memories of more than 1,500 words that are not whole
//! bytes wide, for which it gives one block too many.

use crate::board::Family;

/// Words and bits of the blocks of ECP5 of which each holds a slice of every word: as few as can be, and no wider
/// than they must. `None` if there are too many words.
pub fn slice(words: usize, bits: usize) -> Option<(usize, usize)> {
    let shapes = ECP5.shapes.iter().filter(|(depth, _)| words <= *depth);
    shapes
        .min_by_key(|(_, width)| (bits.div_ceil(*width), *width))
        .copied()
}

/// Where a memory ends up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cells {
    /// Block RAMs.
    Blocks(usize),
    /// TRELLIS_DPR16X4 cells.
    LutRam(usize),
    /// Flip-flops.
    FlipFlops(usize),
}

/// A block RAM's shapes (words, bits) and twice its cost.
struct BlockRam {
    shapes: &'static [(usize, usize)],
    cost: usize,
}

const ICE40: BlockRam = BlockRam {
    shapes: &[(256, 16), (512, 8), (1024, 4), (2048, 2)],
    cost: 128,
};

const ECP5: BlockRam = BlockRam {
    shapes: &[
        (512, 36),
        (1024, 18),
        (2048, 9),
        (4096, 4),
        (8192, 2),
        (16384, 1),
    ],
    cost: 256,
};

/// ECP5's LUT RAM: words and bits of one cell, twice its cost.
const LUT_RAM: (usize, usize, usize) = (16, 4, 8);

impl Cells {
    /// The cells of a memory of `words` × `bits`, read and written once a cycle.
    pub fn of(family: Family, words: usize, bits: usize) -> Cells {
        // A memory of one word still has an address, so it has two.
        let words = words.max(2);
        match family {
            Family::Ice40 => match ICE40.cheapest(words, bits) {
                (cost, blocks) if cost < 2 * words * bits => Cells::Blocks(blocks),
                _ => Cells::FlipFlops(words * bits),
            },
            // Its LUT RAM costs less than flip-flops from the first word on.
            Family::Ecp5 => {
                let (deep, wide) = (words.div_ceil(LUT_RAM.0), bits.div_ceil(LUT_RAM.1));
                let lut_ram = LUT_RAM.2 * deep * wide + selection(deep, bits);
                match ECP5.cheapest(words, bits) {
                    (cost, blocks) if cost <= lut_ram => Cells::Blocks(blocks),
                    _ => Cells::LutRam(deep * wide),
                }
            }
        }
    }

    /// The same with two registers behind the memory. On ECP5 one is the block RAM's own, and words are cut into
    /// slices (`emit::hard`).
    pub fn registered(family: Family, words: usize, bits: usize) -> Cells {
        match (Cells::of(family, words, bits), family, slice(words, bits)) {
            (Cells::Blocks(_), Family::Ecp5, Some((_, width))) => {
                Cells::Blocks(bits.div_ceil(width))
            }
            (cells, ..) => cells,
        }
    }

    pub fn blocks(self) -> usize {
        match self {
            Cells::Blocks(blocks) => blocks,
            _ => 0,
        }
    }

    pub fn lut_rams(self) -> usize {
        match self {
            Cells::LutRam(cells) => cells,
            _ => 0,
        }
    }

    pub fn flip_flops(self) -> usize {
        match self {
            Cells::FlipFlops(cells) => cells,
            _ => 0,
        }
    }
}

impl BlockRam {
    /// Twice the cost and the number of blocks of the cheapest split of a word into parts, each
    /// stored in blocks of one shape.
    fn cheapest(&self, words: usize, bits: usize) -> (usize, usize) {
        let mut best = vec![(0, 0)];
        for bits in 1..=bits {
            let part = |&(depth, width): &(usize, usize)| {
                let blocks = words.div_ceil(depth);
                let (cost, others) = best[bits.saturating_sub(width)];
                let part = self.cost * blocks + selection(blocks, width.min(bits));
                (cost + part, others + blocks)
            };
            let cheapest = self.shapes.iter().map(part).min();
            best.push(cheapest.expect("there are shapes"));
        }
        best[bits]
    }
}

/// Twice the cost of choosing one of `deep` cells to read `bits` from and to write to.
fn selection(deep: usize, bits: usize) -> usize {
    (deep - 1) * (bits + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sizes on both sides of every change of mind, as yosys 0.70 maps them.
    #[test]
    fn memories_become_what_yosys_makes_of_them() {
        use Cells::*;
        for (words, bits, ice40, ecp5) in [
            (1, 16, FlipFlops(32), LutRam(4)),
            (2, 8, FlipFlops(16), LutRam(2)),
            (4, 16, FlipFlops(64), LutRam(4)),
            (5, 16, Blocks(1), LutRam(4)),
            (10, 16, Blocks(1), LutRam(4)),
            (24, 16, Blocks(1), LutRam(8)),
            (65, 16, Blocks(1), LutRam(20)),
            (80, 16, Blocks(1), LutRam(20)),
            (96, 16, Blocks(1), Blocks(1)),
            (256, 16, Blocks(1), Blocks(1)),
            (257, 16, Blocks(2), Blocks(1)),
            (900, 16, Blocks(4), Blocks(1)),
            (1025, 16, Blocks(5), Blocks(2)),
            (6360, 16, Blocks(26), Blocks(7)),
            (128, 8, Blocks(1), LutRam(16)),
            (257, 8, Blocks(1), Blocks(1)),
            (2049, 8, Blocks(5), Blocks(2)),
            (33, 29, Blocks(2), LutRam(24)),
            (48, 29, Blocks(2), LutRam(24)),
            (161, 29, Blocks(2), Blocks(1)),
            (881, 29, Blocks(8), Blocks(2)),
            (48, 32, Blocks(2), Blocks(1)),
            (24, 32, Blocks(2), LutRam(16)),
            (33, 32, Blocks(2), Blocks(1)),
            (90, 32, Blocks(2), Blocks(1)),
            (1, 36, FlipFlops(72), LutRam(9)),
            (3, 36, FlipFlops(108), LutRam(9)),
            (17, 36, Blocks(3), LutRam(18)),
            (48, 36, Blocks(3), Blocks(1)),
            (513, 36, Blocks(7), Blocks(2)),
            (1025, 40, Blocks(13), Blocks(4)),
            (10, 40, Blocks(3), LutRam(10)),
            (10, 48, Blocks(3), LutRam(12)),
            (600, 48, Blocks(9), Blocks(3)),
        ] {
            assert_eq!(
                Cells::of(Family::Ice40, words, bits),
                ice40,
                "{words} × {bits}"
            );
            assert_eq!(
                Cells::of(Family::Ecp5, words, bits),
                ecp5,
                "{words} × {bits}"
            );
        }
    }

    #[test]
    fn registered_words_are_cut_into_slices() {
        use Cells::*;
        for (words, bits, ice40, ecp5) in [
            (20, 16, Blocks(1), LutRam(8)),
            (900, 16, Blocks(4), Blocks(1)),
            (900, 29, Blocks(8), Blocks(2)),
            (400, 29, Blocks(4), Blocks(1)),
            (1025, 16, Blocks(5), Blocks(2)),
            (6360, 16, Blocks(26), Blocks(8)),
        ] {
            let of = |family| Cells::registered(family, words, bits);
            assert_eq!(of(Family::Ice40), ice40, "{words} × {bits}");
            assert_eq!(of(Family::Ecp5), ecp5, "{words} × {bits}");
        }
    }
}
