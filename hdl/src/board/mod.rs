//! The boards that can be built for: device, pins and clock, from `constraints/*.toml` or a file of the user's (`own`).
//!
//! The files are compiled in, so that the command works from any folder. The pin numbers stand in
//! two places, the description and the vendor's constraint file that nextpnr reads; they are held equal (`pins`).

mod device;
mod own;
mod pins;

use std::path::Path;
use std::sync::LazyLock;

use crate::config::{Network, Pipeline};
pub use device::{Device, Family, Resources};
pub use own::BoardError;
use serde::{Deserialize, Serialize};

/// Name, description and constraint file of one board.
macro_rules! embedded {
    ($name:literal, $extension:literal) => {
        (
            $name,
            include_str!(concat!("../../../constraints/", $name, ".toml")),
            include_str!(concat!("../../../constraints/", $name, ".", $extension)),
        )
    };
}

/// Name, description and constraint file of every board, in the order in which they are listed.
const FILES: [(&str, &str, &str); 5] = [
    embedded!("icebreaker", "pcf"),
    embedded!("hx8k-evn", "pcf"),
    embedded!("ulx3s", "lpf"),
    embedded!("orangecrab", "lpf"),
    embedded!("colorlight-i5", "lpf"),
];

static BOARDS: LazyLock<Vec<Board>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|(name, description, constraints)| {
            let mut board: Board = toml::from_str(description)
                .unwrap_or_else(|e| panic!("constraints/{name}.toml is part of the program: {e}"));
            board.constraints_text = constraints;
            board
        })
        .collect()
});

/// One board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Name in network files and on the command line.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its FPGA, by part number.
    pub device: Device,
    /// Options of icepack or ecppack.
    #[serde(default)]
    pub pack_flags: Vec<String>,
    /// File name of the constraints, in nextpnr's format for the family.
    pub constraints: String,
    /// Content of that file.
    #[serde(skip)]
    pub constraints_text: &'static str,
    /// Lanes when the network file says "auto".
    pub lanes: usize,
    /// Pipeline when the network file names none.
    #[serde(default)]
    pub pipeline: Pipeline,
    /// Block RAMs are scarcer than logic cells: targets take cells.
    #[serde(default)]
    pub targets_in_logic: bool,
    pub clock: Clock,
    pub uart: Uart,
    pub programmer: Programmer,
    pub leds: Leds,
    /// User button; `None` where the board has none.
    pub button: Option<Button>,
}

/// The oscillator at the top-level port `clock`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    pub pin: String,
    /// Frequency in Hz.
    pub hz: u32,
    /// iCE40: the pin is a PLL's own, from which it takes its input directly.
    #[serde(default)]
    pub pll_pad: bool,
    /// Clock in MHz that a build of the digits on `lanes` lanes reached, the median of three placement seeds, or what the
    /// description says instead. Estimates of other builds start from it. A user's file may leave it out: then it is what
    /// the slowest built-in board of the family reached.
    #[serde(default)]
    pub engine_mhz: f64,
}

/// Serial line to the host, as the FPGA sees it: it listens on `rx` (port `uart_rx`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uart {
    pub rx: String,
    pub tx: String,
    /// Vendor and product ("0403:6010") of the USB bridge that carries it; empty where the user
    /// brings an adapter.
    #[serde(default)]
    pub usb: Vec<String>,
    /// The bridge's interface with the serial line, where it has several.
    #[serde(default)]
    pub usb_interface: Option<u8>,
}

/// What writes a bitstream to the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programmer {
    pub tool: ProgrammerTool,
    /// Its options that name the board.
    pub flags: Vec<String>,
    /// Added to write the flash memory, from which the board starts.
    pub flash_flags: Vec<String>,
    /// Added to write the FPGA's own memory, which forgets without power; `None` where the board
    /// cannot.
    #[serde(default)]
    pub sram_flags: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProgrammerTool {
    #[serde(rename = "iceprog")]
    Iceprog,
    #[serde(rename = "openFPGALoader")]
    OpenFpgaLoader,
}

/// Lamps at the ports `led_0`, `led_1`, `led_2`: phase, activity, error, as many as there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leds {
    pub pins: Vec<String>,
    /// The lamp lights at level 0.
    pub active_low: bool,
}

/// Button at the port `button`: resets the engine while it is pressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    pub pin: String,
    /// Pressed reads as level 0.
    pub active_low: bool,
}

impl Board {
    /// Every board, in the order in which they are listed to users.
    pub fn all() -> &'static [Board] {
        &BOARDS
    }

    /// `network` on this board, with the pipeline and memories that suit it; what was chosen for the board it is on stays.
    pub fn host(&self, network: &Network) -> Network {
        let mut network = network.clone();
        if network.engine.pipeline.is_none() || network.engine.board != self.name {
            network.engine.pipeline = Some(self.pipeline);
        }
        network.engine.targets_in_logic = self.targets_in_logic;
        network.engine.board.clone_from(&self.name);
        network
    }

    /// The board of this name, or that of a file (`./myboard.toml`), which from then on has its name, too.
    ///
    /// # Errors
    /// No such board, with the names that exist; a file that is wrong.
    pub fn load(name: &str) -> Result<&'static Board, BoardError> {
        if own::is_file(name) {
            return own::read(Path::new(name));
        }
        let built_in = Board::all().iter().find(|board| board.name == name);
        built_in
            .or_else(|| own::named(name))
            .ok_or_else(|| BoardError::unknown(name))
    }

    /// Description and constraint file of a built-in board, as texts.
    pub fn files(name: &str) -> Option<(&'static str, &'static str)> {
        let found = FILES.iter().find(|(known, ..)| *known == name);
        found.map(|(_, description, constraints)| (*description, *constraints))
    }

    /// What a network file in `folder` calls a board: a file's path starts there.
    pub fn beside(name: &str, folder: &Path) -> String {
        match own::is_file(name) {
            true => folder.join(name).display().to_string(),
            false => name.to_owned(),
        }
    }

    /// Not one that is built in.
    pub fn is_own(&self) -> bool {
        Board::all().iter().all(|board| board.name != self.name)
    }

    /// Top-level ports with their pins: `clock`, `button`, `uart_rx`, `uart_tx`, `led_0`, …
    pub fn ports(&self) -> Vec<(String, &str)> {
        let mut ports = vec![("clock".to_string(), self.clock.pin.as_str())];
        if let Some(button) = &self.button {
            ports.push(("button".to_string(), &button.pin));
        }
        ports.push(("uart_rx".to_string(), &self.uart.rx));
        ports.push(("uart_tx".to_string(), &self.uart.tx));
        for (index, pin) in self.leds.pins.iter().enumerate() {
            ports.push((format!("led_{index}"), pin));
        }
        ports
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_and_constraint_files_agree() {
        for board in Board::all() {
            assert_eq!(pins::differs(board, board.constraints_text), None);
        }
    }

    #[test]
    fn names_are_those_of_the_files() {
        for (board, (name, _, _)) in Board::all().iter().zip(FILES) {
            assert_eq!(board.name, name);
            let extension = board.device.family.constraints();
            assert_eq!(board.constraints, format!("{name}.{extension}"));
        }
    }

    #[test]
    fn default_lanes_can_be_generated() {
        for board in Board::all() {
            assert!(crate::config::LANE_MENU.contains(&board.lanes));
        }
    }
}
