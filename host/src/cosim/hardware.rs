//! The hardware of one network, from its plan to a loaded model.

use std::path::{Path, PathBuf};

use hdl::arch::Plan;
use hdl::design::{self, Design};
use sim::gates::Gates;
use sim::lockstep::source;
use sim::verilate::{build, BuildOptions, Library, Profile, Trace, VerilateError};

use super::cache;
use super::given::{self, GivenError};
use crate::error::{Explained, Failure};
use crate::flow::GateLevel;
use crate::resolve::Resolved;

/// Generated hardware.
pub struct Hardware {
    pub plan: Plan,
    pub design: Design,
    /// The file whose core takes the place of the generated one.
    pub core: Option<PathBuf>,
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
            core: None,
            gates: None,
            out: resolved.out.clone(),
        })
    }

    /// Takes the core of a file in place of the generated one.
    ///
    /// # Errors
    /// A file that cannot be read, or has no such module.
    pub fn replace_core(&mut self, path: &Path) -> Result<(), GivenError> {
        self.design.text = given::read(path, &self.design.top)?;
        // These belong to the generated text.
        self.design.ecp5.clear();
        self.core = Some(path.to_owned());
        Ok(())
    }

    /// The hardware as a loaded model. One of a few hundred thousand cycles compiles longer than it
    /// runs, so it is compiled quickly.
    ///
    /// # Errors
    /// Verilator is missing or refuses the text, or its compiler fails.
    pub fn library(&self, trace: Trace) -> Result<Library, Failure> {
        match &self.gates {
            Some(level) => explained(self.verilate_gates(&level.gates)),
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

    fn verilate(
        &self,
        design: &Design,
        trace: Trace,
        profile: Profile,
    ) -> Result<Library, VerilateError> {
        let options = BuildOptions {
            trace,
            profile,
            // Nobody lints Verilog of the user's own here.
            waivers: self.core.iter().map(|_| "fatal".to_string()).collect(),
        };
        let cache = cache::models(&self.out);
        build(&source(&self.plan, design), &options, &cache)
    }

    /// The hardware with this text in place of its Verilog, or of its netlist.
    ///
    /// # Errors
    /// As [`Hardware::library`].
    pub fn with_text(&self, text: &str) -> Result<Library, VerilateError> {
        let text = text.to_owned();
        match &self.gates {
            Some(level) => self.verilate_gates(&Gates {
                netlist: text,
                cells: level.gates.cells.clone(),
            }),
            None => {
                let design = Design {
                    text,
                    ..self.design.clone()
                };
                self.verilate(&design, Trace::None, Profile::Quick)
            }
        }
    }

    fn verilate_gates(&self, gates: &Gates) -> Result<Library, VerilateError> {
        let model = source(&self.plan, &self.design);
        let (model, options) = gates.instead_of(&self.design, model);
        build(&model, &options, &cache::models(&self.out))
    }
}

fn explained(library: Result<Library, VerilateError>) -> Result<Library, Failure> {
    Ok(library.map_err(|error| Explained::new("eqprop::verilate", &error))?)
}
