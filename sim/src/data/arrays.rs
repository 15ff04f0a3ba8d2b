//! Samples from numpy's files. An NPZ file holds inputs (samples × values; further dimensions, such as
//! height × width, are flattened) and a label for each sample, or samples × outputs real targets of 0…1, under
//! names that are in use ([`NAMES`]); a test part may be there too (Keras's mnist.npz, MedMNIST).
//!
//! As NPY files: `x.npy` and `y.npy` beside it, with the same endings and any `NAME_` before, in a
//! folder or named by the path of the inputs; or one table, read as a CSV file without header.
//!
//! Bytes stay bytes, float32 stays float32. Where samples need no labels, `y` may be missing.

use std::path::{Path, PathBuf};

use crate::array::{Archive, Array, Fault, Values};

use super::file::{open, MAX_BYTES};
use super::labels::Answers;
use super::table::{self, Kind, Table};
use super::wanted::Labelled;
use super::{DataError, Dataset, Part, Wanted};

/// Names of inputs and targets of a part in an NPZ file, in small letters and in the order they are looked for.
const NAMES: [(Part, &str, &str); 12] = [
    (Part::Train, "x", "y"),
    (Part::Train, "x_train", "y_train"),
    (Part::Train, "train_x", "train_y"),
    (Part::Train, "train_images", "train_labels"),
    (Part::Train, "images", "labels"),
    (Part::Train, "data", "labels"),
    (Part::Train, "data", "target"),
    // What numpy calls arrays that were given no names.
    (Part::Train, "arr_0", "arr_1"),
    (Part::Test, "x_test", "y_test"),
    (Part::Test, "test_x", "test_y"),
    (Part::Test, "test_images", "test_labels"),
    (Part::Test, "t10k_images", "t10k_labels"),
];

/// Reads a part of an NPZ file; `None` if it has no test part.
pub(super) fn read_npz(
    path: &Path,
    wanted: Wanted,
    part: Part,
) -> Result<Option<Dataset>, DataError> {
    let shown = format!("`{}`", path.display());
    wanted.no_table(&shown)?;
    let mut archive = Archive::open(path).map_err(|fault| unusable(path, &shown, fault))?;
    let present = archive.names();
    let find = |name: &str| present.iter().find(|other| other.to_lowercase() == name);
    let unnamed = present
        .iter()
        .filter(|name| name.starts_with("arr_"))
        .count();
    if part == Part::Train && unnamed > 2 {
        return Err(DataError::new(
            "eqprop::data::names",
            format!(
                "{shown} has {unnamed} arrays without names: {}",
                present.join(", ")
            ),
            "name them: numpy.savez(path, x_train=…, y_train=…, x_test=…, y_test=…)",
        ));
    }
    let of_part = || NAMES.into_iter().filter(|(of, ..)| *of == part);
    let both = of_part().find_map(|(_, x, y)| Some((find(x)?, find(y)?)));
    let (x, y) = match (both, of_part().find_map(|(_, x, y)| Some((find(x)?, y)))) {
        (Some(both), _) => both,
        (None, None) if part == Part::Test => return Ok(None),
        (None, None) => return Err(no_inputs(&shown, &present)),
        // K-MNIST keeps inputs and labels in two files.
        (None, Some((x, _)))
            if present.len() == 1 && beside(path).is_some_and(|labels| labels.is_file()) =>
        {
            let labels = beside(path).expect("it was there");
            let x = from_archive(path, &mut archive, x)?;
            let mut archive =
                Archive::open(&labels).map_err(|fault| unusable(&labels, &shown, fault))?;
            let names = archive.names();
            let [only] = &names[..] else {
                return Err(no_inputs(&format!("`{}`", labels.display()), &names));
            };
            let y = from_archive(&labels, &mut archive, only)?;
            return pair(x, Some(y), wanted, None).map(Some);
        }
        (None, Some((x, _))) if wanted.unlabelled => {
            let x = from_archive(path, &mut archive, x)?;
            return pair(x, None, wanted, None).map(Some);
        }
        (None, Some((x, y))) => {
            return Err(DataError::new(
                "eqprop::data::missing",
                format!("{shown} has an array `{x}` but no `{y}`"),
                format!("save the labels or targets of `{x}` as `{y}`"),
            ))
        }
    };
    let x = from_archive(path, &mut archive, x)?;
    let y = from_archive(path, &mut archive, y)?;
    pair(x, Some(y), wanted, None).map(Some)
}

