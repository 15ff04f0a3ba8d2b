//! Multiply and accumulate: the arithmetic of a lane.
//!
//! ```text
//!  x ─►┐                        ┌─► acc += addend ──► acc
//!      ├─ × ─► place as word ─► addend
//!  y ─►┘   (or whole product)   └─► sum_in + addend ─► sum_out
//! short  1    2                 3                   4
//! deep   1  2 3                 4                   5 low half, 6 high half
//! ```
//! Stages count from the operands, in stage 0. `sum_in` is taken with the addend, so the sum chain lags the
//! tokens. `clear` is the accumulator's synchronous reset, `accumulate` its enable; `restart` gates what
//! it held, so that products can follow each other without a cycle between them.
//!
//! A deep one adds in two halves of which the low one runs a cycle ahead with its carry in a register: so do
//! the halves of the sum chain, from lane to lane. `acc` shows both halves of one value.

use super::primitive::Multiplier;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Mac<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Operands, two's complement.
    pub x: Signal<In, Bits<16>>,
    pub y: Signal<In, Bits<16>>,
    /// Stage 0: take the low half of the product as word `word` of a wide value.
    pub place: Signal<In, Bit>,
    pub word: Signal<In, Bits<2>>,
    /// Stage 0: shift the whole product up by f.
    pub lift: Signal<In, Bit>,
    /// Stage 0: this product belongs to the accumulator.
    pub accumulate: Signal<In, Bit>,
    /// Stage 0: the accumulator forgets what it held before this product.
    pub restart: Signal<In, Bit>,
    /// The accumulator (the low half of a deep one) is zero in the next cycle.
    pub clear: Signal<In, Bit>,
    pub sum_in: Signal<In, Bits<A>>,
    pub sum_out: Signal<Out, Bits<A>>,
    pub acc: Signal<Out, Bits<A>>,
    deep: Constant<Bit>,
    feedback: Constant<Bit>,
    feedback_shift: Constant<Bits<2>>,
    lift_1: DFF<Bit>,
    lift_2: DFF<Bit>,
    lift_now: Signal<Local, Bit>,
    lifted: DFF<Bit>,
    lifted_product: Signal<Local, Bits<A>>,
    high_mask: Constant<Bits<28>>,
    multiplier: Multiplier,
    addend: DFF<Bits<A>>,
    total: DFF<Bits<A>>,
    sum: DFF<Bits<A>>,
    // Controls, by stage; deep ones wait one cycle more.
    place_1: DFF<Bit>,
    place_2: DFF<Bit>,
    word_1: DFF<Bits<2>>,
    word_2: DFF<Bits<2>>,
    low: DFF<Bit>,
    whole: DFF<Bit>,
    middle: DFF<Bit>,
    high: DFF<Bit>,
    accumulate_1: DFF<Bit>,
    accumulate_2: DFF<Bit>,
    accumulate_3: DFF<Bit>,
    accumulate_4: DFF<Bit>,
    accumulate_5: DFF<Bit>,
    restart_1: DFF<Bit>,
    restart_2: DFF<Bit>,
    restart_3: DFF<Bit>,
    restart_4: DFF<Bit>,
    restart_5: DFF<Bit>,
    place_now: Signal<Local, Bit>,
    word_now: Signal<Local, Bits<2>>,
    product: Signal<Local, Signed<32>>,
    wide: Signal<Local, Signed<A>>,
    bits: Signal<Local, Bits<32>>,
    word_bits: Signal<Local, Bits<A>>,
    upper: Signal<Local, Bits<A>>,
    // The halves of a deep adder.
    clear_5: DFF<Bit>,
    addend_high: DFF<Bits<28>>,
    total_low: DFF<Bits<20>>,
    total_carry: DFF<Bit>,
    total_high: DFF<Bits<28>>,
    /// The low half when the high one is there.
    total_late: DFF<Bits<20>>,
    sum_low: DFF<Bits<20>>,
    sum_carry: DFF<Bit>,
    sum_high: DFF<Bits<28>>,
    addend_low: Signal<Local, Bits<21>>,
    total_next: Signal<Local, Bits<21>>,
    sum_next: Signal<Local, Bits<21>>,
    addend_above: Signal<Local, Bits<29>>,
    total_next_high: Signal<Local, Bits<29>>,
    sum_next_high: Signal<Local, Bits<29>>,
}

