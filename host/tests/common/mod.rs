//! Runs of the command, for every file of tests about it.

use std::path::Path;
use std::process::{Child, Command, Output};

use serde_json::Value;

/// The command with these arguments, in a folder of its own; Verilated models survive the test.
pub fn prepared(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqprop"));
    command
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

pub fn eqprop(folder: &Path, arguments: &[&str]) -> Output {
    prepared(folder, arguments)
        .output()
        .expect("the binary starts")
}

/// The JSON of a command that must succeed.
pub fn object(folder: &Path, arguments: &[&str]) -> Value {
    let output = eqprop(folder, &[arguments, &["--json", "-q"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("--json prints one object")
}

/// The error of a command that must be refused as bad input, without the folder's path.
pub fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = eqprop(folder, &[arguments, &["-q"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    stderr(&output).replace(&format!("{}/", folder.display()), "")
}

/// `eqprop train` with these arguments.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    prepared(folder, &[&["train"], arguments].concat())
}

pub fn train(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments)
        .output()
        .expect("the binary starts")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The JSON of a training run that must succeed.
pub fn report(folder: &Path, arguments: &[&str]) -> Value {
    object(folder, &[&["train"], arguments].concat())
}

/// The error of a run that must be refused, without the folder's path.
pub fn refusal(folder: &Path, arguments: &[&str]) -> String {
    refused(folder, &[&["train"], arguments].concat())
}

/// What Ctrl-C sends.
pub fn interrupt(run: &Child) {
    let process = nix::unistd::Pid::from_raw(run.id() as i32);
    nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).unwrap();
}

/// A pseudo-random number below `limit`.
pub fn below(state: &mut u64, limit: u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % limit
}
