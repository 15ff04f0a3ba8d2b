//! Spiking units at the head: membranes and traces, and the time step.
//!
//! ```text
//!  unit ─►[ membrane memory ]─► v, z ─► spike ─► v, z ─► back
//!                                 └─► state (from the trace)
//! ```
//! Each has a copy for the free phase and one for the nudged ones. Latency as in `spike`; hardware of rate
//! units has none of it.

use crate::arch::Shape;
use crate::rtl::primitive::{Ram, RamShape};
use crate::rtl::spike::{Place, Spike};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Membranes<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// A list is opened: which copies are read and written until the next one.
    pub open: Signal<In, Bit>,
    pub read_copy: Signal<In, Bit>,
    pub write_copy: Signal<In, Bit>,
    /// Stage z+1: where the unit's words are.
    pub address: Signal<In, Bits<16>>,
    /// Stage z+2: the unit is at rest, and has not begun; its target, and the nudge.
    pub at_rest: Signal<In, Bit>,
    pub target: Signal<In, Bits<16>>,
    pub nudged: Signal<In, Bit>,
    pub negative: Signal<In, Bit>,
    /// Its state: the trace without its lower bits.
    pub state: Signal<Out, Bits<16>>,
    /// Stage z+4: the current; stage z+5: it counts.
    pub current: Signal<In, Bits<A>>,
    pub valid: Signal<In, Bit>,
    /// Stage z+6: the unit spikes; stage z+7: membrane and trace, written back to `write_address`.
    pub spike: Signal<Out, Bit>,
    pub result: Signal<Out, Bits<34>>,
    pub write: Signal<In, Bit>,
    pub write_address: Signal<In, Bits<16>>,
    half: Constant<Bits<16>>,
    copy_base: Constant<Bits<16>>,
    memory: Ram<34>,
    step: Spike<A>,
    read_from: DFF<Bit>,
    write_to: DFF<Bit>,
    membrane_2: Signal<Local, Bits<16>>,
    membrane_3: DFF<Bits<16>>,
    membrane_4: DFF<Bits<16>>,
    trace_2: Signal<Local, Bits<18>>,
    trace_3: DFF<Bits<18>>,
    trace_4: DFF<Bits<18>>,
    result_7: DFF<Bits<34>>,
}

impl<const A: usize> Membranes<A> {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Membranes {
            clock, open, read_copy, write_copy, address, at_rest, target, nudged, negative, state, current, valid,
            spike, result, write, write_address, read_from, write_to, membrane_2, membrane_3, membrane_4, trace_2,
            trace_3, trace_4, result_7;
            half: Constant::new(((1u64 << shape.formats.weight_fraction) >> 1).into()),
            copy_base: Constant::new((shape.membrane_stride() as u64).into()),
            memory: Ram::new(RamShape::new(shape.membrane_words(), shape.membrane_bits())),
            step: Spike::new(shape, Place::Head)
        })
    }
}

impl<const A: usize> Logic for Membranes<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, read_from, write_to, membrane_3, membrane_4, trace_3, trace_4, result_7
        );
        clock!(self, clock, memory, step);
        if self.open.val() {
            self.read_from.d.next = self.read_copy.val();
            self.write_to.d.next = self.write_copy.val();
        }
        self.memory.read_address.next = self.address.val();
        if self.read_from.q.val() {
            self.memory.read_address.next = self.address.val() | self.copy_base.val();
        }
        self.membrane_2.next = self.memory.read_data.val().get_bits::<16>(0);
        self.trace_2.next = self.memory.read_data.val().get_bits::<18>(16);
        if self.at_rest.val() {
            self.membrane_2.next = self.half.val();
            self.trace_2.next = 0.into();
        }
        self.state.next = bit_cast::<16, 14>(self.trace_2.val().get_bits::<14>(4));
        self.membrane_3.d.next = self.membrane_2.val();
        self.membrane_4.d.next = self.membrane_3.q.val();
        self.trace_3.d.next = self.trace_2.val();
        self.trace_4.d.next = self.trace_3.q.val();
        self.step.v.next = self.membrane_2.val();
        self.step.z.next = self.trace_2.val();
        self.step.target.next = self.target.val();
        self.step.nudged.next = self.nudged.val();
        self.step.negative.next = self.negative.val();
        self.step.v_late.next = self.membrane_4.q.val();
        self.step.z_late.next = self.trace_4.q.val();
        self.step.current.next = self.current.val();
        self.step.valid.next = self.valid.val();
        self.spike.next = self.step.spike.val();
        self.result_7.d.next = bit_cast::<34, 16>(self.step.v_new.val())
            | (bit_cast::<34, 18>(self.step.z_new.val()) << 16);
        self.result.next = self.result_7.q.val();
        self.memory.write_address.next = self.write_address.val();
        if self.write_to.q.val() {
            self.memory.write_address.next = self.write_address.val() | self.copy_base.val();
        }
        self.memory.write_data.next = self.result_7.q.val();
        self.memory.write_enable.next = self.write.val();
    }
}
