//! The state update of design rules 2 and F2, for one unit.

use hdl::config::Network;

/// The constants of a layer's update: shifts and limits that the formats and the dynamics fix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// G + f_l: a state enters the sum shifted up by the weights' fraction, and as far as lower layers do.
    pub(super) leak_shift: u32,
    /// G − b: the nudge is the same with β = 2^−b.
    pub(super) nudge_shift: u32,
    /// G + k + f_l: back to a state, with the step size 2^−k.
    pub(super) down_shift: u32,
    /// 2^(G+k+f_l−1): the single rounding, half up.
    pub(super) rounding: i64,
    /// ONE, the upper end of a state's range.
    pub(super) one: i64,
}

impl Step {
    /// `Network` promises b ≤ G and G + k ≥ 1.
    pub(super) fn new(network: &Network, layer: usize) -> Self {
        let g = network.formats.weight_fraction;
        let k = network.dynamics.k;
        let lift = network.feedback_shift(layer);
        Self {
            leak_shift: g + lift,
            nudge_shift: g - network.phases.beta_shift,
            down_shift: g + k + lift,
            rounding: 1 << (g + k + lift - 1),
            one: network.formats.one(),
        }
    }

    /// The nudge σ·((t − x) << (G − b)) of an output unit.
    #[inline(always)]
    pub(super) fn nudge(&self, sign: i32, target: u16, state: u16) -> i64 {
        i64::from(sign) * ((i64::from(target) - i64::from(state)) << self.nudge_shift)
    }

    /// x' = clip(x + ((D − (x << (G+f_l)) + nudge + 2^(G+k+f_l−1)) >> (G+k+f_l)), 0, ONE).
    #[inline(always)]
    pub(super) fn next(&self, drive: i64, nudge: i64, state: u16) -> u16 {
        let x = i64::from(state);
        let n = drive - (x << self.leak_shift) + nudge;
        (x + ((n + self.rounding) >> self.down_shift)).clamp(0, self.one) as u16
    }
}
