//! `eqprop board` with virtual boards behind real pseudo-terminals: training, other clients, faults.

mod answers;
mod client;
mod errors;
mod faults;
mod training;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// `eqprop board` with these arguments; Verilated models survive the test.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqprop"));
    command
        .arg("board")
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

pub fn board(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder, arguments).output();
    output.expect("the binary starts")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The JSON of a run that must succeed.
pub fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = board(folder, &[arguments, &["--json", "-q"]].concat());
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("--json prints one object")
}

/// A virtual board in a process of its own, killed at the end.
pub struct Running {
    pub child: Child,
    pub port: String,
}

impl Running {
    pub fn start(folder: &Path, arguments: &[&str]) -> Running {
        let mut command = command(folder, &[&["virtual", "-q"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut port).unwrap();
        let port = port.trim().to_owned();
        assert!(port.starts_with("/dev/"), "{port}");
        Running { child, port }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
