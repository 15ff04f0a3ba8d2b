//! One file a subcommand.

pub mod check;
pub mod new;
#[expect(dead_code, reason = "called by the command line")]
pub mod wave;
