//! Multiply and accumulate: the arithmetic of a lane.
//!
//! ```text
//!  x ─►┐                        ┌─► acc += addend ──► acc
//!      ├─ × ─► place as word ─► addend
//!  y ─►┘   (or whole product)   └─► sum_in + addend ─► sum_out
//! stage 1    2       3              4                   5
//! ```
//! Inputs arrive in stage 1; the accumulator and the sum are valid in stage 5. `sum_in` is taken
//! in stage 4, so the sum chain lags the tokens. `clear` is the accumulator's synchronous reset,
//! `accumulate` its enable; `restart` gates what it held, so that products can follow each other
//! without a cycle between them.

use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Mac<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Operands of stage 1, two's complement.
    pub x: Signal<In, Bits<16>>,
    pub y: Signal<In, Bits<16>>,
    /// Stage 1: take the low half of the product as word `word` of a wide value.
    pub place: Signal<In, Bit>,
    pub word: Signal<In, Bits<2>>,
    /// Stage 1: this product belongs to the accumulator.
    pub accumulate: Signal<In, Bit>,
    /// Stage 1: the accumulator forgets what it held before this product.
    pub restart: Signal<In, Bit>,
    /// The accumulator is zero in the next cycle.
    pub clear: Signal<In, Bit>,
    pub sum_in: Signal<In, Bits<A>>,
    pub sum_out: Signal<Out, Bits<A>>,
    pub acc: Signal<Out, Bits<A>>,
    x_2: DFF<Signed<16>>,
    y_2: DFF<Signed<16>>,
    product_3: DFF<Signed<32>>,
    addend_4: DFF<Bits<A>>,
    total: DFF<Bits<A>>,
    sum_5: DFF<Bits<A>>,
    place_2: DFF<Bit>,
    word_2: DFF<Bits<2>>,
    low_3: DFF<Bit>,
    whole_3: DFF<Bit>,
    middle_3: DFF<Bit>,
    high_3: DFF<Bit>,
    accumulate_2: DFF<Bit>,
    accumulate_3: DFF<Bit>,
    accumulate_4: DFF<Bit>,
    restart_2: DFF<Bit>,
    restart_3: DFF<Bit>,
    restart_4: DFF<Bit>,
    wide: Signal<Local, Signed<A>>,
    bits: Signal<Local, Bits<32>>,
    low: Signal<Local, Bits<A>>,
    upper: Signal<Local, Bits<A>>,
}

impl<const A: usize> Default for Mac<A> {
    fn default() -> Self {
        block!(Mac {
            clock,
            x,
            y,
            place,
            word,
            accumulate,
            restart,
            clear,
            sum_in,
            sum_out,
            acc,
            x_2,
            y_2,
            product_3,
            addend_4,
            total,
            sum_5,
            place_2,
            word_2,
            low_3,
            whole_3,
            middle_3,
            high_3,
            accumulate_2,
            accumulate_3,
            accumulate_4,
            restart_2,
            restart_3,
            restart_4,
            wide,
            bits,
            low,
            upper
        })
    }
}

impl<const A: usize> Logic for Mac<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            x_2,
            y_2,
            product_3,
            addend_4,
            total,
            sum_5,
            place_2,
            word_2,
            low_3,
            whole_3,
            middle_3,
            high_3,
            accumulate_2,
            accumulate_3,
            accumulate_4,
            restart_2,
            restart_3,
            restart_4
        );
        self.x_2.d.next = signed_cast(self.x.val());
        self.y_2.d.next = signed_cast(self.y.val());
        self.place_2.d.next = self.place.val();
        self.word_2.d.next = self.word.val();
        // Which parts of the product the addend takes, and where to.
        self.low_3.d.next = !self.place_2.q.val() | (self.word_2.q.val() == 0);
        self.whole_3.d.next = !self.place_2.q.val();
        self.middle_3.d.next = self.place_2.q.val() & (self.word_2.q.val() == 1);
        self.high_3.d.next = self.place_2.q.val() & (self.word_2.q.val() == 2);
        self.accumulate_2.d.next = self.accumulate.val();
        self.accumulate_3.d.next = self.accumulate_2.q.val();
        self.accumulate_4.d.next = self.accumulate_3.q.val();

        self.restart_2.d.next = self.restart.val();
        self.restart_3.d.next = self.restart_2.q.val();
        self.restart_4.d.next = self.restart_3.q.val();

        self.product_3.d.next = self.x_2.q.val() * self.y_2.q.val();
        self.wide.next = signed_bit_cast(self.product_3.q.val());
        self.bits.next = unsigned_cast(self.product_3.q.val());
        self.low.next = bit_cast::<A, 16>(self.bits.val().get_bits::<16>(0));
        self.upper.next = unsigned_cast(self.wide.val());
        self.upper.next = (self.upper.val() >> 16) << 16;
        self.addend_4.d.next = 0.into();
        if self.low_3.q.val() {
            self.addend_4.d.next = self.low.val();
        }
        if self.whole_3.q.val() {
            self.addend_4.d.next = self.addend_4.d.val() | self.upper.val();
        }
        if self.middle_3.q.val() {
            self.addend_4.d.next = self.addend_4.d.val() | (self.low.val() << 16);
        }
        if self.high_3.q.val() {
            self.addend_4.d.next = self.addend_4.d.val() | (self.low.val() << 32);
        }
        if self.clear.val() {
            self.total.d.next = 0.into();
        } else if self.accumulate_4.q.val() {
            self.total.d.next = self.total.q.val() + self.addend_4.q.val();
            // A choice behind the adder fits into its cells, a gate before it does not.
            if self.restart_4.q.val() {
                self.total.d.next = self.addend_4.q.val();
            }
        }
        self.sum_5.d.next = self.sum_in.val() + self.addend_4.q.val();
        self.acc.next = self.total.q.val();
        self.sum_out.next = self.sum_5.q.val();
    }
}
