//! The safe face of a Verilated core: instances, jobs, reports.

use super::error::{RunError, TraceError, VerilateError};
use super::ffi::{Abi, Command, Instance, Limits, ProbeEvent, Status};
use std::ffi::CString;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// One cycle on the time axis of a trace.
pub const NS_PER_CYCLE: u64 = 10;
/// Cycles for which [`Model::reset`] holds the reset.
pub const RESET_CYCLES: u32 = 4;

/// A loaded core, from which instances are made.
#[derive(Clone)]
pub struct Library {
    abi: Arc<Abi>,
}

/// One simulated core. Instances share nothing; each may move to another thread.
pub struct Model {
    instance: Instance,
}

/// What to stream through a core.
#[derive(Clone, Copy, Debug, Default)]
pub struct Job<'a> {
    /// Commands of at least one word each, sent one after another; tlast comes with the last word of each.
    pub commands: &'a [&'a [u32]],
    /// The run ends when all commands are taken and this many responses (frames ended by tlast) have come.
    pub responses: usize,
    /// The run fails when it has not ended after this many cycles.
    pub max_cycles: u64,
    /// Random pauses of both streams; none: a word is offered and a response taken in every cycle.
    pub pressure: Option<Pressure>,
    /// Log probe events.
    pub observe: bool,
}

/// Random gaps on both streams, equal for equal seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pressure {
    pub seed: u32,
    /// In 1/256: how probable it is that a waiting word is not offered in a cycle.
    pub valid_gap: u8,
    /// In 1/256: how probable it is that tready of the response stream is low in a cycle.
    pub ready_gap: u8,
}

/// What a run took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunReport {
    /// Cycles from the first one of the run to the one that took its last word.
    pub cycles: u64,
    /// Those of them in which the core was busy.
    pub busy_cycles: u64,
    /// Cycle since reset in which the last word of each command was taken.
    pub accepted: Vec<u64>,
    /// Cycle since reset in which the last word of each response came.
    pub answered: Vec<u64>,
}

impl Library {
    pub(super) fn open(path: &Path) -> Result<Library, VerilateError> {
        let abi = Arc::new(Abi::load(path)?);
        Ok(Library { abi })
    }

    /// A core after reset, everything without a reset or initial value being 0.
    pub fn instance(&self) -> Model {
        self.made(0)
    }

    /// The same with random values there, equal for equal seeds: a core that depends on them shows it.
    pub fn instance_with_noise(&self, seed: u32) -> Model {
        self.made(nonzero(seed))
    }

    fn made(&self, seed: u32) -> Model {
        let instance = Instance::new(self.abi.clone(), seed)
            .expect("a model's constructor runs no Verilog; like any allocation it fails only without memory");
        let mut model = Model { instance };
        model.reset();
        model
    }
}

impl Model {
    /// Holds the reset for [`RESET_CYCLES`]; the next cycle is cycle 0.
    pub fn reset(&mut self) {
        self.reset_for(RESET_CYCLES);
    }

    /// The same for so many cycles, whatever the core does; in how many of them it would have taken a word.
    pub fn reset_for(&mut self, cycles: u32) -> u32 {
        self.instance.reset(cycles)
    }

