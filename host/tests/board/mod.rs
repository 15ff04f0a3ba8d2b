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

pub use crate::common::stderr;
use crate::common::{object, prepared};

/// `eqprop board` with these arguments.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    prepared(folder, &[&["board"], arguments].concat())
}

pub fn board(folder: &Path, arguments: &[&str]) -> Output {
    let output = command(folder, arguments).output();
    output.expect("the binary starts")
}

/// The JSON of a run that must succeed.
pub fn report(folder: &Path, arguments: &[&str]) -> Value {
    object(folder, &[&["board"], arguments].concat())
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
