//! `eqprop board flash`: a bitstream onto a board.

use std::path::PathBuf;

use hdl::board::{Board, ProgrammerTool};
use hdl::clocking::EngineClock;
use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::cmd::build::{self, Record};
use crate::cosim::Workload;
use crate::error::Failure;
use crate::output::Printer;
use crate::resolve::Resolved;
use crate::tools::{self, Tool};

/// Write a bitstream to its board: a given one, else the one that `eqprop build` made of this network, else a new one
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board flash --network digits --board icebreaker")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    /// A bitstream that was built before
    #[arg(long, value_name = "FILE")]
    bitstream: Option<PathBuf>,
    /// Write the FPGA's own memory, which forgets without power, in place of the flash memory
    #[arg(long)]
    sram: bool,
}

/// What was written, as `--json` prints it.
#[derive(Serialize)]
struct Flashed {
    board: String,
    bitstream: PathBuf,
    /// Of the engine; null for a bitstream that was given.
    clock_mhz: Option<f64>,
    /// The bitstream was there before.
    found: bool,
    command: String,
}

/// Which bitstream is written.
struct Chosen {
    path: PathBuf,
    clock_mhz: Option<f64>,
    found: bool,
}

/// Samples over which the build's mean cycles are predicted.
const WORKLOAD: usize = 20;
/// Folder, below that of `eqprop build`, of bitstreams that this command builds.
const ASIDE: &str = "flash";
/// Lines of a failed programmer that are quoted.
const QUOTED: usize = 8;

#[derive(Debug, Error, Diagnostic)]
enum FlashError {
    #[error("there is no bitstream {path}")]
    #[diagnostic(
        code(eqprop::board::bitstream),
        help(
            "`eqprop build` makes one and prints its path; without --bitstream it is taken, or one is built"
        )
    )]
    NoFile { path: String },
    #[error("the {board} has no way to write the FPGA's own memory")]
    #[diagnostic(code(eqprop::board::sram), help("leave --sram out"))]
    NoSram { board: String },
    #[error("no {board} is plugged in: {command}\n{quote}")]
    #[diagnostic(
        code(eqprop::board::no_device),
        help("check cable and power; as a user other than root a udev rule is needed: {rules}")
    )]
    NoDevice {
        board: String,
        command: String,
        quote: String,
        rules: &'static str,
    },
    #[error("{command} failed ({status}):\n{quote}")]
    #[diagnostic(code(eqprop::board::flash), help("the whole log: {log}"))]
    Failed {
        command: String,
        status: String,
        quote: String,
        log: String,
    },
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let board = Board::load(&resolved.network.engine.board)?;
    let programmer = &board.programmer;
    let tool = match programmer.tool {
        ProgrammerTool::Iceprog => Tool::Iceprog,
        ProgrammerTool::OpenFpgaLoader => Tool::OpenFpgaLoader,
    };
    let target = match (arguments.sram, &programmer.sram_flags) {
        (false, _) => &programmer.flash_flags,
        (true, Some(flags)) => flags,
        (true, None) => {
            let board = board.title.clone();
            return Err(FlashError::NoSram { board }.into());
        }
    };
    if let Some(path) = arguments.bitstream.as_ref().filter(|path| !path.is_file()) {
        let path = path.display().to_string();
        return Err(FlashError::NoFile { path }.into());
    }
    // Before minutes of placing and routing.
    let located = tool.find()?;
    // Until the programmer is done nobody builds there.
    let claim = build::claim(&resolved)?;
    let chosen = match &arguments.bitstream {
        Some(path) => Chosen {
            path: path.clone(),
            clock_mhz: None,
            found: true,
        },
        None => choose(arguments, &resolved, &claim, printer)?,
    };
    let shown = chosen.path.display().to_string();
    let words = (programmer.flags.iter().chain(target).map(String::as_str)).chain([&*shown]);
    let words: Vec<&str> = words.collect();
    let name = tool.spec().name;
    let command = format!("{name} {}", words.join(" "));
    printer.note(&command);
    let log = claim.folder().join("flash.log");
    let mut run = located.command();
    run.args(&words);
    let mut lines = vec![];
    let status = tools::run(&located, run, &log, &mut |line| lines.push(line.to_owned()))?;
    if !status.success() {
        let said: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
        let quote: Vec<String> = (said[said.len().saturating_sub(QUOTED)..].iter())
            .map(|line| format!("  {line}"))
            .collect();
        let quote = quote.join("\n");
        return Err(match missing(&lines) {
            true => FlashError::NoDevice {
                board: board.title.clone(),
                command,
                quote,
                rules:
                    "see the tool's documentation (99-openfpgaloader.rules, 53-lattice-ftdi.rules)",
            }
            .into(),
            false => Failure::failed(FlashError::Failed {
                command,
                status: status.to_string(),
                quote,
                log: log.display().to_string(),
            }),
        });
    }
    let flashed = Flashed {
        board: board.name.clone(),
        bitstream: chosen.path,
        clock_mhz: chosen.clock_mhz,
        found: chosen.found,
        command,
    };
    let clock = (flashed.clock_mhz).map_or(String::new(), |mhz| format!(", {mhz:.1} MHz"));
    let text = format!(
        "{} holds {}{clock}\n",
        board.title,
        flashed.bitstream.display()
    );
    printer.result(&text, &flashed)
}

/// The bitstream that `eqprop build` made of this network, else one for the oscillator's clock: built aside, so that
/// what `build` made stays.
fn choose(
    arguments: &Arguments,
    resolved: &Resolved,
    claim: &Claim,
    printer: &Printer,
) -> Result<Chosen, Failure> {
    let board = Board::load(&resolved.network.engine.board)?;
    let plan = resolved.plan()?;
    let aside = Claim::new(&claim.folder().join(ASIDE), Kind::Build)?;
    for folder in [claim.folder(), aside.folder()] {
        let Some(record) = Record::read(folder) else {
            continue;
        };
        let path = folder.join(&record.bitstream);
        if record.is_of(&plan, board)? {
            printer.note(&format!(
                "`{}` was built of this network for {:.1} MHz",
                path.display(),
                record.clock_mhz
            ));
            return Ok(Chosen {
                path,
                clock_mhz: Some(record.clock_mhz),
                found: true,
            });
        }
        if folder == claim.folder() {
            printer.note(&format!(
                "`{}` was built of another configuration; it stays",
                path.display()
            ));
        }
    }
    printer.note(&format!(
        "building for the oscillator's {:.1} MHz, in `{}`; `eqprop build` finds a faster clock",
        EngineClock::oscillator(board).mhz(),
        aside.folder().display()
    ));
    let workload = Workload::new(resolved, arguments.data.given(), WORKLOAD)?;
    workload.tell(printer);
    let clock = build::ClockChoice::Board;
    let built = build::build(resolved, &workload, &[1], clock, &aside, printer)?;
    Ok(Chosen {
        path: built.flow.bitstream,
        clock_mhz: Some(built.clock.mhz()),
        found: false,
    })
}

/// The programmers' words for a board that is not there.
fn missing(lines: &[String]) -> bool {
    let words = [
        "Can't find",
        "device not found",
        "No device found",
        "unable to open ftdi",
        "No DFU compatible device",
        "Not found",
        "cable not found",
    ];
    lines
        .iter()
        .any(|line| words.iter().any(|words| line.contains(words)))
}
