//! `eqprop cosim`: the hardware in a simulator, in lockstep with both models on the network's data.

use clap::value_parser;
use sim::bittrue::Mode;
use sim::lockstep::LockstepError;
use sim::verilate::{Pressure, Trace};

use crate::args::{Common, Data};
use crate::cosim::{Bench, Report};
use crate::error::{Explained, Failure};
use crate::output::Printer;

/// Run the hardware in a simulator and compare every state with the models
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop cosim --network digits --samples 100")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    /// Samples to run, in a seeded random order that begins anew when all were shown [default: 100;
    /// 20 for a network of more than 50,000 weights]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    samples: Option<u32>,
    /// Free phase only
    #[arg(long)]
    infer: bool,
    /// Pause both streams at random
    #[arg(long, value_name = "SEED")]
    back_pressure: Option<u32>,
}

/// How probable a pause is in a cycle, in 1/256.
const GAP: u8 = 64;

impl Arguments {
    fn bench(&self, printer: &Printer) -> Result<Bench, Failure> {
        let resolved = self.common.resolve()?;
        let weights: usize = (resolved.network.blocks.iter())
            .map(|block| {
                let units = |layer: usize| resolved.network.layers[layer].units;
                units(block.a) * units(block.b)
            })
            .sum();
        let samples = self
            .samples
            .unwrap_or(if weights > 50_000 { 20 } else { 100 });
        let mut bench = Bench::new(&resolved, self.data.data.as_deref(), samples as usize)?;
        if self.infer {
            bench.mode = Mode::Infer;
        }
        bench.pressure = self.back_pressure.map(|seed| Pressure {
            seed,
            valid_gap: GAP,
            ready_gap: GAP,
        });
        for warning in &resolved.warnings {
            printer.warning(warning);
        }
        if let Some(note) = &bench.data.note {
            printer.note(note);
        }
        Ok(bench)
    }
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let bench = arguments.bench(printer)?;
    let library = bench.library(Trace::None)?;
    let unanswered = |error| Failure::failed(Explained::new("eqprop::cosim", &error));
    let mut lockstep = bench.lockstep(&library).map_err(unanswered)?;
    match bench.run(&mut lockstep, &*printer.progress()) {
        Ok(()) => {
            let report = Report::new(&bench, lockstep.totals(), None);
            printer.result(&report.to_string(), &report)
        }
        Err(LockstepError::Mismatch(mismatch)) => {
            let text = mismatch.to_string();
            let report = Report::new(&bench, lockstep.totals(), Some(text));
            printer.result(&report.to_string(), &report)?;
            let error = LockstepError::Mismatch(mismatch);
            Err(Failure::failed(Explained::new(
                "eqprop::cosim::mismatch",
                &error,
            )))
        }
        Err(error) => Err(unanswered(error)),
    }
}
