//! One step of a unit's state (design rule 2): x' = clip(x + ((N + rounding) >> (G + k)), 0, ONE).
//!
//! ```text
//!  n, own, k ─► shift, add ─► clip ─► x_new ─► compare ─► moved, changed
//!  stage 4            5         6                 7
//! ```
//! `n` already holds the rounding constant. `own` is taken in stage 4, `own_late` (the same
//! value, two cycles later) in stage 6. Latency: state 2, flags 3.

use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Update<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Drive less leak plus nudge, two's complement.
    pub n: Signal<In, Bits<A>>,
    /// The state before the step.
    pub own: Signal<In, Bits<16>>,
    pub own_late: Signal<In, Bits<16>>,
    /// Step size shift k.
    pub k: Signal<In, Bits<2>>,
    pub tolerance: Signal<In, Bits<8>>,
    /// The state after the step.
    pub x_new: Signal<Out, Bits<16>>,
    /// The state moved by more than the tolerance; it changed at all.
    pub moved: Signal<Out, Bit>,
    pub changed: Signal<Out, Bit>,
    weight_fraction: Constant<Bits<7>>,
    one: Constant<Bits<16>>,
    state_mask: Constant<Bits<16>>,
    state_fraction: Constant<Bits<5>>,
    wide: Signal<Local, Signed<72>>,
    bits: Signal<Local, Bits<72>>,
    shift: Signal<Local, Bits<7>>,
    scaled: Signal<Local, Bits<48>>,
    low: Signal<Local, Signed<16>>,
    scaled_18: Signal<Local, Signed<18>>,
    sum_5: DFF<Bits<18>>,
    above_5: DFF<Bit>,
    below_5: DFF<Bit>,
    x_6: DFF<Bits<16>>,
    moved_7: DFF<Bit>,
    changed_7: DFF<Bit>,
    x_now: Signal<Local, Bits<16>>,
    difference: Signal<Local, Bits<17>>,
    folded: Signal<Local, Bits<16>>,
    window: Signal<Local, Bits<10>>,
}

impl<const A: usize> Update<A> {
    /// A unit for states of `state_fraction` and weights of `weight_fraction` fraction bits.
    pub fn new(state_fraction: u32, weight_fraction: u32) -> Self {
        block!(Update {
            clock, n, own, own_late, k, tolerance, x_new, moved, changed, wide, bits, shift, scaled,
            low, scaled_18, sum_5, above_5, below_5, x_6, moved_7, changed_7, x_now, difference,
            folded, window;
            weight_fraction: Constant::new(u64::from(weight_fraction).into()),
            one: Constant::new((1u64 << state_fraction).into()),
            state_mask: Constant::new(((2u64 << state_fraction) - 1).into()),
            state_fraction: Constant::new(u64::from(state_fraction).into())
        })
    }
}

impl<const A: usize> Logic for Update<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, sum_5, above_5, below_5, x_6, moved_7, changed_7);
        self.wide.next = signed_bit_cast(signed_cast(self.n.val()));
        self.bits.next = unsigned_cast(self.wide.val());
        self.shift.next = self.weight_fraction.val() + bit_cast::<7, 2>(self.k.val());
        self.scaled.next = self.bits.val().get_bits::<48>(self.shift.val().index());
        // A step beyond 15 bits clips whatever the state was.
        self.below_5.d.next =
            self.scaled.val().get_bit(47) & !self.scaled.val().get_bits::<33>(15).all();
        self.above_5.d.next =
            !self.scaled.val().get_bit(47) & self.scaled.val().get_bits::<33>(15).any();
        self.low.next = signed_cast(self.scaled.val().get_bits::<16>(0));
        self.scaled_18.next = signed_bit_cast(self.low.val());
        self.sum_5.d.next =
            bit_cast::<18, 16>(self.own.val()) + unsigned_cast(self.scaled_18.val());

        self.x_6.d.next = self.sum_5.q.val().get_bits::<16>(0);
        if self.below_5.q.val() {
            self.x_6.d.next = 0.into();
        } else if self.above_5.q.val() {
            self.x_6.d.next = self.one.val();
        } else if self.sum_5.q.val().get_bit(17) {
            self.x_6.d.next = 0.into();
        } else if (self.sum_5.q.val() >> self.state_fraction.val()).any() {
            self.x_6.d.next = self.one.val();
        }

        self.x_now.next = self.x_6.q.val() & self.state_mask.val();
        self.difference.next = bit_cast::<17, 16>(self.x_now.val())
            - bit_cast::<17, 16>(self.own_late.val() & self.state_mask.val());
        // |difference| > tolerance: of the difference and its inverse, which is one less than its negative,
        // the one that is not negative.
        self.folded.next = self.difference.val().get_bits::<16>(0);
        if self.difference.val().get_bit(16) {
            self.folded.next = !self.difference.val().get_bits::<16>(0);
        }
        self.window.next = (bit_cast::<10, 8>(self.tolerance.val()) << 1)
            - ((bit_cast::<10, 8>(self.folded.val().get_bits::<8>(0)) << 1)
                | bit_cast::<10, 1>(self.difference.val().get_bit(16).into()));
        self.moved_7.d.next =
            self.folded.val().get_bits::<8>(8).any() | self.window.val().get_bit(9);
        self.changed_7.d.next = self.x_now.val() != (self.own_late.val() & self.state_mask.val());

        self.x_new.next = self.x_now.val();
        self.moved.next = self.moved_7.q.val();
        self.changed.next = self.changed_7.q.val();
    }
}
