//! What a token multiplies in a lane, and what becomes of the product.
//!
//! ```text
//!  token ─► decode ─►(register)─┐
//!                      bank ───►├─ choose ─► x, y, place, accumulate, …
//!                      memory ─►┘
//! ```
//! One factor is a word of the bank or the token's value, or 0 where the product is none of this lane's; the other is
//! the word of the memory, shifted or not, the value or 1. The token is the one of the lane's stage 1. Words of bank and memory come with the choice: at once, or a cycle
//! later in a deep pipeline, where every choice is a register. Latency 0, deep 1.

use super::token::Op;
use crate::arch::learning::operand_shift;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Operands {
    pub clock: Signal<In, Clock>,
    pub op: Signal<In, Op>,
    pub sub: Signal<In, Bits<6>>,
    pub value: Signal<In, Bits<16>>,
    pub tag: Signal<In, Bits<16>>,
    /// The token is for this lane; this lane holds no weight of its column.
    pub selected: Signal<In, Bit>,
    pub beyond: Signal<In, Bit>,
    /// Words of bank and state memory.
    pub bank: Signal<In, Bits<16>>,
    pub memory: Signal<In, Bits<16>>,
    pub x: Signal<Out, Bits<16>>,
    pub y: Signal<Out, Bits<16>>,
    pub place: Signal<Out, Bit>,
    pub word: Signal<Out, Bits<2>>,
    pub accumulate: Signal<Out, Bit>,
    /// The product is shifted up by f.
    pub lift: Signal<Out, Bit>,
    pub restart: Signal<Out, Bit>,
    /// The memory's word is the lane's own state.
    pub leak: Signal<Out, Bit>,
    /// The bank's word is a weight that is learned, with such a window and random word.
    pub learn: Signal<Out, Bit>,
    pub far: Signal<Out, Bits<4>>,
    pub random: Signal<Out, Bits<16>>,
    deep: Constant<Bit>,
    spiking: Constant<Bit>,
    operand: Constant<Bits<4>>,
    stored_mask: Constant<Bits<16>>,
    // Choices: what the decoder says, and at the operands.
    from_bank_1: DFF<Bit>,
    from_value_1: DFF<Bit>,
    /// Of the other factor: 0 the value, 1 the memory's word, 2 this shifted, 3 one.
    source_1: DFF<Bits<2>>,
    masked_1: DFF<Bit>,
    place_1: DFF<Bit>,
    accumulate_1: DFF<Bit>,
    lift_1: DFF<Bit>,
    restart_1: DFF<Bit>,
    leak_1: DFF<Bit>,
    learn_1: DFF<Bit>,
    sub_1: DFF<Bits<6>>,
    value_1: DFF<Bits<16>>,
    random_1: DFF<Bits<16>>,
    from_bank: Signal<Local, Bit>,
    from_value: Signal<Local, Bit>,
    source: Signal<Local, Bits<2>>,
    masked: Signal<Local, Bit>,
    learning: Signal<Local, Bit>,
    reads_spike: Signal<Local, Bit>,
    spiked: Signal<Local, Bit>,
    stored: Signal<Local, Bits<16>>,
    value_now: Signal<Local, Bits<16>>,
}

impl Operands {
    pub fn new(shape: &Shape) -> Self {
        let operand = operand_shift(shape.formats.state_fraction);
        block!(Operands {
            clock, op, sub, value, tag, selected, beyond, bank, memory, x, y, place, word, accumulate, lift, lift_1, restart,
            leak, learn, far, random, from_bank_1, from_value_1, source_1, masked_1, place_1, accumulate_1, restart_1, leak_1, learn_1, sub_1, value_1, random_1, from_bank, from_value, source, masked, learning,
            reads_spike, spiked, stored, value_now;
            deep: Constant::new(shape.is_deep()),
            spiking: Constant::new(shape.spiking.is_some()),
            operand: Constant::new(u64::from(operand).into()),
            stored_mask: Constant::new(shape.stored_mask().into())
        })
    }
}

