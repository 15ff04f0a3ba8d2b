//! The registers that hold a network's parameters: set when hardware is generated, writable
//! through the stream.
//!
//! ```text
//!  write, address, data ─► +-----------+ ─► one output for each register
//!                          +-----------+
//! ```
//! A register keeps the bits that the hardware's shape has a use for. Latency 1.

use crate::arch::program::LIST_GRANULE;
use crate::arch::registers::{Register, REGISTERS};
use crate::arch::{Plan, Shape};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// Addresses of registers have five bits here.
const _: () = assert!(REGISTERS <= 1 << 5);

/// One register of `N` bits at its address.
#[derive(LogicBlock)]
pub struct Cell<const N: usize> {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub address: Signal<In, Bits<5>>,
    pub data: Signal<In, Bits<32>>,
    pub value: Signal<Out, Bits<N>>,
    at: Constant<Bits<5>>,
    mask: Constant<Bits<N>>,
    store: DFFWithInit<Bits<N>>,
}

impl<const N: usize> Cell<N> {
    fn new(at: Register, initial: &[u32; REGISTERS], mask: u64) -> Self {
        let all = (1 << N) - 1;
        block!(Cell {
            clock, write, address, data, value;
            at: Constant::new((at as u64).into()),
            mask: Constant::new((mask & all).into()),
            store: DFFWithInit::new((u64::from(initial[at as usize]) & all).into())
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
        self.value.next = self.store.q.val() & self.mask.val();
    }
}

/// The bits of a register that hardware of this shape has a use for.
fn mask(register: Register, shape: &Shape) -> u64 {
    match register {
        Register::DrivePc | Register::SweepPc | Register::OutputPc | Register::LearnPc => {
            shape.program_mask()
        }
        Register::ListStride | Register::InputBase => shape.region_mask(),
        Register::OutputTile => shape.tile_mask(),
        Register::OutputList => shape.list_mask() / LIST_GRANULE as u64,
        Register::OutputUnits => shape.port_mask(),
        _ => u64::MAX,
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
            here: Signal<Local, Bit>,
            place: Signal<Local, Bits<5>>,
            $($cell: Cell<$width>,)*
        }

        impl Registers {
            /// Registers that start with the words of a plan.
            pub fn new(plan: &Plan) -> Self {
                let initial = &plan.registers;
                Registers {
                    clock: Default::default(),
                    write: Default::default(),
                    address: Default::default(),
                    data: Default::default(),
                    here: Default::default(),
                    place: Default::default(),
                    $($name: Default::default(),)*
                    $($cell: Cell::new(
                        Register::$register,
                        initial,
                        mask(Register::$register, &plan.shape),
                    ),)*
                }
            }
        }

        impl Logic for Registers {
            #[hdl_gen]
            fn update(&mut self) {
                self.here.next =
                    self.write.val() & !self.address.val().get_bits::<11>(5).any();
                self.place.next = self.address.val().get_bits::<5>(0);
                $(
                    self.$cell.clock.next = self.clock.val();
                    self.$cell.write.next = self.here.val();
                    self.$cell.address.next = self.place.val();
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
    many_doublings, many_doublings_cell: 3 = Doublings,
}
