//! Layers that are connected to themselves: half a matrix, masked in the lanes, in lockstep.

use super::common::{case, limits, networks, Hardware};
use super::learning::{first, train, train_all, train_model};
use hdl::arch::{random_seed, Plan};
use hdl::config::{Network, Pipeline};
use sim::data::Dataset;
use sim::lockstep::{Quantity, Totals};
use sim::random::{Coverage, Limits, RandomCase};
use sim::train::{Backend, HardwareBackend, Split};
use sim::weights::Weights;
use std::path::Path;

/// Seeded networks, some layers of each connected to themselves.
fn group(lanes: usize, formats: [u32; 3], max_units: usize, first_seed: u32) -> Vec<RandomCase> {
    let limits = Limits {
        self_connected: true,
        feedback_shift: 0,
        ..limits(lanes, formats, max_units, 12)
    };
    networks(first_seed..first_seed + 25, &limits)
}

/// Every second one.
pub fn odd(index: usize) -> bool {
    index % 2 == 1
}

/// The fifty networks, by the number of lanes that they share.
pub fn groups() -> [(usize, Vec<RandomCase>); 2] {
    [(2, [12, 16, 13], 11, 6000), (4, [12, 8, 6], 14, 7000)].map(
        |(lanes, formats, max_units, first_seed)| {
            (lanes, group(lanes, formats, max_units, first_seed))
        },
    )
}

#[test]
fn fifty_networks_settle_and_learn() {
    let mut all = Totals::default();
    for (lanes, cases) in groups() {
        let mut coverage = Coverage::new(lanes);
        cases.iter().for_each(|case| coverage.add(case));
        println!("{lanes} lanes\n{coverage}");
        let missing = coverage.missing();
        for name in [
            "two of them",
            "a self-connected output",
            "one on several tiles",
            "one, sequential",
            "one, synchronous",
            "a block that skips a layer",
        ] {
            assert!(!missing.contains(&name), "no network has {name}");
        }
        train_all(&cases, lanes, odd, &mut all);
    }
    let (learned, samples) = (all.learned, all.samples);
    assert!(learned > 100 && learned < samples, "{learned} of {samples}");
    assert!(all.saturations > 50, "{} saturated", all.saturations);
}

/// A web of two layers: each on several tiles of two lanes, the last of them half empty or without
/// any weight, and an ordinary layer that feeds them.
fn web() -> RandomCase {
    case(
        "layers = [6, 7, 5]\n\
         blocks = [[0, 1], [1, 1], [1, 2], [2, 2], [0, 2]]\n\
         dataset = \"random\"\n\
         dynamics.k = 1\n\
         phases.nudging = \"random_sign\"\n\
         formats.weight_bits = 6\n\
         learning.init_scale = 3\n\
         learning.rate_shift = 0\n\
         learning.halvings = 0\n",
        20,
    )
}

#[test]
fn neither_lanes_nor_pipeline_change_what_a_web_learns() {
    let mut case = web();
    let runs = [
        (1, Pipeline::Short),
        (2, Pipeline::Deep),
        (4, Pipeline::Short),
        (8, Pipeline::Short),
    ];
    let runs = runs.map(|(lanes, pipeline)| {
        case.network.engine.pipeline = Some(pipeline);
        let hardware = Hardware::of([&case.network], lanes);
        let lockstep = hardware.lockstep(&case, hardware.model(0), None);
        let (totals, weights, random) =
            train(lockstep, &case).unwrap_or_else(|error| panic!("{lanes} lanes: {error}"));
        assert!(totals.learned > 3, "{} learned", totals.learned);
        assert_ne!(weights, case.weights);
        (weights, random, totals.saturations)
    });
    for run in &runs[1..] {
        assert_eq!(run, &runs[0]);
    }
    assert_eq!((runs[0].0.clone(), runs[0].1), train_model(&case));
}