fn no_inputs(shown: &str, present: &[String]) -> DataError {
    match present.is_empty() {
        true => DataError::new(
            "eqprop::data::missing",
            format!("{shown} is an archive without arrays"),
            "save an NPZ file with numpy.savez(path, x=inputs, y=labels); unpack other archives first",
        ),
        false => DataError::new(
            "eqprop::data::missing",
            format!(
                "{shown} has no array `x`, `x_train`, `train_images`, `images` or `arr_0`, but only these: [{}]",
                present.join(", ")
            ),
            "save it with numpy.savez(path, x=inputs, y=labels)",
        ),
    }
}

/// The labels of `…-imgs.npz` or `…-images.npz`.
fn beside(images: &Path) -> Option<PathBuf> {
    let name = images.file_name()?.to_string_lossy().into_owned();
    let labels = ["imgs", "images"]
        .into_iter()
        .find(|images| name.contains(images));
    Some(images.with_file_name(name.replace(labels?, "labels")))
}

fn from_archive(path: &Path, archive: &mut Archive, name: &str) -> Result<Named, DataError> {
    let place = format!("`{}`, array `{name}`,", path.display());
    match archive.array(name, MAX_BYTES) {
        Ok(array) => Ok(Named {
            place,
            sample: "sample",
            array,
        }),
        Err(fault) => Err(unusable(path, &place, fault)),
    }
}

/// Reads an NPY file: inputs with their targets in the file beside it, or a whole table.
pub(super) fn read_npy(path: &Path, wanted: Wanted) -> Result<Dataset, DataError> {
    let x = read_array(path)?;
    let stem = path.file_name().map(|name| name.to_string_lossy());
    let stem = stem.unwrap_or_default();
    let stem = stem.split(".npy").next().unwrap_or_default();
    for ending in ["x", "x_train", "x_test"] {
        match stem.strip_suffix(ending) {
            Some(before) if before.is_empty() || before.ends_with('_') => {
                wanted.no_table(&x.place)?;
                let targets = format!("{before}{}.npy", ending.replacen('x', "y", 1));
                let targets = path.with_file_name(targets);
                if !targets.is_file() && wanted.unlabelled {
                    return pair(x, None, wanted, None);
                }
                if !targets.is_file() {
                    return Err(DataError::new(
                        "eqprop::data::missing",
                        format!(
                            "`{}` has no labels beside it: there is no `{}`",
                            path.display(),
                            targets.display()
                        ),
                        "save labels or targets under that name, or use one NPZ file with x and y",
                    ));
                }
                return pair(x, Some(read_array(&targets)?), wanted, None);
            }
            _ => {}
        }
    }
    table(x, wanted)
}

