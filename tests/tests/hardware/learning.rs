//! Learning on chip in lockstep: random networks, every number of lanes, and changes that must be found.

use super::common::{case, pressure, send, Hardware};
use super::mutation::subject;
use super::random::{group, piped};
use hdl::arch::program::Code;
use hdl::arch::random_seed;
use hdl::arch::registers::{Command, Space};
use hdl::config::{Network, Nudging, Pipeline};
use sim::bittrue::{BitTrue, Mode, Xorshift};
use sim::data::Dataset;
use sim::lockstep::{Lockstep, LockstepError, Quantity, Totals};
use sim::random::RandomCase;
use sim::train::{doublings, Backend, HardwareBackend, Split};
use sim::weights::Weights;
use std::path::Path;

/// Trains on all samples in lockstep, halving the rate on the way; returns totals, weights and random state.
pub fn train(
    mut lockstep: Lockstep,
    case: &RandomCase,
) -> Result<(Totals, Weights, u32), LockstepError> {
    let halvings = case.network.learning.halvings as usize;
    for (index, sample) in case.samples.iter().enumerate() {
        let m = halvings - (halvings + 1) * index / case.samples.len();
        lockstep.set_doublings(m as u32)?;
        lockstep.sample(sample, Mode::Learn)?;
        // Inference between training samples changes nothing.
        if index % 5 == 0 {
            lockstep.sample(sample, Mode::Infer)?;
        }
    }
    let weights = lockstep.read_weights()?;
    let random = lockstep.read_random()?;
    Ok((lockstep.totals().clone(), weights, random))
}

/// The same on the bit-true model alone.
pub fn train_model(case: &RandomCase) -> (Weights, u32) {
    let mut model = BitTrue::new(&case.network);
    model.load(&case.weights);
    let mut rng = Xorshift::seed(case.network.seed);
    let halvings = case.network.learning.halvings as usize;
    for (index, sample) in case.samples.iter().enumerate() {
        let m = halvings - (halvings + 1) * index / case.samples.len();
        model.set_rate_halvings_left(m as u32);
        model.run(sample, Mode::Learn, &mut rng, &mut ());
    }
    (model.weights(), rng.state())
}

/// Trains every case in lockstep, under back-pressure those whose numbers `presses` picks; weights, random state and
/// cycles must be the predicted ones. Adds to the totals of all.
pub fn train_all(
    cases: &[RandomCase],
    lanes: usize,
    presses: impl Fn(usize) -> bool,
    all: &mut Totals,
) {
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), lanes);
    for (index, case) in cases.iter().enumerate() {
        let name = &case.network.name;
        let pressure = presses(index).then(|| pressure(case, index));
        let model = hardware.model(case.network.seed);
        let lockstep = hardware.lockstep(case, model, pressure);
        let (totals, weights, random) =
            train(lockstep, case).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(totals.compared_writes, totals.expected_writes, "{name}");
        assert_eq!(totals.cycles, totals.predicted_cycles, "{name}");
        assert_eq!((weights, random), train_model(case), "{name}");
        all.learned += totals.learned;
        all.samples += totals.samples;
        all.saturations += totals.saturations;
        all.learn_error = all.learn_error.max(totals.learn_error);
    }
}

/// Random networks that train under back-pressure: (lanes, networks, pipeline).
const TRAINED: [(usize, usize, Pipeline); 5] = [
    (1, 12, Pipeline::Short),
    (2, 13, Pipeline::Short),
    (4, 13, Pipeline::Short),
    (8, 12, Pipeline::Short),
    (4, 12, Pipeline::Deep),
];

#[test]
fn fifty_random_networks_train_twenty_samples_under_back_pressure() {
    let mut all = Totals::default();
    for (lanes, count, pipeline) in TRAINED {
        let cases = piped(group(lanes, 20), pipeline);
        let cases: Vec<RandomCase> = cases.into_iter().take(count).collect();
        train_all(&cases, lanes, |_| true, &mut all);
    }
    // Rule 4 skips some samples, and the random networks include saturating ones.
    assert!(
        all.learned > 400 && all.learned < 1200,
        "{} learned",
        all.learned
    );
    assert!(all.saturations > 100, "{} saturated", all.saturations);
    assert!(
        all.learn_error > 0.9 && all.learn_error < 1.0,
        "{}",
        all.learn_error
    );
}

