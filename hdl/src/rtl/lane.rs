//! One lane of the line: a bank of weights, a small memory of states and one multiplier.
//!
//! ```text
//!            +------------------------------+
//!   token ──►| bank ─┐                      |──► token (1 cycle later)
//!            |       ├─ mac ─► acc ─► update|
//!  sum_in ──►| memory┘   │               │  |
//!            |           └───────────────┼──|──► sum_out
//!  flags  ──►|                           └──|──► flags
//!            +------------------------------+
//! ```
//! Lane l owns unit tile·P + l of every row-side layer: row l of each tile in its bank, the
//! states of its units in its memory. Latency: token 1, weight learned 3, sum 5, state written 7,
//! flags 8 cycles after the token's arrival (`arch::pipeline`).

use super::learn::Learn;
use super::mac::Mac;
use super::primitive::{Ram, RamShape};
use super::token::Op;
use super::update::Update;
use crate::arch::learning::operand_shift;
use crate::arch::Shape;
use crate::config::Formats;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Lane<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Number of this lane, handed down the line so that all lanes are the same hardware.
    pub id: Signal<In, Bits<8>>,
    pub id_out: Signal<Out, Bits<8>>,
    pub op: Signal<In, Op>,
    pub sub: Signal<In, Bits<6>>,
    pub addr: Signal<In, Bits<16>>,
    pub slot: Signal<In, Bits<12>>,
    pub value: Signal<In, Bits<16>>,
    pub tag: Signal<In, Bits<16>>,
    pub op_out: Signal<Out, Op>,
    pub sub_out: Signal<Out, Bits<6>>,
    pub addr_out: Signal<Out, Bits<16>>,
    pub slot_out: Signal<Out, Bits<12>>,
    pub value_out: Signal<Out, Bits<16>>,
    pub tag_out: Signal<Out, Bits<16>>,
    pub sum_in: Signal<In, Bits<A>>,
    pub sum_out: Signal<Out, Bits<A>>,
    pub moved_in: Signal<In, Bit>,
    pub moved_out: Signal<Out, Bit>,
    pub changed_in: Signal<In, Bit>,
    pub changed_out: Signal<Out, Bit>,
    /// How many lanes saturated a weight, column by column.
    pub saturated_in: Signal<In, Bits<7>>,
    pub saturated_out: Signal<Out, Bits<7>>,
    /// Observation: a state (kind 0) or a weight (kind 1) is written.
    pub probe_valid: Signal<Out, Bit>,
    pub probe_kind: Signal<Out, Bit>,
    pub probe_address: Signal<Out, Bits<16>>,
    pub probe_value: Signal<Out, Bits<16>>,
    bank: Ram<16>,
    memory: Ram<16>,
    triangular: Constant<Bit>,
    operand: Constant<Bits<4>>,
    lane_mask: Constant<Bits<7>>,
    state_mask: Constant<Bits<16>>,
    mac: Mac<A>,
    step: Update<A>,
    learn: Learn<A>,
    saturated_4: DFF<Bits<7>>,
    learn_write: Signal<Local, Bit>,
    bank_write: Signal<Local, Bit>,
    bank_data: Signal<Local, Bits<16>>,
    op_1: DFF<Op>,
    sub_1: DFF<Bits<6>>,
    addr_1: DFF<Bits<16>>,
    slot_1: DFF<Bits<12>>,
    value_1: DFF<Bits<16>>,
    tag_1: DFF<Bits<16>>,
    update_2: DFF<Bit>,
    update_3: DFF<Bit>,
    update_4: DFF<Bit>,
    update_5: DFF<Bit>,
    update_6: DFF<Bit>,
    own: DFF<Bits<16>>,
    target_slot: DFF<Bits<12>>,
    k: DFF<Bits<2>>,
    tolerance: DFF<Bits<8>>,
    moved_8: DFF<Bit>,
    changed_8: DFF<Bit>,
    selected: Signal<Local, Bit>,
    /// This lane holds no weight of the token's column (row ≥ column in a self-connected layer).
    beyond: Signal<Local, Bit>,
    beyond_1: DFF<Bit>,
    from_bank: Signal<Local, Bit>,
    from_memory: Signal<Local, Bit>,
    from_above: Signal<Local, Bit>,
    one: Signal<Local, Bit>,
    learning: Signal<Local, Bit>,
}

