//! Which slot an instruction reads, and where its list begins.
//!
//! ```text
//!  slots of the sweep, layer ─► choose ─► current
//!  slot · stride ─► + 16 · tile ─► list_start
//! ```
//! Within a sequential sweep, layers that were updated already are read from the work slot. Slots change between
//! sections only, so a deep pipeline multiplies in one cycle and chooses in the next. Latency 0, deep 2.

use super::slot_base::SlotBase;
use crate::arch::program::{slot, LIST_GRANULE};
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Bases {
    pub clock: Signal<In, Clock>,
    /// A section begins: no layer is updated yet.
    pub start: Signal<In, Bit>,
    /// Layer of the next instruction, which begins after `advance`.
    pub next_layer: Signal<In, Bits<4>>,
    pub next_tile: Signal<In, Bits<8>>,
    pub advance: Signal<In, Bit>,
    /// Of this one; `layer` is that of the segment while a column pass walks over its segments.
    pub own_layer: Signal<In, Bits<4>>,
    pub layer: Signal<In, Bits<4>>,
    pub tile: Signal<In, Bits<8>>,
    pub is_input: Signal<In, Bit>,
    pub at_learn: Signal<In, Bit>,
    pub first: Signal<In, Bit>,
    /// When this instruction ends, its layer is updated; it is.
    pub updates: Signal<In, Bit>,
    pub updated: Signal<In, Bit>,
    /// New states of earlier layers are used within a sweep.
    pub sequential: Signal<In, Bit>,
    pub base_slot: Signal<In, Bits<3>>,
    pub work_slot: Signal<In, Bits<3>>,
    pub p_slot: Signal<In, Bits<3>>,
    pub q_slot: Signal<In, Bits<3>>,
    /// Lists are those of the slots' twins.
    pub twins: Signal<In, Bit>,
    pub list_stride: Signal<In, Bits<16>>,
    pub input_base: Signal<In, Bits<16>>,
    pub current: Signal<Out, Bits<3>>,
    /// Of a segment, which a deep pipeline knows a cycle later.
    pub segment_slot: Signal<Out, Bits<3>>,
    /// All states that are read are zero.
    pub from_zero: Signal<Out, Bit>,
    pub list_start: Signal<Out, Bits<16>>,
    /// The same of the next instruction, if this one updates nothing.
    pub ahead_start: Signal<Out, Bits<16>>,
    /// First list address of the work slot, and of the layer's list in it.
    pub work_base: Signal<Out, Bits<16>>,
    pub write_base: Signal<Out, Bits<16>>,
    deep: Constant<Bit>,
    slot_zero: Constant<Bits<3>>,
    granule: Constant<Bits<5>>,
    /// The last layer whose states are new; a sweep takes the layers in order.
    fresh: DFF<Bits<4>>,
    newest: Signal<Local, Bits<4>>,
    fresh_now: Signal<Local, Bit>,
    fresh_1: DFF<Bit>,
    is_fresh: Signal<Local, Bit>,
    is_fresh_1: DFF<Bit>,
    base_zero: DFF<Bit>,
    twin: Signal<Local, Bits<3>>,
    base_of: SlotBase,
    work_of: SlotBase,
    p_of: SlotBase,
    q_of: SlotBase,
    base_list: DFF<Bits<16>>,
    work_list: DFF<Bits<16>>,
    p_list: DFF<Bits<16>>,
    q_list: DFF<Bits<16>>,
    list_now: Signal<Local, Bits<16>>,
    work_now: Signal<Local, Bits<16>>,
    offset: Signal<Local, Bits<16>>,
    write_now: Signal<Local, Bits<16>>,
    write_1: DFF<Bits<16>>,
    ahead_fresh: Signal<Local, Bit>,
    ahead_offset: Signal<Local, Bits<16>>,
}

