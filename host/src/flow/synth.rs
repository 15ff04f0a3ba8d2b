//! Step "synth": Verilog to a netlist of the device's cells, with the traps of yosys guarded.

use std::collections::BTreeMap;

use hdl::board::{Board, Family};
use serde::Deserialize;

use super::steps::{Key, Steps};
use super::{FlowError, FlowInput};
use crate::tools::Tool;

pub const STEP: &str = "synth";
pub const NETLIST: &str = "netlist.json";
const SCRIPT: &str = "synth.ys";
const HARD: &str = "hard.v";
const CELLS: &str = "cells.json";

/// What synthesis made.
pub struct Netlist {
    /// Cell type to number of cells.
    cells: BTreeMap<String, usize>,
    /// "yosys 0.70…"
    pub tool: String,
}

impl Netlist {
    /// Cells whose type starts with the prefix (SB_DFF, SB_DFFE, SB_DFFSR … are one family).
    pub fn count(&self, prefix: &str) -> usize {
        self.cells
            .iter()
            .filter(|(cell, _)| cell.starts_with(prefix))
            .map(|(_, count)| count)
            .sum()
    }
}

/// Cell types of the hard multipliers and of the block RAMs.
fn hard_cells(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Ice40 => ("SB_MAC16", "SB_RAM40_4K"),
        Family::Ecp5 => ("MULT18X18D", "DP16KD"),
    }
}

/// Synthesises; fails where yosys deleted logic, or counts other hard blocks than expected.
pub fn run(steps: &mut Steps, input: &FlowInput) -> Result<Netlist, FlowError> {
    let yosys = Tool::Yosys.find()?;
    // The script that stays makes its files beside itself; the one that runs, in the scratch folder.
    let kept = script(input, str::to_string);
    let mut key = Key::new(&yosys).and(&kept);
    if !input.hard.is_empty() {
        key = key.and_file(HARD, input.hard);
    }
    for (name, text) in input.files {
        key = key.and_file(name, text);
    }
    let log = steps.path(&format!("{STEP}.log")).display().to_string();
    steps.step(STEP, key, &[NETLIST, CELLS], |steps| {
        for (name, text) in input.files {
            steps.write(name, text)?;
        }
        if !input.hard.is_empty() {
            steps.write(HARD, input.hard)?;
        }
        steps.write(SCRIPT, &kept)?;
        let run = script(input, |file| steps.partial(file));
        steps.write_partial(SCRIPT, &run)?;
        let arguments = ["-s".to_string(), steps.partial(SCRIPT)];
        let outcome = steps.tool(STEP, &yosys, &arguments)?;
        if let Some(failure) = outcome.failure {
            return Err(failure);
        }
        refuse_conflicts(&outcome.lines, &log)
    })?;
    let netlist = Netlist {
        cells: cells(&steps.read(CELLS)?)?,
        tool: yosys.identity(),
    };
    let (dsp, bram) = hard_cells(input.board.device.family);
    for (kind, cell, expected) in [
        ("multipliers", dsp, input.expected.dsp),
        ("block RAMs", bram, input.expected.bram),
    ] {
        let found = netlist.count(cell);
        if found != expected {
            return Err(FlowError::Count {
                kind,
                cell,
                expected,
                found,
                log,
            });
        }
    }
    Ok(netlist)
}

/// The yosys script; `place` says where a file goes that it makes.
fn script(input: &FlowInput, place: impl Fn(&str) -> String) -> String {
    let top = input.top;
    let mut script = String::new();
    for (name, _) in input.files {
        script += &format!("read_verilog {name}\n");
    }
    if !input.hard.is_empty() {
        script += &format!("read_verilog -overwrite {HARD}\n");
    }
    script += &passes(input.board, top, &place("flat.il"));
    script
        + &format!("write_json {}\n", place(NETLIST))
        + &format!("tee -q -o {} stat -json\n", place(CELLS))
}

/// What a wire of an ECP5 takes on its way, in picoseconds: the mean of nextpnr's routes on the critical paths of
/// the engine. synth_ecp5 maps with 300, and then takes carry chains for slow and saves look-up tables on paths
/// that limit the clock.
const ROUTE_PS: u32 = 900;

/// From Verilog to the cells of the board's device; `flat` is a file for in between.
pub(super) fn passes(board: &Board, top: &str, flat: &str) -> String {
    match board.device.family {
        Family::Ice40 => {
            let multipliers = if board.device.resources.dsps > 0 {
                "-dsp "
            } else {
                ""
            };
            format!("synth_ice40 {multipliers}-no-rw-check -top {top}\n")
        }
        // synth_ecp5 can lose track of primitives below parametrised modules ("not part of the
        // design"); a design that was flattened, written and read again has no such modules.
        Family::Ecp5 => format!(
            "hierarchy -top {top}\nproc\nflatten\nwrite_rtlil {flat}\ndesign -reset\n\
             read_rtlil {flat}\nsynth_ecp5 -no-rw-check -top {top} -run :map_luts\n\
             check -latchonly -assert\nabc9 -W {ROUTE_PS}\nclean\n\
             synth_ecp5 -no-rw-check -top {top} -run map_cells:\n"
        ),
    }
}

/// yosys only warns when it resolves a conflict by deleting the cell that drives the wire.
pub(super) fn refuse_conflicts(lines: &[String], log: &str) -> Result<(), FlowError> {
    let mut conflicts = lines
        .iter()
        .filter(|line| line.to_ascii_lowercase().contains("driver-driver conflict"));
    let Some(first) = conflicts.next() else {
        return Ok(());
    };
    Err(FlowError::Conflict {
        count: 1 + conflicts.count(),
        first: first.trim_start_matches("Warning: ").to_string(),
        log: log.to_string(),
    })
}

/// Cell counts of `stat -json`.
fn cells(json: &[u8]) -> Result<BTreeMap<String, usize>, FlowError> {
    #[derive(Deserialize)]
    struct Statistics {
        design: Design,
    }
    #[derive(Deserialize)]
    struct Design {
        /// Absent in a design without cells.
        #[serde(default)]
        num_cells_by_type: BTreeMap<String, usize>,
    }
    serde_json::from_slice(json)
        .map(|statistics: Statistics| statistics.design.num_cells_by_type)
        .map_err(|problem| FlowError::Report {
            tool: "yosys",
            file: CELLS.to_string(),
            problem: problem.to_string(),
        })
}
