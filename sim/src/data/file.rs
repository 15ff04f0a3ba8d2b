//! Finds out what a data file is: gzip or not, IDX or CSV, a file or a folder.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::{csv, idx, DataError, Dataset, Sizes};

/// Input values that one data set may hold: as reals they take half a gigabyte.
pub(super) const MAX_VALUES: usize = 1 << 26;

/// Reads a CSV file, an IDX file or a folder of IDX files.
pub(super) fn read(path: &Path, sizes: Sizes) -> Result<Dataset, DataError> {
    if path.is_dir() {
        return idx::read_folder(path, sizes);
    }
    let mut reader = open(path)?;
    let head = (reader.fill_buf()).map_err(|error| DataError::unreadable(path, &error))?;
    // An IDX file starts with two zero bytes, which no text does.
    if head.starts_with(&[0]) {
        idx::read(reader, path, sizes)
    } else {
        csv::read(reader, path, sizes)
    }
}

/// Opens a file, unpacking it if it starts as gzip does.
pub(super) fn open(path: &Path) -> Result<Box<dyn BufRead>, DataError> {
    let unreadable = |error| DataError::unreadable(path, &error);
    let mut reader = BufReader::new(File::open(path).map_err(unreadable)?);
    let packed = (reader.fill_buf().map_err(unreadable)?).starts_with(&[0x1f, 0x8b]);
    Ok(if packed {
        Box::new(BufReader::new(MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// Reads at most `limit` bytes.
pub(super) fn take(reader: impl Read, limit: usize, path: &Path) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    (reader.take(limit as u64).read_to_end(&mut bytes))
        .map_err(|error| DataError::unreadable(path, &error))?;
    Ok(bytes)
}
