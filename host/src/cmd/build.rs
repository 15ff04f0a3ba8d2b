//! `eqprop build`: from a network to a bitstream, with honest area and timing.

use std::fmt;
use std::path::Path;

use clap::value_parser;
use hdl::arch::estimate;
use hdl::board::Board;
use hdl::design;
use serde::Serialize;
use sim::bittrue::Mode;
use sim::progress::Progress;

use crate::args::{Common, Data};
use crate::cosim::Workload;
use crate::error::{Explained, Failure};
use crate::flow::{self, BuildReport, Event, Expected, FlowError, FlowInput};
use crate::output::Printer;
use crate::report::table::{grouped, Align, Table};
use crate::resolve::Resolved;

/// Synthesise, place and route the engine for a board, and pack a bitstream
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop build --network digits --board icebreaker")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    /// Placement seeds to try; the fastest result is packed
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1",
          value_parser = value_parser!(u32).range(1..))]
    seeds: Vec<u32>,
}

/// What was built, as `--json` prints it.
#[derive(Serialize)]
pub struct Built {
    pub network: String,
    pub lanes: usize,
    #[serde(flatten)]
    pub flow: BuildReport,
    /// Free and nudged phases of one sample, mean over samples of the data at initial weights.
    pub cycles_per_sample: f64,
    /// At the board's clock.
    pub samples_per_second: f64,
}

/// Samples over which the mean cycles are predicted.
const WORKLOAD: usize = 100;

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let workload = Workload::new(&resolved, arguments.data.data.as_deref(), WORKLOAD)?;
    let built = build(&resolved, &workload, &arguments.seeds, printer)?;
    let missed = !built.flow.timing_met;
    printer.result(&built.to_string(), &built)?;
    if missed {
        return Err(Failure::failed(
            Explained::new("eqprop::build::timing", &Missed)
                .or_help("try other placement seeds (--seeds 1,2,3) or fewer lanes (--lanes)"),
        ));
    }
    Ok(())
}

/// Hard blocks that a board has too few of.
#[derive(Debug, thiserror::Error)]
#[error("the design does not fit the {board}: it needs {needed} {what}, there are {available}")]
struct Shortage {
    board: String,
    what: &'static str,
    needed: usize,
    available: usize,
}

#[derive(Debug, thiserror::Error)]
#[error("the placed design is slower than the board's clock")]
struct Missed;

/// Builds the bitstream of a network for its board.
///
/// # Errors
/// A network without hardware, a missing or failing tool, a design that does not fit.
pub fn build(
    resolved: &Resolved,
    workload: &Workload,
    seeds: &[u32],
    printer: &Printer,
) -> Result<Built, Failure> {
    let board = Board::load(&resolved.network.engine.board)?;
    let plan = &workload.plan;
    let (dsp, bram) = (
        estimate::multipliers(plan, board),
        estimate::block_rams(plan, board),
    );
    // Synthesis of memories that cannot fit would take minutes to say the same.
    for (what, needed, available) in [
        ("block RAMs", bram, board.resources.block_rams),
        ("multipliers", dsp, board.resources.dsps),
    ] {
        if needed > available {
            let shortage = Shortage {
                board: board.title.clone(),
                what,
                needed,
                available,
            };
            let error = Explained::new("eqprop::build::fit", &shortage);
            return Err(Failure::failed(error.or_help(way_out(resolved))));
        }
    }
    let design = design::board(plan, board).map_err(|e| Explained::new("eqprop::emit", &e))?;
    let input = FlowInput {
        files: &[(format!("{}.v", design.top), design.text)],
        top: &design.top,
        board,
        seeds,
        out_dir: &resolved.out.join(&board.name),
        expected: Expected { dsp, bram },
        clock_hz: f64::from(board.clock.hz),
    };
    let flow = place(&input, &*printer.progress()).map_err(|error| advise(error, resolved))?;
    let cycles_per_sample = workload.mean_cycles(Mode::Nudge);
    Ok(Built {
        network: resolved.network.name.clone(),
        lanes: plan.shape.lanes,
        samples_per_second: flow.clock_mhz * 1e6 / cycles_per_sample,
        cycles_per_sample,
        flow,
    })
}

fn place(input: &FlowInput, progress: &dyn Progress) -> Result<BuildReport, FlowError> {
    let steps = input.seeds.len() as u64 + 2;
    let mut done = 0;
    progress.start("building", steps, "steps");
    let report = flow::build(input, &mut |event| {
        if let Event::Finished(_) | Event::Reused(_) = event {
            done += 1;
            progress.reach(done);
        }
    });
    progress.finish();
    report
}

/// A design that does not fit is told with the lanes that would.
fn advise(error: FlowError, resolved: &Resolved) -> Failure {
    let FlowError::DoesNotFit { .. } = &error else {
        return match &error {
            FlowError::Tool(_) | FlowError::Io { .. } | FlowError::NoSeed => error.into(),
            _ => Failure::failed(error),
        };
    };
    let error = Explained::new("eqprop::build::fit", &error);
    Failure::failed(error.or_help(way_out(resolved)))
}

/// Lanes with which a design would fit its board, or what else would help.
fn way_out(resolved: &Resolved) -> String {
    let network = &resolved.network;
    let smaller = Board::load(&network.engine.board)
        .ok()
        .and_then(|board| estimate::largest_lanes(network, board));
    match smaller {
        Some(lanes) => format!("by estimate {lanes} lanes fit: --lanes {lanes}"),
        None => "fewer lanes do not help: smaller layers, fewer weight bits or a larger board \
                 (--board) do"
            .into(),
    }
}

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        let flow = &self.flow;
        table.row(["board", &flow.board, &format!("({})", flow.device)]);
        table.row(["lanes", &self.lanes.to_string(), ""]);
        for used in &flow.resources {
            let percent = 100 * used.used / used.available.max(1);
            table.row([
                &used.name,
                &grouped(used.used as u64),
                &format!("of {} ({percent} %)", grouped(used.available as u64)),
            ]);
        }
        let fmax = flow
            .fmax_mhz
            .map_or("none".into(), |mhz| format!("{mhz:.1}"));
        let verdict = if flow.timing_met { "met" } else { "MISSED" };
        table.row(["largest clock", &fmax, "MHz, as nextpnr models it"]);
        table.row([
            "board clock",
            &format!("{:.1}", flow.clock_mhz),
            &format!("MHz, {verdict}"),
        ]);
        table.row([
            "cycles",
            &format!("{:.0}", self.cycles_per_sample),
            "a sample, free and nudged, initial weights",
        ]);
        table.row([
            "samples",
            &format!("{:.0}", self.samples_per_second),
            "a second at the board clock",
        ]);
        write!(f, "{table}")?;
        for untimed in &flow.untimed {
            writeln!(f, "not timed: {untimed}")?;
        }
        writeln!(f, "bitstream: {}", shown(&flow.bitstream))
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
