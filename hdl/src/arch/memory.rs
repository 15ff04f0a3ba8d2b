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

/// Where one block's weights live: the weight of row tile·P + l and column c is at [`address`] + c in the
/// bank of lane l.
///
/// A block between two layers takes all its columns for each tile: address = base + tile·columns. A
/// self-connected layer stores row < column only, so tile·P + 1 is the first column that any lane of a tile
/// has a weight of, and each tile is shorter than the one before by P words.
///
/// [`address`]: BlockPlan::address
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockPlan {
    pub row: usize,
    pub column: usize,
    pub columns: usize,
    pub base: usize,
    pub weights: usize,
    /// Words of all banks together; those beyond the weights are padding.
    pub words: usize,
}

impl BlockPlan {
    /// Whether this block connects a layer to itself: only row < column is stored.
    pub fn triangular(&self) -> bool {
        self.row == self.column
    }

    /// The first column of `tile` that is stored.
    fn first_column(&self, tile: usize, lanes: usize) -> usize {
        match self.triangular() {
            true => tile * lanes + 1,
            false => 0,
        }
    }

    /// Words of each bank that `tile` takes.
    pub fn tile_words(&self, tile: usize, lanes: usize) -> usize {
        self.columns.saturating_sub(self.first_column(tile, lanes))
    }

    /// What a column is added to for the bank address of its weights in `tile`. Never negative: triangles
    /// come last in the banks, and every tile before is as long as P, so that the columns that
    /// `tile` leaves out have addresses too, though no lane uses them.
    pub fn address(&self, tile: usize, lanes: usize) -> usize {
        let before: usize = (0..tile).map(|tile| self.tile_words(tile, lanes)).sum();
        self.base + before - self.first_column(tile, lanes)
    }

    /// How many lanes of `tile`, from the first on, hold a weight of `column`; `rows` units are in the tile.
    pub fn lanes_of(&self, column: usize, tile: usize, lanes: usize, rows: usize) -> usize {
        match self.triangular() {
            true => column.saturating_sub(tile * lanes).min(rows),
            false => rows,
        }
    }

    /// The tile and column of a bank address; `None` outside this block of `tiles` tiles.
    pub fn place(&self, address: usize, tiles: usize, lanes: usize) -> Option<(usize, usize)> {
        let mut rest = address.checked_sub(self.base)?;
        (0..tiles).find_map(|tile| {
            let words = self.tile_words(tile, lanes);
            match rest.checked_sub(words) {
                None => Some((tile, self.first_column(tile, lanes) + rest)),
                Some(after) => {
                    rest = after;
                    None
                }
            }
        })
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
    /// Words of the input's list.
    pub input_words: usize,
    /// Biases of units at the head; there may be none.
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
            input_words: network.layers[0].units + 1,
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
                base: 0,
                weights: match o.row == o.column {
                    true => columns * (columns - 1) / 2,
                    false => network.layers[o.row].units * columns,
                },
                words: 0,
            });
        }
        for triangular in [false, true] {
            let blocks = map.blocks.iter_mut();
            for block in blocks.filter(|block| block.triangular() == triangular) {
                let tiles = 0..map.layers[block.row].tiles;
                let words: usize = tiles.map(|tile| block.tile_words(tile, lanes)).sum();
                block.base = map.bank_words;
                block.words = words * lanes;
                map.bank_words += words;
            }
        }
        for layer in map.layers.iter_mut().filter(|layer| layer.in_lanes) {
            layer.bias_address = map.bank_words;
            map.bank_words += layer.tiles;
        }
        map.input_base = STATE_SLOTS * map.list_stride;
        map.list_words = map.input_base + map.input_words;
        map
    }
}

/// Slots that hold states: two for each of the three phases.
const STATE_SLOTS: usize = 2 * super::program::slot::PHASE.len();
