//! The sequencer: runs a section of the schedule memory and emits tokens, at most one a cycle.
//!
//! ```text
//!  start, start_pc ─► +-----------+ ─► token (registered)
//!        list_word ─► | sequencer | ─► open, close, restart (column unit)
//!        sums_word ─► +-----------+ ─► done
//! ```
//! Each instruction costs one cycle of its own unless it emits tokens back to back; the next
//! instruction is already read while one runs. Two timers hold back what depends on earlier
//! results: `update_timer` until the states of an update can be read, `tail_timer` until what is
//! in the line has reached the column unit. `arch::schedule` counts the same cycles.

use super::primitive::{Ram, RamShape};
use super::slot_base::SlotBase;
use super::token::Op;
use super::triangle::Triangle;
use crate::arch::pipeline::DRIVE_WORDS;
use crate::arch::program::{slot, Code};
use crate::arch::spiking::OWN_WORDS;
use crate::arch::Shape;
use crate::config::Formats;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Mode {
    Idle,
    Fetch,
    Run,
    Walk,
}

#[derive(LogicBlock)]
pub struct Sequencer<const A: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub start_pc: Signal<In, Bits<16>>,
    pub done: Signal<Out, Bit>,
    /// New states of earlier layers are used within a sweep.
    pub sequential: Signal<In, Bit>,
    /// Slots that hold the states before and after the running sweep.
    pub base_slot: Signal<In, Bits<3>>,
    pub work_slot: Signal<In, Bits<3>>,
    /// The output layer is nudged, with a negative sign.
    pub nudged: Signal<In, Bit>,
    pub negative: Signal<In, Bit>,
    pub output_layer: Signal<In, Bits<4>>,
    pub nudge_shift: Signal<In, Bits<4>>,
    pub k: Signal<In, Bits<2>>,
    pub tolerance: Signal<In, Bits<8>>,
    /// Words between the list regions of two slots; start of the input's list.
    pub list_stride: Signal<In, Bits<16>>,
    pub input_base: Signal<In, Bits<16>>,
    pub program_write: Signal<In, Bit>,
    pub program_address: Signal<In, Bits<16>>,
    pub program_data: Signal<In, Bits<32>>,
    /// Spiking units: lists are those of states, which are in the twins of the slots.
    pub states: Signal<In, Bit>,
    /// Tokens of the port.
    pub port_op: Signal<In, Op>,
    pub port_sub: Signal<In, Bits<6>>,
    pub port_addr: Signal<In, Bits<16>>,
    pub port_slot: Signal<In, Bits<12>>,
    pub port_value: Signal<In, Bits<16>>,
    pub port_tag: Signal<In, Bits<16>>,
    pub op: Signal<Out, Op>,
    pub sub: Signal<Out, Bits<6>>,
    pub addr: Signal<Out, Bits<16>>,
    pub slot: Signal<Out, Bits<12>>,
    pub value: Signal<Out, Bits<16>>,
    pub tag: Signal<Out, Bits<16>>,
    /// List memory: `list_select` takes its read port for the next word.
    pub list_select: Signal<Out, Bit>,
    pub list_address: Signal<Out, Bits<16>>,
    pub list_word: Signal<In, Bits<29>>,
    pub sums_address: Signal<Out, Bits<16>>,
    pub sums_word: Signal<In, Bits<A>>,
    pub restart: Signal<Out, Bit>,
    pub to_sums: Signal<Out, Bit>,
    pub open: Signal<Out, Bit>,
    pub write_base: Signal<Out, Bits<16>>,
    pub walk_base: Signal<Out, Bits<16>>,
    pub bias_base: Signal<Out, Bits<16>>,
    /// First list address of the work slot.
    pub work_base: Signal<Out, Bits<16>>,
    pub from_zero: Signal<Out, Bit>,
    pub open_nudged: Signal<Out, Bit>,
    /// Which copies of membranes and traces are read and written; states are read from the head.
    pub read_copy: Signal<Out, Bit>,
    pub write_copy: Signal<Out, Bit>,
    pub from_head: Signal<Out, Bit>,
    pub close: Signal<Out, Bit>,
    /// The learner: steps of its instructions, and the token that it wants emitted.
    pub p_slot: Signal<In, Bits<3>>,
    pub q_slot: Signal<In, Bits<3>>,
    pub learn_set: Signal<Out, Bit>,
    pub learn_shift: Signal<Out, Bits<4>>,
    pub learn_tile: Signal<Out, Bits<8>>,
    pub learn_argument: Signal<Out, Bits<16>>,
    pub learn_load_p: Signal<Out, Bit>,
    pub learn_load_q: Signal<Out, Bit>,
    pub learn_run: Signal<Out, Bit>,
    pub learn_done: Signal<In, Bit>,
    pub learn_list_start: Signal<Out, Bits<16>>,
    pub learn_list_address: Signal<In, Bits<16>>,
    pub learn_op: Signal<In, Op>,
    pub learn_sub: Signal<In, Bits<6>>,
    pub learn_addr: Signal<In, Bits<16>>,
    pub learn_slot: Signal<In, Bits<12>>,
    pub learn_value: Signal<In, Bits<16>>,
    pub learn_tag: Signal<In, Bits<16>>,
    code_end: Constant<Bits<4>>,
    code_restore: Constant<Bits<4>>,
    code_row: Constant<Bits<4>>,
    code_bias: Constant<Bits<4>>,
    code_add: Constant<Bits<4>>,
    code_update: Constant<Bits<4>>,
    code_save: Constant<Bits<4>>,
    code_open: Constant<Bits<4>>,
    code_column: Constant<Bits<4>>,
    code_column_sums: Constant<Bits<4>>,
    code_read: Constant<Bits<4>>,
    code_close: Constant<Bits<4>>,
    code_rate: Constant<Bits<4>>,
    code_learn: Constant<Bits<4>>,
    code_collect: Constant<Bits<4>>,
    spiking: Constant<Bit>,
    own_words: Constant<Bits<16>>,
    slot_membrane: Constant<Bits<12>>,
    slot_trace: Constant<Bits<12>>,
    slot_zero: Constant<Bits<3>>,
    slot_target: Constant<Bits<12>>,
    slot_drive: Constant<Bits<12>>,
    last_word: Constant<Bits<16>>,
    accumulator_ready: Constant<Bits<16>>,
    state_ready: Constant<Bits<8>>,
    drained: Constant<Bits<8>>,
    tile_bits: Constant<Bits<4>>,
    step_mask: Constant<Bits<16>>,
    pointer_mask: Constant<Bits<16>>,
    program_mask: Constant<Bits<16>>,
    tile_mask: Constant<Bits<8>>,
    argument_mask: Constant<Bits<16>>,
    one: Constant<Bits<16>>,
    leak: Constant<Bits<16>>,
    triangular: Constant<Bit>,
    lanes: Constant<Bits<12>>,
    unity: Constant<Bits<32>>,
    schedule: Ram<32>,
    mode: DFF<Mode>,
    pc: DFF<Bits<16>>,
    instruction: DFF<Bits<32>>,
    step: DFF<Bits<16>>,
    part: DFF<Bits<8>>,
    pointer: DFF<Bits<16>>,
    first_segment: DFF<Bits<16>>,
    /// The last layer whose states are new; a sweep takes the layers in order.
    fresh: DFF<Bits<4>>,
    update_timer: DFF<Bits<8>>,
    tail_timer: DFF<Bits<8>>,
    sums_pass: DFF<Bit>,
    head_pass: DFF<Bit>,
    /// The layer of the tile that is gathered, and its first row, if the layer is connected to itself.
    own_layer: DFF<Bits<4>>,
    first_row: DFF<Bits<12>>,
    triangle: Triangle,
    upper: Signal<Local, Bit>,
    limits: Signal<Local, Bits<16>>,
    op_0: DFF<Op>,
    sub_0: DFF<Bits<6>>,
    addr_0: DFF<Bits<16>>,
    slot_0: DFF<Bits<12>>,
    value_0: DFF<Bits<16>>,
    tag_0: DFF<Bits<16>>,
    advance: Signal<Local, Bit>,
    next_pc: Signal<Local, Bits<16>>,
    code: Signal<Local, Bits<4>>,
    layer: Signal<Local, Bits<4>>,
    tile: Signal<Local, Bits<8>>,
    argument: Signal<Local, Bits<16>>,
    current: Signal<Local, Bits<3>>,
    at_slot: Signal<Local, Bits<12>>,
    at_work: Signal<Local, Bits<12>>,
    count: Signal<Local, Bits<16>>,
    part_now: Signal<Local, Bits<8>>,
    current_slot: SlotBase,
    work_slot_base: SlotBase,
    pull: Signal<Local, Bits<16>>,
    rounding: Signal<Local, Bits<32>>,
    is_output: Signal<Local, Bit>,
    learning: Signal<Local, Bit>,
    result_due: Signal<Local, Bit>,
    twin: Signal<Local, Bits<3>>,
    base_copy: Signal<Local, Bit>,
    work_copy: Signal<Local, Bit>,
    at_own: Signal<Local, Bits<12>>,
}

