//! UART: 8 data bits, lowest first, no parity, one stop bit.
//!
//! ```text
//!  rx ─► +----------+ ─► valid, data        ready, valid, data ─► +-------------+ ─► tx
//!        | Receiver | ◄─ ready                                    | Transmitter |
//!        +----------+                                             +-------------+
//! ```
//! A bit lasts `divider` clock cycles. The receiver keeps one byte, for as long as the next one takes to
//! come; a byte without a stop bit is noise and vanishes.

use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// All ones up to the highest bit that counting down from `divider` needs.
fn timer_mask(divider: u32) -> u64 {
    u64::from(divider).next_power_of_two() - 1
}

#[derive(LogicBlock)]
pub struct Receiver {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub rx: Signal<In, Bit>,
    pub valid: Signal<Out, Bit>,
    pub ready: Signal<In, Bit>,
    pub data: Signal<Out, Bits<8>>,
    /// A byte is coming.
    pub active: Signal<Out, Bit>,
    bit_time: Constant<Bits<16>>,
    half_time: Constant<Bits<16>>,
    mask: Constant<Bits<16>>,
    // Inverted, so that they start as an idle line.
    low_0: DFF<Bit>,
    low_1: DFF<Bit>,
    busy: DFF<Bit>,
    timer: DFF<Bits<16>>,
    position: DFF<Bits<4>>,
    shift: DFF<Bits<8>>,
    full: DFF<Bit>,
}

impl Receiver {
    pub fn new(divider: u32) -> Self {
        block!(Receiver {
            clock, reset, rx, valid, ready, data, active, low_0, low_1, busy, timer, position, shift,
            full;
            bit_time: Constant::new(u64::from(divider - 1).into()),
            // The two registers before see the line two cycles late.
            half_time: Constant::new(u64::from(divider / 2 - 1).into()),
            mask: Constant::new(timer_mask(divider).into())
        })
    }
}

impl Logic for Receiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, low_0, low_1, busy, timer, position, shift, full);
        self.low_0.d.next = !self.rx.val();
        self.low_1.d.next = self.low_0.q.val();
        self.valid.next = self.full.q.val();
        self.data.next = self.shift.q.val();
        self.active.next = self.busy.q.val();
        if self.ready.val() {
            self.full.d.next = false;
        }
        if !self.busy.q.val() {
            // The first sample is taken in the middle of the start bit.
            self.timer.d.next = self.half_time.val();
            self.position.d.next = 0.into();
            self.busy.d.next = self.low_1.q.val();
        } else if self.timer.q.val().any() {
            self.timer.d.next = (self.timer.q.val() - 1) & self.mask.val();
        } else {
            self.timer.d.next = self.bit_time.val();
            self.position.d.next = self.position.q.val() + 1;
            if self.position.q.val() == 0 {
                self.busy.d.next = self.low_1.q.val();
            } else if self.position.q.val() == 9 {
                self.busy.d.next = false;
                self.full.d.next = !self.low_1.q.val();
            } else {
                self.shift.d.next = (self.shift.q.val() >> 1)
                    | (bit_cast::<8, 1>((!self.low_1.q.val()).into()) << 7);
            }
        }
        if self.reset.val() {
            self.busy.d.next = false;
            self.full.d.next = false;
        }
    }
}

#[derive(LogicBlock)]
pub struct Transmitter {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub valid: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<8>>,
    pub tx: Signal<Out, Bit>,
    bit_time: Constant<Bits<16>>,
    mask: Constant<Bits<16>>,
    busy: DFF<Bit>,
    timer: DFF<Bits<16>>,
    position: DFF<Bits<4>>,
    // The start bit and the data, inverted, so that an empty register is an idle line.
    low: DFF<Bits<9>>,
}

impl Transmitter {
    pub fn new(divider: u32) -> Self {
        block!(Transmitter {
            clock, reset, valid, ready, data, tx, busy, timer, position, low;
            bit_time: Constant::new(u64::from(divider - 1).into()),
            mask: Constant::new(timer_mask(divider).into())
        })
    }
}

impl Logic for Transmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, busy, timer, position, low);
        self.tx.next = !self.low.q.val().get_bit(0);
        self.ready.next = !self.busy.q.val();
        if !self.busy.q.val() {
            self.timer.d.next = self.bit_time.val();
            self.position.d.next = 0.into();
            self.busy.d.next = self.valid.val();
            if self.valid.val() {
                self.low.d.next = (bit_cast::<9, 8>(!self.data.val()) << 1) | 1;
            }
        } else if self.timer.q.val().any() {
            self.timer.d.next = (self.timer.q.val() - 1) & self.mask.val();
            // The stop bit lasts a cycle less: the next byte is taken in it.
            if (self.position.q.val() == 9) & (self.timer.q.val() == 1) {
                self.busy.d.next = false;
            }
        } else {
            self.timer.d.next = self.bit_time.val();
            self.position.d.next = self.position.q.val() + 1;
            self.low.d.next = self.low.q.val() >> 1;
        }
        if self.reset.val() {
            self.busy.d.next = false;
            self.low.d.next = 0.into();
        }
    }
}
