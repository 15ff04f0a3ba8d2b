//! Waveforms of single samples in the output folder.

use std::fs;
use std::path::PathBuf;

use sim::lockstep::{Lockstep, LockstepError, Mismatch, Waveform};
use sim::verilate::Library;
use sim::wave::{WaveError, Written};

use super::bench::Bench;
use crate::error::{Explained, Failure};
use crate::output;

/// The waveform of the first sample, and of the one that failed.
const FIRST: &str = "cosim.vcd";
const FAILED: &str = "mismatch.vcd";
/// The simulator's own file, while a sample runs.
const RAW: &str = ".cosim.raw";
/// Cycles that viewers show before and after a mismatch.
const WINDOW: u64 = 100;

/// A sample that was traced.
pub struct Traced {
    pub outcome: Result<(), LockstepError>,
    /// None: the core is the user's own and lacks signals that viewers are to show.
    pub vcd: Option<PathBuf>,
}

/// Runs the first sample of a new lockstep with a waveform. The library must trace VCD.
///
/// # Errors
/// A file that cannot be written.
pub fn first(bench: &Bench, lockstep: &mut Lockstep) -> Result<Traced, Failure> {
    traced(bench, lockstep, 0, FIRST, |lockstep, end| {
        (lockstep.start(), end)
    })
}

/// Runs everything before a mismatch again, then the failing sample with a waveform that opens
/// around it. The library must trace VCD.
///
/// # Errors
/// A file that cannot be written, or hardware that no longer answers.
pub fn around(
    bench: &Bench,
    library: &Library,
    mismatch: &Mismatch,
) -> Result<Option<PathBuf>, Failure> {
    let unanswered = |error| Failure::failed(Explained::new("eqprop::cosim", &error));
    let mut lockstep = bench.lockstep(library).map_err(unanswered)?;
    let position = bench.step_of(mismatch.sample);
    while lockstep.totals().samples < position {
        let next = lockstep.totals().samples;
        bench.step(&mut lockstep, next).map_err(unanswered)?;
    }
    let cycle = mismatch.cycle;
    let window = (cycle.saturating_sub(WINDOW), cycle + WINDOW);
    Ok(traced(bench, &mut lockstep, position, FAILED, |_, _| window)?.vcd)
}

/// Runs one sample with a waveform called `name`, opened at the cycles that `view` names, given the
/// last one.
fn traced(
    bench: &Bench,
    lockstep: &mut Lockstep,
    position: usize,
    name: &str,
    view: impl Fn(&Lockstep, u64) -> (u64, u64),
) -> Result<Traced, Failure> {
    output::folder(&bench.hardware.out)?;
    let (raw, vcd) = (bench.hardware.out.join(RAW), bench.hardware.out.join(name));
    let unwritten = |error: &(dyn std::error::Error + 'static)| {
        Explained::new("eqprop::wave", error)
            .or_help("free some space or choose another folder with --out, or use --no-vcd")
    };
    let waveform = Waveform::begin(lockstep, &raw).map_err(|error| unwritten(&error))?;
    let outcome = bench.step(lockstep, position);
    let closed = lockstep.model().close_trace();
    let shown = match &outcome {
        Err(LockstepError::Mismatch(mismatch)) => mismatch.sample,
        _ => position,
    };
    let sample = bench.sample(shown);
    let cycles = view(lockstep, lockstep.cycle());
    let written: Result<Written, _> = waveform.finish(lockstep, &sample, &raw, &vcd, cycles);
    // What the simulator wrote is in the annotated file, or of no use.
    let _ = fs::remove_file(&raw);
    closed.map_err(|error| unwritten(&error))?;
    let vcd = match written {
        Ok(_) => Some(vcd),
        Err(WaveError::UnknownSignal { .. }) if bench.hardware.core.is_some() => None,
        Err(error) => return Err(unwritten(&error).into()),
    };
    Ok(Traced { outcome, vcd })
}
