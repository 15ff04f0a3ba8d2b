//! What is left in the line of a sweep whose section has ended, where two samples run by turns.
//!
//! ```text
//!  ends, remaining ─►( timer )─► pending, far ─► drained, close
//!  closes ──────────►( open )───────────────────────────────┘
//! ```
//! The section of a sweep ends when its last token is emitted; its list is closed and its flags are counted when
//! the results have come, while another section runs. Latency as `remaining` says, but no less than 1.

use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Tail {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    /// The section ends; with it the open list, when the results have come, the last of them in so many cycles.
    pub closes: Signal<In, Bit>,
    pub ends: Signal<In, Bit>,
    pub remaining: Signal<In, Bits<8>>,
    /// Results are on their way; they come later than those of a list that is opened now.
    pub pending: Signal<Out, Bit>,
    pub far: Signal<Out, Bit>,
    pub drained: Signal<Out, Bit>,
    pub close: Signal<Out, Bit>,
    lead: Constant<Bits<8>>,
    open: DFF<Bit>,
    waits: DFF<Bit>,
    timer: DFF<Bits<8>>,
    over: Signal<Local, Bit>,
}

impl Tail {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Tail {
            clock, reset, closes, ends, remaining, pending, far, drained, close, open, waits, timer, over;
            lead: Constant::new(u64::from(shape.line_latency()).into())
        })
    }
}

impl Logic for Tail {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, open, waits, timer);
        self.over.next = self.waits.q.val() & !self.timer.q.val().any();
        if self.timer.q.val().any() {
            self.timer.d.next = self.timer.q.val() - 1;
        }
        if self.over.val() {
            self.waits.d.next = false;
        }
        if self.ends.val() {
            self.waits.d.next = true;
            self.open.d.next = self.closes.val();
            self.timer.d.next = 0.into();
            if self.remaining.val().any() {
                self.timer.d.next = self.remaining.val() - 1;
            }
        }
        if self.reset.val() {
            self.waits.d.next = false;
        }
        self.pending.next = self.waits.q.val();
        self.far.next = self.waits.q.val() & (self.timer.q.val() > self.lead.val());
        self.drained.next = self.over.val();
        self.close.next = self.over.val() & self.open.q.val();
    }
}
