//! One step of a weight (design rule 7): w' = saturate(w + ⌊g·2^j / 2^T + r / 2^16⌋).
//!
//! ```text
//!  g, far ─► window ─┐
//!  weight, random ──►+ ─►[ ]─► saturate ─►[ ]─► new_weight, saturated
//!  stage  0                1                2
//! ```
//! `g` is the accumulator after both products, already shifted left by the operands' part of j; the
//! window makes up for the rest. One addition of {weight, random} rounds stochastically: the carry out of
//! the 16 fraction bits is what the random word decides. Latency 2.
//!
//! A deep one adds the low half first and the high half a cycle later: latency 3. It takes a weight every second
//! cycle at most, and shows the new one for two.

use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Learn<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// The inputs belong to a weight that is learned.
    pub valid: Signal<In, Bit>,
    /// Difference of the two products, two's complement.
    pub g: Signal<In, Bits<A>>,
    /// Left shift by the window.
    pub far: Signal<In, Bits<4>>,
    pub weight: Signal<In, Bits<16>>,
    pub random: Signal<In, Bits<16>>,
    pub new_weight: Signal<Out, Bits<16>>,
    pub saturated: Signal<Out, Bit>,
    learn_shift: Constant<Bits<7>>,
    far_mask: Constant<Bits<4>>,
    beyond: Constant<Bits<18>>,
    largest: Constant<Bits<16>>,
    smallest: Constant<Bits<16>>,
    deep: Constant<Bit>,
    g_bits: Signal<Local, Bits<30>>,
    g_30: Signal<Local, Signed<30>>,
    wide: Signal<Local, Signed<80>>,
    bits: Signal<Local, Bits<80>>,
    shift: Signal<Local, Bits<7>>,
    scaled: Signal<Local, Bits<48>>,
    old: Signal<Local, Signed<18>>,
    old_bits: Signal<Local, Bits<18>>,
    sum: Signal<Local, Bits<34>>,
    above: Signal<Local, Bit>,
    below: Signal<Local, Bit>,
    // The halves of a deep addition.
    low: Signal<Local, Bits<18>>,
    low_1: DFF<Bits<2>>,
    high_1: DFF<Bits<17>>,
    old_1: DFF<Bits<17>>,
    above_1: DFF<Bit>,
    below_1: DFF<Bit>,
    valid_1: DFF<Bit>,
    high: Signal<Local, Bits<18>>,
    sum_2: DFF<Bits<18>>,
    above_2: DFF<Bit>,
    below_2: DFF<Bit>,
    valid_2: DFF<Bit>,
    folded: Signal<Local, Bits<18>>,
    outside: Signal<Local, Bit>,
    weight_3: DFF<Bits<16>>,
    saturated_3: DFF<Bit>,
}

impl<const A: usize> Learn<A> {
    /// A step for the weights and windows of a shape.
    pub fn new(shape: &Shape, deep: bool) -> Self {
        let half = 1u64 << (shape.formats.weight_bits - 1);
        block!(Learn {
            clock, valid, g, far, weight, random, new_weight, saturated, wide, bits, shift, scaled,
            old, old_bits, sum, sum_2, above_2, below_2, valid_2, folded, outside,
            weight_3, saturated_3, g_bits, g_30, above, below, low, low_1, high_1, old_1, above_1, below_1,
            valid_1, high;
            deep: Constant::new(deep),
            learn_shift: Constant::new(u64::from(shape.learn_shift).into()),
            far_mask: Constant::new(shape.window_mask().into()),
            // The bits from a weight's sign bit on.
            beyond: Constant::new(((1u64 << 18) - half).into()),
            largest: Constant::new((half - 1).into()),
            smallest: Constant::new(((1u64 << 16) - half).into())
        })
    }
}

