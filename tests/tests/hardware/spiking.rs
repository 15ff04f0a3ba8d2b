//! Spiking units in lockstep: random networks, the digits, and changes that must be found.

use super::common::{limits, networks, pressure, send, Hardware};
use hdl::arch::random_seed;
use hdl::arch::registers::{Command, Register, Space};
use hdl::config::{Network, Neuron, Spiking};
use sim::bittrue::Mode;
use sim::data::Dataset;
use sim::lockstep::{LockstepError, Quantity, Totals};
use sim::random::RandomCase;
use sim::train::{Backend, HardwareBackend};
use sim::weights::Weights;
use std::path::Path;

/// Networks that share one shape: their constants of spiking units are the same.
struct Group {
    lanes: usize,
    /// F, B and G.
    formats: [u32; 3],
    spiking: Spiking,
    beta_shift: u32,
    first_seed: u32,
}

const fn spiking(trace_shift: u32, leak_shift: u32, steps: u32) -> Spiking {
    Spiking {
        trace_shift,
        leak_shift,
        steps,
    }
}

/// Default and narrow formats, the widest and the coarsest ones; without a leak, with a quick and a slow one.
const GROUPS: [Group; 4] = [
    Group {
        lanes: 1,
        formats: [8, 4, 2],
        spiking: spiking(2, 1, 9),
        beta_shift: 1,
        first_seed: 7000,
    },
    Group {
        lanes: 2,
        formats: [12, 16, 13],
        spiking: spiking(4, 0, 33),
        beta_shift: 1,
        first_seed: 7100,
    },
    Group {
        lanes: 4,
        formats: [12, 8, 6],
        spiking: spiking(3, 5, 16),
        beta_shift: 2,
        first_seed: 7200,
    },
    Group {
        lanes: 8,
        formats: [14, 16, 14],
        spiking: spiking(1, 15, 7),
        beta_shift: 3,
        first_seed: 7300,
    },
];

/// `count` random networks of a group; every second network takes a different number of steps.
fn group(group: &Group, count: usize) -> Vec<RandomCase> {
    let limits = limits(group.lanes, group.formats, 2 * group.lanes + 3, 6);
    let seeds = group.first_seed..group.first_seed + 100;
    let mut cases: Vec<RandomCase> = networks(seeds, &limits)
        .into_iter()
        .filter_map(|mut case| {
            let network = &mut case.network;
            let steps = group.spiking.steps + network.seed % 2;
            network.neuron = Neuron::Spiking(Spiking {
                steps,
                ..group.spiking
            });
            // The learning shifts stay what they are.
            let more = group.beta_shift as i32 - network.phases.beta_shift as i32;
            network.phases.beta_shift = group.beta_shift;
            for block in &mut network.blocks {
                block.rate_shift += more;
            }
            if network.blocks.iter().any(|block| block.rate_shift < 0) {
                return None;
            }
            network.validate().is_ok().then_some(case)
        })
        .collect();
    cases.truncate(count);
    assert_eq!(cases.len(), count);
    cases
}

/// Five of these networks on four lanes.
pub fn on_four_lanes() -> (usize, Vec<RandomCase>) {
    (GROUPS[2].lanes, group(&GROUPS[2], 5))
}

