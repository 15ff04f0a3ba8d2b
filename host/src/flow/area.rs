//! Synthesis and packing without placement: what a design takes of its device, in a fraction of a build's time. A
//! design that is too large is no error here.

use super::place::utilisation;
use super::steps::Steps;
use super::{pins, place, synth, Event, FlowError, FlowInput, ResourceUse};

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
    let tool = place::pack_only(&mut steps, input.board, [STEP, synth::NETLIST, REPORT])?;
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
