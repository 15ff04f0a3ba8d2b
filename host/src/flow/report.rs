//! What a build gave: area, speed and what the speed does not cover.

use std::fmt;
use std::path::PathBuf;

use hdl::board::Family;
use serde::Serialize;

use super::pack::Packed;
use super::place::{Path, Placed};
use super::synth::Netlist;
use super::FlowInput;

/// Clocks in MHz above which a result leans on hard blocks whose inner limits no tool here knows.
fn trusted_mhz(family: Family) -> f64 {
    match family {
        Family::Ice40 => 50.0,
        Family::Ecp5 => 200.0,
    }
}

/// The result of a build.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BuildReport {
    /// Name of the board.
    pub board: String,
    /// Part number.
    pub device: String,
    /// Always true: a design that does not fit is an error.
    pub fits: bool,
    /// iCE40: SB_LUT4 cells of the netlist; ECP5: LUTs as placed, with those used as carry or RAM.
    pub luts: usize,
    /// Flip-flops.
    pub ffs: usize,
    /// Hard multipliers.
    pub dsp: usize,
    /// Block RAMs.
    pub bram: usize,
    /// Every resource of which something is used.
    pub utilization: Vec<ResourceUse>,
    /// Largest frequency at which timing closes, for nextpnr and, on iCE40, for icetime; `None` for a design
    /// without a clock.
    pub fmax_mhz: Option<f64>,
    /// The clock that the design is made for.
    pub clock_mhz: f64,
    /// Whether every clock reaches its target.
    pub timing_met: bool,
    pub critical_path: Option<CriticalPath>,
    /// What `fmax_mhz` says nothing about, because nextpnr does not time it.
    pub untimed: Vec<String>,
    /// Whether `fmax_mhz` is worth no more than what `untimed` leaves out.
    pub leans_on_untimed: bool,
    /// The file to program.
    pub bitstream: PathBuf,
    /// Seed of the bitstream: the fastest of `seeds`.
    pub seed: u32,
    /// Every placement seed, and what each reached, in MHz; of that, what icetime says (iCE40).
    pub seeds: Vec<u32>,
    pub fmax_all: Vec<Option<f64>>,
    pub icetime_all: Vec<Option<f64>>,
    /// Tools and versions that made it.
    pub tools: Vec<String>,
}

/// Use of one kind of cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceUse {
    /// For people: "logic cells".
    pub name: String,
    /// nextpnr's name: "ICESTORM_LC".
    pub cell: String,
    pub used: usize,
    pub available: usize,
}

/// The slowest path within a clock.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CriticalPath {
    /// First cell and port.
    pub from: String,
    /// Last cell and port.
    pub to: String,
    pub total_ns: f64,
    /// Part of the total that is wires.
    pub routing_ns: f64,
    /// Cells passed between the two ends.
    pub levels: usize,
}

impl ResourceUse {
    pub fn new(cell: &str, used: usize, available: usize) -> ResourceUse {
        let name = match cell {
            "ICESTORM_LC" => "logic cells",
            "TRELLIS_COMB" => "LUTs",
            "TRELLIS_FF" => "flip-flops",
            "TRELLIS_RAMW" => "LUT-RAM write ports",
            "ICESTORM_RAM" | "DP16KD" => "block RAMs",
            "ICESTORM_SPRAM" => "single-port RAMs",
            "ICESTORM_DSP" | "MULT18X18D" => "multipliers",
            "SB_IO" | "TRELLIS_IO" => "pins",
            "SB_GB" | "DCCA" => "global nets",
            "ICESTORM_PLL" | "EHXPLLL" => "PLLs",
            other => other,
        };
        ResourceUse {
            name: name.to_string(),
            cell: cell.to_string(),
            used,
            available,
        }
    }
}

impl fmt::Display for ResourceUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} {}", self.used, self.available, self.name)
    }
}

