//! The manifest: what was generated, and everything a host program needs to know of it.

use crate::arch::memory::MemoryMap;
use crate::arch::program::Instruction;
use crate::arch::protocol::{counter, Refusal, Request, VERSION};
use crate::arch::registers::{Command, Register, Space, MAGIC};
use crate::arch::{Link, Plan, Shape};
use crate::board::Board;
use crate::clocking::EngineClock;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Written as `manifest.json` beside the generated files.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    pub network: String,
    /// Names the configuration, as in the header of every file and in the core's identity.
    pub configuration: String,
    pub files: Vec<FileEntry>,
    pub shape: Shape,
    pub memory_map: MemoryMap,
    pub interface: Interface,
    /// The serial line of the board that the files were generated for; `docs/protocol.md` of the project.
    pub link: LinkEntry,
    pub registers: Vec<RegisterEntry>,
    /// The schedule memory.
    pub program: Vec<Instruction>,
    /// The same as the words that a client writes to it.
    pub program_words: Vec<u32>,
    /// Predicted cycles of one sample, free and nudged, mean over samples of the data: in which the core is busy.
    pub cycles_per_sample: f64,
    /// The same from its first word taken to the last one answered.
    pub stream_cycles_per_sample: f64,
}

/// One generated file.
#[derive(Clone, Debug, Serialize)]
pub struct FileEntry {
    pub name: String,
    pub sha256: String,
}

/// The stream's commands and address spaces with their codes.
#[derive(Clone, Debug, Serialize)]
pub struct Interface {
    pub magic: u32,
    pub commands: Vec<(Command, u32)>,
    pub spaces: Vec<(Space, u32)>,
}

/// What a client needs to know of a board's line.
#[derive(Clone, Debug, Serialize)]
pub struct LinkEntry {
    pub board: String,
    pub protocol_version: u32,
    #[serde(flatten)]
    pub link: Link,
    /// Most words of an answer's payload.
    pub answer_words: usize,
    pub requests: Vec<(Request, u8)>,
    pub refusals: Vec<(Refusal, u8)>,
    /// Names of the counters, in order.
    pub counters: [&'static str; counter::COUNT],
}

/// One register: its address and its value after configuration.
#[derive(Clone, Debug, Serialize)]
pub struct RegisterEntry {
    pub name: Register,
    pub address: u32,
    pub value: u32,
}

impl FileEntry {
    pub fn new(name: &str, text: &str) -> FileEntry {
        let digest = Sha256::digest(text.as_bytes());
        FileEntry {
            name: name.into(),
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

impl Manifest {
    /// The manifest of `plan` on `board`, run by `clock`, with the files that were generated from it.
    pub fn new(
        plan: &Plan,
        board: &Board,
        clock: &EngineClock,
        files: Vec<FileEntry>,
        (cycles_per_sample, stream_cycles_per_sample): (f64, f64),
    ) -> Manifest {
        let link = Link::new(plan, board).clocked(clock);
        let mut commands = vec![Command::Write, Command::Read, Command::Sample];
        commands.extend(plan.shape.interleaves().then_some(Command::Pair));
        let spaces = [Space::Registers, Space::Program, Space::Bank, Space::Bias];
        Manifest {
            network: plan.network.name.clone(),
            configuration: plan.hash_text(),
            files,
            shape: plan.shape.clone(),
            memory_map: plan.map.clone(),
            interface: Interface {
                magic: MAGIC,
                commands: commands.into_iter().map(|c| (c, c as u32)).collect(),
                spaces: spaces.map(|s| (s, s as u32)).into(),
            },
            link: LinkEntry {
                board: board.name.clone(),
                protocol_version: VERSION,
                answer_words: link.answer_words(),
                requests: Request::ALL.map(|r| (r, r as u8)).into(),
                refusals: Refusal::ALL.map(|r| (r, r as u8)).into(),
                counters: counter::NAMES,
                link,
            },
            registers: Register::ALL
                .map(|name| RegisterEntry {
                    name,
                    address: name as u32,
                    value: plan.registers[name as usize],
                })
                .into(),
            program: plan.program.clone(),
            program_words: plan.program_words(),
            cycles_per_sample,
            stream_cycles_per_sample,
        }
    }
}
