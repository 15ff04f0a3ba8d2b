//! Seeded small networks, weights and samples that reach the corners of the rules.
//!
//! Lockstep runs them on hardware, so sizes cluster around the number of lanes P. Layers connect
//! to each other in any way, and where asked to themselves or with feedback scaled down. [`Coverage`] counts what was
//! reached.

mod coverage;
mod draw;

pub use coverage::Coverage;

use crate::bittrue::{Sample, Xorshift};
use crate::weights::Weights;
use draw::{below, chance, pick};
use hdl::config::*;
use ndarray::{Array1, Array2};
use std::ops::RangeInclusive;

/// What a random network may look like.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// F, B and G of every network.
    pub formats: Formats,
    /// P: layer sizes cluster around it.
    pub lanes: usize,
    /// At least 2.
    pub max_layers: usize,
    /// At least 1.
    pub max_units: usize,
    /// At least 1, between different layers; more layers than blocks can join are not made.
    pub max_blocks: usize,
    /// Some layer of every network is connected to itself, maybe several.
    pub self_connected: bool,
    /// f of most networks, none of whose blocks then skips a free layer; of the others 0.
    pub feedback_shift: u32,
    /// Samples of each network.
    pub samples: usize,
}

/// A network with weights and samples.
#[derive(Clone, Debug, PartialEq)]
pub struct RandomCase {
    pub network: Network,
    pub weights: Weights,
    pub samples: Vec<Sample>,
}

/// As [`random_network`], with spiking units.
pub fn random_spiking_network(seed: u32, limits: &Limits) -> RandomCase {
    // Spikes are heard whole from above and below.
    let limits = &Limits {
        feedback_shift: 0,
        ..*limits
    };
    let mut case = random_network(seed, limits);
    let rng = &mut Xorshift::seed(!seed);
    let network = &mut case.network;
    network.neuron = Neuron::Spiking(Spiking {
        trace_shift: 1 + below(rng, 5) as u32,
        leak_shift: pick(rng, &[0, 0, 0, 1, 3, 5, MAX_LEAK_SHIFT]),
        steps: pick(rng, &[1, 2, 7, 16, 20, 33]),
    });
    // The nudge's shift may not be negative; the learning shift has the same b.
    let least = u32::try_from(-network.nudge_shift()).unwrap_or(0);
    network.phases.beta_shift += least;
    let shifts = rate_shifts(&limits.formats, &network.phases, network.learning.halvings);
    for block in &mut network.blocks {
        block.rate_shift = USUAL_RATE.clamp(*shifts.start(), *shifts.end());
    }
    case
}

/// The network, weights and samples of `seed`: always the same for the same limits.
pub fn random_network(seed: u32, limits: &Limits) -> RandomCase {
    let rng = &mut Xorshift::seed(seed);
    let network = network(rng, seed, limits);
    RandomCase {
        weights: weights(rng, &network),
        samples: (0..limits.samples).map(|_| sample(rng, &network)).collect(),
        network,
    }
}

