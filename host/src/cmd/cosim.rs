//! `eqprop cosim`: the hardware in a simulator, in lockstep with both models on the network's data.

use std::path::{Path, PathBuf};

use clap::value_parser;
use hdl::board::Board;
use sim::bittrue::Mode;
use sim::exchange::{self, OutOfRange};
use sim::lockstep::{Lockstep, LockstepError, Mismatch};
use sim::verilate::{Pressure, Trace};

use super::board::train::differs;
use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::cosim::gates::Netlist;
use crate::cosim::{fault, settling, trace, uart, vectors, wave, Bench, Report};
use crate::error::{Explained, Failure};
use crate::output::Printer;
use crate::questions::Learned;

/// Run the hardware in a simulator and compare every state and learned weight with the models
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
    /// Start from these weights (.npz or .safetensors) in place of random ones
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Free phase only
    #[arg(long)]
    infer: bool,
    /// Learn from every sample, on chip
    #[arg(long, conflicts_with = "infer")]
    learn: bool,
    /// Run the core of this file, edited or of another make, in place of the generated one: module eqprop_core with the
    /// ports that `eqprop generate` gives it
    #[arg(long, value_name = "FILE", conflicts_with = "uart")]
    core: Option<PathBuf>,
    /// Run the netlist that synthesis makes for the board, or that of a file, with a model of every cell; no waveform
    #[arg(long, value_name = "FILE", num_args = 0..=1)]
    netlist: Option<Option<PathBuf>>,
    /// Run the whole board, with --netlist that of its cells, at the pins of its serial line: learn from samples
    /// [default: 3], read all weights back
    #[arg(long, conflicts_with_all = ["trace", "back_pressure", "inject_fault"])]
    uart: bool,
    /// Pause both streams at random
    #[arg(long, value_name = "SEED")]
    back_pressure: Option<u32>,
    /// Do not write the waveform of the first sample
    #[arg(long)]
    no_vcd: bool,
    /// Print the states at the end of each phase of the first N samples; with -v of all units
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "1",
          value_parser = value_parser!(u64).range(1..))]
    trace: Option<u64>,
    /// Change one operator, shift or bit of the Verilog, or with --netlist of a look-up table, and see that it is
    /// noticed: exit code 0 if so, 1 if the samples show no difference
    #[arg(long, value_name = "SEED")]
    inject_fault: Option<u32>,
    /// Run the reference cases of this folder in place of a network: the bit-true model, and the
    /// hardware on --lanes lanes, by default those of the board
    #[arg(long, value_name = "DIR",
          conflicts_with_all = ["samples", "weights", "infer", "learn", "core", "netlist", "uart", "back_pressure", "no_vcd", "trace", "inject_fault", "data"])]
    vectors: Option<PathBuf>,
}

/// How probable a pause is in a cycle, in 1/256.
const GAP: u8 = 64;

impl Arguments {
    fn netlist(&self) -> Option<Netlist> {
        let netlist = self.netlist.as_ref()?;
        Some(match netlist {
            None => Netlist::Synthesised,
            Some(path) => Netlist::File(path.clone()),
        })
    }

