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
//!
//! ```text
//!  instruction ─► choose ─►( )─► memories ─►( )─► add, select ─► token
//!  deep              0               1                2            3
//! ```
//! With a short pipeline a token is chosen and formed in one cycle, from the words that the cycle before asked
//! for. A deep one forms it two cycles after the choice and counts the entries of a list instead of looking for its
//! end: the first three are read before the length is known, and dropped where there are fewer. What an instruction's
//! fields say is decoded while it is loaded, the step at which it ends is known a cycle before, and when a section is
//! done the words of the next sweep are read already.

use super::fetch::Fetch;
use super::primitive::RamShape;
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

/// Instructions that form tokens or move pointers.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Kind {
    Other,
    Restore,
    Row,
    Bias,
    Add,
    Update,
    Save,
    Open,
    Columns,
    Read,
    Learn,
}

#[derive(LogicBlock)]
pub struct Sequencer<const A: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub start: Signal<In, Bit>,
    pub start_pc: Signal<In, Bits<16>>,
    /// The section that starts is the one at `start_pc` when the last one was done.
    pub resume: Signal<In, Bit>,
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
    /// List memory.
    pub list_address: Signal<Out, Bits<16>>,
    pub list_word: Signal<In, Bits<29>>,
    /// Of the list at the address of the cycle before; of deep pipelines.
    pub list_length: Signal<In, Bits<16>>,
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
    pub learn_unit: Signal<In, Bits<12>>,
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
    deep: Constant<Bit>,
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
    tile_mask: Constant<Bits<8>>,
    argument_mask: Constant<Bits<16>>,
    one: Constant<Bits<16>>,
    leak: Constant<Bits<16>>,
    triangular: Constant<Bit>,
    lanes: Constant<Bits<12>>,
    unity: Constant<Bits<32>>,
    fetch: Fetch,
    mode: DFF<Mode>,
    instruction: DFF<Bits<32>>,
    step: DFF<Bits<16>>,
    part: DFF<Bits<8>>,
    pointer: DFF<Bits<16>>,
    /// The last layer whose states are new; a sweep takes the layers in order.
    fresh: DFF<Bits<4>>,
    update_timer: DFF<Bits<8>>,
    tail_timer: DFF<Bits<8>>,
    /// The timers read zero.
    update_timer_over: DFF<Bit>,
    tail_timer_over: DFF<Bit>,
    sums_pass: DFF<Bit>,
    head_pass: DFF<Bit>,
    /// The layer of the tile that is gathered, and its first row, if the layer is connected to itself.
    own_layer: DFF<Bits<4>>,
    first_row: DFF<Bits<12>>,
    triangle: Triangle,
    upper: Signal<Local, Bit>,
    op_0: DFF<Op>,
    sub_0: DFF<Bits<6>>,
    addr_0: DFF<Bits<16>>,
    slot_0: DFF<Bits<12>>,
    value_0: DFF<Bits<16>>,
    tag_0: DFF<Bits<16>>,
    advance: Signal<Local, Bit>,
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
    /// Which step of its instruction this is, the first one again while it waits; a deep pipeline knows it from the
    /// cycle before.
    first: Signal<Local, Bit>,
    second: Signal<Local, Bit>,
    third: Signal<Local, Bit>,
    waits: Signal<Local, Bit>,
    /// How instructions end.
    last_own: Signal<Local, Bit>,
    stepped: Signal<Local, Bit>,
    row_over: Signal<Local, Bit>,
    row_counts: Signal<Local, Bit>,
    row_skipped: Signal<Local, Bit>,
    all_read: Signal<Local, Bit>,
    waited: Signal<Local, Bit>,
    over: Signal<Local, Bit>,
    over_1: DFF<Bit>,
    kind: DFF<Kind>,
    kind_next: Signal<Local, Kind>,
    kind_now: Signal<Local, Kind>,
    deciding: Signal<Local, Bits<4>>,
    /// The sequencer runs an instruction, or has the next segment of a column pass; whether it is the last of
    /// its column, and this the last column.
    running: Signal<Local, Bit>,
    walks: Signal<Local, Bit>,
    last_segment: Signal<Local, Bit>,
    last_unit_now: Signal<Local, Bit>,
    /// A column pass leaves for its segments; a unit's step, a read is emitted; the step of the instruction stays.
    passes: Signal<Local, Bit>,
    updates: Signal<Local, Bit>,
    reads: Signal<Local, Bit>,
    stays: Signal<Local, Bit>,
    /// A column pass begins.
    columns: Signal<Local, Bit>,
    first_1: DFF<Bit>,
    second_1: DFF<Bit>,
    third_1: DFF<Bit>,
    fourth_1: DFF<Bit>,
    later_1: DFF<Bit>,
    /// A learn instruction has loaded its lists.
    learns_1: DFF<Bit>,
    /// The last unit of an instruction that counts units; the last word of a sum.
    last_unit: Signal<Local, Bit>,
    last_unit_1: DFF<Bit>,
    last_sum: Signal<Local, Bit>,
    last_sum_1: DFF<Bit>,
    last_part: Signal<Local, Bit>,
    last_part_1: DFF<Bit>,
    argument_less_2: DFF<Bits<16>>,
    /// The accumulator has all that is saved; its last word is saved.
    saves: Signal<Local, Bit>,
    saves_1: DFF<Bit>,
    last_save: Signal<Local, Bit>,
    last_save_1: DFF<Bit>,
    twin: Signal<Local, Bits<3>>,
    base_copy: Signal<Local, Bit>,
    work_copy: Signal<Local, Bit>,
    at_own: Signal<Local, Bits<12>>,
    is_end: DFF<Bit>,
    at_end: Signal<Local, Bit>,
    is_restore: DFF<Bit>,
    at_restore: Signal<Local, Bit>,
    is_row: DFF<Bit>,
    at_row: Signal<Local, Bit>,
    is_bias: DFF<Bit>,
    at_bias: Signal<Local, Bit>,
    is_add: DFF<Bit>,
    at_add: Signal<Local, Bit>,
    is_update: DFF<Bit>,
    at_update: Signal<Local, Bit>,
    is_save: DFF<Bit>,
    at_save: Signal<Local, Bit>,
    is_open: DFF<Bit>,
    at_open: Signal<Local, Bit>,
    is_column: DFF<Bit>,
    at_column: Signal<Local, Bit>,
    is_column_sums: DFF<Bit>,
    at_column_sums: Signal<Local, Bit>,
    is_read: DFF<Bit>,
    at_read: Signal<Local, Bit>,
    is_close: DFF<Bit>,
    at_close: Signal<Local, Bit>,
    is_rate: DFF<Bit>,
    at_rate: Signal<Local, Bit>,
    is_learn: DFF<Bit>,
    at_learn: Signal<Local, Bit>,
    is_collect: DFF<Bit>,
    at_collect: Signal<Local, Bit>,
    is_fresh_1: DFF<Bit>,
    /// One less than the fields of the instruction.
    argument_less_1: DFF<Bits<16>>,
    tile_less_1: DFF<Bits<8>>,
    argument_less: Signal<Local, Bits<16>>,
    tile_less: Signal<Local, Bits<8>>,
    is_output_1: DFF<Bit>,
    is_input_1: DFF<Bit>,
    base_zero: DFF<Bit>,
    next_code: Signal<Local, Bits<4>>,
    next_layer: Signal<Local, Bits<4>>,
    newest: Signal<Local, Bits<4>>,
    fresh_next: Signal<Local, Bit>,
    fresh_row: Signal<Local, Bit>,
    is_input: Signal<Local, Bit>,
    walk_slot: Signal<Local, Bits<3>>,
    walk_slot_at: Signal<Local, Bits<12>>,
    fresh_row_1: DFF<Bit>,
    walks_1: DFF<Bit>,
    row_ends: Signal<Local, Bit>,
    /// Entries of a list that are left after this one, and whether there are none; the list's length, at most 3.
    entries_left: DFF<Bits<16>>,
    no_entry_left: DFF<Bit>,
    few: DFF<Bits<2>>,
    /// Which entry of its list a token has, at most 3.
    turn_f: Signal<Local, Bits<2>>,
    turn_1: DFF<Bits<2>>,
    turn_2: DFF<Bits<2>>,
    op_f: Signal<Local, Op>,
    op_now: Signal<Local, Op>,
    op_1: DFF<Op>,
    op_2: DFF<Op>,
    sub_f: Signal<Local, Bits<6>>,
    sub_now: Signal<Local, Bits<6>>,
    sub_1: DFF<Bits<6>>,
    sub_2: DFF<Bits<6>>,
    slot_f: Signal<Local, Bits<12>>,
    slot_now: Signal<Local, Bits<12>>,
    slot_1: DFF<Bits<12>>,
    slot_2: DFF<Bits<12>>,
    base_f: Signal<Local, Bits<16>>,
    base_now: Signal<Local, Bits<16>>,
    base_1: DFF<Bits<16>>,
    base_2: DFF<Bits<16>>,
    offset_f: Signal<Local, Bits<16>>,
    offset_now: Signal<Local, Bits<16>>,
    offset_1: DFF<Bits<16>>,
    offset_2: DFF<Bits<16>>,
    value_f: Signal<Local, Bits<16>>,
    value_now: Signal<Local, Bits<16>>,
    value_1: DFF<Bits<16>>,
    value_2: DFF<Bits<16>>,
    tag_f: Signal<Local, Bits<16>>,
    tag_now: Signal<Local, Bits<16>>,
    tag_1: DFF<Bits<16>>,
    tag_2: DFF<Bits<16>>,
    listed_f: Signal<Local, Bit>,
    listed_now: Signal<Local, Bit>,
    listed_1: DFF<Bit>,
    listed_2: DFF<Bit>,
    summed_f: Signal<Local, Bit>,
    summed_now: Signal<Local, Bit>,
    summed_1: DFF<Bit>,
    summed_2: DFF<Bit>,
    masked_f: Signal<Local, Bit>,
    masked_now: Signal<Local, Bit>,
    masked_1: DFF<Bit>,
    masked_2: DFF<Bit>,
    upper_now: Signal<Local, Bit>,
    upper_1: DFF<Bit>,
    upper_2: DFF<Bit>,
    first_row_now: Signal<Local, Bits<12>>,
    first_row_1: DFF<Bits<12>>,
    first_row_2: DFF<Bits<12>>,
    base_list: DFF<Bits<16>>,
    work_list: DFF<Bits<16>>,
    p_list: DFF<Bits<16>>,
    q_list: DFF<Bits<16>>,
    write_start_1: DFF<Bits<16>>,
    pull_1: DFF<Bits<16>>,
    pulled_1: DFF<Bits<16>>,
    entry: Signal<Local, Bits<29>>,
    sums: Signal<Local, Bits<A>>,
    ends: Signal<Local, Bit>,
    is_fresh: Signal<Local, Bit>,
    list_now: Signal<Local, Bits<16>>,
    work_list_now: Signal<Local, Bits<16>>,
    list_start: Signal<Local, Bits<16>>,
    write_start: Signal<Local, Bits<16>>,
    start_now: Signal<Local, Bits<16>>,
    leak_now: Signal<Local, Bits<16>>,
    pull_now: Signal<Local, Bits<16>>,
    pulled: Signal<Local, Bits<16>>,
    p_base: SlotBase,
    q_base: SlotBase,
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
            clock, reset, start, start_pc, resume, done, sequential, base_slot, work_slot, nudged, negative,
            output_layer, nudge_shift, k, tolerance, list_stride, input_base, program_write,
            program_address, program_data, op, sub, addr, slot, value, tag,
            list_address, list_word, list_length, sums_address, sums_word, restart, to_sums, open, write_base,
            port_op, port_sub, port_addr,
            port_slot, port_value, port_tag, p_slot, q_slot, learn_set, learn_shift, learn_tile, learn_argument, learn_load_p,
            learn_load_q, learn_run, learn_done, learn_list_start, learn_list_address, learn_op,
            learn_sub, learn_unit, learn_slot, learn_value, learn_tag,
            walk_base, bias_base, from_zero, open_nudged, close, mode, instruction, step, part,
            pointer, fresh, update_timer, tail_timer, sums_pass, own_layer, first_row, upper, op_0, sub_0, addr_0,
            slot_0, value_0, tag_0, advance, code, layer, tile, argument, current, at_slot, at_work,
            work_base, count, part_now, current_slot, work_slot_base, pull, rounding, is_output, learning, result_due, first, second, third, waits, last_own, stepped, row_over, row_counts, row_skipped, all_read, waited, over, over_1, kind, kind_next, kind_now, deciding, running, last_segment, last_unit_now, passes, updates, reads, stays, columns, first_1, second_1, third_1, fourth_1, later_1, learns_1,
            last_unit, last_unit_1, last_sum, last_sum_1, last_part, last_part_1, argument_less_2, saves, saves_1, last_save, last_save_1, states,
            read_copy, write_copy, from_head, head_pass, twin, base_copy, work_copy, at_own, op_f, op_now, op_1, op_2, sub_f, sub_now, sub_1, sub_2, slot_f, slot_now, slot_1, slot_2, base_f, base_now, base_1, base_2, offset_f, offset_now, offset_1, offset_2, value_f, value_now, value_1, value_2, tag_f, tag_now, tag_1, tag_2, listed_f, listed_now, listed_1, listed_2, summed_f, summed_now, summed_1, summed_2, masked_f, masked_now, masked_1, masked_2, upper_now, upper_1, upper_2, first_row_now, first_row_1, first_row_2, entries_left, no_entry_left, few, turn_f, turn_1, turn_2, base_list, work_list, p_list, q_list, write_start_1, pull_1, pulled_1, entry, sums, ends, is_fresh, list_now, work_list_now, list_start, write_start, start_now, leak_now, pull_now, pulled, walks, p_base, q_base, is_end, at_end, is_restore, at_restore, is_row, at_row, is_bias, at_bias, is_add, at_add, is_update, at_update, is_save, at_save, is_open, at_open, is_column, at_column, is_column_sums, at_column_sums, is_read, at_read, is_close, at_close, is_rate, at_rate, is_learn, at_learn, is_collect, at_collect, is_fresh_1, is_output_1, is_input_1, base_zero, next_code, next_layer, newest, fresh_next, fresh_row, is_input, walk_slot, walk_slot_at, fresh_row_1, walks_1, row_ends, update_timer_over, tail_timer_over, argument_less_1, tile_less_1, argument_less, tile_less;
            deep: Constant::new(shape.is_deep()),
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
            fetch: Fetch::new(shape, schedule)
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
            instruction,
            step,
            part,
            pointer,
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
            tag_0,
            op_1,
            op_2,
            sub_1,
            sub_2,
            slot_1,
            slot_2,
            base_1,
            base_2,
            offset_1,
            offset_2,
            value_1,
            value_2,
            tag_1,
            tag_2,
            listed_1,
            listed_2,
            summed_1,
            summed_2,
            masked_1,
            masked_2,
            upper_1,
            upper_2,
            first_row_1,
            first_row_2,
            entries_left,
            no_entry_left,
            few,
            turn_1,
            turn_2,
            base_list,
            work_list,
            p_list,
            q_list,
            write_start_1,
            pull_1,
            pulled_1,
            is_end,
            is_restore,
            is_row,
            is_bias,
            is_add,
            is_update,
            is_save,
            is_open,
            is_column,
            is_column_sums,
            is_read,
            is_close,
            is_rate,
            is_learn,
            is_collect,
            is_fresh_1,
            is_output_1,
            is_input_1,
            base_zero,
            update_timer_over,
            tail_timer_over,
            argument_less_1,
            tile_less_1,
            first_1,
            second_1,
            third_1,
            fourth_1,
            later_1,
            learns_1,
            last_unit_1,
            last_sum_1,
            last_part_1,
            argument_less_2,
            saves_1,
            last_save_1,
            over_1,
            kind,
            fresh_row_1,
            walks_1
        );
        clock!(self, clock, fetch);
        self.fetch.program_write.next = self.program_write.val();
        self.fetch.program_address.next = self.program_address.val();
        self.fetch.program_data.next = self.program_data.val();
        // A deep pipeline reads on where the next section most likely begins.
        self.fetch.start.next = (self.start.val() & (!self.deep.val() | !self.resume.val()))
            | (self.deep.val() & self.done.val());
        self.fetch.start_pc.next = self.start_pc.val();
        self.fetch.segments.next = self.tile.val();
        self.fetch.columns.next = self.argument.val();

        // While the sequencer is idle the port's tokens pass; what a token has no use for may be anything.
        self.op_f.next = self.port_op.val();
        self.sub_f.next = self.port_sub.val();
        self.base_f.next = self.port_addr.val();
        self.offset_f.next = 0.into();
        self.listed_f.next = false;
        self.summed_f.next = false;
        self.masked_f.next = false;
        self.slot_f.next = self.port_slot.val();
        self.value_f.next = self.port_value.val();
        self.tag_f.next = self.port_tag.val();
        self.op.next = self.op_0.q.val();
        self.sub.next = self.sub_0.q.val();
        self.addr.next = self.addr_0.q.val();
        self.slot.next = self.slot_0.q.val();
        self.value.next = self.value_0.q.val();
        self.tag.next = self.tag_0.q.val();
        self.to_sums.next = self.sums_pass.q.val();
        if self.update_timer.q.val().any() {
            self.update_timer.d.next = self.update_timer.q.val() - 1;
        }
        self.update_timer_over.d.next = !(self.update_timer.q.val() >> 1).any();
        if self.tail_timer.q.val().any() {
            self.tail_timer.d.next = self.tail_timer.q.val() - 1;
        }
        self.tail_timer_over.d.next = !(self.tail_timer.q.val() >> 1).any();

        // Fields, of the segment word while a column pass walks over its segments.
        self.code.next = self.instruction.q.val().get_bits::<4>(28);
        self.layer.next = self.instruction.q.val().get_bits::<4>(24);
        self.tile.next = self.instruction.q.val().get_bits::<8>(16) & self.tile_mask.val();
        self.argument.next = self.instruction.q.val().get_bits::<16>(0) & self.argument_mask.val();
        self.at_end.next = self.code.val() == self.code_end.val();
        self.at_restore.next = self.code.val() == self.code_restore.val();
        self.at_row.next = self.code.val() == self.code_row.val();
        self.at_bias.next = self.code.val() == self.code_bias.val();
        self.at_add.next = self.code.val() == self.code_add.val();
        self.at_update.next = self.code.val() == self.code_update.val();
        self.at_save.next = self.code.val() == self.code_save.val();
        self.at_open.next = self.code.val() == self.code_open.val();
        self.at_column.next = self.code.val() == self.code_column.val();
        self.at_column_sums.next = self.code.val() == self.code_column_sums.val();
        self.at_read.next = self.code.val() == self.code_read.val();
        self.at_close.next = self.code.val() == self.code_close.val();
        self.at_rate.next = self.code.val() == self.code_rate.val();
        self.at_learn.next = self.code.val() == self.code_learn.val();
        self.at_collect.next = self.code.val() == self.code_collect.val();
        if self.deep.val() {
            self.at_end.next = self.is_end.q.val();
            self.at_restore.next = self.is_restore.q.val();
            self.at_row.next = self.is_row.q.val();
            self.at_bias.next = self.is_bias.q.val();
            self.at_add.next = self.is_add.q.val();
            self.at_update.next = self.is_update.q.val();
            self.at_save.next = self.is_save.q.val();
            self.at_open.next = self.is_open.q.val();
            self.at_column.next = self.is_column.q.val();
            self.at_column_sums.next = self.is_column_sums.q.val();
            self.at_read.next = self.is_read.q.val();
            self.at_close.next = self.is_close.q.val();
            self.at_rate.next = self.is_rate.q.val();
            self.at_learn.next = self.is_learn.q.val();
            self.at_collect.next = self.is_collect.q.val();
        }
        // The next instruction decides; with a short pipeline, this one.
        self.deciding.next = self.fetch.word.val().get_bits::<4>(28);
        if !self.deep.val() {
            self.deciding.next = self.code.val();
        }
        self.kind_next.next = Kind::Other;
        if self.deciding.val() == self.code_restore.val() {
            self.kind_next.next = Kind::Restore;
        } else if self.deciding.val() == self.code_row.val() {
            self.kind_next.next = Kind::Row;
        } else if self.deciding.val() == self.code_bias.val() {
            self.kind_next.next = Kind::Bias;
        } else if self.deciding.val() == self.code_add.val() {
            self.kind_next.next = Kind::Add;
        } else if self.deciding.val() == self.code_update.val() {
            self.kind_next.next = Kind::Update;
        } else if self.deciding.val() == self.code_save.val() {
            self.kind_next.next = Kind::Save;
        } else if self.deciding.val() == self.code_open.val() {
            self.kind_next.next = Kind::Open;
        } else if (self.deciding.val() == self.code_column.val())
            | (self.deciding.val() == self.code_column_sums.val())
        {
            self.kind_next.next = Kind::Columns;
        } else if (self.deciding.val() == self.code_read.val())
            | (self.spiking.val() & (self.deciding.val() == self.code_collect.val()))
        {
            self.kind_next.next = Kind::Read;
        } else if self.deciding.val() == self.code_learn.val() {
            self.kind_next.next = Kind::Learn;
        }
        self.kind_now.next = self.kind_next.val();
        if self.deep.val() {
            self.kind_now.next = self.kind.q.val();
        }
        self.part_now.next = self.part.q.val() & self.tile_mask.val();
        self.count.next = self.step.q.val() & self.step_mask.val();
        self.argument_less.next = (self.argument.val() - 1) & self.step_mask.val();
        self.tile_less.next = (self.tile.val() - 1) & self.tile_mask.val();
        if self.deep.val() {
            self.argument_less.next = self.argument_less_1.q.val();
            self.tile_less.next = self.tile_less_1.q.val();
        }
        self.first.next = !self.count.val().any();
        self.second.next = self.count.val() == 1;
        self.third.next = self.count.val() == 2;
        self.last_unit_now.next = self.count.val() == self.argument_less.val();
        self.last_unit.next = self.last_unit_now.val();
        self.last_sum.next = self.count.val() == bit_cast::<16, 8>(self.tile.val());
        self.last_part.next = bit_cast::<16, 8>(self.part_now.val()) == self.last_word.val();
        self.saves.next = self.count.val() >= self.accumulator_ready.val();
        self.last_save.next =
            self.count.val() == (self.accumulator_ready.val() + self.last_word.val());
        if self.deep.val() {
            self.saves.next = self.saves_1.q.val();
            self.last_save.next = self.last_save_1.q.val();
            self.first.next = self.first_1.q.val();
            self.second.next = self.second_1.q.val();
            self.third.next = self.third_1.q.val();
            self.last_unit.next = self.last_unit_1.q.val();
            self.last_sum.next = self.last_sum_1.q.val();
            self.last_part.next = self.last_part_1.q.val();
        }
        self.waits.next = ((self.at_update.val()
            | self.at_read.val()
            | (self.spiking.val() & self.at_collect.val()))
            & !self.update_timer_over.q.val())
            | (self.at_add.val() & !self.tail_timer_over.q.val());
        self.first_1.d.next = self.first.val() & self.waits.val();
        self.second_1.d.next = self.first.val() & !self.waits.val();
        self.third_1.d.next = self.second.val();
        self.fourth_1.d.next = self.third_1.q.val();
        self.later_1.d.next = self.fourth_1.q.val() | self.later_1.q.val();
        self.learns_1.d.next = (self.at_learn.val() & self.third.val()) | self.learns_1.q.val();
        self.last_unit_1.d.next = self.count.val() == self.argument_less_2.q.val();
        if self.first.val() & self.waits.val() {
            self.last_unit_1.d.next = self.last_unit_1.q.val();
        }
        // A unit's sum has several words, so its number stands before the last of them.
        self.last_sum_1.d.next = self.count.val() == bit_cast::<16, 8>(self.tile.val());
        self.last_part_1.d.next =
            bit_cast::<16, 8>(self.part_now.val()) == (self.last_word.val() - 1);
        self.saves_1.d.next = self.count.val() >= (self.accumulator_ready.val() - 1);
        self.last_save_1.d.next =
            self.count.val() == (self.accumulator_ready.val() + self.last_word.val() - 1);
        if self.mode.q.val() == Mode::Walk {
            self.layer.next = self.fetch.word.val().get_bits::<4>(24);
        }
        // A layer meets itself: in a segment of its own column pass, or in a row of its own tile.
        self.upper.next = self.at_row.val()
            & self.layer.val().any()
            & (self.layer.val() == self.own_layer.q.val());
        if self.mode.q.val() == Mode::Walk {
            self.upper.next = self.layer.val() == self.instruction.q.val().get_bits::<4>(24);
        }
        self.next_code.next = self.fetch.word.val().get_bits::<4>(28);
        self.next_layer.next = self.fetch.word.val().get_bits::<4>(24);
        // The newest layer when the next instruction begins.
        self.newest.next = self.fresh.q.val();
        if self.at_close.val() | (self.at_update.val() & self.argument.val().get_bit(0)) {
            self.newest.next = self.instruction.q.val().get_bits::<4>(24);
        }
        self.fresh_next.next = self.sequential.val()
            & self.next_layer.val().any()
            & (self.next_layer.val() <= self.newest.val());
        self.fresh_row.next = self.sequential.val()
            & self.layer.val().any()
            & (self.layer.val() <= self.fresh.q.val());
        self.is_fresh.next = self.fresh_row.val();
        self.is_input.next = self.layer.val() == 0;
        self.base_zero.d.next = self.base_slot.val() == self.slot_zero.val();
        self.walk_slot.next = self.base_slot.val();
        self.fresh_row_1.d.next = self.fresh_row.val();
        self.walks_1.d.next = self.walks.val();
        if self.deep.val() {
            if self.fresh_row_1.q.val() {
                self.walk_slot.next = self.work_slot.val();
            }
        } else if self.fresh_row.val() {
            self.walk_slot.next = self.work_slot.val();
        }
        self.walk_slot_at.next = bit_cast::<12, 3>(self.walk_slot.val()) << self.tile_bits.val();
        if self.deep.val() {
            self.is_fresh.next = self.is_fresh_1.q.val();
            self.is_input.next = self.is_input_1.q.val();
        }
        self.current.next = self.base_slot.val();
        if self.is_fresh.val() {
            self.current.next = self.work_slot.val();
        }
        if self.at_learn.val() {
            self.current.next = self.p_slot.val();
            if !self.first.val() {
                self.current.next = self.q_slot.val();
            }
        }
        self.twin.next = bit_cast::<3, 1>(self.states.val().into());
        self.current_slot.slot.next = self.current.val() ^ self.twin.val();
        self.current_slot.stride.next = self.list_stride.val();
        self.work_slot_base.slot.next = self.work_slot.val() ^ self.twin.val();
        self.work_slot_base.stride.next = self.list_stride.val();
        self.p_base.stride.next = self.list_stride.val();
        self.q_base.stride.next = self.list_stride.val();
        self.p_base.slot.next = 0.into();
        self.q_base.slot.next = 0.into();
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
        if self.deep.val() {
            self.is_output.next = self.nudged.val() & self.is_output_1.q.val();
        }
        // The nudge: 2^shift or −2^shift.
        self.pull.next = bits::<16>(1) << self.nudge_shift.val();
        if self.negative.val() {
            self.pull.next = bits::<16>(0xFFFF) << self.nudge_shift.val();
        }
        self.leak_now.next = self.leak.val();
        self.pull_1.d.next = self.pull.val();
        self.pulled.next = self.leak.val() - self.pull.val();
        self.pulled_1.d.next = self.leak.val() - self.pull_1.q.val();
        self.pull_now.next = self.pull.val();
        if self.deep.val() {
            self.pull_now.next = self.pull_1.q.val();
            self.pulled.next = self.pulled_1.q.val();
        }
        if self.is_output.val() {
            self.leak_now.next = self.pulled.val();
        }
        // Half of what the step of 2^−(G + k) leaves behind.
        self.rounding.next = (self.unity.val() << self.k.val()) >> 1;

        self.work_list_now.next = self.work_slot_base.base.val();
        self.list_now.next = self.current_slot.base.val();
        if self.deep.val() {
            // Slots change between sections only, long before they are used.
            self.current_slot.slot.next = self.base_slot.val();
            self.p_base.slot.next = self.p_slot.val();
            self.q_base.slot.next = self.q_slot.val();
            self.base_list.d.next = self.current_slot.base.val();
            self.work_list.d.next = self.work_slot_base.base.val();
            self.p_list.d.next = self.p_base.base.val();
            self.q_list.d.next = self.q_base.base.val();
            self.work_list_now.next = self.work_list.q.val();
            self.list_now.next = self.base_list.q.val();
            if self.at_learn.val() {
                self.list_now.next = self.p_list.q.val();
                if !self.first.val() {
                    self.list_now.next = self.q_list.q.val();
                }
            } else if self.is_fresh.val() {
                self.list_now.next = self.work_list.q.val();
            }
        }
        self.work_base.next = self.work_list_now.val();
        self.list_start.next = self.list_now.val() + (bit_cast::<16, 8>(self.tile.val()) << 4);
        if self.is_input.val() {
            self.list_start.next = self.input_base.val();
        }
        self.write_start.next =
            self.work_list_now.val() + (bit_cast::<16, 8>(self.tile.val()) << 4);
        self.write_start_1.d.next = self.write_start.val();
        self.start_now.next = self.list_start.val();
        self.write_base.next = self.write_start.val();
        if self.deep.val() {
            self.start_now.next = self.pointer.q.val();
            self.write_base.next = self.write_start_1.q.val();
        }
        self.walk_base.next = self.start_now.val();
        self.bias_base.next = self.argument.val();
        self.from_zero.next = self.current.val() == self.slot_zero.val();
        if self.deep.val() {
            self.from_zero.next = self.base_zero.q.val() & !self.is_fresh_1.q.val();
        }
        self.open_nudged.next = self.is_output.val();
        self.list_address.next = self.pointer.q.val() & self.pointer_mask.val();
        self.learn_shift.next = self.layer.val();
        self.learn_tile.next = self.tile.val();
        self.learn_argument.next = self.argument.val();
        // Apart from the other steps, which depend on what the learner makes of these.
        self.learning.next = (self.mode.q.val() == Mode::Run) & self.at_learn.val();
        self.learn_set.next = (self.mode.q.val() == Mode::Run) & self.at_rate.val();
        self.learn_load_p.next = self.learning.val() & self.first.val();
        self.learn_load_q.next = self.learning.val() & self.second.val();
        self.learn_run.next = self.learning.val() & !self.first.val() & !self.second.val();
        if self.deep.val() {
            self.learn_load_p.next = self.learning.val() & self.second.val();
            self.learn_load_q.next = self.learning.val() & self.third.val();
            self.learn_run.next = self.learns_1.q.val();
        }
        self.learn_list_start.next = self.start_now.val();
        self.sums_address.next = self.pointer.q.val() & self.pointer_mask.val();

        self.columns.next =
            (self.mode.q.val() == Mode::Run) & (self.at_column.val() | self.at_column_sums.val());
        self.fetch.walk.next = self.columns.val() & self.first.val();
        if !self.deep.val() {
            self.fetch.walk.next = self.columns.val() & self.update_timer_over.q.val();
        }
        // An instruction ends; apart from what it does, as everything waits for this.
        self.last_own.next = (self.count.val() == (self.own_words.val() + 1))
            | ((self.count.val() == self.own_words.val()) & !self.is_output.val());
        self.stepped.next = !self.first.val() & (!self.second.val() | !self.is_output.val());
        if self.spiking.val() {
            self.stepped.next = self.last_own.val();
        }
        self.over.next = (self.at_restore.val() & self.third.val())
            | (self.at_bias.val() | self.at_rate.val())
            | (self.at_add.val() & self.last_part.val() & self.last_sum.val() & !self.first.val())
            | (self.at_update.val() & self.stepped.val())
            | (self.at_save.val() & self.last_save.val())
            | self.at_open.val();
        // A deep pipeline knows these a cycle before.
        self.over_1.d.next = (self.at_restore.val() & self.second.val())
            | (self.at_add.val()
                & !self.first.val()
                & self.last_part_1.d.val()
                & self.last_sum.val())
            | (self.at_update.val()
                & !self.waits.val()
                & ((self.first.val() & !self.is_output.val()) | self.second.val()))
            | (self.at_save.val() & self.last_save_1.d.val())
            | (self.at_open.val() & self.first.val());
        self.row_counts.next = self.at_row.val() & (self.fourth_1.q.val() | self.later_1.q.val());
        self.row_over.next = self.row_ends.val() & self.at_row.val() & !self.first.val();
        if self.deep.val() {
            self.over.next = self.over_1.q.val();
            self.row_over.next = self.row_counts.val() & self.no_entry_left.q.val();
        }
        self.row_skipped.next =
            self.at_row.val() & self.first.val() & (self.from_zero.val() & !self.is_input.val());
        self.all_read.next = (self.at_read.val() | (self.spiking.val() & self.at_collect.val()))
            & self.last_unit.val()
            & (!self.first.val() | self.update_timer_over.q.val());
        self.waited.next = (self.at_close.val() & self.tail_timer_over.q.val())
            | (self.learn_run.val() & self.learn_done.val());
        // None of these stays behind in another mode, but with a short pipeline, after a reset.
        self.advance.next = ((self.deep.val() | (self.mode.q.val() == Mode::Run))
            & ((self.over.val() | self.row_over.val())
                | (self.row_skipped.val() | (self.all_read.val() | self.waited.val()))))
            | ((self.mode.q.val() == Mode::Fetch) & self.fetch.valid.val());

        // What happens, apart from the token that is formed.
        self.running.next = self.mode.q.val() == Mode::Run;
        self.walks.next = (self.mode.q.val() == Mode::Walk) & self.fetch.valid.val();
        self.last_segment.next = self.walks.val() & (self.part_now.val() == self.tile_less.val());
        self.passes.next = self.columns.val()
            & self.update_timer_over.q.val()
            & (!self.deep.val() | !self.first.val());
        self.updates.next = self.running.val() & self.at_update.val() & self.stepped.val();
        self.reads.next = self.running.val()
            & (self.at_read.val() | (self.spiking.val() & self.at_collect.val()))
            & (!self.first.val() | self.update_timer_over.q.val());
        self.open.next =
            self.running.val() & self.at_open.val() & (!self.deep.val() | !self.first.val());
        self.close.next = self.running.val() & self.at_close.val() & self.tail_timer_over.q.val();
        self.done.next = self.running.val() & self.at_end.val() & self.tail_timer_over.q.val();
        self.restart.next = self.passes.val();
        self.result_due.next =
            (self.walks.val() | self.updates.val()) | (self.reads.val() | self.learn_run.val());
        self.stays.next = (self.at_row.val() & !self.first.val())
            | (self.at_add.val() & !self.first.val() & !self.last_part.val())
            | self.learn_run.val();
        if self.running.val() {
            self.step.d.next = self.count.val() + 1;
            if self.stays.val() {
                self.step.d.next = self.count.val();
            }
            if self.passes.val() | (self.first.val() & self.waits.val()) {
                self.step.d.next = 0.into();
            }
        }
        if self.last_segment.val() {
            self.step.d.next = self.count.val() + 1;
        }
        if self.updates.val() {
            self.update_timer.d.next = self.state_ready.val();
            self.update_timer_over.d.next = false;
        }
        if self.passes.val() {
            self.sums_pass.d.next = self.at_column_sums.val();
        }
        if self.close.val()
            | (self.updates.val() & self.argument.val().get_bit(0) & !self.spiking.val())
        {
            self.fresh.d.next = self.layer.val();
        }
        self.fetch.again.next = self.last_segment.val() & !self.last_unit_now.val();
        if (self.mode.q.val() == Mode::Fetch) & self.fetch.valid.val() {
            self.mode.d.next = Mode::Run;
        }
        if self.passes.val() {
            self.mode.d.next = Mode::Walk;
        }
        if self.last_segment.val() & self.last_unit_now.val() {
            self.mode.d.next = Mode::Fetch;
        }
        if self.done.val() {
            self.mode.d.next = Mode::Idle;
        }

        if self.walks.val() {
            self.op_f.next = Op::Column;
            self.base_f.next = self.fetch.word.val().get_bits::<16>(0);
            self.offset_f.next = self.count.val();
            self.masked_f.next = true;
            self.slot_f.next = bit_cast::<12, 8>(self.fetch.word.val().get_bits::<8>(16));
            if !self.deep.val() {
                self.slot_f.next = self.slot_f.val() | self.walk_slot_at.val();
            }
            // The first and the last segment of a column.
            self.tag_f.next = bit_cast::<16, 1>((self.part_now.val() == 0).into())
                | (bit_cast::<16, 1>(self.last_segment.val().into()) << 1);
            // The tiles of a layer follow one another, from its first row on in every column.
            if self.upper.val() {
                self.first_row.d.next = self.first_row.q.val() + self.lanes.val();
            }
            self.part.d.next = self.part_now.val() + 1;
            if self.last_segment.val() {
                self.first_row.d.next = 0.into();
                self.part.d.next = 0.into();
            }
        } else if self.running.val() {
            match self.kind_now.val() {
                Kind::Restore => {
                    self.op_f.next = Op::Restore;
                    self.sub_f.next = bit_cast::<6, 16>(self.count.val());
                    self.slot_f.next = ((self.slot_drive.val()
                        + bit_cast::<12, 16>(self.count.val()))
                        << self.tile_bits.val())
                        | bit_cast::<12, 8>(self.tile.val());
                    self.value_f.next = 1.into();
                    self.own_layer.d.next = self.layer.val();
                    self.first_row.d.next = self.argument.val().get_bits::<12>(0);
                }
                Kind::Row => {
                    self.base_f.next = self.argument.val();
                    self.listed_f.next = true;
                    self.masked_f.next = true;
                    if self.triangular.val() {
                        self.tag_f.next = 0.into();
                    }
                    self.pointer.d.next = self.list_address.val() + 1;
                    if self.first.val() {
                        if self.deep.val() {
                            self.pointer.d.next = self.list_start.val();
                        } else {
                            self.list_address.next = self.list_start.val();
                            self.pointer.d.next = self.list_start.val() + 1;
                        }
                    } else {
                        if !self.row_ends.val() {
                            self.op_f.next = Op::Row;
                        }
                    }
                }
                Kind::Bias => {
                    self.op_f.next = Op::Row;
                    self.base_f.next = self.argument.val();
                    self.value_f.next = self.one.val();
                    self.masked_f.next = true;
                    if self.triangular.val() {
                        self.tag_f.next = 0.into();
                    }
                }
                Kind::Add => {
                    if self.first.val() {
                        self.sums_address.next = self.argument.val();
                        self.pointer.d.next = self.argument.val();
                        self.part.d.next = 0.into();
                    } else {
                        self.op_f.next = Op::Add;
                        self.sub_f.next = bit_cast::<6, 8>(self.part_now.val());
                        self.tag_f.next = self.count.val() - 1;
                        self.summed_f.next = true;
                        self.part.d.next = self.part_now.val() + 1;
                        if self.last_part.val() {
                            self.part.d.next = 0.into();
                            if !self.deep.val() {
                                self.sums_address.next =
                                    (self.pointer.q.val() & self.pointer_mask.val()) + 1;
                            }
                            self.pointer.d.next =
                                (self.pointer.q.val() & self.pointer_mask.val()) + 1;
                        }
                    }
                }
                Kind::Update => {
                    if self.spiking.val() {
                        self.op_f.next = Op::Own;
                        self.sub_f.next = bit_cast::<6, 16>(self.count.val());
                        self.value_f.next = bit_cast::<16, 1>((!self.from_zero.val()).into());
                        if self.count.val().get_bit(1) {
                            self.at_own.next = self.slot_trace.val();
                        }
                        self.slot_f.next = ((self.at_own.val()
                            | bit_cast::<12, 1>(self.base_copy.val().into()))
                            << self.tile_bits.val())
                            | bit_cast::<12, 8>(self.tile.val());
                        if self.count.val() == 0 {
                            self.slot_f.next = self.at_slot.val();
                            if !self.update_timer_over.q.val() {
                                self.op_f.next = Op::Nop;
                            }
                        } else if self.count.val() == self.own_words.val() {
                            self.slot_f.next = (self.slot_target.val() << self.tile_bits.val())
                                | bit_cast::<12, 8>(self.tile.val());
                        }
                        if self.last_own.val() {
                            self.op_f.next = Op::Update;
                            self.slot_f.next = self.at_work.val();
                            self.value_f.next = bit_cast::<16, 1>(self.is_output.val().into())
                                | (bit_cast::<16, 1>(self.negative.val().into()) << 1);
                        }
                    } else {
                        self.slot_f.next = self.at_slot.val();
                        if self.first.val() {
                            self.value_f.next = self.leak_now.val();
                            if self.update_timer_over.q.val() {
                                self.op_f.next = Op::Leak;
                            }
                        } else if self.is_output.val() & self.second.val() {
                            self.op_f.next = Op::Nudge;
                            self.slot_f.next = (self.slot_target.val() << self.tile_bits.val())
                                | bit_cast::<12, 8>(self.tile.val());
                            self.value_f.next = self.pull_now.val();
                        } else {
                            self.op_f.next = Op::Update;
                            self.slot_f.next = self.at_work.val();
                            self.value_f.next = (bit_cast::<16, 2>(self.k.val()) << 8)
                                | bit_cast::<16, 8>(self.tolerance.val());
                        }
                    }
                }
                Kind::Save => {
                    self.slot_f.next = ((self.slot_drive.val()
                        + bit_cast::<12, 16>(self.count.val() - self.accumulator_ready.val()))
                        << self.tile_bits.val())
                        | bit_cast::<12, 8>(self.tile.val());
                    if self.first.val() {
                        self.op_f.next = Op::AddAll;
                        self.sub_f.next = 0.into();
                        self.value_f.next = self.rounding.val().get_bits::<16>(0);
                        if !self.rounding.val().get_bits::<16>(0).any() {
                            self.sub_f.next = 1.into();
                            self.value_f.next = self.rounding.val().get_bits::<16>(16);
                        }
                    } else if self.saves.val() {
                        self.op_f.next = Op::Save;
                        self.sub_f.next =
                            bit_cast::<6, 16>(self.count.val() - self.accumulator_ready.val());
                    }
                }
                Kind::Open => {
                    self.head_pass.d.next = false;
                    if self.deep.val() {
                        self.pointer.d.next = self.list_start.val();
                    }
                }
                Kind::Columns => {
                    self.part.d.next = 0.into();
                    self.first_row.d.next = 0.into();
                }
                Kind::Read => {
                    // What the lanes have just written, whatever the order.
                    if self.reads.val() {
                        self.op_f.next = Op::ReadState;
                    }
                    self.slot_f.next = self.at_work.val();
                    self.tag_f.next = self.count.val();
                    self.value_f.next = 1.into();
                    if self.spiking.val() {
                        // In a time step the units that spiked.
                        self.sub_f.next = bit_cast::<6, 1>((!self.states.val()).into());
                    }
                    if self.spiking.val() & self.at_collect.val() {
                        // No lane has this number.
                        self.tag_f.next = 0xFFFF.into();
                        if self.reads.val() {
                            self.head_pass.d.next = true;
                        }
                    }
                }
                Kind::Learn => {
                    if self.deep.val() {
                        self.pointer.d.next = self.list_start.val();
                    } else {
                        self.list_address.next = self.learn_list_start.val();
                    }
                    if self.learn_run.val() {
                        self.list_address.next = self.learn_list_address.val();
                        self.op_f.next = self.learn_op.val();
                        self.sub_f.next = self.learn_sub.val();
                        self.base_f.next = self.argument.val();
                        self.offset_f.next = bit_cast::<16, 12>(self.learn_unit.val());
                        self.slot_f.next = self.learn_slot.val();
                        self.value_f.next = self.learn_value.val();
                        self.tag_f.next = self.learn_tag.val();
                    }
                }
                Kind::Other => {}
            }
        }
        if self.result_due.val() {
            self.tail_timer.d.next = self.drained.val();
            self.tail_timer_over.d.next = false;
        }
        if self.advance.val() {
            self.instruction.d.next = self.fetch.word.val();
            self.is_end.d.next = self.next_code.val() == self.code_end.val();
            self.is_restore.d.next = self.next_code.val() == self.code_restore.val();
            self.is_row.d.next = self.next_code.val() == self.code_row.val();
            self.is_bias.d.next = self.next_code.val() == self.code_bias.val();
            self.is_add.d.next = self.next_code.val() == self.code_add.val();
            self.is_update.d.next = self.next_code.val() == self.code_update.val();
            self.is_save.d.next = self.next_code.val() == self.code_save.val();
            self.is_open.d.next = self.next_code.val() == self.code_open.val();
            self.is_column.d.next = self.next_code.val() == self.code_column.val();
            self.is_column_sums.d.next = self.next_code.val() == self.code_column_sums.val();
            self.is_read.d.next = self.next_code.val() == self.code_read.val();
            self.is_close.d.next = self.next_code.val() == self.code_close.val();
            self.is_rate.d.next = self.next_code.val() == self.code_rate.val();
            self.is_learn.d.next = self.next_code.val() == self.code_learn.val();
            self.is_collect.d.next = self.next_code.val() == self.code_collect.val();
            self.is_fresh_1.d.next = self.fresh_next.val();
            self.argument_less_1.d.next =
                (self.fetch.word.val().get_bits::<16>(0) - 1) & self.step_mask.val();
            self.tile_less_1.d.next =
                (self.fetch.word.val().get_bits::<8>(16) - 1) & self.tile_mask.val();
            self.argument_less_2.d.next =
                (self.fetch.word.val().get_bits::<16>(0) - 2) & self.step_mask.val();
            self.first_1.d.next = true;
            self.second_1.d.next = false;
            self.third_1.d.next = false;
            self.fourth_1.d.next = false;
            self.later_1.d.next = false;
            self.learns_1.d.next = false;
            self.kind.d.next = self.kind_next.val();
            self.over_1.d.next = (self.next_code.val() == self.code_bias.val())
                | (self.next_code.val() == self.code_rate.val());
            self.last_unit_1.d.next =
                (self.fetch.word.val().get_bits::<16>(0) & self.step_mask.val()) == 1;
            self.is_output_1.d.next = self.next_layer.val() == self.output_layer.val();
            self.is_input_1.d.next = !self.next_layer.val().any();
            self.step.d.next = 0.into();
        }
        if self.start.val() {
            self.fresh.d.next = 0.into();
            self.mode.d.next = Mode::Fetch;
        }
        if self.reset.val() {
            self.mode.d.next = Mode::Idle;
            // No instruction stays behind that could end before the next one is there.
            self.over_1.d.next = false;
            self.learns_1.d.next = false;
            self.is_restore.d.next = false;
            self.is_row.d.next = false;
            self.is_add.d.next = false;
            self.is_update.d.next = false;
            self.is_save.d.next = false;
            self.is_open.d.next = false;
            self.is_read.d.next = false;
            self.is_close.d.next = false;
            self.is_learn.d.next = false;
        }

        // A token takes what it wants from the memories; a deep pipeline waits for them.
        self.op_now.next = self.op_f.val();
        self.sub_now.next = self.sub_f.val();
        self.slot_now.next = self.slot_f.val();
        self.base_now.next = self.base_f.val();
        self.offset_now.next = self.offset_f.val();
        self.value_now.next = self.value_f.val();
        self.tag_now.next = self.tag_f.val();
        self.listed_now.next = self.listed_f.val();
        self.summed_now.next = self.summed_f.val();
        self.masked_now.next = self.masked_f.val();
        self.upper_now.next = self.upper.val();
        self.first_row_now.next = self.first_row.q.val();
        self.entry.next = self.list_word.val();
        self.sums.next = self.sums_word.val();
        self.op_1.d.next = self.op_f.val();
        self.sub_1.d.next = self.sub_f.val();
        self.slot_1.d.next = self.slot_f.val();
        self.base_1.d.next = self.base_f.val();
        self.offset_1.d.next = self.offset_f.val();
        self.value_1.d.next = self.value_f.val();
        self.tag_1.d.next = self.tag_f.val();
        self.listed_1.d.next = self.listed_f.val();
        self.summed_1.d.next = self.summed_f.val();
        self.masked_1.d.next = self.masked_f.val();
        self.upper_1.d.next = self.upper.val();
        self.first_row_1.d.next = self.first_row.q.val();
        self.op_2.d.next = self.op_1.q.val();
        self.sub_2.d.next = self.sub_1.q.val();
        // Which slot a segment's states are in is known a cycle later than its tile.
        self.slot_2.d.next = self.slot_1.q.val();
        if self.walks_1.q.val() {
            self.slot_2.d.next = self.slot_1.q.val() | self.walk_slot_at.val();
        }
        self.base_2.d.next = self.base_1.q.val();
        self.offset_2.d.next = self.offset_1.q.val();
        self.value_2.d.next = self.value_1.q.val();
        self.tag_2.d.next = self.tag_1.q.val();
        self.listed_2.d.next = self.listed_1.q.val();
        self.summed_2.d.next = self.summed_1.q.val();
        self.masked_2.d.next = self.masked_1.q.val();
        self.upper_2.d.next = self.upper_1.q.val();
        self.first_row_2.d.next = self.first_row_1.q.val();
        self.turn_f.next = 3.into();
        if self.second.val() {
            self.turn_f.next = 0.into();
        } else if self.third.val() {
            self.turn_f.next = 1.into();
        } else if self.fourth_1.q.val() {
            self.turn_f.next = 2.into();
        }
        self.turn_1.d.next = self.turn_f.val();
        self.turn_2.d.next = self.turn_1.q.val();
        if self.third.val() {
            self.entries_left.d.next = self.list_length.val() - 3;
            self.no_entry_left.d.next = self.list_length.val() <= 3;
            self.few.d.next = 3.into();
            if !self.list_length.val().get_bits::<14>(2).any() {
                self.few.d.next = self.list_length.val().get_bits::<2>(0);
            }
        } else {
            self.entries_left.d.next = self.entries_left.q.val() - 1;
            self.no_entry_left.d.next = self.entries_left.q.val() == 1;
        }
        self.ends.next = false;
        self.row_ends.next = self.list_word.val().get_bit(28);
        if self.deep.val() {
            self.row_ends.next = false;
            self.op_now.next = self.op_2.q.val();
            self.sub_now.next = self.sub_2.q.val();
            self.slot_now.next = self.slot_2.q.val();
            self.base_now.next = self.base_2.q.val();
            self.offset_now.next = self.offset_2.q.val();
            self.value_now.next = self.value_2.q.val();
            self.tag_now.next = self.tag_2.q.val();
            self.listed_now.next = self.listed_2.q.val();
            self.summed_now.next = self.summed_2.q.val();
            self.masked_now.next = self.masked_2.q.val();
            self.upper_now.next = self.upper_2.q.val();
            self.first_row_now.next = self.first_row_2.q.val();
            // The first three entries are read before the length is known.
            self.ends.next = self.listed_2.q.val()
                & (self.turn_2.q.val() != 3)
                & (self.turn_2.q.val() >= self.few.q.val());
            if self.ends.val() {
                self.op_now.next = Op::Nop;
            }
        }
        if self.listed_now.val() {
            self.offset_now.next = bit_cast::<16, 12>(self.entry.val().get_bits::<12>(16));
            self.value_now.next = self.entry.val().get_bits::<16>(0);
        }
        if self.summed_now.val() {
            self.value_now.next = self.sums.val().get_bits::<16>(0);
            if self.sub_now.val().get_bit(0) {
                self.value_now.next = self.sums.val().get_bits::<16>(16);
            } else if self.sub_now.val().get_bit(1) {
                self.value_now.next = bit_cast::<16, A>(self.sums.val() >> 32);
            }
        }
        self.triangle.upper.next = self.upper_now.val();
        self.triangle.column.next = self.offset_now.val().get_bits::<12>(0);
        self.triangle.first_row.next = self.first_row_now.val();
        self.op_0.d.next = self.op_now.val();
        self.sub_0.d.next = self.sub_now.val();
        self.addr_0.d.next = self.base_now.val() + self.offset_now.val();
        self.slot_0.d.next = self.slot_now.val();
        self.value_0.d.next = self.value_now.val();
        self.tag_0.d.next = self.tag_now.val();
        if self.masked_now.val() {
            self.tag_0.d.next = self.tag_now.val() | self.triangle.tag.val();
        }
        self.fetch.take.next = self.advance.val() | self.walks.val();
    }
}
