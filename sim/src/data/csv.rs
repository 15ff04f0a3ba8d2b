//! Samples from comma-separated text: input values, then the label or one target for each output; a
//! header line may come first.

use std::io::Read;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::file::MAX_VALUES;
use super::{DataError, Dataset, Inputs, Sizes, Targets};

/// Reads all samples. Values of 0…1 are taken as they are; if the largest exceeds 1, all are
/// divided by it, and values below 0 count as 0 (both are noted).
pub(super) fn read(reader: impl Read, path: &Path, sizes: Sizes) -> Result<Dataset, DataError> {
    let shown = path.display();
    let mut lines = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .from_reader(reader);
    let mut columns = Columns::default();
    let mut labels: Vec<u16> = Vec::new();
    let mut targets: Vec<f64> = Vec::new();
    let mut record = StringRecord::new();
    let (mut first, mut fields) = (true, 0);
    while (lines.read_record(&mut record)).map_err(|error| unreadable(path, error))? {
        let line = record.position().map_or(0, |position| position.line());
        let header = first && record.iter().all(|field| field.parse::<f64>().is_err());
        first = false;
        if header {
            continue;
        }
        // One value more than inputs is a label, or the target of a single output.
        let beyond = match record.len() == sizes.inputs + sizes.outputs {
            true => sizes.outputs,
            false => 1,
        };
        let width = record.len() - beyond;
        if labels.is_empty() && targets.is_empty() {
            sizes.check_width(&format!("`{shown}`, line {line},"), width)?;
            fields = record.len();
        } else if record.len() != fields {
            return Err(DataError::new(
                "eqprop::data::ragged",
                format!(
                    "`{shown}`, line {line}: {} fields, but the lines before have {}",
                    record.len(),
                    fields
                ),
                "give every line the same fields: the input values, then the label or the targets",
            ));
        }
        for (field, text) in record.iter().enumerate() {
            let place = || format!("`{shown}`, line {line}, field {}", field + 1);
            let value = number(text, place)?;
            if field < width {
                columns.push(value);
            } else if beyond > 1 || (sizes.outputs == 1 && (0.0..=1.0).contains(&value)) {
                targets.push(target(value, place)?);
            } else {
                labels.push(sizes.check_label(place, label(value, place)?)?);
            }
        }
        if (labels.len() + targets.len()) * width > MAX_VALUES {
            return Err(DataError::too_large(path, MAX_VALUES));
        }
    }
    if labels.is_empty() && targets.is_empty() {
        return Err(DataError::new(
            "eqprop::data::empty",
            format!("`{shown}` holds no samples"),
            "write one sample a line: the input values, then the label",
        ));
    }
    let (inputs, note) = columns.finish();
    Ok(Dataset {
        inputs,
        targets: match sizes.outputs == 1 && targets.iter().all(|target| target.fract() == 0.0) {
            // Of a single output, 0 and 1 are classes too.
            true => Targets::Labels(targets.iter().map(|&target| target as u16).collect()),
            false if targets.is_empty() => Targets::Labels(labels),
            false => Targets::Values(targets),
        },
        width: sizes.inputs,
        outputs: sizes.outputs,
        note,
    })
}

fn number(text: &str, place: impl Fn() -> String) -> Result<f64, DataError> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(DataError::new(
            "eqprop::data::not_a_number",
            format!("{}: `{text}` is not a finite number", place()),
            "correct or remove the line; only the first line may be a header, and only of words",
        )),
    }
}

fn label(value: f64, place: impl Fn() -> String) -> Result<usize, DataError> {
    if value >= 0.0 && value.fract() == 0.0 {
        return Ok(value as usize);
    }
    Err(DataError::new(
        "eqprop::data::label",
        format!("{}: label {value} is not a whole number from 0", place()),
        "the last column is the label: number the classes 0, 1, 2, …",
    ))
}

fn target(value: f64, place: impl Fn() -> String) -> Result<f64, DataError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(value);
    }
    Err(DataError::new(
        "eqprop::data::target",
        format!("{}: target {value} is not within 0…1", place()),
        "an output state lies in 0…1: scale the targets, or give one label in their place",
    ))
}

/// Input values: bytes as long as all are whole numbers from 0 to 255.
#[derive(Default)]
struct Columns {
    bytes: Vec<u8>,
    reals: Vec<f64>,
    largest: f64,
    negative: usize,
}

impl Columns {
    fn push(&mut self, value: f64) {
        self.largest = self.largest.max(value);
        self.negative += usize::from(value < 0.0);
        if self.reals.is_empty() && (0.0..=255.0).contains(&value) && value.fract() == 0.0 {
            self.bytes.push(value as u8);
            return;
        }
        if self.reals.is_empty() {
            self.reals = self.bytes.iter().map(|&byte| f64::from(byte)).collect();
            self.bytes = Vec::new();
        }
        self.reals.push(value);
    }

    fn finish(self) -> (Inputs, Option<String>) {
        let scale = self.largest.max(1.0);
        let note = super::rescaling(scale, self.negative);
        let inputs = if self.reals.is_empty() {
            Inputs::Bytes {
                values: self.bytes,
                scale,
            }
        } else {
            Inputs::Reals {
                values: self.reals,
                scale,
            }
        };
        (inputs, note)
    }
}

fn unreadable(path: &Path, error: csv::Error) -> DataError {
    let place = error.position().map(|position| position.line());
    match error.into_kind() {
        csv::ErrorKind::Io(error) => DataError::unreadable(path, &error),
        _ => DataError::new(
            "eqprop::data::not_text",
            format!(
                "`{}`, line {}: not text in UTF-8",
                path.display(),
                place.unwrap_or(1)
            ),
            "give a CSV, IDX, NPY or NPZ file, or a folder of IDX or NPY files",
        ),
    }
}