    /// Streams a job through the core, appending response words to `out` and, if the job is observed, probe events
    /// to `events`, in the order of their cycles and within a cycle of the probes. Also on an error both hold
    /// what came until then. An event takes 24 bytes in the shim's buffer, which is reused, and 24 in `events`:
    /// split long observed jobs. The core keeps its state from run to run; writes that it makes after its last
    /// response are seen by [`Model::step_observed`] or the next run.
    pub fn run(
        &mut self,
        job: &Job,
        out: &mut Vec<u32>,
        events: &mut Vec<ProbeEvent>,
    ) -> Result<RunReport, RunError> {
        if let Some(index) = job.commands.iter().position(|words| words.is_empty()) {
            return Err(RunError::EmptyCommand { index });
        }
        let from_cycle = self.cycle();
        let commands: Vec<Command> = job.commands.iter().map(|&words| words.into()).collect();
        let pressure = job.pressure.unwrap_or(Pressure {
            seed: 0,
            valid_gap: 0,
            ready_gap: 0,
        });
        let limits = Limits {
            responses: job.responses,
            max_cycles: job.max_cycles,
            seed: job.pressure.map_or(0, |pressure| nonzero(pressure.seed)),
            valid_gap: pressure.valid_gap,
            ready_gap: pressure.ready_gap,
            observe: job.observe,
        };
        let (status, outcome) = self.instance.run(&commands, limits);
        out.extend_from_slice(outcome.words);
        events.extend_from_slice(outcome.events);
        let report = RunReport {
            cycles: outcome.cycles,
            busy_cycles: outcome.busy_cycles,
            accepted: outcome.accepted.to_vec(),
            answered: outcome.answered.to_vec(),
        };
        match status {
            Status::Done => Ok(report),
            Status::Timeout => Err(RunError::Timeout {
                max_cycles: job.max_cycles,
                from_cycle,
                words_taken: outcome.words_taken,
                words: job.commands.iter().map(|words| words.len() as u64).sum(),
                commands_taken: report.accepted.len(),
                commands: job.commands.len(),
                answers: report.answered.len(),
                responses: job.responses,
                pending: outcome.pending,
                busy_cycles: report.busy_cycles,
            }),
            Status::Stopped => Err(self.stopped()),
        }
    }

    /// Runs freely for so many cycles: no word offered, no response taken.
    pub fn step(&mut self, cycles: u64) {
        self.instance.step(cycles, false);
    }

    /// The same, logging probe events.
    pub fn step_observed(&mut self, cycles: u64, events: &mut Vec<ProbeEvent>) {
        events.extend_from_slice(self.instance.step(cycles, true).events);
    }

    /// Cycles since reset.
    pub fn cycle(&self) -> u64 {
        self.instance.cycle()
    }

    /// Nanosecond at which a cycle since reset begins in the current trace; its rising edge is half a cycle later.
    pub fn time_ns(&self, cycle: u64) -> u64 {
        NS_PER_CYCLE * (self.instance.time() - self.cycle() + cycle)
    }

    /// Writes all signals to a waveform file from now on, in the format that the model was built for. The time
    /// axis begins at 10 ns times the cycles since reset. A trace under way is ended first.
    pub fn trace_to(&mut self, path: &Path) -> Result<(), TraceError> {
        if !self.instance.traced() {
            return Err(TraceError::NotBuilt);
        }
        let text = path.to_str().and_then(|text| CString::new(text).ok());
        let text = text.ok_or_else(|| TraceError::Path {
            path: path.to_path_buf(),
        })?;
        // Verilator says only that it could not open the file, this says why.
        File::create(path).map_err(|source| TraceError::Open {
            path: path.to_path_buf(),
            source,
        })?;
        self.instance.trace_open(&text);
        self.checked().map_err(TraceError::Stopped)
    }

    /// Ends the trace; without it, dropping the model does, silently. An error means that the file is not whole.
    pub fn close_trace(&mut self) -> Result<(), TraceError> {
        self.instance.trace_close();
        self.checked().map_err(TraceError::Stopped)
    }

    fn checked(&self) -> Result<(), RunError> {
        match self.instance.failure() {
            None => Ok(()),
            Some(_) => Err(self.stopped()),
        }
    }

    fn stopped(&self) -> RunError {
        RunError::Stopped {
            cycle: self.cycle(),
            message: self.instance.failure().unwrap_or_default(),
        }
    }
}

/// Spreads seeds and keeps them off 0, the fixed point of the shim's xorshift.
fn nonzero(seed: u32) -> u32 {
    match seed.wrapping_mul(0x9E37_79B1).wrapping_add(0x7F4A_7C15) {
        0 => 1,
        mixed => mixed,
    }
}
