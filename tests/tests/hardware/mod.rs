//! Verilated hardware in lockstep with the models, on networks of every kind, and proof that the
//! comparison can fail.
//!
//! Models are kept under the target folder's `tmp/verilate`, so only the first run builds them.
//! `cargo test -p tests hardware:: -- --nocapture` prints what the random networks cover;
//! `-- --ignored` runs the long ones.

mod collisions;
mod common;
mod deep;
mod feedback;
mod golden;
mod gradient;
mod icarus;
mod interleaved;
mod learning;
mod mutation;
mod random;
mod reading;
mod repeat;
mod reset;
mod self_connected;
mod spiking;
mod stream;
mod vectors;
