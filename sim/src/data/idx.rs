//! Samples from IDX files, the format of MNIST and its relatives: images in one file, labels in another,
//! plain or gzip.
//!
//! A file is: two zero bytes, the element type, the number of dimensions, each dimension as a big-endian
//! 32-bit number, then the elements, big-endian (<http://yann.lecun.com/exdb/mnist>). Labels are one number
//! a sample, or a table of eight of which the first is the class (QMNIST).

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::array::{elements_within, Array, Fault, Values};

use super::arrays::{self, Named};
use super::file::{open, take, MAX_BYTES};
use super::{DataError, Dataset, Wanted};

/// Columns of QMNIST's labels; the first is the class.
const QMNIST: usize = 8;

/// Reads the training images of a folder, and their labels.
pub(super) fn read_folder(folder: &Path, wanted: Wanted) -> Result<Dataset, DataError> {
    let files = images_in(folder);
    let (test, train): (Vec<_>, Vec<_>) = files.iter().partition(|name| is_test(name));
    // A folder of test images alone is data too.
    let found = if train.is_empty() { test } else { train };
    match found[..] {
        [only] => {
            let path = folder.join(only);
            read(open(&path)?, &path, wanted)
        }
        [] => Err(DataError::new(
            "eqprop::data::missing",
            format!(
                "the folder `{}` holds no images …-images-idx3-ubyte (or with .gz), nor x.npy or x_train.npy",
                folder.display()
            ),
            "give the folder of MNIST's files or of x.npy and y.npy, or the path of one file",
        )),
        _ => Err(DataError::new(
            "eqprop::data::several",
            format!(
                "the folder `{}` holds several sets of images: {}",
                folder.display(),
                found.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ")
            ),
            "give the path of one of these files with --data, and of another with --test-data",
        )),
    }
}

/// Reads the test images of a folder that has training images too.
pub(super) fn read_folder_test(
    folder: &Path,
    wanted: Wanted,
) -> Result<Option<Dataset>, DataError> {
    let files = images_in(folder);
    let (test, train): (Vec<_>, Vec<_>) = files.iter().partition(|name| is_test(name));
    match (&train[..], &test[..]) {
        ([_], [only]) => {
            let path = folder.join(only);
            read(open(&path)?, &path, wanted).map(Some)
        }
        _ => Ok(None),
    }
}

/// Names of the images in a folder, sorted; one that is there packed and unpacked is named once.
fn images_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let images =
        |name: &String| name.contains("images") && name.contains("idx3") && !name.starts_with('.');
    let mut names: Vec<String> = names.filter(images).collect();
    names.sort_unstable();
    let all = names.clone();
    names.retain(|name| {
        name.strip_suffix(".gz")
            .is_none_or(|plain| !all.iter().any(|other| other == plain))
    });
    names
}

fn is_test(name: &str) -> bool {
    name.contains("t10k") || name.contains("test")
}

/// Reads images from `reader` (opened from `path`) and the labels from the file beside it.
pub(super) fn read(reader: impl Read, path: &Path, wanted: Wanted) -> Result<Dataset, DataError> {
    let shown = format!("`{}`", path.display());
    wanted.no_table(&shown)?;
    let images = array(reader, path)?;
    let [_, image @ ..] = &images.shape[..] else {
        return Err(wrong(path, "it has no dimensions".to_owned()));
    };
    if image.is_empty() {
        return Err(DataError::new(
            "eqprop::data::idx",
            format!("`{}` holds labels, not images", path.display()),
            "give the file of images; its labels are found by name",
        ));
    }
    if images.shape.contains(&0) {
        return Err(wrong(
            path,
            format!("it is empty: dimensions {:?}", images.shape),
        ));
    }
    wanted.sizes.check_width(&shown, image.iter().product())?;
    // A byte of 255 is white, even where no pixel is.
    let white = matches!(images.values, Values::Bytes(_)).then_some(255.0);
    let images = Named {
        place: shown,
        sample: "image",
        array: images,
    };
    let labels_path = match labels_beside(path) {
        Ok(path) => path,
        Err(_) if wanted.unlabelled => return arrays::pair(images, None, wanted, white),
        Err(error) => return Err(error),
    };
    let labels = first_column(array(open(&labels_path)?, &labels_path)?);
    if labels.shape != [images.array.shape[0]] {
        return Err(DataError::new(
            "eqprop::data::idx",
            format!(
                "`{}` holds {} images, but `{}` has the dimensions {:?}",
                path.display(),
                images.array.shape[0],
                labels_path.display(),
                labels.shape
            ),
            "images and labels must be of one set, one label for each image",
        ));
    }
    let labels = Named {
        place: format!("`{}`", labels_path.display()),
        sample: "label",
        array: labels,
    };
    arrays::pair(images, Some(labels), wanted, white)
}