/// (what, Verilog, changed Verilog, what is found).
const CHANGES: [(&str, &str, &str, Quantity); 8] = [
    (
        "a lane more",
        "tag[8:2]} <= id",
        "tag[8:2]} < id",
        Quantity::State,
    ),
    (
        "every lane, where settling reads",
        "beyond_1 <= beyond;",
        "beyond_1 <= 1'b0;",
        Quantity::State,
    ),
    (
        "every lane, where learning writes",
        "& sub[0] & !beyond",
        "& sub[0]",
        Quantity::MissingWrite,
    ),
    (
        "saturation of weights that there are not",
        "learn_saturated & !beyond;",
        "learn_saturated;",
        Quantity::Response,
    ),
    (
        "the tiles of a column all like the first",
        "first_row_d = first_row + lanes;",
        "first_row_d = first_row;",
        Quantity::State,
    ),
    (
        "a column that goes on where the last one ended",
        "first_row_d = 12'd0;",
        "first_row_d = first_row;",
        Quantity::State,
    ),
    (
        "learning like a block between two layers",
        "upper_d = |(options",
        "upper_d = 1'b0 & |(options",
        Quantity::MissingWrite,
    ),
    (
        "all tiles learn like the first",
        "{8'd0, rotation}",
        "12'd0",
        Quantity::MissingWrite,
    ),
];

#[test]
fn a_change_of_the_mask_is_found() {
    let case = web();
    let hardware = Hardware::of([&case.network], 2);
    let lockstep = hardware.lockstep(&case, hardware.model(0), None);
    let (totals, ..) = train(lockstep, &case).unwrap_or_else(|error| panic!("{error}"));
    assert!(totals.saturations > 0);
    let mut wrong = vec![];
    for (what, from, to, expected) in CHANGES {
        let hardware = Hardware::altered([&case.network], 2, |text| {
            assert!(text.contains(from), "the text has no `{from}`");
            *text = text.replace(from, to);
        });
        let found = first(hardware.lockstep(&case, hardware.model(0), None), &case);
        if found != Some(expected) {
            wrong.push(format!("{what}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Shape and cells of networks without such a layer have nothing of it.
#[test]
fn hardware_without_self_connected_layers_masks_nothing() {
    let mut case = web();
    case.network.blocks.retain(|block| block.a != block.b);
    let plan = Plan::new(&case.network, 2).unwrap();
    assert!(!plan.shape.triangular);
    let text = hdl::design::core(&plan).unwrap().text;
    // The module that makes the limit is folded to the constant that masks no lane.
    let limits = |text: &str| text.contains("module eqprop_core_triangle (");
    assert!(!limits(&text), "{text}");
    let plan = Plan::new(&web().network, 2).unwrap();
    assert!(limits(&hdl::design::core(&plan).unwrap().text));
}

#[test]
#[ignore = "a web of 48 units on 8 lanes: half a minute"]
fn digits_web_learns_a_hundred_digits_on_chip_as_in_the_model() {
    let network = Network::builtin("digits-web").expect("a built-in network");
    let hardware = Hardware::of([&network], 8);
    let plan = hardware.plan(&network);
    // n(n − 1)/2 weights each, and what eight lanes leave empty.
    let stored = plan.map.blocks.iter().filter(|block| block.triangular());
    let stored: Vec<_> = stored.map(|block| (block.weights, block.words)).collect();
    assert_eq!(stored, [(38 * 37 / 2, 840), (10 * 9 / 2, 80)]);
    let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
    let split = Split::of(data.len(), network.seed);
    let shown = split.order(0).into_iter().take(100);
    let shown: Vec<_> = shown.map(|index| data.sample(index, 12)).collect();
    let backend = HardwareBackend::new(
        plan,
        hardware.model(0),
        &Weights::initial(&network),
        random_seed(network.seed),
        50,
    );
    let mut backend = backend.unwrap_or_else(|error| panic!("{error}"));
    let mut lessons = vec![];
    (backend.set_doublings(network.learning.halvings))
        .and_then(|()| backend.learn(&shown, &mut lessons))
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lessons.len(), 100);
    assert_eq!(backend.differences().unwrap(), (0, String::new()));
}
