//! How many units each list of the list memory names.
//!
//! ```text
//!  open, base (of the column unit) ─► +---------+
//!  ends, mark (of the list memory) ─► | lengths | ─► length
//!                           start ──► +---------+
//! ```
//! A list ends in a mark; where the mark is written tells how long the list is. Lists start at whole granules, so a
//! granule's number names the list. Deep pipelines read lists faster than they could look for the mark; others have
//! no use for this. Latency 1 from `start` to `length`.

use super::primitive::{Ram, RamShape};
use crate::arch::program::LIST_GRANULE;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// Granules are literals below.
const _: () = assert!(LIST_GRANULE == 1 << 4);

#[derive(LogicBlock)]
pub struct Lengths {
    pub clock: Signal<In, Clock>,
    /// The column unit begins a list.
    pub open: Signal<In, Bit>,
    pub base: Signal<In, Bits<16>>,
    /// The mark of a list is written at an address; the list is the input's.
    pub ends: Signal<In, Bit>,
    pub mark: Signal<In, Bits<16>>,
    pub of_input: Signal<In, Bit>,
    pub input_base: Signal<In, Bits<16>>,
    /// First address of a list.
    pub start: Signal<In, Bits<16>>,
    pub length: Signal<Out, Bits<16>>,
    opened: DFF<Bits<16>>,
    memory: Ram<16>,
    first: Signal<Local, Bits<16>>,
}

impl Lengths {
    /// For the lists of a shape.
    pub fn new(shape: &Shape) -> Self {
        let (words, bits) = shape.lengths();
        block!(Lengths {
            clock, open, base, ends, mark, of_input, input_base, start, length, opened, first;
            memory: Ram::new(RamShape::new(words, bits))
        })
    }
}

impl Logic for Lengths {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, opened);
        clock!(self, clock, memory);
        if self.open.val() {
            self.opened.d.next = self.base.val();
        }
        self.first.next = self.opened.q.val();
        if self.of_input.val() {
            self.first.next = self.input_base.val();
        }
        self.memory.write_enable.next = self.ends.val();
        self.memory.write_address.next = self.first.val() >> 4;
        self.memory.write_data.next = self.mark.val() - self.first.val();
        self.memory.read_address.next = self.start.val() >> 4;
        self.length.next = self.memory.read_data.val();
    }
}
