//! The engine in rust-hdl, one block a file. All rust-hdl types stay inside this module.
//!
//! `lane` (with `operands`, `mac`, `keeper`, `update` or `spike`, and the memories) × P = `line`;
//! `sequencer` turns the program into tokens and `learner` those of learning, with words of
//! `random` (`triangle` says which lanes hold a weight); `column` turns the sums at the tail into
//! the states of column-side units; `control` runs the phases, or two samples by `turns`; `port` speaks AXI-Stream, `rest` holds
//! all of them in reset; `core` connects them.

/// Builds a block from fields that start at their default and fields with a given value.
macro_rules! block {
    ($name:ident { $($field:ident),* $(,)? $(; $($given:ident: $value:expr),* $(,)?)? }) => {
        $name { $($field: Default::default(),)* $($($given: $value,)*)? }
    };
}

mod board;
mod column;
pub mod control;
mod core;
mod dispatch;
mod keeper;
mod lane;
mod learn;
mod learner;
mod lengths;
mod line;
mod link;
mod mac;
mod merge;
mod opening;
mod operands;
mod port;
pub mod primitive;
mod random;
mod registers;
mod rest;
mod sequencer;
mod spike;
pub mod token;
mod triangle;
mod turns;
mod uart;
mod update;

/// Paths and texts of files of this folder.
macro_rules! sources {
    ($($file:literal),* $(,)?) => {
        &[$((concat!("hdl/src/rtl/", $file), include_str!($file))),*]
    };
}

/// The files that have blocks, for the headers of the modules that become of them.
pub const SOURCES: &[(&str, &str)] = sources![
    "board.rs",
    "column/biases.rs",
    "column/membranes.rs",
    "column/mod.rs",
    "column/tiles.rs",
    "control.rs",
    "core.rs",
    "dispatch.rs",
    "keeper.rs",
    "lane.rs",
    "learn.rs",
    "learner.rs",
    "lengths.rs",
    "line.rs",
    "link/counters.rs",
    "link/crc.rs",
    "link/executor.rs",
    "link/inbox.rs",
    "link/mod.rs",
    "link/outbox.rs",
    "link/slice.rs",
    "mac.rs",
    "merge.rs",
    "opening.rs",
    "operands.rs",
    "port.rs",
    "primitive/multiplier.rs",
    "primitive/ram.rs",
    "random.rs",
    "registers.rs",
    "rest.rs",
    "sequencer/bases.rs",
    "sequencer/currents.rs",
    "sequencer/decode.rs",
    "sequencer/fetch.rs",
    "sequencer/former.rs",
    "sequencer/mod.rs",
    "sequencer/slot_base.rs",
    "sequencer/steps.rs",
    "sequencer/tail.rs",
    "spike.rs",
    "triangle.rs",
    "turns/mod.rs",
    "turns/progress.rs",
    "uart.rs",
    "update.rs",
];

use crate::arch::{Link, Plan};
use board::{BoardTop, Bridge};
use core::Core;

/// State slots as the controller uses them: free, nudged, nudged with −β, all zero.
fn sequencer_slots() -> [rust_hdl_core::prelude::Bits<3>; 4] {
    use crate::arch::program::slot;
    [slot::PHASE[0], slot::PHASE[1], slot::PHASE[2], slot::ZERO].map(|s| u64::from(s).into())
}

/// Builds `$block::<P, A>` for the lanes and accumulator bits of a plan and prints it.
macro_rules! dispatch {
    ($plan:ident, $block:ident $(, $argument:expr)*) => {
        dispatch!(@menu $plan, $block, ($($argument),*), 1 2 4 8 16 24 26 28 32 64)
    };
    (@menu $plan:ident, $block:ident, $arguments:tt, $($p:literal)*) => {
        match ($plan.shape.lanes, $plan.shape.accumulator_bits) {
            $(
                ($p, 36) => dispatch!(@one $block, $p, 36, $plan, $arguments),
                ($p, 40) => dispatch!(@one $block, $p, 40, $plan, $arguments),
                ($p, 48) => dispatch!(@one $block, $p, 48, $plan, $arguments),
            )*
            (lanes, bits) => {
                unreachable!("a plan has {lanes} lanes and {bits} bits, neither on the menu")
            }
        }
    };
    (@one $block:ident, $p:literal, $a:literal, $plan:ident, ($($argument:expr),*)) => {
        print($block::<$p, $a>::new($plan $(, $argument)*))
    };
}

/// Raw Verilog of the core for `plan`, as rust-hdl prints it; the top module is `top`.
pub fn core_verilog(plan: &Plan) -> String {
    on_large_stack(|| dispatch!(plan, Core))
}

/// Raw Verilog of the board top for `plan` with such a link.
pub fn board_verilog(plan: &Plan, link: &Link) -> String {
    on_large_stack(|| dispatch!(plan, BoardTop, link))
}

/// Raw Verilog of link and core without the line.
pub fn bridge_verilog(plan: &Plan, link: &Link) -> String {
    on_large_stack(|| dispatch!(plan, Bridge, link))
}

/// rust-hdl builds all lanes by value: 64 of them are more than a thread's stack holds by default.
fn on_large_stack(print: impl FnOnce() -> String + Send) -> String {
    const BYTES: usize = 64 << 20;
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(BYTES)
            .spawn_scoped(scope, print)
            .expect("a system that runs this program has room for one more thread")
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn print<B: rust_hdl_core::prelude::Block>(mut block: B) -> String {
    block.connect_all();
    rust_hdl_core::prelude::generate_verilog_unchecked(&block)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).expect("a folder of the sources");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let inside = |path: PathBuf| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        };
        paths.flat_map(inside).collect()
    }

    #[test]
    fn every_file_with_a_block_is_a_source() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let blocks = files(&root.join("hdl/src/rtl"))
            .into_iter()
            .filter_map(|path| {
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                let name = path.strip_prefix(&root).expect("below the root").to_owned();
                let block = |line: &str| line.starts_with("#[derive(LogicBlock");
                text.lines().any(block).then_some(name)
            });
        let listed = super::SOURCES.iter().map(|(file, _)| PathBuf::from(file));
        assert_eq!(blocks.collect::<BTreeSet<_>>(), listed.collect());
    }
}
