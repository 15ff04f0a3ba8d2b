//! The reference cases of `tests/vectors` on hardware.

use super::common::{cache, quick};
use sim::lockstep::vectors::check_hardware;
use sim::vectors::{load_dir, Case};
use std::path::Path;

fn every_case_passes(lanes: usize) {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"));
    let cases = load_dir(folder).expect("the cases of this repository are valid");
    let report =
        check_hardware(&cases, lanes, &quick(), &cache()).unwrap_or_else(|error| panic!("{error}"));
    for case in &report.ran {
        let name = &case.report.case;
        assert!(
            case.stopped.is_none(),
            "{name}: {}",
            case.stopped.as_ref().unwrap()
        );
        let first = case.report.mismatches.first().map(ToString::to_string);
        assert_eq!(
            first,
            None,
            "{name}: {} mismatches",
            case.report.mismatches.len()
        );
    }
    let itself = |case: &&Case| case.network.blocks.iter().any(|block| block.a == block.b);
    let names = cases.iter().filter(itself).map(|case| &case.name[..]);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["all_to_all", "lateral_hidden", "lateral_output_sync"]
    );
    assert!(report.skipped.is_empty());
    assert_eq!(report.cases(), cases.len());
    assert_eq!(report.passed(), cases.len());
    assert_eq!(report.mismatches(), 0);
    let compared: u64 = report.ran.iter().map(|case| case.report.compared).sum();
    let expected: usize = cases
        .iter()
        .flat_map(|case| case.samples.iter().map(move |sample| (case, sample)))
        // Every state, sweeps and settled of each phase; learned or not, samples not learned from,
        // saturations, random state, and every weight and bias.
        .map(|(case, sample)| {
            let weights: usize = sample.weights.blocks.iter().map(|block| block.len()).sum();
            let biases = case.network.free_units();
            sample.phases.len() * (case.network.free_units() + 2) + 4 + weights + biases
        })
        .sum();
    assert_eq!(compared, expected as u64);
}

#[test]
fn every_case_passes_on_two_lanes() {
    every_case_passes(2);
}

#[test]
#[ignore = "as two lanes, more shapes to build"]
fn every_case_passes_on_four_lanes() {
    every_case_passes(4);
}

#[test]
fn a_wrong_number_in_a_case_is_reported() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"));
    let mut cases = load_dir(folder).expect("the cases of this repository are valid");
    cases.retain(|case| case.name == "chain_4bit");
    cases[0].samples[2].phases[1].states[1][0] ^= 1;
    cases[0].samples[4].phases[0].sweeps += 1;
    let report = check_hardware(&cases, 2, &quick(), &cache()).unwrap();
    let found: Vec<String> = report.ran[0]
        .report
        .mismatches
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("sample 2, nudged phase, layer 2, unit 0: state"),
        "{found:?}"
    );
    assert!(
        found[1].starts_with("sample 4, free phase: sweeps"),
        "{found:?}"
    );
    assert_eq!(
        (report.cases(), report.passed(), report.mismatches()),
        (1, 0, 2)
    );
}
