//! Two samples by turns: runs their free phases, a sweep of the one while the other's results come in.
//!
//! ```text
//!  go ─► drive 0 ─► drive 1 ─► sweep 0 ─► sweep 1 ─► sweep 0 ─► … ─► outputs ─► over
//!                               judged ◄── 0 ──────── 1 ──────── 0
//! ```
//! The states of the second sample are in the slots of the nudged phase. A sample's next sweep waits for the verdict
//! on its last one; a sample that has settled, or run its largest number of sweeps, leaves its turns to the other.
//! Flags come in the order of the sweeps, so one register gathers them for both.

mod progress;

use progress::Progress;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Act {
    Rest,
    Drive,
    Turn,
    Sweep,
    Output,
    Over,
}

#[derive(LogicBlock)]
pub struct Turns {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub go: Signal<In, Bit>,
    /// The outputs have to be read from the lanes.
    pub reads: Signal<In, Bit>,
    /// Sequencer: a section has ended; the results of the sweep before have come; flags of states.
    pub done: Signal<In, Bit>,
    pub drained: Signal<In, Bit>,
    pub moved: Signal<In, Bit>,
    pub max_free: Signal<In, Bits<8>>,
    pub drive_pc: Signal<In, Bits<16>>,
    pub sweep_pc: Signal<In, Bits<16>>,
    pub output_pc: Signal<In, Bits<16>>,
    /// Whose answer is read while nothing runs.
    pub answers: Signal<In, Bit>,
    pub start: Signal<Out, Bit>,
    pub start_pc: Signal<Out, Bits<16>>,
    pub fetches: Signal<Out, Bit>,
    /// A sweep runs: its end waits for no result.
    pub sweeping: Signal<Out, Bit>,
    /// The second sample's section runs.
    pub second: Signal<Out, Bit>,
    pub base_slot: Signal<Out, Bits<3>>,
    pub work_slot: Signal<Out, Bits<3>>,
    pub over: Signal<Out, Bit>,
    pub sweeps_0: Signal<Out, Bits<8>>,
    pub sweeps_1: Signal<Out, Bits<8>>,
    pub settled_0: Signal<Out, Bit>,
    pub settled_1: Signal<Out, Bit>,
    act: DFF<Act>,
    current: DFF<Bit>,
    driven: DFF<Bit>,
    /// Outputs that were read.
    read_0: DFF<Bit>,
    read_1: DFF<Bit>,
    moved_any: DFF<Bit>,
    sample_0: Progress,
    sample_1: Progress,
    /// Of the other sample, and of the current one: a sweep is not judged yet, there is no further one.
    other_open: Signal<Local, Bit>,
    other_over: Signal<Local, Bit>,
    open: Signal<Local, Bit>,
    current_over: Signal<Local, Bit>,
    /// The verdict is on the second sample.
    verdict: Signal<Local, Bit>,
    shown: Signal<Local, Bit>,
    begins: Signal<Local, Bit>,
    sweeps_next: Signal<Local, Bit>,
    both_over: Signal<Local, Bit>,
}

impl Turns {
    pub fn new() -> Self {
        block!(Turns {
            clock, reset, go, reads, done, drained, moved, max_free, drive_pc, sweep_pc, output_pc, answers, start,
            start_pc, fetches, sweeping, second, base_slot, work_slot, over, sweeps_0, sweeps_1, settled_0, settled_1,
            act, current, driven, read_0, read_1, moved_any, other_open, other_over, open, current_over, verdict,
            shown, begins, sweeps_next, both_over;
            sample_0: Progress::new(0),
            sample_1: Progress::new(1)
        })
    }
}

