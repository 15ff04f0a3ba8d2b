//! The column unit at the head: sums that leave the tail become states of column-side units.
//!
//! ```text
//!              ┌─► sums memory (units that also live in lanes)
//!  sum ─► run ─┤
//!              └─► + bias ─► − leak ─► + nudge ─► step ─► list of non-zero states
//!  stage  z    z+1        z+2       z+3        z+4…z+6    z+7 (flags z+8)
//! ```
//! `tiles` adds up the tiles of a column, which arrive one after another, `biases` has the biases and
//! `membranes` what spiking units at the head remember. States of column-side
//! layers are kept as lists {end, unit, value} of their non-zero units in rising order, so that a
//! zero column costs nothing, and once more unit by unit in a memory of their own, where the next
//! sweep finds the old ones. Values read from lanes are appended to the open list in the same way.
//! What a time step of spiking units appends is the units that spiked; after a phase their states are
//! appended. One result a cycle.
//!
//! Latency: state written 7 and flags 8 cycles after the sum. A deep pipeline adds up the tiles in two halves,
//! has a register behind each memory, one behind the shift of the nudge and the deep step: 10 and 12 cycles.

mod biases;
mod membranes;
mod tiles;

use super::primitive::{Ram, RamShape};
use super::token::Op;
use super::update::Update;
use crate::arch::Shape;
use crate::config::Formats;
use biases::Biases;
use membranes::Membranes;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;
use tiles::Tiles;

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
    /// The open layer's sums are shifted up by f, its biases and own states are not yet.
    pub lift: Signal<In, Bit>,
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
    feedback: Constant<Bit>,
    feedback_shift: Constant<Bits<2>>,
    lifted_fraction: Constant<Bits<5>>,
    lift_on: DFF<Bit>,
    lifted_current: Signal<Local, Bits<A>>,
    lifted_own: Signal<Local, Bits<A>>,
    weight_fraction: Constant<Bits<5>>,
    unit_mask: Constant<Bits<16>>,
    list_mask: Constant<Bits<16>>,
    bias_mask: Constant<Bits<16>>,
    tiles: Tiles<A>,
    biases: Biases<A>,
    membranes: Membranes<A>,
    sums: Ram<A>,
    target: Ram<16>,
    old_states: Ram<16>,
    step: Update<A>,
    update_5: DFF<Bit>,
    update_6: DFF<Bit>,
    update_7: DFF<Bit>,
    update_8: DFF<Bit>,
    update_9: DFF<Bit>,
    unit: DFF<Bits<16>>,
    unit_2: DFF<Bits<16>>,
    written: DFF<Bits<16>>,
    list_end: DFF<Bits<16>>,
    /// Where old and new states of the unit are that comes next.
    old_at: DFF<Bits<16>>,
    new_at: DFF<Bits<16>>,
    new_base: DFF<Bits<16>>,
    bias_start: DFF<Bits<16>>,
    zero_start: DFF<Bit>,
    nudge_on: DFF<Bit>,
    old_3: DFF<Bits<16>>,
    target_3: DFF<Bits<16>>,
    sum_2: DFF<Bits<A>>,
    sum_3: DFF<Bits<A>>,
    sum_3b: DFF<Bits<A>>,
    sum_4: DFF<Bits<A>>,
    pull_3: DFF<Bits<18>>,
    pull_4: DFF<Bits<A>>,
    own_3: DFF<Bits<16>>,
    own_4: DFF<Bits<16>>,
    own_5: DFF<Bits<16>>,
    own_6: DFF<Bits<16>>,
    own_7: DFF<Bits<16>>,
    own_8: DFF<Bits<16>>,
    x_7: DFF<Bits<16>>,
    valid_2: DFF<Bit>,
    valid_3: DFF<Bit>,
    valid_4: DFF<Bit>,
    valid_5: DFF<Bit>,
    valid_6: DFF<Bit>,
    valid_7: DFF<Bit>,
    valid_8: DFF<Bit>,
    valid_9: DFF<Bit>,
    valid_10: DFF<Bit>,
    state_valid_2: DFF<Bit>,
    read_word_2: DFF<Bits<16>>,
    moved_8: DFF<Bit>,
    changed_8: DFF<Bit>,
    counts: Signal<Local, Bit>,
    unit_now: Signal<Local, Bits<16>>,
    written_now: Signal<Local, Bits<16>>,
    end_now: Signal<Local, Bits<16>>,
    next_unit: Signal<Local, Bits<16>>,
    next_old: Signal<Local, Bits<16>>,
    old_word: Signal<Local, Bits<16>>,
    own_2: Signal<Local, Bits<16>>,
    target_now: Signal<Local, Bits<16>>,
    value_2: Signal<Local, Bits<16>>,
    pull_to: Signal<Local, Bits<16>>,
    pull_from: Signal<Local, Bits<16>>,
    pull_wide: Signal<Local, Signed<A>>,
    pull_bits: Signal<Local, Bits<A>>,
    pull_shifted: Signal<Local, Bits<A>>,
    valid_now: Signal<Local, Bit>,
    flags_valid: Signal<Local, Bit>,
    /// Flags of an update are at the tail.
    flags_now: Signal<Local, Bit>,
    unit_address_1: Signal<Local, Bits<16>>,
    unit_address_7: Signal<Local, Bits<16>>,
}