/// The classes of a table of labels: its first column, if it is QMNIST's or has only one.
fn first_column(labels: Array) -> Array {
    let [count, columns @ (1 | QMNIST)] = labels.shape[..] else {
        return labels;
    };
    Array {
        shape: vec![count],
        dtype: labels.dtype,
        values: Values::Reals((0..count).map(|row| labels.get(row * columns)).collect()),
    }
}

/// The array of one file.
fn array(mut reader: impl Read, path: &Path) -> Result<Array, DataError> {
    let cut =
        |bytes: usize| DataError::truncated(path, &format!("its header ends after {bytes} bytes"));
    let magic = take(&mut reader, 4, path)?;
    let [zero, also_zero, kind, count] = magic[..] else {
        return Err(cut(magic.len()));
    };
    // Name, bytes in the file and bytes in memory of an element.
    let (dtype, size, held) = match (zero, also_zero, kind) {
        (0, 0, 0x08) => ("uint8", 1, 1),
        (0, 0, 0x09) => ("int8", 1, 4),
        (0, 0, 0x0b) => ("int16", 2, 4),
        (0, 0, 0x0c) => ("int32", 4, 8),
        (0, 0, 0x0d) => ("float32", 4, 4),
        (0, 0, 0x0e) => ("float64", 8, 8),
        _ => {
            let why = format!(
                "it starts with {magic:02x?} instead of [00, 00, type, dimensions], the type being 08, 09, 0b, 0c, 0d or 0e"
            );
            return Err(wrong(path, why));
        }
    };
    let header = take(&mut reader, 4 * usize::from(count), path)?;
    if header.len() < 4 * usize::from(count) {
        return Err(cut(4 + header.len()));
    }
    let shape: Vec<usize> =
        (words::<4>(&header).map(|bytes| u32::from_be_bytes(bytes) as usize)).collect();
    let too_large = |_| DataError::too_large(path, MAX_BYTES);
    let total = elements_within(&shape, held, MAX_BYTES).map_err(too_large)?;
    let bytes = take(&mut reader, total * size, path)?;
    if bytes.len() < total * size {
        let why = format!("{} of {} bytes after the header", bytes.len(), total * size);
        return Err(DataError::truncated(path, &why));
    }
    let values = match kind {
        0x08 => Values::Bytes(bytes),
        0x09 => Values::Singles(bytes.iter().map(|&byte| f32::from(byte as i8)).collect()),
        0x0b => Values::Singles(
            words(&bytes)
                .map(|word| i16::from_be_bytes(word).into())
                .collect(),
        ),
        0x0c => Values::Reals(
            words(&bytes)
                .map(|word| i32::from_be_bytes(word).into())
                .collect(),
        ),
        0x0d => Values::Singles(words(&bytes).map(f32::from_be_bytes).collect()),
        _ => Values::Reals(words(&bytes).map(f64::from_be_bytes).collect()),
    };
    Array::checked(shape, dtype, values).map_err(|fault: Fault| {
        DataError::new(
            "eqprop::data::not_a_number",
            format!("`{}` {fault}", path.display()),
            "correct or remove the sample",
        )
    })
}

/// The elements of N bytes.
fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    let chunks = bytes.chunks_exact(N);
    chunks.map(|chunk| chunk.try_into().expect("chunks_exact gives N bytes"))
}

/// The label file that belongs to an image file: the same name with `labels` for `images`, packed or not, of
/// any type and number of dimensions.
fn labels_beside(images: &Path) -> Result<PathBuf, DataError> {
    let name = images.file_name().map(|name| name.to_string_lossy());
    let name = name.unwrap_or_default().into_owned();
    let missing = |wanted: &str| {
        DataError::new(
            "eqprop::data::missing",
            format!(
                "`{}` has no labels beside it: there is no `{}` (or with .gz)",
                images.display(),
                images.with_file_name(wanted).display()
            ),
            "name the files as MNIST does: …images-idx3-ubyte and …labels-idx1-ubyte",
        )
    };
    let Some((before, after)) = name.split_once("images") else {
        return Err(missing(&name));
    };
    let usual = format!(
        "{before}labels{}",
        after.replace("idx3", "idx1").trim_end_matches(".gz")
    );
    let folder = images
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new(".")))
        .into_iter()
        .flatten()
        .flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort_unstable();
    let others = |name: &&String| {
        let rest = name.strip_prefix(&format!("{before}labels"));
        rest.is_some_and(|rest| rest.starts_with("-idx") || rest.starts_with(".idx"))
    };
    let packed = format!("{usual}.gz");
    let found = [&usual, &packed]
        .into_iter()
        .find(|usual| names.contains(usual));
    match found.or(names.iter().find(others)) {
        Some(found) => Ok(images.with_file_name(found)),
        None => Err(missing(&usual)),
    }
}

fn wrong(path: &Path, why: String) -> DataError {
    DataError::new(
        "eqprop::data::idx",
        format!("`{}` is not an IDX file: {why}", path.display()),
        "give IDX files as MNIST has, or a CSV, NPY or NPZ file",
    )
}
