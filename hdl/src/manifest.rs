//! The manifest: what was generated, and everything a host program needs to know of it.

use crate::arch::memory::MemoryMap;
use crate::arch::program::Instruction;
use crate::arch::registers::{Command, Register, Space, MAGIC};
use crate::arch::{Plan, Shape};
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
    pub registers: Vec<RegisterEntry>,
    /// The schedule memory.
    pub program: Vec<Instruction>,
    /// Predicted cycles of one sample, free and nudged, mean over samples of the data.
    pub cycles_per_sample: f64,
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
    /// The manifest of `plan` with the files that were generated from it.
    pub fn new(plan: &Plan, files: Vec<FileEntry>, cycles_per_sample: f64) -> Manifest {
        let commands = [Command::Write, Command::Read, Command::Sample];
        let spaces = [Space::Registers, Space::Program, Space::Bank, Space::Bias];
        Manifest {
            network: plan.network.name.clone(),
            configuration: plan.hash_text(),
            files,
            shape: plan.shape.clone(),
            memory_map: plan.map.clone(),
            interface: Interface {
                magic: MAGIC,
                commands: commands.map(|c| (c, c as u32)).into(),
                spaces: spaces.map(|s| (s, s as u32)).into(),
            },
            registers: Register::ALL
                .map(|name| RegisterEntry {
                    name,
                    address: name as u32,
                    value: plan.registers[name as usize],
                })
                .into(),
            program: plan.program.clone(),
            cycles_per_sample,
        }
    }
}
