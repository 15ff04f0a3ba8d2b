//! Forms tokens: a chosen token takes what it wants from the memories and goes into the line.
//!
//! ```text
//!  token chosen ─►( )─►( )─► add base and offset, take list or sums word ─►( )─► token
//!  list_length ─► entries left
//! ```
//! The words are those that the cycle before asked for. A deep pipeline has the first two registers, and
//! counts the entries of a list: the first three are read before the length is known, and dropped where
//! there are fewer. Latency 1, deep 3.

use crate::arch::Shape;
use crate::rtl::token::Op;
use crate::rtl::triangle::Triangle;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Former<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// The token; its bank address is base + offset.
    pub op: Signal<In, Op>,
    pub sub: Signal<In, Bits<6>>,
    pub base: Signal<In, Bits<16>>,
    pub offset: Signal<In, Bits<16>>,
    pub slot: Signal<In, Bits<12>>,
    pub value: Signal<In, Bits<16>>,
    pub tag: Signal<In, Bits<16>>,
    /// Offset and value are those of a list entry; the value is a part of a column sum.
    pub listed: Signal<In, Bit>,
    pub summed: Signal<In, Bit>,
    /// Only lanes of lower rows take it, if rows and columns are of one layer (`upper`).
    pub masked: Signal<In, Bit>,
    pub upper: Signal<In, Bit>,
    pub first_row: Signal<In, Bits<12>>,
    /// The token is that of a segment; its slot, which a deep pipeline knows a cycle later.
    pub segment: Signal<In, Bit>,
    pub segment_slot: Signal<In, Bits<12>>,
    /// Which step of its instruction chose it: the first entries of a list follow one another from the second on.
    pub second: Signal<In, Bit>,
    pub third: Signal<In, Bit>,
    pub fourth: Signal<In, Bit>,
    /// Of the list that the second step asked for; of deep pipelines.
    pub list_length: Signal<In, Bits<16>>,
    pub list_word: Signal<In, Bits<29>>,
    pub sums_word: Signal<In, Bits<A>>,
    /// All entries of the list are chosen, from the fourth step on.
    /// Deep pipelines look the next list up: its length is there now; a row has such a list, and takes an entry.
    pub looks: Signal<In, Bit>,
    pub known: Signal<In, Bit>,
    pub at_row: Signal<In, Bit>,
    pub empty: Signal<Out, Bit>,
    pub none_left: Signal<Out, Bit>,
    pub op_out: Signal<Out, Op>,
    pub sub_out: Signal<Out, Bits<6>>,
    pub addr_out: Signal<Out, Bits<16>>,
    pub slot_out: Signal<Out, Bits<12>>,
    pub value_out: Signal<Out, Bits<16>>,
    pub tag_out: Signal<Out, Bits<16>>,
    deep: Constant<Bit>,
    triangle: Triangle,
    op_now: Signal<Local, Op>,
    op_1: DFF<Op>,
    op_2: DFF<Op>,
    op_3: DFF<Op>,
    sub_now: Signal<Local, Bits<6>>,
    sub_1: DFF<Bits<6>>,
    sub_2: DFF<Bits<6>>,
    sub_3: DFF<Bits<6>>,
    base_now: Signal<Local, Bits<16>>,
    base_1: DFF<Bits<16>>,
    base_2: DFF<Bits<16>>,
    offset_now: Signal<Local, Bits<16>>,
    offset_1: DFF<Bits<16>>,
    offset_2: DFF<Bits<16>>,
    addr_3: DFF<Bits<16>>,
    slot_now: Signal<Local, Bits<12>>,
    slot_1: DFF<Bits<12>>,
    slot_2: DFF<Bits<12>>,
    slot_3: DFF<Bits<12>>,
    value_now: Signal<Local, Bits<16>>,
    value_1: DFF<Bits<16>>,
    value_2: DFF<Bits<16>>,
    value_3: DFF<Bits<16>>,
    tag_now: Signal<Local, Bits<16>>,
    tag_1: DFF<Bits<16>>,
    tag_2: DFF<Bits<16>>,
    tag_3: DFF<Bits<16>>,
    listed_now: Signal<Local, Bit>,
    listed_1: DFF<Bit>,
    listed_2: DFF<Bit>,
    summed_now: Signal<Local, Bit>,
    summed_1: DFF<Bit>,
    summed_2: DFF<Bit>,
    masked_now: Signal<Local, Bit>,
    masked_1: DFF<Bit>,
    masked_2: DFF<Bit>,
    upper_now: Signal<Local, Bit>,
    upper_1: DFF<Bit>,
    upper_2: DFF<Bit>,
    first_row_now: Signal<Local, Bits<12>>,
    first_row_1: DFF<Bits<12>>,
    first_row_2: DFF<Bits<12>>,
    segment_1: DFF<Bit>,
    /// Which entry of its list a token has, at most 3.
    turn: Signal<Local, Bits<2>>,
    turn_1: DFF<Bits<2>>,
    turn_2: DFF<Bits<2>>,
    /// Entries of a list that are left after this one, and whether there are none; the list's length, at most 3.
    left: DFF<Bits<16>>,
    over: DFF<Bit>,
    few: DFF<Bits<2>>,
    none: DFF<Bit>,
    dropped: Signal<Local, Bit>,
}