impl<const A: usize> Logic for Learn<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            sum_2,
            above_2,
            below_2,
            valid_2,
            weight_3,
            saturated_3,
            low_1,
            high_1,
            old_1,
            above_1,
            below_1,
            valid_1
        );
        // Products of states, shifted until they fill a multiplier's input: 28 bits and a sign, and their difference.
        self.g_bits.next = self.g.val().get_bits::<30>(0);
        self.g_30.next = signed_cast(self.g_bits.val());
        self.wide.next = signed_bit_cast(self.g_30.val());
        self.bits.next = unsigned_cast(self.wide.val());
        self.bits.next = self.bits.val() << 16;
        self.shift.next =
            self.learn_shift.val() - bit_cast::<7, 4>(self.far.val() & self.far_mask.val());
        self.scaled.next = self.bits.val().get_bits::<48>(self.shift.val().index());
        // A step beyond 17 bits saturates whatever the weight was.
        self.below.next =
            self.scaled.val().get_bit(47) & !self.scaled.val().get_bits::<16>(32).all();
        self.above.next =
            !self.scaled.val().get_bit(47) & self.scaled.val().get_bits::<16>(32).any();
        self.old.next = signed_bit_cast(signed_cast(self.weight.val()));
        self.old_bits.next = unsigned_cast(self.old.val());
        self.sum.next = self.scaled.val().get_bits::<34>(0)
            + ((bit_cast::<34, 18>(self.old_bits.val()) << 16)
                | bit_cast::<34, 16>(self.random.val()));
        self.sum_2.d.next = self.sum.val().get_bits::<18>(16);
        self.above_2.d.next = self.above.val();
        self.below_2.d.next = self.below.val();
        self.valid_2.d.next = self.valid.val();

        // In halves: of the low one only its highest bit and the carry matter.
        self.low.next = bit_cast::<18, 17>(self.scaled.val().get_bits::<17>(0))
            + bit_cast::<18, 17>(
                (bit_cast::<17, 1>(self.old_bits.val().get_bits::<1>(0)) << 16)
                    | bit_cast::<17, 16>(self.random.val()),
            );
        self.low_1.d.next = self.low.val().get_bits::<2>(16);
        self.high_1.d.next = self.scaled.val().get_bits::<17>(17);
        self.old_1.d.next = self.old_bits.val().get_bits::<17>(1);
        self.above_1.d.next = self.above.val();
        self.below_1.d.next = self.below.val();
        self.valid_1.d.next = self.valid.val();
        // The carry comes in from a bit below, where the other operand has a one: one adder, not two.
        self.high.next = ((bit_cast::<18, 17>(self.high_1.q.val()) << 1) | 1)
            + ((bit_cast::<18, 17>(self.old_1.q.val()) << 1)
                | bit_cast::<18, 1>(self.low_1.q.val().get_bits::<1>(1)));
        if self.deep.val() {
            self.sum_2.d.next = ((self.high.val() >> 1) << 1)
                | bit_cast::<18, 1>(self.low_1.q.val().get_bits::<1>(0));
            self.above_2.d.next = self.above_1.q.val();
            self.below_2.d.next = self.below_1.q.val();
            self.valid_2.d.next = self.valid_1.q.val();
        }

        // All bits from the sign bit of a weight on are equal, or the sum does not fit.
        self.folded.next = self.sum_2.q.val();
        if self.sum_2.q.val().get_bit(17) {
            self.folded.next = !self.sum_2.q.val();
        }
        self.outside.next = (self.folded.val() & self.beyond.val()).any()
            | self.above_2.q.val()
            | self.below_2.q.val();
        self.weight_3.d.next = self.sum_2.q.val().get_bits::<16>(0);
        if self.outside.val() {
            self.weight_3.d.next = self.largest.val();
            if self.below_2.q.val() | (self.sum_2.q.val().get_bit(17) & !self.above_2.q.val()) {
                self.weight_3.d.next = self.smallest.val();
            }
        }
        self.saturated_3.d.next = self.valid_2.q.val() & self.outside.val();
        if self.deep.val() & !self.valid_2.q.val() {
            self.weight_3.d.next = self.weight_3.q.val();
            self.saturated_3.d.next = self.saturated_3.q.val();
        }
        self.new_weight.next = self.weight_3.q.val();
        self.saturated.next = self.saturated_3.q.val();
    }
}
