//! The reference cases of `tests/vectors`, `tests/vectors-spiking` and `tests/vectors-feedback` through the bit-true model.

use sim::vectors::{check_bittrue, load_dir, Case, CaseReport};
use std::path::Path;

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let load = |name: &str| load_dir(&folder.join(name));
    ["vectors", "vectors-spiking", "vectors-feedback"]
        .into_iter()
        .flat_map(|name| load(name).expect("the cases of this repository are valid"))
        .collect()
}

#[test]
fn every_case_passes() {
    let reports: Vec<CaseReport> = cases().iter().map(check_bittrue).collect();
    assert!(reports.len() >= 37, "{} cases", reports.len());
    for report in &reports {
        assert!(report.compared > 0, "{}: nothing compared", report.case);
        let first = report
            .mismatches
            .first()
            .map(|mismatch| mismatch.to_string());
        assert_eq!(
            first,
            None,
            "{}: {} mismatches",
            report.case,
            report.mismatches.len()
        );
    }
}

#[test]
fn every_number_of_every_case_is_compared() {
    for case in cases() {
        let per_phase = case.network.free_units() + 2;
        let phases: usize = case.samples.iter().map(|sample| sample.phases.len()).sum();
        let matrices: usize = case.initial.blocks.iter().map(|matrix| matrix.len()).sum();
        // Besides the weights: learned, the counters, and S.
        let counters = 4 + usize::from(case.network.spiking().is_some());
        let per_sample = matrices + case.network.free_units() + counters;
        let expected = phases * per_phase + case.samples.len() * per_sample;
        assert_eq!(
            check_bittrue(&case).compared,
            expected as u64,
            "{}",
            case.name
        );
    }
}