impl<const A: usize> Former<A> {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Former {
            clock, op, sub, base, offset, slot, value, tag, listed, summed, masked, upper, first_row, segment,
            segment_slot, second, third, fourth, list_length, list_word, sums_word, looks, known, at_row, empty, none_left, op_out, sub_out,
            addr_out, slot_out, value_out, tag_out, op_now, op_1, op_2, op_3, sub_now, sub_1, sub_2, sub_3,
            base_now, base_1, base_2, offset_now, offset_1, offset_2, addr_3, slot_now, slot_1, slot_2, slot_3,
            value_now, value_1, value_2, value_3, tag_now, tag_1, tag_2, tag_3, listed_now, listed_1, listed_2,
            summed_now, summed_1, summed_2, masked_now, masked_1, masked_2, upper_now, upper_1, upper_2,
            first_row_now, first_row_1, first_row_2, segment_1, turn, turn_1, turn_2, left, over, few, none, dropped;
            deep: Constant::new(shape.is_deep()),
            triangle: Triangle::new(shape)
        })
    }
}

impl<const A: usize> Logic for Former<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            op_1,
            op_2,
            op_3,
            sub_1,
            sub_2,
            sub_3,
            base_1,
            base_2,
            offset_1,
            offset_2,
            addr_3,
            slot_1,
            slot_2,
            slot_3,
            value_1,
            value_2,
            value_3,
            tag_1,
            tag_2,
            tag_3,
            listed_1,
            listed_2,
            summed_1,
            summed_2,
            masked_1,
            masked_2,
            upper_1,
            upper_2,
            first_row_1,
            first_row_2,
            segment_1,
            turn_1,
            turn_2,
            left,
            over,
            few,
            none
        );
        self.op_1.d.next = self.op.val();
        self.op_2.d.next = self.op_1.q.val();
        self.sub_1.d.next = self.sub.val();
        self.sub_2.d.next = self.sub_1.q.val();
        self.base_1.d.next = self.base.val();
        self.base_2.d.next = self.base_1.q.val();
        self.offset_1.d.next = self.offset.val();
        self.offset_2.d.next = self.offset_1.q.val();
        self.slot_1.d.next = self.slot.val();
        self.segment_1.d.next = self.segment.val();
        self.slot_2.d.next = self.slot_1.q.val();
        if self.segment_1.q.val() {
            self.slot_2.d.next = self.slot_1.q.val() | self.segment_slot.val();
        }
        self.value_1.d.next = self.value.val();
        self.value_2.d.next = self.value_1.q.val();
        self.tag_1.d.next = self.tag.val();
        self.tag_2.d.next = self.tag_1.q.val();
        self.listed_1.d.next = self.listed.val();
        self.listed_2.d.next = self.listed_1.q.val();
        self.summed_1.d.next = self.summed.val();
        self.summed_2.d.next = self.summed_1.q.val();
        self.masked_1.d.next = self.masked.val();
        self.masked_2.d.next = self.masked_1.q.val();
        self.upper_1.d.next = self.upper.val();
        self.upper_2.d.next = self.upper_1.q.val();
        self.first_row_1.d.next = self.first_row.val();
        self.first_row_2.d.next = self.first_row_1.q.val();
        self.turn.next = 3.into();
        if self.known.val() {
            self.turn.next = 3.into();
        } else if self.second.val() {
            self.turn.next = 0.into();
        } else if self.third.val() {
            self.turn.next = 1.into();
        } else if self.fourth.val() {
            self.turn.next = 2.into();
        }
        self.turn_1.d.next = self.turn.val();
        self.turn_2.d.next = self.turn_1.q.val();
        if self.looks.val() {
            self.left.d.next = self.list_length.val() - 1;
            self.over.d.next = self.list_length.val() <= 1;
            self.none.d.next = !self.list_length.val().any();
        } else if self.third.val() & !self.known.val() {
            self.left.d.next = self.list_length.val() - 3;
            self.over.d.next = self.list_length.val() <= 3;
            self.few.d.next = 3.into();
            if !self.list_length.val().get_bits::<14>(2).any() {
                self.few.d.next = self.list_length.val().get_bits::<2>(0);
            }
        } else if self.at_row.val() {
            self.left.d.next = self.left.q.val() - 1;
            self.over.d.next = self.left.q.val() == 1;
        }
        self.none_left.next = self.over.q.val();
        self.empty.next = self.none.q.val();
        self.dropped.next = self.listed_2.q.val()
            & (self.turn_2.q.val() != 3)
            & (self.turn_2.q.val() >= self.few.q.val());

        self.op_now.next = self.op.val();
        self.sub_now.next = self.sub.val();
        self.slot_now.next = self.slot.val();
        self.base_now.next = self.base.val();
        self.offset_now.next = self.offset.val();
        self.value_now.next = self.value.val();
        self.tag_now.next = self.tag.val();
        self.listed_now.next = self.listed.val();
        self.summed_now.next = self.summed.val();
        self.masked_now.next = self.masked.val();
        self.upper_now.next = self.upper.val();
        self.first_row_now.next = self.first_row.val();
        if self.deep.val() {
            self.op_now.next = self.op_2.q.val();
            self.sub_now.next = self.sub_2.q.val();
            self.slot_now.next = self.slot_2.q.val();
            self.base_now.next = self.base_2.q.val();
            self.offset_now.next = self.offset_2.q.val();
            self.value_now.next = self.value_2.q.val();
            self.tag_now.next = self.tag_2.q.val();
            self.listed_now.next = self.listed_2.q.val();
            self.summed_now.next = self.summed_2.q.val();
            self.masked_now.next = self.masked_2.q.val();
            self.upper_now.next = self.upper_2.q.val();
            self.first_row_now.next = self.first_row_2.q.val();
            if self.dropped.val() {
                self.op_now.next = Op::Nop;
            }
        }
        if self.listed_now.val() {
            self.offset_now.next = bit_cast::<16, 12>(self.list_word.val().get_bits::<12>(16));
            self.value_now.next = self.list_word.val().get_bits::<16>(0);
        }
        if self.summed_now.val() {
            self.value_now.next = self.sums_word.val().get_bits::<16>(0);
            if self.sub_now.val().get_bit(0) {
                self.value_now.next = self.sums_word.val().get_bits::<16>(16);
            } else if self.sub_now.val().get_bit(1) {
                self.value_now.next = bit_cast::<16, A>(self.sums_word.val() >> 32);
            }
        }
        self.triangle.upper.next = self.upper_now.val();
        self.triangle.column.next = self.offset_now.val().get_bits::<12>(0);
        self.triangle.first_row.next = self.first_row_now.val();
        self.op_3.d.next = self.op_now.val();
        self.sub_3.d.next = self.sub_now.val();
        self.addr_3.d.next = self.base_now.val() + self.offset_now.val();
        self.slot_3.d.next = self.slot_now.val();
        self.value_3.d.next = self.value_now.val();
        self.tag_3.d.next = self.tag_now.val();
        if self.masked_now.val() {
            self.tag_3.d.next = self.tag_now.val() | self.triangle.tag.val();
        }
        self.op_out.next = self.op_3.q.val();
        self.sub_out.next = self.sub_3.q.val();
        self.addr_out.next = self.addr_3.q.val();
        self.slot_out.next = self.slot_3.q.val();
        self.value_out.next = self.value_3.q.val();
        self.tag_out.next = self.tag_3.q.val();
    }
}
