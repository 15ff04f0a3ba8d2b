//! Step "place-<seed>": a netlist to a placed and routed design, with nextpnr.

use std::collections::BTreeMap;

use hdl::board::{Board, Family};
use serde::Deserialize;

use super::steps::{Key, Steps};
use super::{synth, FlowError, FlowInput, ResourceUse, Shortage};
use crate::tools::{Located, Tool};

/// Result of one seed.
pub struct Placed {
    pub seed: u32,
    /// File with the routed design, input of the packer.
    pub routed: String,
    pub report: Report,
    /// What icetime makes of the routed design, in MHz: a second model of the same device, which times the
    /// pins of multipliers too. iCE40 only.
    pub icetime_mhz: Option<f64>,
    /// "nextpnr-ice40 0.11…"
    pub tool: String,
}

/// nextpnr's `--report`.
#[derive(Debug, Deserialize)]
pub struct Report {
    pub fmax: BTreeMap<String, Fmax>,
    pub utilization: BTreeMap<String, Utilization>,
    pub critical_paths: Vec<Path>,
}

/// One clock, in MHz.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Fmax {
    pub achieved: f64,
    pub constraint: f64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Utilization {
    pub used: usize,
    pub available: usize,
}

/// The slowest path between two clock domains ("posedge <clock>", "<async>").
#[derive(Debug, Deserialize)]
pub struct Path {
    pub from: String,
    pub to: String,
    pub path: Vec<Segment>,
}

#[derive(Debug, Deserialize)]
pub struct Segment {
    /// In ns.
    pub delay: f64,
    pub from: Pin,
    pub to: Pin,
    /// "clk-to-q", "source", "logic", "routing" or "setup".
    #[serde(rename = "type")]
    pub kind: String,
}

#[derive(Debug, Deserialize)]
pub struct Pin {
    pub cell: String,
    pub port: String,
}

impl Placed {
    /// Achieved over wanted frequency, of the clock where this is smallest; 0 without a clock.
    pub fn margin(&self) -> f64 {
        let wanted = self.slowest_clock().map(|(_, fmax)| fmax.constraint);
        let reached = self.fmax_mhz();
        reached
            .zip(wanted)
            .map_or(0.0, |(reached, wanted)| reached / wanted)
    }

    /// The frequency at which the timing of every model closes; `None` without a clock.
    pub fn fmax_mhz(&self) -> Option<f64> {
        let nextpnr = self.slowest_clock()?.1.achieved;
        Some(
            self.icetime_mhz
                .map_or(nextpnr, |icetime| icetime.min(nextpnr)),
        )
    }

    /// Name and frequencies of the clock with the smallest margin.
    pub fn slowest_clock(&self) -> Option<(&str, Fmax)> {
        let margin = |fmax: &Fmax| fmax.achieved / fmax.constraint;
        self.report
            .fmax
            .iter()
            .min_by(|a, b| margin(a.1).total_cmp(&margin(b.1)))
            .map(|(name, fmax)| (name.as_str(), *fmax))
    }
}

/// Writes what every seed reads.
pub fn prepare(steps: &Steps, input: &FlowInput) -> Result<(), FlowError> {
    steps.write(&input.board.constraints, input.board.constraints_text)
}

fn nextpnr(family: Family) -> Tool {
    match family {
        Family::Ice40 => Tool::NextpnrIce40,
        Family::Ecp5 => Tool::NextpnrEcp5,
    }
}

/// Device, netlist and constraints for nextpnr.
fn reads(board: &Board, netlist: &str) -> Vec<String> {
    let mut arguments = board.device.place_flags.clone();
    let flag = format!("--{}", board.device.family.constraints());
    let files = ["--json", netlist, &flag, &board.constraints];
    arguments.extend(files.map(str::to_string));
    arguments
}

