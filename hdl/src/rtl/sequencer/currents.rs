//! Constants of a step, from the registers: leak, pull to the target, rounding.
//!
//! ```text
//!  nudge_shift, negative ─► ±2^shift ─► pull, leak − pull
//!  k ─► half of 2^(G + k), or of 2^(G + k + f) ─► rounding
//! ```
//! A deep pipeline keeps pull and leak − pull in registers: they change between phases only. Latency 0,
//! deep 2.

use crate::arch::Shape;
use crate::config::Formats;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Currents {
    pub clock: Signal<In, Clock>,
    pub nudge_shift: Signal<In, Bits<4>>,
    pub negative: Signal<In, Bit>,
    pub k: Signal<In, Bits<2>>,
    /// The unit's drive is shifted up by f.
    pub lift: Signal<In, Bit>,
    /// The unit is nudged.
    pub nudged: Signal<In, Bit>,
    /// What the unit's own state is weighted with: −1, less the pull.
    pub leak: Signal<Out, Bits<16>>,
    /// What its target is weighted with: 2^shift or −2^shift.
    pub pull: Signal<Out, Bits<16>>,
    /// Half of what the step of 2^−(G + k) leaves behind.
    pub rounding: Signal<Out, Bits<32>>,
    deep: Constant<Bit>,
    feedback: Constant<Bit>,
    feedback_shift: Constant<Bits<2>>,
    minus_one: Constant<Bits<16>>,
    unity: Constant<Bits<32>>,
    pull_now: Signal<Local, Bits<16>>,
    pull_1: DFF<Bits<16>>,
    pulled: Signal<Local, Bits<16>>,
    pulled_1: DFF<Bits<16>>,
}

impl Currents {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        let Formats {
            state_fraction,
            weight_fraction,
            ..
        } = shape.formats;
        block!(Currents {
            clock, nudge_shift, negative, k, lift, nudged, leak, pull, rounding, pull_now, pull_1, pulled, pulled_1;
            deep: Constant::new(shape.is_deep()),
            feedback: Constant::new(shape.scales_feedback()),
            feedback_shift: Constant::new(u64::from(shape.feedback_shift).into()),
            minus_one: Constant::new(((1u64 << 16) - (1 << weight_fraction)).into()),
            // Input currents are rounded from the fraction bits of states, steps from those of weights.
            unity: Constant::new(match shape.spiking {
                None => (1u64 << weight_fraction).into(),
                Some(_) => (1u64 << state_fraction).into(),
            })
        })
    }
}

impl Logic for Currents {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, pull_1, pulled_1);
        self.pull_now.next = bits::<16>(1) << self.nudge_shift.val();
        if self.negative.val() {
            self.pull_now.next = bits::<16>(0xFFFF) << self.nudge_shift.val();
        }
        self.pull_1.d.next = self.pull_now.val();
        self.pull.next = self.pull_now.val();
        self.pulled.next = self.minus_one.val() - self.pull_now.val();
        self.pulled_1.d.next = self.minus_one.val() - self.pull_1.q.val();
        if self.deep.val() {
            self.pull.next = self.pull_1.q.val();
            self.pulled.next = self.pulled_1.q.val();
        }
        self.leak.next = self.minus_one.val();
        if self.nudged.val() {
            self.leak.next = self.pulled.val();
        }
        self.rounding.next = (self.unity.val() << self.k.val()) >> 1;
        if self.feedback.val() & self.lift.val() {
            self.rounding.next =
                ((self.unity.val() << self.feedback_shift.val()) << self.k.val()) >> 1;
        }
    }
}
