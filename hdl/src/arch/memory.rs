//! Where everything lives: layers in lanes or at the head, blocks and biases in the banks.

use super::program::LIST_GRANULE;
use crate::config::Network;
use serde::Serialize;

/// Where one layer's units live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerPlan {
    pub units: usize,
    /// Row side of some block: its states live in the lanes.
    pub in_lanes: bool,
    /// Column side of some block: the head keeps a list of its non-zero states.
    pub column_side: bool,
    /// In lanes: number of tiles and the first of them in the lanes' memories.
    pub tiles: usize,
    pub first_tile: usize,
    /// In lanes: bank address of tile 0's biases. At the head: first address in the bias memory.
    pub bias_address: usize,
    /// List region within a slot, in granules of [`LIST_GRANULE`] words.
    pub list_granule: usize,
}

impl LayerPlan {
    /// Units of this layer in `tile` of a line of `lanes`.
    pub fn rows(&self, tile: usize, lanes: usize) -> usize {
        (self.units - tile * lanes).min(lanes)
    }
}

/// Where one block's weights live: the weight of row tile·P + l and column c is at
/// base + tile·columns + c in the bank of lane l.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockPlan {
    pub row: usize,
    pub column: usize,
    pub columns: usize,
    pub base: usize,
}

impl BlockPlan {
    /// Bank address of column 0 of `tile`.
    pub fn address(&self, tile: usize) -> usize {
        self.base + tile * self.columns
    }
}

/// The memory map of a network on `lanes` lanes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MemoryMap {
    pub layers: Vec<LayerPlan>,
    pub blocks: Vec<BlockPlan>,
    /// Words used of each bank.
    pub bank_words: usize,
    /// Tiles used of each lane's memory.
    pub tiles: usize,
    /// Words between the list regions of two slots, and the start of the input's list.
    pub list_stride: usize,
    pub input_base: usize,
    pub list_words: usize,
    pub bias_words: usize,
    pub target_words: usize,
    /// Column sums kept; without any there is no memory for them.
    pub sums_words: usize,
}

impl MemoryMap {
    /// Lays out `network` on `lanes` lanes.
    pub fn new(network: &Network, lanes: usize) -> MemoryMap {
        let orientations = network.orientations();
        let output = network.output();
        let mut map = MemoryMap {
            layers: vec![],
            blocks: vec![],
            bank_words: 0,
            tiles: 0,
            list_stride: 0,
            input_base: 0,
            list_words: 0,
            bias_words: 0,
            target_words: 1,
            sums_words: 0,
        };
        for (index, layer) in network.layers.iter().enumerate() {
            let in_lanes = orientations.iter().any(|o| o.row == index);
            let column_side = orientations.iter().any(|o| o.column == index);
            let plan = LayerPlan {
                units: layer.units,
                in_lanes,
                column_side,
                tiles: if in_lanes {
                    layer.units.div_ceil(lanes)
                } else {
                    0
                },
                first_tile: map.tiles,
                bias_address: map.bias_words,
                list_granule: map.list_stride / LIST_GRANULE,
            };
            map.tiles += plan.tiles;
            if index > 0 && !in_lanes {
                map.bias_words += layer.units;
            }
            if index == output && !in_lanes {
                map.target_words = layer.units;
            }
            if in_lanes && column_side {
                map.sums_words = map.sums_words.max(layer.units);
            }
            if index > 0 && (column_side || index == output) {
                map.list_stride += (layer.units + 1).next_multiple_of(LIST_GRANULE);
            }
            map.layers.push(plan);
        }
        for o in &orientations {
            let columns = network.layers[o.column].units;
            map.blocks.push(BlockPlan {
                row: o.row,
                column: o.column,
                columns,
                base: map.bank_words,
            });
            map.bank_words += map.layers[o.row].tiles * columns;
        }
        for layer in map.layers.iter_mut().filter(|layer| layer.in_lanes) {
            layer.bias_address = map.bank_words;
            map.bank_words += layer.tiles;
        }
        map.bias_words = map.bias_words.max(1);
        map.input_base = STATE_SLOTS * map.list_stride;
        map.list_words = map.input_base + network.layers[0].units + 1;
        map
    }
}

/// Slots that hold states: two for each of the three phases.
const STATE_SLOTS: usize = 2 * super::program::slot::PHASE.len();
