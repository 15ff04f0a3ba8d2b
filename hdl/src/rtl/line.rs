//! The line: P lanes in a row, each connected to its neighbours only.
//!
//! ```text
//!  token ─► lane 0 ─► lane 1 ─► … ─► lane P−1 ─► token_out
//!      0 ─►   sum ─►    sum ─► … ─►     sum ─► sum_out, moved, changed, saturated
//! ```
//! Latency: token P, sum P − 1 + 5, flags P − 1 + 8, saturated P − 1 + 1 cycles; deep sum P − 1 + 8, flags
//! P − 1 + 13, saturated P − 1 + 2. On a deep chain the low half of a sum is a cycle ahead of the high one; here
//! they meet.

use super::lane::Lane;
use super::token::Op;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Line<const P: usize, const A: usize> {
    pub clock: Signal<In, Clock>,
    pub op: Signal<In, Op>,
    pub sub: Signal<In, Bits<6>>,
    pub addr: Signal<In, Bits<16>>,
    pub slot: Signal<In, Bits<12>>,
    pub value: Signal<In, Bits<16>>,
    pub tag: Signal<In, Bits<16>>,
    pub op_out: Signal<Out, Op>,
    pub tag_out: Signal<Out, Bits<16>>,
    pub sum_out: Signal<Out, Bits<A>>,
    pub moved: Signal<Out, Bit>,
    pub changed: Signal<Out, Bit>,
    /// Weights saturated, all lanes of one column together; between them, units that spiked.
    pub saturated: Signal<Out, Bits<7>>,
    pub probe_valid: [Signal<Out, Bit>; P],
    pub probe_kind: [Signal<Out, Bit>; P],
    pub probe_address: [Signal<Out, Bits<16>>; P],
    pub probe_value: [Signal<Out, Bits<36>>; P],
    deep: Constant<Bit>,
    low: DFF<Bits<20>>,
    sub_mask: Constant<Bits<6>>,
    bank_mask: Constant<Bits<16>>,
    slot_mask: Constant<Bits<12>>,
    lanes: [Lane<A>; P],
}

impl<const P: usize, const A: usize> Line<P, A> {
    /// A line of equal lanes.
    pub fn new(shape: &Shape) -> Self {
        block!(Line {
            clock, op, sub, addr, slot, value, tag, op_out, tag_out, sum_out, moved, changed, saturated, low;
            deep: Constant::new(shape.is_deep()),
            probe_valid: std::array::from_fn(|_| Default::default()),
            probe_kind: std::array::from_fn(|_| Default::default()),
            probe_address: std::array::from_fn(|_| Default::default()),
            probe_value: std::array::from_fn(|_| Default::default()),
            sub_mask: Constant::new(shape.sub_mask().into()),
            bank_mask: Constant::new(shape.bank_mask().into()),
            slot_mask: Constant::new(shape.slot_mask().into()),
            lanes: std::array::from_fn(|_| Lane::new(shape))
        })
    }
}

impl<const P: usize, const A: usize> Logic for Line<P, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, low);
        // Bits that no memory of this shape has an address for are constant in all lanes.
        self.lanes[0].id.next = 0.into();
        self.lanes[0].op.next = self.op.val();
        self.lanes[0].sub.next = self.sub.val() & self.sub_mask.val();
        self.lanes[0].addr.next = self.addr.val() & self.bank_mask.val();
        self.lanes[0].slot.next = self.slot.val() & self.slot_mask.val();
        self.lanes[0].value.next = self.value.val();
        self.lanes[0].tag.next = self.tag.val();
        self.lanes[0].sum_in.next = 0.into();
        self.lanes[0].moved_in.next = false;
        self.lanes[0].changed_in.next = false;
        self.lanes[0].saturated_in.next = 0.into();
        for i in 1..P {
            self.lanes[i].id.next = self.lanes[i - 1].id_out.val();
            self.lanes[i].op.next = self.lanes[i - 1].op_out.val();
            self.lanes[i].sub.next = self.lanes[i - 1].sub_out.val();
            self.lanes[i].addr.next = self.lanes[i - 1].addr_out.val();
            self.lanes[i].slot.next = self.lanes[i - 1].slot_out.val();
            self.lanes[i].value.next = self.lanes[i - 1].value_out.val();
            self.lanes[i].tag.next = self.lanes[i - 1].tag_out.val();
            self.lanes[i].sum_in.next = self.lanes[i - 1].sum_out.val();
            self.lanes[i].moved_in.next = self.lanes[i - 1].moved_out.val();
            self.lanes[i].changed_in.next = self.lanes[i - 1].changed_out.val();
            self.lanes[i].saturated_in.next = self.lanes[i - 1].saturated_out.val();
        }
        for i in 0..P {
            self.lanes[i].clock.next = self.clock.val();
            self.probe_valid[i].next = self.lanes[i].probe_valid.val();
            self.probe_kind[i].next = self.lanes[i].probe_kind.val();
            self.probe_address[i].next = self.lanes[i].probe_address.val();
            self.probe_value[i].next = self.lanes[i].probe_value.val();
        }
        for i in (P - 1)..P {
            self.op_out.next = self.lanes[i].op_out.val();
            self.tag_out.next = self.lanes[i].tag_out.val();
            self.low.d.next = self.lanes[i].sum_out.val().get_bits::<20>(0);
            self.sum_out.next = self.lanes[i].sum_out.val();
            if self.deep.val() {
                self.sum_out.next = bit_cast::<A, 20>(self.low.q.val())
                    | ((self.lanes[i].sum_out.val() >> 20) << 20);
            }
            self.moved.next = self.lanes[i].moved_out.val();
            self.changed.next = self.lanes[i].changed_out.val();
            self.saturated.next = self.lanes[i].saturated_out.val();
        }
    }
}
