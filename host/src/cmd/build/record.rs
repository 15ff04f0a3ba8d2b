//! What a bitstream was built from, kept beside it, so that what is flashed is what was built.

use std::fs;
use std::path::{Path, PathBuf};

use hdl::arch::Plan;
use hdl::board::Board;
use hdl::clocking::EngineClock;
use hdl::design;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Explained, Failure};
use crate::output;

/// One bitstream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// File in the folder of the record.
    pub bitstream: PathBuf,
    /// Of the engine.
    pub clock_mhz: f64,
    /// SHA-256 of the Verilog that was built, and of the bitstream.
    design_sha256: String,
    bitstream_sha256: String,
}

const FILE: &str = "bitstream.json";

impl Record {
    /// The record of a bitstream that was made of a plan for one clock.
    ///
    /// # Errors
    /// The Verilog cannot be emitted.
    pub fn new(
        plan: &Plan,
        board: &Board,
        clock: EngineClock,
        path: &Path,
        bytes: &[u8],
    ) -> Result<Record, Failure> {
        Ok(Record {
            bitstream: path.file_name().map(PathBuf::from).unwrap_or_default(),
            clock_mhz: clock.mhz(),
            design_sha256: design(plan, board, clock)?,
            bitstream_sha256: sha256([bytes]),
        })
    }

    /// Writes the record beside its bitstream.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), Failure> {
        let text =
            serde_json::to_string_pretty(self).expect("names and numbers have a form in JSON");
        Ok(output::write(&folder.join(FILE), (text + "\n").as_bytes())?)
    }

    /// The record in a folder; `None` if there is none, or the bitstream beside it is not the one that it tells of.
    pub fn read(folder: &Path) -> Option<Record> {
        let text = fs::read_to_string(folder.join(FILE)).ok()?;
        let record: Record = serde_json::from_str(&text).ok()?;
        let bytes = fs::read(folder.join(&record.bitstream)).ok()?;
        (record.bitstream_sha256 == sha256([&bytes[..]])).then_some(record)
    }

    /// Whether the bitstream is what a build of this plan for this board makes at the record's clock.
    ///
    /// # Errors
    /// The Verilog cannot be emitted.
    pub fn is_of(&self, plan: &Plan, board: &Board) -> Result<bool, Failure> {
        let oscillator = EngineClock::oscillator(board);
        // The number in the record may be rounded.
        let near = |clock: &EngineClock| (clock.mhz() / self.clock_mhz - 1.0).abs() < 1e-9;
        let pll = EngineClock::at_most(board, self.clock_mhz * 1e6 * (1.0 + 1e-9));
        match Some(oscillator).filter(near).or(pll.filter(near)) {
            Some(clock) => Ok(design(plan, board, clock)? == self.design_sha256),
            None => Ok(false),
        }
    }
}

/// Hash of everything that synthesis reads of a plan.
fn design(plan: &Plan, board: &Board, clock: EngineClock) -> Result<String, Failure> {
    let design = design::board(plan, board, &clock)
        .map_err(|error| Explained::new("eqprop::emit", &error))?;
    let hard = design.hard(board.device.family);
    let texts = design.verilog().into_iter().map(|(_, text)| text);
    let parts = [board.name.clone(), board.constraints_text.into(), hard];
    let parts: Vec<String> = parts.into_iter().chain(texts).collect();
    Ok(sha256(parts.iter().map(String::as_bytes)))
}

/// Hash of parts, each with its length before it.
fn sha256<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    format!("{:x}", hash.finalize())
}

#[cfg(test)]
mod tests {
    use hdl::config::Network;

    use super::*;

    #[test]
    fn a_record_is_of_its_network_clock_and_bytes_alone() {
        let folder = tempfile::tempdir().unwrap();
        let board = Board::load("icebreaker").unwrap();
        let plan = |seed| {
            let mut network = Network::builtin("xor").unwrap();
            network.seed = seed;
            Plan::new(&network, 1).unwrap()
        };
        assert_eq!(Record::read(folder.path()), None);
        let path = folder.path().join("top.bin");
        let bytes = b"a bitstream";
        for clock in [
            EngineClock::oscillator(board),
            EngineClock::at_most(board, 19.9e6).unwrap(),
        ] {
            let record = Record::new(&plan(1), board, clock, &path, bytes).unwrap();
            record.write(folder.path()).unwrap();
            fs::write(&path, bytes).unwrap();
            let read = Record::read(folder.path()).unwrap();
            assert_eq!(read, record);
            assert!(read.is_of(&plan(1), board).unwrap(), "{clock:?}");
        }
        // The seed decides the random numbers that the chip starts with.
        let read = Record::read(folder.path()).unwrap();
        assert!(!read.is_of(&plan(2), board).unwrap());
        // Somebody put another file in its place.
        fs::write(&path, b"another one").unwrap();
        assert_eq!(Record::read(folder.path()), None);
    }
}