    /// What is compared: hardware, weights, samples.
    ///
    /// # Errors
    /// A network, weights, data or core that cannot be read, or a network without hardware.
    pub fn bench(&self, printer: &Printer) -> Result<Bench, Failure> {
        let resolved = self.common.resolve()?;
        let weights: usize = (resolved.network.blocks.iter())
            .map(|block| {
                let units = |layer: usize| resolved.network.layers[layer].units;
                units(block.a) * units(block.b)
            })
            .sum();
        let samples = self.samples.unwrap_or(match weights {
            _ if self.uart => 3,
            50_001.. => 20,
            _ => 100,
        });
        let given = self.data.given();
        let bench = |given| Bench::new(&resolved, given, samples as usize);
        let mut bench = match &self.weights {
            None => bench(given)?,
            Some(path) => {
                let learned = Learned::of(Some(path), &resolved, given, printer)?;
                let mut bench = bench(learned.given(given))?;
                bench.weights =
                    exchange::load(path, &resolved.network, OutOfRange::Refuse)?.weights;
                Learned::compare(&bench.data, printer);
                bench
            }
        };
        if let Some(path) = &self.core {
            if matches!(self.netlist, Some(Some(_))) {
                return Err(TwoCores.into());
            }
            bench.hardware.replace_core(path)?;
        }
        if let Some(netlist) = self.netlist().filter(|_| !self.uart) {
            let (board, hardware) = (
                Board::load(&resolved.network.engine.board)?,
                &bench.hardware,
            );
            let level = netlist.of(&hardware.design, board, &hardware.out, "core", printer)?;
            bench.hardware.gates = Some(level);
        }
        if self.infer {
            bench.mode = Mode::Infer;
        }
        if self.learn || self.uart && !self.infer {
            bench.mode = Mode::Learn;
        }
        bench.alone = self.trace.unwrap_or(0) as usize;
        bench.pressure = self.back_pressure.map(|seed| Pressure {
            seed,
            valid_gap: GAP,
            ready_gap: GAP,
        });
        for warning in &resolved.warnings {
            printer.warning(warning);
        }
        printer.data(&bench.data);
        Ok(bench)
    }
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    if let Some(folder) = &arguments.vectors {
        return check_cases(arguments, folder, printer);
    }
    let bench = arguments.bench(printer)?;
    match arguments.inject_fault {
        Some(seed) => inject(arguments, &bench, seed, printer),
        None if arguments.uart => at_the_pins(arguments, &bench, printer),
        None => compare(arguments, &bench, printer),
    }
}

/// Runs everything; a mismatch is reported with a waveform around it.
fn compare(arguments: &Arguments, bench: &Bench, printer: &Printer) -> Result<(), Failure> {
    let traced = arguments.trace.unwrap_or(0) as usize;
    let mut entries = vec![];
    let (mut report, mismatch) =
        watched(arguments, bench, printer, |lockstep, position, failed| {
            if traced > 0 && (position < traced || failed) {
                entries.extend(trace::entries(lockstep, position, &bench.sample(position)));
            }
        })?;
    let mut text = report.to_string();
    if traced > 0 {
        let first = report.mismatch.as_deref().unwrap_or("none");
        let table = trace::table(&entries, printer.verbose());
        text = format!("{table}\nfirst divergent quantity: {first}\n\n{text}");
        report.trace = Some(entries);
    }
    printer.result(&text, &report)?;
    match mismatch {
        None => Ok(()),
        Some(mismatch) => Err(Failure::failed(Differs::new(&mismatch, &report))),
    }
}

/// Runs everything, with a waveform of the first sample and of a mismatch; `look` sees hardware and models after each
/// sample, its position in the run, and whether it failed.
///
/// # Errors
/// Hardware that cannot be made or does not answer; a file that cannot be written. A mismatch is part of the result.
pub fn watched(
    arguments: &Arguments,
    bench: &Bench,
    printer: &Printer,
    mut look: impl FnMut(&mut Lockstep, usize, bool),
) -> Result<(Report, Option<Box<Mismatch>>), Failure> {
    let vcd = !arguments.no_vcd && arguments.netlist.is_none();
    let _claim = match vcd {
        true => Some(Claim::new(&bench.hardware.out, Kind::Waveforms)?),
        false => None,
    };
    let library = bench
        .hardware
        .library(if vcd { Trace::Vcd } else { Trace::None })?;
    let mut lockstep = bench.lockstep(&library).map_err(unanswered)?;

    let (mut path, mut plot) = (None, None);
    let mut outcome = Ok(());
    if vcd {
        let first = wave::first(bench, &mut lockstep)?;
        look(&mut lockstep, 0, first.outcome.is_err());
        (outcome, path) = (first.outcome, first.vcd);
        if outcome.is_ok() && bench.hardware.plan.network.spiking().is_some() {
            let title = format!("{}: one sample in spikes", bench.hardware.plan.network.name);
            let place = bench.hardware.out.join("spikes");
            let drawn = settling::plot(&lockstep, &bench.weights, &bench.sample(0), title, &place);
            let [_, png] = drawn.map_err(|error| Explained::new("eqprop::plot", &error))?;
            plot = Some(png);
        }
    }
    if outcome.is_ok() {
        outcome = bench.run(
            &mut lockstep,
            &*printer.progress(),
            |lockstep, position, _| {
                let failed = lockstep.totals().samples == position;
                look(lockstep, position, failed);
            },
        );
    }
    let mismatch = match outcome {
        Ok(()) => None,
        Err(LockstepError::Mismatch(mismatch)) => Some(mismatch),
        Err(error) => return Err(unanswered(error)),
    };
    if let Some(mismatch) = mismatch.as_ref().filter(|_| vcd) {
        path = wave::around(bench, &library, mismatch)?;
    }
    let mut report = Report::new(bench, lockstep.totals(), mismatch.as_deref());
    report.vcd = path;
    report.plot = plot;
    Ok((report, mismatch))
}

