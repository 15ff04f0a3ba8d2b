//! Cases that run through the whole project. One program, so that its tests share the machine: `cargo test -p tests --test
//! engine hardware::` runs those of the hardware.

mod arch;
mod emit;
mod faults;
mod formal;
mod hardware;
mod install;
mod link;
mod lint;
mod spiking;
mod vectors;
mod verilog;
