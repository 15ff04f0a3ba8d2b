//! Finds out what a data file is: gzip or not, IDX, NPY, NPZ or CSV, a file or a folder.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use super::{arrays, csv, idx, DataError, Dataset, Part, Wanted};

/// Memory that the inputs of one data set may take: the largest set of EMNIST has half as many bytes.
pub(super) const MAX_BYTES: usize = 1 << 30;

/// First bytes of a zip archive, such as an NPZ file; an empty one has the second.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
const NPY: &[u8] = b"\x93NUMPY";
/// First bytes of files that other programs unpack.
const PACKED: [(&[u8], &str); 3] = [
    (b"\xfd7zXZ\0", "xz -d"),
    (b"BZh", "bzip2 -d"),
    (b"\x28\xb5\x2f\xfd", "zstd -d"),
];

/// Reads a CSV, IDX, NPY or NPZ file or a folder of IDX or NPY files: the training part, if there
/// are parts.
pub(super) fn read(path: &Path, wanted: Wanted) -> Result<Dataset, DataError> {
    if path.is_dir() {
        return match arrays::in_folder(path, Part::Train) {
            Some(inputs) => arrays::read_npy(&inputs, wanted),
            None => idx::read_folder(path, wanted),
        };
    }
    let mut reader = open(path)?;
    let head = (reader.fill_buf()).map_err(|error| DataError::unreadable(path, &error))?;
    let ends = |ending| path.extension().is_some_and(|found| found == ending);
    if let Some((_, unpack)) = PACKED.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(DataError::new(
            "eqprop::data::packed",
            format!("`{}` is packed in a way that is not read", path.display()),
            format!(
                "unpack it first: {unpack} {}; gzip is read as it is",
                path.display()
            ),
        ));
    }
    if ZIP.iter().any(|magic| head.starts_with(magic)) || ends("npz") {
        let train = arrays::read_npz(path, wanted, Part::Train)?;
        Ok(train.expect("only a test part may be missing"))
    } else if head.starts_with(NPY) || ends("npy") {
        arrays::read_npy(path, wanted)
    } else if head.starts_with(&[0]) {
        // An IDX file starts with two zero bytes, which no text does.
        idx::read(reader, path, wanted)
    } else {
        csv::read(reader, path, wanted)
    }
}

/// Reads the test part of a folder or NPZ file that has a training part too.
pub(super) fn read_test(path: &Path, wanted: Wanted) -> Result<Option<Dataset>, DataError> {
    if path.is_dir() {
        return match arrays::in_folder(path, Part::Train) {
            Some(_) => (arrays::in_folder(path, Part::Test))
                .map(|inputs| arrays::read_npy(&inputs, wanted))
                .transpose(),
            None => idx::read_folder_test(path, wanted),
        };
    }
    let mut reader = open(path)?;
    let head = (reader.fill_buf()).map_err(|error| DataError::unreadable(path, &error))?;
    if ZIP.iter().any(|magic| head.starts_with(magic)) {
        return arrays::read_npz(path, wanted, Part::Test);
    }
    Ok(None)
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
