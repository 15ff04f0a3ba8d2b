//! How far an instruction is, and when it ends.
//!
//! ```text
//!  count, stay, again ─►( step )─► first, second, …, last_unit, …, over
//! ```
//! A deep pipeline knows all of these from the cycle before: each is a register. Latency 0, deep 1.

use crate::arch::pipeline::DRIVE_WORDS;
use crate::arch::program::Code;
use crate::arch::spiking::OWN_WORDS;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Steps {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    /// The next instruction, which begins after `advance`.
    pub word: Signal<In, Bits<32>>,
    pub advance: Signal<In, Bit>,
    /// The step is over; the same one follows; the first one follows.
    pub counts: Signal<In, Bit>,
    pub stays: Signal<In, Bit>,
    pub again: Signal<In, Bit>,
    /// The first step waits.
    pub waits: Signal<In, Bit>,
    /// The instruction.
    pub at_restore: Signal<In, Bit>,
    pub at_bias: Signal<In, Bit>,
    pub at_add: Signal<In, Bit>,
    pub at_update: Signal<In, Bit>,
    pub at_save: Signal<In, Bit>,
    pub at_open: Signal<In, Bit>,
    pub at_rate: Signal<In, Bit>,
    pub at_learn: Signal<In, Bit>,
    pub tile: Signal<In, Bits<8>>,
    pub argument_less: Signal<In, Bits<16>>,
    /// Its units are nudged.
    pub is_output: Signal<In, Bit>,
    /// Word of a unit's sum.
    pub part: Signal<In, Bits<8>>,
    pub count: Signal<Out, Bits<16>>,
    pub first: Signal<Out, Bit>,
    pub second: Signal<Out, Bit>,
    pub third: Signal<Out, Bit>,
    /// Of deep pipelines: the fourth step, any from the fourth on, and a learn instruction has loaded its lists.
    pub fourth: Signal<Out, Bit>,
    pub counting: Signal<Out, Bit>,
    pub learns: Signal<Out, Bit>,
    /// The last unit of an instruction that counts units, decided now and a cycle before in deep pipelines.
    pub last_unit_now: Signal<Out, Bit>,
    pub last_unit: Signal<Out, Bit>,
    pub last_part: Signal<Out, Bit>,
    /// The accumulator has all that is saved.
    pub saves: Signal<Out, Bit>,
    /// All words of its own unit are read; an update's step is taken.
    pub last_own: Signal<Out, Bit>,
    pub stepped: Signal<Out, Bit>,
    /// An instruction that ends after a number of steps does so.
    pub over: Signal<Out, Bit>,
    deep: Constant<Bit>,
    interleaves: Constant<Bit>,
    spiking: Constant<Bit>,
    own_words: Constant<Bits<16>>,
    last_word: Constant<Bits<16>>,
    accumulator_ready: Constant<Bits<16>>,
    step_mask: Constant<Bits<16>>,
    code_bias: Constant<Bits<4>>,
    code_rate: Constant<Bits<4>>,
    step: DFF<Bits<16>>,
    first_1: DFF<Bit>,
    second_1: DFF<Bit>,
    third_1: DFF<Bit>,
    fourth_1: DFF<Bit>,
    later_1: DFF<Bit>,
    learns_1: DFF<Bit>,
    last_unit_1: DFF<Bit>,
    argument_less_2: DFF<Bits<16>>,
    last_sum: Signal<Local, Bit>,
    last_sum_1: DFF<Bit>,
    last_part_1: DFF<Bit>,
    saves_1: DFF<Bit>,
    last_save: Signal<Local, Bit>,
    last_save_1: DFF<Bit>,
    over_1: DFF<Bit>,
    part_wide: Signal<Local, Bits<16>>,
    tile_wide: Signal<Local, Bits<16>>,
}

