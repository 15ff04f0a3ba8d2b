//! Where the netlist of a gate-level run comes from.

use std::path::{Path, PathBuf};

use hdl::board::Board;
use hdl::design::Design;

use super::given;
use crate::claim::{Claim, Kind};
use crate::error::Failure;
use crate::flow::{self, GateLevel};
use crate::output::Printer;

/// A netlist in place of Verilog.
#[derive(Clone, Debug)]
pub enum Netlist {
    /// What synthesis makes of the design.
    Synthesised,
    /// What a file holds.
    File(PathBuf),
}

impl Netlist {
    /// The netlist of a design for a board; what is synthesised is kept below `out`.
    ///
    /// # Errors
    /// A missing or failing tool, a file that is no netlist of the design, a second process in the folder.
    pub fn of(
        &self,
        design: &Design,
        board: &Board,
        out: &Path,
        folder: &str,
        printer: &Printer,
    ) -> Result<GateLevel, Failure> {
        let level = match self {
            Netlist::Synthesised => {
                let folder = out.join("gates").join(&board.name).join(folder);
                let claim = Claim::new(&folder, Kind::Build)?;
                printer.note("synthesising for gate-level simulation");
                flow::netlist(design, board, claim.folder(), &mut |_| ())?
            }
            Netlist::File(path) => flow::given(given::read(path, &design.top)?, path, board)?,
        };
        printer.note(&format!("netlist by {}", level.origin.tool));
        Ok(level)
    }
}
