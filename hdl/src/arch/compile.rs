//! Writes the program of a network: drive, sweep, output and learning section, tile by tile. The output
//! section of spiking units gathers the states of all layers that have lists after every phase.

use super::learning::base_shift;
use super::memory::MemoryMap;
use super::program::{close, rate, Code, Instruction, LIFT};
use crate::config::Network;

/// Tiles of row layers that contribute to the column sums of `layer`: (row layer, its tile, bank address); those that
/// a sweep has just updated come last, in the order of their updates.
pub(super) fn segments(
    map: &MemoryMap,
    layer: usize,
    lanes: usize,
) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
    let mut blocks: Vec<_> = map.blocks.iter().filter(|b| b.column == layer).collect();
    blocks.sort_by_key(|block| (block.row < layer, block.row));
    blocks.into_iter().flat_map(move |block| {
        (0..map.layers[block.row].tiles)
            .map(move |tile| (block.row, tile, block.address(tile, lanes)))
    })
}

/// The program of `network` and the first words of its four sections.
///
/// `learn_shift` is the window T of the hardware, no less than the network needs; `deep` is its pipeline.
pub(super) fn compile(
    network: &Network,
    map: &MemoryMap,
    learn_shift: u32,
    lanes: usize,
    deep: bool,
) -> (Vec<Instruction>, [usize; 4]) {
    let end = Instruction::new(Code::End, 0, 0, 0);
    let mut program = vec![];
    let drive = program.len();
    for layer in map
        .layers
        .iter()
        .enumerate()
        .filter(|(_, layer)| layer.in_lanes)
    {
        drive_section(&mut program, network, map, layer.0, lanes);
    }
    program.push(end);
    let sweep = program.len();
    for (index, layer) in map.layers.iter().enumerate().skip(1) {
        if layer.in_lanes {
            update_in_lanes(&mut program, network, map, index, lanes);
        } else {
            let open = Instruction::new(Code::Open, index, layer.list_granule, layer.bias_address);
            program.push(open.lifted(network, index, index));
            column_pass(&mut program, network, map, index, Code::Column, lanes);
            program.push(Instruction::new(Code::Close, index, 0, 0));
        }
    }
    if let Some(last) = program.last_mut() {
        if deep && last.code == Code::Close {
            last.argument = close::LAST as u16;
        }
    }
    program.push(end);
    let output = program.len();
    let last = network.output();
    if network.spiking().is_some() {
        collect_states(&mut program, map, last, lanes);
    } else if map.layers[last].in_lanes && !map.layers[last].column_side {
        read_states(&mut program, map, last, lanes);
    }
    program.push(end);
    let learn = program.len();
    learn_section(&mut program, network, map, learn_shift, lanes);
    program.push(end);
    (program, [drive, sweep, output, learn])
}

impl Instruction {
    /// The same, for what `layer` hears from `source` (its own layer: what it has of itself).
    fn lifted(mut self, network: &Network, layer: usize, source: usize) -> Instruction {
        if network.feedback_lift(layer, source) > 0 {
            self.argument |= LIFT;
        }
        self
    }
}

/// Every block tile by tile, all tiles with the same random words; then the biases (design rule 6).
fn learn_section(
    program: &mut Vec<Instruction>,
    network: &Network,
    map: &MemoryMap,
    learn_shift: u32,
    lanes: usize,
) {
    let shift = |block| base_shift(network, block, learn_shift) as usize;
    let mut learn = |shift, tile, options, layer, granule, address| {
        program.push(Instruction::new(Code::Rate, shift, tile, options));
        program.push(Instruction::new(Code::Learn, layer, granule, address));
    };
    let options = |tile: usize| {
        let rotation = tile * lanes % (1 << rate::ROTATION_BITS);
        rotation | if tile > 0 { rate::AGAIN as usize } else { 0 }
    };
    for (block, config) in map.blocks.iter().zip(&network.blocks) {
        let (row, column) = (&map.layers[block.row], &map.layers[block.column]);
        let granule = match block.column {
            0 => 0,
            _ => column.list_granule,
        };
        for tile in 0..row.tiles {
            let (lane_tile, address) = (row.first_tile + tile, block.address(tile, lanes));
            let mut options = options(tile);
            if block.triangular() {
                let first_row = (tile * lanes) >> rate::ROTATION_BITS;
                options |= rate::UPPER as usize | (first_row << rate::FIRST_ROW_SHIFT);
            }
            learn(
                shift(config),
                lane_tile,
                options,
                block.column,
                granule,
                address,
            );
        }
    }
    for (index, layer) in map.layers.iter().enumerate().skip(1) {
        let (shift, address) = (shift(network.bias_block(index)), layer.bias_address);
        if !layer.in_lanes {
            learn(
                shift,
                0,
                rate::HEAD as usize,
                index,
                layer.list_granule,
                address,
            );
        }
        for tile in 0..layer.tiles {
            let options = options(tile) | rate::BIAS as usize;
            learn(
                shift,
                layer.first_tile + tile,
                options,
                0,
                0,
                address + tile,
            );
        }
    }
}

