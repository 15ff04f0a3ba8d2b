//! The theory on seeded networks, in numbers.

use std::path::Path;

use hdl::config::{Network, Order};
use ndarray::{array, Array1, Array2};

use super::cases::Cases;
use super::runs::Source;
use super::symmetry::{self, Fate};
use super::system::System;
use super::*;
use crate::data::Shuffled;
use crate::progress::Silent;

fn network(text: &str) -> Network {
    Network::parse("test.toml", text).unwrap_or_else(|error| panic!("{error:?}"))
}

fn samples(network: &Network, data: &Dataset, count: usize) -> Vec<(usize, Sample)> {
    let fraction = network.formats.state_fraction;
    Shuffled::new(data.len(), network.seed)
        .take(count)
        .map(|index| (index, data.sample(index, fraction)))
        .collect()
}

fn analysed(network: &Network, count: usize) -> Analysis {
    let data = Dataset::load(network, Path::new(""), None).unwrap();
    let weights = Weights::initial(network);
    let subject = Subject {
        network,
        weights: &weights,
        samples: samples(network, &data, count),
    };
    let none = Some("a test".to_owned());
    analyse(&subject, &data, "initial", None, none, &Silent).unwrap_or_else(|e| panic!("{e}"))
}

/// Two free units of which one drives the other up and is driven down by it, around ½.
fn rotation(strength: f64, step: f64) -> (System, Array1<f64>) {
    let system = System {
        layers: vec![0..1, 1..2],
        weights: array![[0.0, strength], [-strength, 0.0]],
        weight: Array1::ones(2),
        order: Order::Synchronous,
        step,
    };
    // The rest is x = ½: W x + c = x.
    let constant = array![0.5 - strength * 0.5, 0.5 + strength * 0.5];
    (system, constant)
}

#[test]
fn a_rotation_of_two_units_goes_round_in_the_period_of_its_eigenvalue() {
    // The eigenvalue is (1 − h) ± i h s: with h = 1 a quarter turn, so that the corners are met exactly; with
    // h = ½ and s = 1.75 a turn in 5.97 sweeps, which no whole number of sweeps closes.
    for (strength, step) in [(1.2, 1.0), (2.1, 1.0), (1.75, 0.5)] {
        let (system, constant) = rotation(strength, step);
        let turn = std::f64::consts::TAU / (step * strength).atan2(1.0 - step);
        match symmetry::follow(&system, &constant, 400).0 {
            Fate::Cycle { period, amplitude } => {
                assert_eq!((period, turn.round()), (4, 4.0), "strength {strength}");
                assert!(amplitude > 0.5, "{amplitude}");
            }
            Fate::Wanders { period, .. } => {
                let period = period.expect("it crosses its mean");
                assert!((period / turn - 1.0).abs() < 0.01, "{period} for {turn}");
                assert_eq!(step, 0.5);
            }
            fate => panic!("{strength} {step}: {fate:?}"),
        }
        let mut symmetric = system.clone();
        symmetric.weights = (&system.weights + &system.weights.t()) / 2.0;
        let (fate, _) = symmetry::follow(&symmetric, &constant, 400);
        assert!(
            matches!(fate, Fate::Settled { turns: false, .. }),
            "{fate:?}"
        );
    }
    // Below strength 1 it still turns, but inwards.
    let (system, constant) = rotation(0.8, 1.0);
    let (fate, _) = symmetry::follow(&system, &constant, 400);
    assert!(
        matches!(fate, Fate::Settled { turns: true, .. }),
        "{fate:?}"
    );
}

#[test]
fn the_antisymmetric_part_is_antisymmetric_as_long_as_the_weights_and_where_they_are() {
    let network = network("layers = [4, 5, 3]");
    let reals = Reals::of(&Weights::initial(&network), 13);
    let system = System::new(&network, &reals);
    let part = symmetry::antisymmetric(&system.weights, 3);
    assert_eq!(part, -&part.t());
    let square = |m: &Array2<f64>| m.iter().map(|w| w * w).sum::<f64>();
    assert!((square(&part) / square(&system.weights) - 1.0).abs() < 1e-12);
    for (index, &weight) in system.weights.indexed_iter() {
        assert_eq!(weight == 0.0, part[index] == 0.0, "{index:?}");
    }
}

