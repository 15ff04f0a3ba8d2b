//! Samples sent back to back to a partner that never waits: the cycles of all of them together are predicted.

use super::common::Hardware;
use super::interleaved::by_turns;
use super::random::{self, piped};
use super::spiking;
use hdl::arch::stream::{self, Purpose};
use hdl::arch::Plan;
use hdl::config::Pipeline;
use sim::bittrue::{BitTrue, Mode, Xorshift};
use sim::lockstep::{Part, Record};
use sim::random::RandomCase;
use sim::verilate::Job;

/// What is sent, and the cycles that it is predicted to take in all.
type Stream = (Vec<Vec<u32>>, u64);

/// Sends everything at once; the cycles from the first word taken to the last one answered.
fn cycles(hardware: &Hardware, case: &RandomCase, commands: &[Vec<u32>]) -> u64 {
    let mut lockstep = hardware.lockstep(case, hardware.model(case.network.seed), None);
    let commands: Vec<&[u32]> = commands.iter().map(Vec::as_slice).collect();
    let job = Job {
        commands: &commands,
        responses: commands.len(),
        max_cycles: 10_000_000,
        ..Job::default()
    };
    let run = lockstep.model().run(&job, &mut vec![], &mut vec![]);
    run.unwrap_or_else(|error| panic!("{}: {error}", case.network.name))
        .cycles
}

/// Every purpose in turn, with and without an answer.
fn singles(plan: &Plan, case: &RandomCase) -> Stream {
    let mut model = BitTrue::new(&case.network);
    model.load(&case.weights);
    let mut rng = Xorshift::seed(case.network.seed);
    let mut record = Record::new(&case.network);
    let (mut commands, mut predicted) = (vec![], 0);
    for (index, sample) in case.samples.iter().enumerate() {
        let (mode, purpose) = match index % 3 {
            0 => (Mode::Learn, Purpose::Learn(&sample.target)),
            1 => (Mode::Infer, Purpose::Infer),
            _ => (Mode::Nudge, Purpose::Nudge(&sample.target)),
        };
        let answer = index % 4 != 3;
        record.clear();
        model.run(sample, mode, &mut rng, &mut record);
        commands.push(stream::sample(&sample.input, purpose, answer));
        predicted += plan.predict(&record.trace, answer).stream_cycles;
    }
    (commands, predicted)
}

/// Two samples of inference by turns, again and again.
fn pairs(plan: &Plan, case: &RandomCase) -> Stream {
    let network = &case.network;
    let mut model = BitTrue::new(network);
    model.load(&case.weights);
    let mut rng = Xorshift::seed(network.seed);
    let (mut commands, mut predicted) = (vec![], 0);
    for pair in case.samples.chunks_exact(2) {
        let parts = [&pair[0], &pair[1]].map(|s| Part::run(network, &mut model, &mut rng, s));
        let traces = parts.each_ref().map(|part| &part.record.trace);
        commands.push(stream::pair([&pair[0].input, &pair[1].input]));
        predicted += plan.predict_pair(traces, true).stream_cycles;
    }
    (commands, predicted)
}

/// Holds prediction and simulation of the first `count` cases together, which share hardware with the others; the
/// outputs of some are at the head, of others in the lanes.
fn agree(cases: &[RandomCase], lanes: usize, count: usize, of: fn(&Plan, &RandomCase) -> Stream) {
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), lanes);
    let mut places = [0; 2];
    for case in &cases[..count] {
        let plan = hardware.plan(&case.network);
        let (commands, predicted) = of(&plan, case);
        let name = &case.network.name;
        assert_eq!(cycles(&hardware, case, &commands), predicted, "{name}");
        places[usize::from(plan.map.layers[case.network.output()].in_lanes)] += 1;
    }
    assert!(places[0] > 0 && places[1] > 0, "{places:?}");
}

#[test]
fn short_pipelines_take_the_predicted_cycles_back_to_back() {
    agree(&random::group(4, 13), 4, 20, singles);
}

#[test]
fn deep_pipelines_take_the_predicted_cycles_back_to_back() {
    let cases = piped(random::group(4, 13), Pipeline::Deep);
    agree(&cases, 4, 20, singles);
}

#[test]
fn pairs_take_the_predicted_cycles_back_to_back() {
    agree(&by_turns(random::group(4, 14)), 4, 20, pairs);
}

#[test]
fn spiking_units_take_the_predicted_cycles_back_to_back() {
    let (lanes, cases) = spiking::on_four_lanes();
    agree(&cases, lanes, cases.len(), singles);
}

/// Outputs that take several tiles of the lanes, the last one whole or not.
#[test]
fn targets_of_several_tiles_are_stored_in_the_predicted_cycles() {
    for (pipeline, outputs) in [(Pipeline::Short, [5, 8]), (Pipeline::Deep, [8, 9])] {
        let cases = outputs.map(|outputs| {
            let text = format!("layers = [6, 3, {outputs}]\ndataset = \"random\"\nblocks = [[0, 2], [1, 2], [0, 1]]\n");
            let mut case = super::common::case(&text, 13);
            case.network.engine.pipeline = Some(pipeline);
            case
        });
        let hardware = Hardware::of(cases.iter().map(|case| &case.network), 4);
        for case in &cases {
            let plan = hardware.plan(&case.network);
            assert!(plan.map.layers[2].in_lanes && plan.map.layers[2].tiles > 1);
            let (commands, predicted) = singles(&plan, case);
            assert_eq!(cycles(&hardware, case, &commands), predicted);
        }
    }
}
