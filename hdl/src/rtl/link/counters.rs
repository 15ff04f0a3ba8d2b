//! The device's counters, in the memory that also holds its identity.
//!
//! ```text
//!  add, address, value ─► +----------+ ─► busy
//!                  bad ─► | Counters | ─► hold_off: three bad frames are not counted yet
//!         read_address ─► +----------+ ─► read_data    one cycle later, while not busy
//! ```
//! Adds one byte to a counter at a byte of it, then the carry to its higher bytes: two cycles a byte.

use super::super::primitive::{Ram, RamShape};
use crate::arch::protocol::{counter, WORD_BYTES};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Counters {
    pub clock: Signal<In, Clock>,
    pub add: Signal<In, Bit>,
    /// Byte within the counters.
    pub address: Signal<In, Bits<5>>,
    pub value: Signal<In, Bits<8>>,
    pub busy: Signal<Out, Bit>,
    pub bad: Signal<In, Bit>,
    /// Bad frames wait to be counted until this is low.
    pub hold: Signal<In, Bit>,
    pub hold_off: Signal<Out, Bit>,
    pub read_address: Signal<In, Bits<16>>,
    pub read_data: Signal<Out, Bits<8>>,
    base: Constant<Bits<16>>,
    at_bad: Constant<Bits<5>>,
    memory: Ram<8>,
    /// What is to be added, taken.
    taken: DFF<Bit>,
    taken_address: DFF<Bits<5>>,
    taken_value: DFF<Bits<8>>,
    pending: DFF<Bits<2>>,
    counted: Signal<Local, Bits<2>>,
    working: DFF<Bit>,
    writing: DFF<Bit>,
    place: DFF<Bits<5>>,
    addend: DFF<Bits<9>>,
    sum: Signal<Local, Bits<9>>,
    here: Signal<Local, Bits<16>>,
}

impl Counters {
    /// Counters that are zero behind the words of `identity`.
    pub fn new(identity: &[u32]) -> Self {
        let bytes = identity.iter().flat_map(|word| word.to_le_bytes());
        let memory = RamShape {
            initial: bytes.map(u32::from).collect(),
            ..RamShape::new(WORD_BYTES * (identity.len() + counter::COUNT), 8)
        };
        block!(Counters {
            clock, add, address, value, busy, bad, hold, hold_off, read_address, read_data, taken, taken_address, taken_value, pending,
            counted, working, writing, place, addend, sum, here;
            base: Constant::new(((WORD_BYTES * identity.len()) as u64).into()),
            at_bad: Constant::new(((WORD_BYTES * counter::CRC_ERRORS) as u64).into()),
            memory: Ram::new(memory)
        })
    }
}

impl Logic for Counters {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            taken,
            taken_address,
            taken_value,
            pending,
            working,
            writing,
            place,
            addend
        );
        clock!(self, clock, memory);
        self.here.next = self.base.val() + bit_cast::<16, 5>(self.place.q.val());
        self.sum.next = bit_cast::<9, 8>(self.memory.read_data.val()) + self.addend.q.val();
        self.taken.d.next = self.add.val() | (self.taken.q.val() & self.working.q.val());
        if self.add.val() {
            self.taken_address.d.next = self.address.val();
            self.taken_value.d.next = self.value.val();
        }
        self.busy.next = self.working.q.val() | self.taken.q.val();
        self.hold_off.next = self.pending.q.val() == 3;
        self.read_data.next = self.memory.read_data.val();
        self.memory.read_address.next = self.read_address.val();
        self.memory.write_enable.next = false;
        self.memory.write_address.next = self.here.val();
        self.memory.write_data.next = self.sum.val().get_bits::<8>(0);
        self.counted.next = self.pending.q.val();
        if self.working.q.val() {
            self.memory.read_address.next = self.here.val();
            self.writing.d.next = !self.writing.q.val();
            if self.writing.q.val() {
                self.memory.write_enable.next = true;
                self.addend.d.next = bit_cast::<9, 1>(self.sum.val().get_bits::<1>(8));
                self.place.d.next = self.place.q.val() + 1;
                self.working.d.next = !self.place.q.val().get_bits::<2>(0).all();
            }
        } else {
            self.place.d.next = self.taken_address.q.val();
            self.addend.d.next = bit_cast::<9, 8>(self.taken_value.q.val());
            self.working.d.next = self.taken.q.val();
            if !self.taken.q.val() & !self.hold.val() & self.pending.q.val().any() {
                self.place.d.next = self.at_bad.val();
                self.addend.d.next = bit_cast::<9, 2>(self.pending.q.val());
                self.working.d.next = true;
                self.counted.next = 0.into();
            }
        }
        self.pending.d.next = self.counted.val();
        if self.bad.val() {
            self.pending.d.next = self.counted.val() + 1;
        }
    }
}
