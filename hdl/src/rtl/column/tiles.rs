//! Adds up the tiles of a column as they leave the tail.
//!
//! ```text
//!  token ─► delay ─► op, first, last ┐
//!  sum ─────────────────────────────►+ run ─► total
//! ```
//! A deep pipeline adds in two halves, where the whole takes longer than a cycle: the upper one and the
//! carry of the lower one a cycle later. Values that were read from lanes leave here as well. Latency from
//! the sum to the total 1, deep 2.

use crate::arch::Shape;
use crate::rtl::token::Op;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Tiles<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Token and sum as they leave the last lane; the sum belongs to the token of four (deep: seven) cycles ago.
    pub op: Signal<In, Op>,
    pub tag: Signal<In, Bits<16>>,
    pub sum: Signal<In, Bits<A>>,
    /// The total of a column is there in this cycle, or (`counted`) in the next of a deep pipeline.
    pub total: Signal<Out, Bits<A>>,
    pub complete: Signal<Out, Bit>,
    pub counted: Signal<Out, Bit>,
    /// A value that was read from a lane: a state or a weight.
    pub read_word: Signal<Out, Bits<16>>,
    pub state_valid: Signal<Out, Bit>,
    pub weight_valid: Signal<Out, Bit>,
    /// The sum would be that of an update: flags follow.
    pub updates: Signal<Out, Bit>,
    deep: Constant<Bit>,
    op_1: DFF<Op>,
    op_2: DFF<Op>,
    op_3: DFF<Op>,
    op_4: DFF<Op>,
    op_5: DFF<Op>,
    op_6: DFF<Op>,
    op_7: DFF<Op>,
    tag_1: DFF<Bits<2>>,
    tag_2: DFF<Bits<2>>,
    tag_3: DFF<Bits<2>>,
    tag_4: DFF<Bits<2>>,
    tag_5: DFF<Bits<2>>,
    tag_6: DFF<Bits<2>>,
    tag_7: DFF<Bits<2>>,
    /// The token whose sum is at the tail.
    op_now: Signal<Local, Op>,
    tag_now: Signal<Local, Bits<2>>,
    begins: Signal<Local, Bit>,
    adds: Signal<Local, Bit>,
    run: DFF<Bits<A>>,
    run_low: DFF<Bits<20>>,
    run_carry: DFF<Bit>,
    run_high: DFF<Bits<A>>,
    low_1: DFF<Bits<20>>,
    sum_1: DFF<Bits<A>>,
    adds_1: DFF<Bit>,
    begins_1: DFF<Bit>,
    low_sum: Signal<Local, Bits<21>>,
    low_held: Signal<Local, Bits<20>>,
    high_held: Signal<Local, Bits<A>>,
    total_1: DFF<Bit>,
    total_2: DFF<Bit>,
    state_1: DFF<Bit>,
    weight_1: DFF<Bit>,
    word_1: DFF<Bits<16>>,
}

impl<const A: usize> Tiles<A> {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Tiles {
            clock, op, tag, sum, total, complete, counted, read_word, state_valid, weight_valid, updates, op_1,
            op_2, op_3, op_4, op_5, op_6, op_7, tag_1, tag_2, tag_3, tag_4, tag_5, tag_6, tag_7, op_now, tag_now,
            begins, adds, run, run_low, run_carry, run_high, low_1, sum_1, adds_1, begins_1, low_sum, low_held,
            high_held, total_1, total_2, state_1, weight_1, word_1;
            deep: Constant::new(shape.is_deep())
        })
    }
}

impl<const A: usize> Logic for Tiles<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, op_1, op_2, op_3, op_4, op_5, op_6, op_7, tag_1, tag_2, tag_3, tag_4,
            tag_5, tag_6, tag_7, run, run_low, run_carry, run_high, low_1, sum_1, adds_1, begins_1,
            total_1, total_2, state_1, weight_1, word_1
        );
        self.op_1.d.next = self.op.val();
        self.op_2.d.next = self.op_1.q.val();
        self.op_3.d.next = self.op_2.q.val();
        self.op_4.d.next = self.op_3.q.val();
        self.op_5.d.next = self.op_4.q.val();
        self.op_6.d.next = self.op_5.q.val();
        self.op_7.d.next = self.op_6.q.val();
        self.tag_1.d.next = self.tag.val().get_bits::<2>(0);
        self.tag_2.d.next = self.tag_1.q.val();
        self.tag_3.d.next = self.tag_2.q.val();
        self.tag_4.d.next = self.tag_3.q.val();
        self.tag_5.d.next = self.tag_4.q.val();
        self.tag_6.d.next = self.tag_5.q.val();
        self.tag_7.d.next = self.tag_6.q.val();
        self.op_now.next = self.op_4.q.val();
        self.tag_now.next = self.tag_4.q.val();
        if self.deep.val() {
            self.op_now.next = self.op_7.q.val();
            self.tag_now.next = self.tag_7.q.val();
        }
        self.adds.next = self.op_now.val() == Op::Column;
        self.begins.next = self.tag_now.val().get_bit(0);

        self.total_1.d.next = self.adds.val() & self.tag_now.val().get_bit(1);
        self.total_2.d.next = self.total_1.q.val();
        if self.adds.val() {
            self.run.d.next = self.run.q.val() + self.sum.val();
            if self.begins.val() {
                self.run.d.next = self.sum.val();
            }
        }
        self.low_held.next = self.run_low.q.val();
        if self.begins.val() {
            self.low_held.next = 0.into();
        }
        self.low_sum.next = bit_cast::<21, 20>(self.low_held.val())
            + bit_cast::<21, 20>(self.sum.val().get_bits::<20>(0));
        self.adds_1.d.next = self.adds.val();
        self.begins_1.d.next = self.begins.val();
        self.sum_1.d.next = self.sum.val() >> 20;
        if self.adds.val() {
            self.run_low.d.next = self.low_sum.val().get_bits::<20>(0);
            self.run_carry.d.next = self.low_sum.val().get_bit(20);
        }
        self.low_1.d.next = self.run_low.q.val();
        self.high_held.next = self.run_high.q.val();
        if self.begins_1.q.val() {
            self.high_held.next = 0.into();
        }
        if self.adds_1.q.val() {
            self.run_high.d.next = self.high_held.val()
                + self.sum_1.q.val()
                + bit_cast::<A, 1>(self.run_carry.q.val().into());
        }
        self.counted.next = self.total_1.q.val();
        self.total.next = self.run.q.val();
        self.complete.next = self.total_1.q.val();
        if self.deep.val() {
            self.total.next = (self.run_high.q.val() << 20) | bit_cast::<A, 20>(self.low_1.q.val());
            self.complete.next = self.total_2.q.val();
        }
        self.state_1.d.next = self.op_now.val() == Op::ReadState;
        self.weight_1.d.next = self.op_now.val() == Op::ReadWeight;
        self.word_1.d.next = self.sum.val().get_bits::<16>(0);
        self.state_valid.next = self.state_1.q.val();
        self.weight_valid.next = self.weight_1.q.val();
        self.read_word.next = self.word_1.q.val();
        self.updates.next = self.op_now.val() == Op::Update;
    }
}
