//! One step of a unit's state (design rules 2 and F2): x' = clip(x + ((N + rounding) >> (G + k + f_l)), 0, ONE).
//!
//! ```text
//!  n, k ─► shift ─►( )─► + own ─►[ ]─► clip ─►[ ]─► x_new ─► − own_late ─►( )─► compare ─►[ ]─► moved, changed
//!  short   0                      1            2                                         3
//!  deep    0        1             2            3                            4            5
//! ```
//! In the lanes `n` already holds the rounding constant. `own` is taken by the addition, `own_late` (the same
//! value, two cycles later) beside `x_new`. Latency: state 2, flags 3; deep 3 and 5.

use crate::arch::Shape;
use crate::config::Formats;
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
    /// `n` is shifted up by f.
    pub lift: Signal<In, Bit>,
    /// Round: `n` does not hold the rounding constant yet.
    pub half: Signal<In, Bit>,
    /// The state after the step.
    pub x_new: Signal<Out, Bits<16>>,
    /// The same, a cycle earlier.
    pub x_next: Signal<Out, Bits<16>>,
    /// The state moved by more than the tolerance; it changed at all.
    pub moved: Signal<Out, Bit>,
    pub changed: Signal<Out, Bit>,
    weight_fraction: Constant<Bits<7>>,
    one: Constant<Bits<16>>,
    state_mask: Constant<Bits<16>>,
    state_fraction: Constant<Bits<5>>,
    deep: Constant<Bit>,
    feedback: Constant<Bit>,
    lifted_fraction: Constant<Bits<7>>,
    reach: Signal<Local, Bits<7>>,
    wide: Signal<Local, Signed<72>>,
    bits: Signal<Local, Bits<72>>,
    shift: Signal<Local, Bits<7>>,
    window_49: Signal<Local, Bits<49>>,
    scaled: Signal<Local, Bits<48>>,
    step_bits: Signal<Local, Bits<18>>,
    sum: Signal<Local, Bits<19>>,
    low: Signal<Local, Signed<16>>,
    scaled_18: Signal<Local, Signed<18>>,
    // What a step adds, and whether it clips: of a deep one, registers.
    step: Signal<Local, Bits<17>>,
    step_now: Signal<Local, Bits<17>>,
    above: Signal<Local, Bit>,
    below: Signal<Local, Bit>,
    step_1: DFF<Bits<17>>,
    above_1: DFF<Bit>,
    below_1: DFF<Bit>,
    sum_5: DFF<Bits<18>>,
    above_5: DFF<Bit>,
    below_5: DFF<Bit>,
    clipped: Signal<Local, Bits<16>>,
    // Inverted, as the subtraction wants it.
    inverse_6: DFF<Bits<16>>,
    moved_7: DFF<Bit>,
    changed_7: DFF<Bit>,
    x_now: Signal<Local, Bits<16>>,
    difference: Signal<Local, Bits<17>>,
    difference_1: DFF<Bits<17>>,
    over: Signal<Local, Bits<17>>,
    under: Signal<Local, Bits<17>>,
    folded: Signal<Local, Bits<16>>,
    window: Signal<Local, Bits<10>>,
}

