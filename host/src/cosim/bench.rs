//! Everything that one co-simulation compares: plan, Verilog, weights, samples.

use std::path::{Path, PathBuf};

use hdl::arch::Plan;
use hdl::design::{self, Design};
use sim::bittrue::{Mode, Sample};
use sim::data::{Dataset, Shuffled};
use sim::lockstep::{source, Lockstep, LockstepError};
use sim::progress::Progress;
use sim::verilate::{build, BuildOptions, Library, Pressure, Profile, Trace, VerilateError};
use sim::weights::Weights;

use super::cache;
use crate::error::{Explained, Failure};
use crate::flow::GateLevel;
use crate::resolve::Resolved;

/// Hardware and data of one network.
pub struct Bench {
    pub plan: Plan,
    pub design: Design,
    /// Weights of the first sample; seeded initial ones unless others are given.
    pub weights: Weights,
    pub data: Dataset,
    /// The samples in the order in which they are shown: indices into the data.
    pub order: Vec<usize>,
    pub mode: Mode,
    /// The core's netlist, to run in place of its Verilog.
    pub gates: Option<GateLevel>,
    pub pressure: Option<Pressure>,
    /// Folder for what is written.
    pub out: PathBuf,
}

impl Bench {
    /// Plans the network, generates its Verilog and reads its data; free and nudged phases, no pauses.
    ///
    /// # Errors
    /// A network without hardware, or data that cannot be read.
    pub fn new(resolved: &Resolved, data: Option<&Path>, samples: usize) -> Result<Bench, Failure> {
        let network = &resolved.network;
        let plan = resolved.plan()?;
        let data = Dataset::load(network, &resolved.folder, data)?;
        let design = design::core(&plan).map_err(|error| Explained::new("eqprop::emit", &error))?;
        Ok(Bench {
            weights: Weights::initial(network),
            order: Shuffled::new(data.len(), network.seed)
                .take(samples)
                .collect(),
            plan,
            design,
            data,
            mode: Mode::Nudge,
            gates: None,
            pressure: None,
            out: resolved.out.clone(),
        })
    }

    /// The hardware as a loaded model. One of a few hundred thousand cycles compiles longer than it runs, so it
    /// is compiled quickly.
    ///
    /// # Errors
    /// Verilator is missing or refuses the text, or its compiler fails.
    pub fn library(&self, trace: Trace) -> Result<Library, Failure> {
        let library = match &self.gates {
            Some(gates) => self.verilate_gates(gates),
            None => self.verilate(&self.design, trace, Profile::Quick),
        };
        Ok(library.map_err(|error| Explained::new("eqprop::verilate", &error))?)
    }

    /// The same, compiled for many samples.
    ///
    /// # Errors
    /// As [`Bench::library`].
    pub fn fast(&self) -> Result<Library, Failure> {
        let library = self.verilate(&self.design, Trace::None, Profile::Fast);
        Ok(library.map_err(|error| Explained::new("eqprop::verilate", &error))?)
    }

    /// The same with any Verilog.
    ///
    /// # Errors
    /// As [`Bench::library`].
    pub fn verilate(
        &self,
        design: &Design,
        trace: Trace,
        profile: Profile,
    ) -> Result<Library, VerilateError> {
        let options = BuildOptions {
            trace,
            profile,
            waivers: vec![],
        };
        let cache = cache::models(&self.out);
        build(&source(&self.plan, design), &options, &cache)
    }

    /// A netlist with its cells. Its nets are named by yosys, so it writes no waveform.
    fn verilate_gates(&self, gates: &GateLevel) -> Result<Library, VerilateError> {
        let mut model = source(&self.plan, &self.design);
        model.files = vec![
            ("gates.v".into(), gates.netlist.clone()),
            ("cells.v".into(), gates.cells.clone()),
        ];
        let options = BuildOptions {
            profile: Profile::Quick,
            // Of the vendor models, and of carry chains, whose cells have several outputs.
            waivers: vec!["WIDTH".into(), "UNOPTFLAT".into()],
            ..BuildOptions::default()
        };
        build(&model, &options, &cache::models(&self.out))
    }

    /// Hardware and models with the weights loaded, ready for the first sample.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn lockstep(&self, library: &Library) -> Result<Lockstep, LockstepError> {
        let model = library.instance();
        Lockstep::new(self.plan.clone(), model, &self.weights, self.pressure)
    }

    /// Sample `position` of the run as states.
    pub fn sample(&self, position: usize) -> Sample {
        let fraction = self.plan.network.formats.state_fraction;
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
        for position in lockstep.totals().samples..self.order.len() {
            let sample = self.sample(position);
            let outcome = lockstep.sample(&sample, self.mode);
            after(lockstep, position, &sample);
            outcome?;
            progress.reach(position as u64 + 1);
        }
        progress.finish();
        Ok(())
    }
}
