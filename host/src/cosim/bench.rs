//! Everything that one co-simulation compares: plan, Verilog, weights, samples.

use sim::bittrue::{Mode, Sample};
use sim::data::{Dataset, Given, Shuffled};
use sim::lockstep::{Lockstep, LockstepError};
use sim::progress::Progress;
use sim::verilate::{Library, Pressure};
use sim::weights::Weights;

use super::hardware::Hardware;
use crate::error::Failure;
use crate::resolve::Resolved;

/// Hardware and data of one network.
pub struct Bench {
    pub hardware: Hardware,
    /// Weights of the first sample; seeded initial ones unless others are given.
    pub weights: Weights,
    pub data: Dataset,
    /// The samples in the order in which they are shown: indices into the data.
    pub order: Vec<usize>,
    pub mode: Mode,
    pub pressure: Option<Pressure>,
    /// So many samples run alone, on hardware that could run two by turns.
    pub alone: usize,
}

impl Bench {
    /// Plans the network, generates its Verilog and reads its data; free and nudged phases, no pauses.
    ///
    /// # Errors
    /// A network without hardware, or data that cannot be read.
    pub fn new(resolved: &Resolved, data: Given<'_>, samples: usize) -> Result<Bench, Failure> {
        let network = &resolved.network;
        let data = Dataset::load(network, &resolved.folder, data)?;
        Ok(Bench {
            hardware: Hardware::new(resolved)?,
            weights: Weights::initial(network),
            order: Shuffled::new(data.len(), network.seed)
                .take(samples)
                .collect(),
            data,
            mode: Mode::Nudge,
            pressure: None,
            alone: 0,
        })
    }

    /// Hardware and models with the weights loaded, ready for the first sample.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn lockstep(&self, library: &Library) -> Result<Lockstep, LockstepError> {
        let model = library.instance();
        Lockstep::new(
            self.hardware.plan.clone(),
            model,
            &self.weights,
            self.pressure,
        )
    }

    /// Sample `position` of the run as states.
    pub fn sample(&self, position: usize) -> Sample {
        let fraction = self.hardware.plan.network.formats.state_fraction;
        self.data.sample(self.order[position], fraction)
    }

    /// Runs the samples that have not passed yet; `after` sees each, the failing one too.
    ///
    /// # Errors
    /// The first mismatch, or hardware that does not answer.
    pub fn run(
        &self,
        lockstep: &mut Lockstep,
        progress: &dyn Progress,
        mut after: impl FnMut(&mut Lockstep, usize, &Sample),
    ) -> Result<(), LockstepError> {
        progress.start("co-simulating", self.order.len() as u64, "samples");
        while lockstep.totals().samples < self.order.len() {
            let position = lockstep.totals().samples;
            let outcome = self.step(lockstep, position);
            after(lockstep, position, &self.sample(position));
            outcome?;
            progress.reach(lockstep.totals().samples as u64);
        }
        progress.finish();
        Ok(())
    }

    /// Runs the sample at `position`, with the next one if the hardware takes two by turns.
    ///
    /// # Errors
    /// As [`Bench::run`].
    pub fn step(&self, lockstep: &mut Lockstep, position: usize) -> Result<(), LockstepError> {
        let sample = self.sample(position);
        if self.by_turns(position) && position + 1 < self.order.len() {
            return lockstep
                .pair([&sample, &self.sample(position + 1)])
                .map(|_| ());
        }
        lockstep.sample(&sample, self.mode).map(|_| ())
    }

    fn by_turns(&self, position: usize) -> bool {
        let interleaves = self.hardware.plan.shape.interleaves();
        interleaves && self.mode == Mode::Infer && position >= self.alone
    }

    /// The position of the step that runs a sample.
    pub fn step_of(&self, sample: usize) -> usize {
        match self.by_turns(sample) {
            true => sample - (sample - self.alone) % 2,
            false => sample,
        }
    }
}
