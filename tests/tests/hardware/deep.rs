//! Deep pipelines: other cycles, the same bits.

use super::common::Hardware;
use super::learning::{train, train_model};
use super::{random, self_connected};
use hdl::config::Pipeline;
use sim::lockstep::Totals;
use sim::random::RandomCase;
use sim::verilate::Pressure;

fn deep(mut cases: Vec<RandomCase>) -> Vec<RandomCase> {
    for case in &mut cases {
        case.network.engine.pipeline = Some(Pipeline::Deep);
    }
    cases
}

/// Every case settles and learns in lockstep, every second one under back-pressure.
fn learn(cases: &[RandomCase], lanes: usize) -> Totals {
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), lanes);
    assert!(hardware.shape.is_deep());
    let mut all = Totals::default();
    for (index, case) in cases.iter().enumerate() {
        let name = &case.network.name;
        let pressure = (index % 2 == 1).then_some(Pressure {
            seed: case.network.seed,
            valid_gap: (index * 37 % 200) as u8,
            ready_gap: (index * 53 % 200) as u8,
        });
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
    }
    all
}

#[test]
fn fifty_networks_settle_and_learn() {
    let mut all = Totals::default();
    for (lanes, count) in [(1, 10), (4, 40)] {
        let cases = deep(random::group(lanes, 12).into_iter().take(count).collect());
        let totals = learn(&cases, lanes);
        all.learned += totals.learned;
        all.samples += totals.samples;
    }
    assert!(all.learned > 100 && all.learned < all.samples);
}

#[test]
fn self_connected_layers_settle_and_learn() {
    for (lanes, cases) in self_connected::groups() {
        assert!(learn(&deep(cases), lanes).learned > 50);
    }
}
