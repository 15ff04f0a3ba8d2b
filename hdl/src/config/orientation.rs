//! Which layer of a block is its row side and which its column side (design rule 5).
//!
//! Row-side units live in the lanes, a lane owning a row of the matrix; column states travel
//! along the line. The choice depends on the network only, never on the number of lanes.

use super::Network;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Row,
    Column,
}

impl Side {
    fn other(self) -> Side {
        match self {
            Side::Row => Side::Column,
            Side::Column => Side::Row,
        }
    }
}

/// Row and column layer of one block; equal for a self-connected layer (row < column is stored).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation {
    pub row: usize,
    pub column: usize,
}

impl Network {
    /// Orientation of every block, in file order.
    pub fn orientations(&self) -> Vec<Orientation> {
        let sides = self.sides();
        self.blocks
            .iter()
            .map(|block| {
                let (a, b) = (block.a, block.b);
                let row = if a == 0 {
                    b
                } else {
                    match (sides[a], sides[b]) {
                        (Some(Side::Row), Some(Side::Column)) => a,
                        (Some(Side::Column), Some(Side::Row)) => b,
                        // Equal sides: the layer with more units, the lower index on a tie.
                        _ if self.layers[b].units > self.layers[a].units => b,
                        _ => a,
                    }
                };
                Orientation {
                    row,
                    column: if row == a { b } else { a },
                }
            })
            .collect()
    }

    /// Colours the layers along the blocks until nothing changes; `None` where no path from the input leads.
    fn sides(&self) -> Vec<Option<Side>> {
        let mut sides = vec![None; self.layers.len()];
        sides[0] = Some(Side::Column);
        loop {
            let mut changed = false;
            for block in &self.blocks {
                match (sides[block.a], sides[block.b]) {
                    (Some(side), None) => sides[block.b] = Some(side.other()),
                    (None, Some(side)) => sides[block.a] = Some(side.other()),
                    _ => continue,
                }
                changed = true;
            }
            if !changed {
                return sides;
            }
        }
    }

    /// Layers that no path of blocks connects to the input.
    pub fn unconnected_layers(&self) -> Vec<usize> {
        let sides = self.sides();
        (0..sides.len()).filter(|&l| sides[l].is_none()).collect()
    }
}