#[test]
fn twenty_random_networks_learn_in_lockstep_under_back_pressure() {
    let (mut all, mut operations, mut spikes) = (Totals::default(), 0, 0);
    for each in &GROUPS {
        let cases = group(each, 5);
        let hardware = Hardware::of(cases.iter().map(|case| &case.network), each.lanes);
        for (index, case) in cases.iter().enumerate() {
            let name = &case.network.name;
            let model = hardware.model(case.network.seed);
            let mut lockstep = hardware.lockstep(case, model, Some(pressure(case, index)));
            for (sample, mode) in case.samples.iter().zip([
                Mode::Learn,
                Mode::Infer,
                Mode::Learn,
                Mode::Nudge,
                Mode::Learn,
                Mode::Learn,
            ]) {
                let report = lockstep.sample(sample, mode);
                let report = report.unwrap_or_else(|error| panic!("{name}: {error}"));
                let activity = report.outcome.activity.expect("units spike");
                // The plan counts operations by its schedule, the model by its spikes; learning has others.
                if mode != Mode::Learn {
                    let counted = activity.synaptic_operations;
                    assert_eq!(report.cost.products, counted, "{name}");
                    operations += counted;
                }
            }
            lockstep
                .compare_weights()
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let totals = lockstep.totals();
            assert_eq!(totals.compared_writes, totals.expected_writes, "{name}");
            assert_eq!(totals.cycles, totals.predicted_cycles, "{name}");
            all.samples += totals.samples;
            all.learned += totals.learned;
            spikes += totals.activity.expect("units spike").spikes;
            assert!(totals.max_abs_error <= totals.error_bound, "{name}");
            assert!(totals.membrane_error <= totals.membrane_bound, "{name}");
        }
    }
    // Some samples change no output, so they teach nothing.
    let most = all.samples * 4 / 6;
    assert!(
        all.learned > most / 2 && all.learned < most,
        "{}",
        all.learned
    );
    assert!(spikes > 1000, "{spikes}");
    assert!(operations > 1000, "{operations}");
}

/// Hardware for the digits with spiking units.
fn digits() -> (Network, Hardware, Dataset) {
    let network = Network::builtin("digits-spiking").expect("a built-in network");
    let hardware = Hardware::of([&network], 8);
    let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
    (network, hardware, data)
}

#[test]
fn digits_learn_in_lockstep() {
    let (network, hardware, data) = digits();
    let case = RandomCase {
        weights: Weights::initial(&network),
        samples: (0..6).map(|n| data.sample(n, 12)).collect(),
        network,
    };
    let mut lockstep = hardware.lockstep(&case, hardware.model(1), None);
    for sample in &case.samples {
        lockstep
            .sample(sample, Mode::Learn)
            .unwrap_or_else(|error| panic!("{error}"));
    }
    lockstep
        .compare_weights()
        .unwrap_or_else(|error| panic!("{error}"));
    let totals = lockstep.totals();
    assert_eq!(totals.compared_writes, totals.expected_writes);
    assert_eq!(totals.cycles, totals.predicted_cycles);
    // 58 units in 128 steps each.
    assert!(totals.compared_writes > 6 * 58 * 128);
}