#[test]
fn the_number_of_lanes_does_not_change_what_is_learned() {
    for bits in [16, 8] {
        let cases = ["positive", "random_sign", "symmetric"].map(|nudging| {
            case(
                &format!(
                    "layers = [9, 11, 4]\ndataset = \"random\"\nphases.nudging = \"{nudging}\"\n\
                     formats.weight_bits = {bits}\n"
                ),
                12,
            )
        });
        let runs = [1, 2, 4, 8].map(|lanes| {
            let hardware = Hardware::of(cases.iter().map(|case| &case.network), lanes);
            cases.each_ref().map(|case| {
                let lockstep = hardware.lockstep(case, hardware.model(0), None);
                let (totals, weights, random) =
                    train(lockstep, case).unwrap_or_else(|e| panic!("{lanes} lanes: {e}"));
                assert!(totals.learned > 3, "{} learned", totals.learned);
                assert_ne!(weights, case.weights);
                (weights, random)
            })
        });
        for run in &runs[1..] {
            assert_eq!(run, &runs[0], "{bits} bits");
        }
    }
}

#[test]
fn deep_lanes_learn_the_digits() {
    let mut network = Network::builtin("digits").expect("a built-in network");
    network.engine.pipeline = Some(Pipeline::Deep);
    let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
    let case = RandomCase {
        weights: Weights::initial(&network),
        samples: (0..20).map(|n| data.sample(n, 12)).collect(),
        network,
    };
    let hardware = Hardware::of([&case.network], 8);
    let lockstep = hardware.lockstep(&case, hardware.model(1), None);
    let (totals, weights, random) = train(lockstep, &case).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(totals.compared_writes, totals.expected_writes);
    assert_eq!(totals.cycles, totals.predicted_cycles);
    assert!(totals.learned > 10, "{} learned", totals.learned);
    assert_eq!((weights, random), train_model(&case));
}

/// What training meets first.
pub fn first(lockstep: Lockstep, case: &RandomCase) -> Option<Quantity> {
    match train(lockstep, case) {
        Ok(_) => None,
        Err(LockstepError::Mismatch(mismatch)) => Some(mismatch.quantity),
        Err(LockstepError::Run(_)) => Some(Quantity::Silence),
    }
}

/// Few bits and the largest rate, so that learning saturates some weights.
fn saturating() -> RandomCase {
    case(
        "layers = [6, 5, 3]\n\
         dataset = \"random\"\n\
         dynamics.k = 1\n\
         phases.nudging = \"random_sign\"\n\
         formats.weight_bits = 5\n\
         learning.init_scale = 3\n\
         learning.rate_shift = 0\n\
         learning.halvings = 0\n",
        20,
    )
}

#[test]
fn a_change_of_the_learning_hardware_is_found() {
    let (case, limits) = (subject(), saturating());
    for case in [&case, &limits] {
        let hardware = Hardware::of([&case.network], 2);
        let lockstep = hardware.lockstep(case, hardware.model(0), None);
        let (totals, ..) = train(lockstep, case).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(totals.saturations > 0, case.samples.len() == 20);
    }
    for (what, from, to, extreme, expected) in CHANGES {
        let case = if extreme { &limits } else { &case };
        let hardware = Hardware::altered([&case.network], 2, |text| {
            assert!(text.contains(from), "the text has no `{from}`");
            *text = text.replace(from, to);
        });
        let found = first(hardware.lockstep(case, hardware.model(0), None), case);
        assert_eq!(found, Some(expected), "{what}");
    }
}

