//! Weights laid out for the inner loop: source units' columns, in tiles of target units.
//!
//! A tile keeps the sums of `TILE` target units in registers while it walks the non-zero source
//! states, so a zero state costs nothing and every weight is read once, in order. Products are
//! summed in 32 bits for as many terms as cannot overflow, then in 64 bits: every sum is exact.

/// Target units that one pass over the source states serves. 32 measured faster than 8, 16 and 24:
/// their sums fill half of the vector registers, and the list of states is walked less often.
pub(super) const TILE: usize = 32;

/// A source unit whose state is not zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Active {
    pub(super) unit: u16,
    /// A state is at most 2^14, so it fits a signed 16-bit multiplier input.
    pub(super) state: i16,
}

/// The non-zero states of one layer as they stood when the list was made.
#[derive(Clone, Debug)]
pub(super) struct ActiveList {
    slots: Vec<Active>,
    len: usize,
}

impl ActiveList {
    pub(super) fn new(units: usize) -> Self {
        Self {
            slots: vec![Active::default(); units],
            len: 0,
        }
    }

    /// Takes the present states. Branch-free: which states are zero is hard to predict.
    pub(super) fn refresh(&mut self, states: &[u16]) {
        let mut len = 0;
        for (unit, &state) in states.iter().enumerate() {
            self.slots[len] = Active {
                unit: unit as u16,
                state: state as i16,
            };
            len += usize::from(state != 0);
        }
        self.len = len;
    }

    pub(super) fn as_slice(&self) -> &[Active] {
        &self.slots[..self.len]
    }
}

/// The weights from one source layer to one target layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Panel {
    /// `[tile][source unit][target unit in tile]`, zero beyond the layer's end.
    columns: Vec<[i16; TILE]>,
    sources: usize,
    /// How many products a 32-bit sum holds whatever their values: 2^31 / 2^(B−1+F).
    terms: usize,
}

impl Panel {
    /// `product_bits` is B − 1 + F, the magnitude of one product.
    pub(super) fn new(targets: usize, sources: usize, product_bits: u32) -> Self {
        Self {
            columns: vec![[0; TILE]; targets.div_ceil(TILE) * sources],
            sources,
            terms: 1 << (31 - product_bits),
        }
    }

    pub(super) fn set(&mut self, target: usize, source: usize, weight: i16) {
        self.columns[target / TILE * self.sources + source][target % TILE] = weight;
    }

    pub(super) fn get(&self, target: usize, source: usize) -> i16 {
        self.columns[target / TILE * self.sources + source][target % TILE]
    }

    /// The weights from one source unit to one tile of target units.
    pub(super) fn tile(&self, tile: usize, source: usize) -> &[i16; TILE] {
        &self.columns[tile * self.sources + source]
    }

    /// The same, to change them; lanes beyond the layer's end must stay 0.
    pub(super) fn tile_mut(&mut self, tile: usize, source: usize) -> &mut [i16; TILE] {
        &mut self.columns[tile * self.sources + source]
    }

    /// Adds Σ_j w_ij x_j over the active units j to the drives of one tile of units i.
    #[inline(always)]
    pub(super) fn accumulate(&self, tile: usize, active: &[Active], drive: &mut [i64; TILE]) {
        let columns = &self.columns[tile * self.sources..][..self.sources];
        for some in active.chunks(self.terms) {
            let mut sums = [0i32; TILE];
            for source in some {
                let column = &columns[usize::from(source.unit)];
                for (sum, &weight) in sums.iter_mut().zip(column) {
                    *sum += i32::from(weight) * i32::from(source.state);
                }
            }
            for (drive, sum) in drive.iter_mut().zip(sums) {
                *drive += i64::from(sum);
            }
        }
    }

    /// Adds the weights from every unit that fired to the input of one tile of units. A sum of
    /// 2^16 words fits: no network has so many weights to one unit.
    #[inline(always)]
    pub(super) fn add(&self, tile: usize, fired: &[u16], input: &mut [i32; TILE]) {
        let columns = &self.columns[tile * self.sources..][..self.sources];
        for &source in fired {
            let column = &columns[usize::from(source)];
            for (input, &weight) in input.iter_mut().zip(column) {
                *input += i32::from(weight);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_products_do_not_overflow() {
        // B = 16, F = 14: only four products fit 32 bits, so a wrong bound shows at once.
        let sources = 33;
        for weight in [i16::MIN, i16::MAX] {
            let mut panel = Panel::new(TILE + 1, sources, 29);
            let mut list = ActiveList::new(sources);
            list.refresh(&vec![1 << 14; sources]);
            (0..sources).for_each(|source| panel.set(TILE, source, weight));
            let mut drive = [0; TILE];
            panel.accumulate(1, list.as_slice(), &mut drive);
            assert_eq!(drive[0], i64::from(weight) * (1 << 14) * sources as i64);
            assert_eq!(drive[1..], [0; TILE - 1]);
        }
    }

    #[test]
    fn the_list_holds_exactly_the_states_that_are_not_zero() {
        let mut list = ActiveList::new(5);
        list.refresh(&[0, 3, 0, 0, 9]);
        let found: Vec<_> = list.as_slice().iter().map(|a| (a.unit, a.state)).collect();
        assert_eq!(found, [(1, 3), (4, 9)]);
        list.refresh(&[0; 5]);
        assert!(list.as_slice().is_empty());
    }
}
