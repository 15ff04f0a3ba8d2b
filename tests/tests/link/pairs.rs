//! Two samples by turns over the line: the answers of the bit-true model, and counters that count both.

use super::client::Hardware;
use super::training::{of, train};
use hdl::arch::protocol::{counter, Request};
use hdl::arch::stream::{self, PairResponse};
use hdl::arch::Plan;
use hdl::config::{Network, Pipeline};
use sim::bittrue::{BitTrue, Xorshift};
use sim::board::Line;
use sim::lockstep::Part;

/// Some samples settle in three sweeps, some do not.
const FILE: &str = "layers = [6, 5, 3]\ndataset = \"random\"\nengine.interleave = true\n\
                    engine.board = \"colorlight-i5\"\ndynamics.max_sweeps_free = 7\n";

#[test]
fn a_board_answers_and_counts_two_samples_at_once() {
    let mut network = Network::parse("case.toml", FILE).unwrap();
    network.engine.pipeline = Some(Pipeline::Deep);
    let case = of(network, 12);
    let plan = Plan::new(&case.network, 2).unwrap();
    let hardware = Hardware::new(plan, "colorlight-i5", |_, _| Line::Bytes);
    let mut client = hardware.client();
    assert_eq!(client.hello(3).shape, hardware.plan.shape);
    client.load(&hardware.plan, &case.weights);

    let pairs = case.samples.chunks_exact(2);
    let commands = pairs
        .clone()
        .map(|pair| stream::pair([&pair[0].input, &pair[1].input]));
    let answers = client.batch(commands.map(|words| (Request::Core, words)).collect());
    let mut model = BitTrue::new(&case.network);
    model.load(&case.weights);
    let mut rng = Xorshift::seed(case.network.seed);
    let mut counters = [0; counter::COUNT];
    for (pair, words) in pairs.zip(answers) {
        let parts = [&pair[0], &pair[1]]
            .map(|sample| Part::run(&case.network, &mut model, &mut rng, sample));
        let traces = parts.each_ref().map(|part| &part.record.trace);
        let expected = Part::expected(&parts, hardware.plan.predict_pair(traces, true));
        assert_eq!(PairResponse::parse(&words), Some(expected.clone()));
        counters[counter::SAMPLES] += 2;
        counters[counter::CYCLES] += expected.cycles;
        for (sweeps, settled) in expected.sweeps {
            counters[counter::SWEEPS] += sweeps;
            counters[counter::UNSETTLED] += u32::from(!settled);
        }
    }
    assert_eq!(client.counters(), counters);
    let unsettled = counters[counter::UNSETTLED];
    assert!(0 < unsettled && unsettled < counters[counter::SAMPLES]);

    // It learns afterwards as if nothing had been.
    train(&mut client, &hardware.plan, &case);
}
