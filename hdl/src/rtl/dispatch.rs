//! What the port writes and emits, on its way to registers, memories and sequencer.
//!
//! ```text
//!  writes, token (port) ─►( )─► writes, token
//! ```
//! A deep pipeline has registers here: what the port decides is decided late in its cycle. Latency 0, deep 1.

use super::token::Op;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Dispatch {
    pub clock: Signal<In, Clock>,
    pub register_write: Signal<In, Bit>,
    pub register_write_out: Signal<Out, Bit>,
    pub program_write: Signal<In, Bit>,
    pub program_write_out: Signal<Out, Bit>,
    pub bias_write: Signal<In, Bit>,
    pub bias_write_out: Signal<Out, Bit>,
    pub target_write: Signal<In, Bit>,
    pub target_write_out: Signal<Out, Bit>,
    pub bias_select: Signal<In, Bit>,
    pub bias_select_out: Signal<Out, Bit>,
    pub write_address: Signal<In, Bits<16>>,
    pub write_address_out: Signal<Out, Bits<16>>,
    pub write_data: Signal<In, Bits<32>>,
    pub write_data_out: Signal<Out, Bits<32>>,
    pub op: Signal<In, Op>,
    pub op_out: Signal<Out, Op>,
    pub sub: Signal<In, Bits<6>>,
    pub sub_out: Signal<Out, Bits<6>>,
    pub addr: Signal<In, Bits<16>>,
    pub addr_out: Signal<Out, Bits<16>>,
    pub slot: Signal<In, Bits<12>>,
    pub slot_out: Signal<Out, Bits<12>>,
    pub value: Signal<In, Bits<16>>,
    pub value_out: Signal<Out, Bits<16>>,
    pub tag: Signal<In, Bits<16>>,
    pub tag_out: Signal<Out, Bits<16>>,
    deep: Constant<Bit>,
    register_write_1: DFF<Bit>,
    program_write_1: DFF<Bit>,
    bias_write_1: DFF<Bit>,
    target_write_1: DFF<Bit>,
    bias_select_1: DFF<Bit>,
    write_address_1: DFF<Bits<16>>,
    write_data_1: DFF<Bits<32>>,
    op_1: DFF<Op>,
    sub_1: DFF<Bits<6>>,
    addr_1: DFF<Bits<16>>,
    slot_1: DFF<Bits<12>>,
    value_1: DFF<Bits<16>>,
    tag_1: DFF<Bits<16>>,
}

impl Dispatch {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Dispatch {
            clock, register_write, register_write_out, register_write_1, program_write, program_write_out, program_write_1, bias_write, bias_write_out, bias_write_1, target_write, target_write_out, target_write_1, bias_select, bias_select_out, bias_select_1, write_address, write_address_out, write_address_1, write_data, write_data_out, write_data_1, op, op_out, op_1, sub, sub_out, sub_1, addr, addr_out, addr_1, slot, slot_out, slot_1, value, value_out, value_1, tag, tag_out, tag_1;
            deep: Constant::new(shape.is_deep())
        })
    }
}

impl Logic for Dispatch {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            register_write_1,
            program_write_1,
            bias_write_1,
            target_write_1,
            bias_select_1,
            write_address_1,
            write_data_1,
            op_1,
            sub_1,
            addr_1,
            slot_1,
            value_1,
            tag_1
        );
        self.register_write_1.d.next = self.register_write.val();
        self.program_write_1.d.next = self.program_write.val();
        self.bias_write_1.d.next = self.bias_write.val();
        self.target_write_1.d.next = self.target_write.val();
        self.bias_select_1.d.next = self.bias_select.val();
        self.write_address_1.d.next = self.write_address.val();
        self.write_data_1.d.next = self.write_data.val();
        self.op_1.d.next = self.op.val();
        self.sub_1.d.next = self.sub.val();
        self.addr_1.d.next = self.addr.val();
        self.slot_1.d.next = self.slot.val();
        self.value_1.d.next = self.value.val();
        self.tag_1.d.next = self.tag.val();
        self.register_write_out.next = self.register_write.val();
        self.program_write_out.next = self.program_write.val();
        self.bias_write_out.next = self.bias_write.val();
        self.target_write_out.next = self.target_write.val();
        self.bias_select_out.next = self.bias_select.val();
        self.write_address_out.next = self.write_address.val();
        self.write_data_out.next = self.write_data.val();
        self.op_out.next = self.op.val();
        self.sub_out.next = self.sub.val();
        self.addr_out.next = self.addr.val();
        self.slot_out.next = self.slot.val();
        self.value_out.next = self.value.val();
        self.tag_out.next = self.tag.val();
        if self.deep.val() {
            self.register_write_out.next = self.register_write_1.q.val();
            self.program_write_out.next = self.program_write_1.q.val();
            self.bias_write_out.next = self.bias_write_1.q.val();
            self.target_write_out.next = self.target_write_1.q.val();
            self.bias_select_out.next = self.bias_select_1.q.val();
            self.write_address_out.next = self.write_address_1.q.val();
            self.write_data_out.next = self.write_data_1.q.val();
            self.op_out.next = self.op_1.q.val();
            self.sub_out.next = self.sub_1.q.val();
            self.addr_out.next = self.addr_1.q.val();
            self.slot_out.next = self.slot_1.q.val();
            self.value_out.next = self.value_1.q.val();
            self.tag_out.next = self.tag_1.q.val();
        }
    }
}
