//! From Verilog to a bitstream: yosys, nextpnr, then icepack or ecppack, as named steps.
//!
//! ```text
//! out_dir/  core.v …  synth.ys                    what goes in
//!           pins.json  pins.txt                   step "pins", of boards that are not built in
//!           netlist.json  cells.json              step "synth"
//!           seed-1.asc|config  seed-1.json  …     steps "place-1" …, one a seed, in parallel
//!           <top>.bin|bit                         step "pack"
//!           synth.log  place-1.log  pack.log      what the tools said
//!           synth.stamp  …                        which inputs the results belong to
//! ```
//! A step whose inputs, flags and tool version are those of its stamp is not run again. Results
//! are made in a scratch folder and renamed when complete.

mod area;
mod error;
mod netlist;
mod pack;
mod pins;
mod place;
mod report;
mod rounds;
mod scratch;
mod steps;
mod synth;

#[cfg(test)]
mod tests;

use std::panic::resume_unwind;
use std::path::Path;
use std::sync::mpsc::{channel, Sender};
use std::thread;

use hdl::board::Board;
use rayon::prelude::*;

pub use area::{area, Area};
pub use error::{FlowError, Shortage};
pub use netlist::{given, netlist, GateLevel, Origin};
pub use report::{BuildReport, ResourceUse};
pub use rounds::{fastest, Tried};

use place::Placed;
use steps::{Notice, Steps};

/// What is built.
pub struct FlowInput<'a> {
    /// Verilog files: name inside `out_dir`, text.
    pub files: &'a [(String, String)],
    /// Modules that are read in place of those of `files`; may be empty.
    pub hard: &'a str,
    /// Top module, with the ports that `Board::ports` names; also the bitstream's file name.
    pub top: &'a str,
    pub board: &'a Board,
    /// Placement seeds, at least one. Each is placed; the fastest result is packed.
    pub seeds: &'a [u32],
    /// Folder for everything that is made.
    pub out_dir: &'a Path,
    pub expected: Expected,
    /// Frequency to aim at, of the clock inside the engine, in Hz.
    pub clock_hz: f64,
}

/// Hard blocks that the plan counts on. Synthesis is refused when it makes more or fewer: a lost
/// multiplier or a memory made of flip-flops means that the design is not the one that was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    pub dsp: usize,
    pub bram: usize,
}

/// What happens during a build; the command line draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A step starts to run.
    Started(&'a str),
    /// A line of the running step's tool.
    Line(&'a str),
    /// The running step is done.
    Finished(&'a str),
    /// A step's earlier results are used.
    Reused(&'a str),
}

/// Builds the bitstream. A missed clock is not an error: compare `fmax_mhz` with `clock_mhz`.
pub fn build(input: &FlowInput, observer: &mut dyn FnMut(Event)) -> Result<BuildReport, FlowError> {
    let mut steps = Steps::new(input.out_dir, observer)?;
    pins::check(&mut steps, input)?;
    let netlist = synth::run(&mut steps, input)?;
    place::prepare(&steps, input)?;
    let placements = place_all(&mut steps, input)?;
    let best = placements
        .iter()
        .reduce(|best, next| {
            if next.margin() > best.margin() {
                next
            } else {
                best
            }
        })
        .ok_or(FlowError::NoSeed)?;
    let packed = pack::run(&mut steps, input, best)?;
    Ok(report::assemble(input, &netlist, &placements, best, packed))
}

/// Places every seed, as many at a time as there are cores.
fn place_all(steps: &mut Steps, input: &FlowInput) -> Result<Vec<Placed>, FlowError> {
    let (sender, notices) = channel();
    let scratch = steps.scratch();
    let place = move || {
        let each = |sender: &mut Sender<Notice>, seed: &u32| {
            let mut forward = |event: Event| {
                // The receiver lives until every sender is gone.
                let _ = sender.send(Notice::of(event));
            };
            place::run(
                &mut scratch.steps(input.out_dir, &mut forward),
                input,
                *seed,
            )
        };
        input.seeds.par_iter().map_with(sender, each).collect()
    };
    thread::scope(|scope| {
        let placing = scope.spawn(place);
        for notice in notices {
            steps.tell(notice.event());
        }
        placing.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}
