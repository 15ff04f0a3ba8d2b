//! Boards behind their serial line, driven by a client that knows only the protocol.

mod client;
mod faults;
mod networks;
mod pairs;
mod resets;
mod training;
mod waking;
