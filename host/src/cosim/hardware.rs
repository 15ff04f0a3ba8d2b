//! The hardware of one network, from its plan to a loaded model.

use std::path::PathBuf;

use hdl::arch::Plan;
use hdl::design::{self, Design};
use sim::lockstep::source;
use sim::verilate::{build, BuildOptions, Library, Profile, Trace, VerilateError};

use super::cache;
use crate::error::{Explained, Failure};
use crate::flow::GateLevel;
use crate::resolve::Resolved;

/// Generated hardware.
pub struct Hardware {
    pub plan: Plan,
    pub design: Design,
    /// The core's netlist, to run in place of its Verilog.
    pub gates: Option<GateLevel>,
    /// Folder for everything that is written about it.
    pub out: PathBuf,
}

impl Hardware {
    /// Plans the network and generates its Verilog.
    ///
    /// # Errors
    /// A network without hardware.
    pub fn new(resolved: &Resolved) -> Result<Hardware, Failure> {
        let plan = resolved.plan()?;
        let design = design::core(&plan).map_err(|error| Explained::new("eqprop::emit", &error))?;
        Ok(Hardware {
            plan,
            design,
            gates: None,
            out: resolved.out.clone(),
        })
    }

    /// The hardware as a loaded model. One of a few hundred thousand cycles compiles longer than it
    /// runs, so it is compiled quickly.
    ///
    /// # Errors
    /// Verilator is missing or refuses the text, or its compiler fails.
    pub fn library(&self, trace: Trace) -> Result<Library, Failure> {
        match &self.gates {
            Some(gates) => explained(self.verilate_gates(gates)),
            None => explained(self.verilate(&self.design, trace, Profile::Quick)),
        }
    }

    /// The same, compiled for many samples.
    ///
    /// # Errors
    /// As [`Hardware::library`].
    pub fn fast(&self) -> Result<Library, Failure> {
        explained(self.verilate(&self.design, Trace::None, Profile::Fast))
    }

    /// The same with any Verilog.
    ///
    /// # Errors
    /// As [`Hardware::library`].
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
}

fn explained(library: Result<Library, VerilateError>) -> Result<Library, Failure> {
    Ok(library.map_err(|error| Explained::new("eqprop::verilate", &error))?)
}
