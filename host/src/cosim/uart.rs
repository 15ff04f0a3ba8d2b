//! The whole board top in a simulator, at the pins of its serial line: it learns from samples and hands back its
//! weights, as a board on the desk would.

use std::fmt;
use std::time::Duration;

use hdl::arch::registers::Register;
use hdl::arch::stream::{self, Purpose};
use hdl::arch::{random_seed, Link};
use hdl::board::Board;
use serde::Serialize;
use sim::bittrue::Mode;
use sim::board::{Line, VirtualBoard as Simulated};
use sim::progress::Progress;
use sim::verilate::{build, BuildOptions, Profile};

use super::bench::Bench;
use super::gates::Netlist;
use super::models;
use crate::cmd::board::shadow::{Comparison, Shadow};
use crate::error::{Explained, Failure};
use crate::flow::Origin;
use crate::link::{response, Device, LinkError, Port, Session, Statistics, VirtualBoard};
use crate::output::Printer;

/// Silence after which a simulated board is given up: gates are slow.
const PATIENCE: Duration = Duration::from_secs(120);

/// What was found, as `--json` prints it.
#[derive(Serialize)]
pub struct UartReport {
    pub network: String,
    pub board: String,
    pub lanes: usize,
    pub seed: u32,
    /// Samples that the board learned from, or answered.
    pub samples: usize,
    #[serde(flatten)]
    pub comparison: Comparison,
    /// Clock cycles of the board.
    pub cycles: u64,
    pub baud: u32,
    pub line: Statistics,
    /// The netlist that was run in place of the Verilog, and the models of its cells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub netlist: Option<Origin>,
}

/// Runs the bench's samples on the board top, or on a netlist of it.
///
/// # Errors
/// A missing tool, a board that does not answer.
pub fn run(
    bench: &Bench,
    gates: Option<Netlist>,
    printer: &Printer,
) -> Result<UartReport, Failure> {
    let plan = &bench.hardware.plan;
    let board = Board::load(&plan.network.engine.board)?;
    let (simulated, netlist) = simulated(bench, board, gates, printer)?;
    let link = Link::new(plan, board);
    let baud = link.baud;
    let virtual_board = VirtualBoard::of(simulated, link, None)?;
    let port = Port::open(virtual_board.path(), baud)?;
    let (session, identity) = Session::begin(port, PATIENCE)?;
    let mut device = Device::new(session.lossless(), identity, &plan.network)?;
    device.tell(printer.progress());
    let progress = printer.progress();
    progress.start("learning at the pins", bench.order.len() as u64, "samples");
    let comparison = compare(&mut device, bench, &*progress).map_err(LinkError::failure)?;
    progress.finish();
    Ok(UartReport {
        network: plan.network.name.clone(),
        board: board.name.clone(),
        lanes: plan.shape.lanes,
        seed: plan.network.seed,
        samples: bench.order.len(),
        comparison,
        cycles: virtual_board.cycles(),
        baud,
        line: device.statistics(),
        netlist,
    })
}

/// The board top with the host's end of its line around it.
fn simulated(
    bench: &Bench,
    board: &Board,
    gates: Option<Netlist>,
    printer: &Printer,
) -> Result<(Simulated, Option<Origin>), Failure> {
    let line = Line::pins(&bench.hardware.plan, board);
    let design = line.design(&bench.hardware.plan, board);
    let design = design.map_err(|error| Explained::new("eqprop::emit", &error))?;
    let model = line.source(&design, board);
    let (model, options, origin) = match gates {
        Some(netlist) => {
            let level = netlist.of(&design, board, &bench.hardware.out, "board", printer)?;
            let (model, options) = level.gates.instead_of(&design, model);
            (model, options, Some(level.origin))
        }
        None => {
            let options = BuildOptions {
                profile: Profile::Quick,
                ..BuildOptions::default()
            };
            (model, options, None)
        }
    };
    let library = build(&model, &options, &models(&bench.hardware.out))
        .map_err(|error| Explained::new("eqprop::verilate", &error))?;
    Ok((Simulated::of(library.instance(), line), origin))
}

/// Loads the weights, shows the samples and reads everything back, the bit-true model beside it.
fn compare(
    device: &mut Device,
    bench: &Bench,
    progress: &dyn Progress,
) -> Result<Comparison, LinkError> {
    device.configure()?;
    device.load(&bench.weights)?;
    let random = random_seed(device.plan().network.seed);
    device.set(Register::Random, random)?;
    let mut shadow = Shadow::new(device.plan(), &bench.weights, random);
    let samples: Vec<_> = (0..bench.order.len()).map(|n| bench.sample(n)).collect();
    let commands = samples.iter().map(|sample| {
        let purpose = match bench.mode {
            Mode::Infer => Purpose::Infer,
            Mode::Nudge => Purpose::Nudge(&sample.target),
            Mode::Learn => Purpose::Learn(&sample.target),
        };
        stream::sample(&sample.input, purpose, true)
    });
    device.stream(commands, |index, words| {
        shadow.compare(&samples[index], bench.mode, &response(words)?);
        progress.reach(index as u64 + 1);
        Ok(())
    })?;
    let read = device.read_weights()?;
    let random = device.read_random()?;
    shadow.compare_weights(&read, random);
    Ok(shadow.comparison)
}

impl fmt::Display for UartReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{}, seed {}: {} samples through the pins of a {} with {} lanes at {} baud, {} cycles",
            self.network, self.seed, self.samples, self.board, self.lanes, self.baud, self.cycles
        )?;
        if let Some(netlist) = &self.netlist {
            writeln!(f, "{netlist}")?;
        }
        writeln!(f, "{}", self.comparison.text())
    }
}
