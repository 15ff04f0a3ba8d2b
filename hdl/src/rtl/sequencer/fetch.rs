//! The fetch unit: the schedule memory, read in the order in which the sequencer takes its words.
//!
//! ```text
//!  start, start_pc ─► +-------+ ─► word, valid
//!  take, walk, again ─►| fetch |
//!      program write ─► +-------+
//! ```
//! Words follow one another, but for the segments of a column pass: `walk` returns to the word
//! after that of the pass, and the words from there are read again for every column.
//!
//! With a short pipeline the word is that of the cycle before; `again` goes back to the first segment.
//! A deep one reads ahead into a queue of four words, counts the segments itself, and has the first word
//! 4 cycles after `start` or `walk` and then one a cycle.

use crate::arch::Shape;
use crate::rtl::primitive::{Ram, RamShape};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Fetch {
    pub clock: Signal<In, Clock>,
    pub start: Signal<In, Bit>,
    pub start_pc: Signal<In, Bits<16>>,
    /// The word is used: the next one follows.
    pub take: Signal<In, Bit>,
    /// The word is the first segment of a pass over `segments` words for each of `columns` columns.
    pub walk: Signal<In, Bit>,
    pub segments: Signal<In, Bits<8>>,
    pub columns: Signal<In, Bits<16>>,
    /// With `take`: the first segment follows.
    pub again: Signal<In, Bit>,
    pub word: Signal<Out, Bits<32>>,
    pub valid: Signal<Out, Bit>,
    pub program_write: Signal<In, Bit>,
    pub program_address: Signal<In, Bits<16>>,
    pub program_data: Signal<In, Bits<32>>,
    deep: Constant<Bit>,
    program_mask: Constant<Bits<16>>,
    field_mask: Constant<Bits<8>>,
    step_mask: Constant<Bits<16>>,
    schedule: Ram<32>,
    pc: DFF<Bits<16>>,
    first: DFF<Bits<16>>,
    /// Segments and columns after this one; `last_segment` and `last_column` say that there are none.
    segments_left: DFF<Bits<8>>,
    last_segment: DFF<Bit>,
    last_column: DFF<Bit>,
    columns_left: DFF<Bits<16>>,
    pass: DFF<Bits<8>>,
    looping: DFF<Bit>,
    issued_1: DFF<Bit>,
    issued_2: DFF<Bit>,
    /// Words read or on their way that are not taken yet.
    open: DFF<Bits<3>>,
    write_at: DFF<Bits<2>>,
    read_at: DFF<Bits<2>>,
    filled: DFF<Bits<3>>,
    queue_0: DFF<Bits<32>>,
    queue_1: DFF<Bits<32>>,
    queue_2: DFF<Bits<32>>,
    queue_3: DFF<Bits<32>>,
    next_pc: Signal<Local, Bits<16>>,
    back: Signal<Local, Bits<16>>,
    issue: Signal<Local, Bit>,
    drop: Signal<Local, Bit>,
}

impl Fetch {
    /// A fetch unit for hardware of a shape; `schedule` holds its first program.
    pub fn new(shape: &Shape, schedule: RamShape) -> Self {
        block!(Fetch {
            clock, start, start_pc, take, walk, segments, columns, again, word, valid, program_write,
            program_address, program_data, pc, first, segments_left, last_segment, last_column, columns_left, pass, looping, issued_1,
            issued_2, open, write_at, read_at, filled, queue_0, queue_1, queue_2, queue_3, next_pc, back,
            issue, drop;
            deep: Constant::new(shape.is_deep()),
            program_mask: Constant::new(shape.program_mask().into()),
            field_mask: Constant::new(shape.field_mask().into()),
            step_mask: Constant::new(shape.step_mask().into()),
            schedule: Ram::new(schedule.registered(shape.is_deep()))
        })
    }
}

