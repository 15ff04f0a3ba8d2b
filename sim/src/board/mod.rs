//! A virtual board: the Verilated board top with a host's end of its line.
//!
//! ```text
//! send(bytes) ─► queue ─► pins.v: bit by bit ─► top (UART, protocol engine, core, pins)   Line::Pins
//!                    └──► bytes.v ────────────► eqprop_bridge (protocol engine, core)     Line::Bytes
//! step(cycles) ─► bytes that the board has sent
//! ```
//! Time passes only in [`VirtualBoard::step`]; the queue of bytes that are not sent yet is on the host's side.

use crate::verilate::{build, BuildOptions, Cache, CorePorts, Job, Model, ModelSource};
use crate::verilate::{RunError, VerilateError};
use hdl::arch::{Link, Plan};
use hdl::board::Board;
use hdl::clocking::EngineClock;
use hdl::design::{self, Design};
use hdl::emit::EmitError;
use std::collections::VecDeque;

/// How bytes reach the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// Bit by bit through the UART pins; the host's bits last `divider` clock cycles. The board listens when it has
    /// been in reset for `settle` cycles.
    Pins { divider: u32, settle: u32 },
    /// Whole bytes at the protocol engine, a few cycles each.
    Bytes,
}

/// One simulated board. Boards share nothing; each may move to another thread.
pub struct VirtualBoard {
    model: Model,
    line: Line,
    queue: VecDeque<u32>,
    words: Vec<u32>,
    busy: bool,
}

