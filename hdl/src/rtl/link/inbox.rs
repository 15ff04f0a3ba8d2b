//! Receives frames: finds their ends, undoes escapes, checks, keeps the good ones in a ring.
//!
//! ```text
//!  byte_valid, byte_data ─► +-------+ ─► write, write_address, write_data (ring memory)
//!             byte_ready ◄─ |       | ─► committed: where the good frames end
//!         limit (reader) ─► +-------+ ─► bad, restart
//! ```
//! Header and payload of a frame are written behind `committed` as they come and belong to the ring only when
//! the closing flag finds CRC and length right; otherwise the next frame overwrites them and `bad` is
//! high for a cycle. `restart` is high while a good reset frame is committed.
//! A byte takes eleven cycles, a flag two.

use super::crc::Crc;
use crate::arch::protocol::{Request, ESCAPE, ESCAPE_XOR, FLAG};
use crate::arch::Link;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Inbox {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub byte_valid: Signal<In, Bit>,
    pub byte_ready: Signal<Out, Bit>,
    pub byte_data: Signal<In, Bits<8>>,
    /// Bad frames are not counted fast enough: take no byte.
    pub hold_off: Signal<In, Bit>,
    pub write: Signal<Out, Bit>,
    pub write_address: Signal<Out, Bits<16>>,
    pub write_data: Signal<Out, Bits<8>>,
    pub limit: Signal<In, Bits<16>>,
    pub committed: Signal<Out, Bits<16>>,
    pub bad: Signal<Out, Bit>,
    pub restart: Signal<Out, Bit>,
    flag: Constant<Bits<8>>,
    escape: Constant<Bits<8>>,
    escape_xor: Constant<Bits<8>>,
    kind_reset: Constant<Bits<8>>,
    mask: Constant<Bits<16>>,
    length_mask: Constant<Bits<16>>,
    crc: Crc,
    /// End of the good frames, end of what is written.
    tail: DFF<Bits<16>>,
    place: DFF<Bits<16>>,
    /// Words that the payload still has; all ones after the CRC.
    left: DFF<Bits<16>>,
    /// Byte within the word.
    spot: DFF<Bits<2>>,
    header: DFF<Bit>,
    begun: DFF<Bit>,
    escaped: DFF<Bit>,
    full: DFF<Bit>,
    resets: DFF<Bit>,
    /// What goes out, from registers.
    writes: DFF<Bit>,
    written_address: DFF<Bits<16>>,
    written_data: DFF<Bits<8>>,
    found_bad: DFF<Bit>,
    restarts: DFF<Bit>,
    end: DFF<Bits<16>>,
    ready: DFF<Bit>,
    /// After the byte before: the frame is whole if it ends here, the ring full.
    good: DFF<Bit>,
    at_limit: DFF<Bit>,
    last_place: DFF<Bits<16>>,
    take: Signal<Local, Bit>,
    value: Signal<Local, Bits<8>>,
    next_place: Signal<Local, Bits<16>>,
    length: Signal<Local, Bits<16>>,
    content: Signal<Local, Bit>,
}

impl Inbox {
    pub fn new(link: &Link) -> Self {
        let byte = |value: u8| Constant::new(u64::from(value).into());
        let mask = link.receive_bytes as u64 - 1;
        block!(Inbox {
            clock, reset, byte_valid, byte_ready, byte_data, hold_off, write, write_address, write_data,
            limit, committed, bad, restart, crc, tail, place, left, spot, header, begun, escaped,
            full, resets, writes, written_address, written_data, found_bad, restarts, end, ready, good, at_limit, last_place, take, value, next_place, length, content;
            flag: byte(FLAG),
            escape: byte(ESCAPE),
            escape_xor: byte(ESCAPE_XOR),
            kind_reset: byte(Request::Reset as u8),
            mask: Constant::new(mask.into()),
            length_mask: Constant::new(link.length_mask().into())
        })
    }
}

