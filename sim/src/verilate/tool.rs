//! Running Verilator and make, with everything that they write kept for the error.

use super::error::VerilateError;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::{Command, Output};

/// The two programs that this binding starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Verilator,
    Make,
}

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Tool::Verilator => "verilator",
            Tool::Make => "make",
        }
    }

    fn install(self) -> &'static str {
        match self {
            Tool::Verilator => "apt-get install verilator",
            Tool::Make => "apt-get install make g++",
        }
    }

    /// Runs the tool in `directory`.
    fn output(self, directory: &Path, arguments: &[String]) -> Result<Output, VerilateError> {
        start(self.name().as_ref(), directory, arguments).map_err(|source| match source.kind() {
            // The folder exists, so it is the program that was not found.
            io::ErrorKind::NotFound => VerilateError::MissingTool {
                tool: self.name(),
                install: self.install(),
            },
            _ => VerilateError::Start {
                tool: self.name(),
                source,
            },
        })
    }

    /// Runs the tool for the core `top` and turns a failure into an error that quotes it.
    pub fn run(
        self,
        top: &str,
        directory: &Path,
        arguments: &[String],
    ) -> Result<(), VerilateError> {
        let output = self.output(directory, arguments)?;
        if output.status.success() {
            return Ok(());
        }
        let message = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        let (top, status) = (top.to_string(), output.status.to_string());
        let message = message.trim_end().to_string();
        let command = format!("{} {}", self.name(), quoted(arguments));
        Err(match self {
            Tool::Verilator => VerilateError::Verilator {
                top,
                status,
                message,
                command,
            },
            Tool::Make => VerilateError::Compile {
                top,
                status,
                message,
                command,
            },
        })
    }
}

/// First line that `verilator --version` prints.
pub fn verilator_version() -> Result<String, VerilateError> {
    let output = Tool::Verilator.output(Path::new("."), &["--version".to_string()])?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or_default().to_string())
}

fn start(program: &OsStr, directory: &Path, arguments: &[String]) -> io::Result<Output> {
    Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env("LC_ALL", "C")
        // A make around this process (cargo sets these too) must not share its job slots or options.
        .env_remove("MAKEFLAGS")
        .env_remove("MFLAGS")
        .env_remove("MAKELEVEL")
        .output()
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
