//! The reference cases of `tests/vectors`, `tests/vectors-spiking` and `tests/vectors-feedback` on hardware.

use super::common::{cache, quick};
use sim::lockstep::vectors::check_hardware;
use sim::vectors::{load_dir, Case};
use std::path::Path;

const RATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors");
const SPIKING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors-spiking");
const FEEDBACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors-feedback");

/// Every case of `folder`, in which these and no others have self-connected layers.
fn every_case_passes(folder: &str, lanes: usize, self_connected: &[&str]) {
    let cases = load_dir(Path::new(folder)).expect("the cases of this repository are valid");
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
    assert_eq!(names.collect::<Vec<_>>(), self_connected);
    assert_eq!(report.cases(), cases.len());
    assert_eq!(report.passed(), cases.len());
    assert_eq!(report.mismatches(), 0);
    let compared: u64 = report.ran.iter().map(|case| case.report.compared).sum();
    let expected: usize = cases
        .iter()
        .flat_map(|case| case.samples.iter().map(move |sample| (case, sample)))
        // Every state, sweeps and settled of each phase; learned or not, samples not learned from,
        // saturations, random state, spikes if there are any, and every weight and bias.
        .map(|(case, sample)| {
            let weights: usize = sample.weights.blocks.iter().map(|block| block.len()).sum();
            let biases = case.network.free_units();
            let counts = 4 + usize::from(sample.spikes.is_some());
            sample.phases.len() * (case.network.free_units() + 2) + counts + weights + biases
        })
        .sum();
    assert_eq!(compared, expected as u64);
}

const SELF_CONNECTED: [&str; 3] = ["all_to_all", "lateral_hidden", "lateral_output_sync"];

#[test]
fn every_case_passes_on_two_lanes() {
    every_case_passes(RATES, 2, &SELF_CONNECTED);
}

#[test]
fn every_case_of_spiking_units_passes_on_two_lanes() {
    every_case_passes(SPIKING, 2, &["spiking_lateral"]);
}

#[test]
fn every_case_of_scaled_feedback_passes_on_two_lanes() {
    every_case_passes(FEEDBACK, 2, &["feedback_lateral_k1"]);
}

#[test]
#[ignore = "as two lanes, more shapes to build"]
fn every_case_passes_on_four_lanes() {
    every_case_passes(RATES, 4, &SELF_CONNECTED);
    every_case_passes(SPIKING, 4, &["spiking_lateral"]);
    every_case_passes(FEEDBACK, 4, &["feedback_lateral_k1"]);
}

#[test]
fn a_wrong_number_in_a_case_is_reported() {
    let mut cases = load_dir(Path::new(RATES)).expect("the cases of this repository are valid");
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
