//! Which board a command talks to, and the measuring of its line.

use std::time::{Duration, Instant};

use clap::value_parser;
use hdl::arch::link::Identity;
use hdl::arch::protocol::counter;
use hdl::arch::Link;
use hdl::board::Board;

use super::report::LinkReport;
use crate::cosim::models;
use crate::error::Failure;
use crate::link::{find, Device, LinkError, Port, Session, Speed, Statistics, VirtualBoard};
use crate::output::Printer;
use crate::resolve::Resolved;

/// The board at the other end.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Serial port of the board [default: the one whose USB bridge is a board's]
    #[arg(long, value_name = "PATH", conflicts_with = "virtual_board")]
    pub port: Option<String>,
    /// Bits a second [default: as the network's board is generated]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(300..))]
    pub baud: Option<u32>,
    /// Give up when the board has been silent for so long
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = value_parser!(u16).range(1..))]
    pub timeout: u16,
    /// Simulate the board, for this command alone
    #[arg(long = "virtual")]
    pub virtual_board: bool,
    #[command(flatten)]
    pub simulation: Simulation,
}

/// How a board is simulated.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Virtual board")]
pub struct Simulation {
    /// Hand whole bytes to the simulated board: the time that bits take is not simulated
    #[arg(long)]
    pub fast: bool,
    /// Change, lose or double this share of the bytes, both ways
    #[arg(long, value_name = "SHARE", value_parser = share)]
    pub noise: Option<f64>,
    /// Seed of --noise
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub noise_seed: u32,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=0.5).contains(&share) => Ok(share),
        _ => Err("give a share of 0 to 0.5, such as 0.01".into()),
    }
}

impl Simulation {
    /// Starts the board of a network.
    ///
    /// # Errors
    /// A network without hardware, Verilator missing or failing.
    pub fn start(&self, resolved: &Resolved) -> Result<VirtualBoard, Failure> {
        let plan = resolved.plan()?;
        let board = Board::load(&resolved.network.engine.board)?;
        let speed = match self.fast {
            true => Speed::Bytes,
            false => Speed::Bits,
        };
        let noise = self.noise.map(|share| (share, self.noise_seed));
        let cache = models(&resolved.out);
        Ok(VirtualBoard::start(&plan, board, speed, noise, &cache)?)
    }
}

/// A board that has said hello.
pub struct Connected {
    pub session: Session,
    pub identity: Identity,
    pub line: Line,
}

/// The line to it.
pub struct Line {
    pub path: String,
    pub baud: u32,
    fast: bool,
    virtual_board: Option<VirtualBoard>,
}

/// A moment from which the line is measured.
pub struct Mark {
    at: Instant,
    cycles: u64,
    statistics: Statistics,
    crc_errors: u32,
}

impl Connection {
    /// Finds or starts the board and says hello.
    ///
    /// # Errors
    /// No board, no answer, one that is none of ours.
    pub fn open(&self, resolved: &Resolved, printer: &Printer) -> Result<Connected, Failure> {
        let virtual_board = match self.virtual_board {
            true => Some(self.simulation.start(resolved)?),
            false => None,
        };
        let path = match (&virtual_board, &self.port) {
            (Some(board), _) => board.path().to_owned(),
            (None, Some(path)) => path.clone(),
            (None, None) => {
                let path = find()?;
                printer.note(&format!("the board at {path}"));
                path
            }
        };
        let baud = match (self.baud, &virtual_board) {
            (Some(baud), _) => baud,
            (None, Some(board)) => board.link().baud,
            (None, None) => self.usual_baud(resolved)?,
        };
        let port = Port::open(&path, baud)?;
        let patience = Duration::from_secs(self.timeout.into());
        let (session, identity) = Session::begin(port, patience)?;
        Ok(Connected {
            session,
            identity,
            line: Line {
                path,
                baud,
                fast: self.simulation.fast,
                virtual_board,
            },
        })
    }

    /// The same with the network mapped to the board; nothing is written yet.
    ///
    /// # Errors
    /// Also: the network does not fit the board.
    pub fn device(
        &self,
        resolved: &Resolved,
        printer: &Printer,
    ) -> Result<(Device, Line), Failure> {
        let connected = self.open(resolved, printer)?;
        let mut device = Device::new(connected.session, connected.identity, &resolved.network)?;
        device.tell(printer.progress());
        if !device.made_for_it() {
            let layers: Vec<String> = device
                .identity()
                .layers
                .iter()
                .map(usize::to_string)
                .collect();
            printer.note(&format!(
                "the board was generated for configuration {:08x} (layers {}); {} fits it",
                device.identity().hash,
                layers.join("-"),
                resolved.network.name
            ));
        }
        Ok((device, connected.line))
    }

    fn usual_baud(&self, resolved: &Resolved) -> Result<u32, Failure> {
        let board = Board::load(&resolved.network.engine.board)?;
        Ok(Link::new(&resolved.plan()?, board).baud)
    }
}

impl Line {
    /// Begins a measurement.
    ///
    /// # Errors
    /// The board does not answer; so also below.
    pub fn mark(&self, device: &mut Device) -> Result<Mark, Failure> {
        let counters = device.counters().map_err(LinkError::failure)?;
        Ok(Mark {
            at: Instant::now(),
            cycles: self.cycles(),
            statistics: device.statistics(),
            crc_errors: counters[counter::CRC_ERRORS],
        })
    }

    /// What went over the line since the mark. Its time is simulated where bits are, else real.
    pub fn since(&self, mark: &Mark, device: &mut Device) -> Result<LinkReport, Failure> {
        let bits_simulated = self.virtual_board.is_some() && !self.fast;
        let clock = f64::from(device.identity().clock_hz);
        let seconds = match bits_simulated {
            true => (self.cycles() - mark.cycles) as f64 / clock,
            false => mark.at.elapsed().as_secs_f64(),
        };
        let statistics = device.statistics().since(&mark.statistics);
        let counters = device.counters().map_err(LinkError::failure)?;
        let timed = self.virtual_board.is_none() || bits_simulated;
        let baud = device.identity().baud();
        Ok(LinkReport {
            port: self.path.clone(),
            baud: self.baud,
            simulated: self.virtual_board.is_some(),
            seconds,
            line_use: timed.then(|| statistics.busier_bits() as f64 / (seconds * baud)),
            crc_errors: counters[counter::CRC_ERRORS].wrapping_sub(mark.crc_errors),
            statistics,
        })
    }

    fn cycles(&self) -> u64 {
        self.virtual_board.as_ref().map_or(0, VirtualBoard::cycles)
    }
}
