//! The column unit at the head: sums that leave the tail become states of column-side units.
//!
//! ```text
//!              ┌─► sums memory (units that also live in lanes)
//!  sum ─► run ─┤
//!              └─► + bias ─► − leak ─► + nudge ─► step ─► list of non-zero states
//!  stage  z    z+1        z+2       z+3        z+4…z+6    z+7 (flags z+8)
//! ```
//! A column's tiles arrive one after another and are added up in `run`. States of column-side
//! layers are kept as lists {end, unit, value} of their non-zero units in rising order, so that a
//! zero column costs nothing, and once more unit by unit in a memory of their own, where the next
//! sweep finds the old ones. Values read from lanes are appended to the open list in the same way.
//! Spiking units keep membrane and trace in a memory of their own; what a step appends is the units
//! that spiked, and after a phase the states are appended from that memory. One result a cycle.
//!
//! Latency: state written 7 and flags 8 cycles after the sum. A deep pipeline adds up the tiles in two halves,
//! has a register behind each memory, one behind the shift of the nudge and the deep step: 10 and 12 cycles.

use super::learn::Learn;
use super::primitive::{Ram, RamShape};
use super::spike::{Place, Spike};
use super::token::Op;
use super::update::Update;
use crate::arch::Shape;
use crate::config::Formats;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Column<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Token and sum as they leave the last lane; the sum belongs to the token of four (deep: seven) cycles ago.
    pub op: Signal<In, Op>,
    pub tag: Signal<In, Bits<16>>,
    pub sum: Signal<In, Bits<A>>,
    /// Flags as they leave the last lane, for the update token of seven (deep: twelve) cycles ago.
    pub line_moved: Signal<In, Bit>,
    pub line_changed: Signal<In, Bit>,
    /// Starts a pass: unit 0 is next. `to_sums` sends its results to the sums memory.
    pub restart: Signal<In, Bit>,
    pub to_sums: Signal<In, Bit>,
    /// Opens a list for writing at `write_base`; old states begin at `walk_base`.
    pub open: Signal<In, Bit>,
    pub write_base: Signal<In, Bits<16>>,
    pub walk_base: Signal<In, Bits<16>>,
    pub bias_base: Signal<In, Bits<16>>,
    /// The old states are all zero; the open layer is nudged.
    pub from_zero: Signal<In, Bit>,
    pub nudged: Signal<In, Bit>,
    /// Spiking units: copies of membranes and traces to read and to write; the list is one of states, taken
    /// from here.
    pub read_copy: Signal<In, Bit>,
    pub write_copy: Signal<In, Bit>,
    pub states: Signal<In, Bit>,
    pub from_head: Signal<In, Bit>,
    /// Writes the end mark.
    pub close: Signal<In, Bit>,
    /// Nudge: shift G − b and sign.
    pub nudge_shift: Signal<In, Bits<4>>,
    pub negative: Signal<In, Bit>,
    pub k: Signal<In, Bits<2>>,
    pub tolerance: Signal<In, Bits<8>>,
    /// List memory, read by the sequencer.
    pub list_write: Signal<Out, Bit>,
    pub list_write_address: Signal<Out, Bits<16>>,
    pub list_write_word: Signal<Out, Bits<29>>,
    /// Sums memory, read by the sequencer.
    pub sums_address: Signal<In, Bits<16>>,
    pub sums_word: Signal<Out, Bits<A>>,
    /// Biases and targets, written by the port.
    pub bias_write: Signal<In, Bit>,
    pub target_write: Signal<In, Bit>,
    pub unit_address: Signal<In, Bits<16>>,
    pub unit_data: Signal<In, Bits<16>>,
    /// Reads the bias at `unit_address` for the port.
    pub bias_select: Signal<In, Bit>,
    pub bias_word: Signal<Out, Bits<16>>,
    /// Learning of biases, as the learner says.
    pub learning: Signal<In, Bit>,
    pub train_read: Signal<In, Bits<16>>,
    pub train_valid: Signal<In, Bit>,
    pub train_difference: Signal<In, Bits<22>>,
    pub train_far: Signal<In, Bits<4>>,
    pub train_random: Signal<In, Bits<16>>,
    pub train_write: Signal<In, Bit>,
    pub train_write_address: Signal<In, Bits<16>>,
    /// A bias saturated, or a unit spiked.
    pub saturated: Signal<Out, Bit>,
    /// A value read from a lane (state or weight).
    pub read_valid: Signal<Out, Bit>,
    pub read_value: Signal<Out, Bits<16>>,
    pub moved: Signal<Out, Bit>,
    pub changed: Signal<Out, Bit>,
    /// Observation: a column-side state (kind 0) or bias (kind 1) is written, at its bias address; of
    /// a spiking unit {spike, membrane, trace}.
    pub probe_valid: Signal<Out, Bit>,
    pub probe_kind: Signal<Out, Bit>,
    pub probe_address: Signal<Out, Bits<16>>,
    pub probe_value: Signal<Out, Bits<36>>,
    spiking: Constant<Bit>,
    deep: Constant<Bit>,
    half: Constant<Bits<16>>,
    copy_base: Constant<Bits<16>>,
    bias_shift: Constant<Bits<5>>,
    state_fraction: Constant<Bits<5>>,
    weight_fraction: Constant<Bits<5>>,
    unit_mask: Constant<Bits<16>>,
    list_mask: Constant<Bits<16>>,
    bias_mask: Constant<Bits<16>>,
    sums: Ram<A>,
    bias: Ram<16>,
    target: Ram<16>,
    membrane: Ram<34>,
    step: Update<A>,
    spike: Spike<A>,
    learn: Learn<A>,
    op_1: DFF<Op>,
    op_2: DFF<Op>,
    op_3: DFF<Op>,
    op_4: DFF<Op>,
    op_5: DFF<Op>,
    op_6: DFF<Op>,
    op_7: DFF<Op>,
    update_5: DFF<Bit>,
    update_6: DFF<Bit>,
    update_7: DFF<Bit>,
    update_8: DFF<Bit>,
    update_9: DFF<Bit>,
    tag_1: DFF<Bits<2>>,
    tag_2: DFF<Bits<2>>,
    tag_3: DFF<Bits<2>>,
    tag_4: DFF<Bits<2>>,
    tag_5: DFF<Bits<2>>,
    tag_6: DFF<Bits<2>>,
    tag_7: DFF<Bits<2>>,
    run: DFF<Bits<A>>,
    total_valid: DFF<Bit>,
    state_valid: DFF<Bit>,
    weight_valid: DFF<Bit>,
    read_word: DFF<Bits<16>>,
    unit: DFF<Bits<16>>,
    unit_2: DFF<Bits<16>>,
    written: DFF<Bits<16>>,
    list_end: DFF<Bits<16>>,
    /// Where old and new states, and biases, of the unit are that comes next.
    old_at: DFF<Bits<16>>,
    new_at: DFF<Bits<16>>,
    bias_at: DFF<Bits<16>>,
    run_low: DFF<Bits<20>>,
    run_carry: DFF<Bit>,
    run_high: DFF<Bits<A>>,
    low_1: DFF<Bits<20>>,
    sum_1: DFF<Bits<A>>,
    adds_1: DFF<Bit>,
    begins_1: DFF<Bit>,
    total_2: DFF<Bit>,
    sum_3b: DFF<Bits<A>>,
    pull_4: DFF<Bits<A>>,
    old_3: DFF<Bits<16>>,
    target_3: DFF<Bits<16>>,
    own_7: DFF<Bits<16>>,
    own_8: DFF<Bits<16>>,
    valid_8: DFF<Bit>,
    valid_9: DFF<Bit>,
    valid_10: DFF<Bit>,
    old_states: Ram<16>,
    low_sum: Signal<Local, Bits<21>>,
    low_held: Signal<Local, Bits<20>>,
    high_held: Signal<Local, Bits<A>>,
    total: Signal<Local, Bits<A>>,
    complete: Signal<Local, Bit>,
    target_now: Signal<Local, Bits<16>>,
    pull_shifted: Signal<Local, Bits<A>>,
    valid_now: Signal<Local, Bit>,
    flags_valid: Signal<Local, Bit>,
    next_old: Signal<Local, Bits<16>>,
    next_bias: Signal<Local, Bits<16>>,
    /// Few biases are in LUT RAM, which is slow behind a long way and fast behind a register.
    bias_late: Constant<Bit>,
    bias_address: Signal<Local, Bits<16>>,
    bias_address_1: DFF<Bits<16>>,
    old_word: Signal<Local, Bits<16>>,
    new_base: DFF<Bits<16>>,
    bias_start: DFF<Bits<16>>,
    zero_start: DFF<Bit>,
    nudge_on: DFF<Bit>,
    sum_2: DFF<Bits<A>>,
    sum_3: DFF<Bits<A>>,
    sum_4: DFF<Bits<A>>,
    pull_3: DFF<Bits<18>>,
    own_3: DFF<Bits<16>>,
    own_4: DFF<Bits<16>>,
    own_5: DFF<Bits<16>>,
    own_6: DFF<Bits<16>>,
    x_7: DFF<Bits<16>>,
    valid_2: DFF<Bit>,
    valid_3: DFF<Bit>,
    valid_4: DFF<Bit>,
    valid_5: DFF<Bit>,
    valid_6: DFF<Bit>,
    valid_7: DFF<Bit>,
    read_from: DFF<Bit>,
    write_to: DFF<Bit>,
    membrane_3: DFF<Bits<16>>,
    membrane_4: DFF<Bits<16>>,
    trace_3: DFF<Bits<18>>,
    trace_4: DFF<Bits<18>>,
    result_7: DFF<Bits<34>>,
    state_valid_2: DFF<Bit>,
    read_word_2: DFF<Bits<16>>,
    moved_8: DFF<Bit>,
    changed_8: DFF<Bit>,
    /// The token whose sum is at the tail, and whether flags of an update are.
    op_now: Signal<Local, Op>,
    tag_now: Signal<Local, Bits<2>>,
    flags_now: Signal<Local, Bit>,
    pull_to: Signal<Local, Bits<16>>,
    pull_from: Signal<Local, Bits<16>>,
    unit_now: Signal<Local, Bits<16>>,
    written_now: Signal<Local, Bits<16>>,
    end_now: Signal<Local, Bits<16>>,
    membrane_2: Signal<Local, Bits<16>>,
    trace_2: Signal<Local, Bits<18>>,
    unit_address_1: Signal<Local, Bits<16>>,
    unit_address_7: Signal<Local, Bits<16>>,
    value_2: Signal<Local, Bits<16>>,
    own_2: Signal<Local, Bits<16>>,
    next_unit: Signal<Local, Bits<16>>,
    bias_wide: Signal<Local, Signed<A>>,
    bias_bits: Signal<Local, Bits<A>>,
    store: Signal<Local, Bit>,
    store_address: Signal<Local, Bits<16>>,
    store_data: Signal<Local, Bits<16>>,
    difference: Signal<Local, Signed<22>>,
    difference_wide: Signal<Local, Signed<A>>,
    difference_bits: Signal<Local, Bits<A>>,
    pull_wide: Signal<Local, Signed<A>>,
    pull_bits: Signal<Local, Bits<A>>,
}

