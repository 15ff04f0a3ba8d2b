//! The models (`golden`, `bittrue`) and the comparison of hardware with them (`verilate`, `lockstep`, `wave`).

pub mod data;
mod initial;
pub mod progress;
pub mod verilate;
pub mod wave;
pub mod weights;
