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
//! states of its units in its memory. Latency: token 1; the others are in `arch::pipeline`. In a deep pipeline
//! memories are read in two cycles and written a cycle later, and the low half of the sums is ahead (`mac`).

use super::keeper::Keeper;
use super::learn::Learn;
use super::mac::Mac;
use super::operands::Operands;
use super::primitive::{Ram, RamShape};
use super::spike::{Place, Spike};
use super::token::Op;
use super::update::Update;
use crate::arch::spiking::SPIKE_BIT;
use crate::arch::Shape;
use crate::config::Formats;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// Bits of a spiking unit's words are literals below.
const _: () = assert!(SPIKE_BIT == 15);

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
    /// How many lanes saturated a weight, column by column; between them, how many units spiked.
    pub saturated_in: Signal<In, Bits<7>>,
    pub saturated_out: Signal<Out, Bits<7>>,
    /// Observation: a state (kind 0) or a weight (kind 1) is written; of a spiking unit {spike, membrane,
    /// trace}.
    pub probe_valid: Signal<Out, Bit>,
    pub probe_kind: Signal<Out, Bit>,
    pub probe_address: Signal<Out, Bits<16>>,
    pub probe_value: Signal<Out, Bits<36>>,
    bank: Ram<16>,
    memory: Ram<16>,
    triangular: Constant<Bit>,
    deep: Constant<Bit>,
    feedback: Constant<Bit>,
    spiking: Constant<Bit>,
    half: Constant<Bits<16>>,
    lane_mask: Constant<Bits<7>>,
    state_mask: Constant<Bits<16>>,
    operands: Operands,
    mac: Mac<A>,
    step: Update<A>,
    spike: Spike<A>,
    learn: Learn<A>,
    keeper: Keeper<A>,
    saturated: Signal<Local, Bit>,
    saturated_4: DFF<Bits<7>>,
    // Tokens that write: at once or, in a deep pipeline, from registers.
    learn_1: DFF<Bit>,
    store_1: DFF<Bit>,
    save_1: DFF<Bit>,
    learn_write: Signal<Local, Bit>,
    store: Signal<Local, Bit>,
    save: Signal<Local, Bit>,
    write_address: Signal<Local, Bits<16>>,
    write_slot: Signal<Local, Bits<12>>,
    write_word: Signal<Local, Bits<2>>,
    /// The accumulator is cleared for a step; the step's new state is there.
    stepping: Signal<Local, Bit>,
    written: Signal<Local, Bit>,
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
    update_7: DFF<Bit>,
    update_8: DFF<Bit>,
    update_9: DFF<Bit>,
    update_10: DFF<Bit>,
    own_state: DFF<Bits<14>>,
    own_low: DFF<Bits<4>>,
    own_membrane: DFF<Bits<16>>,
    own_target: DFF<Bits<16>>,
    nudged: DFF<Bit>,
    negative: DFF<Bit>,
    own: DFF<Bits<16>>,
    target_slot: DFF<Bits<12>>,
    k: DFF<Bits<2>>,
    lift: DFF<Bit>,
    tolerance: DFF<Bits<8>>,
    moved_8: DFF<Bit>,
    changed_8: DFF<Bit>,
    selected_1: DFF<Bit>,
    selected: Signal<Local, Bit>,
    /// This lane holds no weight of the token's column (row ≥ column in a self-connected layer).
    beyond: Signal<Local, Bit>,
    beyond_1: DFF<Bit>,
    trace: Signal<Local, Bits<18>>,
}

