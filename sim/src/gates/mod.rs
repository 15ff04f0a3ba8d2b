//! Gate level: a netlist of a device's cells in place of Verilog, and what is simulated for each cell.
//!
//! Most cells have models that yosys ships; for the block RAM and the multiplier of ECP5, of which it has only black
//! boxes, the twins here stand in.

use crate::verilate::{BuildOptions, ModelSource, Profile};
use hdl::design::Design;
use std::collections::BTreeMap;

/// A model of a cell that yosys ships no model of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    pub cell: &'static str,
    /// Verilog of the module of that name.
    pub text: &'static str,
    /// What it is written from.
    pub document: &'static str,
}

/// Twins of the cells of ECP5.
pub const ECP5_TWINS: [Twin; 2] = [
    Twin {
        cell: "DP16KD",
        text: include_str!("dp16kd.v"),
        document: "Lattice FPGA-TN-02204",
    },
    Twin {
        cell: "MULT18X18D",
        text: include_str!("mult18x18d.v"),
        document: "Lattice FPGA-TN-02205",
    },
];

/// A netlist and its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gates {
    /// Verilog of the netlist, as yosys writes it without attributes.
    pub netlist: String,
    /// Files with the modules of its cells.
    pub cells: Vec<(String, String)>,
}

impl Gates {
    /// `model` with the netlist in place of the Verilog of `design`, and how to build it. The nets have
    /// yosys's names, so no waveform of it is worth writing.
    pub fn instead_of(
        &self,
        design: &Design,
        mut model: ModelSource,
    ) -> (ModelSource, BuildOptions) {
        let replaced = [design.verilog(), design.waivers()].concat();
        model
            .files
            .retain(|file| replaced.iter().all(|(name, _)| *name != file.0));
        model.files.push(("gates.v".into(), self.netlist.clone()));
        model.files.extend(self.cells.iter().cloned());
        let options = BuildOptions {
            profile: Profile::Quick,
            // Of the cell models, of carry chains, whose cells have several outputs, and of pins that are not used.
            waivers: ["WIDTH", "INITIALDLY", "UNOPTFLAT", "PINMISSING"]
                .map(String::from)
                .into(),
            ..BuildOptions::default()
        };
        (model, options)
    }

    /// How many cells of each type the netlist has.
    pub fn count(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for cell in self.netlist.lines().filter_map(cell) {
            *counts.entry(cell).or_default() += 1;
        }
        counts
    }
}

/// The type of the cell that begins in this line: "  LUT4 #(" or "  PFUMX _0123_ (".
fn cell(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix("  ")?.split_once(' ')?;
    let instance = rest == "#(" || rest.ends_with(" (");
    (instance && name.starts_with(|c: char| c.is_ascii_uppercase())).then_some(name)
}
