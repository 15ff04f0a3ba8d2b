//! The registers that hold a network's parameters: set when hardware is generated, writable
//! through the stream.
//!
//! ```text
//!  write, address, data ─► +-----------+ ─► one output for each register
//!                          +-----------+
//! ```
//! Latency 1.

use crate::arch::registers::{Register, REGISTERS};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// One register of `N` bits at its address.
#[derive(LogicBlock)]
pub struct Cell<const N: usize> {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub address: Signal<In, Bits<16>>,
    pub data: Signal<In, Bits<32>>,
    pub value: Signal<Out, Bits<N>>,
    at: Constant<Bits<16>>,
    store: DFFWithInit<Bits<N>>,
}

impl<const N: usize> Cell<N> {
    fn new(at: Register, initial: &[u32; REGISTERS]) -> Self {
        block!(Cell {
            clock, write, address, data, value;
            at: Constant::new((at as u64).into()),
            store: DFFWithInit::new(u64::from(initial[at as usize]).into())
        })
    }
}

impl<const N: usize> Logic for Cell<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, store);
        if self.write.val() & (self.address.val() == self.at.val()) {
            self.store.d.next = bit_cast::<N, 32>(self.data.val());
        }
        self.value.next = self.store.q.val();
    }
}

/// Declares the block with one cell for each register and connects them all alike.
macro_rules! registers {
    ($($name:ident, $cell:ident: $width:literal = $register:ident),* $(,)?) => {
        #[derive(LogicBlock)]
        pub struct Registers {
            pub clock: Signal<In, Clock>,
            pub write: Signal<In, Bit>,
            pub address: Signal<In, Bits<16>>,
            pub data: Signal<In, Bits<32>>,
            $(pub $name: Signal<Out, Bits<$width>>,)*
            $($cell: Cell<$width>,)*
        }

        impl Registers {
            /// Registers that start with the given words, in the order of their addresses.
            pub fn new(initial: &[u32; REGISTERS]) -> Self {
                Registers {
                    clock: Default::default(),
                    write: Default::default(),
                    address: Default::default(),
                    data: Default::default(),
                    $($name: Default::default(),)*
                    $($cell: Cell::new(Register::$register, initial),)*
                }
            }
        }

        impl Logic for Registers {
            #[hdl_gen]
            fn update(&mut self) {
                $(
                    self.$cell.clock.next = self.clock.val();
                    self.$cell.write.next = self.write.val();
                    self.$cell.address.next = self.address.val();
                    self.$cell.data.next = self.data.val();
                    self.$name.next = self.$cell.value.val();
                )*
            }
        }
    };
}

registers! {
    tolerance, tolerance_cell: 8 = Tolerance,
    k, k_cell: 2 = K,
    sequential, sequential_cell: 1 = Sequential,
    nudging, nudging_cell: 2 = Nudging,
    nudge_shift, nudge_shift_cell: 4 = NudgeShift,
    max_free, max_free_cell: 8 = MaxFree,
    max_nudged, max_nudged_cell: 8 = MaxNudged,
    drive_pc, drive_pc_cell: 16 = DrivePc,
    sweep_pc, sweep_pc_cell: 16 = SweepPc,
    output_pc, output_pc_cell: 16 = OutputPc,
    output_layer, output_layer_cell: 4 = OutputLayer,
    output_in_lanes, output_in_lanes_cell: 1 = OutputInLanes,
    output_tile, output_tile_cell: 8 = OutputTile,
    output_list, output_list_cell: 8 = OutputList,
    output_units, output_units_cell: 16 = OutputUnits,
    list_stride, list_stride_cell: 16 = ListStride,
    input_base, input_base_cell: 16 = InputBase,
    learn_pc, learn_pc_cell: 16 = LearnPc,
    doublings, doublings_cell: 2 = Doublings,
}
