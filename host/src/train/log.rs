//! What is written of every epoch as it ends: JSON lines, a table for spreadsheets, events for TensorBoard.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sim::train::EpochReport;

use super::events;
use crate::error::Failure;
use crate::output;

/// The files of one run.
pub struct Log {
    lines: PathBuf,
    table: PathBuf,
    events: Option<PathBuf>,
}

impl Log {
    /// Begins the files anew with the epochs that a checkpoint knows; events only where `tensorboard` names a folder.
    ///
    /// # Errors
    /// A file that cannot be written; so also below.
    pub fn begin(
        out: &Path,
        tensorboard: Option<&Path>,
        history: &[EpochReport],
    ) -> Result<Log, Failure> {
        let log = Log {
            lines: out.join("train.jsonl"),
            table: out.join("train.csv"),
            events: tensorboard.map(|folder| folder.join(events::FILE)),
        };
        let lines: String = history.iter().map(json_line).collect();
        output::write(&log.lines, lines.as_bytes())?;
        let rows: String = history.iter().map(row).collect();
        let header = history.first().map_or(String::new(), header);
        output::write(&log.table, (header + &rows).as_bytes())?;
        if let Some(path) = &log.events {
            let mut bytes = events::begin();
            history
                .iter()
                .for_each(|report| bytes.extend(events::epoch(report)));
            output::write(path, &bytes)?;
        }
        Ok(log)
    }

    /// Adds an epoch.
    pub fn add(&self, report: &EpochReport) -> Result<(), Failure> {
        append(&self.lines, json_line(report).as_bytes())?;
        let first = fs::metadata(&self.table).is_ok_and(|file| file.len() == 0);
        let header = if first { header(report) } else { String::new() };
        append(&self.table, (header + &row(report)).as_bytes())?;
        match &self.events {
            Some(path) => append(path, &events::epoch(report)),
            None => Ok(()),
        }
    }

    /// The JSON lines, the table, and the events if there are any.
    pub fn files(self) -> (PathBuf, PathBuf, Option<PathBuf>) {
        (self.lines, self.table, self.events)
    }
}

fn append(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let file = OpenOptions::new().append(true).open(path);
    file.and_then(|mut file| file.write_all(bytes))
        .map_err(|error| output::WriteError::new(format!("`{}`", path.display()), error).into())
}

fn json_line(report: &EpochReport) -> String {
    serde_json::to_string(report).expect("a report of numbers has a form in JSON") + "\n"
}

/// Names and numbers of a report, the same names in every epoch of a run.
pub fn fields(report: &EpochReport) -> Vec<(String, serde_json::Value)> {
    match serde_json::to_value(report) {
        Ok(serde_json::Value::Object(fields)) => fields.into_iter().collect(),
        _ => unreachable!("a report is an object of numbers"),
    }
}

fn header(report: &EpochReport) -> String {
    let names: Vec<String> = fields(report).into_iter().map(|(name, _)| name).collect();
    names.join(",") + "\n"
}

fn row(report: &EpochReport) -> String {
    let values: Vec<String> = (fields(report).into_iter())
        .map(|(_, value)| value.to_string())
        .collect();
    values.join(",") + "\n"
}