impl Logic for Fetch {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            pc,
            first,
            segments_left,
            last_segment,
            last_column,
            columns_left,
            pass,
            looping,
            issued_1,
            issued_2,
            open,
            write_at,
            read_at,
            filled,
            queue_0,
            queue_1,
            queue_2,
            queue_3
        );
        clock!(self, clock, schedule);
        self.schedule.write_enable.next = self.program_write.val();
        self.schedule.write_address.next = self.program_address.val();
        self.schedule.write_data.next = self.program_data.val();
        self.word.next = self.schedule.read_data.val();
        self.valid.next = true;
        self.next_pc.next = self.pc.q.val();
        if self.take.val() {
            self.next_pc.next = self.pc.q.val() + 1;
            if self.again.val() {
                self.next_pc.next = self.first.q.val();
            }
        }
        if self.walk.val() {
            self.first.d.next = self.pc.q.val();
        }
        if self.start.val() {
            self.next_pc.next = self.start_pc.val();
        }
        self.schedule.read_address.next = self.next_pc.val();
        self.pc.d.next = self.next_pc.val() & self.program_mask.val();

        self.issue.next = !self.open.q.val().get_bit(2);
        self.drop.next = self.start.val() | self.walk.val();
        self.back.next = self.pc.q.val() - bit_cast::<16, 3>(self.open.q.val());
        if self.deep.val() {
            self.schedule.read_address.next = self.pc.q.val();
            self.issued_1.d.next = self.issue.val() & !self.drop.val();
            self.issued_2.d.next = self.issued_1.q.val() & !self.drop.val();
            self.pc.d.next = self.pc.q.val();
            if self.issue.val() {
                self.pc.d.next = (self.pc.q.val() + 1) & self.program_mask.val();
                self.segments_left.d.next = self.segments_left.q.val() - 1;
                self.last_segment.d.next = self.segments_left.q.val() == 1;
                if self.looping.q.val() & self.last_segment.q.val() {
                    self.segments_left.d.next = self.pass.q.val();
                    self.last_segment.d.next = !self.pass.q.val().any();
                    self.columns_left.d.next =
                        (self.columns_left.q.val() - 1) & self.step_mask.val();
                    self.last_column.d.next = self.columns_left.q.val() == 1;
                    if self.last_column.q.val() {
                        self.looping.d.next = false;
                    } else {
                        self.pc.d.next = self.first.q.val();
                    }
                }
            }
            self.open.d.next = self.open.q.val() + bit_cast::<3, 1>(self.issue.val().into())
                - bit_cast::<3, 1>(self.take.val().into());
            self.filled.d.next = self.filled.q.val()
                + bit_cast::<3, 1>(self.issued_2.q.val().into())
                - bit_cast::<3, 1>(self.take.val().into());
            self.read_at.d.next = self.read_at.q.val() + bit_cast::<2, 1>(self.take.val().into());
            if self.issued_2.q.val() {
                self.write_at.d.next = self.write_at.q.val() + 1;
                if self.write_at.q.val() == 0 {
                    self.queue_0.d.next = self.schedule.read_data.val();
                } else if self.write_at.q.val() == 1 {
                    self.queue_1.d.next = self.schedule.read_data.val();
                } else if self.write_at.q.val() == 2 {
                    self.queue_2.d.next = self.schedule.read_data.val();
                } else {
                    self.queue_3.d.next = self.schedule.read_data.val();
                }
            }
            self.word.next = self.queue_0.q.val();
            if self.read_at.q.val() == 1 {
                self.word.next = self.queue_1.q.val();
            } else if self.read_at.q.val() == 2 {
                self.word.next = self.queue_2.q.val();
            } else if self.read_at.q.val() == 3 {
                self.word.next = self.queue_3.q.val();
            }
            self.valid.next = self.filled.q.val().any();
            if self.drop.val() {
                self.open.d.next = 0.into();
                self.filled.d.next = 0.into();
                self.write_at.d.next = 0.into();
                self.read_at.d.next = 0.into();
                self.looping.d.next = false;
                self.pc.d.next = self.start_pc.val() & self.program_mask.val();
            }
            if self.walk.val() {
                self.looping.d.next = true;
                self.pc.d.next = self.back.val() & self.program_mask.val();
                self.first.d.next = self.back.val() & self.program_mask.val();
                self.pass.d.next = (self.segments.val() - 1) & self.field_mask.val();
                self.segments_left.d.next = (self.segments.val() - 1) & self.field_mask.val();
                self.last_segment.d.next = self.segments.val() == 1;
                self.columns_left.d.next = (self.columns.val() - 1) & self.step_mask.val();
                self.last_column.d.next = self.columns.val() == 1;
            }
        }
    }
}
