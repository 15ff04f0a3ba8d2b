//! Step "pack": the routed design to the file that the board is programmed with.

use hdl::board::Family;

use super::place::Placed;
use super::steps::{Key, Steps};
use super::{FlowError, FlowInput};
use crate::tools::Tool;

pub const STEP: &str = "pack";

/// The bitstream.
pub struct Packed {
    /// File in the output folder.
    pub bitstream: String,
    /// "icepack 0.11…"
    pub tool: String,
}

pub fn run(steps: &mut Steps, input: &FlowInput, placed: &Placed) -> Result<Packed, FlowError> {
    let (tool, extension) = match input.board.device.family {
        Family::Ice40 => (Tool::Icepack, "bin"),
        Family::Ecp5 => (Tool::Ecppack, "bit"),
    };
    let tool = tool.find()?;
    let bitstream = format!("{}.{extension}", input.top);
    let key = Key::new(&tool)
        .and(&bitstream)
        .and_all(&input.board.pack_flags)
        .and_file(&placed.routed, steps.read(&placed.routed)?);
    steps.step(STEP, key, &[&bitstream], |steps| {
        let mut arguments = input.board.pack_flags.clone();
        arguments.extend([placed.routed.clone(), steps.partial(&bitstream)]);
        steps
            .tool(STEP, &tool, &arguments)?
            .failure
            .map_or(Ok(()), Err)
    })?;
    Ok(Packed {
        bitstream,
        tool: tool.identity(),
    })
}