/// Why there is no virtual board.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    #[error(transparent)]
    Emit(#[from] EmitError),
    #[error(transparent)]
    Verilate(#[from] VerilateError),
}

/// Module of the host's end.
const TOP: &str = "eqprop_line";

/// Cycles from the button's pin to the end of a reset, beside those that the board waits: through its registers.
const WAKING: u64 = 8;

impl Line {
    /// The UART pins at the rate of the board's own UART.
    pub fn pins(plan: &Plan, board: &Board) -> Line {
        let link = Link::new(plan, board);
        Line::Pins {
            divider: link.divider,
            settle: link.settle_cycles(),
        }
    }

    /// The part of the board that this line ends at.
    ///
    /// # Errors
    /// An internal error of the emission pass.
    pub fn design(self, plan: &Plan, board: &Board) -> Result<Design, EmitError> {
        match self {
            Line::Pins { .. } => design::board(plan, board, &EngineClock::oscillator(board)),
            Line::Bytes => design::bridge(plan, board),
        }
    }

    /// `design` with the host's end around it, to be Verilated.
    pub fn source(self, design: &Design, board: &Board) -> ModelSource {
        let host = match self {
            Line::Pins { divider, .. } => pins(board, divider),
            Line::Bytes => bytes(),
        };
        let mut files = vec![(format!("{TOP}.v"), host)];
        files.append(&mut design.verilog());
        files.append(&mut design.waivers());
        ModelSource {
            top: TOP.into(),
            files,
            ports: CorePorts::plain(),
            probes: vec![],
        }
    }
}

/// The host's end at the pins of `board`; the shim's reset presses the button.
fn pins(board: &Board, divider: u32) -> String {
    let text = include_str!("pins.v").replace("16'd1)", &format!("16'd{divider})"));
    let invert = |active_low: bool| if active_low { "~" } else { "" };
    let mut ports = vec![".clock(clock)".to_string()];
    if let Some(button) = &board.button {
        ports.push(format!(".button({}reset)", invert(button.active_low)));
    }
    ports.push(".uart_rx(uart_rx)".into());
    ports.push(".uart_tx(uart_tx)".into());
    let leds = board.leds.pins.len();
    ports.extend((0..leds).map(|led| format!(".led_{led}(leds[{led}])")));
    format!(
        "{text}\n    wire [{}:0] leds;\n    wire unused_leds = &{{1'b0, leds}};\n    \
         assign busy = {}leds[0];\n\n    {} board (\n        {}\n    );\nendmodule\n",
        leds - 1,
        invert(board.leds.active_low),
        hdl::rtl::primitive::PINS,
        ports.join(",\n        ")
    )
}

/// The host's end at the protocol engine.
fn bytes() -> String {
    format!(
        "{}\n    wire [2:0] phase;\n    wire error;\n    wire unused_status = &{{1'b0, phase, error}};\n\n    \
         {} bridge (\n        \
         .clock(clock), .reset(reset), .in_valid(s_valid), .in_ready(s_ready), .in_data(s_data[7:0]),\n        \
         .out_valid(m_valid), .out_ready(m_ready), .out_data(m_data[7:0]),\n        \
         .busy(busy), .phase(phase), .error(error)\n    );\nendmodule\n",
        include_str!("bytes.v"),
        design::BRIDGE
    )
}

impl VirtualBoard {
    /// A board for `plan`, from the cache if it was built before.
    ///
    /// # Errors
    /// Verilator is missing or fails.
    pub fn new(
        plan: &Plan,
        board: &Board,
        line: Line,
        options: &BuildOptions,
        cache: &Cache,
    ) -> Result<VirtualBoard, BoardError> {
        let design = line.design(plan, board)?;
        let library = build(&line.source(&design, board), options, cache)?;
        Ok(VirtualBoard::of(library.instance(), line))
    }

    /// A board that was built from [`Line::source`], awake.
    pub fn of(model: Model, line: Line) -> VirtualBoard {
        let mut board = VirtualBoard {
            model,
            line,
            queue: VecDeque::new(),
            words: vec![],
            busy: false,
        };
        board.wake();
        board
    }

    /// Lets the time pass in which a board hears nothing, as it does before a host opens its line.
    fn wake(&mut self) {
        if let Line::Pins { settle, .. } = self.line {
            self.model.step(u64::from(settle) + WAKING);
        }
    }

    /// Queues bytes for the board.
    pub fn send(&mut self, bytes: &[u8]) {
        let line = self.line;
        self.queue.extend(bytes.iter().map(|&byte| match line {
            // Start bit, byte, stop bit.
            Line::Pins { .. } => 1 << 9 | u32::from(byte) << 1,
            Line::Bytes => u32::from(byte),
        }));
    }

    /// Queues ten bits, lowest first, whatever they are. Only bits: a board that takes whole bytes ignores it.
    pub fn send_bits(&mut self, bits: u16) {
        if let Line::Pins { .. } = self.line {
            self.queue.push_back(u32::from(bits & 0x3FF));
        }
    }

    /// Bytes that were queued and have not begun.
    pub fn queued(&self) -> usize {
        self.queue.len()
    }

    /// Forgets the bytes that have not begun.
    pub fn forget(&mut self) {
        self.queue.clear();
    }

    /// Lets so many clock cycles pass and appends what the board sent; a byte without a stop bit is lost, as in a
    /// host's UART.
    ///
    /// # Errors
    /// The simulation stopped.
    pub fn step(&mut self, cycles: u64, received: &mut Vec<u8>) -> Result<(), RunError> {
        self.words.clear();
        let pending: &[u32] = self.queue.make_contiguous();
        let command = [pending];
        let job = Job {
            commands: if pending.is_empty() { &[] } else { &command },
            // Never reached: the run ends with its cycles.
            responses: usize::MAX,
            max_cycles: cycles,
            ..Job::default()
        };
        match self.model.run(&job, &mut self.words, &mut vec![]) {
            Err(RunError::Timeout {
                words_taken,
                busy_cycles,
                ..
            }) => {
                self.queue.drain(..words_taken as usize);
                self.busy = busy_cycles > 0;
            }
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        let whole = self.words.iter().filter(|&&word| word >> 8 == 0);
        received.extend(whole.map(|&word| word as u8));
        Ok(())
    }

    /// Whether the core was busy at any time of the last step.
    pub fn busy(&self) -> bool {
        self.busy
    }

    /// Clock cycles since the last reset.
    pub fn cycle(&self) -> u64 {
        self.model.cycle()
    }

    /// Presses and releases the reset button; a board without one goes on, [`VirtualBoard::cycle`] begins anew.
    pub fn press_button(&mut self) {
        self.model.reset();
        self.wake();
    }

    /// The simulated hardware, to trace it.
    pub fn model(&mut self) -> &mut Model {
        &mut self.model
    }
}