impl<const A: usize> Lane<A> {
    /// A lane with a bank and a state memory of the given shape.
    pub fn new(shape: &Shape) -> Self {
        let Formats {
            weight_bits,
            weight_fraction,
            ..
        } = shape.formats;
        block!(Lane {
            clock, id, id_out, op, sub, addr, slot, value, tag, op_out, sub_out, addr_out, slot_out,
            value_out, tag_out, sum_in, sum_out, moved_in, moved_out, changed_in, changed_out, saturated_in, saturated_out, saturated, saturated_4, learn_1, store_1, save_1, learn_write, store, save, bank_write,
            bank_data, write_address, write_slot, write_word,
            probe_valid, probe_kind, probe_address, probe_value, op_1, sub_1, addr_1, slot_1,
            value_1, tag_1, update_2, update_3, update_4, update_5, update_6, own, target_slot, k, lift,
            tolerance, moved_8, changed_8, selected_1, selected, beyond, beyond_1, update_7,
            update_8, update_9, update_10, stepping, written, own_state, own_low, own_membrane, own_target, nudged, negative, trace;
            triangular: Constant::new(shape.triangular),
            deep: Constant::new(shape.is_deep()),
            feedback: Constant::new(shape.scales_feedback()),
            spiking: Constant::new(shape.spiking.is_some()),
            half: Constant::new(((1u64 << weight_fraction) >> 1).into()),
            lane_mask: Constant::new(shape.lane_mask().into()),
            state_mask: Constant::new(shape.state_mask().into()),
            bank: Ram::new(RamShape::weights(shape.bank_words, weight_bits).registered(shape.is_deep())),
            memory: Ram::new(RamShape::new(shape.memory_words(), 16).registered(shape.is_deep())),
            operands: Operands::new(shape),
            mac: Mac::new(shape),
            step: Update::new(shape),
            spike: Spike::new(shape, Place::Lane),
            keeper: Keeper::new(shape),
            learn: Learn::new(shape, shape.is_deep())
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
            update_7,
            update_8,
            update_9,
            update_10,
            own_state,
            own_low,
            own_membrane,
            own_target,
            nudged,
            negative,
            own,
            target_slot,
            k,
            tolerance,
            moved_8,
            changed_8,
            saturated_4,
            beyond_1,
            selected_1,
            learn_1,
            store_1,
            save_1
        );
        clock!(self, clock, bank, memory, operands, mac, step, spike, keeper, learn);
        // It would feed itself: hardware that has no use for it does not get it.
        clock!(self, clock, lift);
        self.lift.d.next = false;
        if self.feedback.val() {
            self.lift.d.next = self.lift.q.val();
        }
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
        self.learn_1.d.next =
            (self.op.val() == Op::LearnP) & self.sub.val().get_bit(0) & !self.beyond.val();
        self.store_1.d.next = self.op.val() == Op::Store;
        self.save_1.d.next = self.op.val() == Op::Save;
        self.learn_write.next = self.learn_1.d.val();
        self.store.next = self.store_1.d.val();
        self.save.next = self.save_1.d.val();
        self.write_address.next = self.addr.val();
        self.write_slot.next = self.slot.val();
        self.write_word.next = self.sub.val().get_bits::<2>(0);
        if self.deep.val() {
            self.learn_write.next = self.learn_1.q.val();
            self.store.next = self.store_1.q.val();
            self.save.next = self.save_1.q.val();
            self.write_address.next = self.addr_1.q.val();
            self.write_slot.next = self.slot_1.q.val();
            self.write_word.next = self.sub_1.q.val().get_bits::<2>(0);
        }
        self.bank.write_address.next = self.write_address.val();
        self.bank_data.next = self.mac.acc.val().get_bits::<16>(0);
        self.bank_write.next = self.store.val() | self.learn_write.val();
        if !self.store.val() {
            self.bank_data.next = self.learn.new_weight.val();
        }
        self.bank.write_enable.next = self.bank_write.val();
        self.bank.write_data.next = self.bank_data.val();
        self.memory.read_address.next = bit_cast::<16, 12>(self.slot.val());
        self.memory.write_address.next = self.keeper.address.val();
        self.memory.write_data.next = self.keeper.data.val();
        self.memory.write_enable.next = self.keeper.enable.val();
        self.keeper.save.next = self.save.val();
        self.keeper.word.next = self.write_word.val();
        self.keeper.slot.next = self.write_slot.val();
        self.keeper.acc.next = self.mac.acc.val();
        self.keeper.target_slot.next = self.target_slot.q.val();
        self.keeper.x.next = self.step.x_new.val();
        self.keeper.written.next = self.update_6.q.val();
        self.written.next = self.update_6.q.val();
        if self.deep.val() {
            // Through a register.
            self.keeper.x.next = self.step.x_next.val();
            self.keeper.written.next = self.update_9.q.val();
            self.written.next = self.update_10.q.val();
        }
        self.keeper.membrane.next = self.update_7.q.val() & self.spiking.val();
        self.keeper.trace.next = self.update_8.q.val() & self.spiking.val();
        self.keeper.spike.next = self.spike.spike.val();
        self.keeper.v.next = self.spike.v_new.val();
        self.keeper.z.next = self.spike.z_new.val();

        // Operands: stage 1, deep 2.
        self.selected_1.d.next = self.tag.val().get_bits::<8>(0) == self.id.val();
        self.selected.next = self.tag_1.q.val().get_bits::<8>(0) == self.id.val();
        if self.deep.val() {
            self.selected.next = self.selected_1.q.val();
        }
        self.operands.op.next = self.op_1.q.val();
        self.operands.sub.next = self.sub_1.q.val();
        self.operands.value.next = self.value_1.q.val();
        self.operands.tag.next = self.tag_1.q.val();
        self.operands.selected.next = self.selected.val();
        self.operands.beyond.next = self.beyond_1.q.val();
        self.operands.bank.next = self.bank.read_data.val();
        self.operands.memory.next = self.memory.read_data.val();
        self.mac.x.next = self.operands.x.val();
        self.mac.y.next = self.operands.y.val();
        self.mac.place.next = self.operands.place.val();
        self.mac.word.next = self.operands.word.val();
        self.mac.lift.next = self.operands.lift.val();
        self.mac.accumulate.next = self.operands.accumulate.val();
        self.mac.restart.next = self.operands.restart.val();
        if self.operands.leak.val() {
            self.own.d.next = self.memory.read_data.val() & self.state_mask.val();
        }
        if self.op_1.q.val() == Op::Own {
            if self.sub_1.q.val().get_bits::<2>(0) == 0 {
                self.own_state.d.next = self.memory.read_data.val().get_bits::<14>(0);
            } else if self.sub_1.q.val().get_bits::<2>(0) == 1 {
                self.own_membrane.d.next = self.memory.read_data.val();
            } else if self.sub_1.q.val().get_bits::<2>(0) == 2 {
                self.own_low.d.next = self.memory.read_data.val().get_bits::<4>(0);
            } else {
                self.own_target.d.next = self.memory.read_data.val();
            }
            if !self.value_1.q.val().get_bit(0) {
                self.own_state.d.next = 0.into();
                self.own_membrane.d.next = self.half.val();
                self.own_low.d.next = 0.into();
            }
        }
        // The parameters of a step ride on the update token and stay until the next one.
        if self.op_1.q.val() == Op::Update {
            self.target_slot.d.next = self.slot_1.q.val();
            self.tolerance.d.next = self.value_1.q.val().get_bits::<8>(0);
            self.k.d.next = self.value_1.q.val().get_bits::<2>(8);
            if self.feedback.val() {
                self.lift.d.next = self.value_1.q.val().get_bit(10);
            }
            self.nudged.d.next = self.value_1.q.val().get_bit(0);
            self.negative.d.next = self.value_1.q.val().get_bit(1);
        }

        // The step of a weight, with the products of some columns before.
        self.learn.valid.next = self.operands.learn.val();
        self.learn.g.next = self.mac.acc.val();
        self.learn.far.next = self.operands.far.val();
        self.learn.weight.next = self.bank.read_data.val();
        self.learn.random.next = self.operands.random.val();
        // The token that writes a weight arrives as the step says whether it saturated.
        self.saturated.next = self.learn.saturated.val() & !self.beyond.val();
        if self.deep.val() {
            self.saturated.next = self.learn.saturated.val() & self.learn_write.val();
        }
        if self.spiking.val() {
            self.saturated.next =
                self.saturated.val() | (self.update_7.q.val() & self.spike.spike.val());
        }
        self.saturated_4.d.next = (self.saturated_in.val()
            + bit_cast::<7, 1>(self.saturated.val().into()))
            & self.lane_mask.val();
        self.saturated_out.next = self.saturated_4.q.val();

        // The step of this lane's unit: from stage 4, deep 7.
        self.update_2.d.next = self.op_1.q.val() == Op::Update;
        self.update_3.d.next = self.update_2.q.val();
        self.update_4.d.next = self.update_3.q.val();
        self.update_5.d.next = self.update_4.q.val();
        self.update_6.d.next = self.update_5.q.val();
        self.update_7.d.next = self.update_6.q.val() & (self.spiking.val() | self.deep.val());
        self.update_8.d.next = self.update_7.q.val();
        self.update_9.d.next = self.update_8.q.val();
        self.update_10.d.next = self.update_9.q.val();
        self.stepping.next = self.update_4.q.val();
        if self.deep.val() {
            // The low half of the accumulator is one cycle ahead of the step.
            self.stepping.next = self.update_6.q.val();
        }
        self.mac.clear.next = self.stepping.val()
            | self.store.val()
            | (self.save.val() & self.write_word.val().get_bit(1));
        self.mac.sum_in.next = self.sum_in.val();
        self.sum_out.next = self.mac.sum_out.val();
        self.step.n.next = self.mac.acc.val();
        self.step.own.next = self.own.q.val();
        self.step.own_late.next = self.own.q.val();
        self.step.half.next = false;
        self.step.k.next = self.k.q.val();
        self.step.lift.next = self.lift.q.val();
        self.step.tolerance.next = self.tolerance.q.val();
        self.moved_8.d.next = self.moved_in.val() | (self.step.moved.val() & !self.spiking.val());
        self.changed_8.d.next =
            self.changed_in.val() | (self.step.changed.val() & !self.spiking.val());
        self.trace.next = (bit_cast::<18, 14>(self.own_state.q.val()) << 4)
            | bit_cast::<18, 4>(self.own_low.q.val());
        self.spike.v.next = self.own_membrane.q.val();
        self.spike.z.next = self.trace.val();
        self.spike.target.next = self.own_target.q.val();
        self.spike.nudged.next = self.nudged.q.val();
        self.spike.negative.next = self.negative.q.val();
        self.spike.v_late.next = self.own_membrane.q.val();
        self.spike.z_late.next = self.trace.val();
        self.spike.current.next = self.mac.acc.val();
        self.spike.valid.next = self.update_5.q.val();
        self.moved_out.next = self.moved_8.q.val();
        self.changed_out.next = self.changed_8.q.val();

        self.probe_valid.next = self.written.val() | self.bank_write.val();
        self.probe_kind.next = self.bank_write.val();
        self.probe_address.next = bit_cast::<16, 12>(self.target_slot.q.val());
        self.probe_value.next = bit_cast::<36, 16>(self.step.x_new.val());
        if self.spiking.val() {
            self.probe_value.next = bit_cast::<36, 18>(self.spike.z_new.val())
                | (bit_cast::<36, 16>(self.spike.v_new.val()) << 18)
                | (bit_cast::<36, 1>(self.spike.spike.val().into()) << 34);
        }
        if self.bank_write.val() {
            self.probe_address.next = self.write_address.val();
            self.probe_value.next = bit_cast::<36, 16>(self.bank_data.val());
        }
    }
}
