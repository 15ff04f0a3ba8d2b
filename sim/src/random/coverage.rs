//! Which corners of the rules a set of random networks reached.

use super::RandomCase;
use crate::bittrue::{BitTrue, Mode, Outcome, Phase, Sample, Xorshift};
use hdl::config::{Network, Nudging, Order};
use std::fmt;

/// A property of a network on P lanes.
type OfNetwork = (&'static str, fn(&RandomCase, usize) -> bool);
/// A property of a sample and of how the bit-true model ran it.
type OfSample = (&'static str, fn(&Network, &Sample, &Ran) -> bool);

/// How a sample ran.
struct Ran<'a> {
    outcome: Outcome,
    model: &'a BitTrue,
}

const OF_NETWORK: [OfNetwork; 31] = [
    ("networks", |_, _| true),
    ("a layer of odd size", |c, _| {
        sizes(c).any(|units| units > 1 && units % 2 == 1)
    }),
    ("a layer of one unit", |c, _| {
        sizes(c).any(|units| units == 1)
    }),
    ("a layer smaller than P", |c, p| {
        sizes(c).any(|units| units < p)
    }),
    ("a layer of P units", |c, p| {
        sizes(c).any(|units| units == p)
    }),
    ("a layer of P + 1 units", |c, p| {
        sizes(c).any(|units| units == p + 1)
    }),
    ("a block that skips a layer", |c, _| {
        c.network.blocks.iter().any(|b| b.b - b.a > 1)
    }),
    ("input joined to output", |c, _| {
        c.network
            .blocks
            .iter()
            .any(|b| b.a == 0 && b.b == c.network.output())
    }),
    ("a self-connected layer", |c, _| itself(c).next().is_some()),
    ("two of them", |c, _| itself(c).count() > 1),
    ("a self-connected output", |c, _| {
        itself(c).any(|layer| layer == c.network.output())
    }),
    ("one on several tiles", |c, p| {
        itself(c).any(|layer| c.network.layers[layer].units > p)
    }),
    ("one, sequential", |c, _| {
        c.network.dynamics.order == Order::Sequential && itself(c).next().is_some()
    }),
    ("one, synchronous", |c, _| {
        c.network.dynamics.order == Order::Synchronous && itself(c).next().is_some()
    }),
    ("feedback scaled down", |c, _| feedback(c)),
    ("the same over three layers", |c, _| {
        feedback(c) && c.network.output() > 2
    }),
    ("the same, self-connected", |c, _| {
        feedback(c) && itself(c).any(|layer| c.network.feedback_shift(layer) > 0)
    }),
    ("k = 0", |c, _| c.network.dynamics.k == 0),
    ("k = 1", |c, _| c.network.dynamics.k == 1),
    ("k = 2", |c, _| c.network.dynamics.k == 2),
    ("k = 3", |c, _| c.network.dynamics.k == 3),
    ("sequential", |c, _| {
        c.network.dynamics.order == Order::Sequential
    }),
    ("synchronous", |c, _| {
        c.network.dynamics.order == Order::Synchronous
    }),
    ("positive nudging", |c, _| {
        c.network.phases.nudging == Nudging::Positive
    }),
    ("random-sign nudging", |c, _| {
        c.network.phases.nudging == Nudging::RandomSign
    }),
    ("symmetric nudging", |c, _| {
        c.network.phases.nudging == Nudging::Symmetric
    }),
    ("beta = 1", |c, _| c.network.phases.beta_shift == 0),
    ("beta < 1/4", |c, _| c.network.phases.beta_shift > 2),
    ("tolerance 0", |c, _| c.network.dynamics.tolerance == 0),
    ("tolerance 2 or 3", |c, _| c.network.dynamics.tolerance >= 2),
    ("weights at both ends", both_ends),
];

const OF_SAMPLE: [OfSample; 8] = [
    ("samples", |_, _, _| true),
    ("an all-zero input", |_, sample, _| {
        sample.input.iter().all(|&x| x == 0)
    }),
    ("a state clipped at ONE", |network, _, ran| {
        states(network, ran).any(|x| i64::from(x) == network.formats.one())
    }),
    ("all free states 0", |network, _, ran| {
        states(network, ran).all(|x| x == 0)
    }),
    ("unsettled free phase", |_, _, ran| {
        unsettled(ran, |phase| phase == Phase::Free)
    }),
    ("unsettled nudged phase", |_, _, ran| {
        unsettled(ran, |phase| phase != Phase::Free)
    }),
    ("negative nudge", |_, _, ran| {
        ran.outcome.phases().any(|phase| phase.sign < 0)
    }),
    ("not learned from", |_, _, ran| !ran.outcome.learned),
];

/// Counts of features over the networks added so far. Prints as a table.
#[derive(Clone, Debug)]
pub struct Coverage {
    lanes: usize,
    networks: [u32; OF_NETWORK.len()],
    samples: [u32; OF_SAMPLE.len()],
}

impl Coverage {
    /// Nothing counted yet, for an engine of P lanes.
    pub fn new(lanes: usize) -> Self {
        Self {
            lanes,
            networks: [0; OF_NETWORK.len()],
            samples: [0; OF_SAMPLE.len()],
        }
    }

    /// Counts a network's features, running its samples through the bit-true model.
    pub fn add(&mut self, case: &RandomCase) {
        for (count, (_, has)) in self.networks.iter_mut().zip(OF_NETWORK) {
            *count += u32::from(has(case, self.lanes));
        }
        let mut model = BitTrue::new(&case.network);
        model.load(&case.weights);
        let mut rng = Xorshift::seed(case.network.seed);
        for sample in &case.samples {
            let outcome = model.run(sample, Mode::Nudge, &mut rng, &mut ());
            let ran = Ran {
                outcome,
                model: &model,
            };
            for (count, (_, has)) in self.samples.iter_mut().zip(OF_SAMPLE) {
                *count += u32::from(has(&case.network, sample, &ran));
            }
        }
    }

    /// Every feature with the number of networks, or samples, that have it.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, u32)> + '_ {
        let networks = OF_NETWORK.iter().map(|(name, _)| *name).zip(self.networks);
        networks.chain(OF_SAMPLE.iter().map(|(name, _)| *name).zip(self.samples))
    }

    /// Features that nothing had so far.
    pub fn missing(&self) -> Vec<&'static str> {
        self.counts()
            .filter(|&(_, count)| count == 0)
            .map(|(name, _)| name)
            .collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.counts()
            .try_for_each(|(name, count)| writeln!(f, "{name:<26} {count:>6}"))
    }
}

