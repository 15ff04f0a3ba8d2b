//! One file a subcommand.

pub mod wave;
