//! Holds the instruction that runs, and says which one it is.
//!
//! ```text
//!  word, take ─►( instruction )─► fields, at_…, kind
//! ```
//! With a short pipeline it is decoded where it is used; a deep one decodes the next word while it is
//! loaded. Latency 1.

use super::Kind;
use crate::arch::program::{Code, LIFT};
use crate::arch::Shape;
use crate::config::Pipeline;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// Its position is a literal below.
const _: () = assert!(LIFT == 1 << 15);
/// The wait for a state fits the four bits of `lead`.
const _: () = assert!(Pipeline::Deep.stages().state <= 1 << 4);

#[derive(LogicBlock)]
pub struct Decode {
    pub clock: Signal<In, Clock>,
    /// Forgets the instruction: none stays behind that could end before the next one is there.
    pub reset: Signal<In, Bit>,
    /// The next instruction, or the segment of a column pass that runs.
    pub word: Signal<In, Bits<32>>,
    pub advance: Signal<In, Bit>,
    pub walking: Signal<In, Bit>,
    pub output_layer: Signal<In, Bits<4>>,
    /// Fields of the instruction; `layer` is that of the segment while a column pass walks over its segments.
    pub own_layer: Signal<Out, Bits<4>>,
    pub layer: Signal<Out, Bits<4>>,
    pub tile: Signal<Out, Bits<8>>,
    pub argument: Signal<Out, Bits<16>>,
    /// [`LIFT`], which the argument then has not.
    pub lift: Signal<Out, Bit>,
    /// One less.
    pub tile_less: Signal<Out, Bits<8>>,
    pub argument_less: Signal<Out, Bits<16>>,
    /// One more than the segments of a column pass, at most 15; of deep pipelines.
    pub lead: Signal<Out, Bits<4>>,
    pub is_input: Signal<Out, Bit>,
    pub is_output: Signal<Out, Bit>,
    pub kind: Signal<Out, Kind>,
    pub at_end: Signal<Out, Bit>,
    pub at_restore: Signal<Out, Bit>,
    pub at_row: Signal<Out, Bit>,
    pub at_bias: Signal<Out, Bit>,
    pub at_add: Signal<Out, Bit>,
    pub at_update: Signal<Out, Bit>,
    pub at_save: Signal<Out, Bit>,
    pub at_open: Signal<Out, Bit>,
    /// A column pass; its results go to the sums memory.
    pub at_columns: Signal<Out, Bit>,
    pub at_sums: Signal<Out, Bit>,
    /// A list is made of states; they are at the head.
    pub at_read: Signal<Out, Bit>,
    pub at_collect: Signal<Out, Bit>,
    pub at_close: Signal<Out, Bit>,
    pub at_rate: Signal<Out, Bit>,
    pub at_learn: Signal<Out, Bit>,
    deep: Constant<Bit>,
    spiking: Constant<Bit>,
    step_mask: Constant<Bits<16>>,
    tile_mask: Constant<Bits<8>>,
    argument_mask: Constant<Bits<16>>,
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
    instruction: DFF<Bits<32>>,
    /// The code that is decoded, and what it says.
    code: Signal<Local, Bits<4>>,
    kind_now: Signal<Local, Kind>,
    is_end: Signal<Local, Bit>,
    is_restore: Signal<Local, Bit>,
    is_row: Signal<Local, Bit>,
    is_bias: Signal<Local, Bit>,
    is_add: Signal<Local, Bit>,
    is_update: Signal<Local, Bit>,
    is_save: Signal<Local, Bit>,
    is_open: Signal<Local, Bit>,
    is_columns: Signal<Local, Bit>,
    is_sums: Signal<Local, Bit>,
    is_read: Signal<Local, Bit>,
    is_collect: Signal<Local, Bit>,
    is_close: Signal<Local, Bit>,
    is_rate: Signal<Local, Bit>,
    is_learn: Signal<Local, Bit>,
    kind_1: DFF<Kind>,
    end_1: DFF<Bit>,
    restore_1: DFF<Bit>,
    row_1: DFF<Bit>,
    bias_1: DFF<Bit>,
    add_1: DFF<Bit>,
    update_1: DFF<Bit>,
    save_1: DFF<Bit>,
    open_1: DFF<Bit>,
    columns_1: DFF<Bit>,
    sums_1: DFF<Bit>,
    read_1: DFF<Bit>,
    collect_1: DFF<Bit>,
    close_1: DFF<Bit>,
    rate_1: DFF<Bit>,
    learn_1: DFF<Bit>,
    tile_less_1: DFF<Bits<8>>,
    lead_1: DFF<Bits<4>>,
    argument_less_1: DFF<Bits<16>>,
    is_input_1: DFF<Bit>,
    is_output_1: DFF<Bit>,
}