fn sizes(case: &RandomCase) -> impl Iterator<Item = usize> + '_ {
    case.network.layers.iter().map(|layer| layer.units)
}

/// Layers that are connected to themselves.
fn itself(case: &RandomCase) -> impl Iterator<Item = usize> + '_ {
    let blocks = case.network.blocks.iter();
    blocks.filter(|b| b.a == b.b).map(|b| b.a)
}

fn feedback(case: &RandomCase) -> bool {
    let mut free = 1..case.network.layers.len();
    free.any(|layer| case.network.feedback_shift(layer) > 0)
}

fn both_ends(case: &RandomCase, _: usize) -> bool {
    let limit = 1i32 << (case.network.formats.weight_bits - 1);
    let has = |value: i32| {
        case.weights
            .blocks
            .iter()
            .flatten()
            .any(|&weight| i32::from(weight) == value)
    };
    has(-limit) && has(limit - 1)
}

/// The free states of a sample.
fn states<'a>(network: &'a Network, ran: &'a Ran) -> impl Iterator<Item = u16> + 'a {
    (1..network.layers.len())
        .flat_map(|layer| ran.model.states(Phase::Free, layer))
        .copied()
}

fn unsettled(ran: &Ran, which: fn(Phase) -> bool) -> bool {
    ran.outcome
        .phases()
        .any(|phase| which(phase.phase) && !phase.settled)
}