impl Steps {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        let code = |code: Code| Constant::new((code as u64).into());
        let word = |value: u32| Constant::new(u64::from(value).into());
        block!(Steps {
            clock, reset, word, advance, counts, stays, again, waits, at_restore, at_bias, at_add, at_update,
            at_save, at_open, at_rate, at_learn, tile, argument_less, is_output, part, count, first, second,
            third, fourth, counting, learns, last_unit_now, last_unit, last_part, saves, last_own, stepped, over,
            step, first_1, second_1, third_1, fourth_1, later_1, learns_1, last_unit_1, argument_less_2,
            last_sum, last_sum_1, last_part_1, saves_1, last_save, last_save_1, over_1, part_wide, tile_wide;
            deep: Constant::new(shape.is_deep()),
            interleaves: Constant::new(shape.interleaves()),
            spiking: Constant::new(shape.spiking.is_some()),
            own_words: word(OWN_WORDS),
            last_word: word(DRIVE_WORDS - 1),
            accumulator_ready: word(shape.stages().sum),
            step_mask: Constant::new(shape.step_mask().into()),
            code_bias: code(Code::Bias),
            code_rate: code(Code::Rate)
        })
    }
}

impl Logic for Steps {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            step,
            first_1,
            second_1,
            third_1,
            fourth_1,
            later_1,
            learns_1,
            last_unit_1,
            argument_less_2,
            last_sum_1,
            last_part_1,
            saves_1,
            last_save_1,
            over_1
        );
        self.count.next = self.step.q.val() & self.step_mask.val();
        self.part_wide.next = bit_cast::<16, 8>(self.part.val());
        self.tile_wide.next = bit_cast::<16, 8>(self.tile.val());
        self.first.next = !self.count.val().any();
        self.second.next = self.count.val() == 1;
        self.third.next = self.count.val() == 2;
        self.last_unit_now.next = self.count.val() == self.argument_less.val();
        self.last_unit.next = self.last_unit_now.val();
        self.last_sum.next = self.count.val() == self.tile_wide.val();
        self.last_part.next = self.part_wide.val() == self.last_word.val();
        self.saves.next = self.count.val() >= self.accumulator_ready.val();
        self.last_save.next =
            self.count.val() == (self.accumulator_ready.val() + self.last_word.val());
        if self.deep.val() {
            self.first.next = self.first_1.q.val();
            self.second.next = self.second_1.q.val();
            self.third.next = self.third_1.q.val();
            self.last_unit.next = self.last_unit_1.q.val();
            self.last_sum.next = self.last_sum_1.q.val();
            self.last_part.next = self.last_part_1.q.val();
            self.saves.next = self.saves_1.q.val();
            self.last_save.next = self.last_save_1.q.val();
        }
        self.fourth.next = self.fourth_1.q.val();
        self.counting.next = self.fourth_1.q.val() | self.later_1.q.val();
        self.learns.next = self.learns_1.q.val();
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
        if self.deep.val() {
            self.over.next = self.over_1.q.val();
        }

        if self.counts.val() {
            self.step.d.next = self.count.val() + 1;
            if self.stays.val() {
                self.step.d.next = self.count.val();
            }
            if self.again.val() {
                self.step.d.next = 0.into();
            }
        }
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
        self.last_sum_1.d.next = self.count.val() == self.tile_wide.val();
        self.last_part_1.d.next = self.part_wide.val() == (self.last_word.val() - 1);
        self.saves_1.d.next = self.count.val() >= (self.accumulator_ready.val() - 1);
        self.last_save_1.d.next =
            self.count.val() == (self.accumulator_ready.val() + self.last_word.val() - 1);
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
        if self.interleaves.val() & self.at_open.val() & self.waits.val() {
            self.over_1.d.next = false;
        }
        if self.advance.val() {
            self.step.d.next = 0.into();
            self.first_1.d.next = true;
            self.second_1.d.next = false;
            self.third_1.d.next = false;
            self.fourth_1.d.next = false;
            self.later_1.d.next = false;
            self.learns_1.d.next = false;
            self.last_unit_1.d.next =
                (self.word.val().get_bits::<16>(0) & self.step_mask.val()) == 1;
            self.argument_less_2.d.next =
                (self.word.val().get_bits::<16>(0) - 2) & self.step_mask.val();
            self.over_1.d.next = (self.word.val().get_bits::<4>(28) == self.code_bias.val())
                | (self.word.val().get_bits::<4>(28) == self.code_rate.val());
        }
        if self.reset.val() {
            self.over_1.d.next = false;
            self.learns_1.d.next = false;
        }
    }
}