impl Bases {
    /// For hardware of a shape.
    pub fn new(shape: &Shape) -> Self {
        block!(Bases {
            clock, start, next_layer, next_tile, advance, own_layer, layer, tile, is_input, at_learn, first, updates, updated,
            sequential, base_slot, work_slot, p_slot, q_slot, twins, list_stride, input_base, current,
            segment_slot, from_zero, list_start, ahead_start, work_base, write_base, fresh, newest, fresh_now, fresh_1,
            is_fresh, is_fresh_1, base_zero, twin, base_of, work_of, p_of, q_of, base_list, work_list, p_list,
            q_list, list_now, work_now, offset, write_now, write_1, ahead_fresh, ahead_offset;
            deep: Constant::new(shape.is_deep()),
            slot_zero: Constant::new(u64::from(slot::ZERO).into()),
            granule: Constant::new(u64::from(LIST_GRANULE.ilog2()).into())
        })
    }
}

impl Logic for Bases {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, fresh, fresh_1, is_fresh_1, base_zero, base_list, work_list, p_list,
            q_list, write_1
        );
        // The newest layer when the next instruction begins.
        self.newest.next = self.fresh.q.val();
        if self.updates.val() {
            self.newest.next = self.own_layer.val();
        }
        if self.advance.val() {
            self.is_fresh_1.d.next = self.sequential.val()
                & self.next_layer.val().any()
                & (self.next_layer.val() <= self.newest.val());
        }
        self.fresh_now.next = self.sequential.val()
            & self.layer.val().any()
            & (self.layer.val() <= self.fresh.q.val());
        self.fresh_1.d.next = self.fresh_now.val();
        self.is_fresh.next = self.fresh_now.val();
        self.segment_slot.next = self.base_slot.val();
        if self.deep.val() {
            self.is_fresh.next = self.is_fresh_1.q.val();
            if self.fresh_1.q.val() {
                self.segment_slot.next = self.work_slot.val();
            }
        } else if self.fresh_now.val() {
            self.segment_slot.next = self.work_slot.val();
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
        self.base_zero.d.next = self.base_slot.val() == self.slot_zero.val();
        self.from_zero.next = self.current.val() == self.slot_zero.val();
        if self.deep.val() {
            self.from_zero.next = self.base_zero.q.val() & !self.is_fresh_1.q.val();
        }

        self.twin.next = bit_cast::<3, 1>(self.twins.val().into());
        self.base_of.stride.next = self.list_stride.val();
        self.work_of.stride.next = self.list_stride.val();
        self.p_of.stride.next = self.list_stride.val();
        self.q_of.stride.next = self.list_stride.val();
        self.work_of.slot.next = self.work_slot.val() ^ self.twin.val();
        self.base_of.slot.next = self.current.val() ^ self.twin.val();
        self.p_of.slot.next = 0.into();
        self.q_of.slot.next = 0.into();
        self.work_now.next = self.work_of.base.val();
        self.list_now.next = self.base_of.base.val();
        if self.deep.val() {
            self.base_of.slot.next = self.base_slot.val();
            self.p_of.slot.next = self.p_slot.val();
            self.q_of.slot.next = self.q_slot.val();
            self.base_list.d.next = self.base_of.base.val();
            self.work_list.d.next = self.work_of.base.val();
            self.p_list.d.next = self.p_of.base.val();
            self.q_list.d.next = self.q_of.base.val();
            self.work_now.next = self.work_list.q.val();
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
        self.offset.next = bit_cast::<16, 8>(self.tile.val()) << self.granule.val();
        self.list_start.next = self.list_now.val() + self.offset.val();
        if self.is_input.val() {
            self.list_start.next = self.input_base.val();
        }
        self.ahead_fresh.next =
            self.sequential.val() & (self.next_layer.val() <= self.fresh.q.val());
        self.ahead_offset.next = bit_cast::<16, 8>(self.next_tile.val()) << self.granule.val();
        self.ahead_start.next = self.base_list.q.val() + self.ahead_offset.val();
        if self.ahead_fresh.val() {
            self.ahead_start.next = self.work_list.q.val() + self.ahead_offset.val();
        }
        if !self.next_layer.val().any() {
            self.ahead_start.next = self.input_base.val();
        }
        self.work_base.next = self.work_now.val();
        self.write_now.next = self.work_now.val() + self.offset.val();
        self.write_1.d.next = self.write_now.val();
        self.write_base.next = self.write_now.val();
        if self.deep.val() {
            self.write_base.next = self.write_1.q.val();
        }
        if self.updated.val() {
            self.fresh.d.next = self.own_layer.val();
        }
        if self.start.val() {
            self.fresh.d.next = 0.into();
        }
    }
}
