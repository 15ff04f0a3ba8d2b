//! The golden model's own runs beside the hardware: where a network has one rest, both come to it.

use super::common::Hardware;
use hdl::config::{builtin, Network, Pipeline};
use sim::bittrue::{lsb, Mode, Sample};
use sim::data::Dataset;
use sim::lockstep::Lockstep;
use sim::random::RandomCase;
use sim::weights::Weights;
use std::path::Path;

/// A quarter of the initial weights, of which no matrix between free units then stretches a vector: from every start
/// states come to the same rest.
fn small(network: &Network) -> Weights {
    let mut weights = Weights::initial(network);
    for block in &mut weights.blocks {
        block.mapv_inplace(|weight| weight / 4);
    }
    weights
}

/// The built-in networks of rates, with two samples of their data and weights of one rest.
pub fn built_in() -> Vec<RandomCase> {
    let networks = builtin::names().map(|name| Network::builtin(name).expect("built in"));
    let rates = networks.into_iter().filter(|n| n.spiking().is_none());
    let case = |mut network: Network| {
        network.engine.pipeline = Some(Pipeline::Short);
        let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
        RandomCase {
            weights: small(&network),
            samples: (0..2)
                .map(|n| data.sample(n, network.formats.state_fraction))
                .collect(),
            network,
        }
    };
    rates.map(case).collect()
}

#[test]
fn hardware_and_golden_model_come_to_the_same_rest() {
    // Networks of one format share hardware.
    let kind = |case: &RandomCase| case.network.formats.state_fraction;
    let mut cases = built_in();
    cases.sort_by_key(kind);
    for cases in cases.chunk_by(|a, b| kind(a) == kind(b)) {
        come_to_the_same_rest(cases);
    }
}

fn come_to_the_same_rest(cases: &[RandomCase]) {
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), 4);
    for case in cases {
        let lsb = lsb(case.network.formats.state_fraction);
        let mut lockstep = hardware.lockstep(case, hardware.model(1), None);
        for sample in &case.samples {
            let ran = lockstep.sample(sample, Mode::Learn);
            let ran = ran.unwrap_or_else(|error| panic!("{}: {error}", case.network.name));
            assert!(ran.outcome.phases().all(|phase| phase.settled));
            explained(&mut lockstep, sample, lsb);
        }
        let apart = lockstep.totals().trajectory_distance / lsb;
        println!("{}: {apart:.2} LSB", case.network.name);
        assert!(apart < 20.0, "{}: {apart} LSB", case.network.name);
    }
}

/// What is shown of a sample that taught something is still of the weights that it met.
fn explained(lockstep: &mut Lockstep, sample: &Sample, lsb: f64) {
    for write in lockstep.look(sample) {
        let hardware = write.hardware.expect("a write was compared");
        assert!((hardware - write.golden).abs() <= 0.5 * lsb, "{write:?}");
    }
    for end in lockstep.phase_ends(sample) {
        for (hardware, golden) in end.hardware.iter().zip(&end.golden) {
            let apart = (hardware.expect("every unit is written") - golden).abs() / lsb;
            assert!(
                apart < 20.0,
                "{} layer {}: {apart} LSB",
                end.phase,
                end.layer
            );
        }
    }
}
