//! Finished hardware: a plan's Verilog with everything that others need to know of its ports.

use crate::arch::{Link, Plan};
use crate::board::{Board, Family};
use crate::clocking::EngineClock;
use crate::emit::{clean, Around, EmitError, Emitted, External, Options, Sources};
use crate::rtl::primitive::{pins, pins_origin, PINS};
use crate::rtl::SOURCES;

/// Name of the core's module.
pub const CORE: &str = "eqprop_core";

/// Whom generated text belongs to, as its header says.
pub const OWNERSHIP: &str =
    "Generated text is its user's own: the licence of eqprop does not extend to it.";

/// Names of the codes of the core's output `phase`.
pub const PHASE_NAMES: [&str; 5] = crate::rtl::control::PHASE_NAMES;
/// Names of the codes of a token's operation, the core's signal `sequencer_op`.
pub const OPERATION_NAMES: [&str; 16] = crate::rtl::token::OP_NAMES;

/// Generated Verilog.
#[derive(Clone, Debug)]
pub struct Design {
    /// Name of the top module.
    pub top: String,
    /// Name of the file of `text`, without its ending; the waivers name it.
    pub name: &'static str,
    pub text: String,
    /// Verilator configuration (`.vlt`) with the few lint waivers that the text needs, each explained.
    pub lint_waivers: String,
    /// Modules of the text again, made of hard cells of ECP5 with all their registers, which yosys would not use:
    /// to be read in place of them (`read_verilog -overwrite`). Empty if there are none.
    pub ecp5: String,
    /// The core, if the text has instances of it.
    pub core: Option<Box<Design>>,
}

impl Design {
    fn new(top: &str, name: &'static str, emitted: Emitted, core: Option<Design>) -> Design {
        Design {
            top: top.into(),
            name,
            lint_waivers: emitted.lint_waivers().into(),
            text: emitted.text,
            ecp5: emitted.ecp5,
            core: core.map(Box::new),
        }
    }

    /// This text, and the core's.
    fn texts(&self) -> impl Iterator<Item = &Design> {
        std::iter::once(self).chain(self.core.as_deref())
    }

    /// Names and texts of all Verilog files, the one with the top module first.
    pub fn verilog(&self) -> Vec<(String, String)> {
        self.texts()
            .map(|d| (format!("{}.v", d.name), d.text.clone()))
            .collect()
    }

    /// Names and texts of the waivers of all Verilog files.
    pub fn waivers(&self) -> Vec<(String, String)> {
        self.texts()
            .map(|d| (format!("{}.vlt", d.name), d.lint_waivers.clone()))
            .collect()
    }

    /// The modules of all Verilog files that are better made of `family`'s hard cells.
    pub fn hard(&self, family: Family) -> String {
        match family {
            Family::Ecp5 => self.texts().map(|d| d.ecp5.as_str()).collect(),
            Family::Ice40 => String::new(),
        }
    }
}

/// The core of `plan`: AXI4-Stream in and out, status and probes.
///
/// # Errors
/// An [`EmitError`] is an internal error: rust-hdl printed what the emission pass does not read.
pub fn core(plan: &Plan) -> Result<Design, EmitError> {
    Ok(Design::new(CORE, CORE, emitted_core(plan)?, None))
}

fn emitted_core(plan: &Plan) -> Result<Emitted, EmitError> {
    let options = Options {
        top_name: CORE.into(),
        header: header(plan),
        sources: Some(Sources {
            files: SOURCES,
            top: "Core",
        }),
        ..Options::default()
    };
    clean(&crate::rtl::core_verilog(plan), &options)
}

/// Name of the module that holds core, protocol engine, UART and lights.
pub const BOARD: &str = "eqprop_board";

/// Bits a second on a board's UART. A clock of a whole number of MHz makes it without error; others are
/// chosen so that it is small ([`crate::clocking::BAUD_ERROR`]).
pub const BAUD: u32 = 1_000_000;

/// The board top of `plan`, run by `clock`, behind the pins of `board`.
///
/// # Errors
/// As for [`core`].
pub fn board(plan: &Plan, board: &Board, clock: &EngineClock) -> Result<Design, EmitError> {
    let link = Link::new(plan, board).clocked(clock);
    let raw = crate::rtl::board_verilog(plan, &link);
    let core = emitted_core(plan)?;
    let options = Options {
        around: Some(Around {
            name: PINS.into(),
            text: pins(board, clock, BOARD),
            origin: pins_origin(),
        }),
        ..on_board(plan, board, &link, BOARD, "BoardTop")
    };
    with_core(&raw, options, "top$bridge$engine", core, PINS, BOARD)
}

/// Name of the module that holds core and protocol engine.
pub const BRIDGE: &str = "eqprop_bridge";

/// The board top of `plan` without UART and pins: the bytes of its line go in and out whole.
///
/// # Errors
/// As for [`core`].
pub fn bridge(plan: &Plan, board: &Board) -> Result<Design, EmitError> {
    let link = Link::new(plan, board);
    let raw = crate::rtl::bridge_verilog(plan, &link);
    let options = on_board(plan, board, &link, BRIDGE, "Bridge");
    let core = emitted_core(plan)?;
    with_core(&raw, options, "top$engine", core, BRIDGE, BRIDGE)
}

/// Emits what has the core where rust-hdl calls it `engine`.
fn with_core(
    raw: &str,
    options: Options,
    engine: &str,
    core: Emitted,
    top: &str,
    name: &'static str,
) -> Result<Design, EmitError> {
    let options = Options {
        external: Some(External {
            raw_name: engine.into(),
            module: core.modules[0].clone(),
        }),
        ..options
    };
    let core = Design::new(CORE, CORE, core, None);
    Ok(Design::new(top, name, clean(raw, &options)?, Some(core)))
}

fn on_board(plan: &Plan, board: &Board, link: &Link, top: &str, block: &'static str) -> Options {
    let mut header = header(plan);
    header.push(format!(
        "Board {} at {:.3} MHz; UART at {} baud (error {:.2} %), {} bytes of frames in flight.",
        board.name,
        f64::from(link.clock_hz) / 1e6,
        link.baud,
        100.0 * link.baud_error,
        link.receive_bytes
    ));
    header.push(format!("The core is in {CORE}.v."));
    Options {
        top_name: top.into(),
        header,
        sources: Some(Sources {
            files: SOURCES,
            top: block,
        }),
        ..Options::default()
    }
}

/// The lines that say which configuration a file was generated for.
fn header(plan: &Plan) -> Vec<String> {
    let network = &plan.network;
    let sizes: Vec<_> = network.layers.iter().map(|l| l.units.to_string()).collect();
    let formats = &plan.shape.formats;
    vec![
        format!(
            "Equilibrium propagation engine for network {}, generated by eqprop.",
            network.name
        ),
        format!(
            "Layers {}; {} lanes, {}-bit accumulators.",
            sizes.join("-"),
            plan.shape.lanes,
            plan.shape.accumulator_bits
        ),
        format!(
            "States 0.{}, weights {} bits with {} fraction bits.",
            formats.state_fraction, formats.weight_bits, formats.weight_fraction
        ),
        format!("Configuration {}.", plan.hash_text()),
        OWNERSHIP.to_owned(),
    ]
}
