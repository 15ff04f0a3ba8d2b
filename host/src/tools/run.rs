//! Running a tool: its output goes to a log and, line by line, to the caller.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{channel, Sender};
use std::thread;

use super::interrupt;
use super::{Located, ToolError};

/// Runs `command` (made by `tool.command()`) to its end and returns how it ended.
///
/// Output and errors are written to `log` as they come and handed to `on_line` without the line
/// end. The process gets no input and its own process group, which a Ctrl-C kills whole. Errors:
/// the tool cannot be started, the log cannot be written (the tool is killed then).
pub fn run(
    tool: &Located,
    mut command: Command,
    log: &Path,
    on_line: &mut dyn FnMut(&str),
) -> Result<ExitStatus, ToolError> {
    let tool = tool.tool;
    let no_start = |source| ToolError::Start { tool, source };
    let no_log = |source| ToolError::Log {
        tool,
        path: log.display().to_string(),
        source,
    };
    let mut file = File::create(log).map_err(no_log)?;
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = interrupt::spawn(&mut command).map_err(no_start)?;

    let (sender, lines) = channel();
    forward(child.stdout.take(), sender.clone());
    forward(child.stderr.take(), sender);
    let mut written = Ok(());
    for line in lines {
        if written.is_ok() {
            written = file.write_all(&line);
            if written.is_err() {
                interrupt::kill(&child);
            }
        }
        on_line(String::from_utf8_lossy(&line).trim_end());
    }
    interrupt::finished(&child);
    let status = child.wait().map_err(no_start)?;
    written.map_err(no_log)?;
    Ok(status)
}

/// Sends the lines of a stream (with their ends) from a thread of its own, so that neither of the
/// two streams can fill up and block the tool.
fn forward(stream: Option<impl Read + Send + 'static>, lines: Sender<Vec<u8>>) {
    let Some(stream) = stream else { return };
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    if lines.send(line).is_err() {
                        return;
                    }
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::Tool;
    use std::path::PathBuf;

    /// The shell stands in for a tool.
    fn shell(script: &str) -> (Located, Command) {
        let tool = Located {
            tool: Tool::Make,
            path: PathBuf::from("/bin/sh"),
            version: None,
            place: String::new(),
        };
        let mut command = tool.command();
        command.args(["-c", script]);
        (tool, command)
    }

    #[test]
    fn both_streams_reach_the_log_and_the_caller() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let (tool, command) = shell("echo one; echo two >&2; printf three; exit 3");
        let mut seen = Vec::new();
        let status = run(&tool, command, &log, &mut |line| {
            seen.push(line.to_string())
        })
        .unwrap();
        assert_eq!(status.code(), Some(3));
        seen.sort();
        assert_eq!(seen, ["one", "three", "two"]);
        assert_eq!(std::fs::read(&log).unwrap().len(), "one\ntwo\nthree".len());
    }

    #[test]
    fn a_tool_gets_no_input() {
        let folder = tempfile::tempdir().unwrap();
        let (tool, command) = shell("cat; echo end");
        let mut seen = Vec::new();
        run(&tool, command, &folder.path().join("log"), &mut |line| {
            seen.push(line.to_string())
        })
        .unwrap();
        assert_eq!(seen, ["end"]);
    }

    #[test]
    fn a_full_disk_stops_the_tool() {
        let (tool, command) = shell("yes");
        let result = run(&tool, command, Path::new("/dev/full"), &mut |_| {});
        assert!(matches!(result, Err(ToolError::Log { .. })));
    }
}
