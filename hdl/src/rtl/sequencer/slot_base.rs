//! Where the lists of a slot begin: slot · stride, for the slots that hold states (0 … 5).
//!
//! ```text
//!  slot, stride ─► select, add ─► base
//! ```
//! Combinational.

use rust_hdl_core::prelude::*;

#[derive(LogicBlock, Default)]
pub struct SlotBase {
    pub slot: Signal<In, Bits<3>>,
    pub stride: Signal<In, Bits<16>>,
    pub base: Signal<Out, Bits<16>>,
    pair: Signal<Local, Bits<16>>,
    twin: Signal<Local, Bits<16>>,
}

impl Logic for SlotBase {
    #[hdl_gen]
    fn update(&mut self) {
        self.pair.next = 0.into();
        if self.slot.val().get_bit(2) {
            self.pair.next = self.stride.val() << 2;
        } else if self.slot.val().get_bit(1) {
            self.pair.next = self.stride.val() << 1;
        }
        self.twin.next = 0.into();
        if self.slot.val().get_bit(0) {
            self.twin.next = self.stride.val();
        }
        self.base.next = self.pair.val() + self.twin.val();
    }
}
