//! Which bits of addresses and counters the hardware of a shape needs, as masks: synthesis drops the others.

use super::learning::operand_shift;
use super::program::{entry, rate, LIST_GRANULE};
use super::shape::Shape;
use super::spiking::SPIKE_BIT;

/// All ones up to the highest bit of `largest`.
fn ones(largest: usize) -> u64 {
    (largest as u64 + 1).next_power_of_two() - 1
}

impl Shape {
    /// Addresses of a bank.
    pub fn bank_mask(&self) -> u64 {
        ones(self.bank_words - 1)
    }

    /// Addresses of a lane's state memory.
    pub fn slot_mask(&self) -> u64 {
        ones(self.memory_words() - 1)
    }

    /// Tiles.
    pub fn tile_mask(&self) -> u64 {
        ones((1 << self.tile_bits) - 1)
    }

    /// Lanes, and one beyond the last.
    pub fn lane_mask(&self) -> u64 {
        ones(self.lanes)
    }

    /// Addresses of the biases at the head.
    pub fn bias_mask(&self) -> u64 {
        ones(self.bias_words - 1)
    }

    /// Addresses of the schedule memory.
    pub fn program_mask(&self) -> u64 {
        ones(self.program_words - 1)
    }

    /// Addresses of the list memory.
    pub fn list_mask(&self) -> u64 {
        ones(self.list_words - 1)
    }

    /// Addresses of list regions: whole granules.
    pub fn region_mask(&self) -> u64 {
        self.list_mask() & !(LIST_GRANULE as u64 - 1)
    }

    /// Counters of units whose sums leave the line, one beyond the last, and of lanes.
    pub fn unit_mask(&self) -> u64 {
        let units = self.bias_words.max(self.sums_words);
        ones(units.max(self.lanes << self.tile_bits))
    }

    /// Columns of a block, units whose biases are at the head.
    pub fn column_mask(&self) -> u64 {
        ones(self.bank_words.max(self.bias_words) - 1) & ones((1 << entry::UNIT_BITS) - 1)
    }

    /// The sequencer's steps: columns of a pass, lanes of a tile, cycles of an instruction.
    pub fn step_mask(&self) -> u64 {
        ones(self.bias_words.max(self.sums_words).max(self.lanes).max(15))
    }

    /// Addresses of lists and of column sums.
    pub fn pointer_mask(&self) -> u64 {
        self.list_mask() | ones(self.sums_words)
    }

    /// An instruction's field `tile`: a tile, a list region, or the number of a pass's segments or of a
    /// tile's lanes.
    pub fn field_mask(&self) -> u64 {
        let regions = self.list_mask() / LIST_GRANULE as u64;
        // The rows of no layer have more segments than there are tiles.
        (self.tile_mask() | regions | ones(self.lanes) | ones(1 << self.tile_bits)) & 0xFF
    }

    /// An instruction's argument.
    pub fn argument_mask(&self) -> u64 {
        let mut rate = rate::AGAIN | rate::BIAS | rate::HEAD | (rate::AGAIN - 1);
        if self.triangular {
            // A self-connected layer's sums are kept, so it has no more rows.
            let rows = ones(self.sums_words) as u32 >> rate::ROTATION_BITS;
            rate |= rate::UPPER | rows << rate::FIRST_ROW_SHIFT;
        }
        self.bank_mask()
            | self.bias_mask()
            | self.step_mask()
            | self.pointer_mask()
            | u64::from(rate)
    }

    /// What the port counts and addresses.
    pub fn port_mask(&self) -> u64 {
        let words = [
            self.bank_words,
            self.list_words,
            self.program_words,
            self.bias_words,
            self.target_words,
        ];
        ones(words.into_iter().fold(255, usize::max))
    }

    /// A token's field `sub`: a word, a learning shift with its window, or, in the highest bit, a shift by f.
    pub fn sub_mask(&self) -> u64 {
        let lift = u64::from(self.scales_feedback()) << 5;
        lift | (self.window_mask() << 2) | 3
    }

    /// Windows of the learning rule.
    pub fn window_mask(&self) -> u64 {
        ones(self.windows() as usize)
    }

    /// States, 0 … ONE.
    pub fn state_mask(&self) -> u64 {
        ones(1 << self.formats.state_fraction)
    }

    /// Bits of a state, which may be ONE.
    pub fn state_bits(&self) -> usize {
        self.formats.state_fraction as usize + 1
    }

    /// The state in a word of a lane's memory that may have a spike beside it.
    pub fn stored_mask(&self) -> u64 {
        match self.spiking {
            None => 0xFFFF,
            Some(_) => 0xFFFF & !(1 << SPIKE_BIT),
        }
    }

    /// Left shifts of the column operand of the learning rule.
    pub fn operand_mask(&self) -> u64 {
        ones(operand_shift(self.formats.state_fraction) as usize)
    }
}