fn check_cases(arguments: &Arguments, folder: &Path, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let report = vectors::check(folder, resolved.lanes()?, &resolved.out)?;
    printer.result(&report.to_string(), &report)?;
    match report.mismatches {
        0 => Ok(()),
        mismatches => Err(Failure::failed(CasesFail { mismatches })),
    }
}

fn at_the_pins(arguments: &Arguments, bench: &Bench, printer: &Printer) -> Result<(), Failure> {
    let report = uart::run(bench, arguments.netlist(), printer)?;
    printer.result(&report.to_string(), &report)?;
    differs(&report.comparison)
}

fn inject(
    arguments: &Arguments,
    bench: &Bench,
    seed: u32,
    printer: &Printer,
) -> Result<(), Failure> {
    let modes: &[Mode] = match (arguments.infer, arguments.learn) {
        (true, _) => &[Mode::Infer],
        (_, true) => &[Mode::Learn],
        _ => &[Mode::Learn, Mode::Infer],
    };
    let traced = arguments.trace.unwrap_or(0) as usize;
    let report = fault::inject(bench, seed, modes, traced, &*printer.progress())?;
    let mut text = report.to_string();
    if let Some(entries) = &report.trace {
        text = format!("{}\n{text}", trace::table(entries, printer.verbose()));
    }
    printer.result(&text, &report)?;
    if report.caught {
        Ok(())
    } else {
        Err(Failure::failed(Unnoticed { seed }))
    }
}

fn unanswered(error: LockstepError) -> Failure {
    Failure::failed(Explained::new("eqprop::cosim::silent", &error))
}

/// Two files for one core.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("--core and --netlist both name a file")]
#[diagnostic(
    code(eqprop::cosim::two_cores),
    help("leave one out; --core FILE --netlist runs what synthesis makes of the core")
)]
struct TwoCores;

/// Hardware and models differ.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("hardware and models differ: {mismatch}")]
#[diagnostic(
    code(eqprop::cosim::mismatch),
    help("{next}; `--trace` prints the states")
)]
pub struct Differs {
    mismatch: String,
    next: String,
}

impl Differs {
    /// A mismatch, and where to look at it.
    pub fn new(mismatch: &Mismatch, report: &Report) -> Differs {
        Differs {
            mismatch: mismatch.to_string(),
            next: report.vcd.as_ref().map_or_else(
                || "run again without --no-vcd to get a waveform around it".into(),
                |vcd| format!("look at it with `eqprop wave {}`", vcd.display()),
            ),
        }
    }
}

/// Reference cases that models or hardware do not reproduce.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{mismatches} numbers differ from the reference cases")]
#[diagnostic(
    code(eqprop::cosim::vectors),
    help(
        "the lists above name the first of each case; tests/vectors/README.md describes the format"
    )
)]
struct CasesFail {
    mismatches: usize,
}

/// A fault that nothing showed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("fault {seed} was not noticed")]
#[diagnostic(
    code(eqprop::cosim::unnoticed),
    help(
        "every state, cycle and answer is as without it: run more --samples, or take another seed"
    )
)]
struct Unnoticed {
    seed: u32,
}
