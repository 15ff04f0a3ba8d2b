//! The learner at the head: walks the states of both phases side by side and emits `learn` tokens.
//!
//! ```text
//!  lists of p and q ─► merge ─► shift ─► token (to the sequencer's registers)
//!                        │         └───► difference ─► (column unit: biases at the head)
//!                        └─► delay: read weight, draw; longer delay: write weight
//! ```
//! A column takes two cycles: in the first, `half` 0, the p-product, in the second the q-product. A
//! lane needs the weight two columns later, when both products are in its accumulator, and has the
//! new weight four columns later; with deep pipelines, three and six. So the tokens of a column carry the
//! addresses of earlier ones, and a lane has neither a delay line for the weight nor one for its address.
//! Every instruction ends with as many empty columns, which let the last ones through. A column that is zero in both phases is not
//! emitted: the lists hold non-zero states in rising order, and the lower of the two next units is next.

use super::merge::Merge;
use super::token::Op;
use super::triangle::Triangle;
use crate::arch::learning::operand_shift;
use crate::arch::program::{entry, rate};
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Learner {
    pub clock: Signal<In, Clock>,
    /// A `rate` instruction, and its fields.
    pub set: Signal<In, Bit>,
    pub base_shift: Signal<In, Bits<4>>,
    pub tile: Signal<In, Bits<8>>,
    pub options: Signal<In, Bits<16>>,
    /// Steps of a `learn` instruction: the lists of p and q are addressed, then columns run.
    pub load_p: Signal<In, Bit>,
    pub load_q: Signal<In, Bit>,
    pub run: Signal<In, Bit>,
    pub done: Signal<Out, Bit>,
    /// First address of weights or biases.
    pub address: Signal<In, Bits<16>>,
    pub list_start: Signal<In, Bits<16>>,
    pub list_address: Signal<Out, Bits<16>>,
    pub list_word: Signal<In, Bits<29>>,
    /// m, and the slots of p and q.
    pub doublings: Signal<In, Bits<2>>,
    pub many_doublings: Signal<In, Bits<3>>,
    pub p_slot: Signal<In, Bits<3>>,
    pub q_slot: Signal<In, Bits<3>>,
    /// Random number generator.
    pub random: Signal<In, Bits<32>>,
    pub draw: Signal<Out, Bit>,
    pub draw_again: Signal<Out, Bit>,
    pub draw_keep: Signal<Out, Bit>,
    /// The token.
    pub op: Signal<Out, Op>,
    pub sub: Signal<Out, Bits<6>>,
    /// The token's address is `address` and this.
    pub unit: Signal<Out, Bits<12>>,
    pub slot: Signal<Out, Bits<12>>,
    pub value: Signal<Out, Bits<16>>,
    pub tag: Signal<Out, Bits<16>>,
    /// Biases at the head: address to read, what changes it, address to write.
    pub head_busy: Signal<Out, Bit>,
    pub head_read: Signal<Out, Bits<16>>,
    pub head_valid: Signal<Out, Bit>,
    pub head_difference: Signal<Out, Bits<22>>,
    pub head_far: Signal<Out, Bits<4>>,
    pub head_random: Signal<Out, Bits<16>>,
    pub head_write: Signal<Out, Bit>,
    pub head_write_address: Signal<Out, Bits<16>>,
    bit_again: Constant<Bits<16>>,
    bit_bias: Constant<Bits<16>>,
    bit_head: Constant<Bits<16>>,
    bit_upper: Constant<Bits<16>>,
    triangular: Constant<Bit>,
    deep: Constant<Bit>,
    many_halvings: Constant<Bit>,
    one: Constant<Bits<16>>,
    operand: Constant<Bits<4>>,
    operands: Constant<Bits<4>>,
    no_unit: Constant<Bits<13>>,
    last_empty: Constant<Bits<3>>,
    tile_bits: Constant<Bits<4>>,
    left_mask: Constant<Bits<4>>,
    window_mask: Constant<Bits<4>>,
    column_mask: Constant<Bits<12>>,
    list_mask: Constant<Bits<16>>,
    word_mask: Constant<Bits<29>>,
    base: DFF<Bits<4>>,
    lane_tile: DFF<Bits<8>>,
    rotation: DFF<Bits<4>>,
    again: DFF<Bit>,
    bias: DFF<Bit>,
    head: DFF<Bit>,
    upper: DFF<Bit>,
    /// The first row of a self-connected layer's tile, but for the bits that `rotation` holds.
    row_high: DFF<Bits<8>>,
    triangle: Triangle,
    first: DFF<Bit>,
    begun: DFF<Bit>,
    half: DFF<Bit>,
    empty: DFF<Bits<3>>,
    p_pointer: DFF<Bits<16>>,
    q_pointer: DFF<Bits<16>>,
    p_next: DFF<Bits<29>>,
    q_next: DFF<Bits<29>>,
    p_taken: DFF<Bit>,
    q_fetched: DFF<Bit>,
    q_state: DFF<Bits<16>>,
    p_shifted: DFF<Bits<16>>,
    unit_1: DFF<Bits<12>>,
    unit_2: DFF<Bits<12>>,
    unit_3: DFF<Bits<12>>,
    unit_4: DFF<Bits<12>>,
    unit_5: DFF<Bits<12>>,
    unit_6: DFF<Bits<12>>,
    valid_1: DFF<Bit>,
    valid_2: DFF<Bit>,
    valid_3: DFF<Bit>,
    valid_4: DFF<Bit>,
    valid_5: DFF<Bit>,
    valid_6: DFF<Bit>,
    difference: DFF<Bits<22>>,
    merge: Merge,
    shifted_1: DFF<Bits<16>>,
    shifted_2: DFF<Bits<16>>,
    far_1: DFF<Bits<4>>,
    lift_1: DFF<Bit>,
    left_1: DFF<Bits<4>>,
    /// Columns leave; in a deep pipeline some cycles after the start.
    active: Signal<Local, Bit>,
    head_unit: Signal<Local, Bits<12>>,
    operand_now: Signal<Local, Bits<16>>,
    far_now: Signal<Local, Bits<4>>,
    lift_now: Signal<Local, Bit>,
    left_now: Signal<Local, Bits<4>>,
    /// The columns whose weight is read, drawn for and written.
    read_unit: Signal<Local, Bits<12>>,
    read_valid: Signal<Local, Bit>,
    drawn_valid: Signal<Local, Bit>,
    write_unit: Signal<Local, Bits<12>>,
    write_valid: Signal<Local, Bit>,
    shift: Signal<Local, Bits<4>>,
    near: Signal<Local, Bits<4>>,
    far: Signal<Local, Bits<4>>,
    lift: Signal<Local, Bit>,
    left: Signal<Local, Bits<4>>,
    p_now: Signal<Local, Bits<29>>,
    q_now: Signal<Local, Bits<29>>,
    p_unit: Signal<Local, Bits<13>>,
    q_unit: Signal<Local, Bits<13>>,
    column: Signal<Local, Bits<13>>,
    any: Signal<Local, Bit>,
    take_p: Signal<Local, Bit>,
    take_q: Signal<Local, Bit>,
    state: Signal<Local, Bits<16>>,
    shifted: Signal<Local, Bits<16>>,
    folded: Signal<Local, Bits<16>>,
    emitted: Signal<Local, Signed<22>>,
    turn: Signal<Local, Bits<4>>,
    word: Signal<Local, Bits<16>>,
    turned_1: Signal<Local, Bits<16>>,
    turned_2: Signal<Local, Bits<16>>,
    turned_4: Signal<Local, Bits<16>>,
    turned: Signal<Local, Bits<16>>,
    turned_late: DFF<Bits<16>>,
}

