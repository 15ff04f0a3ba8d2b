//! Spiking units learn the digits: the README's numbers.

use hdl::arch::random_seed;
use hdl::config::{Network, Nudging};
use sim::data::Dataset;
use sim::train::{BitTrueBackend, EpochReport, Position, Trainer};
use sim::weights::Weights;
use std::path::Path;

/// The last epoch of a run of `digits-spiking` in the bit-true model.
fn trained(weight_bits: u32, nudging: Nudging, seed: u32, epochs: u32) -> EpochReport {
    let mut network = Network::builtin("digits-spiking").expect("built in");
    network.phases.nudging = nudging;
    network.formats = network.formats.with_weight_bits(weight_bits);
    network.seed = seed;
    let data = Dataset::load(&network, Path::new("."), None).expect("embedded");
    let weights = Weights::initial(&network);
    let backend = BitTrueBackend::new(&network, &weights, random_seed(seed), 0);
    let start = Position::default();
    let mut trainer = Trainer::new(&network, &data, None, epochs, 1, Box::new(backend), start)
        .expect("no hardware");
    while !trainer.finished() {
        trainer.step(usize::MAX / 2).expect("no hardware");
    }
    let history = &trainer.position().history;
    history.last().expect("at least one epoch").clone()
}

/// Mean test accuracy, spikes and synaptic operations of ten seeds.
fn mean(weight_bits: u32, nudging: Nudging) -> [f64; 3] {
    let epochs = Network::builtin("digits-spiking")
        .expect("built in")
        .learning
        .epochs;
    let runs = std::thread::scope(|scope| {
        let halves = [1..=5, 6..=10].map(|seeds| {
            scope.spawn(move || {
                let runs = seeds.map(|seed| trained(weight_bits, nudging, seed, epochs));
                runs.collect::<Vec<_>>()
            })
        });
        halves
            .map(|half| half.join().expect("a run does not panic"))
            .concat()
    });
    let mean = |of: fn(&EpochReport) -> f64| runs.iter().map(of).sum::<f64>() / runs.len() as f64;
    let means = [
        mean(|run| run.held_measure()),
        mean(|run| run.spikes_per_sample.unwrap_or(f64::NAN)),
        mean(|run| run.synaptic_operations_per_sample.unwrap_or(f64::NAN)),
    ];
    println!("{weight_bits} bits, accuracy, spikes, operations: {means:?}");
    means
}

#[test]
#[ignore = "twenty whole training runs: minutes"]
fn ten_seeds_learn_the_digits_with_16_and_8_bit_weights() {
    assert!(mean(16, Nudging::RandomSign)[0] >= 0.965);
    assert!(mean(8, Nudging::Symmetric)[0] >= 0.95);
}

#[test]
fn one_seed_learns_the_digits_in_a_short_run() {
    let last = trained(16, Nudging::RandomSign, 1, 6);
    assert!(last.held_measure() > 0.93, "{last:?}");
    // The reference implementation needs about 18,000 operations.
    let operations = last.synaptic_operations_per_sample.expect("counted");
    assert!((10_000.0..30_000.0).contains(&operations), "{operations}");
}
