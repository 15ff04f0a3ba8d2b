//! Sends frames: flag, header and payload from a slot, CRC, flag.
//!
//! ```text
//!    send, base ─► +--------+ ─► byte_valid, byte_data
//!          busy ◄─ | Outbox | ◄─ byte_ready
//!  read_address ◄─ |        | ◄─ read_data, one cycle later unless `blocked`
//!                  +--------+
//! ```
//! The header in the slot says how many words follow. A byte takes eleven cycles, or what the line takes.

use super::crc::Crc;
use crate::arch::protocol::{ESCAPE, ESCAPE_XOR, FLAG};
use crate::arch::Link;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Sending {
    Idle,
    Open,
    /// A byte is read, is on its way from a memory with registers, is there.
    Read,
    Wait,
    Load,
    Check,
    Drain,
    Offer,
    Escaped,
    /// A byte is gone.
    Next,
    Close,
}

#[derive(LogicBlock)]
pub struct Outbox {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub send: Signal<In, Bit>,
    pub base: Signal<In, Bits<16>>,
    pub busy: Signal<Out, Bit>,
    pub read_address: Signal<Out, Bits<16>>,
    pub read_data: Signal<In, Bits<8>>,
    /// The slots are being written: nothing is read.
    pub blocked: Signal<In, Bit>,
    pub byte_valid: Signal<Out, Bit>,
    pub byte_ready: Signal<In, Bit>,
    pub byte_data: Signal<Out, Bits<8>>,
    registered: Constant<Bit>,
    flag: Constant<Bits<8>>,
    escape: Constant<Bits<8>>,
    escape_xor: Constant<Bits<8>>,
    offset_mask: Constant<Bits<16>>,
    word_mask: Constant<Bits<16>>,
    crc: Crc,
    state: DFF<Sending>,
    base_now: DFF<Bits<16>>,
    offset: DFF<Bits<16>>,
    /// Words of the payload after this one.
    left: DFF<Bits<16>>,
    header: DFF<Bit>,
    /// The CRC is sent.
    closing: DFF<Bit>,
    spot: Signal<Local, Bits<2>>,
    /// The byte must be escaped: it stands for long before it is offered.
    special: DFF<Bit>,
}

impl Outbox {
    pub fn new(link: &Link, registered: bool) -> Self {
        let byte = |value: u8| Constant::new(u64::from(value).into());
        block!(Outbox {
            clock, reset, send, base, busy, read_address, read_data, blocked, byte_valid, byte_ready,
            byte_data, crc, state, base_now, offset, left, header, closing, spot, special;
            registered: Constant::new(registered),
            flag: byte(FLAG),
            escape: byte(ESCAPE),
            escape_xor: byte(ESCAPE_XOR),
            offset_mask: Constant::new((link.slot_bytes as u64 - 1).into()),
            word_mask: Constant::new((link.answer_words() as u64).into())
        })
    }
}

impl Logic for Outbox {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, base_now, offset, left, header, closing, special);
        clock!(self, clock, crc);
        self.busy.next = self.state.q.val() != Sending::Idle;
        self.read_address.next = self.base_now.q.val() | self.offset.q.val();
        self.spot.next = self.offset.q.val().get_bits::<2>(0);
        self.special.d.next =
            (self.crc.octet.val() == self.flag.val()) | (self.crc.octet.val() == self.escape.val());
        self.byte_valid.next = false;
        self.byte_data.next = self.flag.val();
        self.crc.clear.next = false;
        self.crc.valid.next = false;
        self.crc.drain.next = false;
        self.crc.data.next = self.read_data.val();
        match self.state.q.val() {
            Sending::Idle => {
                self.base_now.d.next = self.base.val();
                self.offset.d.next = 0.into();
                self.header.d.next = true;
                self.closing.d.next = false;
                self.crc.clear.next = true;
                if self.send.val() {
                    self.state.d.next = Sending::Open;
                }
            }
            Sending::Open => {
                self.byte_valid.next = true;
                if self.byte_ready.val() {
                    self.state.d.next = Sending::Read;
                }
            }
            Sending::Read => {
                if !self.blocked.val() {
                    self.state.d.next = Sending::Load;
                    if self.registered.val() {
                        self.state.d.next = Sending::Wait;
                    }
                }
            }
            Sending::Wait => {
                self.state.d.next = Sending::Load;
            }
            Sending::Load => {
                self.crc.valid.next = true;
                self.state.d.next = Sending::Check;
                if self.header.q.val() {
                    if self.spot.val() == 2 {
                        self.left.d.next =
                            bit_cast::<16, 8>(self.read_data.val()) & self.word_mask.val();
                    } else if self.spot.val() == 3 {
                        // A slot that was never written may say anything.
                        self.left.d.next = ((bit_cast::<16, 8>(self.read_data.val()) << 8)
                            | (self.left.q.val() & 0xFF))
                            & self.word_mask.val();
                    }
                }
            }
            Sending::Drain => {
                self.crc.valid.next = true;
                self.crc.drain.next = true;
                self.state.d.next = Sending::Check;
            }
            Sending::Check => {
                if !self.crc.busy.val() {
                    self.state.d.next = Sending::Offer;
                }
            }
            Sending::Offer => {
                self.byte_valid.next = true;
                self.byte_data.next = self.crc.octet.val();
                if self.special.q.val() {
                    self.byte_data.next = self.escape.val();
                }
                if self.byte_ready.val() {
                    self.state.d.next = Sending::Next;
                    if self.special.q.val() {
                        self.state.d.next = Sending::Escaped;
                    }
                }
            }
            Sending::Escaped => {
                self.byte_valid.next = true;
                self.byte_data.next = self.crc.octet.val() ^ self.escape_xor.val();
                if self.byte_ready.val() {
                    self.state.d.next = Sending::Next;
                }
            }
            Sending::Next => {
                self.offset.d.next = (self.offset.q.val() + 1) & self.offset_mask.val();
                self.state.d.next = Sending::Read;
                if self.closing.q.val() {
                    self.state.d.next = Sending::Drain;
                }
                if self.spot.val() == 3 {
                    self.header.d.next = false;
                    self.left.d.next = (self.left.q.val() - 1) & self.word_mask.val();
                    if self.closing.q.val() {
                        self.state.d.next = Sending::Close;
                    } else if !self.left.q.val().any() {
                        self.closing.d.next = true;
                        self.state.d.next = Sending::Drain;
                    }
                }
            }
            Sending::Close => {
                self.byte_valid.next = true;
                if self.byte_ready.val() {
                    self.state.d.next = Sending::Idle;
                }
            }
        }
        if self.reset.val() {
            self.state.d.next = Sending::Idle;
        }
    }
}