impl<const A: usize> Sequencer<A> {
    /// A sequencer for hardware of a shape.
    pub fn new(shape: &Shape, schedule: RamShape) -> Self {
        let Formats {
            state_fraction,
            weight_fraction,
            ..
        } = shape.formats;
        let code = |code: Code| Constant::new((code as u64).into());
        let word = |value: u32| Constant::new(u64::from(value).into());
        block!(Sequencer {
            clock, reset, start, start_pc, done, sequential, base_slot, work_slot, nudged, negative,
            output_layer, nudge_shift, k, tolerance, list_stride, input_base, program_write,
            program_address, program_data, op, sub, addr, slot, value, tag, list_select,
            list_address, list_word, sums_address, sums_word, restart, to_sums, open, write_base,
            port_op, port_sub, port_addr,
            port_slot, port_value, port_tag, p_slot, q_slot, learn_set, learn_shift, learn_tile, learn_argument, learn_load_p,
            learn_load_q, learn_run, learn_done, learn_list_start, learn_list_address, learn_op,
            learn_sub, learn_addr, learn_slot, learn_value, learn_tag,
            walk_base, bias_base, from_zero, open_nudged, close, mode, pc, instruction, step, part,
            pointer, first_segment, fresh, update_timer, tail_timer, sums_pass, own_layer, first_row, upper, limits, op_0, sub_0, addr_0,
            slot_0, value_0, tag_0, advance, next_pc, code, layer, tile, argument, current, at_slot, at_work,
            work_base, count, part_now, current_slot, work_slot_base, pull, rounding, is_output, learning, result_due, states,
            read_copy, write_copy, from_head, head_pass, twin, base_copy, work_copy, at_own;
            code_end: code(Code::End),
            code_restore: code(Code::Restore),
            code_row: code(Code::Row),
            code_bias: code(Code::Bias),
            code_add: code(Code::Add),
            code_update: code(Code::Update),
            code_save: code(Code::Save),
            code_open: code(Code::Open),
            code_column: code(Code::Column),
            code_column_sums: code(Code::ColumnSums),
            code_read: code(Code::Read),
            code_close: code(Code::Close),
            code_rate: code(Code::Rate),
            code_learn: code(Code::Learn),
            code_collect: code(Code::Collect),
            spiking: Constant::new(shape.spiking.is_some()),
            own_words: word(OWN_WORDS),
            slot_membrane: Constant::new(u64::from(slot::MEMBRANE).into()),
            slot_trace: Constant::new(u64::from(slot::TRACE).into()),
            slot_zero: Constant::new(u64::from(slot::ZERO).into()),
            slot_target: Constant::new(u64::from(slot::TARGET).into()),
            slot_drive: Constant::new(u64::from(slot::DRIVE).into()),
            last_word: word(DRIVE_WORDS - 1),
            accumulator_ready: word(shape.stages().sum),
            // A timer set in the cycle of its cause reads zero this many cycles later.
            state_ready: Constant::new(u64::from(shape.stages().state - 1).into()),
            drained: Constant::new(u64::from(shape.drain() - 1).into()),
            tile_bits: Constant::new(u64::from(shape.tile_bits).into()),
            step_mask: Constant::new(shape.step_mask().into()),
            pointer_mask: Constant::new(shape.pointer_mask().into()),
            program_mask: Constant::new(shape.program_mask().into()),
            tile_mask: Constant::new(shape.field_mask().into()),
            argument_mask: Constant::new(shape.argument_mask().into()),
            one: word(1 << state_fraction),
            leak: word((1 << 16) - (1 << weight_fraction)),
            // Input currents are rounded from the fraction bits of states, steps from those of weights.
            unity: Constant::new(match shape.spiking {
                None => (1u64 << weight_fraction).into(),
                Some(_) => (1u64 << state_fraction).into(),
            }),
            triangular: Constant::new(shape.triangular),
            lanes: Constant::new((shape.lanes as u64).into()),
            triangle: Triangle::new(shape),
            schedule: Ram::new(schedule)
        })
    }
}

