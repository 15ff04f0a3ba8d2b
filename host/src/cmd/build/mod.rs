//! `eqprop build`: from a network to a bitstream, with honest area and timing.

mod area;
mod built;
mod choices;
mod record;

use std::fs;
use std::path::Path;

use hdl::arch::{estimate, Plan};
use hdl::board::{Board, Family};
use hdl::clocking::EngineClock;
use hdl::design;
use sim::bittrue::Mode;
use sim::progress::Progress;

use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::cosim::Workload;
use crate::error::{Explained, Failure};
use crate::flow::{self, BuildReport, Event, Expected, FlowError, FlowInput, Tried};
use crate::output::{self, Printer};
use crate::resolve::Resolved;
use built::median;
pub use built::Built;
pub use choices::{ClockChoice, Seeds};
pub use record::Record;

/// Synthesise, place and route the engine for a board, and pack a bitstream
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop build --network digits --board icebreaker")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    /// Placement seeds to try, in parallel: a number of them, or a list such as 3,7; the fastest result
    /// is packed
    #[arg(long, value_name = "N", default_value = "1")]
    seeds: Seeds,
    /// Clock of the engine: "fastest" that the build reaches, "board" for the oscillator as it is, or
    /// at most so many MHz
    #[arg(long, value_name = "MHZ", default_value = "fastest")]
    clock: ClockChoice,
    /// Only synthesise and pack, in a minute or so: what the design takes of the device, the estimate beside it
    #[arg(long, conflicts_with_all = ["seeds", "clock", "data"])]
    area: bool,
}

