//! Verilated hardware as a user of its stream sees it: configure, load, show samples, read back.

use crate::bittrue::Sample;
use crate::progress::{self, Progress, Silent};
use crate::verilate::{Job, Model, Pressure, ProbeEvent, RunError, RunReport};
use crate::weights::Weights;
use hdl::arch::registers::Register;
use hdl::arch::stream::{self, Purpose, Response};
use hdl::arch::Plan;

/// A core that runs one network.
pub struct Engine {
    plan: Plan,
    model: Model,
    pressure: Option<Pressure>,
    words: Vec<u32>,
}

/// Words that are read at a time.
const PIECE_WORDS: usize = 2048;

/// More cycles than reading a word takes on the longest line, under pressure.
const READ_PATIENCE: u64 = 1_000;

impl Engine {
    /// Resets hardware of the plan's shape, configures it and loads weights.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn new(
        plan: Plan,
        mut model: Model,
        weights: &Weights,
        pressure: Option<Pressure>,
    ) -> Result<Engine, RunError> {
        model.reset();
        let mut engine = Engine {
            plan,
            model,
            pressure,
            words: vec![],
        };
        let commands = engine.plan.configure();
        engine.exchange(&commands, 0)?;
        engine.load(weights)?;
        Ok(engine)
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The simulated core, to trace it.
    pub fn model(&mut self) -> &mut Model {
        &mut self.model
    }

    /// Cycles since reset.
    pub fn cycle(&self) -> u64 {
        self.model.cycle()
    }

    /// Nanosecond in the current trace at which a cycle since reset begins.
    pub fn time_ns(&self, cycle: u64) -> u64 {
        self.model.time_ns(cycle)
    }

    /// Whether pauses stretch what is streamed.
    pub fn paused(&self) -> bool {
        self.pressure.is_some()
    }

    /// Words of the last response.
    pub fn words(&self) -> &[u32] {
        &self.words
    }

    /// Writes all weights and biases.
    ///
    /// # Errors
    /// The hardware does not answer; so also below.
    pub fn load(&mut self, weights: &Weights) -> Result<(), RunError> {
        let commands = self.plan.load(
            |block, row, column| weights.blocks[block][(row, column)],
            |layer, unit| weights.biases[layer - 1][unit],
        );
        self.exchange(&commands, 0)
    }

    /// Reads all weights and biases through the core's own read command.
    pub fn read_weights(&mut self) -> Result<Weights, RunError> {
        self.read_weights_told(&Silent)
    }

    /// The same, telling `progress` how it goes where that takes a while.
    pub fn read_weights_told(&mut self, progress: &dyn Progress) -> Result<Weights, RunError> {
        let lanes = self.plan.shape.lanes;
        let words = self.plan.map.bank_words * lanes;
        let progress = progress::of_words(progress, "reading weights back", words);
        let mut banks = Vec::with_capacity(words);
        for command in stream::read_banks(&self.plan) {
            for piece in stream::split(&command, lanes, lanes + 2, PIECE_WORDS.max(lanes)) {
                self.exchange(&[piece], PIECE_WORDS.max(lanes))?;
                banks.append(&mut self.words);
                progress.reach(banks.len() as u64);
            }
        }
        progress.finish();
        self.exchange(&stream::read_biases(&self.plan), self.plan.map.bias_words)?;
        let mut weights = Weights::zero(&self.plan.network);
        self.plan.unload(&banks, &self.words, |parameter, value| {
            *weights.at_mut(&parameter) = value;
        });
        Ok(weights)
    }

    /// The state of the random number generator.
    pub fn read_random(&mut self) -> Result<u32, RunError> {
        self.exchange(&[stream::read_random()], 1)?;
        Ok(self.words[0])
    }

    /// Puts the random number generator into `state`.
    pub fn set_random(&mut self, state: u32) -> Result<(), RunError> {
        self.exchange(&[stream::write_register(Register::Random, state)], 0)
    }

    /// Sets m of rule 7, 0…M: every rate is 2^(m − M) of the network's.
    pub fn set_doublings(&mut self, m: u32) -> Result<(), RunError> {
        self.exchange(&[stream::write_register(Register::Doublings, m)], 0)
    }

    /// Runs one sample; `cycles` is how many it is expected to take, `events` gets the probes' if given.
    pub fn run(
        &mut self,
        sample: &Sample,
        purpose: Purpose,
        cycles: u64,
        events: Option<&mut Vec<ProbeEvent>>,
    ) -> Result<RunReport, RunError> {
        let command = stream::sample(&sample.input, purpose, true);
        self.send(&command, cycles, events)
    }

    /// Runs two samples by turns; otherwise as [`Engine::run`].
    pub fn run_pair(
        &mut self,
        samples: [&Sample; 2],
        cycles: u64,
        events: &mut Vec<ProbeEvent>,
    ) -> Result<RunReport, RunError> {
        let command = stream::pair(samples.map(|sample| &sample.input[..]));
        self.send(&command, cycles, Some(events))
    }

    /// Sends a command that runs samples.
    fn send(
        &mut self,
        command: &[u32],
        cycles: u64,
        events: Option<&mut Vec<ProbeEvent>>,
    ) -> Result<RunReport, RunError> {
        let job = Job {
            commands: &[command],
            responses: 1,
            max_cycles: 1_000 + 4 * cycles + 64 * command.len() as u64,
            pressure: self.pressure,
            observe: events.is_some(),
        };
        self.words.clear();
        let mut none = vec![];
        self.model
            .run(&job, &mut self.words, events.unwrap_or(&mut none))
    }

    /// Runs one sample of unknown length; what it took, and the response, `None` if it is not one.
    pub fn sample(
        &mut self,
        sample: &Sample,
        purpose: Purpose,
    ) -> Result<(RunReport, Option<Response>), RunError> {
        let report = self.run(sample, purpose, self.longest(), None)?;
        Ok((report, Response::parse(&self.words)))
    }

    /// More cycles than any sample takes: every sweep of every phase with all states non-zero.
    fn longest(&self) -> u64 {
        let dynamics = &self.plan.network.dynamics;
        let sweeps = 1 + dynamics.max_sweeps_free + 2 * dynamics.max_sweeps_nudged;
        let words = self.plan.map.bank_words + self.plan.program.len() + self.plan.map.list_words;
        100 * u64::from(sweeps) * (words + self.plan.shape.lanes) as u64
    }

    /// Sends commands whose responses have `read` words together.
    fn exchange(&mut self, commands: &[Vec<u32>], read: usize) -> Result<(), RunError> {
        let slices: Vec<&[u32]> = commands.iter().map(Vec::as_slice).collect();
        let words: usize = slices.iter().map(|c| c.len()).sum();
        let job = Job {
            commands: &slices,
            responses: slices.len(),
            // A word of a bank may wait for the accumulators, one that is read goes down the whole
            // line; pressure stretches everything.
            max_cycles: 10_000 + 64 * words as u64 + READ_PATIENCE * read as u64,
            pressure: self.pressure,
            observe: false,
        };
        self.words.clear();
        self.model.run(&job, &mut self.words, &mut vec![])?;
        Ok(())
    }
}
