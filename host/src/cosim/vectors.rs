//! `--vectors`: reference cases of other implementations on bit-true model and hardware.

use std::fmt;
use std::path::Path;

use serde::Serialize;
use sim::lockstep::vectors::check_hardware;
use sim::vectors::{check_bittrue, load_dir, CaseReport};
use sim::verilate::{BuildOptions, Profile};

use super::cache;
use crate::error::{Explained, Failure};

/// What the cases of a folder gave.
#[derive(Clone, Debug, Serialize)]
pub struct VectorReport {
    /// Cases in the folder.
    pub cases: usize,
    /// Cases that pass on both, bit-true model and hardware.
    pub passed: usize,
    /// Numbers that differ, on both together.
    pub mismatches: usize,
    pub lanes: usize,
    /// Cases that pass in the bit-true model, which runs them all.
    pub bittrue_passed: usize,
    /// The first difference of each case that fails.
    pub failures: Vec<String>,
}

/// Runs free and nudged phases of every case in `folder`; models are kept as for the output
/// folder `out`.
///
/// # Errors
/// Cases that cannot be read, or hardware that cannot be built.
pub fn check(folder: &Path, lanes: usize, out: &Path) -> Result<VectorReport, Failure> {
    let cases = load_dir(folder).map_err(|error| Explained::new("eqprop::vectors", &error))?;
    let options = BuildOptions {
        profile: Profile::Quick,
        ..BuildOptions::default()
    };
    let hardware = check_hardware(&cases, lanes, &options, &cache::models(out))
        .map_err(|error| Explained::new("eqprop::vectors::hardware", &error))?;
    let bittrue: Vec<CaseReport> = cases.iter().map(check_bittrue).collect();
    let in_bittrue = |name: &str| bittrue.iter().any(|r| r.case == name && r.passed());
    let passed = (hardware.ran.iter())
        .filter(|case| case.passed() && in_bittrue(&case.report.case))
        .count();

    let first = |of: &str, report: &CaseReport| {
        let mismatch = report.mismatches.first()?;
        Some(format!("{} ({of}): {mismatch}", report.case))
    };
    let mut failures: Vec<_> = bittrue
        .iter()
        .filter_map(|r| first("bit-true", r))
        .collect();
    failures.extend(hardware.ran.iter().filter_map(|case| match &case.stopped {
        Some(error) => Some(format!("{} (hardware): {error}", case.report.case)),
        None => first("hardware", &case.report),
    }));
    let differing: usize = bittrue.iter().map(|report| report.mismatches.len()).sum();
    Ok(VectorReport {
        cases: cases.len(),
        passed,
        mismatches: differing + hardware.mismatches(),
        lanes,
        bittrue_passed: bittrue.iter().filter(|report| report.passed()).count(),
        failures,
    })
}

impl fmt::Display for VectorReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{} cases: {} pass in the bit-true model; {} pass there and on {} lanes, {} differences",
            self.cases, self.bittrue_passed, self.passed, self.lanes, self.mismatches
        )?;
        self.failures
            .iter()
            .try_for_each(|failure| writeln!(f, "{failure}"))
    }
}
