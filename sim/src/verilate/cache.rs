//! A folder of finished builds that several threads and processes may use at once.
//!
//! ```text
//! KEY.lock            held while an entry is looked up or built; waiting is blocking
//! KEY.building-PID/   a build under way, or the remains of one that was killed
//! KEY/                a finished entry: its files and DIGESTS, the SHA-256 of each
//! ```
//!
//! An entry appears by one rename after its digests are written, so a killed build leaves nothing under
//! a final name; one whose files no longer match their digests is removed and built again.

use super::error::VerilateError;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const DIGESTS: &str = "DIGESTS";

/// Where Verilated models are kept.
#[derive(Clone, Debug)]
pub struct Cache {
    directory: PathBuf,
}

impl Cache {
    /// Uses `directory`, which is made when the first model is built.
    pub fn new(directory: impl Into<PathBuf>) -> Cache {
        Cache {
            directory: directory.into(),
        }
    }

    /// Folder of the finished entry `key`. If there is none, `make` is given an empty folder to fill, and
    /// whatever files it leaves there become the entry.
    pub(super) fn entry(
        &self,
        key: &str,
        make: impl FnOnce(&Path) -> Result<(), VerilateError>,
    ) -> Result<PathBuf, VerilateError> {
        fs::create_dir_all(&self.directory).map_err(failed("create", &self.directory))?;
        let directory =
            fs::canonicalize(&self.directory).map_err(failed("find", &self.directory))?;
        let lock_path = directory.join(format!("{key}.lock"));
        let lock = File::create(&lock_path).map_err(failed("create", &lock_path))?;
        // Released when `lock` is closed, also by the death of the process.
        fs4::FileExt::lock(&lock).map_err(failed("lock", &lock_path))?;

        let entry = directory.join(key);
        if is_intact(&entry) {
            return Ok(entry);
        }
        remove(&entry)?;
        remove_abandoned(&directory, key)?;
        let building = directory.join(format!("{key}.building-{}", std::process::id()));
        fs::create_dir(&building).map_err(failed("create", &building))?;
        let made = make(&building).and_then(|()| {
            let path = building.join(DIGESTS);
            digests(&building)
                .and_then(|text| fs::write(&path, text))
                .map_err(failed("write", &path))?;
            fs::rename(&building, &entry).map_err(failed("rename to", &entry))
        });
        if let Err(error) = made {
            // The error of the build matters more than one of the cleaning, which the next build repeats.
            let _ = fs::remove_dir_all(&building);
            return Err(error);
        }
        Ok(entry)
    }
}

/// Turns an I/O error into one that names the action and the path.
pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> VerilateError {
    let path = path.to_path_buf();
    move |source| VerilateError::Cache {
        action,
        path,
        source,
    }
}

fn remove(path: &Path) -> Result<(), VerilateError> {
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path).map_err(failed("remove", path)),
        Ok(_) => fs::remove_file(path).map_err(failed("remove", path)),
    }
}

/// Removes what killed builds of this key left; the caller holds its lock, so none is alive.
fn remove_abandoned(directory: &Path, key: &str) -> Result<(), VerilateError> {
    let prefix = format!("{key}.building-");
    for found in fs::read_dir(directory).map_err(failed("list", directory))? {
        let found = found.map_err(failed("list", directory))?;
        if found.file_name().to_string_lossy().starts_with(&prefix) {
            // A tool that outlived its build may still write there; the next build removes the rest.
            let _ = remove(&found.path());
        }
    }
    Ok(())
}

fn is_intact(entry: &Path) -> bool {
    match (fs::read_to_string(entry.join(DIGESTS)), digests(entry)) {
        (Ok(recorded), Ok(found)) => recorded == found,
        _ => false,
    }
}

/// One line "digest  name" for each file of the folder but the digests themselves, sorted by name.
fn digests(directory: &Path) -> io::Result<String> {
    let mut names = fs::read_dir(directory)?
        .map(|entry| entry.map(|e| e.file_name()))
        .collect::<io::Result<Vec<_>>>()?;
    names.sort();
    let mut text = String::new();
    for name in names.iter().filter(|name| *name != DIGESTS) {
        let digest = hex(&Sha256::digest(fs::read(directory.join(name))?));
        text += &format!("{digest}  {}\n", name.to_string_lossy());
    }
    Ok(text)
}

/// Key of everything that decides what a build gives.
pub(super) fn key<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}