/// Two units that drive each other with weight 1 have a line of rests: H = [1 −1; −1 1] has no inverse, and a is
/// the shortest vector whose H a comes nearest to e.
#[test]
fn a_singular_hessian_is_solved_by_least_squares_and_flagged() {
    let pair = |weight: f64| System {
        layers: vec![0..1, 1..2],
        weights: array![[0.0, weight], [weight, 0.0]],
        weight: Array1::ones(2),
        order: Order::Sequential,
        step: 1.0,
    };
    let solved = |weight: f64, states: [f64; 2]| {
        gradient::solve(
            &pair(weight),
            &array![states[0], states[1]],
            &array![1.0, 0.0],
        )
    };
    let near = |found: &Array1<f64>, expected: [f64; 2]| {
        let distance = (found - &array![expected[0], expected[1]])
            .mapv(f64::abs)
            .sum();
        assert!(distance < 1e-9, "{found} for {expected:?}");
    };
    let singular = solved(1.0, [0.4, 0.6]);
    assert!(singular.least_squares);
    near(&singular.values, [0.25, -0.25]);
    let almost = solved(1.0 - 1e-12, [0.4, 0.6]);
    assert!(almost.least_squares);
    near(&almost.values, [0.25, -0.25]);
    // A regular one is solved exactly, and so is a singular one of which a unit is held.
    let regular = solved(0.5, [0.4, 0.6]);
    assert!(!regular.least_squares);
    near(&regular.values, [4.0 / 3.0, 2.0 / 3.0]);
    let held = solved(1.0, [0.4, 0.0]);
    assert!(!held.least_squares);
    near(&held.values, [1.0, 0.0]);
}

/// Cases that such a system solves are counted, which the page tells.
#[test]
fn samples_with_a_singular_hessian_are_counted() {
    let network =
        network("layers = [3, 1, 1]\nlearning.init_bias = 0.3\nlearning.init_scale = 0.1");
    let data = Dataset::load(&network, Path::new(""), None).unwrap();
    let reals = Reals::of(&Weights::initial(&network), 13);
    let golden = Golden::with_reals(&network, &reals);
    let samples = samples(&network, &data, 4);
    let mut system = System::new(&network, &reals);
    assert_eq!(
        Cases::new(&network, &golden, &system, &samples).least_squares(),
        0
    );
    system.weights = array![[0.0, 1.0], [1.0, 0.0]];
    let cases = Cases::new(&network, &golden, &system, &samples);
    assert_eq!((cases.cases.len(), cases.least_squares()), (4, 4));
}

/// Twenty seeded networks, samples whose nudge brings no unit to 0 or 1: the theorem without corners.
#[test]
fn two_phases_reveal_the_gradient_of_seeded_networks() {
    let mut used = 0;
    // Σ of errors at β = 0.05 and 0.025, one-sided and symmetric.
    let mut errors = [[0.0; 2]; 2];
    for seed in 1..=20 {
        let text = format!(
            "layers = [6, 9, 4]\nseed = {seed}\nlearning.init_bias = 0.3\nlearning.init_scale = 0.4"
        );
        let network = network(&text);
        let data = Dataset::load(&network, Path::new(""), None).unwrap();
        let reals = Reals::of(&Weights::initial(&network), 13);
        let golden = Golden::with_reals(&network, &reals);
        let system = System::new(&network, &reals);
        let cases = Cases::new(&network, &golden, &system, &samples(&network, &data, 4));
        for case in &cases.cases {
            let measured = |beta| {
                let (mut resting, _) = Resting::new(&network, &golden, &case.sample);
                let ends = resting.ends(&case.free, beta).expect("it rests");
                trial::measure(&network, case, &ends, beta)
            };
            let both = [0.05, 0.025].map(measured);
            if !both.iter().all(|measured| measured.same_active) {
                continue;
            }
            used += 1;
            for (index, measured) in both.iter().enumerate() {
                for agreement in measured.one_sided.iter().flatten() {
                    errors[0][index] += agreement.error;
                }
                for agreement in measured.symmetric.iter().flatten() {
                    errors[1][index] += agreement.error;
                    assert!(agreement.cosine >= 0.999, "seed {seed}: {agreement:?}");
                }
            }
            let slope = measured(1e-4).slope;
            assert!((slope - 1.0).abs() < 0.02, "seed {seed}: {slope}");
        }
    }
    assert!(used >= 30, "{used} samples");
    let [one_sided, symmetric] = errors.map(|[at, half]: [f64; 2]| (at / half).log2());
    assert!((0.8..=1.2).contains(&one_sided), "{one_sided}");
    assert!((1.8..=2.2).contains(&symmetric), "{symmetric}");
}

