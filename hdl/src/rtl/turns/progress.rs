//! How far one of two samples is: its slots, its sweeps, and whether it has settled.
//!
//! ```text
//!  enters, ended ─►( open )          sweep in the line, not judged
//!  judged, moved ─►( sweeps, slots )─► over: settled, or the last sweep
//! ```
//! Latency 1.

use crate::arch::program::slot;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Progress {
    pub clock: Signal<In, Clock>,
    pub enters: Signal<In, Bit>,
    /// The last token of its sweep is in the line.
    pub ended: Signal<In, Bit>,
    /// All flags of that sweep are there; `moved`: some state moved beyond the tolerance.
    pub judged: Signal<In, Bit>,
    pub moved: Signal<In, Bit>,
    pub max_free: Signal<In, Bits<8>>,
    pub open: Signal<Out, Bit>,
    pub over: Signal<Out, Bit>,
    pub base_slot: Signal<Out, Bits<3>>,
    pub work_slot: Signal<Out, Bits<3>>,
    pub sweeps: Signal<Out, Bits<8>>,
    pub settled: Signal<Out, Bit>,
    slot_zero: Constant<Bits<3>>,
    slot_first: Constant<Bits<3>>,
    open_1: DFF<Bit>,
    over_1: DFF<Bit>,
    base: DFF<Bits<3>>,
    work: DFF<Bits<3>>,
    ran: DFF<Bits<8>>,
    still: DFF<Bit>,
    last: DFF<Bit>,
    count: Signal<Local, Bits<8>>,
}

impl Progress {
    /// For a sample whose states are in a phase's slots.
    pub fn new(phase: usize) -> Self {
        block!(Progress {
            clock, enters, ended, judged, moved, max_free, open, over, base_slot, work_slot, sweeps, settled, open_1,
            over_1, base, work, ran, still, last, count;
            slot_zero: Constant::new(u64::from(slot::ZERO).into()),
            slot_first: Constant::new(u64::from(slot::PHASE[phase]).into())
        })
    }
}

impl Logic for Progress {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, open_1, over_1, base, work, ran, still, last);
        self.count.next = self.ran.q.val() + 1;
        // The count stands for long before it is judged.
        self.last.d.next = self.count.val() == self.max_free.val();
        if self.ended.val() {
            self.open_1.d.next = true;
        }
        if self.judged.val() {
            self.open_1.d.next = false;
            self.over_1.d.next = self.last.q.val() | !self.moved.val();
            self.still.d.next = !self.moved.val();
            self.ran.d.next = self.count.val();
            self.base.d.next = self.work.q.val();
            self.work.d.next = self.work.q.val() ^ 1;
        }
        if self.enters.val() {
            self.open_1.d.next = false;
            self.over_1.d.next = false;
            self.ran.d.next = 0.into();
            self.base.d.next = self.slot_zero.val();
            self.work.d.next = self.slot_first.val();
        }
        self.open.next = self.open_1.q.val();
        self.over.next = self.over_1.q.val();
        self.base_slot.next = self.base.q.val();
        self.work_slot.next = self.work.q.val();
        self.sweeps.next = self.ran.q.val();
        self.settled.next = self.still.q.val();
    }
}
