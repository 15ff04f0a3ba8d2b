//! The theorem in hardware: its two nudged phases reveal the gradient of the cost.

use std::path::Path;

use hdl::config::Network;
use sim::analysis::cases::Cases;
use sim::analysis::runs::{HardwareRuns, Rig};
use sim::analysis::system::System;
use sim::analysis::trial::{beta, measure};
use sim::analysis::words::words;
use sim::data::{Dataset, Shuffled};
use sim::golden::{Golden, Reals};
use sim::weights::Weights;

use crate::common::Hardware;

/// `digits` at its initial weights, 16 bits, symmetric nudging with β = 2^-6. Of the samples in which the nudge
/// brings no unit to 0 or 1, where the theorem's derivative exists, the mean cosine is above 0.99; the others pull the
/// mean of all down, in real numbers too.
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
    // Over all samples, and over those that hold the same units at 0 and 1 in all phases.
    let mut sums = [[(0.0, 0); 2]; 2];
    for case in &cases.cases {
        let ends = runs.ends(&case.sample).unwrap_or_else(|e| panic!("{e}"));
        let measured = measure(&network, case, &ends, beta(SHIFT));
        for (block, agreement) in measured.symmetric[..2].iter().enumerate() {
            let cosine = agreement.map_or(1.0, |agreement| agreement.cosine);
            let kinds = [true, measured.same_active];
            for (sums, _) in sums.iter_mut().zip(kinds).filter(|(_, counts)| *counts) {
                sums[block] = (sums[block].0 + cosine, sums[block].1 + 1);
            }
        }
    }
    let [all, smooth] = sums.map(|blocks| blocks.map(|(sum, count)| sum / f64::from(count)));
    println!(
        "mean cosines: {all:.4?}, {} smooth samples: {smooth:.4?}",
        sums[1][0].1
    );
    assert!(sums[1][0].1 >= 10, "{sums:?}");
    assert!(all.iter().all(|cosine| *cosine >= 0.98), "{all:?}");
    assert!(smooth.iter().all(|cosine| *cosine >= 0.99), "{smooth:?}");
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