impl<const A: usize> Logic for Sequencer<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            mode,
            pc,
            instruction,
            step,
            part,
            pointer,
            first_segment,
            fresh,
            update_timer,
            tail_timer,
            sums_pass,
            head_pass,
            own_layer,
            first_row,
            op_0,
            sub_0,
            addr_0,
            slot_0,
            value_0,
            tag_0
        );
        clock!(self, clock, schedule);
        self.schedule.write_enable.next = self.program_write.val();
        self.schedule.write_address.next = self.program_address.val();
        self.schedule.write_data.next = self.program_data.val();

        // While the sequencer is idle the port's tokens pass; what a token has no use for may be anything.
        self.op_0.d.next = self.port_op.val();
        self.sub_0.d.next = self.port_sub.val();
        self.addr_0.d.next = self.port_addr.val();
        self.slot_0.d.next = self.port_slot.val();
        self.value_0.d.next = self.port_value.val();
        self.tag_0.d.next = self.port_tag.val();
        self.op.next = self.op_0.q.val();
        self.sub.next = self.sub_0.q.val();
        self.addr.next = self.addr_0.q.val();
        self.slot.next = self.slot_0.q.val();
        self.value.next = self.value_0.q.val();
        self.tag.next = self.tag_0.q.val();
        self.done.next = false;
        self.restart.next = false;
        self.open.next = false;
        self.close.next = false;
        self.list_select.next = false;
        self.advance.next = false;
        self.result_due.next = false;
        self.next_pc.next = self.pc.q.val();
        self.to_sums.next = self.sums_pass.q.val();
        if self.update_timer.q.val().any() {
            self.update_timer.d.next = self.update_timer.q.val() - 1;
        }
        if self.tail_timer.q.val().any() {
            self.tail_timer.d.next = self.tail_timer.q.val() - 1;
        }

        // Fields, of the segment word while a column pass walks over its segments.
        self.code.next = self.instruction.q.val().get_bits::<4>(28);
        self.layer.next = self.instruction.q.val().get_bits::<4>(24);
        self.tile.next = self.instruction.q.val().get_bits::<8>(16) & self.tile_mask.val();
        self.argument.next = self.instruction.q.val().get_bits::<16>(0) & self.argument_mask.val();
        self.part_now.next = self.part.q.val() & self.tile_mask.val();
        self.count.next = self.step.q.val() & self.step_mask.val();
        if self.mode.q.val() == Mode::Walk {
            self.layer.next = self.schedule.read_data.val().get_bits::<4>(24);
        }
        // A layer meets itself: in a segment of its own column pass, or in a row of its own tile.
        self.upper.next = (self.code.val() == self.code_row.val())
            & self.layer.val().any()
            & (self.layer.val() == self.own_layer.q.val());
        self.triangle.column.next = self.list_word.val().get_bits::<12>(16);
        if self.mode.q.val() == Mode::Walk {
            self.upper.next = self.layer.val() == self.instruction.q.val().get_bits::<4>(24);
            self.triangle.column.next = self.count.val().get_bits::<12>(0);
        }
        self.triangle.upper.next = self.upper.val();
        self.triangle.first_row.next = self.first_row.q.val();
        self.limits.next = self.triangle.tag.val();
        self.current.next = self.base_slot.val();
        if self.sequential.val() & self.layer.val().any() & (self.layer.val() <= self.fresh.q.val())
        {
            self.current.next = self.work_slot.val();
        }
        if self.code.val() == self.code_learn.val() {
            self.current.next = self.p_slot.val();
            if self.count.val().any() {
                self.current.next = self.q_slot.val();
            }
        }
        self.twin.next = bit_cast::<3, 1>(self.states.val().into());
        self.current_slot.slot.next = self.current.val() ^ self.twin.val();
        self.current_slot.stride.next = self.list_stride.val();
        self.work_slot_base.slot.next = self.work_slot.val() ^ self.twin.val();
        self.work_slot_base.stride.next = self.list_stride.val();
        self.work_base.next = self.work_slot_base.base.val();
        self.at_slot.next = (bit_cast::<12, 3>(self.current.val()) << self.tile_bits.val())
            | bit_cast::<12, 8>(self.tile.val());
        self.at_work.next = (bit_cast::<12, 3>(self.work_slot.val()) << self.tile_bits.val())
            | bit_cast::<12, 8>(self.tile.val());
        self.base_copy.next = self.base_slot.val().get_bits::<2>(1).any();
        self.work_copy.next = self.work_slot.val().get_bits::<2>(1).any();
        self.write_copy.next = self.work_copy.val();
        self.read_copy.next = self.base_copy.val();
        if self.states.val() {
            self.read_copy.next = self.work_copy.val();
        }
        self.from_head.next = self.head_pass.q.val();
        self.at_own.next = self.slot_membrane.val();
        self.is_output.next = self.nudged.val() & (self.layer.val() == self.output_layer.val());
        // The nudge: 2^shift or −2^shift.
        self.pull.next = bits::<16>(1) << self.nudge_shift.val();
        if self.negative.val() {
            self.pull.next = bits::<16>(0xFFFF) << self.nudge_shift.val();
        }
        // Half of what the step of 2^−(G + k) leaves behind.
        self.rounding.next = (self.unity.val() << self.k.val()) >> 1;

        self.write_base.next =
            self.work_slot_base.base.val() + (bit_cast::<16, 8>(self.tile.val()) << 4);
        self.walk_base.next =
            self.current_slot.base.val() + (bit_cast::<16, 8>(self.tile.val()) << 4);
        self.bias_base.next = self.argument.val();
        self.from_zero.next = self.current.val() == self.slot_zero.val();
        self.open_nudged.next = self.is_output.val();
        self.list_address.next = self.pointer.q.val() & self.pointer_mask.val();
        self.learn_shift.next = self.layer.val();
        self.learn_tile.next = self.tile.val();
        self.learn_argument.next = self.argument.val();
        // Apart from the other steps, which depend on what the learner makes of these.
        self.learning.next =
            (self.mode.q.val() == Mode::Run) & (self.code.val() == self.code_learn.val());
        self.learn_set.next =
            (self.mode.q.val() == Mode::Run) & (self.code.val() == self.code_rate.val());
        self.learn_load_p.next = self.learning.val() & (self.count.val() == 0);
        self.learn_load_q.next = self.learning.val() & (self.count.val() == 1);
        self.learn_run.next = self.learning.val() & (self.count.val() > 1);
        self.learn_list_start.next = self.walk_base.val();
        if self.layer.val() == 0 {
            self.learn_list_start.next = self.input_base.val();
        }
        self.sums_address.next = self.pointer.q.val() & self.pointer_mask.val();

        if self.mode.q.val() == Mode::Fetch {
            self.advance.next = true;
            self.mode.d.next = Mode::Run;
        } else if self.mode.q.val() == Mode::Walk {
            self.op_0.d.next = Op::Column;
            self.result_due.next = true;
            self.addr_0.d.next = self.schedule.read_data.val().get_bits::<16>(0) + self.count.val();
            self.slot_0.d.next = (bit_cast::<12, 3>(self.current.val()) << self.tile_bits.val())
                | bit_cast::<12, 8>(self.schedule.read_data.val().get_bits::<8>(16));
            self.tag_0.d.next = self.limits.val();
            if self.part_now.val() == 0 {
                self.tag_0.d.next = self.limits.val() | 1;
            }
            // The tiles of a layer follow one another, from its first row on in every column.
            if self.upper.val() {
                self.first_row.d.next = self.first_row.q.val() + self.lanes.val();
            }
            self.part.d.next = self.part_now.val() + 1;
            self.next_pc.next = self.pc.q.val() + 1;
            if self.part_now.val() + 1 == self.tile.val() {
                self.tag_0.d.next = self.limits.val() | 2;
                if self.part_now.val() == 0 {
                    self.tag_0.d.next = self.limits.val() | 3;
                }
                self.first_row.d.next = 0.into();
                self.part.d.next = 0.into();
                self.step.d.next = self.count.val() + 1;
                if self.count.val() + 1 == self.argument.val() {
                    self.mode.d.next = Mode::Fetch;
                } else {
                    self.next_pc.next = self.first_segment.q.val();
                }
            }
        } else if self.mode.q.val() == Mode::Run {
            self.step.d.next = self.count.val() + 1;
            if self.code.val() == self.code_restore.val() {
                self.op_0.d.next = Op::Restore;
                self.sub_0.d.next = bit_cast::<6, 16>(self.count.val());
                self.slot_0.d.next = ((self.slot_drive.val()
                    + bit_cast::<12, 16>(self.count.val()))
                    << self.tile_bits.val())
                    | bit_cast::<12, 8>(self.tile.val());
                self.value_0.d.next = 1.into();
                self.own_layer.d.next = self.layer.val();
                self.first_row.d.next = self.argument.val().get_bits::<12>(0);
                self.advance.next = self.count.val() == self.last_word.val();
            } else if self.code.val() == self.code_row.val() {
                self.list_select.next = true;
                if self.count.val() == 0 {
                    self.list_address.next = self.walk_base.val();
                    if self.layer.val() == 0 {
                        self.list_address.next = self.input_base.val();
                    } else {
                        self.advance.next = self.from_zero.val();
                    }
                } else {
                    self.step.d.next = self.count.val();
                    if self.list_word.val().get_bit(28) {
                        self.advance.next = true;
                    } else {
                        self.op_0.d.next = Op::Row;
                        self.addr_0.d.next = self.argument.val()
                            + bit_cast::<16, 12>(self.list_word.val().get_bits::<12>(16));
                        self.value_0.d.next = self.list_word.val().get_bits::<16>(0);
                        if self.triangular.val() {
                            self.tag_0.d.next = self.limits.val();
                        }
                    }
                }
                self.pointer.d.next = self.list_address.val() + 1;
            } else if self.code.val() == self.code_bias.val() {
                self.op_0.d.next = Op::Row;
                self.addr_0.d.next = self.argument.val();
                self.value_0.d.next = self.one.val();
                if self.triangular.val() {
                    self.tag_0.d.next = self.limits.val();
                }
                self.advance.next = true;
            } else if self.code.val() == self.code_add.val() {
                if self.count.val() == 0 {
                    self.sums_address.next = self.argument.val();
                    self.pointer.d.next = self.argument.val();
                    self.part.d.next = 0.into();
                    if self.tail_timer.q.val().any() {
                        self.step.d.next = 0.into();
                    }
                } else {
                    self.op_0.d.next = Op::Add;
                    self.sub_0.d.next = bit_cast::<6, 8>(self.part_now.val());
                    self.tag_0.d.next = self.count.val() - 1;
                    self.value_0.d.next = self.sums_word.val().get_bits::<16>(0);
                    if self.part_now.val() == 1 {
                        self.value_0.d.next = self.sums_word.val().get_bits::<16>(16);
                    }
                    self.part.d.next = self.part_now.val() + 1;
                    self.step.d.next = self.count.val();
                    if bit_cast::<16, 8>(self.part_now.val()) == self.last_word.val() {
                        self.value_0.d.next = bit_cast::<16, A>(self.sums_word.val() >> 32);
                        self.part.d.next = 0.into();
                        self.step.d.next = self.count.val() + 1;
                        self.sums_address.next =
                            (self.pointer.q.val() & self.pointer_mask.val()) + 1;
                        self.pointer.d.next = (self.pointer.q.val() & self.pointer_mask.val()) + 1;
                        self.advance.next = self.count.val() == bit_cast::<16, 8>(self.tile.val());
                    }
                }
            } else if self.spiking.val() & (self.code.val() == self.code_update.val()) {
                self.op_0.d.next = Op::Own;
                self.sub_0.d.next = bit_cast::<6, 16>(self.count.val());
                self.value_0.d.next = bit_cast::<16, 1>((!self.from_zero.val()).into());
                if self.count.val().get_bit(1) {
                    self.at_own.next = self.slot_trace.val();
                }
                self.slot_0.d.next = ((self.at_own.val()
                    | bit_cast::<12, 1>(self.base_copy.val().into()))
                    << self.tile_bits.val())
                    | bit_cast::<12, 8>(self.tile.val());
                if self.count.val() == 0 {
                    self.slot_0.d.next = self.at_slot.val();
                    if self.update_timer.q.val().any() {
                        self.op_0.d.next = Op::Nop;
                        self.step.d.next = 0.into();
                    }
                } else if self.count.val() == self.own_words.val() {
                    self.slot_0.d.next = (self.slot_target.val() << self.tile_bits.val())
                        | bit_cast::<12, 8>(self.tile.val());
                }
                if (self.count.val() == (self.own_words.val() + 1))
                    | ((self.count.val() == self.own_words.val()) & !self.is_output.val())
                {
                    self.op_0.d.next = Op::Update;
                    self.slot_0.d.next = self.at_work.val();
                    self.value_0.d.next = bit_cast::<16, 1>(self.is_output.val().into())
                        | (bit_cast::<16, 1>(self.negative.val().into()) << 1);
                    self.result_due.next = true;
                    self.update_timer.d.next = self.state_ready.val();
                    self.advance.next = true;
                }
            } else if self.code.val() == self.code_update.val() {
                self.slot_0.d.next = self.at_slot.val();
                if self.count.val() == 0 {
                    if self.update_timer.q.val().any() {
                        self.step.d.next = 0.into();
                    } else {
                        self.op_0.d.next = Op::Leak;
                        self.value_0.d.next = self.leak.val();
                        if self.is_output.val() {
                            self.value_0.d.next = self.leak.val() - self.pull.val();
                        }
                    }
                } else if self.is_output.val() & (self.count.val() == 1) {
                    self.op_0.d.next = Op::Nudge;
                    self.slot_0.d.next = (self.slot_target.val() << self.tile_bits.val())
                        | bit_cast::<12, 8>(self.tile.val());
                    self.value_0.d.next = self.pull.val();
                } else {
                    self.op_0.d.next = Op::Update;
                    self.slot_0.d.next = self.at_work.val();
                    self.value_0.d.next = (bit_cast::<16, 2>(self.k.val()) << 8)
                        | bit_cast::<16, 8>(self.tolerance.val());
                    self.result_due.next = true;
                    self.update_timer.d.next = self.state_ready.val();
                    if self.argument.val().get_bit(0) {
                        self.fresh.d.next = self.layer.val();
                    }
                    self.advance.next = true;
                }
            } else if self.code.val() == self.code_save.val() {
                self.slot_0.d.next = ((self.slot_drive.val()
                    + bit_cast::<12, 16>(self.count.val() - self.accumulator_ready.val()))
                    << self.tile_bits.val())
                    | bit_cast::<12, 8>(self.tile.val());
                if self.count.val() == 0 {
                    self.op_0.d.next = Op::AddAll;
                    self.sub_0.d.next = 0.into();
                    self.value_0.d.next = self.rounding.val().get_bits::<16>(0);
                    if !self.rounding.val().get_bits::<16>(0).any() {
                        self.sub_0.d.next = 1.into();
                        self.value_0.d.next = self.rounding.val().get_bits::<16>(16);
                    }
                } else if self.count.val() >= self.accumulator_ready.val() {
                    self.op_0.d.next = Op::Save;
                    self.sub_0.d.next =
                        bit_cast::<6, 16>(self.count.val() - self.accumulator_ready.val());
                    self.advance.next =
                        self.count.val() == (self.accumulator_ready.val() + self.last_word.val());
                }
            } else if self.code.val() == self.code_open.val() {
                self.open.next = true;
                self.head_pass.d.next = false;
                self.advance.next = true;
            } else if (self.code.val() == self.code_column.val())
                | (self.code.val() == self.code_column_sums.val())
            {
                self.step.d.next = 0.into();
                self.part.d.next = 0.into();
                self.first_row.d.next = 0.into();
                if !self.update_timer.q.val().any() {
                    self.first_segment.d.next = self.pc.q.val();
                    self.restart.next = true;
                    self.sums_pass.d.next = self.code.val() == self.code_column_sums.val();
                    self.mode.d.next = Mode::Walk;
                }
            } else if (self.code.val() == self.code_read.val())
                | (self.spiking.val() & (self.code.val() == self.code_collect.val()))
            {
                if (self.count.val() == 0) & self.update_timer.q.val().any() {
                    self.step.d.next = 0.into();
                } else {
                    // What the lanes have just written, whatever the order.
                    self.op_0.d.next = Op::ReadState;
                    self.slot_0.d.next = self.at_work.val();
                    self.tag_0.d.next = self.count.val();
                    self.value_0.d.next = 1.into();
                    if self.spiking.val() {
                        // In a time step the units that spiked.
                        self.sub_0.d.next = bit_cast::<6, 1>((!self.states.val()).into());
                    }
                    if self.spiking.val() & (self.code.val() == self.code_collect.val()) {
                        // No lane has this number.
                        self.tag_0.d.next = 0xFFFF.into();
                        self.head_pass.d.next = true;
                    }
                    self.result_due.next = true;
                    self.advance.next = self.count.val() + 1 == self.argument.val();
                }
            } else if self.code.val() == self.code_close.val() {
                if !self.tail_timer.q.val().any() {
                    self.close.next = true;
                    self.fresh.d.next = self.layer.val();
                    self.advance.next = true;
                }
            } else if self.code.val() == self.code_rate.val() {
                self.advance.next = true;
            } else if self.code.val() == self.code_learn.val() {
                self.list_select.next = true;
                self.list_address.next = self.learn_list_start.val();
                if self.learn_run.val() {
                    self.step.d.next = self.count.val();
                    self.list_address.next = self.learn_list_address.val();
                    self.op_0.d.next = self.learn_op.val();
                    self.sub_0.d.next = self.learn_sub.val();
                    self.addr_0.d.next = self.learn_addr.val();
                    self.slot_0.d.next = self.learn_slot.val();
                    self.value_0.d.next = self.learn_value.val();
                    self.tag_0.d.next = self.learn_tag.val();
                    self.result_due.next = true;
                    self.advance.next = self.learn_done.val();
                }
            } else if (self.code.val() == self.code_end.val()) & !self.tail_timer.q.val().any() {
                self.done.next = true;
                self.mode.d.next = Mode::Idle;
            }
        }
        if self.result_due.val() {
            self.tail_timer.d.next = self.drained.val();
        }
        if self.advance.val() {
            self.instruction.d.next = self.schedule.read_data.val();
            self.next_pc.next = self.pc.q.val() + 1;
            self.step.d.next = 0.into();
        }
        if self.start.val() {
            self.next_pc.next = self.start_pc.val();
            self.fresh.d.next = 0.into();
            self.mode.d.next = Mode::Fetch;
        }
        if self.reset.val() {
            self.mode.d.next = Mode::Idle;
        }
        self.schedule.read_address.next = self.next_pc.val();
        self.pc.d.next = self.next_pc.val() & self.program_mask.val();
    }
}
