//! What the memories of a board top are made of, exactly.

use crate::arch::cells::Cells;
use crate::arch::link::Link;
use crate::arch::plan::Plan;
use crate::arch::program::entry;
use crate::board::{Board, Family};

/// Look-up tables that one LUT RAM takes: four that store, two for its write port.
pub const LUTS_OF_LUT_RAM: usize = 6;

/// Block RAMs that yosys makes of the memories of the board top.
pub fn block_rams(plan: &Plan, board: &Board) -> usize {
    core_block_rams(plan, board.device.family) + count(&link_memories(plan, board), Cells::blocks)
}

/// Block RAMs of the core's memories.
pub fn core_block_rams(plan: &Plan, family: Family) -> usize {
    count(&memories(plan, family), Cells::blocks)
}

/// Tables and flip-flops of what is not fitted: memories of logic, and the multiplexers of banks of several blocks.
pub fn known_logic(plan: &Plan, board: &Board) -> (usize, usize) {
    let core = memories(plan, board.device.family);
    let memories = [&core[..], &link_memories(plan, board)].concat();
    let banks = memories[0].1.blocks().max(1) - 1;
    let multiplexers = banks * plan.shape.formats.weight_bits as usize * plan.shape.lanes;
    (
        multiplexers + LUTS_OF_LUT_RAM * count(&memories, Cells::lut_rams),
        count(&memories, Cells::flip_flops),
    )
}

/// The protocol engine's memories of bytes, without those that become large single-port RAMs.
fn link_memories(plan: &Plan, board: &Board) -> [(usize, Cells); 3] {
    let link = Link::new(plan, board);
    let buffers = usize::from(!link.single_port);
    [
        (buffers, link.receive_bytes),
        (buffers, link.slots * link.slot_bytes),
        (1, link.info_bytes(plan)),
    ]
    .map(|(count, bytes)| (count, Cells::of(board.device.family, bytes, 8)))
}

/// How often each memory of the core is there, and what it is made of; the banks come first.
pub fn memories(plan: &Plan, family: Family) -> [(usize, Cells); 10] {
    let shape = &plan.shape;
    let weight_bits = shape.formats.weight_bits as usize;
    let read_at_once = |words, bits| Cells::of(family, words, bits);
    let registered = |registered: bool, words, bits| match registered {
        true => Cells::registered(family, words, bits),
        false => Cells::of(family, words, bits),
    };
    let piped = |words, bits| registered(shape.is_deep(), words, bits);
    let (lists, list_length_bits) = shape.lengths();
    let targets = match shape.targets_in_logic {
        true => Cells::FlipFlops(16 * shape.target_words.max(2)),
        false => piped(shape.target_words, 16),
    };
    [
        (shape.lanes, piped(shape.bank_words, weight_bits)),
        (shape.lanes, piped(shape.memory_words(), 16)),
        (1, piped(shape.program_words, 32)),
        (1, piped(shape.list_words, entry::BITS)),
        // Old states of column-side units.
        (1, piped(shape.list_words, shape.state_bits())),
        (
            usize::from(shape.is_deep()),
            read_at_once(lists, list_length_bits),
        ),
        // Column sums are kept only for layers that also live in lanes.
        (
            usize::from(shape.sums_words > 0),
            piped(shape.sums_words, shape.accumulator_bits as usize),
        ),
        (
            1,
            registered(shape.biases_registered(), shape.bias_words, weight_bits),
        ),
        (1, targets),
        // Membranes and traces of spiking units at the head.
        (
            usize::from(shape.spiking.is_some()),
            read_at_once(shape.membrane_words(), shape.membrane_bits()),
        ),
    ]
}

pub fn count(memories: &[(usize, Cells)], cells: fn(Cells) -> usize) -> usize {
    let counts = memories.iter().map(|&(count, kind)| count * cells(kind));
    counts.sum()
}