#[test]
fn digits_are_learned_on_chip_as_by_the_model() {
    let (network, hardware, data) = digits();
    let mut backend = HardwareBackend::new(
        hardware.plan(&network),
        hardware.model(0),
        &Weights::initial(&network),
        random_seed(network.seed),
        100,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let samples: Vec<_> = (0..200).map(|n| data.sample(n, 12)).collect();
    let mut lessons = vec![];
    backend
        .learn(&samples, &mut lessons)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(backend.differences().unwrap(), (0, String::new()));
    let learned = lessons.iter().filter(|lesson| lesson.learned).count();
    assert!(learned > 100, "{learned}");
}

/// A network whose output is at the head, or in the lanes, with leaking units.
fn subject(output_in_lanes: bool) -> RandomCase {
    let blocks = match output_in_lanes {
        false => "[[0, 1], [1, 2]]",
        true => "[[0, 1], [1, 2], [0, 2]]",
    };
    super::common::case(
        &format!(
            "name = \"subject\"\nlayers = [6, 5, 3]\nblocks = {blocks}\ndataset = \"random\"\n\
             neuron = \"spiking\"\nspiking.leak_shift = 3\nspiking.steps = 20\n\
             phases.nudging = \"symmetric\"\n\
             learning.init_scale = 1.5\nlearning.init_bias = 0.2\n"
        ),
        6,
    )
}

/// What a run of all samples meets first.
fn first(hardware: &Hardware, case: &RandomCase) -> Option<Quantity> {
    let mut lockstep = hardware.lockstep(case, hardware.model(0), None);
    let mut samples = case.samples.iter();
    let error = samples.find_map(|sample| lockstep.sample(sample, Mode::Learn).err())?;
    Some(match error {
        LockstepError::Mismatch(mismatch) => mismatch.quantity,
        LockstepError::Run(_) => Quantity::Silence,
    })
}

#[test]
fn changed_arithmetic_is_found() {
    let cases = [false, true].map(subject);
    for case in &cases {
        let hardware = Hardware::of([&case.network], 2);
        assert_eq!(first(&hardware, case), None);
    }
    for (at, from, to, expected) in [
        // Threshold, reset, leak, nudge, decay of the trace.
        (
            0,
            "!minus & |above;",
            "!minus & |above[47:1];",
            Quantity::Spike,
        ),
        (
            0,
            "v_6_d = v_6_d | threshold;",
            "v_6_d = v_6_d | twice;",
            Quantity::Membrane,
        ),
        (
            0,
            "leak_shift = 6'd3;",
            "leak_shift = 6'd2;",
            Quantity::Membrane,
        ),
        (
            0,
            "folded = ~pulled;",
            "folded = pulled;",
            Quantity::Membrane,
        ),
        (
            1,
            "folded = ~pulled;",
            "folded = pulled;",
            Quantity::Membrane,
        ),
        (
            0,
            "decayed_5 + charge;",
            "decayed_5 | charge;",
            Quantity::Trace,
        ),
        // Where the nudged phase continues, what it is compared with, what is counted, what is read.
        (
            0,
            "if (|phase_slot[2:1]) begin",
            "if (phase_slot[0]) begin",
            Quantity::Membrane,
        ),
        (
            1,
            "nudge_moved_d = changed_any &",
            "nudge_moved_d = !changed_any &",
            Quantity::Cycles,
        ),
        (
            1,
            "spiked_d = spiked + {16'd0, saturated_now};",
            "spiked_d = spiked | {16'd0, saturated_now};",
            Quantity::Response,
        ),
        (
            1,
            "own_words = 16'd3;",
            "own_words = 16'd4;",
            Quantity::WriteCycle,
        ),
    ] {
        let case = &cases[at];
        let hardware = Hardware::altered([&case.network], 2, |text| {
            assert!(text.contains(from), "the text has no `{from}`");
            *text = text.replace(from, to);
        });
        assert_eq!(first(&hardware, case), Some(expected), "{to}");
    }
}

#[test]
fn a_phase_of_too_few_steps_is_found() {
    let case = subject(false);
    let hardware = Hardware::of([&case.network], 2);
    let mut lockstep = hardware.lockstep(&case, hardware.model(0), None);
    let header = Command::Write.header(Space::Registers as u32, 1);
    send(
        lockstep.model(),
        &[vec![header, Register::MaxFree as u32, 19]],
    );
    let error = lockstep.sample(&case.samples[0], Mode::Infer).unwrap_err();
    assert!(error.to_string().contains("missing write"), "{error}");
}

/// One piece of hardware runs every network that has its constants, and no other.
#[test]
fn other_constants_are_other_hardware() {
    let case = subject(false);
    let hardware = Hardware::of([&case.network], 2);
    let plan = |change: fn(&mut Network)| {
        let mut network = case.network.clone();
        change(&mut network);
        hdl::arch::Plan::on(&network, &hardware.shape).map(|_| ())
    };
    let steps = |network: &mut Network| network.neuron = Neuron::Spiking(spiking(4, 3, 30));
    assert_eq!(plan(steps), Ok(()));
    assert_eq!(plan(|n| n.learning.halvings = 2), Ok(()));
    for change in [
        |n: &mut Network| n.neuron = Neuron::Spiking(spiking(3, 3, 20)),
        |n: &mut Network| n.neuron = Neuron::Spiking(spiking(4, 0, 20)),
        |n: &mut Network| n.neuron = Neuron::Rate,
        |n: &mut Network| n.phases.beta_shift = 2,
    ] {
        let error = plan(change).unwrap_err().to_string();
        assert!(error.contains("kind of units"), "{error}");
    }
}