#[cfg(test)]
mod tests {
    use super::super::{random_network, Limits};
    use super::*;
    use hdl::config::{Formats, MAX_LAYERS};
    use std::collections::HashSet;

    fn limits(lanes: usize, [state_fraction, weight_bits, weight_fraction]: [u32; 3]) -> Limits {
        let formats = Formats {
            state_fraction,
            weight_bits,
            weight_fraction,
        };
        Limits {
            formats,
            lanes,
            max_layers: 5,
            max_units: 3 * lanes + 2,
            max_blocks: 7,
            self_connected: false,
            feedback_shift: 0,
            samples: 4,
        }
    }

    #[test]
    fn two_hundred_networks_reach_every_corner() {
        for lanes in [4, 8] {
            let mut coverage = Coverage::new(lanes);
            for seed in 0..200 {
                let limits = Limits {
                    self_connected: seed % 4 == 0,
                    feedback_shift: if seed % 5 == 0 { 1 + seed / 5 % 3 } else { 0 },
                    ..limits(lanes, [12, 16, 13])
                };
                coverage.add(&random_network(seed, &limits));
            }
            assert!(
                coverage.missing().is_empty(),
                "P = {lanes}: none with {:?}\n{coverage}",
                coverage.missing()
            );
            assert!(
                coverage
                    .to_string()
                    .starts_with("networks                      200\n"),
                "{coverage}"
            );
        }
    }

    #[test]
    fn networks_keep_the_limits_and_the_rules() {
        for (seed, formats) in (0..300).zip(
            [
                [12, 16, 13],
                [12, 8, 6],
                [8, 16, 13],
                [2, 3, 1],
                [12, 12, 0],
                [14, 16, 2],
            ]
            .iter()
            .cycle(),
        ) {
            let limits = Limits {
                self_connected: seed % 3 == 0,
                feedback_shift: seed % 4,
                ..limits(4, *formats)
            };
            let RandomCase {
                network,
                weights,
                samples,
            } = random_network(seed, &limits);
            assert!(network.layers.len() <= limits.max_layers.min(MAX_LAYERS));
            assert!(network
                .layers
                .iter()
                .all(|layer| (1..=limits.max_units).contains(&layer.units)));
            let between = network.blocks.iter().filter(|block| block.a != block.b);
            assert!(between.count() <= limits.max_blocks);
            assert!(network.blocks.iter().all(|block| {
                block.b < network.layers.len()
                    && (block.a < block.b || block.a == block.b && block.a > 0)
            }));
            let itself = network.blocks.iter().any(|block| block.a == block.b);
            assert_eq!(itself, limits.self_connected);
            let distinct: HashSet<_> = network
                .blocks
                .iter()
                .map(|block| (block.a, block.b))
                .collect();
            assert_eq!(distinct.len(), network.blocks.len());
            assert!(network.validate().is_ok(), "{:?}", network.validate());
            let limit = 1i32 << (network.formats.weight_bits - 1);
            let mut all = weights
                .blocks
                .iter()
                .flatten()
                .chain(weights.biases.iter().flatten());
            assert!(all.all(|&weight| (-limit..limit).contains(&i32::from(weight))));
            assert_eq!(samples.len(), limits.samples);
            let mut states = samples
                .iter()
                .flat_map(|sample| sample.input.iter().chain(&sample.target));
            assert!(states.all(|&state| i64::from(state) <= network.formats.one()));
        }
    }

    #[test]
    fn a_seed_always_gives_the_same_network() {
        let limits = limits(8, [12, 16, 13]);
        assert_eq!(random_network(5, &limits), random_network(5, &limits));
        assert_ne!(
            random_network(5, &limits).weights,
            random_network(6, &limits).weights
        );
    }
}