impl Logic for Turns {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, act, current, driven, read_0, read_1, moved_any);
        clock!(self, clock, sample_0, sample_1);
        self.begins.next = self.go.val() & (self.act.q.val() == Act::Rest);
        self.open.next = self.sample_0.open.val();
        self.current_over.next = self.sample_0.over.val();
        self.other_open.next = self.sample_1.open.val();
        self.other_over.next = self.sample_1.over.val();
        if self.current.q.val() {
            self.open.next = self.sample_1.open.val();
            self.current_over.next = self.sample_1.over.val();
            self.other_open.next = self.sample_0.open.val();
            self.other_over.next = self.sample_0.over.val();
        }
        // The other sample's sweep went before the current one's.
        self.verdict.next = self.current.q.val() ^ self.other_open.val();
        self.sample_0.enters.next = self.begins.val();
        self.sample_1.enters.next = self.begins.val();
        self.sample_0.judged.next = self.drained.val() & !self.verdict.val();
        self.sample_1.judged.next = self.drained.val() & self.verdict.val();
        self.sample_0.moved.next = self.moved_any.q.val();
        self.sample_1.moved.next = self.moved_any.q.val();
        self.sample_0.max_free.next = self.max_free.val();
        self.sample_1.max_free.next = self.max_free.val();
        self.sweeping.next = self.act.q.val() == Act::Sweep;
        self.sample_0.ended.next = self.sweeping.val() & self.done.val() & !self.current.q.val();
        self.sample_1.ended.next = self.sweeping.val() & self.done.val() & self.current.q.val();
        self.moved_any.d.next = self.moved_any.q.val() | self.moved.val();
        if self.drained.val() {
            self.moved_any.d.next = self.moved.val();
        }

        // A sweep of the other sample, or of this one if the other has none left.
        self.both_over.next = self.sample_0.over.val() & self.sample_1.over.val();
        self.sweeps_next.next = !self.other_open.val()
            & (!self.other_over.val() | (!self.open.val() & !self.current_over.val()));
        self.start.next = self.begins.val();
        self.fetches.next = self.begins.val();
        self.start_pc.next = self.sweep_pc.val();
        if self.begins.val() | !self.driven.q.val() {
            self.start_pc.next = self.drive_pc.val();
        } else if self.both_over.val() {
            self.start_pc.next = self.output_pc.val();
        }
        if self.begins.val() {
            self.act.d.next = Act::Drive;
            self.current.d.next = false;
            self.driven.d.next = false;
            self.read_0.d.next = !self.reads.val();
            self.read_1.d.next = !self.reads.val();
            self.moved_any.d.next = false;
        }
        if (self.act.q.val() == Act::Drive)
            | (self.act.q.val() == Act::Sweep)
            | (self.act.q.val() == Act::Output)
        {
            if self.done.val() {
                self.act.d.next = Act::Turn;
            }
        } else if self.act.q.val() == Act::Turn {
            if !self.driven.q.val() {
                self.start.next = true;
                self.driven.d.next = true;
                self.current.d.next = true;
                self.act.d.next = Act::Drive;
            } else if self.both_over.val() {
                self.act.d.next = Act::Over;
                if !self.read_1.q.val() {
                    self.start.next = true;
                    self.fetches.next = true;
                    self.read_0.d.next = true;
                    self.read_1.d.next = self.read_0.q.val();
                    self.current.d.next = self.read_0.q.val();
                    self.act.d.next = Act::Output;
                }
            } else if self.sweeps_next.val() {
                self.start.next = true;
                self.current.d.next = self.current.q.val() ^ !self.other_over.val();
                self.act.d.next = Act::Sweep;
            }
        } else if self.act.q.val() == Act::Over {
            self.act.d.next = Act::Rest;
        }
        if self.reset.val() {
            self.act.d.next = Act::Rest;
        }
        self.over.next = self.act.q.val() == Act::Over;
        self.second.next = self.current.q.val();

        // Between runs of sweeps the slot that holds the result is both.
        self.shown.next = self.current.q.val();
        if self.act.q.val() == Act::Rest {
            self.shown.next = self.answers.val();
        }
        self.base_slot.next = self.sample_0.base_slot.val();
        self.work_slot.next = self.sample_0.work_slot.val();
        if self.shown.val() {
            self.base_slot.next = self.sample_1.base_slot.val();
            self.work_slot.next = self.sample_1.work_slot.val();
        }
        if (self.act.q.val() == Act::Rest) | (self.act.q.val() == Act::Output) {
            self.work_slot.next = self.base_slot.val();
        }
        self.sweeps_0.next = self.sample_0.sweeps.val();
        self.sweeps_1.next = self.sample_1.sweeps.val();
        self.settled_0.next = self.sample_0.settled.val();
        self.settled_1.next = self.sample_1.settled.val();
    }
}