/// Packs a netlist without placing it, as a step; what nextpnr said is its report, which is left in the output folder.
pub fn pack_only(
    steps: &mut Steps,
    board: &Board,
    [step, netlist, report]: [&str; 3],
) -> Result<Located, FlowError> {
    let tool = nextpnr(board.device.family).find()?;
    let mut arguments = reads(board, netlist);
    arguments.push("--pack-only".into());
    let key = Key::new(&tool)
        .and_all(&arguments)
        .and_file(netlist, steps.read(netlist)?)
        .and_file(&board.constraints, board.constraints_text);
    steps.step(step, key, &[report], |steps| {
        let outcome = steps.tool(step, &tool, &arguments)?;
        match outcome.failure {
            Some(failure) => Err(failure),
            None => steps.write_partial(report, &outcome.lines.join("\n")),
        }
    })?;
    Ok(tool)
}

/// Places and routes with one seed; fails with the resources where the design does not fit.
pub fn run(steps: &mut Steps, input: &FlowInput, seed: u32) -> Result<Placed, FlowError> {
    let board = input.board;
    let name = format!("place-{seed}");
    let (routed_flag, extension) = match board.device.family {
        Family::Ice40 => ("--asc", "asc"),
        Family::Ecp5 => ("--textcfg", "config"),
    };
    let tool = nextpnr(board.device.family).find()?;
    let routed = format!("seed-{seed}.{extension}");
    let report = format!("seed-{seed}.json");

    // The same for equal results: results go to the scratch folder, whose name is left out.
    let mut arguments = reads(board, synth::NETLIST);
    for (flag, value) in [
        ("--seed", seed.to_string()),
        ("--freq", format!("{}", input.clock_hz / 1e6)),
    ] {
        arguments.extend([flag.to_string(), value]);
    }
    // The caller decides what a missed clock means.
    arguments.push("--timing-allow-fail".to_string());
    let key = Key::new(&tool)
        .and_all(&arguments)
        .and_file(synth::NETLIST, steps.read(synth::NETLIST)?)
        .and_file(&board.constraints, board.constraints_text);

    steps.step(&name, key, &[&routed, &report], |steps| {
        for (flag, file) in [(routed_flag, &routed), ("--report", &report)] {
            arguments.extend([flag.to_string(), steps.partial(file)]);
        }
        let outcome = steps.tool(&name, &tool, &arguments)?;
        match outcome.failure {
            None => Ok(()),
            Some(failure) => Err(match shortage(&outcome.lines) {
                Some(shortage) => FlowError::DoesNotFit {
                    board: board.title.clone(),
                    shortage: Box::new(shortage),
                    log: steps.path(&format!("{name}.log")).display().to_string(),
                },
                None => failure,
            }),
        }
    })?;
    let unreadable = |problem: String| FlowError::Report {
        tool: tool.tool.spec().name,
        file: report.clone(),
        problem,
    };
    let icetime_mhz = match board.device.family {
        Family::Ice40 => Some(icetime(steps, input, seed, &routed)?),
        Family::Ecp5 => None,
    };
    let placed = Placed {
        seed,
        report: serde_json::from_slice(&steps.read(&report)?)
            .map_err(|problem| unreadable(problem.to_string()))?,
        icetime_mhz,
        tool: tool.identity(),
        routed,
    };
    // nextpnr works out a PLL's frequency by itself: it must come to the same.
    let wanted = input.clock_hz / 1e6;
    match placed.slowest_clock() {
        Some((name, fmax)) if (fmax.constraint / wanted - 1.0).abs() > CLOCK_ROUNDING => {
            Err(unreadable(format!(
                "clock {name} is taken for {:.3} MHz, it has {wanted:.3} MHz",
                fmax.constraint
            )))
        }
        _ => Ok(placed),
    }
}

/// nextpnr keeps clock periods in whole picoseconds.
const CLOCK_ROUNDING: f64 = 1e-3;

