//! The columns that learning visits, of deep pipelines: two lists merged, the lower next unit first.
//!
//! ```text
//!  list_word ─► queue of p ─┐
//!            ─► queue of q ─┴─► compare ─► take ─► column, p_state, q_state ─►( )─► column_2, any_2
//!  slot                           k                  k + 1                          k + 2
//! ```
//! A slot is a column's two cycles. The list memory answers after two cycles and serves p in the first
//! cycle of a slot, q in the second; each queue holds three words, read or on their way. The first
//! comparison is in slot 2 after `run`, so the first column leaves in slot 4: `active`.

use crate::arch::program::entry;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Merge {
    pub clock: Signal<In, Clock>,
    /// The list of p begins at `list_start`, a cycle later that of q; then columns run.
    pub load_p: Signal<In, Bit>,
    pub load_q: Signal<In, Bit>,
    pub run: Signal<In, Bit>,
    /// Second cycle of a slot.
    pub half: Signal<In, Bit>,
    /// There is one column, a clamped unit of value ONE.
    pub bias: Signal<In, Bit>,
    pub list_start: Signal<In, Bits<16>>,
    pub list_address: Signal<Out, Bits<16>>,
    pub list_word: Signal<In, Bits<29>>,
    /// States of a column, one slot before `column` and `any`.
    pub p_state: Signal<Out, Bits<16>>,
    pub q_state: Signal<Out, Bits<16>>,
    pub column: Signal<Out, Bits<12>>,
    /// There is a column; both lists have not ended.
    pub any: Signal<Out, Bit>,
    pub active: Signal<Out, Bit>,
    one: Constant<Bits<16>>,
    list_mask: Constant<Bits<16>>,
    word_mask: Constant<Bits<29>>,
    p_pointer: DFF<Bits<16>>,
    q_pointer: DFF<Bits<16>>,
    p_open: DFF<Bits<2>>,
    q_open: DFF<Bits<2>>,
    p_count: DFF<Bits<2>>,
    q_count: DFF<Bits<2>>,
    p_issued: DFF<Bit>,
    p_arrives: DFF<Bit>,
    q_issued: DFF<Bit>,
    q_arrived: DFF<Bit>,
    q_arrives: DFF<Bit>,
    word: DFF<Bits<29>>,
    p_0: DFF<Bits<29>>,
    p_1: DFF<Bits<29>>,
    p_2: DFF<Bits<29>>,
    q_0: DFF<Bits<29>>,
    q_1: DFF<Bits<29>>,
    q_2: DFF<Bits<29>>,
    q_lower: DFF<Bit>,
    equal: DFF<Bit>,
    ended: DFF<Bit>,
    age: DFF<Bits<3>>,
    p_taken: DFF<Bits<16>>,
    q_taken: DFF<Bits<16>>,
    column_1: DFF<Bits<12>>,
    any_1: DFF<Bit>,
    column_2: DFF<Bits<12>>,
    any_2: DFF<Bit>,
    here: Signal<Local, Bit>,
    take_p: Signal<Local, Bit>,
    take_q: Signal<Local, Bit>,
    issue_p: Signal<Local, Bit>,
    issue_q: Signal<Local, Bit>,
    p_in: Signal<Local, Bits<29>>,
    q_in: Signal<Local, Bits<29>>,
}

impl Merge {
    pub fn new(shape: &Shape) -> Self {
        block!(Merge {
            clock, load_p, load_q, run, half, bias, list_start, list_address, list_word, p_state, q_state,
            column, any, active, p_pointer, q_pointer, p_open, q_open, p_count, q_count, p_issued,
            p_arrives, q_issued, q_arrived, q_arrives, word, p_0, p_1, p_2, q_0, q_1, q_2, q_lower, equal,
            ended, age, p_taken, q_taken, column_1, any_1, column_2, any_2, here, take_p, take_q,
            issue_p, issue_q, p_in, q_in;
            one: Constant::new((1u64 << shape.formats.state_fraction).into()),
            list_mask: Constant::new(shape.list_mask().into()),
            word_mask: Constant::new(
                (1 << entry::END_BIT | shape.column_mask() << entry::UNIT_SHIFT | shape.state_mask())
                    .into(),
            )
        })
    }
}

