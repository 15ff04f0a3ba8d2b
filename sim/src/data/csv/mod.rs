//! Samples from text, one a line: input values and a label, or one target for each output. A header, an
//! index, the separator and the decimal sign are found out; what is in doubt is refused.

mod column;
mod header;
mod limit;
mod text;

use std::io::{Cursor, Read};
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use crate::array::Values;

use super::file::{take, MAX_BYTES};
use super::labels::Answers;
use super::table::{self, Kind, Roles, Table};
use super::wanted::Labelled;
use super::{DataError, Dataset, Wanted};

use column::Column;
use limit::Limited;
use text::{Cell, Separator, Style};

/// Bytes of a file that must show what separates its fields.
const HEAD: usize = 1 << 16;

/// Reads all samples.
pub(super) fn read(
    mut reader: impl Read,
    path: &Path,
    wanted: Wanted,
) -> Result<Dataset, DataError> {
    let head = take(&mut reader, HEAD, path)?;
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(not_text(path, "UTF-16"));
    }
    let start = if head.starts_with(b"\xef\xbb\xbf") {
        3
    } else {
        0
    };
    let separator = Separator::of(&head[start..]);
    let head = Cursor::new(head[start..].to_vec());
    let text = Text::read(head.chain(reader), path, separator, wanted)?;
    let mut roles = table::roles(&text, wanted)?;
    text.check(&roles)?;
    roles.notes.extend(text.header_note.clone());
    text.dataset(roles, wanted)
}

/// A file as columns.
struct Text<'a> {
    path: &'a Path,
    separator: Separator,
    names: Option<Vec<String>>,
    columns: Vec<Column>,
    /// The line of each row.
    lines: Vec<u32>,
    header_note: Option<String>,
}

