//! `eqprop generate`: the hardware of a network as files for other tools.

use std::path::{Path, PathBuf};

use hdl::arch::estimate;
use hdl::board::Board;
use hdl::clocking::EngineClock;
use hdl::design;
use hdl::manifest::{FileEntry, Manifest};
use serde::Serialize;
use sim::bittrue::Mode;
use sim::exchange::{self, Form};
use sim::weights::Weights;

use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::cosim::Workload;
use crate::error::{Explained, Failure};
use crate::integration::{
    axi_lite, bench, core_file, example, wrapper, Prefix, AXI_LITE, BENCH, COCOTB, COCOTB_TEXT,
    COMMANDS, CORE_FILE, EXPECTED, INITIAL, NETWORK, SAMPLES, WRAPPER,
};
use crate::output::{self, Printer};

/// Write the Verilog of core and board, constraints, lint waivers, a FuseSoC core file with an
/// example of the bare core, and a manifest
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop generate --network digits --board icebreaker")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    /// Begin the names of all modules and of their files with NAME_ in place of eqprop_, for designs with two engines
    #[arg(long, value_name = "NAME")]
    prefix: Option<Prefix>,
    /// Write a bench for cocotb 2 too, which drives the core through cocotbext-axi and compares it with the bit-true model
    /// of the Python package
    #[arg(long)]
    cocotb: bool,
}

/// What was written, as `--json` prints it.
#[derive(Serialize)]
struct Generated {
    folder: PathBuf,
    manifest: Manifest,
}

/// Samples over which the manifest's cycles are predicted.
const WORKLOAD: usize = 100;

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let board = Board::load(&resolved.network.engine.board)?;
    let workload = Workload::new(&resolved, arguments.data.given(), WORKLOAD)?;
    workload.tell(printer);
    let plan = &workload.plan;
    let emit = |error| Explained::new("eqprop::emit", &error);
    let clock = EngineClock::oscillator(board);
    let top = design::board(plan, board, &clock).map_err(emit)?;
    let [commands, expected] = example(plan, &workload.samples(SAMPLES)).files();
    let mut files = [top.verilog(), top.waivers()].concat();
    files.extend([
        (
            board.constraints.clone(),
            board.constraints_text.to_string(),
        ),
        (WRAPPER.to_string(), wrapper(plan.shape.lanes)),
        (AXI_LITE.to_string(), axi_lite()),
        (BENCH.to_string(), bench(plan)),
        (COMMANDS.to_string(), commands),
        (EXPECTED.to_string(), expected),
        (
            CORE_FILE.to_string(),
            core_file(plan, board, arguments.cocotb),
        ),
    ]);
    if arguments.cocotb {
        files.push((COCOTB.to_string(), COCOTB_TEXT.to_string()));
    }
    if let Some(prefix) = &arguments.prefix {
        for (name, text) in &mut files {
            (*name, *text) = (prefix.rename(name), prefix.rename(text));
        }
    }
    if arguments.cocotb {
        let network = serde_json::to_string_pretty(&plan.network);
        let network = network.expect("a network has a form in JSON") + "\n";
        files.push((NETWORK.to_string(), network));
    }
    let entries = files
        .iter()
        .map(|(name, text)| FileEntry::new(name, text))
        .collect();
    let cycles = workload.mean_cycles(Mode::Nudge);
    let manifest = Manifest::new(plan, board, &clock, entries, (cycles.busy, cycles.stream));
    let _claim = Claim::new(&resolved.out, Kind::Verilog)?;
    for (name, text) in &files {
        output::write(&resolved.out.join(name), text.as_bytes())?;
    }
    if arguments.cocotb {
        let (network, path) = (&plan.network, resolved.out.join(INITIAL));
        exchange::save(&path, network, &Weights::initial(network), Form::Raw, None)?;
    }
    // Last, so that a manifest never names a file that is not there.
    let text = serde_json::to_string_pretty(&manifest).map_err(std::io::Error::from);
    let text = text.map_err(|error| Explained::new("eqprop::manifest", &error))? + "\n";
    output::write(&resolved.out.join("manifest.json"), text.as_bytes())?;

    let needed = estimate::block_rams(plan, board);
    if needed > board.device.resources.block_rams {
        printer.note(&format!(
            "{needed} block RAMs are needed, the {} has {}: fewer lanes or smaller layers fit",
            board.title, board.device.resources.block_rams
        ));
    }
    printer.result(
        &listing(&resolved.out, &manifest),
        &Generated {
            folder: resolved.out.clone(),
            manifest: manifest.clone(),
        },
    )
}

fn listing(folder: &Path, manifest: &Manifest) -> String {
    let files = manifest.files.iter().map(|file| file.name.as_str());
    files
        .chain(["manifest.json"])
        .map(|name| format!("{}\n", folder.join(name).display()))
        .collect()
}
