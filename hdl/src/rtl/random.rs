//! The random number generator (design rule 6): 32-bit xorshift, one step a draw.
//!
//! ```text
//!  advance, again, keep ─► +--------+ ─► state, next
//!           write, data ─► +--------+
//! ```
//! `keep` remembers the state before a draw, `again` draws from it once more: every tile of a block
//! learns with the same random words. Latency 1.

use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Random {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub data: Signal<In, Bits<32>>,
    pub advance: Signal<In, Bit>,
    pub again: Signal<In, Bit>,
    pub keep: Signal<In, Bit>,
    pub state: Signal<Out, Bits<32>>,
    /// The state after the next draw, as `again` selects it.
    pub drawn: Signal<Out, Bits<32>>,
    deep: Constant<Bit>,
    /// The next state, found while the present one is used: two draws are never in following cycles.
    following: DFF<Bits<32>>,
    source: Signal<Local, Bits<32>>,
    shift_13: Signal<Local, Bits<32>>,
    shift_17: Signal<Local, Bits<32>>,
    now: DFFWithInit<Bits<32>>,
    kept: DFF<Bits<32>>,
}

impl Random {
    /// A generator for hardware of a shape that starts from `state`.
    pub fn new(shape: &Shape, state: u32) -> Self {
        block!(Random {
            clock, write, data, advance, again, keep, state, drawn, following, source, shift_13, shift_17, kept;
            deep: Constant::new(shape.is_deep()),
            now: DFFWithInit::new(u64::from(state).into())
        })
    }
}

impl Logic for Random {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, now, kept, following);
        self.source.next = self.now.q.val();
        if self.again.val() {
            self.source.next = self.kept.q.val();
        }
        self.shift_13.next = self.source.val() ^ (self.source.val() << 13);
        self.shift_17.next = self.shift_13.val() ^ (self.shift_13.val() >> 17);
        self.following.d.next = self.shift_17.val() ^ (self.shift_17.val() << 5);
        self.drawn.next = self.following.d.val();
        if self.deep.val() {
            self.drawn.next = self.following.q.val();
        }
        if self.advance.val() {
            self.now.d.next = self.drawn.val();
            if self.keep.val() {
                self.kept.d.next = self.now.q.val();
            }
        }
        if self.write.val() {
            self.now.d.next = self.data.val();
        }
        self.state.next = self.now.q.val();
    }
}