impl Logic for Inbox {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            tail,
            place,
            left,
            spot,
            header,
            begun,
            escaped,
            full,
            resets,
            writes,
            written_address,
            written_data,
            found_bad,
            restarts,
            end,
            ready,
            good,
            at_limit,
            last_place
        );
        clock!(self, clock, crc);
        self.ready.d.next = !self.take.val() & !self.crc.busy.val() & !self.hold_off.val();
        self.byte_ready.next = self.ready.q.val();
        self.take.next = self.byte_valid.val() & self.ready.q.val();
        self.value.next = self.byte_data.val();
        if self.escaped.q.val() {
            self.value.next = self.byte_data.val() ^ self.escape_xor.val();
        }
        self.next_place.next = (self.place.q.val() + 1) & self.mask.val();
        self.length.next = bit_cast::<16, 8>(self.value.val());
        if self.spot.q.val() == 3 {
            self.length.next =
                (bit_cast::<16, 8>(self.value.val()) << 8) | (self.left.q.val() & 0xFF);
        }
        // The CRC's bytes are not kept.
        self.content.next = self.header.q.val() | self.left.q.val().any();
        self.last_place.d.next = (self.limit.val() - 1) & self.mask.val();
        self.at_limit.d.next = self.place.q.val() == self.last_place.q.val();
        self.good.d.next = self.crc.good.val()
            & !self.full.q.val()
            & !self.header.q.val()
            & !self.spot.q.val().any()
            & (self.left.q.val() == self.length_mask.val());
        self.write.next = self.writes.q.val();
        self.write_address.next = self.written_address.q.val();
        self.write_data.next = self.written_data.q.val();
        self.committed.next = self.end.q.val();
        self.bad.next = self.found_bad.q.val();
        self.restart.next = self.restarts.q.val();
        self.writes.d.next = false;
        self.written_address.d.next = self.place.q.val();
        self.written_data.d.next = self.value.val();
        self.end.d.next = self.tail.q.val();
        self.found_bad.d.next = false;
        self.restarts.d.next = false;
        self.crc.clear.next = self.reset.val();
        self.crc.valid.next = false;
        self.crc.drain.next = false;
        self.crc.data.next = self.value.val();
        if self.take.val() {
            if self.byte_data.val() == self.flag.val() {
                self.place.d.next = self.tail.q.val();
                if self.begun.q.val() & self.good.q.val() {
                    self.tail.d.next = self.place.q.val();
                    self.place.d.next = self.place.q.val();
                    self.restarts.d.next = self.resets.q.val();
                }
                self.found_bad.d.next = self.begun.q.val() & !self.good.q.val();
                self.crc.clear.next = true;
                self.spot.d.next = 0.into();
                self.header.d.next = true;
                self.begun.d.next = false;
                self.escaped.d.next = false;
                self.full.d.next = false;
            } else if self.byte_data.val() == self.escape.val() {
                self.begun.d.next = true;
                self.escaped.d.next = true;
            } else {
                self.begun.d.next = true;
                self.escaped.d.next = false;
                self.crc.valid.next = true;
                self.spot.d.next = self.spot.q.val() + 1;
                if self.content.val() {
                    if self.at_limit.q.val() {
                        self.full.d.next = true;
                    } else {
                        self.writes.d.next = true;
                        self.place.d.next = self.next_place.val();
                    }
                }
                if self.header.q.val() {
                    if self.spot.q.val() == 1 {
                        self.resets.d.next = self.value.val() == self.kind_reset.val();
                    } else if self.spot.q.val() == 2 {
                        self.left.d.next = self.length.val() & self.length_mask.val();
                    } else if self.spot.q.val() == 3 {
                        self.left.d.next = self.length.val() & self.length_mask.val();
                        self.header.d.next = false;
                        if self.length.val() > self.length_mask.val() {
                            self.full.d.next = true;
                        }
                    }
                } else if self.spot.q.val() == 3 {
                    self.left.d.next = (self.left.q.val() - 1) & self.length_mask.val();
                }
            }
        }
        if self.reset.val() {
            self.tail.d.next = self.limit.val();
            self.end.d.next = self.limit.val();
            self.place.d.next = self.limit.val();
            self.spot.d.next = 0.into();
            self.header.d.next = true;
            self.begun.d.next = false;
            self.escaped.d.next = false;
            self.full.d.next = false;
        }
    }
}
