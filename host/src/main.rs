//! The `eqprop` command.

#[expect(dead_code, reason = "called by the command line")]
mod cmd;
#[expect(dead_code, reason = "drawn by the commands")]
mod progress;
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by the commands"))]
mod report;

fn main() {}
