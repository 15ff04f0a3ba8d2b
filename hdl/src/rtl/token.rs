//! What a token tells the lanes to do.
//!
//! A token is {op, sub, addr, slot, value, tag}; it enters lane 0 and moves one lane a cycle.

use rust_hdl_core::prelude::*;

/// Operation of a token. The order is the code seen in waveforms.
#[derive(Copy, Clone, PartialEq, Eq, Debug, LogicState)]
pub enum Op {
    /// Nothing.
    Nop,
    /// acc += bank[addr] · value, in the lanes below the limit in tag bits 8…2 (`triangle`); sub bit 5 shifts it up by f.
    Row,
    /// sum += bank[addr] · memory[slot], or · the spike there; tag bit 0 marks a column's first tile, bit 1 its last,
    /// bits 8…2 and sub bit 5 as of `Row`.
    Column,
    /// acc += memory[slot] · value, remembering memory[slot] as the lane's own state; sub bit 5 as of `Row`.
    Leak,
    /// acc += memory[slot] · value.
    Nudge,
    /// acc += memory[slot] as word `sub` of a wide value.
    Restore,
    /// acc += value as word `sub`, in every lane.
    AddAll,
    /// acc += value as word `sub`, in lane `tag`.
    Add,
    /// own state ← clip(own + round(acc)), written to memory[slot]; acc ← 0. Value bits 7…0 are the tolerance, 9…8 k;
    /// bit 10 says that acc is shifted up by f. Of a spiking unit one time
    /// step with current acc, nudged if value bit 0 is set, with a negative sign if bit 1 is.
    Update,
    /// memory[slot] ← word `sub` of acc (3: word 0); sub ≥ 2 also clears acc.
    Save,
    /// bank[addr] ← acc; acc ← 0.
    Store,
    /// sum += memory[slot] of lane `tag`; of a spiking unit its state or, if sub bit 0 is set, its spike.
    ReadState,
    /// sum += bank[addr] of lane `tag`.
    ReadWeight,
    /// acc ← memory[slot] · value; if sub bit 0 is set, bank[addr] ← the weight learned last, in the lanes
    /// below the limit in tag bits 8…2.
    LearnP,
    /// acc += memory[slot] · value; if sub bit 0 is set, learns bank[addr] from the accumulator as it is
    /// now and random word `tag`, sub bits 5…2 choosing the window. Of both, sub bit 1 shifts memory[slot].
    LearnQ,
    /// Remembers memory[slot] as word `sub` of the lane's own spiking unit: state, membrane, low bits of
    /// the trace, target. With value 0 it starts a free phase instead.
    Own,
}

/// Names of the operations in the order of their codes.
pub const OP_NAMES: [&str; 16] = [
    "nop",
    "row",
    "column",
    "leak",
    "nudge",
    "restore",
    "add-all",
    "add",
    "update",
    "save",
    "store",
    "read-state",
    "read-weight",
    "learn-p",
    "learn-q",
    "own",
];
