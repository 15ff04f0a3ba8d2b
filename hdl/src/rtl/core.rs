//! The core: head and line, one clock, synchronous reset, AXI4-Stream in and out.
//!
//! ```text
//!            +-------------------------------------------+
//!  command ─►| port ─► control ─► sequencer ─► line ─┐   |
//! response ◄─|   │       ▲            ▲ ▼            │   |
//!            |   └─ registers      list memory ◄ column◄─┘
//!            +-------------------------------------------+
//! ```
//! `P` lanes with accumulators of `A` bits; everything else (memory sizes, formats, program) is
//! given when hardware is generated. Status and probes only observe.
//!
//! A reset of any length leaves line, accumulators and head as after configuration, and what the memories hold but for
//! the word that was being written: `rest` keeps the head in reset until the line is empty.

use super::column::Column;
use super::control::{Control, Phase};
use super::dispatch::Dispatch;
use super::learner::Learner;
use super::lengths::Lengths;
use super::line::Line;
use super::opening::Opening;
use super::port::Port;
use super::primitive::{Ram, RamShape};
use super::random::Random;
use super::registers::Registers;
use super::rest::Rest;
use super::sequencer::Sequencer;
use crate::arch::program::entry;
use crate::arch::registers::Register;
use crate::arch::Plan;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Core<const P: usize, const A: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub s_valid: Signal<In, Bit>,
    pub s_ready: Signal<Out, Bit>,
    pub s_data: Signal<In, Bits<32>>,
    pub s_last: Signal<In, Bit>,
    pub m_valid: Signal<Out, Bit>,
    pub m_ready: Signal<In, Bit>,
    pub m_data: Signal<Out, Bits<32>>,
    pub m_last: Signal<Out, Bit>,
    /// Status: a sample runs; its phase.
    pub busy: Signal<Out, Bit>,
    pub phase: Signal<Out, Phase>,
    /// Probes: every state and weight write of every lane and of the head.
    pub probe_valid: [Signal<Out, Bit>; P],
    pub probe_kind: [Signal<Out, Bit>; P],
    pub probe_address: [Signal<Out, Bits<16>>; P],
    pub probe_value: [Signal<Out, Bits<36>>; P],
    pub head_valid: Signal<Out, Bit>,
    pub head_kind: Signal<Out, Bit>,
    pub head_address: Signal<Out, Bits<16>>,
    pub head_value: Signal<Out, Bits<36>>,
    at_random: Constant<Bits<16>>,
    deep: Constant<Bit>,
    interleaves: Constant<Bit>,
    second_input: Constant<Bits<16>>,
    go: DFF<Bit>,
    /// What the sequencer tells controller and column unit, a cycle later in a deep pipeline.
    restart: DFF<Bit>,
    open: DFF<Bit>,
    to_sums: DFF<Bit>,
    write_base: DFF<Bits<16>>,
    walk_base: DFF<Bits<16>>,
    bias_base: DFF<Bits<16>>,
    from_zero: DFF<Bit>,
    nudged: DFF<Bit>,
    lifts: DFF<Bit>,
    done: DFF<Bit>,
    drained: DFF<Bit>,
    list_write: DFF<Bit>,
    list_address: DFF<Bits<16>>,
    list_word: DFF<Bits<29>>,
    port_list: DFF<Bit>,
    list_select: DFF<Bit>,
    list_select_at: DFF<Bits<16>>,
    lengths: Lengths,
    opening: Opening,
    write_list: Signal<Local, Bit>,
    write_list_at: Signal<Local, Bits<16>>,
    write_list_word: Signal<Local, Bits<29>>,
    rest: Rest,
    port: Port,
    dispatch: Dispatch,
    registers: Registers,
    control: Control,
    sequencer: Sequencer<A>,
    learner: Learner,
    random: Random,
    lists: Ram<29>,
    column: Column<A>,
    line: Line<P, A>,
}

