//! Samples from numpy's files. An NPZ file holds `x` (samples × values; further dimensions, such as
//! height × width, are flattened) and `y`: a label for each sample, or samples × outputs real
//! targets of 0…1. `x_train`, `y_train`, `x_test`, `y_test` (as in Keras's mnist.npz) hold two parts.
//!
//! As NPY files: `x.npy` and `y.npy` beside it, with the same endings and any `NAME_` before, in a
//! folder or named by the path of the inputs; or one table whose columns are the input values, then
//! the label or the targets, as in a CSV file.
//!
//! Inputs above 1 are divided by the largest; bytes stay bytes, float32 stays float32.

use std::path::{Path, PathBuf};

use crate::array::{Archive, Array, Fault, Values};

use super::file::{open, MAX_VALUES};
use super::{DataError, Dataset, Inputs, Part, Sizes, Targets};

/// Names of inputs and targets of a part, in the order they are looked for.
fn names(part: Part) -> &'static [[&'static str; 2]] {
    match part {
        Part::Train => &[["x", "y"], ["x_train", "y_train"]],
        Part::Test => &[["x_test", "y_test"]],
    }
}

/// Reads a part of an NPZ file; `None` if it has no test part.
pub(super) fn read_npz(
    path: &Path,
    sizes: Sizes,
    part: Part,
) -> Result<Option<Dataset>, DataError> {
    let shown = format!("`{}`", path.display());
    let mut archive = Archive::open(path).map_err(|fault| unusable(path, &shown, fault))?;
    let present = archive.names();
    let has = |name: &str| present.iter().any(|other| other == name);
    let Some([x, y]) = names(part).iter().find(|[x, _]| has(x)) else {
        return match part {
            Part::Test => Ok(None),
            Part::Train => Err(DataError::new(
                "eqprop::data::missing",
                format!(
                    "{shown} has no array `x` or `x_train`, but only these: [{}]",
                    present.join(", ")
                ),
                "save it with numpy.savez(path, x=inputs, y=labels)",
            )),
        };
    };
    let mut array = |name: &str| {
        let place = format!("{shown}, array `{name}`,");
        let array = archive.array(name, MAX_VALUES);
        array
            .map(|array| Named(place.clone(), array))
            .map_err(|fault| match has(name) {
                true => unusable(path, &place, fault),
                false => DataError::new(
                    "eqprop::data::missing",
                    format!("{shown} has an array `{x}` but no `{y}`"),
                    format!("save the labels or targets of `{x}` as `{y}`"),
                ),
            })
    };
    pair(array(x)?, array(y)?, sizes).map(Some)
}

/// Reads an NPY file: inputs with their targets in the file beside it, or a whole table.
pub(super) fn read_npy(path: &Path, sizes: Sizes) -> Result<Dataset, DataError> {
    let x = read_array(path)?;
    let stem = path.file_name().map(|name| name.to_string_lossy());
    let stem = stem.unwrap_or_default();
    let stem = stem.split(".npy").next().unwrap_or_default();
    for ending in ["x", "x_train", "x_test"] {
        match stem.strip_suffix(ending) {
            Some(before) if before.is_empty() || before.ends_with('_') => {
                let targets = format!("{before}{}.npy", ending.replacen('x', "y", 1));
                let targets = path.with_file_name(targets);
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
                return pair(x, read_array(&targets)?, sizes);
            }
            _ => {}
        }
    }
    table(x, sizes)
}

