//! How many lanes, from the first on, hold the weight of a column.
//!
//! ```text
//!  upper, column, first_row ─► subtract, clip ─► limit (in its place in a tag)
//! ```
//! A block between two layers has it in every lane. Of a self-connected layer only row < column is
//! stored: lane l of the tile that begins with `first_row` has it if l < column − first_row. All ones
//! stands for every lane. Combinational; hardware without a self-connected layer has none of it.

use crate::arch::Shape;
use rust_hdl_core::prelude::*;

#[derive(LogicBlock)]
pub struct Triangle {
    /// The column is one of a self-connected layer's block.
    pub upper: Signal<In, Bit>,
    pub column: Signal<In, Bits<12>>,
    pub first_row: Signal<In, Bits<12>>,
    /// Bits 8…2: the limit that the lanes compare their number with.
    pub tag: Signal<Out, Bits<16>>,
    triangular: Constant<Bit>,
    ahead: Signal<Local, Bits<13>>,
    limit: Signal<Local, Bits<7>>,
}

impl Triangle {
    /// Limits for hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Triangle {
            upper, column, first_row, tag, ahead, limit;
            triangular: Constant::new(shape.triangular)
        })
    }
}

impl Logic for Triangle {
    #[hdl_gen]
    fn update(&mut self) {
        self.ahead.next =
            bit_cast::<13, 12>(self.column.val()) - bit_cast::<13, 12>(self.first_row.val());
        self.limit.next = 0x7F.into();
        if self.upper.val() {
            if self.ahead.val().get_bit(12) {
                self.limit.next = 0.into();
            } else if !self.ahead.val().get_bits::<6>(6).any() {
                self.limit.next = self.ahead.val().get_bits::<7>(0);
            }
        }
        self.tag.next = 0.into();
        if self.triangular.val() {
            self.tag.next = bit_cast::<16, 7>(self.limit.val()) << 2;
        }
    }
}
