//! One file a subcommand.

pub mod setup;
pub mod wave;