impl<const A: usize> Column<A> {
    /// A column unit with memories of the given shape.
    pub fn new(shape: &Shape) -> Self {
        let Formats {
            weight_fraction, ..
        } = shape.formats;
        let deep = shape.is_deep();
        block!(Column {
            clock, op, tag, sum, line_moved, line_changed, restart, to_sums, open, write_base, walk_base,
            bias_base, from_zero, nudged, lift, lift_on, lifted_current, lifted_own, read_copy, write_copy, states, from_head, close, nudge_shift,
            negative, k, tolerance, list_write, list_write_address, list_write_word, sums_address,
            sums_word, bias_write, target_write, unit_address, unit_data, bias_select, bias_word, learning,
            train_read, train_valid, train_difference, train_far, train_random, train_write,
            train_write_address, saturated, read_valid, read_value, moved, changed, probe_valid, probe_kind,
            probe_address, probe_value, update_5, update_6, update_7, update_8, update_9, unit, unit_2,
            written, list_end, old_at, new_at, new_base, bias_start, zero_start, nudge_on, old_3, target_3,
            sum_2, sum_3, sum_3b, sum_4, pull_3, pull_4, own_3, own_4, own_5, own_6, own_7, own_8, x_7,
            valid_2, valid_3, valid_4, valid_5, valid_6, valid_7, valid_8, valid_9, valid_10, state_valid_2,
            read_word_2, moved_8, changed_8, counts, unit_now, written_now, end_now, next_unit, next_old,
            old_word, own_2, target_now, value_2, pull_to, pull_from, pull_wide, pull_bits, pull_shifted,
            valid_now, flags_valid, flags_now, unit_address_1, unit_address_7;
            spiking: Constant::new(shape.spiking.is_some()),
            deep: Constant::new(deep),
            feedback: Constant::new(shape.scales_feedback()),
            feedback_shift: Constant::new(u64::from(shape.feedback_shift).into()),
            lifted_fraction: Constant::new(u64::from(weight_fraction + shape.feedback_shift).into()),
            weight_fraction: Constant::new(u64::from(weight_fraction).into()),
            unit_mask: Constant::new(shape.unit_mask().into()),
            list_mask: Constant::new(shape.list_mask().into()),
            bias_mask: Constant::new(shape.bias_mask().into()),
            tiles: Tiles::new(shape),
            biases: Biases::new(shape),
            membranes: Membranes::new(shape),
            sums: Ram::new(RamShape::new(shape.sums_words, A).registered(deep)),
            target: Ram::new(
                RamShape::new(shape.target_words, 16).registered(deep).logic(shape.targets_in_logic),
            ),
            old_states: Ram::new(RamShape::new(shape.list_words, shape.state_bits()).registered(deep)),
            step: Update::new(shape)
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
            unit,
            unit_2,
            written,
            list_end,
            old_at,
            new_at,
            new_base,
            bias_start,
            zero_start,
            nudge_on,
            old_3,
            target_3,
            sum_2,
            sum_3,
            sum_3b,
            sum_4,
            pull_3,
            pull_4,
            own_3,
            own_4,
            own_5,
            own_6,
            own_7,
            own_8,
            x_7,
            valid_2,
            valid_3,
            valid_4,
            valid_5,
            valid_6,
            valid_7,
            valid_8,
            valid_9,
            valid_10,
            state_valid_2,
            read_word_2,
            moved_8,
            changed_8
        );
        clock!(self, clock, tiles, biases, membranes, old_states, sums, target, step);
        // It would feed itself: hardware that has no use for it does not get it.
        clock!(self, clock, lift_on);
        self.lift_on.d.next = false;
        if self.feedback.val() {
            self.lift_on.d.next = self.lift_on.q.val();
        }

        // Counters and addresses keep the bits that the memories have a use for.
        self.unit_now.next = self.unit.q.val() & self.unit_mask.val();
        self.written_now.next = self.written.q.val() & self.unit_mask.val();
        self.end_now.next = self.list_end.q.val() & self.list_mask.val();

        // Stage z: the tiles of a column.
        self.tiles.op.next = self.op.val();
        self.tiles.tag.next = self.tag.val();
        self.tiles.sum.next = self.sum.val();
        self.counts.next = self.tiles.counted.val() | self.tiles.state_valid.val();

        // Stage z+1: the sum of unit `unit` is complete.
        self.unit_2.d.next = self.unit_now.val();
        self.next_unit.next = self.unit_now.val();
        self.next_old.next = self.old_at.q.val();
        if self.counts.val() {
            self.next_unit.next = self.unit_now.val() + 1;
            self.next_old.next = self.old_at.q.val() + 1;
        }
        self.unit.d.next = self.next_unit.val();
        self.old_at.d.next = self.next_old.val() & self.list_mask.val();
        self.sums.write_address.next = self.unit_now.val();
        self.sums.write_data.next = self.tiles.total.val();
        self.sums.write_enable.next = self.tiles.complete.val() & self.to_sums.val();
        self.sums.read_address.next = self.sums_address.val();
        self.sums_word.next = self.sums.read_data.val();
        // Read for the sum of the next cycle.
        self.old_states.read_address.next = self.old_at.q.val();
        self.target.read_address.next = self.unit_now.val();
        if self.deep.val() {
            self.sums.write_address.next = self.unit_2.q.val();
            self.old_states.read_address.next = self.next_old.val();
            self.target.read_address.next = self.next_unit.val();
        }
        self.sum_2.d.next = self.tiles.total.val() + self.biases.current.val();
        self.lifted_current.next = self.biases.current.val();
        if self.lift_on.q.val() {
            self.lifted_current.next = self.biases.current.val() << self.feedback_shift.val();
        }
        if self.feedback.val() {
            self.sum_2.d.next = self.tiles.total.val() + self.lifted_current.val();
        }
        self.valid_2.d.next = self.tiles.complete.val() & !self.to_sums.val();

        self.unit_address_1.next =
            (self.bias_start.q.val() & self.bias_mask.val()) + self.unit_now.val();
        self.state_valid_2.d.next = self.tiles.state_valid.val() & self.spiking.val();
        self.read_word_2.d.next = self.tiles.read_word.val();

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
        self.lifted_own.next = bit_cast::<A, 16>(self.own_2.val()) << self.weight_fraction.val();
        if self.lift_on.q.val() {
            self.lifted_own.next =
                bit_cast::<A, 16>(self.own_2.val()) << self.lifted_fraction.val();
        }
        if self.feedback.val() {
            self.sum_3.d.next = self.sum_2.q.val() - self.lifted_own.val();
        }
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
        self.value_2.next = self.read_word_2.q.val();
        if self.from_head.val() {
            self.value_2.next = self.membranes.state.val();
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
        self.step.lift.next = self.lift_on.q.val();
        self.step.tolerance.next = self.tolerance.val();
        self.x_7.d.next = self.step.x_new.val();
        if self.spiking.val() {
            self.x_7.d.next = bit_cast::<16, 1>(self.membranes.spike.val().into());
        }
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
        self.update_5.d.next = self.tiles.updates.val();
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
        } else if self.tiles.state_valid.val() {
            self.list_write_word.next = (bit_cast::<29, 16>(self.unit_now.val()) << 16)
                | bit_cast::<29, 16>(self.tiles.read_word.val());
            self.list_write.next = self.tiles.read_word.val().any();
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
            self.bias_start.d.next = self.bias_base.val();
            self.zero_start.d.next = self.from_zero.val();
            self.nudge_on.d.next = self.nudged.val();
            if self.feedback.val() {
                self.lift_on.d.next = self.lift.val();
            }
        }

        self.membranes.open.next = self.open.val();
        self.membranes.read_copy.next = self.read_copy.val();
        self.membranes.write_copy.next = self.write_copy.val();
        self.membranes.address.next = self.unit_address_1.val();
        self.membranes.at_rest.next = self.zero_start.q.val() & !self.states.val();
        self.membranes.target.next = self.target.read_data.val();
        self.membranes.nudged.next = self.nudge_on.q.val();
        self.membranes.negative.next = self.negative.val();
        self.membranes.current.next = self.sum_4.q.val();
        self.membranes.valid.next = self.valid_5.q.val();
        self.membranes.write.next = self.valid_now.val();
        self.membranes.write_address.next = self.unit_address_7.val();
        self.biases.open.next = self.open.val();
        self.biases.base.next = self.bias_base.val();
        self.biases.counts.next = self.counts.val();
        self.biases.write.next = self.bias_write.val();
        self.biases.select.next = self.bias_select.val();
        self.biases.address.next = self.unit_address.val();
        self.biases.data.next = self.unit_data.val();
        self.biases.learning.next = self.learning.val();
        self.biases.train_read.next = self.train_read.val();
        self.biases.train_valid.next = self.train_valid.val();
        self.biases.train_difference.next = self.train_difference.val();
        self.biases.train_far.next = self.train_far.val();
        self.biases.train_random.next = self.train_random.val();
        self.biases.train_write.next = self.train_write.val();
        self.biases.train_write_address.next = self.train_write_address.val();
        self.bias_word.next = self.biases.word.val();
        self.saturated.next = self.biases.saturated.val()
            | (self.spiking.val() & self.valid_7.q.val() & self.x_7.q.val().get_bit(0));
        self.target.write_address.next = self.unit_address.val();
        self.target.write_data.next = self.unit_data.val();
        self.target.write_enable.next = self.target_write.val();
        self.read_valid.next = self.tiles.weight_valid.val();
        self.read_value.next = self.tiles.read_word.val();
        self.probe_valid.next = self.valid_now.val() | self.biases.store.val();
        self.probe_kind.next = self.biases.store.val();
        self.probe_address.next = self.unit_address_7.val();
        self.probe_value.next = bit_cast::<36, 16>(self.x_7.q.val());
        if self.spiking.val() {
            self.probe_value.next =
                bit_cast::<36, 18>(self.membranes.result.val().get_bits::<18>(16))
                    | (bit_cast::<36, 16>(self.membranes.result.val().get_bits::<16>(0)) << 18)
                    | (bit_cast::<36, 16>(self.x_7.q.val()) << 34);
        }
        if self.biases.store.val() {
            self.probe_address.next = self.biases.store_address.val();
            self.probe_value.next = bit_cast::<36, 16>(self.biases.store_data.val());
        }
    }
}
