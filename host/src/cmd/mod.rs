//! One file a subcommand.

pub mod analyse;
pub mod board;
pub mod build;
pub mod check;
pub mod cosim;
pub mod demo;
pub mod explore;
pub mod generate;
pub mod new;
mod plan;
pub mod predict;
pub mod setup;
pub mod test;
pub mod train;
pub mod wave;