impl<const P: usize, const A: usize> Core<P, A> {
    /// The core of a plan; its shape must name these `P` and `A`.
    pub fn new(plan: &Plan) -> Self {
        let shape = &plan.shape;
        let program = RamShape {
            initial: plan.program_words(),
            ..RamShape::new(shape.program_words, 32)
        };
        block!(Core {
            clock, reset, s_valid, s_ready, s_data, s_last, m_valid, m_ready, m_data, m_last, busy,
            phase, head_valid, head_kind, head_address, head_value, go, restart, open, to_sums, write_base, walk_base, bias_base, from_zero, nudged, lifts, done, drained, list_write, list_address, list_word, port_list, list_select, list_select_at, write_list, write_list_at, write_list_word;
            deep: Constant::new(shape.is_deep()),
            interleaves: Constant::new(shape.interleaves()),
            second_input: Constant::new((shape.second_input as u64).into()),
            probe_valid: std::array::from_fn(|_| Default::default()),
            probe_kind: std::array::from_fn(|_| Default::default()),
            probe_address: std::array::from_fn(|_| Default::default()),
            probe_value: std::array::from_fn(|_| Default::default()),
            at_random: Constant::new((Register::Random as u64).into()),
            rest: Rest::new(shape),
            port: Port::new(shape, plan.hash),
            dispatch: Dispatch::new(shape),
            registers: Registers::new(plan),
            control: Control::new(shape),
            learner: Learner::new(shape),
            random: Random::new(shape, plan.registers[Register::Random as usize]),
            sequencer: Sequencer::new(shape, program),
            lengths: Lengths::new(shape),
            opening: Opening::new(shape),
            lists: Ram::new(RamShape::new(shape.list_words, entry::BITS).registered(shape.is_deep())),
            column: Column::new(shape),
            line: Line::new(shape)
        })
    }
}

