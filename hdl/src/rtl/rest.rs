//! Holds the head in reset until nothing is left of what ran before.
//!
//! ```text
//!  reset ─► +------+ ─► held
//!           | rest |      reset and so many cycles more
//!           +------+
//! ```
//! The line has no reset: what is in it goes on to its end, and the port clears the accumulators behind it with
//! tokens of its own. Both are over after [`Shape::recovery`] cycles. A configuration begins at rest, without a
//! reset. Latency 0.

use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Rest {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub held: Signal<Out, Bit>,
    last: Constant<Bits<8>>,
    mask: Constant<Bits<8>>,
    left: DFF<Bits<8>>,
    waits: DFF<Bit>,
}

impl Rest {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        // One cycle more until `waits` follows.
        let last = u64::from(shape.recovery() - 1);
        block!(Rest {
            clock, reset, held, left, waits;
            last: Constant::new(last.into()),
            mask: Constant::new(((last + 1).next_power_of_two() - 1).into())
        })
    }
}

impl Logic for Rest {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, left, waits);
        if self.left.q.val().any() {
            self.left.d.next = (self.left.q.val() - 1) & self.mask.val();
        }
        self.waits.d.next = self.left.q.val().any();
        if self.reset.val() {
            self.left.d.next = self.last.val();
            self.waits.d.next = true;
        }
        self.held.next = self.reset.val() | self.waits.q.val();
    }
}
