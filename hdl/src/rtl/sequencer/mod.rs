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
//! `fetch` reads the words of the program, `decode` says what they are, `steps` how far the instruction is and
//! `bases` where its list begins; here the token is chosen, and `former` gives it what the memories hold. With a
//! short pipeline all of that happens in one cycle. A deep one is ahead: while the accumulators are restored or saved
//! it looks up the list of the row that follows, a column pass begins when the states that it reads last are about
//! to be there, and the words of the next sweep are read while the last list of this one waits for its results.
//! Where two samples run by turns, `tail` keeps what a sweep leaves in the line.

mod bases;
mod currents;
mod decode;
mod fetch;
mod former;
mod slot_base;
mod steps;
mod tail;

use super::primitive::RamShape;
use super::token::Op;
use crate::arch::program::slot;
use crate::arch::spiking::OWN_WORDS;
use crate::arch::Shape;
use bases::Bases;
use currents::Currents;
use decode::Decode;
use fetch::Fetch;
use former::Former;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;
use steps::Steps;
use tail::Tail;

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
    /// The section that starts is not the one at `start_pc` when the last one was about to end.
    pub fetches: Signal<In, Bit>,
    pub done: Signal<Out, Bit>,
    /// The sweep of a sample that takes turns with another one: its end waits for no result. The section is
    /// that of the second one. All results of the last such sweep have come; another list cannot be opened yet.
    pub by_turns: Signal<In, Bit>,
    pub second_sample: Signal<In, Bit>,
    pub emptied: Signal<Out, Bit>,
    pub list_busy: Signal<In, Bit>,
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
    pub open_lift: Signal<Out, Bit>,
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
    spiking: Constant<Bit>,
    deep: Constant<Bit>,
    interleaves: Constant<Bit>,
    triangular: Constant<Bit>,
    feedback: Constant<Bit>,
    /// [`Op::Row`]'s bit of sub, if the instruction says so.
    lift_sub: Signal<Local, Bits<6>>,
    own_words: Constant<Bits<16>>,
    slot_membrane: Constant<Bits<12>>,
    slot_trace: Constant<Bits<12>>,
    slot_target: Constant<Bits<12>>,
    slot_drive: Constant<Bits<12>>,
    slot_second: Constant<Bits<12>>,
    accumulator_ready: Constant<Bits<16>>,
    state_ready: Constant<Bits<8>>,
    drained: Constant<Bits<8>>,
    tile_bits: Constant<Bits<4>>,
    pointer_mask: Constant<Bits<16>>,
    tile_mask: Constant<Bits<8>>,
    one: Constant<Bits<16>>,
    lanes: Constant<Bits<12>>,
    fetch: Fetch,
    decode: Decode,
    steps: Steps,
    bases: Bases,
    currents: Currents,
    former: Former<A>,
    tail: Tail,
    mode: DFF<Mode>,
    part: DFF<Bits<8>>,
    pointer: DFF<Bits<16>>,
    update_timer: DFF<Bits<8>>,
    tail_timer: DFF<Bits<8>>,
    /// The timers read zero.
    update_timer_over: DFF<Bit>,
    tail_timer_over: DFF<Bit>,
    sums_pass: DFF<Bit>,
    /// The list of the next instruction, if it is a row, is looked up; the states that a column pass reads last are
    /// there when it reads them.
    known: DFF<Bit>,
    update_near: DFF<Bit>,
    head_pass: DFF<Bit>,
    /// The layer of the tile that is gathered, and its first row, if the layer is connected to itself.
    own_layer: DFF<Bits<4>>,
    first_row: DFF<Bits<12>>,
    part_now: Signal<Local, Bits<8>>,
    /// The layer of the units is nudged.
    is_output: Signal<Local, Bit>,
    waits: Signal<Local, Bit>,
    looks: Signal<Local, Bit>,
    /// Where states, written states and words of a unit's own are in the lanes.
    at_slot: Signal<Local, Bits<12>>,
    at_work: Signal<Local, Bits<12>>,
    at_own: Signal<Local, Bits<12>>,
    segment_slot: Signal<Local, Bits<12>>,
    base_copy: Signal<Local, Bit>,
    work_copy: Signal<Local, Bit>,
    start_now: Signal<Local, Bits<16>>,
    learning: Signal<Local, Bit>,
    /// How instructions end that do not after a number of steps.
    row_ends: Signal<Local, Bit>,
    row_over: Signal<Local, Bit>,
    row_skipped: Signal<Local, Bit>,
    all_read: Signal<Local, Bit>,
    waited: Signal<Local, Bit>,
    advance: Signal<Local, Bit>,
    /// The sequencer runs an instruction, or has the next segment of a column pass; whether it is the last of
    /// its column, and this the last column.
    running: Signal<Local, Bit>,
    walks: Signal<Local, Bit>,
    last_segment: Signal<Local, Bit>,
    /// A column pass begins, and leaves for its segments; a unit's step, a read is emitted.
    columns: Signal<Local, Bit>,
    passes: Signal<Local, Bit>,
    updates: Signal<Local, Bit>,
    reads: Signal<Local, Bit>,
    /// The last tile of its layer is updated.
    last_tile: Signal<Local, Bit>,
    /// The open list is closed here, and not later, when its results have come; the last list of a sweep is, which
    /// ends the section.
    close_now: Signal<Local, Bit>,
    closes_sweep: Signal<Local, Bit>,
    ends: Signal<Local, Bit>,
    result_due: Signal<Local, Bit>,
}

