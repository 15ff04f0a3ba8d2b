//! Plans of random networks: nothing overlaps, everything fits, costs behave; texts of the rest.

use hdl::arch::program::{Code, Instruction};
use hdl::arch::registers::{report, Command, Space};
use hdl::arch::schedule::{Learned, Trace};
use hdl::arch::stream::{self, Purpose, Response};
use hdl::arch::{Plan, PlanError};
use hdl::config::{Formats, Network, LANE_MENU};
use proptest::prelude::*;
use sim::bittrue::Xorshift;
use sim::random::{random_network, Limits};
use sim::vectors::load_dir;
use std::collections::HashMap;
use std::path::Path;

const FORMATS: Formats = Formats {
    state_fraction: 12,
    weight_bits: 16,
    weight_fraction: 13,
};

fn network(seed: u32, lanes: usize) -> Network {
    let limits = Limits {
        formats: FORMATS,
        lanes,
        max_layers: 7,
        max_units: 40,
        max_blocks: 9,
        self_connected: seed % 2 == 0,
        feedback_shift: if seed % 5 == 0 { 3 } else { 0 },
        samples: 0,
    };
    random_network(seed, &limits).network
}

/// Words that the commands write: (space, address of the command's first word, its words).
fn writes(commands: &[Vec<u32>]) -> impl Iterator<Item = (u32, usize, &[u32])> {
    commands.iter().map(|command| {
        assert_eq!(command[0] >> 24, Command::Write as u32);
        assert_eq!((command[0] & 0xFFFF) as usize, command.len() - 2);
        (command[0] >> 16 & 0xFF, command[1] as usize, &command[2..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Every weight and bias gets a number; each must arrive in a word of its own, within range.
    #[test]
    fn every_weight_and_bias_has_its_own_word(seed: u32, menu in 0..5usize) {
        let lanes = LANE_MENU[menu];
        let network = network(seed, lanes);
        let plan = Plan::new(&network, lanes).unwrap();
        let units = |layer: usize| network.layers[layer].units;
        let sides = network.orientations();
        let (mut number, mut numbers) = (0, HashMap::new());
        let mut give = |key| {
            number += 1;
            numbers.insert(key, number);
        };
        for (block, side) in sides.iter().enumerate() {
            for row in 0..units(side.row) {
                let first = if side.row == side.column { row + 1 } else { 0 };
                (first..units(side.column)).for_each(|column| give((block, row, column)));
            }
        }
        for layer in 1..network.layers.len() {
            (0..units(layer)).for_each(|unit| give((usize::MAX, layer, unit)));
        }
        prop_assume!(number <= 0xFFFF);
        let commands = plan.load(
            |block, row, column| numbers[&(block, row, column)] as u16 as i16,
            |layer, unit| numbers[&(usize::MAX, layer, unit)] as u16 as i16,
        );
        let mut seen = vec![false; number + 1];
        for (space, address, words) in writes(&commands) {
            let end = match space == Space::Bank as u32 {
                true => address + words.len().div_ceil(lanes),
                false => address + words.len(),
            };
            let space_words = match space == Space::Bank as u32 {
                true => plan.shape.bank_words,
                false => plan.shape.bias_words,
            };
            prop_assert!(end <= space_words, "{end} of {space_words} words");
            for &word in words.iter().filter(|&&word| word != 0) {
                prop_assert!(!std::mem::replace(&mut seen[word as usize], true), "{word} twice");
            }
        }
        prop_assert!(seen[1..].iter().all(|&seen| seen));
    }

    #[test]
    fn tiles_lists_and_programs_stay_apart_and_within_the_shape(seed: u32, menu in 0..5usize) {
        let lanes = LANE_MENU[menu];
        let plan = Plan::new(&network(seed, lanes), lanes).unwrap();
        let (map, shape) = (&plan.map, &plan.shape);
        let mut tile = 0;
        let mut list = 0;
        for layer in &map.layers {
            if layer.in_lanes {
                prop_assert_eq!(layer.first_tile, tile);
                tile += layer.tiles;
                let rows: usize = (0..layer.tiles).map(|tile| layer.rows(tile, lanes)).sum();
                prop_assert_eq!(rows, layer.units);
            }
            prop_assert!(list <= 16 * layer.list_granule || !layer.column_side);
            if layer.column_side && !std::ptr::eq(layer, &map.layers[0]) {
                // Its states and the end mark.
                list = 16 * layer.list_granule + layer.units + 1;
            }
        }
        prop_assert!(tile <= 1 << shape.tile_bits);
        prop_assert!(list <= map.list_stride);
        prop_assert!(6 * map.list_stride <= map.input_base);
        prop_assert!(map.input_base + map.layers[0].units < shape.list_words);
        prop_assert!(plan.program.len() <= shape.program_words);
        for block in &map.blocks {
            // No token of a block leaves the bank, whatever its lanes do with it.
            for tile in 0..map.layers[block.row].tiles {
                prop_assert!(block.address(tile, lanes) + block.columns <= map.bank_words);
            }
            let padding = block.words - block.weights;
            match block.triangular() {
                false => prop_assert!(padding < lanes * block.columns),
                // A triangle of P(P − 1)/2 a tile, and lanes beyond the last row.
                true => prop_assert!(2 * padding <= lanes * (lanes - 1) * map.layers[block.row].tiles + 2 * lanes * lanes),
            }
        }
        let ends = plan.program.iter().filter(|i| i.code == Code::End).count();
        prop_assert_eq!(ends, 4, "drive, sweep, output and learning section");
    }

    #[test]
    fn more_columns_and_more_sweeps_never_cost_less(
        seed: u32,
        menu in 0..5usize,
        counts in proptest::collection::vec(0..40u32, 40),
        sweeps in 1..5usize,
        at in 0..40usize,
    ) {
        let lanes = LANE_MENU[menu];
        let network = network(seed, lanes);
        let plan = Plan::new(&network, lanes).unwrap();
        let nonzero = |sweep: usize| -> Vec<u32> {
            let layers = network.layers.iter().enumerate();
            layers.map(|(i, layer)| counts[(7 * sweep + i) % 40].min(layer.units as u32 - 1)).collect()
        };
        let phase: Vec<Vec<u32>> = (0..sweeps).map(nonzero).collect();
        let trace = Trace { input: nonzero(9)[0], phases: vec![phase.clone(), phase], ..Trace::default() };
        let cost = plan.predict(&trace, true);

        let mut wider = trace.clone();
        wider.input += 1;
        prop_assert!(plan.predict(&wider, true).cycles > cost.cycles || !reads_input(&plan));
        let mut wider = trace.clone();
        let (sweep, layer) = (at % sweeps, 1 + at % (network.layers.len() - 1));
        wider.phases[1][sweep][layer] += 1;
        prop_assert!(plan.predict(&wider, true).cycles >= cost.cycles);
        let mut longer = trace.clone();
        let last = longer.phases[1][sweeps - 1].clone();
        longer.phases[1].push(last);
        prop_assert!(plan.predict(&longer, true).cycles > cost.cycles);
        // Only an answer in the lanes has to be read before it can be told.
        let silent = plan.predict(&trace, false).cycles;
        let in_lanes = plan.map.layers[plan.network.output()].in_lanes;
        prop_assert_eq!(silent < cost.cycles, in_lanes);
        prop_assert!(silent <= cost.cycles);

        let mut writes = vec![];
        plan.predict_writes(&trace, true, |write| writes.push(write), |_| panic!("nothing is learned"));
        prop_assert_eq!(writes.len(), 2 * sweeps * network.free_units());
        prop_assert!(writes.iter().all(|write| write.cycle < cost.cycles));
        let mut ports: Vec<_> = writes.iter().map(|write| (write.cycle, write.probe)).collect();
        ports.sort_unstable();
        prop_assert!(ports.windows(2).all(|pair| pair[0] != pair[1]), "a port writes twice in a cycle");
    }

    #[test]
    fn learning_writes_every_word_of_an_emitted_column_once(
        seed: u32,
        menu in 0..5usize,
        chance in proptest::collection::vec(0..3u8, 64),
    ) {
        let lanes = LANE_MENU[menu];
        let network = network(seed, lanes);
        let plan = Plan::new(&network, lanes).unwrap();
        let units = network.layers.iter().enumerate().map(|(index, layer)| {
            let some = |unit: &u16| chance[(usize::from(*unit) + 11 * index) % 64] > 0;
            (0..layer.units as u16).filter(some).collect()
        });
        let learned = Learned { units: units.collect() };
        let expected: usize = network.orientations().iter()
            .map(|o| match o.row == o.column {
                // Every unit before a column.
                true => learned.units[o.column].iter().map(|&column| usize::from(column)).sum(),
                false => learned.units[o.column].len() * network.layers[o.row].units,
            })
            .sum::<usize>();
        // Biases of units in lanes are all written, those at the head where the unit is not zero.
        let biases: usize = plan.map.layers.iter().enumerate().skip(1)
            .map(|(index, layer)| if layer.in_lanes { layer.units } else { learned.units[index].len() })
            .sum();
        let mut trace = Trace::default();
        let without = plan.predict(&trace, false).cycles;
        trace.learned = Some(learned);
        let mut writes = vec![];
        let cost = plan.predict_writes(&trace, false, |_| (), |write| writes.push(write));
        prop_assert_eq!(writes.len(), expected + biases);
        let mut parameters: Vec<String> =
            writes.iter().map(|write| format!("{:?}", write.parameter)).collect();
        parameters.sort_unstable();
        parameters.dedup();
        prop_assert_eq!(parameters.len(), writes.len());
        prop_assert!(writes.iter().all(|write| (without..cost.cycles).contains(&write.cycle)));
        let mut ports: Vec<_> = writes.iter().map(|write| (write.cycle, write.probe)).collect();
        ports.sort_unstable();
        prop_assert!(ports.windows(2).all(|pair| pair[0] != pair[1]), "a port writes twice in a cycle");
    }

    #[test]
    fn shapes_unite_to_one_that_serves_both(a: u32, b: u32, menu in 0..5usize) {
        let lanes = LANE_MENU[menu];
        let (first, second) = (network(a, lanes), network(b, lanes));
        let shapes = [&first, &second].map(|network| Plan::new(network, lanes).unwrap().shape);
        let union = shapes[0].union(&shapes[1]);
        // Rates may lie too far apart for one piece of hardware.
        prop_assume!(union.is_some());
        let union = union.unwrap();
        let timeless = |plan: &Plan| -> Vec<Instruction> {
            let words = plan.program.iter();
            words.map(|i| if i.code == Code::Rate { Instruction { layer: 0, ..*i } } else { *i }).collect()
        };
        prop_assert_eq!(Some(union.clone()), shapes[1].union(&shapes[0]));
        prop_assert_eq!(Some(union.clone()), union.union(&shapes[0]));
        for network in [&first, &second] {
            let own = Plan::new(network, lanes).unwrap();
            let shared = Plan::on(network, &union).unwrap();
            // The learning shifts count from the hardware's window.
            prop_assert_eq!(timeless(&own), timeless(&shared));
            prop_assert_eq!(own.registers, shared.registers);
            prop_assert_eq!(own.shape.lacks(&union).is_none(), own.shape == union);
        }
    }

    #[test]
    fn instruction_words_hold_every_field(seed: u32, menu in 0..5usize) {
        let lanes = LANE_MENU[menu];
        let plan = Plan::new(&network(seed, lanes), lanes).unwrap();
        for (instruction, word) in plan.program.iter().zip(plan.program_words()) {
            let field = |shift: u32, bits: u32| word >> shift & ((1 << bits) - 1);
            prop_assert_eq!(field(Instruction::CODE_SHIFT, 4), instruction.code as u32);
            prop_assert_eq!(field(Instruction::LAYER_SHIFT, 4), u32::from(instruction.layer));
            prop_assert_eq!(field(Instruction::TILE_SHIFT, 8), u32::from(instruction.tile));
            prop_assert_eq!(field(0, 16), u32::from(instruction.argument));
        }
    }

    #[test]
    fn responses_are_read_as_they_were_sent(
        sweeps: [u8; 3], settled: [bool; 3], negative: bool, moved_by_nudge: bool, learned: bool,
        cycles: u32, saturations: u32, spikes: Option<u32>,
        outputs in proptest::option::of(proptest::collection::btree_map(0..4096usize, 1..=16384u16, 0..20)),
        winner in 0..4096usize,
    ) {
        let first = u32::from(sweeps[0]) << report::SWEEPS_FREE
            | u32::from(sweeps[1]) << report::SWEEPS_NUDGED
            | u32::from(sweeps[2]) << report::SWEEPS_NUDGED_MINUS
            | u32::from(settled[0]) << report::SETTLED_FREE
            | u32::from(settled[1]) << report::SETTLED_NUDGED
            | u32::from(settled[2]) << report::SETTLED_NUDGED_MINUS
            | u32::from(negative) << report::NEGATIVE
            | u32::from(moved_by_nudge) << report::MOVED_BY_NUDGE
            | u32::from(learned) << report::LEARNED
            | u32::from(spikes.is_some()) << report::SPIKING;
        let answer = outputs.map(|outputs| (outputs.into_iter().collect::<Vec<_>>(), winner));
        let mut words = vec![first, cycles, saturations];
        words.extend(spikes);
        if let Some((outputs, winner)) = &answer {
            words.extend(outputs.iter().map(|&(unit, state)| (unit as u32) << 16 | u32::from(state)));
            words.push(*winner as u32);
        }
        let phases = [0, 1, 2].map(|phase| (u32::from(sweeps[phase]), settled[phase]));
        let expected = Response { phases, negative, moved_by_nudge, learned, cycles, saturations, spikes, answer };
        prop_assert_eq!(Response::parse(&words), Some(expected));
        prop_assert_eq!(Response::parse(&words[..2]), None);
    }

    #[test]
    fn sample_commands_carry_the_non_zero_inputs_and_all_targets(
        input in proptest::collection::vec(prop_oneof![Just(0u16), 0..=4096u16], 1..50),
        target in proptest::option::of(proptest::collection::vec(0..=4096u16, 1..9)),
    ) {
        let purpose = target.as_deref().map_or(Purpose::Infer, Purpose::Learn);
        let command = stream::sample(&input, purpose, true);
        let count = (command[0] & 0xFFFF) as usize;
        let mut decoded = vec![0; input.len()];
        for word in &command[1..=count] {
            decoded[(word >> 16) as usize] = *word as u16;
        }
        prop_assert_eq!(&decoded, &input);
        prop_assert!(command[1..=count].iter().all(|word| word & 0xFFFF != 0));
        prop_assert!(command[1..=count].windows(2).all(|pair| pair[0] >> 16 < pair[1] >> 16));
        let targets: Vec<u16> = command[count + 1..].iter().map(|&word| word as u16).collect();
        prop_assert_eq!(targets, target.unwrap_or_default());
    }

    #[test]
    fn the_first_random_state_is_the_models(seed: u32) {
        prop_assert_eq!(hdl::arch::random_seed(seed), Xorshift::seed(seed).state());
    }
}

/// Some layer that lives in the lanes is joined to the input.
fn reads_input(plan: &Plan) -> bool {
    plan.map.blocks.iter().any(|block| block.column == 0)
}

#[test]
fn orientations_are_those_of_every_reference_case() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"));
    let cases = load_dir(folder).expect("the cases of this repository are valid");
    assert!(cases.len() >= 25);
    for case in cases {
        let text = std::fs::read_to_string(folder.join(format!("{}.json", case.name))).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let rows: Vec<usize> = case
            .network
            .orientations()
            .iter()
            .map(|side| side.row)
            .collect();
        assert_eq!(serde_json::json!(rows), file["row_layer"], "{}", case.name);
    }
}

/// The program as a listing, a line for each word.
fn listing(plan: &Plan) -> String {
    let starts = hdl::arch::registers::Register::DrivePc as usize;
    let sections = ["drive", "sweep", "output"];
    let mut text = format!("{} lanes\n", plan.shape.lanes);
    for (pc, i) in plan.program.iter().enumerate() {
        if let Some(at) = (0..3).find(|at| plan.registers[starts + at] as usize == pc) {
            text += &format!("{}:\n", sections[at]);
        }
        let code = format!("{:?}", i.code);
        text += &format!(
            "{pc:5}  {:08x}  {code:<10}  layer {}  tile {:2}  argument {:4}\n",
            i.word(),
            i.layer,
            i.tile,
            i.argument
        );
    }
    text
}

#[test]
fn the_schedule_of_a_network_with_a_skip_block() {
    let plan = Plan::new(&Network::builtin("digits-skip").unwrap(), 8).unwrap();
    insta::assert_snapshot!(listing(&plan));
}

#[test]
fn errors_of_a_plan_name_what_is_too_large_and_the_way_out() {
    let network = |layers: &str, more: &str| {
        let text = format!("name = \"n\"\nlayers = {layers}\ndataset = \"random\"\n{more}");
        Network::parse("n.toml", &text).unwrap_or_else(|error| panic!("{error:?}"))
    };
    let small = network("[4, 3, 2]", "");
    let shape = Plan::new(&small, 2).unwrap().shape;
    let errors: Vec<PlanError> = [
        Plan::new(&small, 3),
        Plan::new(&network("[784, 4000, 10]", ""), 1),
        Plan::on(&network("[4, 9, 2]", ""), &shape),
        Plan::on(&network("[4, 3, 2]", "formats.weight_bits = 8"), &shape),
        Plan::on(
            &network("[4, 3]", "blocks = [[0, 1], [1, 1]]\ndynamics.k = 1"),
            &Plan::new(
                &network("[9, 9, 9]", "blocks = [[0, 1], [1, 2], [0, 2]]"),
                2,
            )
            .unwrap()
            .shape,
        ),
    ]
    .into_iter()
    .map(|plan| plan.unwrap_err())
    .collect();
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(texts.join("\n"));
}