impl Logic for Merge {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, p_pointer, q_pointer, p_open, q_open, p_count, q_count, p_issued,
            p_arrives, q_issued, q_arrived, q_arrives, word, p_0, p_1, p_2, q_0, q_1, q_2, q_lower,
            equal, ended, age, p_taken, q_taken, column_1, any_1, column_2, any_2
        );
        // Prefetch: p in first cycles, q in second ones.
        self.issue_p.next = self.run.val() & !self.half.val() & !self.p_open.q.val().all();
        self.list_address.next = self.p_pointer.q.val() & self.list_mask.val();
        if self.half.val() {
            self.list_address.next = self.q_pointer.q.val() & self.list_mask.val();
        }
        self.p_issued.d.next = self.issue_p.val() | self.load_p.val();
        self.p_arrives.d.next = self.p_issued.q.val();
        self.q_issued.d.next = self.issue_q.val() | self.load_q.val();
        self.q_arrived.d.next = self.q_issued.q.val();
        self.q_arrives.d.next = self.q_arrived.q.val();
        self.word.d.next = self.list_word.val() & self.word_mask.val();
        self.p_in.next = self.list_word.val() & self.word_mask.val();
        self.q_in.next = self.word.q.val();

        // First cycle: what was read comes in, the heads are compared. An end mark is above every unit.
        if self.p_arrives.q.val() {
            if self.p_count.q.val() == 0 {
                self.p_0.d.next = self.p_in.val();
            } else if self.p_count.q.val() == 1 {
                self.p_1.d.next = self.p_in.val();
            } else {
                self.p_2.d.next = self.p_in.val();
            }
            self.p_count.d.next = self.p_count.q.val() + 1;
        }
        if self.q_arrives.q.val() {
            if self.q_count.q.val() == 0 {
                self.q_0.d.next = self.q_in.val();
            } else if self.q_count.q.val() == 1 {
                self.q_1.d.next = self.q_in.val();
            } else {
                self.q_2.d.next = self.q_in.val();
            }
            self.q_count.d.next = self.q_count.q.val() + 1;
        }
        self.q_lower.d.next =
            self.q_0.q.val().get_bits::<13>(16) < self.p_0.q.val().get_bits::<13>(16);
        self.equal.d.next =
            self.q_0.q.val().get_bits::<13>(16) == self.p_0.q.val().get_bits::<13>(16);
        self.ended.d.next = self.p_0.q.val().get_bit(28) & self.q_0.q.val().get_bit(28);

        // Second cycle: the lower unit is taken.
        self.here.next = self.half.val() & self.age.q.val().get_bits::<2>(1).any();
        self.take_p.next = self.here.val() & !self.ended.q.val() & !self.q_lower.q.val();
        self.take_q.next =
            self.here.val() & !self.ended.q.val() & (self.q_lower.q.val() | self.equal.q.val());
        if self.bias.val() {
            self.take_p.next = false;
            self.take_q.next = false;
        }
        // What is read now has arrived when the queue is empty but for this.
        self.issue_q.next =
            self.run.val() & self.half.val() & (!self.q_open.q.val().all() | self.take_q.val());
        if self.issue_p.val() {
            self.p_pointer.d.next = self.p_pointer.q.val() + 1;
        }
        if self.issue_q.val() {
            self.q_pointer.d.next = self.q_pointer.q.val() + 1;
        }
        self.p_open.d.next = self.p_open.q.val() + bit_cast::<2, 1>(self.issue_p.val().into())
            - bit_cast::<2, 1>(self.take_p.val().into());
        self.q_open.d.next = self.q_open.q.val() + bit_cast::<2, 1>(self.issue_q.val().into())
            - bit_cast::<2, 1>(self.take_q.val().into());
        if self.take_p.val() {
            self.p_0.d.next = self.p_1.q.val();
            self.p_1.d.next = self.p_2.q.val();
            self.p_count.d.next = self.p_count.q.val() - 1;
        }
        if self.take_q.val() {
            self.q_0.d.next = self.q_1.q.val();
            self.q_1.d.next = self.q_2.q.val();
            self.q_count.d.next = self.q_count.q.val() - 1;
        }
        if self.half.val() {
            self.p_taken.d.next = 0.into();
            self.q_taken.d.next = 0.into();
            if self.take_p.val() {
                self.p_taken.d.next = self.p_0.q.val().get_bits::<16>(0);
            }
            if self.take_q.val() {
                self.q_taken.d.next = self.q_0.q.val().get_bits::<16>(0);
            }
            self.column_1.d.next = self.p_0.q.val().get_bits::<12>(16);
            if self.q_lower.q.val() {
                self.column_1.d.next = self.q_0.q.val().get_bits::<12>(16);
            }
            self.any_1.d.next = self.here.val() & !self.ended.q.val();
            if self.bias.val() {
                self.column_1.d.next = 0.into();
                self.p_taken.d.next = self.one.val();
                self.q_taken.d.next = self.one.val();
                self.any_1.d.next = self.age.q.val() == 2;
                if self.age.q.val() != 2 {
                    self.p_taken.d.next = 0.into();
                    self.q_taken.d.next = 0.into();
                }
            }
            self.column_2.d.next = self.column_1.q.val();
            self.any_2.d.next = self.any_1.q.val();
            if !self.age.q.val().get_bit(2) {
                self.age.d.next = self.age.q.val() + 1;
            }
        }
        self.p_state.next = self.p_taken.q.val();
        self.q_state.next = self.q_taken.q.val();
        self.column.next = self.column_2.q.val();
        self.any.next = self.any_2.q.val();
        self.active.next = self.age.q.val().get_bit(2);
        if self.load_p.val() {
            self.p_pointer.d.next = self.list_start.val() + 1;
            self.p_open.d.next = 1.into();
            self.q_open.d.next = 1.into();
            self.p_count.d.next = 0.into();
            self.q_count.d.next = 0.into();
            self.age.d.next = 0.into();
            self.any_1.d.next = false;
            self.any_2.d.next = false;
            self.p_issued.d.next = true;
            self.p_arrives.d.next = false;
            self.q_issued.d.next = false;
            self.q_arrived.d.next = false;
            self.q_arrives.d.next = false;
        }
        if self.load_q.val() {
            self.q_pointer.d.next = self.list_start.val() + 1;
        }
    }
}