impl<const P: usize, const A: usize> Logic for Core<P, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            go,
            list_write,
            list_address,
            list_word,
            port_list,
            list_select,
            list_select_at,
            restart,
            open,
            to_sums,
            write_base,
            walk_base,
            bias_base,
            from_zero,
            nudged,
            lifts,
            done,
            drained
        );
        clock!(
            self, clock, rest, port, dispatch, registers, control, sequencer, learner, random,
            lists, lengths, opening, column, line
        );
        self.rest.reset.next = self.reset.val();
        self.port.reset.next = self.rest.held.val();
        self.control.reset.next = self.rest.held.val();
        self.sequencer.reset.next = self.rest.held.val();

        self.port.s_valid.next = self.s_valid.val();
        self.port.s_data.next = self.s_data.val();
        self.port.s_last.next = self.s_last.val();
        self.s_ready.next = self.port.s_ready.val();
        self.m_valid.next = self.port.m_valid.val();
        self.m_data.next = self.port.m_data.val();
        self.m_last.next = self.port.m_last.val();
        self.port.m_ready.next = self.m_ready.val();
        self.port.read_valid.next = self.column.read_valid.val();
        self.port.read_value.next = self.column.read_value.val();
        self.port.list_word.next = self.lists.read_data.val();
        self.port.finished.next = self.control.finished.val();
        self.port.report.next = self.control.report.val();
        self.port.cycles.next = self.control.cycles.val();
        self.port.saturations.next = self.control.saturations.val();
        self.port.spikes.next = self.control.spikes.val();
        self.port.random.next = self.random.state.val();
        self.port.bias_word.next = self.column.bias_word.val();
        self.port.slot_base.next = self.sequencer.work_base.val();
        self.port.input_base.next = self.registers.input_base.val();
        self.port.output_in_lanes.next = self.registers.output_in_lanes.val();
        self.port.output_tile.next = self.registers.output_tile.val();
        self.port.output_list.next = self.registers.output_list.val();
        self.port.output_units.next = self.registers.output_units.val();

        self.dispatch.register_write.next = self.port.register_write.val();
        self.dispatch.program_write.next = self.port.program_write.val();
        self.dispatch.bias_write.next = self.port.bias_write.val();
        self.dispatch.target_write.next = self.port.target_write.val();
        self.dispatch.bias_select.next = self.port.bias_select.val();
        self.dispatch.write_address.next = self.port.write_address.val();
        self.dispatch.write_data.next = self.port.write_data.val();
        self.dispatch.op.next = self.port.op.val();
        self.dispatch.sub.next = self.port.sub.val();
        self.dispatch.addr.next = self.port.addr.val();
        self.dispatch.slot.next = self.port.slot.val();
        self.dispatch.value.next = self.port.value.val();
        self.dispatch.tag.next = self.port.tag.val();

        self.registers.write.next = self.dispatch.register_write_out.val();
        self.registers.address.next = self.dispatch.write_address_out.val();
        self.registers.data.next = self.dispatch.write_data_out.val();

        self.go.d.next = self.port.go.val();
        self.control.go.next = self.port.go.val();
        if self.deep.val() {
            self.control.go.next = self.go.q.val();
        }
        self.control.nudge.next = self.port.nudge.val();
        self.control.output_in_lanes.next = self.registers.output_in_lanes.val();
        self.control.answer.next = self.port.answer.val();
        self.control.learn.next = self.port.learn.val();
        self.done.d.next = self.sequencer.done.val();
        self.control.done.next = self.sequencer.done.val();
        if self.deep.val() {
            self.control.done.next = self.done.q.val();
        }
        self.drained.d.next = self.sequencer.emptied.val();
        self.control.drained.next = false;
        self.control.pair.next = false;
        self.control.answers.next = false;
        self.sequencer.by_turns.next = false;
        self.sequencer.second_sample.next = false;
        self.sequencer.list_busy.next = false;
        if self.interleaves.val() {
            self.control.drained.next = self.drained.q.val();
            self.control.pair.next = self.port.pair.val();
            self.control.answers.next = self.port.second.val();
            self.sequencer.by_turns.next = self.control.by_turns.val();
            self.sequencer.second_sample.next = self.control.second.val();
            self.sequencer.list_busy.next = self.opening.busy.val();
        }
        self.control.moved.next = self.column.moved.val();
        self.control.changed.next = self.column.changed.val();
        self.control.max_free.next = self.registers.max_free.val();
        self.control.max_nudged.next = self.registers.max_nudged.val();
        self.control.nudging.next = self.registers.nudging.val();
        self.control.drive_pc.next = self.registers.drive_pc.val();
        self.control.sweep_pc.next = self.registers.sweep_pc.val();
        self.control.output_pc.next = self.registers.output_pc.val();
        self.control.learn_pc.next = self.registers.learn_pc.val();
        self.control.drawn_word.next = self.random.drawn.val();
        self.control.saturated_lanes.next = self.line.saturated.val();
        self.control.saturated_head.next = self.column.saturated.val();

        self.random.write.next = self.dispatch.register_write_out.val()
            & (self.dispatch.write_address_out.val() == self.at_random.val());
        self.random.data.next = self.dispatch.write_data_out.val();
        self.random.advance.next = self.control.draw.val() | self.learner.draw.val();
        self.random.again.next = self.learner.draw_again.val();
        self.random.keep.next = self.learner.draw.val() & self.learner.draw_keep.val();

        self.learner.set.next = self.sequencer.learn_set.val();
        self.learner.base_shift.next = self.sequencer.learn_shift.val();
        self.learner.tile.next = self.sequencer.learn_tile.val();
        self.learner.options.next = self.sequencer.learn_argument.val();
        self.learner.address.next = self.sequencer.learn_argument.val();
        self.learner.load_p.next = self.sequencer.learn_load_p.val();
        self.learner.load_q.next = self.sequencer.learn_load_q.val();
        self.learner.run.next = self.sequencer.learn_run.val();
        self.learner.list_start.next = self.sequencer.learn_list_start.val();
        self.learner.list_word.next = self.lists.read_data.val();
        self.learner.doublings.next = self.registers.doublings.val();
        self.learner.many_doublings.next = self.registers.many_doublings.val();
        self.learner.p_slot.next = self.control.p_slot.val();
        self.learner.q_slot.next = self.control.q_slot.val();
        self.learner.random.next = self.random.state.val();
        self.sequencer.p_slot.next = self.control.p_slot.val();
        self.sequencer.q_slot.next = self.control.q_slot.val();
        self.sequencer.learn_done.next = self.learner.done.val();
        self.sequencer.learn_list_address.next = self.learner.list_address.val();
        self.sequencer.learn_op.next = self.learner.op.val();
        self.sequencer.learn_sub.next = self.learner.sub.val();
        self.sequencer.learn_unit.next = self.learner.unit.val();
        self.sequencer.learn_slot.next = self.learner.slot.val();
        self.sequencer.learn_value.next = self.learner.value.val();
        self.sequencer.learn_tag.next = self.learner.tag.val();
        self.column.learning.next = self.learner.head_busy.val();
        self.column.train_read.next = self.learner.head_read.val();
        self.column.train_valid.next = self.learner.head_valid.val();
        self.column.train_difference.next = self.learner.head_difference.val();
        self.column.train_far.next = self.learner.head_far.val();
        self.column.train_random.next = self.learner.head_random.val();
        self.column.train_write.next = self.learner.head_write.val();
        self.column.train_write_address.next = self.learner.head_write_address.val();
        self.column.bias_select.next = self.dispatch.bias_select_out.val();
        self.busy.next = self.control.busy.val();
        self.phase.next = self.control.phase.val();

        self.sequencer.start.next = self.control.start.val();
        self.sequencer.start_pc.next = self.control.start_pc.val();
        self.sequencer.fetches.next = self.control.fetches.val();
        self.sequencer.sequential.next = self.registers.sequential.val().any();
        self.sequencer.base_slot.next = self.control.base_slot.val();
        self.sequencer.work_slot.next = self.control.work_slot.val();
        self.sequencer.nudged.next = self.control.nudged.val();
        self.sequencer.states.next = self.control.states.val();
        self.sequencer.negative.next = self.control.negative.val();
        self.sequencer.output_layer.next = self.registers.output_layer.val();
        self.sequencer.nudge_shift.next = self.registers.nudge_shift.val();
        self.sequencer.k.next = self.registers.k.val();
        self.sequencer.tolerance.next = self.registers.tolerance.val();
        self.sequencer.list_stride.next = self.registers.list_stride.val();
        self.sequencer.input_base.next = self.registers.input_base.val();
        if self.interleaves.val() & self.control.second.val() {
            self.sequencer.input_base.next = self.second_input.val();
        }
        self.sequencer.program_write.next = self.dispatch.program_write_out.val();
        self.sequencer.program_address.next = self.dispatch.write_address_out.val();
        self.sequencer.program_data.next = self.dispatch.write_data_out.val();
        self.sequencer.list_word.next = self.lists.read_data.val();
        self.sequencer.sums_word.next = self.column.sums_word.val();

        // The list memory serves the port or the sequencer.
        self.lists.read_address.next = self.sequencer.list_address.val();
        self.list_select.d.next = self.port.list_select.val();
        self.list_select_at.d.next = self.port.list_address.val();
        if self.deep.val() {
            if self.list_select.q.val() {
                self.lists.read_address.next = self.list_select_at.q.val();
            }
        } else if self.port.list_select.val() {
            self.lists.read_address.next = self.port.list_address.val();
        }
        self.write_list.next = self.port.list_write.val() | self.column.list_write.val();
        self.write_list_at.next = self.column.list_write_address.val();
        self.write_list_word.next = self.column.list_write_word.val();
        if self.port.list_write.val() {
            self.write_list_at.next = self.port.list_write_address.val();
            self.write_list_word.next = self.port.list_write_word.val();
        }
        self.list_write.d.next = self.write_list.val();
        self.list_address.d.next = self.write_list_at.val();
        self.list_word.d.next = self.write_list_word.val();
        self.lists.write_enable.next = self.write_list.val();
        self.lists.write_address.next = self.write_list_at.val();
        self.lists.write_data.next = self.write_list_word.val();
        if self.deep.val() {
            self.lists.write_enable.next = self.list_write.q.val();
            self.lists.write_address.next = self.list_address.q.val();
            self.lists.write_data.next = self.list_word.q.val();
        }

        self.port_list.d.next = self.port.list_write.val();
        self.lengths.open.next = self.open.q.val();
        self.lengths.base.next = self.write_base.q.val();
        self.lengths.ends.next = self.list_write.q.val() & self.list_word.q.val().get_bit(28);
        self.lengths.mark.next = self.list_address.q.val();
        self.lengths.of_input.next = self.port_list.q.val();
        self.lengths.input_base.next = self.registers.input_base.val();
        if self.interleaves.val() {
            self.lengths.open.next = self.opening.open_out.val();
            self.lengths.base.next = self.opening.write_base_out.val();
            if self.port.second.val() {
                self.lengths.input_base.next = self.second_input.val();
            }
        }
        self.lengths.start.next = self.sequencer.list_address.val();
        self.sequencer.list_length.next = self.lengths.length.val();

        self.column.op.next = self.line.op_out.val();
        self.column.tag.next = self.line.tag_out.val();
        self.column.sum.next = self.line.sum_out.val();
        self.column.line_moved.next = self.line.moved.val();
        self.column.line_changed.next = self.line.changed.val();
        self.restart.d.next = self.sequencer.restart.val();
        self.column.restart.next = self.sequencer.restart.val();
        self.to_sums.d.next = self.sequencer.to_sums.val();
        self.column.to_sums.next = self.sequencer.to_sums.val();
        self.open.d.next = self.sequencer.open.val();
        self.column.open.next = self.sequencer.open.val();
        self.write_base.d.next = self.sequencer.write_base.val();
        self.column.write_base.next = self.sequencer.write_base.val();
        self.walk_base.d.next = self.sequencer.walk_base.val();
        self.column.walk_base.next = self.sequencer.walk_base.val();
        self.bias_base.d.next = self.sequencer.bias_base.val();
        self.column.bias_base.next = self.sequencer.bias_base.val();
        self.from_zero.d.next = self.sequencer.from_zero.val();
        self.column.from_zero.next = self.sequencer.from_zero.val();
        self.nudged.d.next = self.sequencer.open_nudged.val();
        self.column.nudged.next = self.sequencer.open_nudged.val();
        self.lifts.d.next = self.sequencer.open_lift.val();
        self.column.lift.next = self.sequencer.open_lift.val();
        if self.deep.val() {
            self.column.restart.next = self.restart.q.val();
            self.column.open.next = self.open.q.val();
            self.column.to_sums.next = self.to_sums.q.val();
            self.column.write_base.next = self.write_base.q.val();
            self.column.walk_base.next = self.walk_base.q.val();
            self.column.bias_base.next = self.bias_base.q.val();
            self.column.from_zero.next = self.from_zero.q.val();
            self.column.nudged.next = self.nudged.q.val();
            self.column.lift.next = self.lifts.q.val();
        }
        self.opening.reset.next = self.rest.held.val();
        self.opening.open.next = self.sequencer.open.val();
        self.opening.write_base.next = self.sequencer.write_base.val();
        self.opening.walk_base.next = self.sequencer.walk_base.val();
        self.opening.bias_base.next = self.sequencer.bias_base.val();
        self.opening.from_zero.next = self.sequencer.from_zero.val();
        self.opening.nudged.next = self.sequencer.open_nudged.val();
        self.opening.lift.next = self.sequencer.open_lift.val();
        if self.interleaves.val() {
            // A pass into a list begins with the list.
            self.column.restart.next = self.restart.q.val() & self.sequencer.to_sums.val();
            self.column.open.next = self.opening.open_out.val();
            self.column.write_base.next = self.opening.write_base_out.val();
            self.column.walk_base.next = self.opening.walk_base_out.val();
            self.column.bias_base.next = self.opening.bias_base_out.val();
            self.column.from_zero.next = self.opening.from_zero_out.val();
            self.column.nudged.next = self.opening.nudged_out.val();
            self.column.lift.next = self.opening.lift_out.val();
        }
        self.column.read_copy.next = self.sequencer.read_copy.val();
        self.column.write_copy.next = self.sequencer.write_copy.val();
        self.column.states.next = self.control.states.val();
        self.column.from_head.next = self.sequencer.from_head.val();
        self.column.close.next = self.sequencer.close.val();
        self.column.nudge_shift.next = self.registers.nudge_shift.val();
        self.column.negative.next = self.control.negative.val();
        self.column.k.next = self.registers.k.val();
        self.column.tolerance.next = self.registers.tolerance.val();
        self.column.sums_address.next = self.sequencer.sums_address.val();
        self.column.bias_write.next = self.dispatch.bias_write_out.val();
        self.column.target_write.next = self.dispatch.target_write_out.val();
        self.column.unit_address.next = self.dispatch.write_address_out.val();
        self.column.unit_data.next = self.dispatch.write_data_out.val().get_bits::<16>(0);

        // Tokens of the port pass through the sequencer's registers while it is idle.
        self.sequencer.port_op.next = self.dispatch.op_out.val();
        self.sequencer.port_sub.next = self.dispatch.sub_out.val();
        self.sequencer.port_addr.next = self.dispatch.addr_out.val();
        self.sequencer.port_slot.next = self.dispatch.slot_out.val();
        self.sequencer.port_value.next = self.dispatch.value_out.val();
        self.sequencer.port_tag.next = self.dispatch.tag_out.val();
        self.line.op.next = self.sequencer.op.val();
        self.line.sub.next = self.sequencer.sub.val();
        self.line.addr.next = self.sequencer.addr.val();
        self.line.slot.next = self.sequencer.slot.val();
        self.line.value.next = self.sequencer.value.val();
        self.line.tag.next = self.sequencer.tag.val();

        for i in 0..P {
            self.probe_valid[i].next = self.line.probe_valid[i].val();
            self.probe_kind[i].next = self.line.probe_kind[i].val();
            self.probe_address[i].next = self.line.probe_address[i].val();
            self.probe_value[i].next = self.line.probe_value[i].val();
        }
        self.head_valid.next = self.column.probe_valid.val();
        self.head_kind.next = self.column.probe_kind.val();
        self.head_address.next = self.column.probe_address.val();
        self.head_value.next = self.column.probe_value.val();
    }
}
