//! A register in a stream, which parts the logic on its two sides.
//!
//! ```text
//!  in_valid, in_data, in_last ─► +-------+ ─► out_valid, out_data, out_last
//!  in_ready                   ◄─ | slice | ◄─ out_ready
//!                                +-------+
//! ```
//! Latency 1, a word every second cycle. Hardware with a short pipeline has a wire instead.

use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Slice {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub in_valid: Signal<In, Bit>,
    pub in_ready: Signal<Out, Bit>,
    pub in_data: Signal<In, Bits<32>>,
    pub in_last: Signal<In, Bit>,
    pub out_valid: Signal<Out, Bit>,
    pub out_ready: Signal<In, Bit>,
    pub out_data: Signal<Out, Bits<32>>,
    pub out_last: Signal<Out, Bit>,
    deep: Constant<Bit>,
    full: DFF<Bit>,
    data: DFF<Bits<32>>,
    last: DFF<Bit>,
}

impl Slice {
    pub fn new(shape: &Shape) -> Self {
        block!(Slice {
            clock, reset, in_valid, in_ready, in_data, in_last, out_valid, out_ready, out_data, out_last,
            full, data, last;
            deep: Constant::new(shape.is_deep())
        })
    }
}

impl Logic for Slice {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, full, data, last);
        self.in_ready.next = self.out_ready.val();
        self.out_valid.next = self.in_valid.val();
        self.out_data.next = self.in_data.val();
        self.out_last.next = self.in_last.val();
        if !self.full.q.val() {
            self.data.d.next = self.in_data.val();
            self.last.d.next = self.in_last.val();
            self.full.d.next = self.in_valid.val();
        } else if self.out_ready.val() {
            self.full.d.next = false;
        }
        if self.reset.val() {
            self.full.d.next = false;
        }
        if self.deep.val() {
            self.in_ready.next = !self.full.q.val();
            self.out_valid.next = self.full.q.val();
            self.out_data.next = self.data.q.val();
            self.out_last.next = self.last.q.val();
        }
    }
}
