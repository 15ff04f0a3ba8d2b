//! A file replaced so that power may fail at any instant: the old content or the new, never a part.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::wave::partial;

/// Where bytes go on their way to the disk; a disk that fills up, in tests.
pub(super) trait Sink: Write {
    /// Returns when everything written is on the disk.
    fn sync(&mut self) -> io::Result<()>;
}

impl Sink for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Gives `path` the content `bytes`, written through `open` of the partial file; makes its folder.
pub(super) fn replace<S: Sink>(
    path: &Path,
    bytes: &[u8],
    open: impl FnOnce(File) -> S,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let partial = partial(path);
    let written = File::create(&partial).map(open).and_then(|mut sink| {
        sink.write_all(bytes)?;
        // Before the rename: else a power failure may leave the new name without its content.
        sink.sync()?;
        fs::rename(&partial, path)
    });
    if let Err(error) = written {
        // What matters is the first error; a partial file that stays does no harm.
        let _ = fs::remove_file(&partial);
        return Err(error);
    }
    // The rename itself reaches the disk with the folder.
    File::open(folder)?.sync_all()
}
