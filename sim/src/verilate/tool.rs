//! Running Verilator and make, with everything that they write kept for the error.

use super::error::VerilateError;
use super::find::Verilator;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

/// Runs Verilator for the core `top` in `directory`; a failure quotes it.
pub fn verilate(
    verilator: &Verilator,
    top: &str,
    directory: &Path,
    arguments: &[String],
) -> Result<(), VerilateError> {
    let output = output(verilator.command(), directory, arguments);
    let output = output.map_err(|source| VerilateError::Start {
        tool: "verilator",
        source,
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(VerilateError::Verilator {
            top: top.to_string(),
            status: output.status.to_string(),
            message: everything(&output),
            command: format!("verilator {}", quoted(arguments)),
        }),
    }
}

/// Runs make for the core `top` in `directory`; a failure quotes it.
pub fn make(top: &str, directory: &Path, arguments: &[String]) -> Result<(), VerilateError> {
    let output = output(Command::new("make"), directory, arguments);
    let output = output.map_err(|source| match source.kind() {
        // The folder exists, so it is the program that was not found.
        io::ErrorKind::NotFound => VerilateError::NoMake,
        _ => VerilateError::Start {
            tool: "make",
            source,
        },
    })?;
    match output.status.success() {
        true => Ok(()),
        false => Err(VerilateError::Compile {
            top: top.to_string(),
            status: output.status.to_string(),
            message: everything(&output),
            command: format!("make {}", quoted(arguments)),
        }),
    }
}

fn output(mut command: Command, directory: &Path, arguments: &[String]) -> io::Result<Output> {
    command
        .args(arguments)
        .current_dir(directory)
        .env("LC_ALL", "C")
        // A make around this process (cargo sets these too) must not share its job slots or options.
        .env_remove("MAKEFLAGS")
        .env_remove("MFLAGS")
        .env_remove("MAKELEVEL")
        .output()
}

fn everything(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&text).trim_end().to_string()
}

fn quoted(arguments: &[String]) -> String {
    let quote = |argument: &String| {
        if argument.contains(|c: char| c.is_whitespace() || "$()'\"".contains(c)) {
            format!("'{argument}'")
        } else {
            argument.clone()
        }
    };
    arguments.iter().map(quote).collect::<Vec<_>>().join(" ")
}