impl<const A: usize> Mac<A> {
    pub fn new(shape: &Shape) -> Self {
        block!(Mac {
            clock, x, y, place, word, lift, lift_1, lift_2, lift_now, lifted, lifted_product, accumulate, restart, clear, sum_in, sum_out, acc, addend, total, sum,
            place_1, place_2, word_1, word_2, low, whole, middle, high, accumulate_1, accumulate_2, accumulate_3,
            accumulate_4, accumulate_5, restart_1, restart_2, restart_3, restart_4, restart_5, place_now, word_now,
            product, wide, bits, word_bits, upper, clear_5, addend_high, total_low, total_carry, total_high,
            total_late, sum_low, sum_carry, sum_high, addend_low, total_next, sum_next, addend_above, total_next_high, sum_next_high;
            deep: Constant::new(shape.is_deep()),
            feedback: Constant::new(shape.scales_feedback()),
            feedback_shift: Constant::new(u64::from(shape.feedback_shift).into()),
            high_mask: Constant::new(((1u64 << (A - 20)) - 1).into()),
            multiplier: Multiplier::new(shape.is_deep())
        })
    }
}

impl<const A: usize> Logic for Mac<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            addend,
            sum,
            lift_1,
            lift_2,
            lifted,
            place_1,
            place_2,
            word_1,
            word_2,
            low,
            whole,
            middle,
            high,
            accumulate_1,
            accumulate_2,
            accumulate_3,
            accumulate_4,
            accumulate_5,
            restart_1,
            restart_2,
            restart_3,
            restart_4,
            restart_5,
            clear_5,
            addend_high,
            total_carry,
            total_late,
            sum_low,
            sum_carry,
            sum_high
        );
        // These feed themselves: they hold nothing by default, so that one that is not built can go.
        clock!(self, clock, multiplier, total, total_low, total_high);
        self.multiplier.x.next = self.x.val();
        self.multiplier.y.next = self.y.val();
        self.place_1.d.next = self.place.val();
        self.place_2.d.next = self.place_1.q.val();
        self.word_1.d.next = self.word.val();
        self.word_2.d.next = self.word_1.q.val();
        self.place_now.next = self.place_1.q.val();
        self.word_now.next = self.word_1.q.val();
        self.lift_1.d.next = self.lift.val();
        self.lift_2.d.next = self.lift_1.q.val();
        self.lift_now.next = self.lift_1.q.val();
        if self.deep.val() {
            self.place_now.next = self.place_2.q.val();
            self.word_now.next = self.word_2.q.val();
            self.lift_now.next = self.lift_2.q.val();
        }
        self.lifted.d.next = self.lift_now.val();
        // Which parts of the product the addend takes, and where to.
        self.low.d.next = !self.place_now.val() | (self.word_now.val() == 0);
        self.whole.d.next = !self.place_now.val();
        self.middle.d.next = self.place_now.val() & (self.word_now.val() == 1);
        self.high.d.next = self.place_now.val() & (self.word_now.val() == 2);
        self.accumulate_1.d.next = self.accumulate.val();
        self.accumulate_2.d.next = self.accumulate_1.q.val();
        self.accumulate_3.d.next = self.accumulate_2.q.val();
        self.accumulate_4.d.next = self.accumulate_3.q.val();
        self.accumulate_5.d.next = self.accumulate_4.q.val();
        self.restart_1.d.next = self.restart.val();
        self.restart_2.d.next = self.restart_1.q.val();
        self.restart_3.d.next = self.restart_2.q.val();
        self.restart_4.d.next = self.restart_3.q.val();
        self.restart_5.d.next = self.restart_4.q.val();

        self.bits.next = self.multiplier.product.val();
        self.product.next = signed_cast(self.multiplier.product.val());
        self.wide.next = signed_bit_cast(self.product.val());
        self.word_bits.next = bit_cast::<A, 16>(self.bits.val().get_bits::<16>(0));
        self.upper.next = unsigned_cast(self.wide.val());
        self.upper.next = (self.upper.val() >> 16) << 16;
        self.addend.d.next = 0.into();
        if self.low.q.val() {
            self.addend.d.next = self.word_bits.val();
        }
        if self.whole.q.val() {
            self.addend.d.next = self.addend.d.val() | self.upper.val();
        }
        if self.middle.q.val() {
            self.addend.d.next = self.addend.d.val() | (self.word_bits.val() << 16);
        }
        if self.high.q.val() {
            self.addend.d.next = self.addend.d.val() | (self.word_bits.val() << 32);
        }
        self.lifted_product.next = unsigned_cast(self.wide.val());
        self.lifted_product.next = self.lifted_product.val() << self.feedback_shift.val();
        if self.feedback.val() & self.lifted.q.val() {
            self.addend.d.next = self.lifted_product.val();
        }

        self.total.d.next = 0.into();
        if self.deep.val() {
            self.total.d.next = 0.into();
        } else if !self.clear.val() {
            self.total.d.next = self.total.q.val();
            if self.accumulate_3.q.val() {
                self.total.d.next = self.total.q.val() + self.addend.q.val();
                // A choice behind the adder fits into its cells, a gate before it does not.
                if self.restart_3.q.val() {
                    self.total.d.next = self.addend.q.val();
                }
            }
        }
        self.sum.d.next = self.sum_in.val() + self.addend.q.val();
        self.acc.next = self.total.q.val();
        self.sum_out.next = self.sum.q.val();

        // The same in halves. What nobody reads of either is not built.
        self.addend_low.next = bit_cast::<21, 20>(self.addend.q.val().get_bits::<20>(0));
        self.addend_high.d.next = bit_cast::<28, A>(self.addend.q.val() >> 20);
        self.total_next.next = bit_cast::<21, 20>(self.total_low.q.val()) + self.addend_low.val();
        self.clear_5.d.next = self.clear.val();
        // A carry comes in from a bit below, where the other operand has a one: one adder, not two.
        self.addend_above.next = bit_cast::<29, 28>(self.addend_high.q.val()) << 1;
        self.total_next_high.next = ((bit_cast::<29, 28>(self.total_high.q.val()) << 1) | 1)
            + (self.addend_above.val() | bit_cast::<29, 1>(self.total_carry.q.val().into()));
        self.total_low.d.next = 0.into();
        self.total_high.d.next = 0.into();
        if self.deep.val() {
            if !self.clear.val() {
                self.total_low.d.next = self.total_low.q.val();
                if self.accumulate_4.q.val() {
                    self.total_low.d.next = self.total_next.val().get_bits::<20>(0);
                    if self.restart_4.q.val() {
                        self.total_low.d.next = self.addend_low.val().get_bits::<20>(0);
                    }
                }
            }
            if !self.clear_5.q.val() {
                self.total_high.d.next = self.total_high.q.val();
                if self.accumulate_5.q.val() {
                    self.total_high.d.next =
                        self.total_next_high.val().get_bits::<28>(1) & self.high_mask.val();
                    if self.restart_5.q.val() {
                        self.total_high.d.next = self.addend_high.q.val() & self.high_mask.val();
                    }
                }
            }
        }
        self.total_carry.d.next = self.total_next.val().get_bit(20);
        self.total_late.d.next = self.total_low.q.val();
        self.sum_next.next =
            bit_cast::<21, 20>(self.sum_in.val().get_bits::<20>(0)) + self.addend_low.val();
        self.sum_low.d.next = self.sum_next.val().get_bits::<20>(0);
        self.sum_carry.d.next = self.sum_next.val().get_bit(20);
        self.sum_next_high.next = ((bit_cast::<29, A>(self.sum_in.val() >> 20) << 1) | 1)
            + (self.addend_above.val() | bit_cast::<29, 1>(self.sum_carry.q.val().into()));
        self.sum_high.d.next = self.sum_next_high.val().get_bits::<28>(1) & self.high_mask.val();
        if self.deep.val() {
            self.acc.next = bit_cast::<A, 20>(self.total_late.q.val())
                | (bit_cast::<A, 28>(self.total_high.q.val()) << 20);
            self.sum_out.next = bit_cast::<A, 20>(self.sum_low.q.val())
                | (bit_cast::<A, 28>(self.sum_high.q.val()) << 20);
        }
    }
}
