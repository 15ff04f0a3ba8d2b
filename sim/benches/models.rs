//! Samples per second of the bit-true and the golden model, free and nudged phases, one core.
//!
//! Networks have the shapes of `digits` and `mnist` with fresh weights; half of the inputs are 0,
//! as in the digits. Each bench prints the sweeps per sample that its data happen to need.
//!
//! `training` runs the built-in networks online on four fifths of their data, a whole run an
//! iteration: 40 epochs of `digits` and `digits-spiking`, 10 of `mnist` (the embedded digits enlarged).

use criterion::{criterion_group, criterion_main, Criterion, Throughput};
use hdl::config::*;
use ndarray::{Array1, Array2};
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::data::Shuffled;
use sim::golden::Runner;
use sim::weights::Weights;
use std::hint::black_box;
use std::path::Path;

const SAMPLES: usize = 200;

fn network(sizes: &[usize]) -> Network {
    let layers = sizes.iter().enumerate();
    Network {
        name: "bench".into(),
        layers: layers
            .map(|(index, &units)| Layer {
                name: format!("layer{index}"),
                units,
            })
            .collect(),
        blocks: (1..sizes.len())
            .map(|b| Block {
                a: b - 1,
                b,
                rate_shift: 4,
            })
            .collect(),
        neuron: Neuron::Rate,
        dynamics: Dynamics {
            k: 0,
            order: Order::Sequential,
            tolerance: 1,
            max_sweeps_free: 30,
            max_sweeps_nudged: 30,
            feedback_shift: 0,
        },
        phases: Phases {
            beta_shift: 1,
            nudging: Nudging::Symmetric,
        },
        formats: Formats {
            state_fraction: 12,
            weight_bits: 16,
            weight_fraction: 13,
        },
        learning: Learning {
            halvings: 3,
            halve_at: HalveAt::Even,
            init_scale: 0.5,
            init_bias: 0.0,
            epochs: 1,
        },
        engine: Engine {
            lanes: Lanes::Auto,
            pipeline: None,
            interleave: false,
            targets_in_logic: false,
            board: "colorlight-i5".into(),
        },
        seed: 1,
        dataset: Dataset::Random,
        data: Default::default(),
    }
}

/// Uniform in −1…1.
fn real(rng: &mut Xorshift) -> f64 {
    f64::from(rng.draw()) / 32768.0 - 1.0
}

fn weights(network: &Network, rng: &mut Xorshift) -> Weights {
    let units = |layer: usize| network.layers[layer].units;
    let g = f64::from(1 << network.formats.weight_fraction);
    let matrix = |sides: &Orientation| {
        let shape = (units(sides.row), units(sides.column));
        let scale = network.learning.init_scale * (6.0 / (shape.0 + shape.1) as f64).sqrt() * g;
        Array2::from_shape_simple_fn(shape, || (real(rng) * scale).round() as i16)
    };
    Weights {
        blocks: network.orientations().iter().map(matrix).collect(),
        biases: network.layers[1..]
            .iter()
            .map(|layer| Array1::zeros(layer.units))
            .collect(),
    }
}

fn samples(network: &Network, rng: &mut Xorshift) -> Vec<Sample> {
    let one = network.formats.one() as u16;
    let sample = |index: usize| Sample {
        input: (0..network.layers[0].units)
            .map(|_| (real(rng).max(0.0) * f64::from(one)) as u16)
            .collect(),
        target: (0..network.layers[network.output()].units)
            .map(|unit| one * u16::from(unit == index % 10))
            .collect(),
    };
    (0..SAMPLES).map(sample).collect()
}

fn models(criterion: &mut Criterion) {
    for (name, sizes) in [("digits", [64, 48, 10]), ("mnist", [784, 128, 10])] {
        let network = network(&sizes);
        let rng = &mut Xorshift::seed(1);
        let weights = weights(&network, rng);
        let samples = samples(&network, rng);
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(SAMPLES as u64));

        let mut model = BitTrue::new(&network);
        model.load(&weights);
        let mut run =
            |sample: &Sample| model.run(sample, Mode::Nudge, &mut Xorshift::seed(1), &mut ());
        let sweeps: u32 = samples.iter().map(|sample| run(sample).sweeps()).sum();
        println!(
            "{name}: {:.1} sweeps per sample",
            f64::from(sweeps) / SAMPLES as f64
        );
        group.bench_function("bittrue", |bencher| {
            bencher.iter(|| {
                for sample in &samples {
                    black_box(run(sample));
                }
            });
        });

        let mut load = BitTrue::new(&network);
        group.bench_function("bittrue load, 200 times", |bencher| {
            bencher.iter(|| (0..SAMPLES).for_each(|_| load.load(black_box(&weights))));
        });

        let mut runner = Runner::new(&network, &weights);
        group.bench_function("golden", |bencher| {
            bencher.iter(|| {
                for sample in &samples {
                    black_box(runner.run(sample, Mode::Nudge, 1, |_| ()));
                }
            });
        });
    }
}

fn training(criterion: &mut Criterion) {
    for (name, epochs) in [("digits", 40), ("digits-spiking", 40), ("mnist", 10)] {
        let network = Network::builtin(name).expect("built in");
        let data = sim::data::Dataset::load(&network, Path::new("."), None).expect("embedded");
        let samples = data.len() * 4 / 5;
        let fraction = network.formats.state_fraction;
        let samples: Vec<Sample> = Shuffled::new(data.len(), network.seed)
            .take(samples)
            .map(|index| data.sample(index, fraction))
            .collect();
        let initial = Weights::initial(&network);
        let mut model = BitTrue::new(&network);
        let halvings = network.learning.halvings;

        let mut group = criterion.benchmark_group("training");
        group.sample_size(10);
        group.throughput(Throughput::Elements(samples.len() as u64 * epochs));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                model.load(&initial);
                let rng = &mut Xorshift::seed(network.seed);
                let mut order = Shuffled::new(samples.len(), 0);
                for epoch in 0..epochs as u32 {
                    let done = (halvings + 1) * epoch / epochs as u32;
                    model.set_rate_halvings_left(halvings - done);
                    for index in order.by_ref().take(samples.len()) {
                        black_box(model.run(&samples[index], Mode::Learn, rng, &mut ()));
                    }
                }
            });
        });
    }
}

criterion_group!(benches, models, training);
criterion_main!(benches);