fn network(rng: &mut Xorshift, seed: u32, limits: &Limits) -> Network {
    let layers = 2 + below(rng, limits.max_layers.min(limits.max_blocks + 1) - 1);
    let nudging = pick(
        rng,
        &[Nudging::Positive, Nudging::RandomSign, Nudging::Symmetric],
    );
    // β = 1 without damping would oscillate, and `Network` refuses it; G = 0 has no smaller β.
    let k =
        (below(rng, MAX_K as usize + 1) as u32).max(u32::from(limits.formats.weight_fraction == 0));
    let smallest = u32::from(k == 0);
    let beta_shift = (smallest + below(rng, 5) as u32).min(limits.formats.weight_fraction);
    let phases = Phases {
        beta_shift,
        nudging,
    };
    let halvings = below(rng, USUAL_HALVINGS as usize + 1) as u32;
    let shifts = rate_shifts(&limits.formats, &phases, halvings);
    let mut network = Network {
        name: format!("random-{seed}"),
        layers: (0..layers)
            .map(|index| Layer {
                name: format!("layer{index}"),
                units: units(rng, limits),
            })
            .collect(),
        blocks: blocks(
            rng,
            layers,
            limits,
            USUAL_RATE.clamp(*shifts.start(), *shifts.end()),
        ),
        neuron: Neuron::Rate,
        dynamics: Dynamics {
            k,
            order: pick(rng, &[Order::Sequential, Order::Synchronous]),
            tolerance: below(rng, 4) as u32,
            max_sweeps_free: sweeps(rng),
            max_sweeps_nudged: sweeps(rng),
            feedback_shift: 0,
        },
        phases,
        formats: limits.formats,
        learning: Learning {
            halvings,
            halve_at: HalveAt::Even,
            init_scale: 0.5,
            init_bias: 0.0,
            epochs: 1,
        },
        engine: Engine {
            lanes: Lanes::Count(limits.lanes),
            pipeline: None,
            interleave: false,
            targets_in_logic: false,
            board: "colorlight-i5".into(),
        },
        seed,
        dataset: Dataset::Random,
        data: Default::default(),
    };
    for block in network.blocks.iter().filter(|block| block.a == block.b) {
        // A unit alone has no weight to itself.
        let layer = &mut network.layers[block.a];
        layer.units = layer.units.max(2);
    }
    if limits.feedback_shift > 0 && chance(rng, 3, 4) {
        scale_feedback(rng, &mut network, limits);
    }
    network
}

/// A layer size at or beside a multiple of P, or any.
fn units(rng: &mut Xorshift, limits: &Limits) -> usize {
    let p = limits.lanes;
    let any = 1 + below(rng, limits.max_units);
    pick(rng, &[1, p - 1, p, p + 1, 2 * p + 1, any, any, any]).clamp(1, limits.max_units)
}

/// Enough sweeps to settle mostly, or so few that a phase cannot.
fn sweeps(rng: &mut Xorshift) -> u32 {
    match below(rng, 4) {
        0 => 1 + below(rng, 3) as u32,
        _ => 12 + below(rng, 20) as u32,
    }
}

/// A tree that joins every layer to the input, mostly the chain, then blocks between other pairs.
fn blocks(rng: &mut Xorshift, layers: usize, limits: &Limits, rate_shift: i32) -> Vec<Block> {
    let mut pairs: Vec<(usize, usize)> = (1..layers)
        .map(|layer| match chance(rng, 3, 4) {
            true => (layer - 1, layer),
            false => (below(rng, layer), layer),
        })
        .collect();
    for _ in 0..below(rng, limits.max_blocks - pairs.len() + 1) {
        let b = 1 + below(rng, layers - 1);
        let pair = (below(rng, b), b);
        if !pairs.contains(&pair) {
            // Anywhere: file order decides orientations.
            let place = below(rng, pairs.len() + 1);
            pairs.insert(place, pair);
        }
    }
    if limits.self_connected {
        let certain = 1 + below(rng, layers - 1);
        for layer in 1..layers {
            if layer == certain || chance(rng, 1, 3) {
                let place = below(rng, pairs.len() + 1);
                pairs.insert(place, (layer, layer));
            }
        }
    }
    pairs
        .into_iter()
        .map(|(a, b)| Block { a, b, rate_shift })
        .collect()
}

/// e, as far as the learning shift of rule 7 then lies within 1…31.
const USUAL_RATE: i32 = 4;
/// M, at most, unless feedback is scaled down.
const USUAL_HALVINGS: u32 = 3;
/// By how much e may differ from block to block: with M, as far as the engine can shift.
const LARGEST_SPAN: i32 = 8;