/// Samples over which the mean cycles are predicted.
const WORKLOAD: usize = 100;

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    if arguments.area {
        return area::run(&resolved, printer);
    }
    let workload = Workload::new(&resolved, arguments.data.given(), WORKLOAD)?;
    workload.tell(printer);
    let built = build(
        &resolved,
        &workload,
        &arguments.seeds.0,
        arguments.clock,
        &claim(&resolved)?,
        printer,
    )?;
    let missed = !built.flow.timing_met;
    printer.result(&built.to_string(), &built)?;
    if missed {
        return Err(Failure::failed(
            Explained::new("eqprop::build::timing", &Missed)
                .or_help("let the build choose (--clock fastest), or try more seeds (--seeds 5) or fewer lanes (--lanes)"),
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
#[error("the placed design is slower than the clock it is made for")]
struct Missed;

#[derive(Debug, thiserror::Error)]
#[error("the {board} makes no clock of at most {mhz} MHz for the engine")]
struct NoClock {
    board: String,
    mhz: f64,
}

/// Claims the folder of a network's builds for its board.
///
/// # Errors
/// No such board; another process builds there.
pub fn claim(resolved: &Resolved) -> Result<Claim, Failure> {
    let board = Board::load(&resolved.network.engine.board)?;
    Claim::new(&resolved.out.join(&board.name), Kind::Build)
}

/// Builds the bitstream of a network for its board in the folder that is claimed.
///
/// # Errors
/// A network without hardware, a missing or failing tool, a design that does not fit.
pub fn build(
    resolved: &Resolved,
    workload: &Workload,
    seeds: &[u32],
    choice: ClockChoice,
    claim: &Claim,
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
        ("block RAMs", bram, board.device.resources.block_rams),
        ("multipliers", dsp, board.device.resources.dsps),
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
    let at = |clock: EngineClock| {
        let progress = printer.progress();
        let flow = at_clock(plan, board, clock, seeds, claim.folder(), &*progress);
        flow.map_err(|error| advise(error, resolved))
    };
    let (clock, flow, clocks_tried) = match choice {
        ClockChoice::Board => one(EngineClock::oscillator(board), at)?,
        ClockChoice::Mhz(mhz) => one(at_most(board, mhz)?, at)?,
        ClockChoice::Fastest => {
            let guess = estimate::engine_mhz(board, plan.shape.lanes);
            let first = EngineClock::at_most(board, guess * 1e6);
            let rounds = flow::fastest(
                first.unwrap_or(EngineClock::oscillator(board)),
                |hz| EngineClock::at_most(board, hz),
                // A design without a clock cannot be: it has a UART.
                |clock| at(clock).map(|flow| (flow.fmax_mhz.unwrap_or(0.0), flow)),
            )?;
            let tried = rounds.iter().map(|round| round.tried()).collect();
            let best = rounds.into_iter().next().expect("there is a first round");
            (best.clock, best.built, tried)
        }
    };
    let flow = publish(flow, plan, board, clock, claim.folder())?;
    let cycles = workload.mean_cycles(Mode::Nudge);
    Ok(Built {
        network: resolved.network.name.clone(),
        lanes: plan.shape.lanes,
        cycles_per_sample: cycles.busy,
        stream_cycles_per_sample: cycles.stream,
        stream_samples_per_second: clock.hz / cycles.stream,
        clock,
        clocks_tried,
        fmax_median_mhz: median(&flow.fmax_all),
        flow,
    })
}

/// One build, which has to do whatever it reaches.
fn one(
    clock: EngineClock,
    at: impl Fn(EngineClock) -> Result<BuildReport, Failure>,
) -> Result<(EngineClock, BuildReport, Vec<Tried>), Failure> {
    let flow = at(clock)?;
    let tried = flow.fmax_mhz.map(|fmax_mhz| Tried {
        clock_mhz: clock.mhz(),
        fmax_mhz,
    });
    Ok((clock, flow, tried.into_iter().collect()))
}

fn at_most(board: &Board, mhz: f64) -> Result<EngineClock, Failure> {
    EngineClock::at_most(board, mhz * 1e6).ok_or_else(|| {
        let error = NoClock {
            board: board.title.clone(),
            mhz,
        };
        let oscillator = f64::from(board.clock.hz) / 1e6;
        Explained::new("eqprop::build::clock", &error)
            .or_help(format!(
                "its oscillator has {oscillator} MHz: --clock board"
            ))
            .into()
    })
}

/// Places and routes the design for one clock, in a folder that belongs to this clock.
fn at_clock(
    plan: &Plan,
    board: &Board,
    clock: EngineClock,
    seeds: &[u32],
    out: &Path,
    progress: &dyn Progress,
) -> Result<BuildReport, FlowError> {
    let out = out.join(format!("{:.3}MHz", clock.mhz()));
    with_design(plan, board, &clock, seeds, &out, |input| {
        place(input, progress)
    })
}

/// Hands `run` the board top of a plan for one clock, as the flow takes it.
fn with_design<R>(
    plan: &Plan,
    board: &Board,
    clock: &EngineClock,
    seeds: &[u32],
    out_dir: &Path,
    run: impl FnOnce(&FlowInput) -> Result<R, FlowError>,
) -> Result<R, FlowError> {
    let design = design::board(plan, board, clock)?;
    run(&FlowInput {
        files: &design.verilog(),
        hard: &design.hard(board.device.family),
        top: &design.top,
        board,
        seeds,
        out_dir,
        expected: Expected {
            dsp: estimate::multipliers(plan, board),
            bram: estimate::block_rams(plan, board),
        },
        clock_hz: clock.hz,
    })
}

/// Copies the bitstream of the chosen clock to where it is looked for, with a record of what it is.
fn publish(
    mut flow: BuildReport,
    plan: &Plan,
    board: &Board,
    clock: EngineClock,
    out: &Path,
) -> Result<BuildReport, Failure> {
    let name = flow.bitstream.file_name().expect("a bitstream is a file");
    let path = out.join(name);
    let bytes = fs::read(&flow.bitstream).map_err(|source| FlowError::Io {
        action: "read",
        path: flow.bitstream.display().to_string(),
        source,
    })?;
    output::write(&path, &bytes)?;
    Record::new(plan, board, clock, &path, &bytes)?.write(out)?;
    flow.bitstream = path;
    Ok(flow)
}

fn place(input: &FlowInput, progress: &dyn Progress) -> Result<BuildReport, FlowError> {
    // iCE40 placements are timed a second time.
    let a_seed = match input.board.device.family {
        Family::Ice40 => 2,
        Family::Ecp5 => 1,
    };
    let steps = input.seeds.len() as u64 * a_seed + 2;
    let mut done = 0;
    progress.start(
        &format!("building at {:.1} MHz", input.clock_hz / 1e6),
        steps,
        "steps",
    );
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
            FlowError::Tool(_)
            | FlowError::Io { .. }
            | FlowError::NoSeed
            | FlowError::Pins { .. } => error.into(),
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
