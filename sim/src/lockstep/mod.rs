//! Lockstep: Verilated hardware against the bit-true model, every write of a state or weight at its
//! predicted cycle, and against one golden step from the hardware's own states.
//!
//! `record` keeps what the bit-true model does, `arch::schedule` says when the hardware must do it,
//! `compare` holds the two side by side, `pair` does so with two samples by turns, `step` (`spiking`) compares with the golden model, `mismatch` says what
//! differs first, `look` and `waveform` show it, `vectors` runs reference cases.

mod compare;
mod learning;
mod look;
mod mismatch;
mod pair;
mod record;
mod source;
mod spiking;
mod step;
pub mod vectors;
mod waveform;

pub use compare::expected;
pub use look::{PhaseEnd, Write};
pub use mismatch::{Mismatch, Quantity};
pub use pair::Part;
pub use record::Record;
pub use source::source;
pub use waveform::Waveform;

use crate::bittrue::{Activity, BitTrue, Mode, Outcome, Sample, Xorshift};
use crate::engine::Engine;
use crate::golden::{error_bound, spiking_error_bound};
use crate::verilate::{Model, Pressure, ProbeEvent, RunError};
use crate::weights::Weights;
use hdl::arch::schedule::{Cost, LearnAt, Parameter, WriteAt};
use hdl::arch::spiking::SpikingUnit;
use hdl::arch::stream::Purpose;
use hdl::arch::Plan;
use step::GoldenSteps;

/// Totals of a lockstep run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    pub samples: usize,
    /// Busy cycles of the hardware, and as predicted.
    pub cycles: u64,
    pub predicted_cycles: u64,
    /// Cycles from the first word taken to the last word answered of a partner that never waits, as predicted;
    /// without pressure the hardware has been found to take as many.
    pub stream_cycles: u64,
    /// Writes of states and weights compared, and as the bit-true model made them.
    pub compared_writes: u64,
    pub expected_writes: u64,
    /// Largest distance of a write from one golden step, and its bound.
    pub max_abs_error: f64,
    pub error_bound: f64,
    /// The same of the membranes of spiking units, in units of the threshold; the above is then of traces.
    pub membrane_error: f64,
    pub membrane_bound: f64,
    /// Largest distance of a learned weight from one golden step, in LSB; stochastic rounding stays below 1.
    pub learn_error: f64,
    /// Samples learned from, and weights saturated by them.
    pub learned: usize,
    pub saturations: u64,
    /// Samples with a phase that did not settle.
    pub unsettled: usize,
    pub sweeps: u64,
    /// Spikes and synaptic operations; none of rates.
    pub activity: Option<Activity>,
    /// Products of real rows and non-zero columns; of spiking units synaptic operations.
    pub products: u64,
    /// Largest distance between the settled free states of hardware and golden model.
    pub trajectory_distance: f64,
}