/// (what, Verilog, changed Verilog, needs saturation, what is found).
const CHANGES: [(&str, &str, &str, bool, Quantity); 8] = [
    (
        "rounding with the wrong word",
        "{18'd0, random});",
        "{18'd0, ~random});",
        false,
        Quantity::Weight,
    ),
    (
        "rounding down always",
        "{18'd0, random});",
        "34'd0);",
        false,
        Quantity::Weight,
    ),
    (
        "phases exchanged",
        "p_slot = nudged_end;\n        q_slot = free;",
        "p_slot = free;\n        q_slot = nudged_end;",
        false,
        Quantity::Weight,
    ),
    (
        "no saturation",
        "if (outside) begin",
        "if (1'b0) begin",
        true,
        Quantity::Weight,
    ),
    (
        "a saturation that is not counted",
        "assign saturated = saturated_3;",
        "assign saturated = 1'b0;",
        true,
        Quantity::Response,
    ),
    (
        "a weight read one column early",
        "assign read_unit = unit_3;",
        "assign read_unit = unit_2;",
        false,
        Quantity::Weight,
    ),
    (
        "a weight written one column late",
        "assign write_unit = unit_4;",
        "assign write_unit = unit_3;",
        false,
        Quantity::MissingWrite,
    ),
    (
        "other random words for the second tile",
        "draw_again = run & first & again;",
        "draw_again = 1'b0;",
        false,
        Quantity::Weight,
    ),
];

#[test]
fn a_word_that_is_learned_twice_is_found() {
    let case = subject();
    let hardware = Hardware::of([&case.network], 2);
    let program = &hardware.plan.program;
    let learns: Vec<usize> = (0..program.len())
        .filter(|&w| program[w].code == Code::Learn)
        .collect();
    let mut lockstep = hardware.lockstep(&case, hardware.model(0), None);
    // The second tile of the first block learns the first one's words again.
    let header = Command::Write.header(Space::Program as u32, 1);
    let again = program[learns[0]].word();
    send(lockstep.model(), &[vec![header, learns[1] as u32, again]]);
    assert_eq!(first(lockstep, &case), Some(Quantity::MissingWrite));
}

#[test]
fn a_model_that_takes_the_phases_in_the_wrong_order_is_found() {
    let mut case = case("layers = [6, 5, 3]\ndataset = \"random\"\n", 6);
    let hardware = Hardware::of([&case.network], 2);
    let mut plan = hardware.plan(&case.network);
    // The model nudges one way only, the hardware as it was told: both ways.
    case.network.phases.nudging = Nudging::Positive;
    plan.network = case.network.clone();
    let lockstep = Lockstep::new(plan, hardware.model(0), &case.weights, None).unwrap();
    assert_eq!(first(lockstep, &case), Some(Quantity::ExtraWrite));
}

/// `xor` from scratch with seeds 1 … 20: the hardware learns what the bit-true model learns, also where
/// that is not the exclusive or.
#[test]
fn xor_is_learned_from_scratch_on_chip() {
    let network = |seed: u32| {
        let mut network = Network::builtin("xor").expect("a built-in network");
        network.seed = seed;
        network
    };
    let hardware = Hardware::of([&network(1)], 2);
    let mut solved = vec![];
    for seed in 1..=20 {
        let network = network(seed);
        let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
        let weights = Weights::initial(&network);
        // The weights are read back after 400 samples and at the end of each of the last epochs.
        let backend = HardwareBackend::new(
            hardware.plan(&network),
            hardware.model(0),
            &weights,
            random_seed(seed),
            400,
        );
        let mut backend = backend.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let samples: Vec<_> = (0..4).map(|n| data.sample(n, 12)).collect();
        let split = Split::of(4, seed);
        let mut lessons = vec![];
        for epoch in 0..network.learning.epochs {
            let m = doublings(&network.learning, epoch, network.learning.epochs);
            let shown = split.order(epoch).into_iter().map(|n| samples[n].clone());
            let shown: Vec<_> = shown.collect();
            (backend.set_doublings(m))
                .and_then(|()| backend.learn(&shown, &mut lessons))
                .unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        }
        assert_eq!(
            backend.differences().unwrap(),
            (0, String::new()),
            "seed {seed}"
        );
        let score = backend.score(&data, &[0, 1, 2, 3]).unwrap();
        if score.right == 4 {
            solved.push(seed);
        }
    }
    println!("{} of 20 seeds: {solved:?}", solved.len());
    assert!(solved.len() >= 18, "{solved:?}");
}
