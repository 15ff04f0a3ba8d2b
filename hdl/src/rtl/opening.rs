//! Holds back what the sequencer says of a list until the tokens before it have left the line, where two
//! samples run by turns.
//!
//! ```text
//!  open, bases ─►( held )─► a line's latency later ─► open, bases (column unit)
//! ```
//! The column unit takes a list as if it came down the line among the tokens: what is in the line belongs to
//! the list before. Latency as [`Shape::line_latency`]; another list waits while `busy`.

use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Opening {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub open: Signal<In, Bit>,
    pub write_base: Signal<In, Bits<16>>,
    pub walk_base: Signal<In, Bits<16>>,
    pub bias_base: Signal<In, Bits<16>>,
    pub from_zero: Signal<In, Bit>,
    pub nudged: Signal<In, Bit>,
    pub lift: Signal<In, Bit>,
    pub busy: Signal<Out, Bit>,
    pub open_out: Signal<Out, Bit>,
    pub write_base_out: Signal<Out, Bits<16>>,
    pub walk_base_out: Signal<Out, Bits<16>>,
    pub bias_base_out: Signal<Out, Bits<16>>,
    pub from_zero_out: Signal<Out, Bit>,
    pub nudged_out: Signal<Out, Bit>,
    pub lift_out: Signal<Out, Bit>,
    feedback: Constant<Bit>,
    last: Constant<Bits<8>>,
    held: DFF<Bit>,
    timer: DFF<Bits<8>>,
    write_at: DFF<Bits<16>>,
    walk_at: DFF<Bits<16>>,
    bias_at: DFF<Bits<16>>,
    zero: DFF<Bit>,
    nudge: DFF<Bit>,
    lifts: DFF<Bit>,
}

impl Opening {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Opening {
            clock, reset, open, write_base, walk_base, bias_base, from_zero, nudged, lift, busy, open_out, write_base_out,
            walk_base_out, bias_base_out, from_zero_out, nudged_out, lift_out, lifts, held, timer, write_at, walk_at, bias_at, zero,
            nudge;
            feedback: Constant::new(shape.scales_feedback()),
            // A timer set in the cycle of its cause reads zero this many cycles later.
            last: Constant::new(u64::from(shape.line_latency() - 1).into())
        })
    }
}

impl Logic for Opening {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, held, timer, write_at, walk_at, bias_at, zero, nudge);
        // It would feed itself: hardware that has no use for it does not get it.
        clock!(self, clock, lifts);
        self.lifts.d.next = false;
        if self.feedback.val() {
            self.lifts.d.next = self.lifts.q.val();
        }
        self.open_out.next = self.held.q.val() & !self.timer.q.val().any();
        if self.timer.q.val().any() {
            self.timer.d.next = self.timer.q.val() - 1;
        }
        if self.open_out.val() {
            self.held.d.next = false;
        }
        if self.open.val() {
            self.held.d.next = true;
            self.timer.d.next = self.last.val();
            self.write_at.d.next = self.write_base.val();
            self.walk_at.d.next = self.walk_base.val();
            self.bias_at.d.next = self.bias_base.val();
            self.zero.d.next = self.from_zero.val();
            self.nudge.d.next = self.nudged.val();
            if self.feedback.val() {
                self.lifts.d.next = self.lift.val();
            }
        }
        if self.reset.val() {
            self.held.d.next = false;
        }
        self.busy.next = self.held.q.val();
        self.write_base_out.next = self.write_at.q.val();
        self.walk_base_out.next = self.walk_at.q.val();
        self.bias_base_out.next = self.bias_at.q.val();
        self.from_zero_out.next = self.zero.q.val();
        self.nudged_out.next = self.nudge.q.val();
        self.lift_out.next = self.lifts.q.val();
    }
}
