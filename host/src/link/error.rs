//! Why a board cannot be used, with the way out.

use std::io;
use std::time::Duration;

use hdl::arch::link::IdentityError;
use hdl::arch::PlanError;
use miette::Diagnostic;
use thiserror::Error;

use crate::error::Failure;

#[derive(Debug, Error, Diagnostic)]
pub enum LinkError {
    #[error("no board is plugged in: no serial port is a USB bridge of one ({seen})")]
    #[diagnostic(
        code(eqprop::board::none),
        help("plug it in, name the port with --port, or use --virtual to simulate one")
    )]
    NoBoard {
        /// Ports that are there.
        seen: String,
    },
    #[error("several ports may be the board's: {ports}")]
    #[diagnostic(code(eqprop::board::several), help("choose one with --port"))]
    Several { ports: String },
    #[error("there is no serial port {path}")]
    #[diagnostic(
        code(eqprop::board::port),
        help("`eqprop board info` without --port looks for boards; --virtual simulates one")
    )]
    NoPort { path: String },
    #[error("{path} is no serial port: {source}")]
    #[diagnostic(
        code(eqprop::board::port),
        help("give the device file of a serial port, such as /dev/ttyUSB1")
    )]
    NotAPort {
        path: String,
        source: serialport::Error,
    },
    #[error("{path} may not be opened by this user")]
    #[diagnostic(
        code(eqprop::board::permission),
        help("sudo usermod -aG dialout $USER, then log in again")
    )]
    Permission { path: String },
    #[error("{path} is in use by another program")]
    #[diagnostic(
        code(eqprop::board::busy),
        help("close it (fuser {path} names it), or choose another port with --port")
    )]
    Busy { path: String },
    #[error("{path} cannot be set to {baud} baud: {source}")]
    #[diagnostic(
        code(eqprop::board::baud),
        help("use a bridge that knows this rate, or --baud for a bitstream of another rate")
    )]
    Baud {
        path: String,
        baud: u32,
        source: serialport::Error,
    },
    #[error("nothing answers at {path} ({baud} baud)")]
    #[diagnostic(
        code(eqprop::board::silent),
        help("is it the right port and rate (--baud), is the board powered and programmed (`eqprop board flash`)?")
    )]
    Silent { path: String, baud: u32 },
    #[error(
        "what comes from {path} at {baud} baud is no frame: {bytes} bytes, none of them understood"
    )]
    #[diagnostic(
        code(eqprop::board::garbage),
        help("is the rate right (--baud), and is it an eqprop board's port?")
    )]
    Garbage { path: String, baud: u32, bytes: u64 },
    #[error("{path} is gone: {source}")]
    #[diagnostic(
        code(eqprop::board::unplugged),
        help("plug the board in again and repeat the command; weights that were not read back are lost")
    )]
    Unplugged { path: String, source: io::Error },
    #[error("the board has not answered for {} s; {unanswered} commands are open", after.as_secs())]
    #[diagnostic(
        code(eqprop::board::timeout),
        help("check cable and power; --timeout waits longer, pressing the board's button resets the engine")
    )]
    Timeout { after: Duration, unanswered: usize },
    #[error("the board was reset in the middle of the work")]
    #[diagnostic(
        code(eqprop::board::restarted),
        help("load the weights again (`eqprop board load`) and repeat the command")
    )]
    Restarted,
    #[error(transparent)]
    #[diagnostic(
        code(eqprop::board::identity),
        help("flash a bitstream of this version of eqprop: `eqprop board flash`")
    )]
    Identity(#[from] IdentityError),
    #[error("the board has another configuration, in which the network does not run: {reason}\n{differences}")]
    #[diagnostic(
        code(eqprop::board::configuration),
        help("build and flash the network (`eqprop board flash --network …`), or choose one that fits")
    )]
    Configuration {
        reason: PlanError,
        /// One field a line: what the board has, what the network's own hardware would have.
        differences: String,
    },
    #[error("the board answers {answer} to {question}")]
    #[diagnostic(
        code(eqprop::board::protocol),
        help("flash a bitstream of this version of eqprop: `eqprop board flash`")
    )]
    Unexpected { question: String, answer: String },
    #[error("the virtual board does not start: {0}")]
    #[diagnostic(code(eqprop::board::r#virtual))]
    Virtual(String),
}

impl LinkError {
    /// What was asked for cannot be done with what is there, or it failed on the way.
    pub fn failure(self) -> Failure {
        match self {
            LinkError::Unplugged { .. } | LinkError::Timeout { .. } | LinkError::Restarted => {
                Failure::failed(self)
            }
            other => other.into(),
        }
    }
}