impl<const A: usize> Column<A> {
    /// A column unit with memories of the given shape.
    pub fn new(shape: &Shape) -> Self {
        let Formats {
            state_fraction,
            weight_bits,
            weight_fraction,
        } = shape.formats;
        block!(Column {
            clock, op, tag, sum, line_moved, line_changed, update_5, update_6, update_7, update_8, update_9, restart, to_sums, open, write_base, walk_base, bias_base,
            from_zero, nudged, close, nudge_shift, negative, k, tolerance,
            list_write, list_write_address, list_write_word, sums_address, sums_word, bias_write,
            target_write, unit_address, unit_data, read_valid, read_value, moved, changed,
            bias_select, bias_word, learning, train_read, train_valid, train_difference, train_far,
            train_random, train_write, train_write_address, saturated, probe_kind, store, store_address, store_data, difference,
            difference_wide, difference_bits, probe_valid, probe_address, probe_value, op_1, op_2, op_3, op_4, op_5, op_6, op_7, tag_1, tag_2, tag_3,
            tag_4, tag_5, tag_6, tag_7, op_now, tag_now, flags_now, run, total_valid, state_valid, weight_valid, read_word, unit, unit_2, written,
            list_end, bias_start, zero_start, nudge_on, sum_2, sum_3, sum_4, pull_3,
            own_3, own_4, own_5, own_6, x_7, valid_2, valid_3, valid_4, valid_5, valid_6,
            valid_7, moved_8,
            changed_8, pull_to, pull_from, unit_now,
            read_copy, write_copy, states, from_head, read_from, write_to, membrane_3, membrane_4, trace_3, trace_4,
            result_7, state_valid_2, read_word_2, membrane_2, trace_2, unit_address_1, unit_address_7, value_2,
            written_now, end_now, own_2, next_unit, bias_wide, bias_bits, pull_wide, pull_bits, old_at, new_at, bias_at, run_low, run_carry, run_high, low_1, sum_1, adds_1, begins_1, total_2, sum_3b, pull_4, old_3, target_3, own_7, own_8, valid_8, valid_9, valid_10, new_base, low_sum, low_held, high_held, total, complete, target_now, pull_shifted, valid_now, flags_valid, next_old, next_bias, bias_address, bias_address_1, old_word;
            bias_late: Constant::new(shape.is_deep() && !shape.biases_registered()),
            spiking: Constant::new(shape.spiking.is_some()),
            deep: Constant::new(shape.is_deep()),
            half: Constant::new(((1u64 << weight_fraction) >> 1).into()),
            copy_base: Constant::new((shape.membrane_stride() as u64).into()),
            // The current that a clamped ONE gives through a bias is the bias.
            bias_shift: Constant::new(match shape.spiking {
                None => u64::from(state_fraction).into(),
                Some(_) => 0.into(),
            }),
            state_fraction: Constant::new(u64::from(state_fraction).into()),
            weight_fraction: Constant::new(u64::from(weight_fraction).into()),
            unit_mask: Constant::new(shape.unit_mask().into()),
            list_mask: Constant::new(shape.list_mask().into()),
            bias_mask: Constant::new(shape.bias_mask().into()),
            old_states: Ram::new(
                RamShape::new(shape.list_words, shape.state_bits()).registered(shape.is_deep()),
            ),
            sums: Ram::new(RamShape::new(shape.sums_words, A).registered(shape.is_deep())),
            bias: Ram::new(RamShape::weights(shape.bias_words, weight_bits).registered(shape.biases_registered())),
            target: Ram::new(RamShape::new(shape.target_words, 16).registered(shape.is_deep()).logic(shape.targets_in_logic)),
            membrane: Ram::new(RamShape::new(shape.membrane_words(), shape.membrane_bits())),
            step: Update::new(state_fraction, weight_fraction, shape.is_deep()),
            spike: Spike::new(shape, Place::Head),
            learn: Learn::new(shape, false)
        })
    }
}

