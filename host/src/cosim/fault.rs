//! `--inject-fault`: one fault in the hardware, and whether the comparison finds it.

use std::fmt;

use serde::Serialize;
use sim::bittrue::{Mode, Sample};
use sim::fault::{faults, netlist_faults, Fault, Trial};
use sim::lockstep::LockstepError;
use sim::progress::Progress;
use sim::verilate::{Library, VerilateError};

use super::bench::Bench;
use super::hardware::Hardware;
use super::trace::{self, Entry};
use crate::error::{Explained, Failure};

/// Draws that Verilator may refuse before the search is given up.
const DRAWS: usize = 100;

/// What became of a fault.
#[derive(Clone, Debug, Serialize)]
pub struct FaultReport {
    pub network: String,
    pub lanes: usize,
    /// Samples shown, with initial and with extreme weights; and what was done with each.
    pub samples: usize,
    pub modes: Vec<&'static str>,
    pub seed: u32,
    pub fault: Injected,
    pub caught: bool,
    /// What showed it.
    pub mismatch: Option<String>,
    /// With `--trace`: states at the end of each phase of the first runs, and of the one that showed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<Entry>>,
}

/// The fault itself.
#[derive(Clone, Debug, Serialize)]
pub struct Injected {
    pub module: String,
    pub line: usize,
    pub before: String,
    pub after: String,
    /// Earlier draws of this seed that were no Verilog.
    pub refused: usize,
}

/// Puts the fault of `seed` into the hardware and runs the samples in each of the modes; states of the first `traced`
/// runs are kept.
///
/// # Errors
/// Verilator is missing, or refuses every draw.
pub fn inject(
    bench: &Bench,
    seed: u32,
    modes: &[Mode],
    traced: usize,
    progress: &dyn Progress,
) -> Result<FaultReport, Failure> {
    let (fault, refused, library) = verilated(&bench.hardware, seed)?;
    let samples: Vec<Sample> = (0..bench.order.len()).map(|n| bench.sample(n)).collect();
    let trial = Trial {
        plan: &bench.hardware.plan,
        weights: &bench.weights,
        samples: &samples,
        modes,
        pressure: bench.pressure,
    };
    let mut entries = vec![];
    let outcome = trial.run(&library, progress, |lockstep, number, sample, _| {
        let failed = lockstep.totals().samples == number;
        if traced > 0 && (number < traced || failed) {
            entries.extend(trace::entries(lockstep, number, sample));
        }
    });
    // Hardware that hangs or stops is found out as well.
    let mismatch = outcome.err().map(|error| match error {
        LockstepError::Mismatch(mismatch) => mismatch.to_string(),
        LockstepError::Run(error) => {
            let text = error.to_string();
            text.lines().next().unwrap_or_default().to_owned()
        }
    });
    Ok(FaultReport {
        network: bench.hardware.plan.network.name.clone(),
        lanes: bench.hardware.plan.shape.lanes,
        samples: samples.len(),
        modes: modes.iter().map(|&mode| word(mode)).collect(),
        seed,
        fault: Injected {
            module: fault.module,
            line: fault.line,
            before: fault.before,
            after: fault.after,
            refused,
        },
        caught: mismatch.is_some(),
        mismatch,
        trace: (traced > 0).then_some(entries),
    })
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Infer => "inferred",
        Mode::Nudge => "nudged",
        Mode::Learn => "learned from",
    }
}

/// The hardware with the fault of `seed`.
///
/// # Errors
/// As [`inject`].
pub fn broken(hardware: &Hardware, seed: u32) -> Result<Library, Failure> {
    verilated(hardware, seed).map(|(_, _, library)| library)
}

/// The first fault of the seed that Verilator accepts, how many it refused, and the hardware with it.
fn verilated(hardware: &Hardware, seed: u32) -> Result<(Fault, usize, Library), Failure> {
    let explained =
        |error: &(dyn std::error::Error + 'static)| Explained::new("eqprop::fault", error);
    let design = &hardware.design;
    let draws: Box<dyn Iterator<Item = Fault>> = match &hardware.gates {
        None => Box::new(faults(&design.text, seed).map_err(|error| explained(&error))?),
        Some(level) => Box::new(netlist_faults(&level.gates.netlist, &design.top, seed)),
    };
    let mut last = None;
    for (refused, fault) in draws.take(DRAWS).enumerate() {
        match hardware.with_text(&fault.text) {
            Ok(library) => return Ok((fault, refused, library)),
            Err(error @ VerilateError::Verilator { .. }) => last = Some(explained(&error)),
            Err(error) => return Err(explained(&error).into()),
        }
    }
    Err(last.map_or_else(|| explained(&NoPlace).into(), Failure::from))
}

/// Hardware in which nothing can be changed.
#[derive(Debug, thiserror::Error)]
#[error("the Verilog has no place for a fault")]
struct NoPlace;

impl fmt::Display for FaultReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Injected {
            module,
            line,
            before,
            after,
            ..
        } = &self.fault;
        writeln!(f, "fault {} in module {module}, line {line}", self.seed)?;
        writeln!(f, "  - {before}\n  + {after}")?;
        match &self.mismatch {
            Some(mismatch) => writeln!(f, "caught: {mismatch}"),
            None => writeln!(
                f,
                "not caught: {} samples, {}, show no difference, with initial and with extreme weights",
                self.samples,
                self.modes.join(" and ")
            ),
        }
    }
}