impl Logic for Operands {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            from_bank_1,
            from_value_1,
            source_1,
            masked_1,
            place_1,
            accumulate_1,
            lift_1,
            restart_1,
            leak_1,
            learn_1,
            sub_1,
            value_1,
            random_1
        );
        self.learning.next = (self.op.val() == Op::LearnP) | (self.op.val() == Op::LearnQ);
        self.reads_spike.next = self.spiking.val() & self.sub.val().get_bit(0);
        // Of a spiking unit's state word, the highest bit is the spike: a weight counts if there is one.
        self.spiked.next = self.memory.val().get_bit(15);
        self.from_bank_1.d.next = (((self.op.val() == Op::Row)
            | ((self.op.val() == Op::Column) & (!self.spiking.val() | self.spiked.val())))
            & !self.beyond.val())
            | ((self.op.val() == Op::ReadWeight) & self.selected.val());
        self.from_value_1.d.next = (self.op.val() == Op::Leak)
            | (self.op.val() == Op::Nudge)
            | (self.op.val() == Op::Restore)
            | (self.op.val() == Op::AddAll)
            | ((self.op.val() == Op::Add) & self.selected.val())
            | ((self.op.val() == Op::ReadState)
                & self.selected.val()
                & (!self.reads_spike.val() | self.spiked.val()))
            | self.learning.val();
        self.source_1.d.next = 1.into();
        if (self.op.val() == Op::Row) | (self.op.val() == Op::ReadWeight) {
            self.source_1.d.next = 0.into();
        }
        if self.learning.val() & self.sub.val().get_bit(1) {
            self.source_1.d.next = 2.into();
        }
        if (self.op.val() == Op::AddAll)
            | (self.op.val() == Op::Add)
            | ((self.op.val() == Op::ReadState) & self.reads_spike.val())
            | ((self.op.val() == Op::Column) & self.spiking.val())
        {
            self.source_1.d.next = 3.into();
        }
        self.masked_1.d.next = self.learning.val() | (self.op.val() == Op::ReadState);
        self.place_1.d.next = (self.op.val() == Op::Restore)
            | (self.op.val() == Op::AddAll)
            | (self.op.val() == Op::Add);
        self.accumulate_1.d.next = (self.op.val() == Op::Row)
            | (self.op.val() == Op::Leak)
            | (self.op.val() == Op::Nudge)
            | self.learning.val()
            | self.place_1.d.val();
        self.lift_1.d.next = self.sub.val().get_bit(5)
            & ((self.op.val() == Op::Row)
                | (self.op.val() == Op::Column)
                | (self.op.val() == Op::Leak));
        self.restart_1.d.next = self.op.val() == Op::LearnP;
        self.leak_1.d.next = self.op.val() == Op::Leak;
        self.learn_1.d.next = (self.op.val() == Op::LearnQ) & self.sub.val().get_bit(0);
        self.sub_1.d.next = self.sub.val();
        self.value_1.d.next = self.value.val();
        self.random_1.d.next = self.tag.val();

        self.from_bank.next = self.from_bank_1.d.val();
        self.from_value.next = self.from_value_1.d.val();
        self.source.next = self.source_1.d.val();
        self.masked.next = self.masked_1.d.val();
        self.place.next = self.place_1.d.val();
        self.accumulate.next = self.accumulate_1.d.val();
        self.lift.next = self.lift_1.d.val();
        self.restart.next = self.restart_1.d.val();
        self.leak.next = self.leak_1.d.val();
        self.learn.next = self.learn_1.d.val();
        self.word.next = self.sub.val().get_bits::<2>(0);
        self.far.next = self.sub.val().get_bits::<4>(2);
        self.value_now.next = self.value.val();
        self.random.next = self.tag.val();
        if self.deep.val() {
            self.from_bank.next = self.from_bank_1.q.val();
            self.from_value.next = self.from_value_1.q.val();
            self.source.next = self.source_1.q.val();
            self.masked.next = self.masked_1.q.val();
            self.place.next = self.place_1.q.val();
            self.accumulate.next = self.accumulate_1.q.val();
            self.lift.next = self.lift_1.q.val();
            self.restart.next = self.restart_1.q.val();
            self.leak.next = self.leak_1.q.val();
            self.learn.next = self.learn_1.q.val();
            self.word.next = self.sub_1.q.val().get_bits::<2>(0);
            self.far.next = self.sub_1.q.val().get_bits::<4>(2);
            self.value_now.next = self.value_1.q.val();
            self.random.next = self.random_1.q.val();
        }

        // Learning and reading see the state alone.
        self.stored.next = self.memory.val();
        if self.masked.val() {
            self.stored.next = self.memory.val() & self.stored_mask.val();
        }
        self.x.next = 0.into();
        if self.from_bank.val() {
            self.x.next = self.bank.val();
        }
        if self.from_value.val() {
            self.x.next = self.x.val() | self.value_now.val();
        }
        self.y.next = self.value_now.val();
        if self.source.val() == 1 {
            self.y.next = self.stored.val();
        }
        if self.source.val() == 2 {
            self.y.next = self.stored.val() << self.operand.val();
        }
        if self.source.val() == 3 {
            self.y.next = 1.into();
        }
    }
}
