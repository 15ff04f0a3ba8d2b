//! A board at the other end of a serial line, real or virtual.
//!
//! ```text
//!  device   configure, load, read, samples: the core's commands        (hdl::arch::stream)
//!  session  hello, then requests and answers through the line, counted
//!  window   which frames are under way: numbers, order, repeats        (docs/protocol.md)
//!  port     the serial port: finding, opening, locking, bytes
//! ```
//! `virtual_board` runs simulated hardware behind a pseudo-terminal; `noise` spoils its line on purpose.

mod device;
mod error;
mod noise;
mod port;
mod session;
mod virtual_board;
mod window;

pub use device::{response, Answered, Device};
pub use error::LinkError;
pub use port::{find, Port};
pub use session::{Session, Statistics};
pub use virtual_board::{Speed, VirtualBoard};
