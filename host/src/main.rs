//! The `eqprop` command.

#[expect(dead_code, reason = "called by the command line")]
mod cmd;
#[cfg_attr(not(test), expect(dead_code, reason = "called by `build`"))]
mod flow;
#[expect(dead_code, reason = "drawn by the commands")]
mod progress;
#[cfg_attr(not(test), expect(dead_code, reason = "drawn by the commands"))]
mod report;
#[cfg_attr(not(test), expect(dead_code, reason = "called by the commands"))]
mod tools;

fn main() {}