impl Learner {
    /// A learner for hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        let state_fraction = shape.formats.state_fraction;
        let operand = operand_shift(state_fraction);
        let bit = |bit: u32| Constant::new(u64::from(bit).into());
        block!(Learner {
            clock, set, base_shift, tile, options, load_p, load_q, run, done, address, list_start,
            list_address, list_word, doublings, many_doublings, p_slot, q_slot, random, draw, draw_again, draw_keep,
            op, sub, unit, slot, value, tag, head_busy, head_read, head_valid, head_difference,
            head_far, head_random, head_write, head_write_address, base, lane_tile, rotation, again,
            bias, head, upper, row_high, first, begun, half, empty, p_pointer, q_pointer, p_next, q_next, p_taken,
            q_fetched, q_state, p_shifted, unit_1, unit_2, unit_3, unit_4, unit_5, unit_6, valid_1, valid_2,
            valid_3, valid_4, valid_5, valid_6, read_unit, read_valid, drawn_valid, write_unit, write_valid, difference, shift, near, far, lift, left, p_now, q_now, p_unit, q_unit,
            column, any, take_p, take_q, state, shifted, folded, emitted, turn, word, turned_1, turned_2, turned_4,
            turned, turned_late, shifted_1, shifted_2, far_1, lift_1, left_1, active, operand_now, head_unit, far_now, lift_now, left_now;
            merge: Merge::new(shape),
            bit_again: bit(rate::AGAIN),
            bit_bias: bit(rate::BIAS),
            bit_head: bit(rate::HEAD),
            bit_upper: bit(rate::UPPER),
            triangular: Constant::new(shape.triangular),
            many_halvings: Constant::new(shape.many_halvings),
            deep: Constant::new(shape.is_deep()),
            triangle: Triangle::new(shape),
            one: bit(1 << state_fraction),
            operand: Constant::new(u64::from(operand).into()),
            operands: Constant::new(u64::from(2 * operand).into()),
            // An end mark and all ones: above every unit.
            no_unit: Constant::new(0x1FFF.into()),
            last_empty: Constant::new(u64::from(shape.stages().learn_write).into()),
            left_mask: Constant::new(shape.operand_mask().into()),
            window_mask: Constant::new(shape.window_mask().into()),
            column_mask: Constant::new(shape.column_mask().into()),
            list_mask: Constant::new(shape.list_mask().into()),
            word_mask: Constant::new(
                (1 << entry::END_BIT | shape.column_mask() << entry::UNIT_SHIFT | shape.state_mask())
                    .into(),
            ),
            tile_bits: Constant::new(u64::from(shape.tile_bits).into())
        })
    }
}