/// The inputs of a part in a folder, if there are any.
pub(super) fn in_folder(folder: &Path, part: Part) -> Option<PathBuf> {
    let mut files: Vec<String> = (std::fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    files.sort_unstable();
    let names: &[&str] = match part {
        Part::Train => &["x.npy", "x_train.npy"],
        Part::Test => &["x_test.npy"],
    };
    names.iter().find_map(|name| {
        let found = |file: &&String| file == name || file.ends_with(&format!("_{name}"));
        files.iter().find(found).map(|file| folder.join(file))
    })
}

/// An array, where it stands and what its rows are called.
pub(super) struct Named {
    pub place: String,
    pub sample: &'static str,
    pub array: Array,
}

fn read_array(path: &Path) -> Result<Named, DataError> {
    let place = format!("`{}`", path.display());
    match Array::read(open(path)?, MAX_BYTES) {
        Ok(array) => Ok(Named {
            place,
            sample: "sample",
            array,
        }),
        Err(fault) => Err(unusable(path, &place, fault)),
    }
}

/// Inputs and their labels or targets. The value 1 is written as `white`, if the format says so.
pub(super) fn pair(
    x: Named,
    y: Option<Named>,
    wanted: Wanted,
    white: Option<f64>,
) -> Result<Dataset, DataError> {
    let Named {
        place, array: x, ..
    } = x;
    let count = match x.shape[..] {
        [count, _, ..] => count,
        _ => return Err(shape(&place, &x, "samples × input values")),
    };
    if x.len() == 0 {
        return Err(DataError::new(
            "eqprop::data::empty",
            format!("{place} holds no samples: its shape is {:?}", x.shape),
            "give at least one sample",
        ));
    }
    wanted.sizes.check_width(&place, x.len() / count)?;
    // A picture's last two dimensions, where one before them is the sample and others hold one each.
    let shape = match &x.shape[1..] {
        [one @ .., rows, columns] if one.iter().all(|&length| length == 1) => {
            Some([*rows, *columns])
        }
        [rows, columns, 1] => Some([*rows, *columns]),
        _ => None,
    };
    let labelled = match y {
        Some(y) => answers(y, count, wanted)?,
        None => wanted.unknown(),
    };
    let mut data = labelled.dataset(x.values, white, vec![], wanted.sizes);
    data.shape = shape;
    Ok(data)
}

/// The labels or targets of `count` samples.
fn answers(y: Named, count: usize, wanted: Wanted) -> Result<Labelled, DataError> {
    let Named {
        place: of_targets,
        sample,
        array: y,
    } = y;
    let outputs = wanted.sizes.outputs;
    if y.shape != [count] && y.shape != [count, 1] && y.shape != [count, outputs] {
        let wanted = format!("[{count}] (labels) or [{count}, {outputs}] (targets)");
        return Err(self::shape(&of_targets, &y, &wanted));
    }
    let answers = Answers::Numbers {
        width: y.len() / count,
        values: y.iter().collect(),
    };
    let at = |index: usize| format!("{}, {sample} {index}", of_targets.trim_end_matches(','));
    wanted.targets(&of_targets, answers, &at)
}

/// A table of numbers with labels or targets among its columns.
fn table(table: Named, wanted: Wanted) -> Result<Dataset, DataError> {
    let [count, columns] = table.array.shape[..] else {
        return Err(shape(
            &table.place,
            &table.array,
            "samples × (input values, then label)",
        ));
    };
    if count * columns == 0 {
        return Err(DataError::new(
            "eqprop::data::empty",
            format!(
                "{} holds no samples: its shape is {:?}",
                table.place, table.array.shape
            ),
            "give at least one sample",
        ));
    }
    let roles = table::roles(&table, wanted)?;
    let Named { place, array, .. } = &table;
    let labelled = match roles.answers.first() {
        None => wanted.unknown(),
        Some(first) => {
            let elements = (0..count).flat_map(|row| {
                let answers = roles.answers.iter();
                answers.map(move |&column| row * columns + column)
            });
            let answers = Answers::Numbers {
                width: roles.answers.len(),
                values: elements.map(|element| array.get(element)).collect(),
            };
            let at = |row: usize| format!("{place}, row {row}, column {}", first + 1);
            wanted.targets(place, answers, &at)?
        }
    };
    let inputs = pick(&array.values, columns, &roles.inputs);
    Ok(labelled.dataset(inputs, None, roles.notes, wanted.sizes))
}

impl Table for Named {
    fn source(&self) -> String {
        self.place.clone()
    }

    fn seen(&self) -> String {
        format!("{} columns", self.columns())
    }

    fn columns(&self) -> usize {
        self.array.shape[1]
    }

    fn rows(&self) -> usize {
        self.array.shape[0]
    }

    fn name(&self, _: usize) -> Option<&str> {
        None
    }

    fn kind(&self, _: usize) -> Kind {
        Kind::Numbers
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        self.array.get(row * self.columns() + column)
    }
}

/// The elements of some columns of a table.
fn pick(values: &Values, columns: usize, keep: &[usize]) -> Values {
    fn chosen<T: Copy>(values: &[T], columns: usize, keep: &[usize]) -> Vec<T> {
        let rows = values.chunks_exact(columns);
        rows.flat_map(|row| keep.iter().map(|&column| row[column]))
            .collect()
    }
    match values {
        Values::Bytes(values) => Values::Bytes(chosen(values, columns, keep)),
        Values::Singles(values) => Values::Singles(chosen(values, columns, keep)),
        Values::Reals(values) => Values::Reals(chosen(values, columns, keep)),
    }
}

fn shape(place: &str, array: &Array, wanted: &str) -> DataError {
    DataError::new(
        "eqprop::data::shape",
        format!("{place} has the shape {:?}, not {wanted}", array.shape),
        "x is samples × input values, y is one label a sample or samples × outputs",
    )
}

fn unusable(path: &Path, place: &str, fault: Fault) -> DataError {
    let help = match &fault {
        Fault::Io(error) => return DataError::unreadable(path, error),
        Fault::Cut => return DataError::truncated(path, &format!("{place} {fault}")),
        Fault::TooLarge(limit) => return DataError::too_large(path, *limit),
        Fault::Format(_) => "save it with numpy.savez (NPZ) or numpy.save (NPY)",
        Fault::Dtype(_) => {
            "convert inputs with x.astype('float32'); number labels that are words with \
             numpy.unique(y, return_inverse=True)[1]"
        }
        Fault::NotFinite(..) => "correct or remove the sample",
    };
    let code = match &fault {
        Fault::Dtype(_) => "eqprop::data::dtype",
        Fault::NotFinite(..) => "eqprop::data::not_a_number",
        _ => "eqprop::data::numpy",
    };
    DataError::new(code, format!("{place} {fault}"), help)
}
