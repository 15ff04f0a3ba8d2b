//! UART at the core's stream: four bytes, lowest first, are one word; 8 data bits, no parity, one stop bit.
//!
//! ```text
//!  rx ─► +----------+ ─► valid, data        ready, valid, data ─► +-------------+ ─► tx
//!        | Receiver | ◄─ ready                                    | Transmitter |
//!        +----------+ ─► overrun                                  +-------------+
//! ```
//! A bit lasts `divider` clock cycles. The receiver keeps one word; a second one that completes
//! before the first is taken is lost and raises `overrun` until reset.

use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Receiver {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub rx: Signal<In, Bit>,
    pub valid: Signal<Out, Bit>,
    pub ready: Signal<In, Bit>,
    pub data: Signal<Out, Bits<32>>,
    pub overrun: Signal<Out, Bit>,
    bit_time: Constant<Bits<16>>,
    half_time: Constant<Bits<16>>,
    // Inverted, so that they start as an idle line.
    low_0: DFF<Bit>,
    low_1: DFF<Bit>,
    busy: DFF<Bit>,
    timer: DFF<Bits<16>>,
    position: DFF<Bits<4>>,
    shift: DFF<Bits<8>>,
    bytes: DFF<Bits<2>>,
    word: DFF<Bits<32>>,
    full: DFF<Bit>,
    lost: DFF<Bit>,
}

impl Receiver {
    pub fn new(divider: u32) -> Self {
        block!(Receiver {
            clock, reset, rx, valid, ready, data, overrun, low_0, low_1, busy, timer, position,
            shift, bytes, word, full, lost;
            bit_time: Constant::new(u64::from(divider - 1).into()),
            half_time: Constant::new(u64::from(divider / 2).into())
        })
    }
}

impl Logic for Receiver {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, low_0, low_1, busy, timer, position, shift, bytes, word, full, lost
        );
        self.low_0.d.next = !self.rx.val();
        self.low_1.d.next = self.low_0.q.val();
        self.valid.next = self.full.q.val();
        self.data.next = self.word.q.val();
        self.overrun.next = self.lost.q.val();
        if self.full.q.val() & self.ready.val() {
            self.full.d.next = false;
        }
        if !self.busy.q.val() {
            // The first sample is taken in the middle of the start bit.
            self.timer.d.next = self.half_time.val();
            self.position.d.next = 0.into();
            self.busy.d.next = self.low_1.q.val();
        } else if self.timer.q.val().any() {
            self.timer.d.next = self.timer.q.val() - 1;
        } else {
            self.timer.d.next = self.bit_time.val();
            self.position.d.next = self.position.q.val() + 1;
            if self.position.q.val() == 0 {
                self.busy.d.next = self.low_1.q.val();
            } else if self.position.q.val() == 9 {
                self.busy.d.next = false;
                // A byte whose stop bit is missing is noise.
                if !self.low_1.q.val() {
                    self.bytes.d.next = self.bytes.q.val() + 1;
                    self.word.d.next =
                        (self.word.q.val() >> 8) | (bit_cast::<32, 8>(self.shift.q.val()) << 24);
                    if self.bytes.q.val() == 3 {
                        self.full.d.next = true;
                        self.lost.d.next = self.lost.q.val() | self.full.q.val();
                    }
                }
            } else {
                self.shift.d.next = (self.shift.q.val() >> 1)
                    | (bit_cast::<8, 1>((!self.low_1.q.val()).into()) << 7);
            }
        }
        if self.reset.val() {
            self.busy.d.next = false;
            self.bytes.d.next = 0.into();
            self.full.d.next = false;
            self.lost.d.next = false;
        }
    }
}

#[derive(LogicBlock)]
pub struct Transmitter {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub valid: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
    pub data: Signal<In, Bits<32>>,
    pub tx: Signal<Out, Bit>,
    bit_time: Constant<Bits<16>>,
    busy: DFF<Bit>,
    timer: DFF<Bits<16>>,
    position: DFF<Bits<4>>,
    bytes: DFF<Bits<2>>,
    word: DFF<Bits<32>>,
    low: DFF<Bit>,
}

impl Transmitter {
    pub fn new(divider: u32) -> Self {
        block!(Transmitter {
            clock, reset, valid, ready, data, tx, busy, timer, position, bytes, word, low;
            bit_time: Constant::new(u64::from(divider - 1).into())
        })
    }
}

impl Logic for Transmitter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, busy, timer, position, bytes, word, low);
        self.tx.next = !self.low.q.val();
        self.ready.next = !self.busy.q.val();
        if !self.busy.q.val() {
            self.word.d.next = self.data.val();
            self.timer.d.next = 0.into();
            self.position.d.next = 0.into();
            self.bytes.d.next = 0.into();
            self.busy.d.next = self.valid.val();
        } else if self.timer.q.val().any() {
            self.timer.d.next = self.timer.q.val() - 1;
        } else {
            self.timer.d.next = self.bit_time.val();
            self.position.d.next = self.position.q.val() + 1;
            if self.position.q.val() == 0 {
                self.low.d.next = true;
            } else if self.position.q.val() == 9 {
                self.low.d.next = false;
            } else if self.position.q.val() == 10 {
                // The stop bit has lasted its time: the next byte, or the end of the word.
                self.timer.d.next = 0.into();
                self.position.d.next = 0.into();
                self.bytes.d.next = self.bytes.q.val() + 1;
                self.busy.d.next = self.bytes.q.val() != 3;
            } else {
                self.low.d.next = !self.word.q.val().get_bit(0);
                self.word.d.next = self.word.q.val() >> 1;
            }
        }
        if self.reset.val() {
            self.busy.d.next = false;
            self.low.d.next = false;
        }
    }
}
