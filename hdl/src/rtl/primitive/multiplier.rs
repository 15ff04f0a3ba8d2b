//! A multiplier with the registers that hard multipliers have.
//!
//! ```text
//!  x ─►[ ]─┐
//!          ├─ × ─►( )─►[ ]─► product
//!  y ─►[ ]─┘
//! ```
//! Registers of inputs and product; a deep one has another in the multiplier. Latency 2, deep 3.
//! yosys infers none of these of ECP5's multipliers: `ecp5` has them.

use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Multiplier {
    pub clock: Signal<In, Clock>,
    /// Two's complement.
    pub x: Signal<In, Bits<16>>,
    pub y: Signal<In, Bits<16>>,
    pub product: Signal<Out, Bits<32>>,
    deep: Constant<Bit>,
    x_in: DFF<Signed<16>>,
    y_in: DFF<Signed<16>>,
    middle: DFF<Signed<32>>,
    result: DFF<Signed<32>>,
}

impl Multiplier {
    pub fn new(deep: bool) -> Self {
        block!(Multiplier {
            clock, x, y, product, x_in, y_in, middle, result;
            deep: Constant::new(deep)
        })
    }
}

impl Logic for Multiplier {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, x_in, y_in, middle, result);
        self.x_in.d.next = signed_cast(self.x.val());
        self.y_in.d.next = signed_cast(self.y.val());
        self.middle.d.next = self.x_in.q.val() * self.y_in.q.val();
        self.result.d.next = self.x_in.q.val() * self.y_in.q.val();
        if self.deep.val() {
            self.result.d.next = self.middle.q.val();
        }
        self.product.next = unsigned_cast(self.result.q.val());
    }
}
