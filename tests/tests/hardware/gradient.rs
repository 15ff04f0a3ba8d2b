//! The theorem in hardware: its two nudged phases reveal the gradient of the cost.

use std::path::Path;

use hdl::config::Network;
use sim::analysis::cases::Cases;
use sim::analysis::runs::{Ends, HardwareRuns, Rig};
use sim::analysis::system::System;
use sim::analysis::trial::{batch, beta, measure};
use sim::analysis::words::words;
use sim::data::{Dataset, Shuffled};
use sim::golden::{Golden, Reals};
use sim::weights::Weights;

use super::common::Hardware;

/// `digits` at its initial weights, 16 bits, symmetric nudging with β = 2^-6: the gradient of the cost of 200 samples,
/// which is the sum of theirs, is that of implicit differentiation.
///
/// A batch is what the theorem can be held to. Where a unit rests within β of 0 or 1 the nudge frees it or stops it, and
/// the gradient of that one sample jumps there: in real numbers too, the cosines of single samples average 0.978 … 0.998,
/// by seed and digits. Half of these units rest on either side of the corner, so their errors cancel in a sum: over 200
/// samples the integers reach 0.993 … 0.9998 in ten seeds. What a corner adds to a single sample is shown by those
/// that have none, which agree one by one.
#[test]
fn the_hardware_reveals_the_gradient_of_the_digits() {
    const SHIFT: u32 = 6;
    const SAMPLES: usize = 200;
    let mut network = Network::builtin("digits").expect("a built-in network");
    let hardware = Hardware::of([&network], 4);
    let rig = Rig {
        plan: &hardware.plan,
        library: hardware.library(),
    };
    for seed in 1..=3 {
        network.seed = seed;
        let weights = Weights::initial(&network);
        let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
        let samples: Vec<_> = Shuffled::new(data.len(), network.seed)
            .take(SAMPLES)
            .map(|index| (index, data.sample(index, network.formats.state_fraction)))
            .collect();
        let reals = Reals::of(&weights, network.formats.weight_fraction);
        let golden = Golden::with_reals(&network, &reals);
        let cases = Cases::new(&network, &golden, &System::new(&network, &reals), &samples);
        assert!(cases.cases.len() > 190, "{}", cases.cases.len());

        let mut runs = HardwareRuns::new(&rig, &weights, SHIFT).unwrap_or_else(|e| panic!("{e}"));
        let ends: Vec<Option<Ends>> = (cases.cases.iter())
            .map(|case| Some(runs.ends(&case.sample).unwrap_or_else(|e| panic!("{e}"))))
            .collect();
        let [_, batch] = batch(&network, &cases, &ends, beta(SHIFT));
        let batch = [0, 1].map(|block| batch[block].expect("a gradient").cosine);
        let smooth: Vec<_> = (cases.cases.iter().zip(ends.iter().flatten()))
            .map(|(case, ends)| measure(&network, case, ends, beta(SHIFT)))
            .filter(|measured| measured.same_active)
            .collect();
        let single = [0, 1].map(|block| {
            let cosines = smooth
                .iter()
                .filter_map(|m| Some(m.symmetric[block]?.cosine));
            cosines.sum::<f64>() / smooth.len() as f64
        });
        println!(
            "seed {seed}: the gradient's cosines {batch:.4?}; mean of {} samples without a corner {single:.4?}",
            smooth.len()
        );
        assert!(smooth.len() >= SAMPLES / 2, "seed {seed}: {}", smooth.len());
        for cosine in batch.into_iter().chain(single) {
            assert!(cosine >= 0.99, "seed {seed}: {batch:?}, {single:?}");
        }
    }
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
