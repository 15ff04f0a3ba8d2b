//! Why the hardware is symmetric: w_ij and w_ji are one word.
//!
//! The schedule reads the weights of a tile of rows in three ways: row by row while it sums the rows' drive,
//! column by column while it sums that of the other side, and to change them. Each instruction names
//! the bank address of the tile's column 0, and column c is at that address + c in the bank of the row's
//! lane, whichever way it is read. So if all three name the same address, and the words of no two tiles
//! overlap, there is one word for each weight. Here the program that the hardware runs is read, not the
//! map that it was made from.

use std::collections::BTreeMap;

use hdl::arch::program::{rate, Code, LIFT};
use hdl::arch::Plan;
use serde::Serialize;

/// Where the passes find the weights.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Words {
    pub lanes: usize,
    /// Weights of all blocks, and those of blocks between free layers, which work in both directions.
    pub weights: usize,
    pub two_way: usize,
    /// Weights whose passes name the same word, in both directions where there are two, and in learning.
    pub one_word: usize,
    /// No word belongs to two tiles.
    pub disjoint: bool,
    pub tiles: Vec<TileWords>,
}

/// One tile of rows of one block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TileWords {
    pub rows: String,
    pub columns: String,
    pub tile: usize,
    /// Bank address of column 0 in each pass; null where the pass does not exist: nothing drives the input.
    pub row_pass: Option<usize>,
    pub column_pass: Option<usize>,
    pub learning: Option<usize>,
}

impl Words {
    /// Every weight is one word.
    pub fn proven(&self) -> bool {
        self.disjoint && self.one_word == self.weights
    }
}

/// Reads the addresses from the plan's program.
pub fn words(plan: &Plan) -> Words {
    let map = &plan.map;
    let owner = |tile: usize| {
        let of_tile = |layer: &hdl::arch::LayerPlan| {
            layer.in_lanes && (layer.first_tile..layer.first_tile + layer.tiles).contains(&tile)
        };
        map.layers.iter().position(of_tile)
    };
    // By row layer, tile in the lanes' memories, column layer.
    let mut tiles: BTreeMap<(usize, usize, usize), [Option<usize>; 3]> = BTreeMap::new();
    let mut note = |tile: usize, column: usize, pass: usize, address: usize| {
        if let Some(row) = owner(tile) {
            tiles.entry((row, tile, column)).or_default()[pass] = Some(address);
        }
    };
    let (mut rows, mut summed, mut learned) = (vec![], 0, None);
    // Where feedback is scaled, this bit of an address says that what is read is shifted.
    let lift = match plan.network.dynamics.feedback_shift {
        0 => 0,
        _ => LIFT,
    };
    for word in &plan.program {
        let (layer, tile, argument) = (
            usize::from(word.layer),
            usize::from(word.tile),
            usize::from(word.argument & !lift),
        );
        match word.code {
            Code::Row => rows.push((layer, argument)),
            Code::Save | Code::Update => {
                for (column, address) in rows.drain(..) {
                    note(tile, column, 0, address);
                }
            }
            Code::Column | Code::ColumnSums => summed = layer,
            Code::Segment => note(tile, summed, 1, argument),
            Code::Rate => {
                let biases = rate::BIAS | rate::HEAD;
                learned = (word.argument & biases as u16 == 0).then_some(tile);
            }
            Code::Learn => {
                if let Some(tile) = learned {
                    note(tile, layer, 2, argument);
                }
            }
            _ => {}
        }
    }
    let lanes = plan.shape.lanes;
    let mut words = Words {
        lanes,
        ..Words::default()
    };
    let mut spans = vec![];
    for ((row, tile, column), [row_pass, column_pass, learning]) in tiles {
        let index = tile - map.layers[row].first_tile;
        let mut blocks = map.blocks.iter();
        let Some(block) = blocks.find(|b| (b.row, b.column) == (row, column)) else {
            continue;
        };
        let rows = map.layers[row].rows(index, lanes);
        let columns = block.columns;
        // Of a self-connected layer a tile stores the columns right of its diagonal.
        let first = columns - block.tile_words(index, lanes);
        let weights = (first..columns)
            .map(|column| block.lanes_of(column, index, lanes, rows))
            .sum::<usize>();
        words.weights += weights;
        let both = column == 0 || row_pass == column_pass;
        if column != 0 {
            words.two_way += weights;
        }
        if row_pass.is_some() && both && learning == row_pass {
            words.one_word += weights;
        }
        spans.extend(row_pass.map(|from| from + first..from + columns));
        words.tiles.push(TileWords {
            rows: plan.network.layers[row].name.clone(),
            columns: plan.network.layers[column].name.clone(),
            tile: index,
            row_pass,
            column_pass,
            learning,
        });
    }
    spans.sort_by_key(|span| span.start);
    words.disjoint = spans.windows(2).all(|pair| pair[0].end <= pair[1].start);
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdl::config::{builtin, Network};

    #[test]
    fn every_weight_of_every_built_in_network_is_one_word() {
        for name in builtin::names() {
            let network = Network::builtin(name).unwrap();
            for lanes in [2, 8, 24] {
                let plan = Plan::new(&network, lanes).unwrap();
                let found = words(&plan);
                assert!(found.proven(), "{name} on {lanes} lanes: {found:?}");
                assert!(found.weights > 0 && found.lanes == lanes);
            }
        }
    }
}
