//! Products of real rows and non-zero columns that a sweep makes.

use super::section::Sweep;
use crate::arch::plan::Plan;
use crate::arch::program::{Code, Instruction};
use crate::arch::LayerPlan;

impl Plan {
    /// Rows of a tile of the lanes' memories.
    pub(super) fn rows_in(&self, tile: usize) -> usize {
        let holds = |l: &&LayerPlan| (l.first_tile..l.first_tile + l.tiles).contains(&tile);
        let mut layers = self.map.layers.iter().filter(|l| l.in_lanes);
        layers
            .find(holds)
            .map_or(0, |l| l.rows(tile - l.first_tile, self.shape.lanes))
    }

    /// Whether a deep pipeline has looked up the list of the row instruction at `pc`, while the one before ran.
    pub(super) fn list_is_known(&self, pc: usize) -> bool {
        let before = pc.checked_sub(1).map(|before| self.program[before].code);
        self.shape.is_deep() && matches!(before, Some(Code::Restore | Code::Save))
    }

    /// What becomes of the rows that the instruction before `pc` gathers: it names their tile.
    pub(super) fn gathering(&self, pc: usize) -> Instruction {
        *self.program[pc..]
            .iter()
            .find(|i| matches!(i.code, Code::Save | Code::Update))
            .expect("every tile that is gathered is saved or updated")
    }

    /// Synaptic operations of a column pass of spiking units: each row that spiked adds its weights.
    pub(super) fn operations_of(
        &self,
        segments: &[Instruction],
        column: usize,
        sweep: Sweep,
    ) -> u64 {
        let columns = self.map.layers[column].units as u64;
        // Each block has all tiles of its rows here.
        let first = |i: &&Instruction| {
            usize::from(i.tile) == self.map.layers[usize::from(i.layer)].first_tile
        };
        let blocks = segments.iter().filter(first);
        let operations = blocks.map(|i| {
            let row = usize::from(i.layer);
            let spikes = sweep.old.map_or(0, |counts| u64::from(counts[row]));
            match row == column {
                false => spikes * columns,
                // What is not before a unit comes after it.
                true => spikes * (columns - 1) - u64::from(sweep.pairs.get(row).map_or(0, |&n| n)),
            }
        });
        operations.sum()
    }

    /// Products of real rows in a segment of the column pass of `column`.
    pub(super) fn products_of(&self, segment: &Instruction, column: usize) -> u64 {
        let (row, lanes) = (usize::from(segment.layer), self.shape.lanes);
        let layer = &self.map.layers[row];
        let tile = usize::from(segment.tile) - layer.first_tile;
        let rows = layer.rows(tile, lanes);
        let mut blocks = self.map.blocks.iter();
        let block = blocks
            .find(|block| (block.row, block.column) == (row, column))
            .expect("a segment belongs to a block");
        let products =
            (0..block.columns).map(|unit| block.lanes_of(unit, tile, lanes, rows) as u64);
        products.sum()
    }
}
