//! One step of a weight (design rule 7): w' = saturate(w + ⌊g·2^j / 2^T + r / 2^16⌋).
//!
//! ```text
//!  g, far ─► window ─┐
//!  weight, random ──►+ ─► saturate ─► new_weight, saturated
//!  stage      1             2               3
//! ```
//! `g` is the accumulator after both products, already shifted left by the operands' part of j; the
//! window makes up for the rest. One addition of {weight, random} rounds stochastically: the carry out of
//! the 16 fraction bits is what the random word decides. Latency 2.

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
    wide: Signal<Local, Signed<80>>,
    bits: Signal<Local, Bits<80>>,
    shift: Signal<Local, Bits<7>>,
    scaled: Signal<Local, Bits<48>>,
    old: Signal<Local, Signed<18>>,
    old_bits: Signal<Local, Bits<18>>,
    sum: Signal<Local, Bits<34>>,
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
    pub fn new(shape: &Shape) -> Self {
        let half = 1u64 << (shape.formats.weight_bits - 1);
        block!(Learn {
            clock, valid, g, far, weight, random, new_weight, saturated, wide, bits, shift, scaled,
            old, old_bits, sum, sum_2, above_2, below_2, valid_2, folded, outside,
            weight_3, saturated_3;
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
            saturated_3
        );
        self.wide.next = signed_bit_cast(signed_cast(self.g.val()));
        self.bits.next = unsigned_cast(self.wide.val());
        self.bits.next = self.bits.val() << 16;
        self.shift.next =
            self.learn_shift.val() - bit_cast::<7, 4>(self.far.val() & self.far_mask.val());
        self.scaled.next = self.bits.val().get_bits::<48>(self.shift.val().index());
        // A step beyond 17 bits saturates whatever the weight was.
        self.below_2.d.next =
            self.scaled.val().get_bit(47) & !self.scaled.val().get_bits::<16>(32).all();
        self.above_2.d.next =
            !self.scaled.val().get_bit(47) & self.scaled.val().get_bits::<16>(32).any();
        self.old.next = signed_bit_cast(signed_cast(self.weight.val()));
        self.old_bits.next = unsigned_cast(self.old.val());
        self.sum.next = self.scaled.val().get_bits::<34>(0)
            + ((bit_cast::<34, 18>(self.old_bits.val()) << 16)
                | bit_cast::<34, 16>(self.random.val()));
        self.sum_2.d.next = self.sum.val().get_bits::<18>(16);
        self.valid_2.d.next = self.valid.val();

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
        self.new_weight.next = self.weight_3.q.val();
        self.saturated.next = self.saturated_3.q.val();
    }
}