impl<const A: usize> Logic for Column<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            update_5,
            update_6,
            update_7,
            update_8,
            update_9,
            op_1,
            op_2,
            op_3,
            op_4,
            op_5,
            op_6,
            op_7,
            tag_1,
            tag_2,
            tag_3,
            tag_4,
            tag_5,
            tag_6,
            tag_7,
            run,
            total_valid,
            state_valid,
            weight_valid,
            read_word,
            unit,
            unit_2,
            written,
            list_end,
            bias_start,
            zero_start,
            nudge_on,
            sum_2,
            sum_3,
            sum_4,
            pull_3,
            own_3,
            own_4,
            own_5,
            own_6,
            x_7,
            valid_2,
            valid_3,
            valid_4,
            valid_5,
            valid_6,
            valid_7,
            read_from,
            write_to,
            membrane_3,
            membrane_4,
            trace_3,
            trace_4,
            result_7,
            state_valid_2,
            read_word_2,
            moved_8,
            changed_8,
            old_at,
            new_at,
            bias_at,
            bias_address_1,
            run_low,
            run_carry,
            run_high,
            low_1,
            sum_1,
            adds_1,
            begins_1,
            total_2,
            sum_3b,
            pull_4,
            old_3,
            target_3,
            own_7,
            own_8,
            valid_8,
            valid_9,
            valid_10,
            new_base
        );
        clock!(self, clock, old_states, sums, bias, target, membrane, step, spike, learn);

        // The token waits for its sum.
        self.op_1.d.next = self.op.val();
        self.op_2.d.next = self.op_1.q.val();
        self.op_3.d.next = self.op_2.q.val();
        self.op_4.d.next = self.op_3.q.val();
        self.tag_1.d.next = self.tag.val().get_bits::<2>(0);
        self.tag_2.d.next = self.tag_1.q.val();
        self.tag_3.d.next = self.tag_2.q.val();
        self.tag_4.d.next = self.tag_3.q.val();
        self.op_5.d.next = self.op_4.q.val();
        self.op_6.d.next = self.op_5.q.val();
        self.op_7.d.next = self.op_6.q.val();
        self.tag_5.d.next = self.tag_4.q.val();
        self.tag_6.d.next = self.tag_5.q.val();
        self.tag_7.d.next = self.tag_6.q.val();
        self.op_now.next = self.op_4.q.val();
        self.tag_now.next = self.tag_4.q.val();
        if self.deep.val() {
            self.op_now.next = self.op_7.q.val();
            self.tag_now.next = self.tag_7.q.val();
        }

        // Counters and addresses keep the bits that the memories have a use for.
        self.unit_now.next = self.unit.q.val() & self.unit_mask.val();
        self.written_now.next = self.written.q.val() & self.unit_mask.val();
        self.end_now.next = self.list_end.q.val() & self.list_mask.val();

        // Stage z: add up the tiles of a column.
        self.total_valid.d.next = false;
        if self.op_now.val() == Op::Column {
            self.run.d.next = self.run.q.val() + self.sum.val();
            if self.tag_now.val().get_bit(0) {
                self.run.d.next = self.sum.val();
            }
            self.total_valid.d.next = self.tag_now.val().get_bit(1);
        }
        // In two halves where the whole takes longer than a cycle.
        self.low_held.next = self.run_low.q.val();
        if self.tag_now.val().get_bit(0) {
            self.low_held.next = 0.into();
        }
        self.low_sum.next = bit_cast::<21, 20>(self.low_held.val())
            + bit_cast::<21, 20>(self.sum.val().get_bits::<20>(0));
        self.adds_1.d.next = self.op_now.val() == Op::Column;
        self.begins_1.d.next = self.tag_now.val().get_bit(0);
        self.sum_1.d.next = self.sum.val() >> 20;
        if self.op_now.val() == Op::Column {
            self.run_low.d.next = self.low_sum.val().get_bits::<20>(0);
            self.run_carry.d.next = self.low_sum.val().get_bit(20);
        }
        self.low_1.d.next = self.run_low.q.val();
        self.high_held.next = self.run_high.q.val();
        if self.begins_1.q.val() {
            self.high_held.next = 0.into();
        }
        if self.adds_1.q.val() {
            self.run_high.d.next = self.high_held.val()
                + self.sum_1.q.val()
                + bit_cast::<A, 1>(self.run_carry.q.val().into());
        }
        self.total_2.d.next = self.total_valid.q.val();
        self.total.next = self.run.q.val();
        self.complete.next = self.total_valid.q.val();
        if self.deep.val() {
            self.total.next = (self.run_high.q.val() << 20) | bit_cast::<A, 20>(self.low_1.q.val());
            self.complete.next = self.total_2.q.val();
        }
        self.state_valid.d.next = self.op_now.val() == Op::ReadState;
        self.weight_valid.d.next = self.op_now.val() == Op::ReadWeight;
        self.read_word.d.next = self.sum.val().get_bits::<16>(0);

        // Stage z+1: the sum of unit `unit` is complete.
        self.unit_2.d.next = self.unit_now.val();
        self.next_unit.next = self.unit_now.val();
        self.next_old.next = self.old_at.q.val();
        self.next_bias.next = self.bias_at.q.val();
        if self.total_valid.q.val() | self.state_valid.q.val() {
            self.next_unit.next = self.unit_now.val() + 1;
            self.next_old.next = self.old_at.q.val() + 1;
            self.next_bias.next = self.bias_at.q.val() + 1;
        }
        self.unit.d.next = self.next_unit.val();
        self.old_at.d.next = self.next_old.val() & self.list_mask.val();
        self.bias_at.d.next = self.next_bias.val() & self.bias_mask.val();
        self.sums.write_address.next = self.unit_now.val();
        self.sums.write_data.next = self.total.val();
        self.sums.write_enable.next = self.complete.val() & self.to_sums.val();
        self.sums.read_address.next = self.sums_address.val();
        self.sums_word.next = self.sums.read_data.val();
        // Read for the sum of the next cycle.
        self.bias_address.next = self.next_bias.val();
        self.old_states.read_address.next = self.old_at.q.val();
        self.target.read_address.next = self.unit_now.val();
        if self.deep.val() {
            self.sums.write_address.next = self.unit_2.q.val();
            self.old_states.read_address.next = self.next_old.val();
            self.target.read_address.next = self.next_unit.val();
        }
        self.bias_wide.next = signed_bit_cast(signed_cast(self.bias.read_data.val()));
        self.bias_bits.next = unsigned_cast(self.bias_wide.val());
        self.sum_2.d.next = self.total.val() + (self.bias_bits.val() << self.bias_shift.val());
        self.valid_2.d.next = self.complete.val() & !self.to_sums.val();

        self.unit_address_1.next =
            (self.bias_start.q.val() & self.bias_mask.val()) + self.unit_now.val();
        self.membrane.read_address.next = self.unit_address_1.val();
        if self.read_from.q.val() {
            self.membrane.read_address.next = self.unit_address_1.val() | self.copy_base.val();
        }
        self.state_valid_2.d.next = self.state_valid.q.val() & self.spiking.val();
        self.read_word_2.d.next = self.read_word.q.val();

        // Stage z+2: the old state.
        self.old_word.next = self.old_states.read_data.val();
        if self.zero_start.q.val() {
            self.old_word.next = 0.into();
        }
        self.old_3.d.next = self.old_word.val();
        self.target_3.d.next = self.target.read_data.val();
        self.own_2.next = self.old_word.val();
        self.target_now.next = self.target.read_data.val();
        if self.deep.val() {
            self.own_2.next = self.old_3.q.val();
            self.target_now.next = self.target_3.q.val();
        }
        self.sum_3.d.next = self.sum_2.q.val()
            - (bit_cast::<A, 16>(self.own_2.val()) << self.weight_fraction.val());
        self.pull_to.next = self.target_now.val();
        self.pull_from.next = self.own_2.val();
        if self.negative.val() {
            self.pull_to.next = self.own_2.val();
            self.pull_from.next = self.target_now.val();
        }
        if self.spiking.val() {
            self.sum_3.d.next = self.sum_2.q.val();
        }
        self.pull_3.d.next = 0.into();
        if self.nudge_on.q.val() & !self.spiking.val() {
            // With a negative sign the other way round.
            self.pull_3.d.next =
                bit_cast::<18, 16>(self.pull_to.val()) - bit_cast::<18, 16>(self.pull_from.val());
        }
        self.membrane_2.next = self.membrane.read_data.val().get_bits::<16>(0);
        self.trace_2.next = self.membrane.read_data.val().get_bits::<18>(16);
        if self.zero_start.q.val() & !self.states.val() {
            self.membrane_2.next = self.half.val();
            self.trace_2.next = 0.into();
        }
        self.membrane_3.d.next = self.membrane_2.val();
        self.membrane_4.d.next = self.membrane_3.q.val();
        self.trace_3.d.next = self.trace_2.val();
        self.trace_4.d.next = self.trace_3.q.val();
        self.spike.v.next = self.membrane_2.val();
        self.spike.z.next = self.trace_2.val();
        self.spike.target.next = self.target.read_data.val();
        self.spike.nudged.next = self.nudge_on.q.val();
        self.spike.negative.next = self.negative.val();
        self.spike.v_late.next = self.membrane_4.q.val();
        self.spike.z_late.next = self.trace_4.q.val();
        self.spike.current.next = self.sum_4.q.val();
        self.spike.valid.next = self.valid_5.q.val();
        self.value_2.next = self.read_word_2.q.val();
        if self.from_head.val() {
            self.value_2.next = bit_cast::<16, 14>(self.trace_2.val().get_bits::<14>(4));
        }
        self.own_3.d.next = self.own_2.val();
        self.valid_3.d.next = self.valid_2.q.val();

        // Stage z+3: the nudge.
        self.pull_wide.next = signed_bit_cast(signed_cast(self.pull_3.q.val()));
        self.pull_bits.next = unsigned_cast(self.pull_wide.val());
        self.pull_shifted.next = self.pull_bits.val() << self.nudge_shift.val();
        self.sum_3b.d.next = self.sum_3.q.val();
        self.pull_4.d.next = self.pull_shifted.val();
        self.sum_4.d.next = self.sum_3.q.val() + self.pull_shifted.val();
        if self.deep.val() {
            self.sum_4.d.next = self.sum_3b.q.val() + self.pull_4.q.val();
        }
        self.own_4.d.next = self.own_3.q.val();
        self.own_5.d.next = self.own_4.q.val();
        self.own_6.d.next = self.own_5.q.val();
        self.own_7.d.next = self.own_6.q.val();
        self.own_8.d.next = self.own_7.q.val();

        // Stages z+4 to z+8: the step, as in a lane, and one cycle for the way to the list.
        self.step.n.next = self.sum_4.q.val();
        self.step.own.next = self.own_4.q.val();
        self.step.own_late.next = self.own_6.q.val();
        if self.deep.val() {
            self.step.own.next = self.own_6.q.val();
            self.step.own_late.next = self.own_8.q.val();
        }
        self.step.half.next = true;
        self.step.k.next = self.k.val();
        self.step.tolerance.next = self.tolerance.val();
        self.x_7.d.next = self.step.x_new.val();
        if self.spiking.val() {
            self.x_7.d.next = bit_cast::<16, 1>(self.spike.spike.val().into());
        }
        self.result_7.d.next = bit_cast::<34, 16>(self.spike.v_new.val())
            | (bit_cast::<34, 18>(self.spike.z_new.val()) << 16);
        self.valid_4.d.next = self.valid_3.q.val();
        self.valid_5.d.next = self.valid_4.q.val();
        self.valid_6.d.next = self.valid_5.q.val();
        self.valid_7.d.next = self.valid_6.q.val();
        self.valid_8.d.next = self.valid_7.q.val();
        self.valid_9.d.next = self.valid_8.q.val();
        self.valid_10.d.next = self.valid_9.q.val();
        self.valid_now.next = self.valid_7.q.val();
        self.flags_valid.next = self.valid_7.q.val();
        if self.deep.val() {
            self.valid_now.next = self.valid_9.q.val();
            self.flags_valid.next = self.valid_10.q.val();
        }
        self.moved_8.d.next = self.flags_valid.val() & self.step.moved.val();
        self.changed_8.d.next = self.flags_valid.val() & self.step.changed.val();
        if self.spiking.val() {
            self.moved_8.d.next = false;
            self.changed_8.d.next = self.state_valid_2.q.val()
                & self.nudge_on.q.val()
                & (self.value_2.val() != self.own_2.val());
        }
        self.unit_address_7.next =
            (self.bias_start.q.val() & self.bias_mask.val()) + self.written_now.val();
        self.membrane.write_address.next = self.unit_address_7.val();
        if self.write_to.q.val() {
            self.membrane.write_address.next = self.unit_address_7.val() | self.copy_base.val();
        }
        self.membrane.write_data.next = self.result_7.q.val();
        self.membrane.write_enable.next = self.valid_now.val();
        self.update_5.d.next = self.op_now.val() == Op::Update;
        self.update_6.d.next = self.update_5.q.val();
        self.update_7.d.next = self.update_6.q.val();
        self.update_8.d.next = self.update_7.q.val();
        self.update_9.d.next = self.update_8.q.val();
        self.flags_now.next = self.update_7.q.val();
        if self.deep.val() {
            self.flags_now.next = self.update_9.q.val();
        }
        self.moved.next = self.moved_8.q.val() | (self.flags_now.val() & self.line_moved.val());
        self.changed.next =
            self.changed_8.q.val() | (self.flags_now.val() & self.line_changed.val());

        // The open list grows by non-zero states, from the step or from the lanes.
        self.list_write.next = false;
        self.list_write_address.next = self.end_now.val();
        self.list_write_word.next = (bit_cast::<29, 16>(self.written_now.val()) << 16)
            | bit_cast::<29, 16>(self.x_7.q.val());
        self.old_states.write_enable.next = self.valid_now.val() & !self.spiking.val();
        self.old_states.write_address.next = self.new_at.q.val();
        self.old_states.write_data.next = self.x_7.q.val();
        if self.valid_now.val() {
            self.written.d.next = self.written_now.val() + 1;
            self.new_at.d.next = (self.new_at.q.val() + 1) & self.list_mask.val();
            self.list_write.next = self.x_7.q.val().any();
        }
        if self.spiking.val() {
            self.old_states.write_enable.next = self.state_valid_2.q.val();
            self.old_states.write_address.next = self.new_base.q.val() + self.unit_2.q.val();
            self.old_states.write_data.next = self.value_2.val();
            if self.state_valid_2.q.val() {
                self.list_write_word.next = (bit_cast::<29, 16>(self.unit_2.q.val()) << 16)
                    | bit_cast::<29, 16>(self.value_2.val());
                self.list_write.next = self.value_2.val().any();
            }
        } else if self.state_valid.q.val() {
            self.list_write_word.next = (bit_cast::<29, 16>(self.unit_now.val()) << 16)
                | bit_cast::<29, 16>(self.read_word.q.val());
            self.list_write.next = self.read_word.q.val().any();
        }
        if self.list_write.val() {
            self.list_end.d.next = self.end_now.val() + 1;
        }
        if self.close.val() {
            self.list_write_word.next = bits::<29>(0x1000_0000);
            self.list_write.next = true;
        }
        if self.restart.val() {
            self.unit.d.next = 0.into();
            self.written.d.next = 0.into();
        }
        if self.open.val() {
            self.unit.d.next = 0.into();
            self.written.d.next = 0.into();
            self.list_end.d.next = self.write_base.val();
            self.old_at.d.next = self.walk_base.val();
            self.new_at.d.next = self.write_base.val();
            self.new_base.d.next = self.write_base.val();
            self.bias_at.d.next = self.bias_base.val();
            self.bias_start.d.next = self.bias_base.val();
            self.zero_start.d.next = self.from_zero.val();
            self.nudge_on.d.next = self.nudged.val();
            self.read_from.d.next = self.read_copy.val();
            self.write_to.d.next = self.write_copy.val();
        }

        // Biases: written by the port, read for it, and learned as a lane learns a weight, from a
        // difference of states times the clamped ONE.
        self.bias_word.next = self.bias.read_data.val();
        if self.learning.val() {
            self.bias_address.next = self.train_read.val();
        }
        if self.bias_select.val() {
            self.bias_address.next = self.unit_address.val();
        }
        self.bias_address_1.d.next = self.bias_address.val();
        self.bias.read_address.next = self.bias_address.val();
        if self.bias_late.val() {
            self.bias.read_address.next = self.bias_address_1.q.val();
        }
        self.difference.next = signed_cast(self.train_difference.val());
        self.difference_wide.next = signed_bit_cast(self.difference.val());
        self.difference_bits.next = unsigned_cast(self.difference_wide.val());
        self.learn.valid.next = self.train_valid.val();
        self.learn.g.next = self.difference_bits.val() << self.state_fraction.val();
        self.learn.far.next = self.train_far.val();
        self.learn.weight.next = self.bias.read_data.val();
        self.learn.random.next = self.train_random.val();
        self.saturated.next = self.learn.saturated.val()
            | (self.spiking.val() & self.valid_7.q.val() & self.x_7.q.val().get_bit(0));
        self.store.next = self.bias_write.val() | self.train_write.val();
        self.store_address.next = self.unit_address.val();
        self.store_data.next = self.unit_data.val();
        if self.train_write.val() {
            self.store_address.next = self.train_write_address.val();
            self.store_data.next = self.learn.new_weight.val();
        }
        self.bias.write_enable.next = self.store.val();
        self.bias.write_address.next = self.store_address.val();
        self.bias.write_data.next = self.store_data.val();
        self.target.write_address.next = self.unit_address.val();
        self.target.write_data.next = self.unit_data.val();
        self.target.write_enable.next = self.target_write.val();
        self.read_valid.next = self.weight_valid.q.val();
        self.read_value.next = self.read_word.q.val();
        self.probe_valid.next = self.valid_now.val() | self.store.val();
        self.probe_kind.next = self.store.val();
        self.probe_address.next = self.unit_address_7.val();
        self.probe_value.next = bit_cast::<36, 16>(self.x_7.q.val());
        if self.spiking.val() {
            self.probe_value.next = bit_cast::<36, 18>(self.result_7.q.val().get_bits::<18>(16))
                | (bit_cast::<36, 16>(self.result_7.q.val().get_bits::<16>(0)) << 18)
                | (bit_cast::<36, 16>(self.x_7.q.val()) << 34);
        }
        if self.store.val() {
            self.probe_address.next = self.store_address.val();
            self.probe_value.next = bit_cast::<36, 16>(self.store_data.val());
        }
    }
}