/// The e that keep the learning shift of rule 7 within 1…31.
fn rate_shifts(formats: &Formats, phases: &Phases, halvings: u32) -> RangeInclusive<i32> {
    let symmetric = phases.nudging == Nudging::Symmetric;
    let others = 2 * formats.state_fraction + halvings + u32::from(symmetric);
    let without = others as i32 - (formats.weight_fraction + phases.beta_shift) as i32;
    1 - without..=31 - without
}

/// Scales feedback down by 2^−f: no block skips a free layer, and rates are alike as far as they can be.
fn scale_feedback(rng: &mut Xorshift, network: &mut Network, limits: &Limits) {
    network.dynamics.feedback_shift = limits.feedback_shift;
    network.learning.halvings = below(rng, MAX_HALVINGS as usize + 1) as u32;
    let shifts = rate_shifts(&limits.formats, &network.phases, network.learning.halvings);
    // The largest learning shift is always the same, or one piece of hardware could not serve all networks.
    let symmetric = i32::from(network.phases.nudging == Nudging::Symmetric);
    let others = network.learning.halvings as i32 + symmetric - network.phases.beta_shift as i32;
    let last = (2 * USUAL_RATE - others).clamp(*shifts.start(), *shifts.end());
    let least = (last - LARGEST_SPAN).max(*shifts.start());
    let output = network.output();
    let mut seen = Vec::new();
    network.blocks.retain_mut(|block| {
        if block.a > 0 && block.a + 1 < block.b {
            // The higher layer hears the one below in its place.
            block.a = block.b - 1;
        }
        let more = limits.feedback_shift as i32 * (output - block.b) as i32;
        block.rate_shift = (last - more).max(least);
        let new = !seen.contains(&(block.a, block.b));
        seen.push((block.a, block.b));
        new
    });
}

/// Weights as a run begins with, larger ones, any, or only the two extremes.
fn weights(rng: &mut Xorshift, network: &Network) -> Weights {
    let limit = 1i32 << (network.formats.weight_bits - 1);
    let reach = pick(rng, &[limit / 16, limit / 8, limit / 4, limit, limit]).max(1);
    let extreme = chance(rng, 1, 6);
    let mut weight = || {
        let value = match extreme {
            true => pick(rng, &[-limit, limit - 1]),
            false => below(rng, 2 * reach as usize) as i32 - reach,
        };
        // −2^(B−1) ≤ value < 2^(B−1) with B ≤ 16.
        value as i16
    };
    let units = |layer: usize| network.layers[layer].units;
    Weights {
        blocks: network
            .orientations()
            .iter()
            .map(|sides| {
                let shape = (units(sides.row), units(sides.column));
                let mut block = Array2::from_shape_simple_fn(shape, &mut weight);
                if sides.row == sides.column {
                    // Only row < column counts.
                    for ((row, column), weight) in block.indexed_iter_mut() {
                        *weight *= i16::from(row < column);
                    }
                }
                block
            })
            .collect(),
        biases: (1..network.layers.len())
            .map(|layer| Array1::from_shape_simple_fn(units(layer), &mut weight))
            .collect(),
    }
}

fn sample(rng: &mut Xorshift, network: &Network) -> Sample {
    let one = network.formats.one() as u16;
    let (inputs, outputs) = (
        network.layers[0].units,
        network.layers[network.output()].units,
    );
    // Chances in 4 that an input is 0, and that it is ONE; else it is anything.
    let (zero, full) = pick(rng, &[(4, 0), (0, 4), (3, 0), (1, 1), (0, 0)]);
    let input = (0..inputs).map(|_| match below(rng, 4) {
        draw if draw < zero => 0,
        draw if draw < zero + full => one,
        _ => below(rng, usize::from(one) + 1) as u16,
    });
    let input = input.collect();
    let class = below(rng, outputs);
    let one_hot = chance(rng, 1, 2);
    let target = (0..outputs).map(|unit| match one_hot {
        true => one * u16::from(unit == class),
        false => below(rng, usize::from(one) + 1) as u16,
    });
    Sample {
        input,
        target: target.collect(),
    }
}