impl<'a> Text<'a> {
    fn read(
        reader: impl Read,
        path: &'a Path,
        separator: Separator,
        wanted: Wanted,
    ) -> Result<Text<'a>, DataError> {
        let (limited, budget) = Limited::new(reader);
        let mut records = ReaderBuilder::new()
            .delimiter(separator.byte())
            .comment(Some(b'#'))
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(limited);
        let mut text = Text {
            path,
            separator,
            names: None,
            columns: Vec::new(),
            lines: Vec::new(),
            header_note: None,
        };
        let mut first: Option<(u32, Vec<String>)> = None;
        let (mut record, mut memory) = (StringRecord::new(), 0);
        let mut signs = Signs::default();
        while (records.read_record(&mut record)).map_err(|error| unreadable(path, error))? {
            budget.renew();
            let line = record
                .position()
                .map_or(0, |position| position.line() as u32);
            let mut fields: Vec<&str> = record.iter().collect();
            if separator == Separator::Spaces {
                fields.retain(|field| !field.is_empty());
            }
            let Some((_, first)) = &mut first else {
                first = Some((line, fields.into_iter().map(str::to_owned).collect()));
                continue;
            };
            if text.columns.is_empty() {
                header::level(first, fields.len());
                text.columns.resize_with(first.len(), Column::default);
            }
            if fields.len() != first.len() {
                return Err(text.ragged(line, fields.len()));
            }
            for (column, field) in text.columns.iter_mut().zip(fields) {
                let cell = Cell::of(field);
                signs.see(cell, line, field);
                memory += column.push(cell);
            }
            text.lines.push(line);
            if memory + text.lines.len() * size_of::<u32>() > MAX_BYTES {
                return Err(DataError::too_large(path, MAX_BYTES));
            }
        }
        let Some((line, first)) = first else {
            return Err(text.empty());
        };
        text.columns.resize_with(first.len(), Column::default);
        match header::decide(&first, &text.columns, wanted) {
            header::First::Names(note) => {
                text.names = Some(first);
                text.header_note = note;
            }
            header::First::Sample => {
                for (column, field) in text.columns.iter_mut().zip(&first) {
                    let cell = Cell::of(field);
                    signs.see(cell, line, field);
                    column.push_first(cell);
                }
                text.lines.insert(0, line);
            }
            header::First::Unclear => {
                return Err(DataError::new(
                    "eqprop::data::header",
                    format!(
                    "`{}`, line {line}: {} may be a header that numbers the columns, or a sample",
                    path.display(),
                    first.join(", ")
                ),
                    "put a line of names first, such as x1, x2, label",
                ))
            }
        }
        if text.lines.is_empty() {
            return Err(text.empty());
        }
        signs.check(path)?;
        Ok(text)
    }

    fn empty(&self) -> DataError {
        DataError::new(
            "eqprop::data::empty",
            format!("`{}` holds no samples", self.path.display()),
            "write one sample a line: the input values, then the label",
        )
    }

    fn ragged(&self, line: u32, fields: usize) -> DataError {
        DataError::new(
            "eqprop::data::ragged",
            format!(
                "`{}`, line {line}: {fields} fields separated by {}, but the lines before have {}",
                self.path.display(),
                self.separator.name(),
                self.columns.len()
            ),
            "give every line the same fields: the input values, then the label or the targets",
        )
    }

    /// Where a field stands, as errors name it.
    fn place(&self, row: usize, column: usize) -> String {
        let name = match self.name(column) {
            Some(name) if !name.is_empty() => format!(" (`{name}`)"),
            _ => String::new(),
        };
        format!(
            "`{}`, line {}, field {}{name}",
            self.path.display(),
            self.lines[row],
            column + 1
        )
    }

    /// Refuses fields that are no numbers where numbers are needed, and labels that are missing.
    fn check(&self, roles: &Roles) -> Result<(), DataError> {
        let labels = (roles.answers.len() == 1).then(|| roles.answers[0]);
        let words = roles
            .inputs
            .iter()
            .filter(|&&column| self.kind(column) == Kind::Words)
            .count();
        for &column in roles.inputs.iter().chain(&roles.answers) {
            let label = labels == Some(column);
            let cells = &self.columns[column];
            if let Some((row, text)) = cells.missing() {
                let what = match text {
                    "" => "the value is missing".to_owned(),
                    text => format!("`{text}` stands for a missing value"),
                };
                return Err(DataError::new(
                    "eqprop::data::missing_value",
                    format!("{}: {what}", self.place(row, column)),
                    match label {
                        true => "give the sample a label, or remove the line",
                        false => {
                            "remove the line, or fill in a value such as the mean of the column"
                        }
                    },
                ));
            }
            let Some((row, word)) = cells.first_word() else {
                continue;
            };
            if label && !cells.prose() {
                continue;
            }
            let (message, help) = match cells.kind() {
                _ if label => (
                    format!("the column has too many different words to be labels, such as `{word}`"),
                    "say with --label-column which column is the label",
                ),
                Kind::Words if words + usize::from(self.labelled_by_words(roles)) > 1 => (
                    format!("`{word}` is a word, and so is the label of the last column or another input"),
                    "inputs are numbers: remove the column, or give it one column of 0 and 1 for each of its words",
                ),
                Kind::Words => (
                    format!("`{word}` is a word, but the label is another column"),
                    "if these words are the labels, say so with --label-column; inputs are numbers",
                ),
                _ => (
                    format!("`{word}` is not a finite number"),
                    "correct or remove the line; only the first line may be a header, of words or of numbers that \
                     count the columns; numbers have no thousands separators",
                ),
            };
            return Err(DataError::new(
                "eqprop::data::not_a_number",
                format!("{}: {message}", self.place(row, column)),
                help,
            ));
        }
        Ok(())
    }

    fn labelled_by_words(&self, roles: &Roles) -> bool {
        roles.answers.len() == 1 && self.kind(roles.answers[0]) == Kind::Words
    }

    /// The labels or targets, which begin in column `first`.
    fn answers(&self, roles: &Roles, first: usize, wanted: Wanted) -> Result<Labelled, DataError> {
        let column = &self.columns[first];
        let answers = match column.first_word() {
            Some(_) => {
                let (words, of) = column.as_words();
                Answers::Words { words, of }
            }
            None => {
                let rows = 0..self.rows();
                let values =
                    rows.flat_map(|row| roles.answers.iter().map(move |&column| (row, column)));
                Answers::Numbers {
                    width: roles.answers.len(),
                    values: values
                        .map(|(row, column)| self.value(row, column))
                        .collect(),
                }
            }
        };
        wanted.targets(&self.source(), answers, &|row| self.place(row, first))
    }

    fn dataset(self, roles: Roles, wanted: Wanted) -> Result<Dataset, DataError> {
        let labels = match roles.answers.first() {
            Some(&first) => self.answers(&roles, first, wanted)?,
            None => wanted.unknown(),
        };
        let columns = || roles.inputs.iter().map(|&column| &self.columns[column]);
        let rows = 0..self.rows();
        let bytes: Option<Vec<&[u8]>> = columns().map(Column::bytes).collect();
        let inputs = match bytes {
            Some(columns) => Values::Bytes(
                rows.flat_map(|row| columns.iter().map(move |column| column[row]))
                    .collect(),
            ),
            None => Values::Reals(
                rows.flat_map(|row| columns().map(move |column| column.value(row)))
                    .collect(),
            ),
        };
        Ok(labels.dataset(inputs, None, roles.notes.clone(), wanted.sizes))
    }
}