impl Logic for Learner {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            base,
            lane_tile,
            rotation,
            again,
            bias,
            head,
            upper,
            row_high,
            first,
            begun,
            half,
            empty,
            p_pointer,
            q_pointer,
            p_next,
            q_next,
            p_taken,
            q_fetched,
            q_state,
            p_shifted,
            unit_1,
            unit_2,
            unit_3,
            unit_4,
            unit_5,
            unit_6,
            valid_1,
            valid_2,
            valid_3,
            valid_4,
            valid_5,
            valid_6,
            difference,
            shifted_1,
            shifted_2,
            turned_late,
            far_1,
            lift_1,
            left_1
        );
        clock!(self, clock, merge);
        self.merge.load_p.next = self.load_p.val();
        self.merge.load_q.next = self.load_q.val();
        self.merge.run.next = self.run.val();
        self.merge.half.next = self.half.q.val();
        self.merge.bias.next = self.bias.q.val();
        self.merge.list_start.next = self.list_start.val();
        self.merge.list_word.next = self.list_word.val();
        self.active.next = true;
        if self.set.val() {
            self.base.d.next = self.base_shift.val();
            self.lane_tile.d.next = self.tile.val();
            self.rotation.d.next = self.options.val().get_bits::<4>(0);
            self.again.d.next = (self.options.val() & self.bit_again.val()).any();
            self.bias.d.next = (self.options.val() & self.bit_bias.val()).any();
            self.head.d.next = (self.options.val() & self.bit_head.val()).any();
            self.upper.d.next = (self.options.val() & self.bit_upper.val()).any();
            self.row_high.d.next = self.options.val().get_bits::<8>(8);
            self.first.d.next = true;
        }

        // The left shift j, shared out to window, row operand and column operand.
        self.shift.next = self.base.q.val() + bit_cast::<4, 2>(self.doublings.val());
        if self.many_halvings.val() {
            self.shift.next = self.base.q.val() + bit_cast::<4, 3>(self.many_doublings.val());
        }
        self.far.next = 0.into();
        self.near.next = self.shift.val();
        if self.shift.val() > self.operands.val() {
            self.far.next = self.shift.val() - self.operands.val();
            self.near.next = self.operands.val();
        }
        self.lift.next = self.near.val() > self.operand.val();
        self.left.next = self.near.val();
        if self.lift.val() {
            self.left.next = self.near.val() - self.operand.val();
        }

        self.far_1.d.next = self.far.val();
        self.lift_1.d.next = self.lift.val();
        self.left_1.d.next = self.left.val();
        self.far_now.next = self.far.val();
        self.lift_now.next = self.lift.val();
        self.left_now.next = self.left.val();
        if self.deep.val() {
            self.far_now.next = self.far_1.q.val();
            self.lift_now.next = self.lift_1.q.val();
            self.left_now.next = self.left_1.q.val();
        }

        // The next column: the lower of the next units of both lists.
        self.p_now.next = self.p_next.q.val() & self.word_mask.val();
        self.q_now.next = self.q_next.q.val() & self.word_mask.val();
        if self.q_fetched.q.val() {
            self.q_now.next = self.list_word.val() & self.word_mask.val();
        }
        self.p_unit.next = self.p_now.val().get_bits::<13>(16);
        self.q_unit.next = self.q_now.val().get_bits::<13>(16);
        if self.p_unit.val().get_bit(12) | self.empty.q.val().any() {
            self.p_unit.next = self.no_unit.val();
        }
        if self.q_unit.val().get_bit(12) | self.empty.q.val().any() {
            self.q_unit.next = self.no_unit.val();
        }
        self.column.next = self.p_unit.val();
        if self.q_unit.val() < self.p_unit.val() {
            self.column.next = self.q_unit.val();
        }
        self.any.next = !self.column.val().get_bit(12);
        self.take_p.next = self.any.val() & (self.p_unit.val() == self.column.val());
        self.take_q.next = self.any.val() & (self.q_unit.val() == self.column.val());
        if self.bias.q.val() {
            // One column of value ONE, then the empty ones.
            self.any.next = !self.begun.q.val();
            self.column.next = 0.into();
        }

        if self.deep.val() {
            self.any.next = self.merge.any.val();
            self.column.next = bit_cast::<13, 12>(self.merge.column.val());
            self.active.next = self.merge.active.val();
        }

        self.read_unit.next = self.unit_3.q.val();
        self.read_valid.next = self.valid_3.q.val();
        self.drawn_valid.next = self.valid_2.q.val();
        self.write_unit.next = self.unit_4.q.val();
        self.write_valid.next = self.valid_4.q.val();
        if self.deep.val() {
            self.read_unit.next = self.unit_4.q.val();
            self.read_valid.next = self.valid_4.q.val();
            self.drawn_valid.next = self.valid_3.q.val();
            self.write_unit.next = self.unit_6.q.val();
            self.write_valid.next = self.valid_6.q.val();
        }

        self.done.next = false;
        self.draw.next = false;
        self.draw_again.next = self.run.val() & self.first.q.val() & self.again.q.val();
        self.draw_keep.next = self.first.q.val() & !self.again.q.val();
        self.list_address.next = self.p_pointer.q.val() & self.list_mask.val();
        if self.deep.val() {
            self.list_address.next = self.merge.list_address.val();
        }
        self.state.next = self.q_state.q.val();
        self.op.next = Op::Nop;
        self.sub.next = bit_cast::<6, 1>(self.lift_now.val().into()) << 1;
        self.unit.next = self.read_unit.val();
        self.slot.next = (bit_cast::<12, 3>(self.q_slot.val()) << self.tile_bits.val())
            | bit_cast::<12, 8>(self.lane_tile.q.val());
        self.head_busy.next = self.run.val() & self.head.q.val();
        self.head_valid.next = false;
        self.head_write.next = false;

        if self.load_p.val() {
            self.p_pointer.d.next = self.list_start.val() + 1;
            self.half.d.next = false;
            self.begun.d.next = false;
            self.empty.d.next = 0.into();
            self.valid_1.d.next = false;
            self.valid_2.d.next = false;
            self.valid_3.d.next = false;
            self.valid_4.d.next = false;
            self.valid_5.d.next = false;
            self.valid_6.d.next = false;
        }
        if self.load_q.val() {
            self.q_pointer.d.next = self.list_start.val() + 1;
            self.p_next.d.next = self.list_word.val();
            self.q_fetched.d.next = true;
            self.draw.next = self.head.q.val();
        }
        if self.run.val() {
            self.half.d.next = !self.half.q.val();
            if !self.half.q.val() {
                self.begun.d.next = true;
                if !self.head.q.val() & self.active.val() {
                    self.op.next = Op::LearnP;
                }
                self.sub.next = (bit_cast::<6, 1>(self.lift_now.val().into()) << 1)
                    | bit_cast::<6, 1>(self.write_valid.val().into());
                self.unit.next = self.write_unit.val();
                self.slot.next = (bit_cast::<12, 3>(self.p_slot.val()) << self.tile_bits.val())
                    | bit_cast::<12, 8>(self.lane_tile.q.val());
                self.state.next = 0.into();
                if self.take_p.val() {
                    self.state.next = self.p_now.val().get_bits::<16>(0);
                    self.p_pointer.d.next = self.p_pointer.q.val() + 1;
                }
                self.q_state.d.next = 0.into();
                if self.take_q.val() {
                    self.q_state.d.next = self.q_now.val().get_bits::<16>(0);
                }
                if self.bias.q.val() & self.any.val() {
                    self.state.next = self.one.val();
                    self.q_state.d.next = self.one.val();
                }
                self.p_taken.d.next = self.take_p.val();
                self.q_fetched.d.next = self.take_q.val();
                self.q_next.d.next = self.q_now.val();
                if self.active.val() & !self.any.val() {
                    self.empty.d.next = self.empty.q.val() + 1;
                }
                self.unit_1.d.next = self.column.val().get_bits::<12>(0) & self.column_mask.val();
                self.unit_2.d.next = self.unit_1.q.val();
                self.unit_3.d.next = self.unit_2.q.val();
                self.unit_4.d.next = self.unit_3.q.val();
                self.unit_5.d.next = self.unit_4.q.val();
                self.unit_6.d.next = self.unit_5.q.val();
                self.valid_1.d.next = self.any.val();
                self.valid_2.d.next = self.valid_1.q.val();
                self.valid_3.d.next = self.valid_2.q.val();
                self.valid_4.d.next = self.valid_3.q.val();
                self.valid_5.d.next = self.valid_4.q.val();
                self.valid_6.d.next = self.valid_5.q.val();
                // The random word that the next token's weight meets.
                self.draw.next = self.drawn_valid.val() & !self.head.q.val();
                if self.draw.val() {
                    self.first.d.next = false;
                }
                self.head_valid.next = self.valid_1.q.val() & self.head.q.val();
                self.head_write.next = self.valid_2.q.val() & self.head.q.val();
            } else {
                if !self.head.q.val() & self.active.val() {
                    self.op.next = Op::LearnQ;
                }
                self.sub.next = (bit_cast::<6, 4>(self.far_now.val()) << 2)
                    | (bit_cast::<6, 1>(self.lift_now.val().into()) << 1)
                    | bit_cast::<6, 1>(self.read_valid.val().into());
                if self.p_taken.q.val() {
                    self.p_next.d.next = self.list_word.val();
                }
                if !self.deep.val() {
                    self.list_address.next = self.q_pointer.q.val() & self.list_mask.val();
                }
                if self.q_fetched.q.val() {
                    self.q_pointer.d.next = self.q_pointer.q.val() + 1;
                }
                self.done.next = self.empty.q.val() == self.last_empty.val();
            }
        }
        if self.deep.val() {
            self.state.next = self.merge.p_state.val();
            if self.half.q.val() {
                self.state.next = self.merge.q_state.val();
            }
        }
        self.shifted.next = self.state.val() << (self.left_now.val() & self.left_mask.val());
        self.shifted_1.d.next = self.shifted.val();
        // The state of q is subtracted; its half of a column comes next.
        self.shifted_2.d.next = self.shifted_1.q.val();
        if !self.half.q.val() {
            self.shifted_2.d.next = 0 - self.shifted_1.q.val();
        }
        self.operand_now.next = self.shifted.val();
        if self.deep.val() {
            self.operand_now.next = self.shifted_2.q.val();
        }
        self.folded.next = self.operand_now.val();
        if self.half.q.val() {
            self.folded.next = !self.operand_now.val();
        } else {
            self.p_shifted.d.next = self.operand_now.val();
        }
        self.value.next = self.folded.val() + bit_cast::<16, 1>(self.half.q.val().into());
        if self.deep.val() {
            self.value.next = self.shifted_2.q.val();
        }
        self.emitted.next = signed_bit_cast(signed_cast(self.value.val()));
        self.difference.d.next =
            bit_cast::<22, 16>(self.p_shifted.q.val()) + unsigned_cast(self.emitted.val());

        // Unit i of a layer uses the random word rotated by i mod 16; a lane rotates by one what it gets.
        self.word.next = self.random.val().get_bits::<16>(16);
        self.turn.next = self.rotation.q.val();
        if self.head.q.val() {
            self.turn.next = self.unit_1.q.val().get_bits::<4>(0);
        }
        self.turned_1.next = self.word.val();
        if self.turn.val().get_bit(0) {
            self.turned_1.next = (self.word.val() << 1) | (self.word.val() >> 15);
        }
        self.turned_2.next = self.turned_1.val();
        if self.turn.val().get_bit(1) {
            self.turned_2.next = (self.turned_1.val() << 2) | (self.turned_1.val() >> 14);
        }
        self.turned_4.next = self.turned_2.val();
        if self.turn.val().get_bit(2) {
            self.turned_4.next = (self.turned_2.val() << 4) | (self.turned_2.val() >> 12);
        }
        self.turned.next = self.turned_4.val();
        if self.turn.val().get_bit(3) {
            self.turned.next = (self.turned_4.val() << 8) | (self.turned_4.val() >> 8);
        }
        self.tag.next = (self.turned.val() >> 1) | (self.turned.val() << 15);
        // The first token of a column has no use for a random word, and writes the weight of `write_unit`.
        self.triangle.upper.next = self.upper.q.val();
        self.triangle.column.next = self.write_unit.val();
        self.triangle.first_row.next = (bit_cast::<12, 8>(self.row_high.q.val()) << 4)
            | bit_cast::<12, 4>(self.rotation.q.val());
        if self.triangular.val() & !self.half.q.val() {
            self.tag.next = self.triangle.tag.val();
        }
        self.head_random.next = self.turned.val();
        self.turned_late.d.next = self.turned.val();
        if self.deep.val() {
            // A unit stands for both halves of its column and is learned in the second.
            self.head_random.next = self.turned_late.q.val();
        }
        self.head_far.next = self.far_now.val() & self.window_mask.val();
        self.head_difference.next = self.difference.q.val();
        if self.lift_now.val() {
            self.head_difference.next = self.difference.q.val() << self.operand.val();
        }
        self.head_unit.next = self.unit_1.q.val();
        if self.deep.val() {
            // The memory of biases takes a cycle more.
            self.head_unit.next = self.merge.column.val() & self.column_mask.val();
        }
        self.head_read.next = self.address.val() + bit_cast::<16, 12>(self.head_unit.val());
        self.head_write_address.next = self.address.val() + bit_cast::<16, 12>(self.unit_2.q.val());
    }
}
