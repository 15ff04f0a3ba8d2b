//! The models (`golden`, `bittrue`) and the comparison of hardware with them (`verilate`, `lockstep`, `wave`).

pub mod analysis;
mod array;
pub mod ask;
pub mod bittrue;
pub mod board;
pub mod checkpoint;
pub mod data;
pub mod engine;
pub mod exchange;
pub mod fault;
pub mod gates;
pub mod golden;
mod initial;
pub mod lockstep;
pub mod progress;
pub mod random;
pub mod raster;
pub mod train;
pub mod vectors;
pub mod venv;
pub mod verilate;
pub mod wave;
pub mod weights;