/// Puts the report together from what the steps left behind.
pub fn assemble(
    input: &FlowInput,
    netlist: &Netlist,
    placements: &[Placed],
    best: &Placed,
    packed: Packed,
) -> BuildReport {
    let used = |cell: &str| best.report.utilization.get(cell).map_or(0, |u| u.used);
    let (luts, ffs, dsp, bram) = match input.board.device.family {
        Family::Ice40 => (
            netlist.count("SB_LUT4"),
            netlist.count("SB_DFF"),
            used("ICESTORM_DSP"),
            used("ICESTORM_RAM"),
        ),
        Family::Ecp5 => (
            used("TRELLIS_COMB"),
            used("TRELLIS_FF"),
            used("MULT18X18D"),
            used("DP16KD"),
        ),
    };
    let utilization = best
        .report
        .utilization
        .iter()
        .filter(|(_, utilization)| utilization.used > 0)
        .map(|(cell, utilization)| ResourceUse::new(cell, utilization.used, utilization.available))
        .collect();
    let clock = best.slowest_clock();
    let fmax_mhz = best.fmax_mhz();
    let untimed = untimed(input.board.device.family, &used, fmax_mhz);
    BuildReport {
        board: input.board.name.clone(),
        device: input.board.device.part.clone(),
        fits: true,
        luts,
        ffs,
        dsp,
        bram,
        utilization,
        fmax_mhz,
        clock_mhz: input.clock_hz / 1e6,
        timing_met: fmax_mhz.is_none_or(|fmax| fmax >= input.clock_hz / 1e6),
        critical_path: clock.and_then(|(name, _)| critical_path(name, &best.report.critical_paths)),
        leans_on_untimed: !untimed.is_empty()
            && fmax_mhz > Some(trusted_mhz(input.board.device.family)),
        untimed,
        bitstream: input.out_dir.join(&packed.bitstream),
        seed: best.seed,
        seeds: placements.iter().map(|placed| placed.seed).collect(),
        fmax_all: placements.iter().map(Placed::fmax_mhz).collect(),
        icetime_all: placements.iter().map(|placed| placed.icetime_mhz).collect(),
        tools: vec![netlist.tool.clone(), best.tool.clone(), packed.tool],
    }
}

/// The slowest path from the clock to itself.
fn critical_path(clock: &str, paths: &[Path]) -> Option<CriticalPath> {
    let total = |path: &Path| path.path.iter().map(|segment| segment.delay).sum::<f64>();
    let slowest = paths
        .iter()
        .filter(|path| path.from.ends_with(clock) && path.to.ends_with(clock))
        .max_by(|a, b| total(a).total_cmp(&total(b)))?;
    let (first, last) = (slowest.path.first()?, slowest.path.last()?);
    let segments = |kind: &'static str| slowest.path.iter().filter(move |s| s.kind == kind);
    Some(CriticalPath {
        from: format!("{}.{}", first.from.cell, first.from.port),
        to: format!("{}.{}", last.to.cell, last.to.port),
        total_ns: total(slowest),
        routing_ns: segments("routing").map(|segment| segment.delay).sum(),
        levels: segments("logic").count(),
    })
}

/// Paths through hard blocks that nextpnr 0.11 leaves out of its timing.
fn untimed(family: Family, used: &dyn Fn(&str) -> usize, fmax_mhz: Option<f64>) -> Vec<String> {
    let known: &[(&str, &str)] = match family {
        Family::Ice40 => &[(
            "ICESTORM_DSP",
            "SB_MAC16: nextpnr takes its inputs to need 0.1 ns whatever lies behind them (icetime times \
             its pins); paths between its own registers are not timed",
        )],
        Family::Ecp5 => &[
            ("MULT18X18D", "MULT18X18D: paths between its own registers are not timed"),
            ("DP16KD", "DP16KD: paths between its own registers are not timed"),
            ("ALU54B", "ALU54B: no path through it is timed"),
        ],
    };
    let mut untimed: Vec<String> = known
        .iter()
        .filter(|(cell, _)| used(cell) > 0)
        .map(|(_, text)| text.to_string())
        .collect();
    let trusted = trusted_mhz(family);
    if !untimed.is_empty() && fmax_mhz > Some(trusted) {
        untimed.push(format!(
            "above {trusted} MHz the hard blocks' own limits count (Lattice data sheet), not this Fmax"
        ));
    }
    untimed
}
