//! Lockstep: Verilated hardware against the bit-true model, every state write at its predicted
//! cycle, and against one golden step from the hardware's own states.
//!
//! `record` keeps what the bit-true model does, `arch::schedule` says when the hardware must do it,
//! `compare` holds the two side by side, `step` compares with the golden model, `mismatch` says what
//! differs first, `look` and `waveform` show it, `vectors` runs reference cases.

mod compare;
mod look;
mod mismatch;
mod record;
mod source;
mod step;
pub mod vectors;
mod waveform;

pub use look::{PhaseEnd, Write};
pub use mismatch::{Mismatch, Quantity};
pub use record::Record;
pub use source::source;
pub use waveform::Waveform;

use crate::bittrue::{BitTrue, Mode, Outcome, Sample, Xorshift};
use crate::golden::{error_bound, Golden};
use crate::verilate::{Job, Model, Pressure, ProbeEvent, RunError};
use crate::weights::Weights;
use hdl::arch::registers::Register;
use hdl::arch::schedule::{Cost, WriteAt};
use hdl::arch::stream;
use hdl::arch::Plan;
use step::GoldenSteps;

/// Totals of a lockstep run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    pub samples: usize,
    /// Busy cycles of the hardware, and as predicted.
    pub cycles: u64,
    pub predicted_cycles: u64,
    /// State writes compared, and as the bit-true model made them.
    pub compared_writes: u64,
    pub expected_writes: u64,
    /// Largest distance of a write from one golden step, and its bound.
    pub max_abs_error: f64,
    pub error_bound: f64,
    /// Samples with a phase that did not settle.
    pub unsettled: usize,
    pub sweeps: u64,
    /// Products of real rows and non-zero columns.
    pub products: u64,
    /// Largest distance between the settled free states of hardware and golden model.
    pub trajectory_distance: f64,
}

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum LockstepError {
    #[error("{0}")]
    Mismatch(Box<Mismatch>),
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Hardware and models side by side.
pub struct Lockstep {
    plan: Plan,
    model: Model,
    bittrue: BitTrue,
    steps: GoldenSteps,
    rng: Xorshift,
    record: Record,
    pressure: Option<Pressure>,
    totals: Totals,
    words: Vec<u32>,
    events: Vec<ProbeEvent>,
    expected: Vec<WriteAt>,
    states: Vec<Vec<Vec<u16>>>,
    /// First busy cycle of the last sample, since reset; of one without an answer, that of its command.
    start: u64,
}

impl Lockstep {
    /// Configures hardware of the plan's shape, loads the weights and makes the models agree with it.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn new(
        plan: Plan,
        mut model: Model,
        weights: &Weights,
        pressure: Option<Pressure>,
    ) -> Result<Lockstep, LockstepError> {
        let network = &plan.network;
        let mut bittrue = BitTrue::new(network);
        bittrue.load(weights);
        let golden = Golden::new(network, weights);
        model.reset();
        let mut lockstep = Lockstep {
            bittrue,
            steps: GoldenSteps::new(network, golden),
            rng: Xorshift::seed(network.seed),
            record: Record::new(network),
            totals: Totals {
                error_bound: error_bound(network),
                ..Totals::default()
            },
            model,
            pressure,
            words: vec![],
            events: vec![],
            expected: vec![],
            states: vec![],
            start: 0,
            plan,
        };
        let commands = lockstep.plan.configure();
        lockstep.send(&commands)?;
        lockstep.load(weights)?;
        Ok(lockstep)
    }

    /// Gives other weights to hardware and models.
    pub fn load(&mut self, weights: &Weights) -> Result<(), LockstepError> {
        self.bittrue.load(weights);
        self.steps.load(&self.plan.network, weights);
        let commands = self.plan.load(
            |block, row, column| weights.blocks[block][(row, column)],
            |layer, unit| weights.biases[layer - 1][unit],
        );
        self.send(&commands)
    }

    /// Puts the random number generators of hardware and model into `state`.
    pub fn set_random(&mut self, state: u32) -> Result<(), LockstepError> {
        self.rng = Xorshift::from_state(state);
        self.send(&[stream::write_register(Register::Random, state)])
    }

    fn send(&mut self, commands: &[Vec<u32>]) -> Result<(), LockstepError> {
        let slices: Vec<&[u32]> = commands.iter().map(Vec::as_slice).collect();
        let words: usize = slices.iter().map(|c| c.len()).sum();
        let job = Job {
            commands: &slices,
            responses: slices.len(),
            // A word of a bank may wait for the accumulators; pressure stretches everything.
            max_cycles: 10_000 + 64 * words as u64,
            pressure: self.pressure,
            observe: false,
        };
        self.words.clear();
        self.model.run(&job, &mut self.words, &mut self.events)?;
        Ok(())
    }

    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The hardware, to trace it.
    pub fn model(&mut self) -> &mut Model {
        &mut self.model
    }

    /// The bit-true record of the last sample.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// Expected writes of the last sample, in the order of their cycles.
    pub fn writes(&self) -> &[WriteAt] {
        &self.expected
    }

    /// States that the hardware wrote for the last sample: phase, sweep, unit (as in [`Record`]).
    pub fn states(&self) -> &[Vec<Vec<u16>>] {
        &self.states
    }

    /// Runs one sample on hardware and models.
    ///
    /// # Errors
    /// The first mismatch, or hardware that does not answer.
    pub fn sample(&mut self, sample: &Sample, mode: Mode) -> Result<SampleReport, LockstepError> {
        self.record.clear();
        let outcome = self
            .bittrue
            .run(sample, mode, &mut self.rng, &mut self.record);
        let expected = &mut self.expected;
        expected.clear();
        let cost = self
            .plan
            .predict_writes(&self.record.trace, true, |write| expected.push(write));
        expected.sort_unstable_by_key(|write| (write.cycle, write.probe));

        let nudged = mode == Mode::Nudge;
        let command = stream::sample(&sample.input, nudged.then_some(&sample.target), true);
        let job = Job {
            commands: &[&command],
            responses: 1,
            max_cycles: 1_000 + 4 * cost.cycles + 64 * command.len() as u64,
            pressure: self.pressure,
            observe: true,
        };
        self.words.clear();
        self.events.clear();
        self.start = self.model.cycle();
        let run = self.model.run(&job, &mut self.words, &mut self.events)?;
        let start = run.accepted[0] + self.plan.start_delay(nudged);
        self.start = start;
        self.compare_writes(start)?;
        self.compare_response(&outcome, cost, run.busy_cycles, start)?;
        self.compare_golden(sample, start)?;

        let totals = &mut self.totals;
        totals.samples += 1;
        totals.cycles += run.busy_cycles;
        totals.predicted_cycles += cost.cycles;
        totals.expected_writes += self.record.writes;
        totals.unsettled += usize::from(outcome.phases().any(|phase| !phase.settled));
        totals.sweeps += u64::from(outcome.sweeps());
        totals.products += cost.products;
        Ok(SampleReport {
            outcome,
            cost,
            start,
        })
    }
}

/// Probe kind of a weight write; 0 is a state.
const WEIGHT_WRITE: u8 = 1;

/// One sample that passed.
#[derive(Clone, Copy, Debug)]
pub struct SampleReport {
    pub outcome: Outcome,
    pub cost: Cost,
    /// First busy cycle, since reset.
    pub start: u64,
}
