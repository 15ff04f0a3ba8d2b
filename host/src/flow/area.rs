//! Synthesis and packing without placement: what a design takes of its device, in a fraction of a build's time. A
//! design that is too large is no error here.

use hdl::board::Family;

use super::place::utilisation;
use super::steps::{Key, Steps};
use super::{pins, place, synth, Event, FlowError, FlowInput, ResourceUse};
use crate::tools::Tool;

const STEP: &str = "area";
const REPORT: &str = "area.txt";

/// What a design takes.
#[derive(Clone, Debug)]
pub struct Area {
    /// Every resource of which something is used.
    pub utilization: Vec<ResourceUse>,
    pub flip_flops: usize,
    /// Tools and versions that made it.
    pub tools: Vec<String>,
}

/// Synthesises and packs.
///
/// # Errors
/// A missing or failing tool, other hard blocks than expected.
pub fn area(input: &FlowInput, observer: &mut dyn FnMut(Event)) -> Result<Area, FlowError> {
    let mut steps = Steps::new(input.out_dir, observer)?;
    pins::check(&mut steps, input)?;
    let netlist = synth::run(&mut steps, input)?;
    place::prepare(&steps, input)?;
    let board = input.board;
    let (tool, constraints) = match board.device.family {
        Family::Ice40 => (Tool::NextpnrIce40, "--pcf"),
        Family::Ecp5 => (Tool::NextpnrEcp5, "--lpf"),
    };
    let tool = tool.find()?;
    let mut arguments = board.device.place_flags.clone();
    let files = ["--json", synth::NETLIST, constraints, &board.constraints];
    arguments.extend(files.map(str::to_string));
    arguments.push("--pack-only".into());
    let key = Key::new(&tool)
        .and_all(&arguments)
        .and_file(synth::NETLIST, steps.read(synth::NETLIST)?)
        .and_file(&board.constraints, board.constraints_text);
    steps.step(STEP, key, &[REPORT], |steps| {
        let outcome = steps.tool(STEP, &tool, &arguments)?;
        match outcome.failure {
            Some(failure) => Err(failure),
            None => steps.write_partial(REPORT, &outcome.lines.join("\n")),
        }
    })?;
    let report = steps.read(REPORT)?;
    let report = String::from_utf8_lossy(&report);
    let uses = report.lines().filter_map(utilisation);
    let utilization: Vec<ResourceUse> = uses.filter(|resource| resource.used > 0).collect();
    let packed = utilization.iter().find(|used| used.cell == "TRELLIS_FF");
    Ok(Area {
        // iCE40's packer counts logic cells, each with a flip-flop that may be used.
        flip_flops: packed.map_or_else(|| netlist.count("SB_DFF"), |used| used.used),
        tools: vec![netlist.tool, tool.identity()],
        utilization,
    })
}
