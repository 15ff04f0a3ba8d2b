//! CRC-32 of the bytes of a frame, one bit a cycle, lowest bit first.
//!
//! ```text
//!  valid, data, drain ─► +-----+ ─► busy
//!               clear ─► | Crc | ─► octet (rotated once around after eight cycles), good
//!                        +-----+
//! ```
//! A byte takes eight cycles. With `drain` the CRC itself leaves instead: after eight cycles `octet` is its
//! next byte, lowest first, inverted as it is sent. `good`: the bytes since `clear` end in their CRC.

use crate::arch::protocol::{CRC_POLYNOMIAL, CRC_RESIDUE};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Crc {
    pub clock: Signal<In, Clock>,
    pub clear: Signal<In, Bit>,
    pub valid: Signal<In, Bit>,
    pub drain: Signal<In, Bit>,
    pub data: Signal<In, Bits<8>>,
    pub busy: Signal<Out, Bit>,
    pub octet: Signal<Out, Bits<8>>,
    pub good: Signal<Out, Bit>,
    polynomial: Constant<Bits<32>>,
    residue: Constant<Bits<32>>,
    start: Constant<Bits<32>>,
    crc: DFF<Bits<32>>,
    shift: DFF<Bits<8>>,
    left: DFF<Bits<4>>,
    draining: DFF<Bit>,
    low: Signal<Local, Bit>,
    feedback: Signal<Local, Bit>,
}

impl Default for Crc {
    fn default() -> Self {
        block!(Crc {
            clock, clear, valid, drain, data, busy, octet, good, crc, shift, left, draining, low,
            feedback;
            polynomial: Constant::new(u64::from(CRC_POLYNOMIAL).into()),
            residue: Constant::new(u64::from(CRC_RESIDUE).into()),
            start: Constant::new(u64::from(u32::MAX).into())
        })
    }
}

impl Logic for Crc {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, crc, shift, left, draining);
        self.busy.next = self.left.q.val().any();
        self.octet.next = self.shift.q.val();
        self.good.next = self.crc.q.val() == self.residue.val();
        self.low.next = self.shift.q.val().get_bit(0);
        self.feedback.next = self.crc.q.val().get_bit(0) ^ self.low.val();
        if self.draining.q.val() {
            self.low.next = !self.crc.q.val().get_bit(0);
            self.feedback.next = false;
        }
        if self.left.q.val().any() {
            self.left.d.next = self.left.q.val() - 1;
            self.shift.d.next =
                (self.shift.q.val() >> 1) | (bit_cast::<8, 1>(self.low.val().into()) << 7);
            self.crc.d.next = self.crc.q.val() >> 1;
            if self.feedback.val() {
                self.crc.d.next = (self.crc.q.val() >> 1) ^ self.polynomial.val();
            }
        } else if self.valid.val() {
            self.left.d.next = 8.into();
            self.shift.d.next = self.data.val();
            self.draining.d.next = self.drain.val();
        }
        if self.clear.val() {
            self.crc.d.next = self.start.val();
        }
    }
}
