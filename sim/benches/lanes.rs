//! Speed of the Verilated core on the digits with 8 and with 28 lanes in deep pipelines, driven from Rust and not
//! observed, on one core: clock cycles and samples a second. A sample is free and nudged from the seeded initial weights.
//!
//! `cargo bench -p sim --bench lanes`

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use hdl::arch::stream::Purpose;
use hdl::arch::Plan;
use hdl::config::{Network, Pipeline};
use sim::bittrue::Sample;
use sim::data::Dataset;
use sim::engine::Engine;
use sim::lockstep::source;
use sim::verilate::{build, BuildOptions, Cache};
use sim::weights::Weights;
use std::path::Path;

const SAMPLES: usize = 100;

/// More cycles than any sample takes.
const PATIENCE: u64 = 1_000_000;

fn lanes(criterion: &mut Criterion) {
    let mut network = Network::builtin("digits").expect("built in");
    network.engine.pipeline = Some(Pipeline::Deep);
    let weights = Weights::initial(&network);
    let data = Dataset::load(&network, Path::new(""), None).expect("embedded");
    let fraction = network.formats.state_fraction;
    let samples: Vec<Sample> = (0..SAMPLES).map(|i| data.sample(i, fraction)).collect();
    let cache = Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/lanes"));
    for lanes in [8, 28] {
        let plan = Plan::new(&network, lanes).expect("on the menu");
        let design = hdl::design::core(&plan).expect("hardware");
        let library = build(&source(&plan, &design), &BuildOptions::default(), &cache)
            .unwrap_or_else(|error| panic!("{error}"));
        let mut engine = Engine::new(plan, library.instance(), &weights, None).expect("an answer");
        let mut show = || {
            let before = engine.cycle();
            for sample in &samples {
                let purpose = Purpose::Nudge(&sample.target);
                let run = engine.run(sample, purpose, PATIENCE, None);
                run.expect("an answer");
            }
            engine.cycle() - before
        };
        let cycles = show();
        let mut group = criterion.benchmark_group(format!("{lanes} lanes"));
        group.sample_size(10);
        for (name, elements) in [("cycles", cycles), ("samples", SAMPLES as u64)] {
            group.throughput(Throughput::Elements(elements));
            group.bench_function(name, |bencher| bencher.iter(&mut show));
        }
    }
}

criterion_group!(benches, lanes);
criterion_main!(benches);