/// Step "icetime-<seed>": what icetime says of a routed design, in MHz.
fn icetime(
    steps: &mut Steps,
    input: &FlowInput,
    seed: u32,
    routed: &str,
) -> Result<f64, FlowError> {
    let tool = Tool::Icetime.find()?;
    let name = format!("icetime-{seed}");
    let file = format!("{name}.txt");
    let mut arguments = input.board.device.timing_flags.clone();
    arguments.extend(["-p", &input.board.constraints, routed].map(str::to_string));
    let key = Key::new(&tool)
        .and_all(&arguments)
        .and_file(routed, steps.read(routed)?)
        .and_file(&input.board.constraints, input.board.constraints_text);
    steps.step(&name, key, &[&file], |steps| {
        let outcome = steps.tool(&name, &tool, &arguments)?;
        if let Some(failure) = outcome.failure {
            return Err(failure);
        }
        steps.write_partial(&file, &outcome.lines.join("\n"))
    })?;
    let text = String::from_utf8_lossy(&steps.read(&file)?).into_owned();
    frequency(&text).ok_or_else(|| FlowError::Report {
        tool: "icetime",
        file,
        problem: "it names no timing estimate".into(),
    })
}

/// Reads "// Timing estimate: 52.63 ns (19.00 MHz)".
fn frequency(text: &str) -> Option<f64> {
    let (_, rest) = text.split_once("Timing estimate: ")?;
    let (_, mhz) = rest.split_once('(')?;
    mhz.split_whitespace().next()?.parse().ok()
}

/// What a failed run had too little of; `None` where it failed for another reason.
fn shortage(lines: &[String]) -> Option<Shortage> {
    let uses: Vec<ResourceUse> = lines.iter().filter_map(|line| utilisation(line)).collect();
    let exceeded: Vec<_> = uses
        .iter()
        .filter(|resource| resource.used > resource.available)
        .cloned()
        .collect();
    let gave_up = lines.iter().any(|line| {
        line.starts_with("ERROR")
            && (line.contains("no BELs remaining")
                || line.contains("legal placement")
                || line.contains("ailed to place"))
    });
    let share = |resource: &ResourceUse| resource.used as f64 / resource.available as f64;
    let fullest = uses
        .into_iter()
        .filter(|resource| resource.available > 0)
        .max_by(|a, b| share(a).total_cmp(&share(b)));
    (gave_up || !exceeded.is_empty()).then_some(Shortage { exceeded, fullest })
}

/// Reads "Info: \t ICESTORM_DSP:      10/      8   125%".
pub fn utilisation(line: &str) -> Option<ResourceUse> {
    let (cell, counts) = line.strip_prefix("Info:")?.split_once(':')?;
    let (used, rest) = counts.split_once('/')?;
    Some(ResourceUse::new(
        cell.trim(),
        used.trim().parse().ok()?,
        rest.split_whitespace().next()?.parse().ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        text.lines().map(str::to_string).collect()
    }

    #[test]
    fn a_failed_placement_with_room_for_every_cell_names_the_fullest_resource() {
        let shortage = shortage(&lines(
            "Info: Device utilisation:\n\
             Info: \t         ICESTORM_LC:    5180/   5280    98%\n\
             Info: \t        ICESTORM_RAM:      12/     30    40%\n\
             ERROR: Unable to find legal placement for all cells, design is probably at utilisation limit.",
        ));
        insta::assert_snapshot!(shortage.unwrap(), @"no legal placement was found with 5180 of 5280 logic cells");
    }

    #[test]
    fn the_estimate_of_icetime_is_read() {
        let text = "// Creating timing netlist..\n// Timing estimate: 52.63 ns (19.00 MHz)\n";
        assert_eq!(frequency(text), Some(19.0));
        assert_eq!(frequency("// Reading 5k chipdb file.."), None);
    }

    #[test]
    fn another_failure_is_not_a_shortage() {
        let shortage = shortage(&lines(
            "Info: \t         ICESTORM_LC:      90/   5280     1%\n\
             ERROR: IO 'led_1' is unconstrained in PCF",
        ));
        assert_eq!(shortage, None);
    }
}