impl Decode {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        let code = |code: Code| Constant::new((code as u64).into());
        block!(Decode {
            clock, reset, word, advance, walking, output_layer, own_layer, layer, tile, argument, lift, tile_less,
            argument_less, lead, is_input, is_output, kind, at_end, at_restore, at_row, at_bias, at_add, at_update,
            at_save, at_open, at_columns, at_sums, at_read, at_collect, at_close, at_rate, at_learn,
            instruction, code, kind_now, is_end, is_restore, is_row, is_bias, is_add, is_update, is_save, is_open,
            is_columns, is_sums, is_read, is_collect, is_close, is_rate, is_learn, kind_1, end_1, restore_1,
            row_1, bias_1, add_1, update_1, save_1, open_1, columns_1, sums_1, read_1, collect_1, close_1,
            rate_1, learn_1, lead_1, tile_less_1, argument_less_1, is_input_1, is_output_1;
            deep: Constant::new(shape.is_deep()),
            spiking: Constant::new(shape.spiking.is_some()),
            step_mask: Constant::new(shape.step_mask().into()),
            tile_mask: Constant::new(shape.field_mask().into()),
            argument_mask: Constant::new(shape.argument_mask().into()),
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
            code_collect: code(Code::Collect)
        })
    }
}

impl Logic for Decode {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            instruction,
            kind_1,
            end_1,
            restore_1,
            row_1,
            bias_1,
            add_1,
            update_1,
            save_1,
            open_1,
            columns_1,
            sums_1,
            read_1,
            collect_1,
            close_1,
            rate_1,
            learn_1,
            tile_less_1,
            lead_1,
            argument_less_1,
            is_input_1,
            is_output_1
        );
        self.code.next = self.word.val().get_bits::<4>(28);
        if !self.deep.val() {
            self.code.next = self.instruction.q.val().get_bits::<4>(28);
        }
        self.is_end.next = self.code.val() == self.code_end.val();
        self.is_restore.next = self.code.val() == self.code_restore.val();
        self.is_row.next = self.code.val() == self.code_row.val();
        self.is_bias.next = self.code.val() == self.code_bias.val();
        self.is_add.next = self.code.val() == self.code_add.val();
        self.is_update.next = self.code.val() == self.code_update.val();
        self.is_save.next = self.code.val() == self.code_save.val();
        self.is_open.next = self.code.val() == self.code_open.val();
        self.is_sums.next = self.code.val() == self.code_column_sums.val();
        self.is_columns.next = (self.code.val() == self.code_column.val()) | self.is_sums.val();
        self.is_collect.next = self.spiking.val() & (self.code.val() == self.code_collect.val());
        self.is_read.next = (self.code.val() == self.code_read.val()) | self.is_collect.val();
        self.is_close.next = self.code.val() == self.code_close.val();
        self.is_rate.next = self.code.val() == self.code_rate.val();
        self.is_learn.next = self.code.val() == self.code_learn.val();
        self.kind_now.next = Kind::Other;
        if self.is_restore.val() {
            self.kind_now.next = Kind::Restore;
        } else if self.is_row.val() {
            self.kind_now.next = Kind::Row;
        } else if self.is_bias.val() {
            self.kind_now.next = Kind::Bias;
        } else if self.is_add.val() {
            self.kind_now.next = Kind::Add;
        } else if self.is_update.val() {
            self.kind_now.next = Kind::Update;
        } else if self.is_save.val() {
            self.kind_now.next = Kind::Save;
        } else if self.is_open.val() {
            self.kind_now.next = Kind::Open;
        } else if self.is_columns.val() {
            self.kind_now.next = Kind::Columns;
        } else if self.is_read.val() {
            self.kind_now.next = Kind::Read;
        } else if self.is_learn.val() {
            self.kind_now.next = Kind::Learn;
        }
        self.kind.next = self.kind_now.val();
        self.at_end.next = self.is_end.val();
        self.at_restore.next = self.is_restore.val();
        self.at_row.next = self.is_row.val();
        self.at_bias.next = self.is_bias.val();
        self.at_add.next = self.is_add.val();
        self.at_update.next = self.is_update.val();
        self.at_save.next = self.is_save.val();
        self.at_open.next = self.is_open.val();
        self.at_columns.next = self.is_columns.val();
        self.at_sums.next = self.is_sums.val();
        self.at_read.next = self.is_read.val();
        self.at_collect.next = self.is_collect.val();
        self.at_close.next = self.is_close.val();
        self.at_rate.next = self.is_rate.val();
        self.at_learn.next = self.is_learn.val();
        self.own_layer.next = self.instruction.q.val().get_bits::<4>(24);
        self.layer.next = self.own_layer.val();
        if self.walking.val() {
            self.layer.next = self.word.val().get_bits::<4>(24);
        }
        self.tile.next = self.instruction.q.val().get_bits::<8>(16) & self.tile_mask.val();
        self.argument.next = self.instruction.q.val().get_bits::<16>(0) & self.argument_mask.val();
        self.lift.next = self.instruction.q.val().get_bit(15);
        self.tile_less.next = (self.tile.val() - 1) & self.tile_mask.val();
        self.argument_less.next = (self.argument.val() - 1) & self.step_mask.val();
        self.is_input.next = self.layer.val() == 0;
        self.is_output.next = self.layer.val() == self.output_layer.val();
        if self.deep.val() {
            self.kind.next = self.kind_1.q.val();
            self.at_end.next = self.end_1.q.val();
            self.at_restore.next = self.restore_1.q.val();
            self.at_row.next = self.row_1.q.val();
            self.at_bias.next = self.bias_1.q.val();
            self.at_add.next = self.add_1.q.val();
            self.at_update.next = self.update_1.q.val();
            self.at_save.next = self.save_1.q.val();
            self.at_open.next = self.open_1.q.val();
            self.at_columns.next = self.columns_1.q.val();
            self.at_sums.next = self.sums_1.q.val();
            self.at_read.next = self.read_1.q.val();
            self.at_collect.next = self.collect_1.q.val();
            self.at_close.next = self.close_1.q.val();
            self.at_rate.next = self.rate_1.q.val();
            self.at_learn.next = self.learn_1.q.val();
            self.tile_less.next = self.tile_less_1.q.val();
            self.argument_less.next = self.argument_less_1.q.val();
            self.is_input.next = self.is_input_1.q.val();
            self.is_output.next = self.is_output_1.q.val();
        }
        self.lead.next = self.lead_1.q.val();
        if self.advance.val() {
            if self.deep.val() {
                self.lead_1.d.next = self.word.val().get_bits::<4>(16) + 1;
                if (self.word.val().get_bits::<8>(16) & self.tile_mask.val()) >= 15 {
                    self.lead_1.d.next = 15.into();
                }
            }
            self.instruction.d.next = self.word.val();
            self.kind_1.d.next = self.kind_now.val();
            self.end_1.d.next = self.is_end.val();
            self.restore_1.d.next = self.is_restore.val();
            self.row_1.d.next = self.is_row.val();
            self.bias_1.d.next = self.is_bias.val();
            self.add_1.d.next = self.is_add.val();
            self.update_1.d.next = self.is_update.val();
            self.save_1.d.next = self.is_save.val();
            self.open_1.d.next = self.is_open.val();
            self.columns_1.d.next = self.is_columns.val();
            self.sums_1.d.next = self.is_sums.val();
            self.read_1.d.next = self.is_read.val();
            self.collect_1.d.next = self.is_collect.val();
            self.close_1.d.next = self.is_close.val();
            self.rate_1.d.next = self.is_rate.val();
            self.learn_1.d.next = self.is_learn.val();
            self.tile_less_1.d.next =
                (self.word.val().get_bits::<8>(16) - 1) & self.tile_mask.val();
            self.argument_less_1.d.next =
                (self.word.val().get_bits::<16>(0) - 1) & self.step_mask.val();
            self.is_input_1.d.next = !self.word.val().get_bits::<4>(24).any();
            self.is_output_1.d.next = self.word.val().get_bits::<4>(24) == self.output_layer.val();
        }
        if self.reset.val() {
            self.restore_1.d.next = false;
            self.row_1.d.next = false;
            self.add_1.d.next = false;
            self.update_1.d.next = false;
            self.save_1.d.next = false;
            self.open_1.d.next = false;
            self.read_1.d.next = false;
            self.close_1.d.next = false;
            self.learn_1.d.next = false;
            if self.deep.val() {
                self.rate_1.d.next = false;
            }
        }
    }
}
