//! Samples from IDX files, the format of MNIST: images in one file, labels in another, plain or gzip.
//!
//! A file is: two zero bytes, the element type (8: unsigned byte), the number of dimensions, each
//! dimension as a big-endian 32-bit number, then the elements (<http://yann.lecun.com/exdb/mnist>).

use std::io::Read;
use std::path::{Path, PathBuf};

use super::file::{open, take, MAX_VALUES};
use super::{DataError, Dataset, Inputs, Sizes, Targets};

/// Images that a folder is searched for, in this order.
const IMAGES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-images.idx3-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-images.idx3-ubyte",
];
const UNSIGNED_BYTE: u8 = 8;

/// Reads the first image file of a folder that is known by its name, and its labels.
pub(super) fn read_folder(folder: &Path, sizes: Sizes) -> Result<Dataset, DataError> {
    let found = (IMAGES.iter())
        .flat_map(|name| packed_or_not(&folder.join(name)))
        .find(|path| path.is_file());
    match found {
        Some(path) => read(open(&path)?, &path, sizes),
        None => Err(DataError::new(
            "eqprop::data::missing",
            format!(
                "the folder `{}` holds none of {} (or with .gz), nor x.npy or x_train.npy",
                folder.display(),
                IMAGES.join(", ")
            ),
            "give the folder of MNIST's files or of x.npy and y.npy, or the path of one file",
        )),
    }
}

/// Reads the t10k images of a folder that has train images too.
pub(super) fn read_folder_test(folder: &Path, sizes: Sizes) -> Result<Option<Dataset>, DataError> {
    let find = |names: &[&str]| {
        (names.iter())
            .flat_map(|name| packed_or_not(&folder.join(name)))
            .find(|path| path.is_file())
    };
    match (find(&IMAGES[..2]), find(&IMAGES[2..])) {
        (Some(_), Some(path)) => read(open(&path)?, &path, sizes).map(Some),
        _ => Ok(None),
    }
}

/// Reads images from `reader` (opened from `path`) and the labels from the file beside it.
pub(super) fn read(reader: impl Read, path: &Path, sizes: Sizes) -> Result<Dataset, DataError> {
    let (dimensions, pixels) = elements(reader, path)?;
    let [count, image @ ..] = &dimensions[..] else {
        return Err(wrong(path, "it has no dimensions".to_owned()));
    };
    if image.is_empty() {
        return Err(DataError::new(
            "eqprop::data::idx",
            format!("`{}` holds labels, not images", path.display()),
            "give the file of images; its labels are found by name",
        ));
    }
    if dimensions.contains(&0) {
        return Err(wrong(
            path,
            format!("it is empty: dimensions {dimensions:?}"),
        ));
    }
    let width = image.iter().product();
    sizes.check_width(&format!("`{}`", path.display()), width)?;
    let labels_path = labels_beside(path)?;
    let (dimensions, labels) = elements(open(&labels_path)?, &labels_path)?;
    if dimensions != [*count] {
        return Err(DataError::new(
            "eqprop::data::idx",
            format!(
                "`{}` holds {count} images, but `{}` has the dimensions {dimensions:?}",
                path.display(),
                labels_path.display()
            ),
            "images and labels must be of one set, one label for each image",
        ));
    }
    let labels = labels.iter().enumerate().map(|(index, &label)| {
        let place = || format!("`{}`, label {index}", labels_path.display());
        sizes.check_label(place, label.into())
    });
    Ok(Dataset {
        targets: Targets::Labels(labels.collect::<Result<_, _>>()?),
        inputs: Inputs::Bytes {
            values: pixels,
            scale: 255.0,
        },
        width,
        outputs: sizes.outputs,
        note: None,
    })
}

/// Dimensions and elements of one file.
fn elements(mut reader: impl Read, path: &Path) -> Result<(Vec<usize>, Vec<u8>), DataError> {
    let cut =
        |bytes: usize| DataError::truncated(path, &format!("its header ends after {bytes} bytes"));
    let magic = take(&mut reader, 4, path)?;
    let [zero, also_zero, kind, count] = magic[..] else {
        return Err(cut(magic.len()));
    };
    if (zero, also_zero, kind) != (0, 0, UNSIGNED_BYTE) {
        return Err(wrong(
            path,
            format!("it starts with {magic:02x?} instead of [00, 00, 08, dimensions]"),
        ));
    }
    let header = take(&mut reader, 4 * usize::from(count), path)?;
    if header.len() < 4 * usize::from(count) {
        return Err(cut(4 + header.len()));
    }
    let dimensions: Vec<usize> = (header.chunks_exact(4))
        .map(|bytes| {
            bytes
                .iter()
                .fold(0, |sum, &byte| sum << 8 | usize::from(byte))
        })
        .collect();
    let total = (dimensions.iter()).try_fold(1usize, |product, &n| product.checked_mul(n));
    let total = total.filter(|&total| total <= MAX_VALUES);
    let total = total.ok_or_else(|| DataError::too_large(path, MAX_VALUES))?;
    let elements = take(&mut reader, total, path)?;
    if elements.len() < total {
        let why = format!("{} of {total} bytes after the header", elements.len());
        return Err(DataError::truncated(path, &why));
    }
    Ok((dimensions, elements))
}

/// The label file that belongs to an image file: `images` → `labels`, `idx3` → `idx1`.
fn labels_beside(images: &Path) -> Result<PathBuf, DataError> {
    let name = images.file_name().map(|name| name.to_string_lossy());
    let name = name.unwrap_or_default().into_owned();
    let renamed = name.replace("images", "labels").replace("idx3", "idx1");
    let plain = images.with_file_name(renamed.trim_end_matches(".gz"));
    let found = (renamed != name)
        .then(|| packed_or_not(&plain))
        .into_iter()
        .flatten();
    found
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| {
            DataError::new(
                "eqprop::data::missing",
                format!(
                    "`{}` has no labels beside it: there is no `{}` (or with .gz)",
                    images.display(),
                    plain.display()
                ),
                "name the files as MNIST does: …images-idx3-ubyte and …labels-idx1-ubyte",
            )
        })
}

/// A path as it is and with `.gz` added.
fn packed_or_not(path: &Path) -> [PathBuf; 2] {
    let mut packed = path.as_os_str().to_owned();
    packed.push(".gz");
    [path.to_owned(), packed.into()]
}

fn wrong(path: &Path, why: String) -> DataError {
    DataError::new(
        "eqprop::data::idx",
        format!("`{}` is not an IDX file of bytes: {why}", path.display()),
        "give an IDX file as MNIST has (element type 08), or a CSV, NPY or NPZ file",
    )
}