/// Digits at their initial weights, as the design's reference figures.
#[test]
fn the_theorem_holds_on_the_digits() {
    let network = Network::builtin("digits").unwrap();
    let analysis = analysed(&network, 40);
    let energy = &analysis.energy;
    assert_eq!((energy.violations, energy.bounds[0]), (0, Some(0.0)));
    assert!(energy.sweeps > 1000, "{}", energy.sweeps);

    let theorem = analysis.theorem[0].theorem.done().expect("it settles");
    assert_eq!(
        theorem.compared + theorem.zero_gradient + theorem.restless,
        40
    );
    assert!(theorem.compared > 30, "{}", theorem.compared);
    let orders = [&theorem.one_sided_order, &theorem.symmetric_order];
    let orders = orders.map(|fit| fit.expect("small β keep the active set").order);
    assert!((0.8..=1.2).contains(&orders[0]), "{orders:?}");
    assert!((1.8..=2.2).contains(&orders[1]), "{orders:?}");
    let differences = theorem
        .finite_differences
        .expect("some derivatives are compared");
    assert!(differences.compared > 50, "{differences:?}");
    assert!(differences.cosine > 1.0 - 1e-9, "{differences:?}");
    assert!(differences.worst < 1e-6, "{differences:?}");

    // Mean cosines of both blocks, symmetric, in the bit-true model (design: the gradient in fixed point).
    // Single digits scatter from seed to seed, so the bands are wide.
    for (shift, expected) in [(1, 0.82), (4, 0.97), (6, 0.997), (8, 0.971)] {
        let point = theorem.at(Source::Bittrue, shift).unwrap();
        let distance = (point.symmetric[0].cosine - expected).abs();
        assert!(distance <= 0.1, "2^-{shift}: {:?}", point.symmetric);
    }
    let point = theorem.at(Source::Bittrue, 6).unwrap();
    for cosine in &point.batch_symmetric[..2] {
        assert!(cosine.unwrap() >= 0.99, "{:?}", point.batch_symmetric);
    }

    let response = analysis.response.done().expect("it settles");
    for shift in 7..=12 {
        let slope = response
            .at(Source::Golden, shift)
            .unwrap()
            .slope_same_active;
        let slope = slope.expect("some sample keeps its active set");
        assert!((slope - 1.0).abs() < 0.02, "2^-{shift}: {slope}");
    }
}

/// Scaled feedback has one energy too: it falls, and two phases reveal the gradient of every layer. States of whole
/// steps hide it from the lowest layer first, because a nudge moves that one least.
#[test]
fn the_theorem_holds_where_feedback_is_scaled() {
    let network = Network::builtin("digits-deep").unwrap();
    assert_eq!(network.dynamics.feedback_shift, 3);
    let analysis = analysed(&network, 30);
    let energy = &analysis.energy;
    assert_eq!((energy.violations, energy.bounds[0]), (0, Some(0.0)));
    assert!(energy.sweeps > 500, "{}", energy.sweeps);

    let theorem = analysis.theorem[0].theorem.done().expect("it settles");
    assert!(theorem.compared > 20, "{}", theorem.compared);
    let differences = theorem
        .finite_differences
        .expect("some derivatives are compared");
    assert!(differences.compared > 50, "{differences:?}");
    assert!(differences.cosine > 1.0 - 1e-9, "{differences:?}");
    assert!(differences.worst < 1e-6, "{differences:?}");
    let exact = theorem.at(Source::Golden, 10).unwrap();
    for means in &exact.symmetric {
        assert!(means.cosine >= 0.99, "{:?}", exact.symmetric);
    }
    let response = analysis.response.done().expect("it settles");
    let slope = response.at(Source::Golden, 10).unwrap();
    let slope = slope.slope_same_active.expect("some active sets stay");
    assert!((slope - 1.0).abs() < 0.02, "{slope}");

    let whole = theorem.at(Source::Bittrue, 4).unwrap();
    let [lowest, highest] = [0, 2].map(|block| whole.symmetric[block].cosine);
    println!("2^-4 in whole steps: {:?}", whole.symmetric);
    assert!(lowest < highest - 0.02, "{lowest} {highest}");
}