impl Table for Text<'_> {
    fn source(&self) -> String {
        format!("`{}`", self.path.display())
    }

    fn seen(&self) -> String {
        match self.columns.len() {
            1 => "one column".to_owned(),
            some => format!("{some} columns separated by {}", self.separator.name()),
        }
    }

    fn columns(&self) -> usize {
        self.columns.len()
    }

    fn rows(&self) -> usize {
        self.lines.len()
    }

    fn name(&self, column: usize) -> Option<&str> {
        self.names.as_ref().map(|names| names[column].as_str())
    }

    fn kind(&self, column: usize) -> Kind {
        self.columns[column].kind()
    }

    fn value(&self, row: usize, column: usize) -> f64 {
        self.columns[column].value(row)
    }
}

/// Which decimal signs occur: both in one file would mean that one separates thousands.
#[derive(Default)]
struct Signs {
    comma: Option<(u32, String)>,
    point: Option<(u32, String)>,
}

impl Signs {
    fn see(&mut self, cell: Cell<'_>, line: u32, text: &str) {
        let seen = match cell {
            Cell::Number(_, Style::Comma) => &mut self.comma,
            Cell::Number(_, Style::Point) => &mut self.point,
            _ => return,
        };
        seen.get_or_insert_with(|| (line, text.to_owned()));
    }

    fn check(&self, path: &Path) -> Result<(), DataError> {
        let (Some((at_comma, comma)), Some((at_point, point))) = (&self.comma, &self.point) else {
            return Ok(());
        };
        Err(DataError::new(
            "eqprop::data::decimals",
            format!(
                "`{}`: `{comma}` in line {at_comma} has a decimal comma, `{point}` in line {at_point} a decimal point",
                path.display()
            ),
            "write all numbers with the same sign, and without thousands separators",
        ))
    }
}

fn unreadable(path: &Path, error: csv::Error) -> DataError {
    let line = error.position().map_or(1, |position| position.line());
    match error.into_kind() {
        csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            DataError::new(
                "eqprop::data::not_text",
                format!(
                    "`{}`: a line of more than {} bytes",
                    path.display(),
                    limit::MAX_LINE
                ),
                "is a quotation mark left open? Give one sample a line",
            )
        }
        csv::ErrorKind::Io(error) => DataError::unreadable(path, &error),
        _ => not_text(path, &format!("line {line} is not UTF-8")),
    }
}

fn not_text(path: &Path, why: &str) -> DataError {
    DataError::new(
        "eqprop::data::not_text",
        format!("`{}` is not text in UTF-8: {why}", path.display()),
        "save the text as UTF-8, or give an IDX, NPY or NPZ file, or a folder of IDX or NPY files",
    )
}