impl Totals {
    /// One more sample, with what the bit-true model did.
    fn add(&mut self, outcome: &Outcome, record: &Record) {
        self.samples += 1;
        self.expected_writes += record.writes;
        self.saturations += u64::from(outcome.saturations);
        self.unsettled += usize::from(outcome.phases().any(|phase| !phase.settled));
        self.sweeps += u64::from(outcome.sweeps());
        if let Some(more) = outcome.activity {
            *self.activity.get_or_insert_default() += more;
        }
    }
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
    engine: Engine,
    bittrue: BitTrue,
    steps: GoldenSteps,
    rng: Xorshift,
    record: Record,
    totals: Totals,
    events: Vec<ProbeEvent>,
    expected: Vec<WriteAt>,
    learn_events: Vec<ProbeEvent>,
    learn_expected: Vec<LearnAt>,
    /// The bit-true model's weights before and after the last sample.
    weights: Weights,
    weights_after: Weights,
    /// `steps` has older ones: it can explain the last sample, which learned, until the next one runs.
    stale: bool,
    /// m of rule 7.
    doublings: u32,
    states: Vec<Vec<Vec<u16>>>,
    /// The same of spiking units, as in [`Record`].
    spiking: Vec<Vec<Vec<SpikingUnit>>>,
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
        model: Model,
        weights: &Weights,
        pressure: Option<Pressure>,
    ) -> Result<Lockstep, LockstepError> {
        let network = &plan.network;
        let mut bittrue = BitTrue::new(network);
        bittrue.load(weights);
        Ok(Lockstep {
            bittrue,
            steps: GoldenSteps::new(network, weights),
            stale: false,
            rng: Xorshift::seed(network.seed),
            record: Record::new(network),
            totals: Totals {
                error_bound: match network.spiking() {
                    None => error_bound(network),
                    Some(_) => spiking_error_bound(network, true).trace,
                },
                membrane_bound: match network.spiking() {
                    None => 0.0,
                    Some(_) => spiking_error_bound(network, true).membrane,
                },
                ..Totals::default()
            },
            engine: Engine::new(plan.clone(), model, weights, pressure)?,
            events: vec![],
            expected: vec![],
            learn_events: vec![],
            learn_expected: vec![],
            weights: weights.clone(),
            weights_after: weights.clone(),
            doublings: network.learning.halvings,
            states: vec![],
            spiking: vec![],
            start: 0,
            plan,
        })
    }

    /// Gives other weights to hardware and models.
    pub fn load(&mut self, weights: &Weights) -> Result<(), LockstepError> {
        self.bittrue.load(weights);
        self.weights.clone_from(weights);
        self.weights_after.clone_from(weights);
        self.stale = true;
        Ok(self.engine.load(weights)?)
    }

    /// Puts the random number generators of hardware and model into `state`.
    pub fn set_random(&mut self, state: u32) -> Result<(), LockstepError> {
        self.rng = Xorshift::from_state(state);
        Ok(self.engine.set_random(state)?)
    }

    /// Sets m of rule 7, 0…M: every rate is 2^(m − M) of the network's.
    pub fn set_doublings(&mut self, m: u32) -> Result<(), LockstepError> {
        self.doublings = m;
        self.bittrue.set_rate_halvings_left(m);
        Ok(self.engine.set_doublings(m)?)
    }

    pub fn totals(&self) -> &Totals {
        &self.totals
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The hardware, to trace it.
    pub fn model(&mut self) -> &mut Model {
        self.engine.model()
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
        self.follow();
        self.record.clear();
        let outcome = self
            .bittrue
            .run(sample, mode, &mut self.rng, &mut self.record);
        let learns = mode == Mode::Learn && outcome.learned;
        let (expected, learn_expected) = (&mut self.expected, &mut self.learn_expected);
        expected.clear();
        learn_expected.clear();
        let cost = self.plan.predict_writes(
            &self.record.trace,
            true,
            |write| expected.push(write),
            |write| learn_expected.push(write),
        );
        expected.sort_unstable_by_key(|write| (write.cycle, write.probe));
        learn_expected.sort_unstable_by_key(|write| (write.cycle, write.probe));

        let purpose = match mode {
            Mode::Infer => Purpose::Infer,
            Mode::Nudge => Purpose::Nudge(&sample.target),
            Mode::Learn => Purpose::Learn(&sample.target),
        };
        let nudged = mode != Mode::Infer;
        self.events.clear();
        self.start = self.engine.cycle();
        let events = Some(&mut self.events);
        let run = self.engine.run(sample, purpose, cost.cycles, events)?;
        let start = run.accepted[0] + self.plan.start_delay(nudged);
        self.start = start;
        self.compare_writes(start)?;
        self.compare_response(&outcome, cost, &run, start)?;
        self.compare_golden(sample, start)?;
        if learns {
            self.weights_after = self.bittrue.weights();
        }
        self.compare_learning(sample, start)?;
        if learns {
            self.weights.clone_from(&self.weights_after);
            self.stale = true;
        }

        let totals = &mut self.totals;
        totals.cycles += run.busy_cycles;
        totals.predicted_cycles += cost.cycles;
        totals.stream_cycles += cost.stream_cycles;
        totals.products += cost.products;
        let bias = |write: &&LearnAt| matches!(write.parameter, Parameter::Bias { .. });
        let biases = self.learn_expected.iter().filter(bias).count();
        totals.expected_writes += biases as u64;
        totals.learned += usize::from(learns);
        totals.add(&outcome, &self.record);
        Ok(SampleReport {
            outcome,
            cost,
            start,
        })
    }
}

impl Lockstep {
    /// Gives the golden model the weights as they now are.
    fn follow(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.steps.load(&self.plan.network, &self.weights);
        }
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
