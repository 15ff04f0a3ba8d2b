//! A machine made of links to one script, on which the real `bootstrap` runs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const FAKE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/install/fake");

/// What every system has.
const SYSTEM: [&str; 20] = [
    "bash", "sh", "sed", "head", "sort", "cut", "dirname", "cat", "mkdir", "rm", "ln", "cp", "tr",
    "env", "ls", "wc", "touch", "readlink", "chmod", "grep",
];

/// Packages that are told by their files, of which the machine that runs this test may have some.
const REAL: [&str; 3] = [" fpga-icestorm-chipdb", " zlib1g-dev", " liblz4-dev"];

pub struct Machine {
    folder: TempDir,
}

/// How bootstrap ended, what it said, and what it called.
pub struct Run {
    pub code: Option<i32>,
    pub said: String,
    pub log: String,
}

impl Machine {
    /// A new Debian: root, apt, Rust and Python 3.13.
    pub fn new() -> Machine {
        let machine = Machine {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir_all(machine.path().join("bin")).unwrap();
        for name in SYSTEM {
            let path = std::env::var_os("PATH").unwrap();
            let mut found = std::env::split_paths(&path).map(|folder| folder.join(name));
            let found = found.find(|path| path.exists()).unwrap();
            symlink(found, machine.path().join("bin").join(name)).unwrap();
        }
        for name in ["cargo", "id", "apt-get", "python3"] {
            machine.program(name);
        }
        let project = machine.path().join("project/sim/src/verilate");
        fs::create_dir_all(&project).unwrap();
        for file in ["bootstrap", "Cargo.toml", "sim/src/verilate/find.sh"] {
            fs::copy(
                Path::new(ROOT).join(file),
                machine.path().join("project").join(file),
            )
            .unwrap();
        }
        fs::create_dir(machine.path().join("include")).unwrap();
        machine
            .says("include/verilated.mk", "")
            .says("rust", "1.85.0")
            .says("python", "3.13")
            .says("user", "0")
            .says("log", "")
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts a text where the fake programs read it.
    pub fn says(self, file: &str, text: &str) -> Machine {
        fs::write(self.path().join(file), text).unwrap();
        self
    }

    /// A system's Verilator.
    pub fn verilator(self, version: &str) -> Machine {
        self.program("verilator");
        self.says("verilator", version)
    }

    /// Has sudo, which asks for no password.
    pub fn sudoer(self) -> Machine {
        self.program("sudo");
        self.says("sudoer", "")
    }

    pub fn without(self, program: &str) -> Machine {
        fs::remove_file(self.path().join("bin").join(program)).unwrap();
        self
    }

    fn program(&self, name: &str) {
        symlink(FAKE, self.path().join("bin").join(name)).unwrap();
    }

    /// Where the project's venv is.
    pub fn venv(&self, file: &str) -> std::path::PathBuf {
        self.path().join("project/target/tools/venv").join(file)
    }

    /// Runs bootstrap without a terminal; paths are told relative to the machine.
    pub fn bootstrap(&self, arguments: &[&str]) -> Run {
        fs::write(self.path().join("log"), "").unwrap();
        // Started through bash: the copy may still be open in a process that another test is starting.
        let output = Command::new("bash")
            .arg("bootstrap")
            .args(arguments)
            .current_dir(self.path().join("project"))
            .env_clear()
            .env("PATH", self.path().join("bin"))
            .env("MACHINE", self.path())
            .env("FAKE", FAKE)
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        let root = format!("{}/", self.path().display());
        let text = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).replace(&root, "");
            REAL.iter().fold(text, |text, name| text.replace(name, ""))
        };
        Run {
            code: output.status.code(),
            said: text(&[output.stdout, output.stderr].concat()),
            log: text(&fs::read(self.path().join("log")).unwrap()),
        }
    }
}