/// The inputs of a part in a folder, if there are any.
pub(super) fn in_folder(folder: &Path, part: Part) -> Option<PathBuf> {
    let mut files: Vec<String> = (std::fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    files.sort_unstable();
    names(part).iter().find_map(|[x, _]| {
        let name = format!("{x}.npy");
        let found = |file: &&String| **file == name || file.ends_with(&format!("_{name}"));
        files.iter().find(found).map(|file| folder.join(file))
    })
}

/// An array and where it stands.
struct Named(String, Array);

fn read_array(path: &Path) -> Result<Named, DataError> {
    let place = format!("`{}`", path.display());
    match Array::read(open(path)?, MAX_VALUES) {
        Ok(array) => Ok(Named(place, array)),
        Err(fault) => Err(unusable(path, &place, fault)),
    }
}

fn pair(x: Named, y: Named, sizes: Sizes) -> Result<Dataset, DataError> {
    let Named(place, x) = x;
    let [count, sample @ ..] = &x.shape[..] else {
        return Err(shape(&place, &x, "samples × input values"));
    };
    if sample.is_empty() {
        return Err(shape(&place, &x, "samples × input values"));
    }
    let count = *count;
    if x.len() == 0 {
        return Err(DataError::new(
            "eqprop::data::empty",
            format!("{place} holds no samples: its shape is {:?}", x.shape),
            "give at least one sample",
        ));
    }
    sizes.check_width(&place, sample.iter().product())?;
    let targets = targets(y, count, sizes)?;
    let (inputs, note) = inputs(x);
    Ok(Dataset {
        inputs,
        targets,
        width: sizes.inputs,
        outputs: sizes.outputs,
        note,
    })
}

/// A table whose last column is the label, or whose last columns are a target for each output.
fn table(table: Named, sizes: Sizes) -> Result<Dataset, DataError> {
    let Named(place, array) = table;
    let [count, columns] = array.shape[..] else {
        return Err(shape(
            &place,
            &array,
            "samples × (input values, then label)",
        ));
    };
    let real = columns == sizes.inputs + sizes.outputs;
    let last = if real { sizes.outputs } else { 1 };
    let width = columns.saturating_sub(last);
    sizes.check_width(&format!("{place} (the last column is the label)"), width)?;
    let part = |keep: &dyn Fn(usize) -> bool, shape: Vec<usize>| Array {
        shape,
        dtype: array.dtype,
        values: pick(&array.values, columns, keep),
    };
    let x = part(&|column| column < width, vec![count, width]);
    let y = part(&|column| column >= width, vec![count, last]);
    let columns = format!("{place}, columns from {width},");
    pair(Named(place, x), Named(columns, y), sizes)
}

/// The elements of some columns of a table.
fn pick(values: &Values, columns: usize, keep: &dyn Fn(usize) -> bool) -> Values {
    fn chosen<T: Copy>(values: &[T], columns: usize, keep: &dyn Fn(usize) -> bool) -> Vec<T> {
        let numbered = values.iter().enumerate();
        numbered
            .filter(|(place, _)| keep(place % columns))
            .map(|(_, &value)| value)
            .collect()
    }
    match values {
        Values::Bytes(values) => Values::Bytes(chosen(values, columns, keep)),
        Values::Singles(values) => Values::Singles(chosen(values, columns, keep)),
        Values::Reals(values) => Values::Reals(chosen(values, columns, keep)),
    }
}

/// Labels if there is one whole number a sample, else real targets.
fn targets(y: Named, count: usize, sizes: Sizes) -> Result<Targets, DataError> {
    let Named(place, y) = y;
    let outputs = sizes.outputs;
    let single = y.shape == [count] || y.shape == [count, 1];
    if !single && y.shape != [count, outputs] {
        let wanted = format!("[{count}] (labels) or [{count}, {outputs}] (targets)");
        return Err(shape(&place, &y, &wanted));
    }
    // Every sample has at least one value, and `count` is not 0.
    let at = |index: usize| format!("{place} sample {}", index / (y.len() / count));
    if single && (outputs > 1 || y.iter().all(|value| value == 0.0 || value == 1.0)) {
        let labels = y.iter().enumerate().map(|(index, value)| {
            if value < 0.0 || value.fract() != 0.0 {
                return Err(DataError::new(
                    "eqprop::data::label",
                    format!("{}: label {value} is not a whole number from 0", at(index)),
                    format!("number the classes 0, 1, 2, …, or give {outputs} targets a sample"),
                ));
            }
            sizes.check_label(|| at(index), value as usize)
        });
        return Ok(Targets::Labels(labels.collect::<Result<_, _>>()?));
    }
    let outside = y.iter().position(|value| !(0.0..=1.0).contains(&value));
    match outside {
        Some(index) => Err(DataError::new(
            "eqprop::data::target",
            format!("{}: target {} is outside of 0…1", at(index), y.get(index)),
            "scale the targets to 0…1, the range of a unit's state",
        )),
        None => Ok(Targets::Values(y.iter().collect())),
    }
}

/// Inputs and what happened to them, as for CSV files.
fn inputs(x: Array) -> (Inputs, Option<String>) {
    let scale = x.iter().fold(1.0, f64::max);
    let negative = x.iter().filter(|&value| value < 0.0).count();
    let note = super::rescaling(scale, negative);
    let inputs = match x.values {
        Values::Bytes(values) => Inputs::Bytes { values, scale },
        Values::Singles(values) => Inputs::Singles { values, scale },
        Values::Reals(values) => Inputs::Reals { values, scale },
    };
    (inputs, note)
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
        Fault::Dtype(_) => "convert it first, for example x.astype('float32')",
        Fault::NotFinite(..) => "correct or remove the sample",
    };
    let code = match &fault {
        Fault::Dtype(_) => "eqprop::data::dtype",
        Fault::NotFinite(..) => "eqprop::data::not_a_number",
        _ => "eqprop::data::numpy",
    };
    DataError::new(code, format!("{place} {fault}"), help)
}
