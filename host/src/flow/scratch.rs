//! The folder in which results are made until they are complete.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix::sys::signal::kill;
use nix::unistd::Pid;

use crate::tools::interrupt;

const PREFIX: &str = ".partial-";

/// `<out_dir>/.partial-<process>`, removed when dropped or interrupted.
///
/// It lies in the output folder so that a rename into place never crosses file systems.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes the folder, and removes those of processes that were killed.
    pub fn new(out_dir: &Path) -> io::Result<Scratch> {
        fs::create_dir_all(out_dir)?;
        let out_dir = out_dir.canonicalize()?;
        for entry in out_dir.read_dir()?.flatten() {
            if owner(&entry.path()).is_some_and(|process| kill(process, None).is_err()) {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let path = out_dir.join(format!("{PREFIX}{}", std::process::id()));
        interrupt::remember(&path);
        let scratch = Scratch { path };
        fs::create_dir_all(&scratch.path)?;
        Ok(scratch)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's name, for tools that run in the output folder.
    pub fn name(&self) -> String {
        format!("{PREFIX}{}", std::process::id())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next build.
        let _ = fs::remove_dir_all(&self.path);
        interrupt::forget(&self.path);
    }
}

/// The process that a scratch folder belongs to.
fn owner(path: &Path) -> Option<Pid> {
    let number = path.file_name()?.to_str()?.strip_prefix(PREFIX)?;
    number.parse().ok().map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_dead_processes_go_and_others_stay() {
        let out = tempfile::tempdir().unwrap();
        // Process numbers end far below this one; process 1 always lives.
        let dead = out.path().join(".partial-2000000000");
        let alive = out.path().join(".partial-1");
        let other = out.path().join(".partial-x");
        for folder in [&dead, &alive, &other] {
            fs::create_dir(folder).unwrap();
        }
        let scratch = Scratch::new(out.path()).unwrap();
        let own = scratch.path().to_path_buf();
        assert!(own.is_dir() && !dead.exists() && alive.exists() && other.exists());
        drop(scratch);
        assert!(!own.exists());
    }
}
