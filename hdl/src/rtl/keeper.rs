//! What is written into a lane's state memory: new states of its unit, and words of its accumulator.
//!
//! ```text
//!  step, spike ────────────► choose ─►(register)─► address, data, enable (of the memory)
//!  acc ─► word ─►(register)─►┘
//! ```
//! A spiking unit's {spike, state} is followed by its membrane, then the low bits of its trace; of these
//! two the free phase has one copy, the nudged ones another. Latency 0; deep 1, of a word 2.

use crate::arch::program::slot;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Keeper<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Word `word` of the accumulator goes to `slot`.
    pub save: Signal<In, Bit>,
    pub word: Signal<In, Bits<2>>,
    pub slot: Signal<In, Bits<12>>,
    pub acc: Signal<In, Bits<A>>,
    /// A new state goes to `target_slot`; of a spiking unit the membrane and the trace in the next two cycles.
    pub written: Signal<In, Bit>,
    pub membrane: Signal<In, Bit>,
    pub trace: Signal<In, Bit>,
    pub target_slot: Signal<In, Bits<12>>,
    pub x: Signal<In, Bits<16>>,
    pub spike: Signal<In, Bit>,
    pub v: Signal<In, Bits<16>>,
    pub z: Signal<In, Bits<18>>,
    pub address: Signal<Out, Bits<16>>,
    pub data: Signal<Out, Bits<16>>,
    pub enable: Signal<Out, Bit>,
    deep: Constant<Bit>,
    spiking: Constant<Bit>,
    current_shift: Constant<Bits<7>>,
    tile_bits: Constant<Bits<4>>,
    tile_mask: Constant<Bits<12>>,
    slot_membrane: Constant<Bits<12>>,
    slot_trace: Constant<Bits<12>>,
    address_1: DFF<Bits<16>>,
    data_1: DFF<Bits<16>>,
    enable_1: DFF<Bit>,
    phase_slot: Signal<Local, Bits<12>>,
    copy: Signal<Local, Bits<12>>,
    // The word of the accumulator; a deep pipeline keeps it in registers of its own first.
    save_0: DFF<Bit>,
    slot_0: DFF<Bits<12>>,
    word_0: DFF<Bits<16>>,
    kept_word: Signal<Local, Bits<16>>,
    save_now: Signal<Local, Bit>,
    slot_now: Signal<Local, Bits<12>>,
    word_now: Signal<Local, Bits<16>>,
    current_wide: Signal<Local, Signed<80>>,
    current_bits: Signal<Local, Bits<80>>,
    current: Signal<Local, Bits<48>>,
}

impl<const A: usize> Keeper<A> {
    pub fn new(shape: &Shape) -> Self {
        let at_slot = |slot: u32| Constant::new((u64::from(slot) << shape.tile_bits).into());
        block!(Keeper {
            clock, save, word, slot, acc, written, membrane, trace, target_slot, x, spike, v, z, address, data,
            enable, address_1, data_1, enable_1, phase_slot, copy, save_0, slot_0, word_0, kept_word, save_now, slot_now,
            word_now, current_wide, current_bits, current;
            deep: Constant::new(shape.is_deep()),
            spiking: Constant::new(shape.spiking.is_some()),
            current_shift: Constant::new(u64::from(shape.formats.state_fraction).into()),
            tile_bits: Constant::new(u64::from(shape.tile_bits).into()),
            tile_mask: Constant::new(((1u64 << shape.tile_bits) - 1).into()),
            slot_membrane: at_slot(slot::MEMBRANE),
            slot_trace: at_slot(slot::TRACE)
        })
    }
}

impl<const A: usize> Logic for Keeper<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, address_1, data_1, enable_1, save_0, slot_0, word_0);
        self.address_1.d.next = bit_cast::<16, 12>(self.target_slot.val());
        self.data_1.d.next = self.x.val();
        self.enable_1.d.next = self.written.val();
        self.copy.next = 0.into();
        self.phase_slot.next = self.target_slot.val() >> self.tile_bits.val();
        if self.phase_slot.val().get_bits::<2>(1).any() {
            self.copy.next = bits::<12>(1) << self.tile_bits.val();
        }
        if self.spiking.val() {
            self.data_1.d.next = bit_cast::<16, 14>(self.z.val().get_bits::<14>(4))
                | (bit_cast::<16, 1>(self.spike.val().into()) << 15);
            if self.membrane.val() {
                self.address_1.d.next = bit_cast::<16, 12>(
                    (self.target_slot.val() & self.tile_mask.val())
                        | self.copy.val()
                        | self.slot_membrane.val(),
                );
                self.data_1.d.next = self.v.val();
            } else if self.trace.val() {
                self.address_1.d.next = bit_cast::<16, 12>(
                    (self.target_slot.val() & self.tile_mask.val())
                        | self.copy.val()
                        | self.slot_trace.val(),
                );
                self.data_1.d.next = bit_cast::<16, 4>(self.z.val().get_bits::<4>(0));
            }
            self.enable_1.d.next = self.written.val() | self.membrane.val() | self.trace.val();
        }
        self.current_wide.next = signed_bit_cast(signed_cast(self.acc.val()));
        self.current_bits.next = unsigned_cast(self.current_wide.val());
        self.current.next = self
            .current_bits
            .val()
            .get_bits::<48>(self.current_shift.val().index());
        self.kept_word.next = self.acc.val().get_bits::<16>(0);
        if self.word.val() == 1 {
            self.kept_word.next = self.acc.val().get_bits::<16>(16);
        }
        if self.word.val() == 2 {
            self.kept_word.next = bit_cast::<16, A>(self.acc.val() >> 32);
        }
        if self.spiking.val() {
            // The input current is the drive in units of a weight; targets, word 3, are states.
            if self.word.val() == 0 {
                self.kept_word.next = self.current.val().get_bits::<16>(0);
            } else if self.word.val() == 1 {
                self.kept_word.next = self.current.val().get_bits::<16>(16);
            } else if self.word.val() == 2 {
                self.kept_word.next = self.current.val().get_bits::<16>(32);
            }
        }
        self.save_0.d.next = self.save.val();
        self.slot_0.d.next = self.slot.val();
        self.word_0.d.next = self.kept_word.val();
        self.save_now.next = self.save.val();
        self.slot_now.next = self.slot.val();
        self.word_now.next = self.kept_word.val();
        if self.deep.val() {
            self.save_now.next = self.save_0.q.val();
            self.slot_now.next = self.slot_0.q.val();
            self.word_now.next = self.word_0.q.val();
        }
        if self.save_now.val() {
            self.address_1.d.next = bit_cast::<16, 12>(self.slot_now.val());
            self.data_1.d.next = self.word_now.val();
            self.enable_1.d.next = true;
        }
        self.address.next = self.address_1.d.val();
        self.data.next = self.data_1.d.val();
        self.enable.next = self.enable_1.d.val();
        if self.deep.val() {
            self.address.next = self.address_1.q.val();
            self.data.next = self.data_1.q.val();
            self.enable.next = self.enable_1.q.val();
        }
    }
}
