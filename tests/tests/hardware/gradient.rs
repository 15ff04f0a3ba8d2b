//! The theorem in hardware: its two nudged phases reveal the gradient of the cost.

use std::path::Path;

use hdl::config::Network;
use sim::analysis::cases::Cases;
use sim::analysis::gradient::{add, compare, from_phases};
use sim::analysis::runs::{HardwareRuns, Rig};
use sim::analysis::system::System;
use sim::analysis::trial::{beta, measure};
use sim::analysis::words::words;
use sim::data::{Dataset, Shuffled};
use sim::golden::{Golden, Reals};
use sim::weights::Weights;

use crate::common::Hardware;

/// `digits` at its initial weights, 16 bits, symmetric nudging with β = 2^-6: the gradient of the cost summed over
/// 40 digits. Of single digits the mean cosine lies lower, in real numbers too, as the nudge brings a few units
/// to 0 or 1.
#[test]
fn the_hardware_reveals_the_gradient_of_the_digits() {
    const SHIFT: u32 = 6;
    let network = Network::builtin("digits").expect("a built-in network");
    let weights = Weights::initial(&network);
    let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
    let samples: Vec<_> = Shuffled::new(data.len(), network.seed)
        .take(40)
        .map(|index| (index, data.sample(index, network.formats.state_fraction)))
        .collect();
    let reals = Reals::of(&weights, network.formats.weight_fraction);
    let golden = Golden::with_reals(&network, &reals);
    let cases = Cases::new(&network, &golden, &System::new(&network, &reals), &samples);
    assert!(cases.cases.len() > 30, "{}", cases.cases.len());

    let hardware = Hardware::of([&network], 4);
    let rig = Rig {
        plan: &hardware.plan,
        library: hardware.library(),
    };
    let mut runs = HardwareRuns::new(&rig, &weights, SHIFT).unwrap_or_else(|e| panic!("{e}"));
    let mut sums = [(0.0, 0); 2];
    let mut batch: Option<[Reals; 2]> = None;
    for case in &cases.cases {
        let ends = runs.ends(&case.sample).unwrap_or_else(|e| panic!("{e}"));
        let measured = measure(&network, case, &ends, beta(SHIFT));
        let estimate = from_phases(&network, &ends.plus, &ends.minus, 2.0 * beta(SHIFT));
        match &mut batch {
            None => batch = Some([estimate, case.exact.clone()]),
            Some([sum, exact]) => {
                add(sum, &estimate);
                add(exact, &case.exact);
            }
        }
        for (sum, agreement) in sums.iter_mut().zip(&measured.symmetric) {
            if let Some(agreement) = agreement {
                *sum = (sum.0 + agreement.cosine, sum.1 + 1);
            }
        }
    }
    let cosines = sums.map(|(sum, count)| sum / f64::from(count));
    let [sum, exact] = batch.expect("there are cases");
    let summed: Vec<f64> = compare(&sum, &exact)[..2]
        .iter()
        .map(|agreement| agreement.expect("the sum is not 0").cosine)
        .collect();
    println!("mean cosines: {cosines:.4?}, of the sum: {summed:.4?}");
    assert!(cosines.iter().all(|cosine| *cosine >= 0.98), "{cosines:?}");
    assert!(summed.iter().all(|cosine| *cosine >= 0.99), "{summed:?}");
}

#[test]
fn every_weight_is_one_word_and_a_moved_address_is_noticed() {
    for text in [
        "layers = [9, 11, 4]\n",
        "layers = [5, 7, 6, 3]\nblocks = [[0, 1], [1, 2], [2, 3], [1, 3], [0, 3]]\n",
    ] {
        let network = Network::parse("case.toml", text).expect("a valid network");
        for lanes in [1, 2, 4] {
            let mut plan = hdl::arch::Plan::new(&network, lanes).expect("a plan");
            let found = words(&plan);
            let weights: usize = Weights::initial(&network)
                .blocks
                .iter()
                .map(|b| b.len())
                .sum();
            assert_eq!(found.weights, weights, "{text} on {lanes}");
            assert!(found.proven(), "{text} on {lanes}: {found:?}");
            let segment = (plan.program.iter())
                .position(|word| word.code == hdl::arch::program::Code::Segment)
                .expect("a column pass");
            plan.program[segment].argument += 1;
            assert!(!words(&plan).proven(), "{text} on {lanes}");
        }
    }
}
