//! `eqprop build --area`: what a design takes of its device, with the estimate beside it.

use std::fmt;
use std::path::Path;

use hdl::arch::{estimate, Plan};
use hdl::board::Board;
use hdl::clocking::EngineClock;
use serde::Serialize;

use super::with_design;
use crate::claim::{Claim, Kind};
use crate::error::Failure;
use crate::flow::{self, Area, FlowError};
use crate::output::Printer;
use crate::report::table::{grouped, Align, Table};
use crate::resolve::Resolved;

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Packed {
    network: String,
    board: String,
    device: String,
    lanes: usize,
    weight_bits: u32,
    /// Whether every resource suffices.
    fits: bool,
    resources: Vec<Compared>,
    tools: Vec<String>,
}

/// One kind of resource.
#[derive(Serialize)]
struct Compared {
    name: &'static str,
    used: usize,
    available: usize,
    estimated: usize,
    /// Estimate over use, less 1.
    error: f64,
}

pub fn run(resolved: &Resolved, printer: &Printer) -> Result<(), Failure> {
    let board = Board::load(&resolved.network.engine.board)?;
    let plan = resolved.plan()?;
    let out = resolved.out.join(&board.name).join("area");
    let claim = Claim::new(&out, Kind::Build)?;
    let area = area(&plan, board, claim.folder())?;
    let packed = Packed {
        network: resolved.network.name.clone(),
        board: board.name.clone(),
        device: board.device.part.clone(),
        lanes: plan.shape.lanes,
        weight_bits: resolved.network.formats.weight_bits,
        fits: area.utilization.iter().all(|one| one.used <= one.available),
        resources: compare(&plan, board, &area),
        tools: area.tools,
    };
    printer.result(&packed.to_string(), &packed)
}

/// The design for the oscillator's own clock: a PLL takes no logic.
fn area(plan: &Plan, board: &Board, out: &Path) -> Result<Area, FlowError> {
    let clock = EngineClock::oscillator(board);
    with_design(plan, board, &clock, &[], out, |input| {
        flow::area(input, &mut |_| ())
    })
}

fn compare(plan: &Plan, board: &Board, area: &Area) -> Vec<Compared> {
    let used = |name: &str| {
        let one = area.utilization.iter().find(|one| one.name == name);
        match name {
            "flip-flops" => area.flip_flops,
            _ => one.map_or(0, |one| one.used),
        }
    };
    let compared = estimate::fits(plan, board).into_iter().map(|resource| {
        let used = used(resource.name);
        Compared {
            name: resource.name,
            used,
            available: resource.available,
            estimated: resource.needed,
            error: match (resource.needed, used) {
                (0, 0) => 0.0,
                (needed, used) => needed as f64 / used as f64 - 1.0,
            },
        }
    });
    compared.collect()
}

impl fmt::Display for Packed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([
            ("", Align::Left),
            ("used", Align::Right),
            ("of", Align::Right),
            ("estimated", Align::Right),
            ("error", Align::Right),
        ]);
        for one in &self.resources {
            table.row([
                one.name.to_string(),
                grouped(one.used as u64),
                grouped(one.available as u64),
                grouped(one.estimated as u64),
                format!("{:+.1} %", 100.0 * one.error),
            ]);
        }
        writeln!(
            f,
            "{} on {} lanes, {}-bit weights, {}: {}",
            self.network,
            self.lanes,
            self.weight_bits,
            self.board,
            if self.fits { "fits" } else { "does NOT fit" }
        )?;
        write!(f, "{table}")
    }
}
