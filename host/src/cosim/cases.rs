//! Reference cases on bit-true model and hardware: `eqprop cosim --vectors DIR`.

use std::fmt;
use std::path::Path;

use hdl::config::Lanes;
use serde::Serialize;
use sim::lockstep::vectors::{check_hardware, HardwareReport};
use sim::vectors::{check_bittrue, load_dir, CaseReport};
use sim::verilate::{BuildOptions, Profile};

use super::cache;
use crate::args::Common;
use crate::error::{Explained, Failure};
use crate::output::Printer;

/// Lanes that the cases run on unless `--lanes` says otherwise: the cases are small.
const LANES: usize = 2;

/// What the cases gave, as `--json` prints it.
#[derive(Serialize)]
struct Cases {
    lanes: usize,
    cases: usize,
    /// Cases whose every number comes out of the bit-true model and, unless skipped, of the hardware.
    passed: usize,
    /// Cases with a self-connected layer, which the hardware does not run.
    skipped: usize,
    mismatches: usize,
    /// Numbers compared, on the model and on the hardware.
    compared: u64,
    /// The first few numbers that differ.
    differences: Vec<String>,
}

/// Differences that are printed.
const SHOWN: usize = 10;

/// Runs all cases of `folder`.
///
/// # Errors
/// A folder or case that cannot be read, no Verilator, or a case that does not pass.
pub fn run(folder: &Path, common: &Common, printer: &Printer) -> Result<(), Failure> {
    let cases = load_dir(folder).map_err(|error| Explained::new("eqprop::cosim::case", &error))?;
    let lanes = match common.lanes {
        Some(Lanes::Count(lanes)) => lanes,
        Some(Lanes::Auto) | None => LANES,
    };
    let options = BuildOptions {
        profile: Profile::Quick,
        ..BuildOptions::default()
    };
    let out = common
        .out
        .clone()
        .unwrap_or_else(|| "target/eqprop/vectors".into());
    let models: Vec<CaseReport> = cases.iter().map(check_bittrue).collect();
    let hardware = check_hardware(&cases, lanes, &options, &cache::models(&out));
    let hardware = hardware.map_err(|error| Explained::new("eqprop::cosim::case", &error))?;
    let report = summarise(lanes, &models, &hardware);
    printer.result(&report.to_string(), &report)?;
    if report.mismatches == 0 && report.cases > 0 {
        return Ok(());
    }
    Err(Failure::failed(Differ))
}

fn summarise(lanes: usize, models: &[CaseReport], hardware: &HardwareReport) -> Cases {
    let failed_on_hardware =
        |name: &str| (hardware.ran.iter()).any(|case| case.report.case == name && !case.passed());
    let on_model = models.iter().flat_map(|report| {
        let name = &report.case;
        report
            .mismatches
            .iter()
            .map(move |m| format!("{name}, bit-true: {m}"))
    });
    let on_hardware = hardware.ran.iter().flat_map(|case| {
        let name = &case.report.case;
        let numbers = case
            .report
            .mismatches
            .iter()
            .map(move |m| format!("{name}, hardware: {m}"));
        numbers.chain(
            case.stopped
                .iter()
                .map(move |stop| format!("{name}, hardware: {stop}")),
        )
    });
    Cases {
        lanes,
        cases: models.len(),
        passed: (models.iter())
            .filter(|report| report.passed() && !failed_on_hardware(&report.case))
            .count(),
        skipped: hardware.skipped.len(),
        mismatches: models
            .iter()
            .map(|report| report.mismatches.len())
            .sum::<usize>()
            + hardware.mismatches(),
        compared: models.iter().map(|report| report.compared).sum::<u64>()
            + hardware
                .ran
                .iter()
                .map(|case| case.report.compared)
                .sum::<u64>(),
        differences: on_model.chain(on_hardware).take(SHOWN).collect(),
    }
}

impl fmt::Display for Cases {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{} of {} cases pass on the bit-true model and on hardware of {} lanes; {} with a \
             self-connected layer ran on the model only; {} numbers compared, {} differ",
            self.passed, self.cases, self.lanes, self.skipped, self.compared, self.mismatches
        )?;
        self.differences
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("a reference case does not pass")]
#[diagnostic(
    code(eqprop::cosim::case),
    help("the lines above name sample, phase, layer and unit of each number that differs")
)]
struct Differ;
