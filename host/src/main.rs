//! The `eqprop` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    eqprop::main()
}
