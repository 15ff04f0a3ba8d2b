//! The arithmetic of design rule 7, for one tile of words.

use super::learn::Learned;
use super::panel::TILE;
use hdl::config::{Block, Network};

/// A change that saturates every weight, in either direction.
const LARGEST: i64 = 1 << 30;

/// The constants of one block: shifts and limits that formats, rate and nudging fix.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// s.
    pub(super) shift: u32,
    /// The sum of product and random word fits 32 bits, which twice as many lanes of a vector hold.
    narrow: bool,
    /// −2^(B−1) and 2^(B−1) − 1.
    pub(super) limits: [i32; 2],
}

impl Rule {
    /// `Network` promises shifts of 1…31.
    pub(super) fn new(network: &Network, block: &Block) -> Self {
        let shift = network.learning_shift(block) as u32;
        // |g·2^m| ≤ 2^(2F+M), brought to the denominator 2^max(s,16); the random word stays
        // below 2^max(s,16). Both at most 2^30, and one of them less: no sum reaches 2^31.
        let product = 2 * network.formats.state_fraction + network.learning.halvings;
        let reach = 1 << (network.formats.weight_bits - 1);
        Self {
            shift,
            narrow: product + 16u32.saturating_sub(shift) <= 30 && shift <= 30,
            limits: [-reach, reach - 1],
        }
    }

    /// r_i = rotl16(r, i mod 16) of every lane; tiles begin at multiples of 16.
    #[inline(always)]
    pub(super) fn random(&self, draw: u16) -> [i32; TILE] {
        let twice = u32::from(draw) * 0x1_0001;
        std::array::from_fn(|lane| ((twice << (lane % 16)) >> 16) as i32)
    }

    /// saturate(w + ⌊g·2^m / 2^s + r / 2^16⌋) with g = p_r·p_c − q_r·q_c, on the common
    /// denominator 2^max(s,16).
    #[inline(always)]
    pub(super) fn tile(
        &self,
        old: &[i16; TILE],
        [p_rows, q_rows]: &[[i16; TILE]; 2],
        [p, q]: [i32; 2],
        random: &[i32; TILE],
        halvings_left: u32,
    ) -> Learned {
        let up = halvings_left + 16u32.saturating_sub(self.shift);
        let random_up = self.shift.saturating_sub(16);
        let down = self.shift.max(16);
        let mut learned = Learned {
            exact: [0; TILE],
            value: [0; TILE],
        };
        for lane in 0..TILE {
            // At most 2^28 either way: a state is at most 2^14.
            let g = i32::from(p_rows[lane]) * p - i32::from(q_rows[lane]) * q;
            let change = match self.narrow {
                true => ((g << up) + (random[lane] << random_up)) >> down,
                false => {
                    let sum = (i64::from(g) << up) + (i64::from(random[lane]) << random_up);
                    // Of negative rate shifts a change may be larger than 32 bits hold; it saturates whatever the weight.
                    (sum >> down).clamp(-LARGEST, LARGEST) as i32
                }
            };
            let exact = i32::from(old[lane]) + change;
            learned.exact[lane] = exact;
            learned.value[lane] = exact.clamp(self.limits[0], self.limits[1]) as i16;
        }
        learned
    }
}