impl<const A: usize> Lane<A> {
    /// A lane with a bank and a state memory of the given shape.
    pub fn new(shape: &Shape) -> Self {
        let Formats {
            state_fraction,
            weight_bits,
            weight_fraction,
        } = shape.formats;
        block!(Lane {
            clock, id, id_out, op, sub, addr, slot, value, tag, op_out, sub_out, addr_out, slot_out,
            value_out, tag_out, sum_in, sum_out, moved_in, moved_out, changed_in, changed_out, saturated_in, saturated_out, saturated_4, learn_write, bank_write,
            bank_data,
            probe_valid, probe_kind, probe_address, probe_value, mac, op_1, sub_1, addr_1, slot_1,
            value_1, tag_1, update_2, update_3, update_4, update_5, update_6, own, target_slot, k,
            tolerance, moved_8, changed_8, selected, beyond, beyond_1, from_bank, from_memory, from_above, one, learning;
            triangular: Constant::new(shape.triangular),
            operand: Constant::new(u64::from(operand_shift(state_fraction)).into()),
            lane_mask: Constant::new(shape.lane_mask().into()),
            state_mask: Constant::new(shape.state_mask().into()),
            bank: Ram::new(RamShape::weights(shape.bank_words, weight_bits)),
            memory: Ram::new(RamShape::new(shape.memory_words(), 16)),
            step: Update::new(state_fraction, weight_fraction),
            learn: Learn::new(shape)
        })
    }
}