impl<const A: usize> Update<A> {
    /// A unit for hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        let Formats {
            state_fraction,
            weight_fraction,
            ..
        } = shape.formats;
        block!(Update {
            clock, n, own, own_late, k, tolerance, lift, half, reach, x_new, x_next, moved, changed, wide, bits, shift, window_49, step_bits, sum, scaled,
            low, scaled_18, sum_5, above_5, below_5, inverse_6, moved_7, changed_7, clipped, x_now, difference,
            folded, window, step, step_now, above, below, step_1, above_1, below_1, difference_1, over, under;
            deep: Constant::new(shape.is_deep()),
            feedback: Constant::new(shape.scales_feedback()),
            lifted_fraction: Constant::new(u64::from(weight_fraction + shape.feedback_shift).into()),
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
        dff_setup!(
            self,
            clock,
            sum_5,
            above_5,
            below_5,
            inverse_6,
            moved_7,
            changed_7,
            step_1,
            above_1,
            below_1,
            difference_1
        );
        self.wide.next = signed_bit_cast(signed_cast(self.n.val()));
        self.bits.next = unsigned_cast(self.wide.val());
        self.bits.next = self.bits.val() << 1;
        self.shift.next = self.weight_fraction.val() + bit_cast::<7, 2>(self.k.val());
        // The lowest bit is what the shift leaves behind: a half.
        self.reach.next = self.weight_fraction.val();
        if self.lift.val() {
            self.reach.next = self.lifted_fraction.val();
        }
        if self.feedback.val() {
            self.shift.next = self.reach.val() + bit_cast::<7, 2>(self.k.val());
        }
        self.window_49.next = self.bits.val().get_bits::<49>(self.shift.val().index());
        self.scaled.next = self.window_49.val().get_bits::<48>(1);
        // A step beyond 15 bits clips whatever the state was.
        self.below.next =
            self.scaled.val().get_bit(47) & !self.scaled.val().get_bits::<33>(15).all();
        self.above.next =
            !self.scaled.val().get_bit(47) & self.scaled.val().get_bits::<33>(15).any();
        self.step.next = self.window_49.val().get_bits::<17>(0);
        self.step_1.d.next = self.step.val();
        self.below_1.d.next = self.below.val();
        self.above_1.d.next = self.above.val();
        self.step_now.next = self.step.val();
        self.below_5.d.next = self.below.val();
        self.above_5.d.next = self.above.val();
        if self.deep.val() {
            self.step_now.next = self.step_1.q.val();
            self.below_5.d.next = self.below_1.q.val();
            self.above_5.d.next = self.above_1.q.val();
        }
        self.low.next = signed_cast(self.step_now.val().get_bits::<16>(1));
        self.scaled_18.next = signed_bit_cast(self.low.val());
        self.step_bits.next = unsigned_cast(self.scaled_18.val());
        self.sum.next = ((bit_cast::<19, 16>(self.own.val()) << 1)
            | bit_cast::<19, 1>(self.half.val().into()))
            + ((bit_cast::<19, 18>(self.step_bits.val()) << 1)
                | bit_cast::<19, 1>(self.step_now.val().get_bits::<1>(0)));
        self.sum_5.d.next = self.sum.val().get_bits::<18>(1);

        self.clipped.next = self.sum_5.q.val().get_bits::<16>(0);
        if self.below_5.q.val() {
            self.clipped.next = 0.into();
        } else if self.above_5.q.val() {
            self.clipped.next = self.one.val();
        } else if self.sum_5.q.val().get_bit(17) {
            self.clipped.next = 0.into();
        } else if (self.sum_5.q.val() >> self.state_fraction.val()).any() {
            self.clipped.next = self.one.val();
        }

        self.x_next.next = self.clipped.val() & self.state_mask.val();
        self.inverse_6.d.next = !(self.clipped.val() & self.state_mask.val());
        self.x_now.next = !self.inverse_6.q.val() & self.state_mask.val();
        self.difference.next = bit_cast::<17, 16>(self.own_late.val() & self.state_mask.val())
            - bit_cast::<17, 16>(self.x_now.val());
        self.difference_1.d.next = self.difference.val();
        self.changed_7.d.next = self.x_now.val() != (self.own_late.val() & self.state_mask.val());
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

        // With a cycle of its own, compared with both signs at once.
        self.over.next = bit_cast::<17, 8>(self.tolerance.val()) - self.difference_1.q.val();
        self.under.next = bit_cast::<17, 8>(self.tolerance.val()) + self.difference_1.q.val();
        if self.deep.val() {
            self.moved_7.d.next = self.over.val().get_bit(16) | self.under.val().get_bit(16);
            self.changed_7.d.next = self.difference_1.q.val().any();
        }

        self.x_new.next = self.x_now.val();
        self.moved.next = self.moved_7.q.val();
        self.changed.next = self.changed_7.q.val();
    }
}