/// Once a sample: what the clamped input, the bias and the rounding contribute to each unit.
fn drive_section(
    program: &mut Vec<Instruction>,
    network: &Network,
    map: &MemoryMap,
    index: usize,
    lanes: usize,
) {
    let layer = &map.layers[index];
    for tile in 0..layer.tiles {
        for block in map
            .blocks
            .iter()
            .filter(|b| b.row == index && b.column == 0)
        {
            let address = block.address(tile, lanes);
            let row = Instruction::new(Code::Row, 0, 0, address);
            program.push(row.lifted(network, index, 0));
        }
        let bias = Instruction::new(Code::Bias, 0, 0, layer.bias_address + tile);
        program.push(bias.lifted(network, index, index));
        let save = Instruction::new(Code::Save, 0, layer.first_tile + tile, 0);
        program.push(save.lifted(network, index, index));
    }
}

/// A layer that lives in the lanes: cached drive, rows, column sums, step; then its list.
fn update_in_lanes(
    program: &mut Vec<Instruction>,
    network: &Network,
    map: &MemoryMap,
    index: usize,
    lanes: usize,
) {
    let layer = &map.layers[index];
    if layer.column_side {
        column_pass(program, network, map, index, Code::ColumnSums, lanes);
    }
    let mut own = map.blocks.iter().filter(|block| block.row == index);
    let self_connected = own.any(|block| block.triangular());
    for tile in 0..layer.tiles {
        let (own_layer, first_row) = match self_connected {
            true => (index, tile * lanes),
            false => (0, 0),
        };
        program.push(Instruction::new(
            Code::Restore,
            own_layer,
            layer.first_tile + tile,
            first_row,
        ));
        for block in map
            .blocks
            .iter()
            .filter(|b| b.row == index && b.column != 0)
        {
            let granule = map.layers[block.column].list_granule;
            let address = block.address(tile, lanes);
            let row = Instruction::new(Code::Row, block.column, granule, address);
            program.push(row.lifted(network, index, block.column));
        }
        if layer.column_side {
            let rows = layer.rows(tile, lanes);
            program.push(Instruction::new(Code::Add, 0, rows, tile * lanes));
        }
        let last = usize::from(tile + 1 == layer.tiles);
        let update = Instruction::new(Code::Update, index, layer.first_tile + tile, last);
        program.push(update.lifted(network, index, index));
    }
    if layer.column_side {
        read_states(program, map, index, lanes);
    }
}

fn column_pass(
    program: &mut Vec<Instruction>,
    network: &Network,
    map: &MemoryMap,
    index: usize,
    code: Code,
    lanes: usize,
) {
    let count = segments(map, index, lanes).count();
    program.push(Instruction::new(
        code,
        index,
        count,
        map.layers[index].units,
    ));
    program.extend(segments(map, index, lanes).map(|(row, tile, address)| {
        let segment = Instruction::new(
            Code::Segment,
            row,
            map.layers[row].first_tile + tile,
            address,
        );
        segment.lifted(network, index, row)
    }));
}

/// After a phase of time steps: lists of the states of every layer that has one.
fn collect_states(program: &mut Vec<Instruction>, map: &MemoryMap, output: usize, lanes: usize) {
    for (index, layer) in map.layers.iter().enumerate().skip(1) {
        if layer.in_lanes && (layer.column_side || index == output) {
            read_states(program, map, index, lanes);
        } else if !layer.in_lanes {
            let (granule, address) = (layer.list_granule, layer.bias_address);
            program.push(Instruction::new(Code::Open, index, granule, address));
            program.push(Instruction::new(Code::Collect, index, 0, layer.units));
            program.push(Instruction::new(Code::Close, index, 0, 0));
        }
    }
}

fn read_states(program: &mut Vec<Instruction>, map: &MemoryMap, index: usize, lanes: usize) {
    let layer = &map.layers[index];
    program.push(Instruction::new(Code::Open, index, layer.list_granule, 0));
    program.extend((0..layer.tiles).map(|tile| {
        Instruction::new(
            Code::Read,
            index,
            layer.first_tile + tile,
            layer.rows(tile, lanes),
        )
    }));
    program.push(Instruction::new(Code::Close, index, 0, 0));
}
