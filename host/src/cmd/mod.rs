//! One file a subcommand.

pub mod build;
pub mod check;
pub mod cosim;
pub mod demo;
pub mod new;
pub mod setup;
pub mod wave;