impl<const A: usize> Sequencer<A> {
    /// A sequencer for hardware of a shape; `schedule` holds its first program.
    pub fn new(shape: &Shape, schedule: RamShape) -> Self {
        let word = |value: u32| Constant::new(u64::from(value).into());
        let slot = |slot: u32| Constant::new(u64::from(slot).into());
        block!(Sequencer {
            clock, reset, start, start_pc, fetches, done, by_turns, second_sample, emptied, list_busy, sequential, base_slot, work_slot, nudged, negative,
            output_layer, nudge_shift, k, tolerance, list_stride, input_base, program_write,
            program_address, program_data, states, port_op, port_sub, port_addr, port_slot, port_value,
            port_tag, op, sub, addr, slot, value, tag, list_address, list_word, list_length, sums_address,
            sums_word, restart, to_sums, open, write_base, walk_base, bias_base, work_base, from_zero,
            open_nudged, open_lift, lift_sub, read_copy, write_copy, from_head, close, p_slot, q_slot, learn_set, learn_shift,
            learn_tile, learn_argument, learn_load_p, learn_load_q, learn_run, learn_done, learn_list_start,
            learn_list_address, learn_op, learn_sub, learn_unit, learn_slot, learn_value, learn_tag, mode,
            part, pointer, update_timer, tail_timer, update_timer_over, tail_timer_over, sums_pass, known, update_near, looks,
            head_pass, own_layer, first_row, part_now, is_output, waits, at_slot, at_work, at_own,
            segment_slot, base_copy, work_copy, start_now, learning, row_ends, row_over, row_skipped,
            all_read, waited, advance, running, walks, last_segment, columns, passes, updates, reads,
            last_tile, close_now, closes_sweep, ends, result_due;
            spiking: Constant::new(shape.spiking.is_some()),
            deep: Constant::new(shape.is_deep()),
            interleaves: Constant::new(shape.interleaves()),
            triangular: Constant::new(shape.triangular),
            feedback: Constant::new(shape.scales_feedback()),
            own_words: word(OWN_WORDS),
            slot_membrane: slot(slot::MEMBRANE),
            slot_trace: slot(slot::TRACE),
            slot_target: slot(slot::TARGET),
            slot_drive: slot(slot::DRIVE),
            slot_second: slot(slot::SECOND_DRIVE),
            accumulator_ready: word(shape.stages().sum),
            // A timer set in the cycle of its cause reads zero this many cycles later.
            state_ready: Constant::new(u64::from(shape.stages().state - 1).into()),
            drained: Constant::new(u64::from(shape.drain() - 1).into()),
            tile_bits: Constant::new(u64::from(shape.tile_bits).into()),
            pointer_mask: Constant::new(shape.pointer_mask().into()),
            tile_mask: Constant::new(shape.field_mask().into()),
            one: word(1 << shape.formats.state_fraction),
            lanes: Constant::new((shape.lanes as u64).into()),
            fetch: Fetch::new(shape, schedule),
            decode: Decode::new(shape),
            steps: Steps::new(shape),
            bases: Bases::new(shape),
            currents: Currents::new(shape),
            former: Former::new(shape),
            tail: Tail::new(shape)
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
            part,
            pointer,
            update_timer,
            tail_timer,
            update_timer_over,
            tail_timer_over,
            sums_pass,
            known,
            update_near,
            head_pass,
            own_layer,
            first_row
        );
        clock!(self, clock, fetch, decode, steps, bases, currents, former, tail);
        self.fetch.program_write.next = self.program_write.val();
        self.fetch.program_address.next = self.program_address.val();
        self.fetch.program_data.next = self.program_data.val();
        // A deep pipeline reads on where the next section most likely begins.
        self.fetch.start.next = self.start.val();
        if self.deep.val() {
            self.fetch.start.next = self.fetches.val()
                | (self.done.val() & self.decode.at_end.val())
                | (self.running.val() & self.closes_sweep.val() & self.steps.first.val());
        }
        self.fetch.start_pc.next = self.start_pc.val();
        self.fetch.segments.next = self.decode.tile.val();
        self.fetch.columns.next = self.decode.argument.val();
        self.fetch.walk.next = self.columns.val() & self.steps.first.val();
        if !self.deep.val() {
            self.fetch.walk.next = self.columns.val() & self.update_timer_over.q.val();
        }
        self.fetch.again.next = self.last_segment.val() & !self.steps.last_unit_now.val();
        self.fetch.take.next = self.advance.val() | self.walks.val();

        self.decode.reset.next = self.reset.val();
        self.decode.word.next = self.fetch.word.val();
        self.decode.advance.next = self.advance.val();
        self.decode.walking.next = self.mode.q.val() == Mode::Walk;
        self.decode.output_layer.next = self.output_layer.val();
        self.is_output.next = self.nudged.val() & self.decode.is_output.val();
        self.part_now.next = self.part.q.val() & self.tile_mask.val();

        self.waits.next = ((self.decode.at_update.val() | self.decode.at_read.val())
            & !self.update_timer_over.q.val())
            | (self.decode.at_add.val() & !self.tail_timer_over.q.val());
        if self.interleaves.val() & self.decode.at_open.val() {
            self.waits.next = self.tail.far.val() | self.list_busy.val();
        }
        self.steps.reset.next = self.reset.val();
        self.steps.word.next = self.fetch.word.val();
        self.steps.advance.next = self.advance.val();
        self.steps.counts.next = self.running.val() | self.last_segment.val();
        self.steps.stays.next = self.running.val()
            & ((self.decode.at_row.val() & !self.steps.first.val())
                | (self.decode.at_add.val()
                    & !self.steps.first.val()
                    & !self.steps.last_part.val())
                | self.learn_run.val());
        self.steps.again.next =
            self.running.val() & (self.passes.val() | (self.steps.first.val() & self.waits.val()));
        self.steps.waits.next = self.waits.val();
        self.steps.at_restore.next = self.decode.at_restore.val();
        self.steps.at_bias.next = self.decode.at_bias.val();
        self.steps.at_add.next = self.decode.at_add.val();
        self.steps.at_update.next = self.decode.at_update.val();
        self.steps.at_save.next = self.decode.at_save.val();
        self.steps.at_open.next = self.decode.at_open.val();
        self.steps.at_rate.next = self.decode.at_rate.val();
        self.steps.at_learn.next = self.decode.at_learn.val();
        self.steps.tile.next = self.decode.tile.val();
        self.steps.argument_less.next = self.decode.argument_less.val();
        self.steps.is_output.next = self.is_output.val();
        self.steps.part.next = self.part_now.val();

        self.last_tile.next = self.decode.argument.val().get_bit(0);
        self.bases.start.next = self.start.val();
        self.bases.next_layer.next = self.fetch.word.val().get_bits::<4>(24);
        self.bases.next_tile.next = self.fetch.word.val().get_bits::<8>(16);
        self.bases.advance.next = self.advance.val();
        self.bases.own_layer.next = self.decode.own_layer.val();
        self.bases.layer.next = self.decode.layer.val();
        self.bases.tile.next = self.decode.tile.val();
        self.bases.is_input.next = self.decode.is_input.val();
        self.bases.at_learn.next = self.decode.at_learn.val();
        self.bases.first.next = self.steps.first.val();
        self.bases.updates.next =
            self.decode.at_close.val() | (self.decode.at_update.val() & self.last_tile.val());
        self.bases.updated.next =
            self.close.val() | (self.updates.val() & self.last_tile.val() & !self.spiking.val());
        if self.interleaves.val() {
            self.bases.updated.next =
                self.close_now.val() | (self.updates.val() & self.last_tile.val());
        }
        if self.deep.val() {
            // The instruction that closes a sweep stays behind it.
            self.bases.updates.next = (self.running.val() & self.decode.at_close.val())
                | (self.decode.at_update.val() & self.last_tile.val());
        }
        self.bases.sequential.next = self.sequential.val();
        self.bases.base_slot.next = self.base_slot.val();
        self.bases.work_slot.next = self.work_slot.val();
        self.bases.p_slot.next = self.p_slot.val();
        self.bases.q_slot.next = self.q_slot.val();
        self.bases.twins.next = self.states.val();
        self.bases.list_stride.next = self.list_stride.val();
        self.bases.input_base.next = self.input_base.val();
        self.from_zero.next = self.bases.from_zero.val();
        self.work_base.next = self.bases.work_base.val();
        self.write_base.next = self.bases.write_base.val();
        self.bias_base.next = self.decode.argument.val();
        self.start_now.next = self.bases.list_start.val();
        if self.deep.val() {
            self.start_now.next = self.pointer.q.val();
        }
        self.walk_base.next = self.start_now.val();
        self.list_address.next = self.pointer.q.val() & self.pointer_mask.val();
        self.sums_address.next = self.pointer.q.val() & self.pointer_mask.val();

        self.currents.nudge_shift.next = self.nudge_shift.val();
        self.currents.negative.next = self.negative.val();
        self.currents.k.next = self.k.val();
        self.currents.nudged.next = self.is_output.val();
        self.open_nudged.next = self.is_output.val();
        self.currents.lift.next = self.decode.lift.val();
        self.open_lift.next = self.decode.lift.val();
        self.lift_sub.next = bit_cast::<6, 1>(self.decode.lift.val().into()) << 5;
        self.to_sums.next = self.sums_pass.q.val();
        self.at_slot.next = (bit_cast::<12, 3>(self.bases.current.val()) << self.tile_bits.val())
            | bit_cast::<12, 8>(self.decode.tile.val());
        self.at_work.next = (bit_cast::<12, 3>(self.work_slot.val()) << self.tile_bits.val())
            | bit_cast::<12, 8>(self.decode.tile.val());
        self.segment_slot.next =
            bit_cast::<12, 3>(self.bases.segment_slot.val()) << self.tile_bits.val();
        self.base_copy.next = self.base_slot.val().get_bits::<2>(1).any();
        self.work_copy.next = self.work_slot.val().get_bits::<2>(1).any();
        self.write_copy.next = self.work_copy.val();
        self.read_copy.next = self.base_copy.val();
        if self.states.val() {
            self.read_copy.next = self.work_copy.val();
        }
        self.from_head.next = self.head_pass.q.val();
        self.at_own.next = self.slot_membrane.val();

        // Learning, apart from the other steps, which depend on what the learner makes of these.
        self.learn_shift.next = self.decode.layer.val();
        self.learn_tile.next = self.decode.tile.val();
        self.learn_argument.next = self.decode.argument.val();
        self.learning.next = (self.mode.q.val() == Mode::Run) & self.decode.at_learn.val();
        self.learn_set.next = (self.mode.q.val() == Mode::Run) & self.decode.at_rate.val();
        self.learn_load_p.next = self.learning.val() & self.steps.first.val();
        self.learn_load_q.next = self.learning.val() & self.steps.second.val();
        self.learn_run.next =
            self.learning.val() & !self.steps.first.val() & !self.steps.second.val();
        if self.deep.val() {
            // As with `advance`: a reset leaves neither behind.
            self.learning.next = self.decode.at_learn.val();
            self.learn_set.next = self.decode.at_rate.val();
            self.learn_load_p.next = self.learning.val() & self.steps.second.val();
            self.learn_load_q.next = self.learning.val() & self.steps.third.val();
            self.learn_run.next = self.steps.learns.val();
        }
        self.learn_list_start.next = self.start_now.val();

        // An instruction ends; apart from what it does, as everything waits for this.
        self.row_ends.next = self.list_word.val().get_bit(28) & !self.deep.val();
        self.row_over.next =
            self.row_ends.val() & self.decode.at_row.val() & !self.steps.first.val();
        if self.deep.val() {
            self.row_over.next = self.decode.at_row.val()
                & (self.steps.counting.val() | self.known.q.val())
                & self.former.none_left.val();
        }
        self.row_skipped.next = self.decode.at_row.val()
            & self.steps.first.val()
            & (self.bases.from_zero.val() & !self.decode.is_input.val());
        self.all_read.next = self.decode.at_read.val()
            & self.steps.last_unit.val()
            & (!self.steps.first.val() | self.update_timer_over.q.val());
        self.waited.next = (self.decode.at_close.val() & self.tail_timer_over.q.val())
            | (self.learn_run.val() & self.learn_done.val());
        self.closes_sweep.next = self.decode.at_close.val() & self.decode.argument.val().get_bit(0);
        if self.deep.val() {
            self.waited.next = (self.decode.at_close.val()
                & !self.closes_sweep.val()
                & self.tail_timer_over.q.val())
                | (self.learn_run.val() & self.learn_done.val());
        }
        // None of these stays behind in another mode, but with a short pipeline, after a reset.
        self.advance.next = ((self.deep.val() | (self.mode.q.val() == Mode::Run))
            & ((self.steps.over.val() | self.row_over.val())
                | (self.row_skipped.val() | (self.all_read.val() | self.waited.val()))))
            | ((self.mode.q.val() == Mode::Fetch) & self.fetch.valid.val());

        // What happens, apart from the token that is chosen.
        self.running.next = self.mode.q.val() == Mode::Run;
        self.walks.next = (self.mode.q.val() == Mode::Walk) & self.fetch.valid.val();
        self.last_segment.next =
            self.walks.val() & (self.part_now.val() == self.decode.tile_less.val());
        self.columns.next = self.running.val() & self.decode.at_columns.val();
        self.passes.next = self.columns.val()
            & self.update_timer_over.q.val()
            & (!self.deep.val() | !self.steps.first.val());
        if self.deep.val() {
            self.passes.next =
                self.columns.val() & self.update_near.q.val() & !self.steps.first.val();
        }
        // Sums have one place: what is in the line comes first.
        if self.interleaves.val() & self.decode.at_sums.val() & self.tail.pending.val() {
            self.passes.next = false;
        }
        self.updates.next =
            self.running.val() & self.decode.at_update.val() & self.steps.stepped.val();
        self.reads.next = self.running.val()
            & self.decode.at_read.val()
            & (!self.steps.first.val() | self.update_timer_over.q.val());
        self.open.next = self.running.val()
            & self.decode.at_open.val()
            & (!self.deep.val() | !self.steps.first.val());
        self.close.next =
            self.running.val() & self.decode.at_close.val() & self.tail_timer_over.q.val();
        self.done.next =
            self.running.val() & self.decode.at_end.val() & self.tail_timer_over.q.val();
        self.ends.next = self.decode.at_end.val() | self.closes_sweep.val();
        if self.deep.val() {
            self.done.next = self.running.val() & self.ends.val() & self.tail_timer_over.q.val();
        }
        self.close_now.next = self.close.val();
        if self.interleaves.val() {
            self.close_now.next = self.running.val()
                & self.decode.at_close.val()
                & self.tail_timer_over.q.val()
                & (!self.by_turns.val() | !self.closes_sweep.val());
            self.close.next = self.close_now.val() | self.tail.close.val();
            if self.by_turns.val() {
                self.done.next = self.running.val() & self.ends.val() & !self.tail.pending.val();
            }
        }
        self.tail.reset.next = self.reset.val();
        self.tail.closes.next = self.closes_sweep.val();
        self.tail.ends.next = self.done.val() & self.by_turns.val();
        self.tail.remaining.next = self.tail_timer.q.val();
        self.emptied.next = self.tail.drained.val();
        self.restart.next = self.passes.val();
        if self.passes.val() {
            self.sums_pass.d.next = self.decode.at_sums.val();
        }
        if (self.mode.q.val() == Mode::Fetch) & self.fetch.valid.val() {
            self.mode.d.next = Mode::Run;
        }
        if self.passes.val() {
            self.mode.d.next = Mode::Walk;
        }
        if self.last_segment.val() & self.steps.last_unit_now.val() {
            self.mode.d.next = Mode::Fetch;
        }
        if self.done.val() {
            self.mode.d.next = Mode::Idle;
        }
        if self.start.val() {
            self.mode.d.next = Mode::Fetch;
        }
        if self.reset.val() {
            self.mode.d.next = Mode::Idle;
        }
        if self.update_timer.q.val().any() {
            self.update_timer.d.next = self.update_timer.q.val() - 1;
        }
        self.update_timer_over.d.next = !(self.update_timer.q.val() >> 1).any();
        if self.updates.val() {
            self.update_timer.d.next = self.state_ready.val();
            self.update_timer_over.d.next = false;
        }
        // It reads zero a cycle later, and so do the states.
        self.update_near.d.next =
            self.update_timer.q.val().get_bits::<4>(0) <= self.decode.lead.val();
        if self.tail_timer.q.val().any() {
            self.tail_timer.d.next = self.tail_timer.q.val() - 1;
        }
        self.tail_timer_over.d.next = !(self.tail_timer.q.val() >> 1).any();
        self.result_due.next =
            (self.walks.val() | self.updates.val()) | (self.reads.val() | self.learn_run.val());
        if self.result_due.val() {
            self.tail_timer.d.next = self.drained.val();
            self.tail_timer_over.d.next = false;
        }

        // The token. While the sequencer is idle the port's pass; what a token has no use for may be anything.
        self.former.op.next = self.port_op.val();
        self.former.sub.next = self.port_sub.val();
        self.former.base.next = self.port_addr.val();
        self.former.offset.next = 0.into();
        self.former.listed.next = false;
        self.former.summed.next = false;
        self.former.masked.next = false;
        self.former.slot.next = self.port_slot.val();
        self.former.value.next = self.port_value.val();
        self.former.tag.next = self.port_tag.val();
        // A layer meets itself: in a segment of its own column pass, or in a row of its own tile.
        self.former.upper.next = self.decode.at_row.val()
            & self.decode.layer.val().any()
            & (self.decode.layer.val() == self.own_layer.q.val());
        if self.mode.q.val() == Mode::Walk {
            self.former.upper.next = self.decode.layer.val() == self.decode.own_layer.val();
        }
        self.former.first_row.next = self.first_row.q.val();
        self.former.segment.next = self.walks.val();
        self.former.segment_slot.next = self.segment_slot.val();
        self.former.second.next = self.steps.second.val();
        self.former.third.next = self.steps.third.val();
        self.former.fourth.next = self.steps.fourth.val();
        // The next list is looked up while the accumulators are restored or saved.
        self.looks.next = self.decode.at_restore.val() | self.decode.at_save.val();
        if self.advance.val() & !self.looks.val() {
            self.known.d.next = false;
        }
        if self.looks.val() & self.steps.third.val() {
            self.known.d.next = true;
        }
        if self.start.val() {
            self.known.d.next = false;
        }
        self.former.looks.next = self.looks.val() & self.steps.third.val();
        self.former.known.next = self.known.q.val();
        self.former.at_row.next = self.decode.at_row.val();
        self.former.list_length.next = self.list_length.val();
        self.former.list_word.next = self.list_word.val();
        self.former.sums_word.next = self.sums_word.val();
        self.op.next = self.former.op_out.val();
        self.sub.next = self.former.sub_out.val();
        self.addr.next = self.former.addr_out.val();
        self.slot.next = self.former.slot_out.val();
        self.value.next = self.former.value_out.val();
        self.tag.next = self.former.tag_out.val();
        if self.walks.val() {
            self.former.op.next = Op::Column;
            self.former.base.next = self.fetch.word.val().get_bits::<16>(0);
            self.former.offset.next = self.steps.count.val();
            self.former.masked.next = true;
            self.former.slot.next = bit_cast::<12, 8>(self.fetch.word.val().get_bits::<8>(16));
            if !self.deep.val() {
                self.former.slot.next = self.segment_slot.val()
                    | bit_cast::<12, 8>(self.fetch.word.val().get_bits::<8>(16));
            }
            // The first and the last segment of a column.
            self.former.tag.next = bit_cast::<16, 1>((self.part_now.val() == 0).into())
                | (bit_cast::<16, 1>(self.last_segment.val().into()) << 1);
            if self.feedback.val() {
                self.former.base.next = bit_cast::<16, 15>(self.fetch.word.val().get_bits::<15>(0));
                self.former.sub.next =
                    bit_cast::<6, 1>(self.fetch.word.val().get_bits::<1>(15)) << 5;
            }
            // The tiles of a layer follow one another, from its first row on in every column.
            if self.former.upper.val() {
                self.first_row.d.next = self.first_row.q.val() + self.lanes.val();
            }
            self.part.d.next = self.part_now.val() + 1;
            if self.last_segment.val() {
                self.first_row.d.next = 0.into();
                self.part.d.next = 0.into();
            }
        } else if self.running.val() {
            match self.decode.kind.val() {
                Kind::Restore => {
                    self.former.op.next = Op::Restore;
                    self.former.sub.next = bit_cast::<6, 16>(self.steps.count.val());
                    self.former.slot.next = ((self.slot_drive.val()
                        + bit_cast::<12, 16>(self.steps.count.val()))
                        << self.tile_bits.val())
                        | bit_cast::<12, 8>(self.decode.tile.val());
                    if self.interleaves.val() & self.second_sample.val() {
                        self.former.slot.next = ((self.slot_second.val()
                            + bit_cast::<12, 16>(self.steps.count.val()))
                            << self.tile_bits.val())
                            | bit_cast::<12, 8>(self.decode.tile.val());
                    }
                    self.former.value.next = 1.into();
                    if self.deep.val() & self.steps.first.val() {
                        self.pointer.d.next = self.bases.ahead_start.val();
                    }
                    self.own_layer.d.next = self.decode.layer.val();
                    self.first_row.d.next = self.decode.argument.val().get_bits::<12>(0);
                }
                Kind::Row => {
                    self.former.base.next = self.decode.argument.val();
                    if self.feedback.val() {
                        self.former.sub.next = self.lift_sub.val();
                    }
                    self.former.listed.next = true;
                    self.former.masked.next = true;
                    if self.triangular.val() {
                        self.former.tag.next = 0.into();
                    }
                    self.pointer.d.next = self.list_address.val() + 1;
                    if self.steps.first.val() {
                        if self.deep.val() {
                            if !self.known.q.val() {
                                self.pointer.d.next = self.bases.list_start.val();
                            } else if !self.row_skipped.val() & !self.former.empty.val() {
                                self.former.op.next = Op::Row;
                            }
                        } else {
                            self.list_address.next = self.bases.list_start.val();
                            self.pointer.d.next = self.bases.list_start.val() + 1;
                        }
                    } else {
                        if !self.row_ends.val() {
                            self.former.op.next = Op::Row;
                        }
                    }
                }
                Kind::Bias => {
                    self.former.op.next = Op::Row;
                    if self.feedback.val() {
                        self.former.sub.next = self.lift_sub.val();
                    }
                    self.former.base.next = self.decode.argument.val();
                    self.former.value.next = self.one.val();
                    self.former.masked.next = true;
                    if self.triangular.val() {
                        self.former.tag.next = 0.into();
                    }
                }
                Kind::Add => {
                    if self.steps.first.val() {
                        self.sums_address.next = self.decode.argument.val();
                        self.pointer.d.next = self.decode.argument.val();
                        self.part.d.next = 0.into();
                    } else {
                        self.former.op.next = Op::Add;
                        self.former.sub.next = bit_cast::<6, 8>(self.part_now.val());
                        self.former.tag.next = self.steps.count.val() - 1;
                        self.former.summed.next = true;
                        self.part.d.next = self.part_now.val() + 1;
                        if self.steps.last_part.val() {
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
                        self.former.op.next = Op::Own;
                        self.former.sub.next = bit_cast::<6, 16>(self.steps.count.val());
                        self.former.value.next =
                            bit_cast::<16, 1>((!self.bases.from_zero.val()).into());
                        if self.steps.count.val().get_bit(1) {
                            self.at_own.next = self.slot_trace.val();
                        }
                        self.former.slot.next = ((self.at_own.val()
                            | bit_cast::<12, 1>(self.base_copy.val().into()))
                            << self.tile_bits.val())
                            | bit_cast::<12, 8>(self.decode.tile.val());
                        if self.steps.count.val() == 0 {
                            self.former.slot.next = self.at_slot.val();
                            if !self.update_timer_over.q.val() {
                                self.former.op.next = Op::Nop;
                            }
                        } else if self.steps.count.val() == self.own_words.val() {
                            self.former.slot.next = (self.slot_target.val()
                                << self.tile_bits.val())
                                | bit_cast::<12, 8>(self.decode.tile.val());
                        }
                        if self.steps.last_own.val() {
                            self.former.op.next = Op::Update;
                            self.former.slot.next = self.at_work.val();
                            self.former.value.next = bit_cast::<16, 1>(self.is_output.val().into())
                                | (bit_cast::<16, 1>(self.negative.val().into()) << 1);
                        }
                    } else {
                        self.former.slot.next = self.at_slot.val();
                        if self.steps.first.val() {
                            self.former.value.next = self.currents.leak.val();
                            if self.feedback.val() {
                                self.former.sub.next = self.lift_sub.val();
                            }
                            if self.update_timer_over.q.val() {
                                self.former.op.next = Op::Leak;
                            }
                        } else if self.is_output.val() & self.steps.second.val() {
                            self.former.op.next = Op::Nudge;
                            self.former.slot.next = (self.slot_target.val()
                                << self.tile_bits.val())
                                | bit_cast::<12, 8>(self.decode.tile.val());
                            self.former.value.next = self.currents.pull.val();
                        } else {
                            self.former.op.next = Op::Update;
                            self.former.slot.next = self.at_work.val();
                            self.former.value.next = (bit_cast::<16, 2>(self.k.val()) << 8)
                                | bit_cast::<16, 8>(self.tolerance.val());
                            if self.feedback.val() {
                                self.former.value.next =
                                    (bit_cast::<16, 1>(self.decode.lift.val().into()) << 10)
                                        | (bit_cast::<16, 2>(self.k.val()) << 8)
                                        | bit_cast::<16, 8>(self.tolerance.val());
                            }
                        }
                    }
                }
                Kind::Save => {
                    if self.deep.val() & self.steps.first.val() {
                        self.pointer.d.next = self.bases.ahead_start.val();
                    }
                    self.former.slot.next = ((self.slot_drive.val()
                        + bit_cast::<12, 16>(
                            self.steps.count.val() - self.accumulator_ready.val(),
                        ))
                        << self.tile_bits.val())
                        | bit_cast::<12, 8>(self.decode.tile.val());
                    if self.interleaves.val() & self.second_sample.val() {
                        self.former.slot.next = ((self.slot_second.val()
                            + bit_cast::<12, 16>(
                                self.steps.count.val() - self.accumulator_ready.val(),
                            ))
                            << self.tile_bits.val())
                            | bit_cast::<12, 8>(self.decode.tile.val());
                    }
                    if self.steps.first.val() {
                        self.former.op.next = Op::AddAll;
                        self.former.sub.next = 0.into();
                        self.former.value.next = self.currents.rounding.val().get_bits::<16>(0);
                        if !self.currents.rounding.val().get_bits::<16>(0).any() {
                            self.former.sub.next = 1.into();
                            self.former.value.next =
                                self.currents.rounding.val().get_bits::<16>(16);
                        }
                    } else if self.steps.saves.val() {
                        self.former.op.next = Op::Save;
                        self.former.sub.next = bit_cast::<6, 16>(
                            self.steps.count.val() - self.accumulator_ready.val(),
                        );
                    }
                }
                Kind::Open => {
                    self.head_pass.d.next = false;
                    if self.deep.val() {
                        self.pointer.d.next = self.bases.list_start.val();
                    }
                }
                Kind::Columns => {
                    self.part.d.next = 0.into();
                    self.first_row.d.next = 0.into();
                }
                Kind::Read => {
                    // What the lanes have just written, whatever the order.
                    if self.reads.val() {
                        self.former.op.next = Op::ReadState;
                    }
                    self.former.slot.next = self.at_work.val();
                    self.former.tag.next = self.steps.count.val();
                    self.former.value.next = 1.into();
                    if self.spiking.val() {
                        // In a time step the units that spiked.
                        self.former.sub.next = bit_cast::<6, 1>((!self.states.val()).into());
                    }
                    if self.decode.at_collect.val() {
                        // No lane has this number.
                        self.former.tag.next = 0xFFFF.into();
                        if self.reads.val() {
                            self.head_pass.d.next = true;
                        }
                    }
                }
                Kind::Learn => {
                    if self.deep.val() {
                        self.pointer.d.next = self.bases.list_start.val();
                    } else {
                        self.list_address.next = self.learn_list_start.val();
                    }
                    if self.learn_run.val() {
                        self.list_address.next = self.learn_list_address.val();
                        self.former.op.next = self.learn_op.val();
                        self.former.sub.next = self.learn_sub.val();
                        self.former.base.next = self.decode.argument.val();
                        self.former.offset.next = bit_cast::<16, 12>(self.learn_unit.val());
                        self.former.slot.next = self.learn_slot.val();
                        self.former.value.next = self.learn_value.val();
                        self.former.tag.next = self.learn_tag.val();
                    }
                }
                Kind::Other => {}
            }
        }
        if self.reset.val() {
            // Instructions count parts from zero, and leave it so when they end.
            self.part.d.next = 0.into();
        }
    }
}