impl<const A: usize> Logic for Lane<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            op_1,
            sub_1,
            addr_1,
            slot_1,
            value_1,
            tag_1,
            update_2,
            update_3,
            update_4,
            update_5,
            update_6,
            own,
            target_slot,
            k,
            tolerance,
            moved_8,
            changed_8,
            saturated_4,
            beyond_1
        );
        clock!(self, clock, bank, memory, mac, step, learn);
        self.id_out.next = self.id.val() + 1;

        // The token moves on; its registers are also this lane's stage 1.
        self.op_1.d.next = self.op.val();
        self.sub_1.d.next = self.sub.val();
        self.addr_1.d.next = self.addr.val();
        self.slot_1.d.next = self.slot.val();
        self.value_1.d.next = self.value.val();
        self.tag_1.d.next = self.tag.val();
        if self.op.val() == Op::LearnQ {
            // Each lane sees the random word rotated by one bit more.
            self.tag_1.d.next = (self.tag.val() << 1) | (self.tag.val() >> 15);
        }
        self.op_out.next = self.op_1.q.val();
        self.sub_out.next = self.sub_1.q.val();
        self.addr_out.next = self.addr_1.q.val();
        self.slot_out.next = self.slot_1.q.val();
        self.value_out.next = self.value_1.q.val();
        self.tag_out.next = self.tag_1.q.val();

        // Only the first so many lanes hold a weight of this column.
        self.beyond.next = self.triangular.val()
            & (bit_cast::<8, 7>(self.tag.val().get_bits::<7>(2)) <= self.id.val());
        self.beyond_1.d.next = self.beyond.val();

        // Stage 0: both memories are addressed by the arriving token.
        self.bank.read_address.next = self.addr.val();
        self.bank.write_address.next = self.addr.val();
        self.bank_data.next = self.mac.acc.val().get_bits::<16>(0);
        self.learn_write.next =
            (self.op.val() == Op::LearnP) & self.sub.val().get_bit(0) & !self.beyond.val();
        self.bank_write.next = (self.op.val() == Op::Store) | self.learn_write.val();
        if self.op.val() == Op::LearnP {
            self.bank_data.next = self.learn.new_weight.val();
        }
        self.bank.write_enable.next = self.bank_write.val();
        self.bank.write_data.next = self.bank_data.val();
        self.memory.read_address.next = bit_cast::<16, 12>(self.slot.val());
        self.memory.write_address.next = bit_cast::<16, 12>(self.target_slot.q.val());
        self.memory.write_data.next = self.step.x_new.val();
        self.memory.write_enable.next = self.update_6.q.val();
        if self.op.val() == Op::Save {
            self.memory.write_address.next = bit_cast::<16, 12>(self.slot.val());
            self.memory.write_data.next = self.mac.acc.val().get_bits::<16>(0);
            if self.sub.val().get_bits::<2>(0) == 1 {
                self.memory.write_data.next = self.mac.acc.val().get_bits::<16>(16);
            }
            if self.sub.val().get_bits::<2>(0) == 2 {
                self.memory.write_data.next = bit_cast::<16, A>(self.mac.acc.val() >> 32);
            }
            self.memory.write_enable.next = true;
        }

        // Stage 1: operands.
        self.selected.next = self.tag_1.q.val().get_bits::<8>(0) == self.id.val();
        // x is what is in the bank, or in the memory, shifted or not, or 0 or 1.
        self.from_bank.next = (((self.op_1.q.val() == Op::Row)
            | (self.op_1.q.val() == Op::Column))
            & !self.beyond_1.q.val())
            | ((self.op_1.q.val() == Op::ReadWeight) & self.selected.val());
        self.learning.next = (self.op_1.q.val() == Op::LearnP) | (self.op_1.q.val() == Op::LearnQ);
        self.from_above.next = self.learning.val() & self.sub_1.q.val().get_bit(1);
        self.from_memory.next = (self.op_1.q.val() == Op::Leak)
            | (self.op_1.q.val() == Op::Nudge)
            | (self.op_1.q.val() == Op::Restore)
            | ((self.op_1.q.val() == Op::ReadState) & self.selected.val())
            | (self.learning.val() & !self.sub_1.q.val().get_bit(1));
        self.one.next = (self.op_1.q.val() == Op::AddAll)
            | ((self.op_1.q.val() == Op::Add) & self.selected.val());
        self.mac.x.next = bit_cast::<16, 1>(self.one.val().into());
        if self.from_bank.val() {
            self.mac.x.next = self.mac.x.val() | self.bank.read_data.val();
        }
        if self.from_memory.val() {
            self.mac.x.next = self.mac.x.val() | self.memory.read_data.val();
        }
        if self.from_above.val() {
            self.mac.x.next =
                self.mac.x.val() | (self.memory.read_data.val() << self.operand.val());
        }
        self.mac.y.next = self.value_1.q.val();
        if self.op_1.q.val() == Op::Column {
            self.mac.y.next = self.memory.read_data.val();
        }
        self.mac.word.next = self.sub_1.q.val().get_bits::<2>(0);
        self.mac.place.next = (self.op_1.q.val() == Op::Restore)
            | (self.op_1.q.val() == Op::AddAll)
            | (self.op_1.q.val() == Op::Add);
        self.mac.accumulate.next = (self.op_1.q.val() == Op::Row)
            | (self.op_1.q.val() == Op::Leak)
            | (self.op_1.q.val() == Op::Nudge)
            | self.learning.val()
            | self.mac.place.val();
        self.mac.restart.next = self.op_1.q.val() == Op::LearnP;
        if self.op_1.q.val() == Op::Leak {
            self.own.d.next = self.memory.read_data.val() & self.state_mask.val();
        }
        // The parameters of a step ride on the update token and stay until the next one.
        if self.op_1.q.val() == Op::Update {
            self.target_slot.d.next = self.slot_1.q.val();
            self.tolerance.d.next = self.value_1.q.val().get_bits::<8>(0);
            self.k.d.next = self.value_1.q.val().get_bits::<2>(8);
        }

        // Stages 1 to 3: the step of a weight, with the products of two columns before.
        self.learn.valid.next = (self.op_1.q.val() == Op::LearnQ) & self.sub_1.q.val().get_bit(0);
        self.learn.g.next = self.mac.acc.val();
        self.learn.far.next = self.sub_1.q.val().get_bits::<4>(2);
        self.learn.weight.next = self.bank.read_data.val();
        self.learn.random.next = self.tag_1.q.val();
        // The token that writes a weight arrives as the step says whether it saturated.
        self.saturated_4.d.next = (self.saturated_in.val()
            + bit_cast::<7, 1>((self.learn.saturated.val() & !self.beyond.val()).into()))
            & self.lane_mask.val();
        self.saturated_out.next = self.saturated_4.q.val();

        // Stages 4 to 8: the step of this lane's unit.
        self.update_2.d.next = self.op_1.q.val() == Op::Update;
        self.update_3.d.next = self.update_2.q.val();
        self.update_4.d.next = self.update_3.q.val();
        self.update_5.d.next = self.update_4.q.val();
        self.update_6.d.next = self.update_5.q.val();
        self.mac.clear.next = self.update_4.q.val()
            | (self.op.val() == Op::Store)
            | ((self.op.val() == Op::Save) & self.sub.val().get_bit(1));
        self.mac.sum_in.next = self.sum_in.val();
        self.sum_out.next = self.mac.sum_out.val();
        self.step.n.next = self.mac.acc.val();
        self.step.own.next = self.own.q.val();
        self.step.own_late.next = self.own.q.val();
        self.step.half.next = false;
        self.step.k.next = self.k.q.val();
        self.step.tolerance.next = self.tolerance.q.val();
        self.moved_8.d.next = self.moved_in.val() | self.step.moved.val();
        self.changed_8.d.next = self.changed_in.val() | self.step.changed.val();
        self.moved_out.next = self.moved_8.q.val();
        self.changed_out.next = self.changed_8.q.val();

        self.probe_valid.next = self.update_6.q.val() | self.bank_write.val();
        self.probe_kind.next = self.bank_write.val();
        self.probe_address.next = bit_cast::<16, 12>(self.target_slot.q.val());
        self.probe_value.next = self.step.x_new.val();
        if self.bank_write.val() {
            self.probe_address.next = self.addr.val();
            self.probe_value.next = self.bank_data.val();
        }
    }
}
