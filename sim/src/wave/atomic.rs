//! Files that appear under their name only when they are complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::WaveError;

/// Where a file is written before it gets its name; two processes do not write into each other.
pub(crate) fn partial(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.partial", std::process::id()));
    target.with_file_name(name)
}

/// A file being written beside its final place; dropped without [`AtomicFile::commit`], it vanishes.
pub struct AtomicFile {
    target: PathBuf,
    partial: PathBuf,
    /// `None` after `commit` took it.
    writer: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Starts a file that will be `target`; makes its folder.
    pub fn create(target: &Path) -> Result<AtomicFile, WaveError> {
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(WaveError::write(folder))?;
        }
        let partial = partial(target);
        let file = File::create(&partial).map_err(WaveError::write(target))?;
        Ok(AtomicFile {
            target: target.to_path_buf(),
            partial,
            writer: Some(BufWriter::with_capacity(1 << 16, file)),
        })
    }

    /// Flushes everything and gives the file its name.
    pub fn commit(mut self) -> Result<(), WaveError> {
        let writer = self.writer.take().expect("only commit takes the writer");
        writer
            .into_inner()
            .map_err(|error| error.into_error())
            .and_then(|_| fs::rename(&self.partial, &self.target))
            .map_err(WaveError::write(&self.target))
    }

    fn writer(&mut self) -> &mut BufWriter<File> {
        self.writer.as_mut().expect("only commit takes the writer")
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        // After a commit the partial file has been renamed and there is nothing to remove.
        let _ = fs::remove_file(&self.partial);
    }
}

/// Writes a whole file at once, complete or not at all; makes its folder.
pub fn write_atomically(target: &Path, bytes: &[u8]) -> Result<(), WaveError> {
    let mut file = AtomicFile::create(target)?;
    file.write_all(bytes).map_err(WaveError::write(target))?;
    file.commit()
}
