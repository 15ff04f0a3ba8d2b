//! The biases of units at the head: read unit by unit, written by the port, learned.
//!
//! ```text
//!  open, counts ─► address ─►[ bias memory ]─► current
//!  port ─► write                 ▲      └─► + learned change ─┐
//!                                └────────────────────────────┘
//! ```
//! A bias learns as a weight of a lane does, from a difference of states times the clamped ONE. Few biases
//! are in LUT RAM, which is slow behind a long way and fast behind a register: a deep pipeline has one before
//! a LUT RAM and one behind a block RAM. Latency 1, deep 2.

use crate::arch::Shape;
use crate::rtl::learn::Learn;
use crate::rtl::primitive::{Ram, RamShape};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Biases<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// The first unit of a layer is next, whose bias is at `base`; the next one is.
    pub open: Signal<In, Bit>,
    pub base: Signal<In, Bits<16>>,
    pub counts: Signal<In, Bit>,
    /// The current that the bias of the unit gives.
    pub current: Signal<Out, Bits<A>>,
    /// Written by the port, and read for it with `select`.
    pub write: Signal<In, Bit>,
    pub select: Signal<In, Bit>,
    pub address: Signal<In, Bits<16>>,
    pub data: Signal<In, Bits<16>>,
    pub word: Signal<Out, Bits<16>>,
    /// Learned, as the learner says.
    pub learning: Signal<In, Bit>,
    pub train_read: Signal<In, Bits<16>>,
    pub train_valid: Signal<In, Bit>,
    pub train_difference: Signal<In, Bits<22>>,
    pub train_far: Signal<In, Bits<4>>,
    pub train_random: Signal<In, Bits<16>>,
    pub train_write: Signal<In, Bit>,
    pub train_write_address: Signal<In, Bits<16>>,
    pub saturated: Signal<Out, Bit>,
    /// Observation: what is written.
    pub store: Signal<Out, Bit>,
    pub store_address: Signal<Out, Bits<16>>,
    pub store_data: Signal<Out, Bits<16>>,
    late: Constant<Bit>,
    current_shift: Constant<Bits<5>>,
    state_fraction: Constant<Bits<5>>,
    mask: Constant<Bits<16>>,
    memory: Ram<16>,
    learn: Learn<A>,
    at: DFF<Bits<16>>,
    next_at: Signal<Local, Bits<16>>,
    read_address: Signal<Local, Bits<16>>,
    read_address_1: DFF<Bits<16>>,
    wide: Signal<Local, Signed<A>>,
    bits: Signal<Local, Bits<A>>,
    difference: Signal<Local, Signed<22>>,
    difference_wide: Signal<Local, Signed<A>>,
    difference_bits: Signal<Local, Bits<A>>,
}

impl<const A: usize> Biases<A> {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        let formats = &shape.formats;
        block!(Biases {
            clock, open, base, counts, current, write, select, address, data, word, learning, train_read,
            train_valid, train_difference, train_far, train_random, train_write, train_write_address, saturated,
            store, store_address, store_data, at, next_at, read_address, read_address_1, wide, bits, difference,
            difference_wide, difference_bits;
            late: Constant::new(shape.is_deep() && !shape.biases_registered()),
            // The current that a clamped ONE gives through a bias is the bias.
            current_shift: Constant::new(match shape.spiking {
                None => u64::from(formats.state_fraction).into(),
                Some(_) => 0.into(),
            }),
            state_fraction: Constant::new(u64::from(formats.state_fraction).into()),
            mask: Constant::new(shape.bias_mask().into()),
            memory: Ram::new(
                RamShape::weights(shape.bias_words, formats.weight_bits).registered(shape.biases_registered()),
            ),
            learn: Learn::new(shape, false)
        })
    }
}

impl<const A: usize> Logic for Biases<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, at, read_address_1);
        clock!(self, clock, memory, learn);
        self.next_at.next = self.at.q.val();
        if self.counts.val() {
            self.next_at.next = self.at.q.val() + 1;
        }
        self.at.d.next = self.next_at.val() & self.mask.val();
        if self.open.val() {
            self.at.d.next = self.base.val();
        }
        // Read for the sum of the next cycle.
        self.read_address.next = self.next_at.val();
        if self.learning.val() {
            self.read_address.next = self.train_read.val();
        }
        if self.select.val() {
            self.read_address.next = self.address.val();
        }
        self.read_address_1.d.next = self.read_address.val();
        self.memory.read_address.next = self.read_address.val();
        if self.late.val() {
            self.memory.read_address.next = self.read_address_1.q.val();
        }
        self.word.next = self.memory.read_data.val();
        self.wide.next = signed_bit_cast(signed_cast(self.memory.read_data.val()));
        self.bits.next = unsigned_cast(self.wide.val());
        self.current.next = self.bits.val() << self.current_shift.val();

        self.difference.next = signed_cast(self.train_difference.val());
        self.difference_wide.next = signed_bit_cast(self.difference.val());
        self.difference_bits.next = unsigned_cast(self.difference_wide.val());
        self.learn.valid.next = self.train_valid.val();
        self.learn.g.next = self.difference_bits.val() << self.state_fraction.val();
        self.learn.far.next = self.train_far.val();
        self.learn.weight.next = self.memory.read_data.val();
        self.learn.random.next = self.train_random.val();
        self.saturated.next = self.learn.saturated.val();
        self.store.next = self.write.val() | self.train_write.val();
        self.store_address.next = self.address.val();
        self.store_data.next = self.data.val();
        if self.train_write.val() {
            self.store_address.next = self.train_write_address.val();
            self.store_data.next = self.learn.new_weight.val();
        }
        self.memory.write_enable.next = self.store.val();
        self.memory.write_address.next = self.store_address.val();
        self.memory.write_data.next = self.store_data.val();
    }
}
