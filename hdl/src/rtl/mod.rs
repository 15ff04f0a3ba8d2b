//! The engine in rust-hdl, one block a file. All rust-hdl types stay inside this module.
//!
//! `lane` (with `mac`, `update` and the memories) × P = `line`; `sequencer` turns the program into
//! tokens; `column` turns the sums at the tail into the states of column-side units; `control`
//! runs the phases; `port` speaks AXI-Stream; `core` connects them.

/// Builds a block from fields that start at their default and fields with a given value.
macro_rules! block {
    ($name:ident { $($field:ident),* $(,)? $(; $($given:ident: $value:expr),* $(,)?)? }) => {
        $name { $($field: Default::default(),)* $($($given: $value,)*)? }
    };
}

mod column;
pub mod control;
mod core;
mod lane;
mod line;
mod mac;
mod port;
pub mod primitive;
mod registers;
mod sequencer;
pub mod token;
mod update;

/// State slots as the controller uses them: free, nudged, nudged with −β, all zero.
fn sequencer_slots() -> [rust_hdl_core::prelude::Bits<3>; 4] {
    use crate::arch::program::slot;
    [slot::PHASE[0], slot::PHASE[1], slot::PHASE[2], slot::ZERO].map(|s| u64::from(s).into())
}

/// G − 1 in the five bits of a shift: k is added to it, and G + k is at least 1, so G = 0 may wrap.
fn round_shift(weight_fraction: u32) -> rust_hdl_core::prelude::Bits<5> {
    u64::from((weight_fraction + 31) % 32).into()
}

/// Stack for building and printing a block: rust-hdl builds all lanes by value, which for 64 of
/// them is more than a thread has by default.
const STACK: usize = 64 << 20;

/// Raw Verilog of the core for `plan`, as rust-hdl prints it; the top module is `top`.
pub fn core_verilog(plan: &crate::arch::Plan) -> String {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || print_core(plan))
            .expect("a system that runs this program has room for one more thread")
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn print_core(plan: &crate::arch::Plan) -> String {
    macro_rules! dispatch {
        ($($p:literal)*) => {
            match (plan.shape.lanes, plan.shape.accumulator_bits) {
                $(
                    ($p, 36) => print(core::Core::<$p, 36>::new(plan)),
                    ($p, 40) => print(core::Core::<$p, 40>::new(plan)),
                    ($p, 48) => print(core::Core::<$p, 48>::new(plan)),
                )*
                (lanes, bits) => unreachable!("a plan has {lanes} lanes and {bits} bits, neither on the menu"),
            }
        };
    }
    dispatch!(1 2 4 8 16 24 26 28 32 64)
}

fn print<B: rust_hdl_core::prelude::Block>(mut block: B) -> String {
    block.connect_all();
    rust_hdl_core::prelude::generate_verilog_unchecked(&block)
}
