//! Which column of a table is what: an index, input values, the label or the targets.
//!
//! 1. The label is the column that `--label-column` names; else the one whose header says so; else the one
//!    of words; else the last, unless the first looks more like labels: then the table is refused.
//! 2. A table with as many columns as inputs and outputs together holds a target for each output instead.
//! 3. The first column is an index, and left out, if its header says so, or if it counts the lines and there
//!    is one column too many.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{DataError, LabelColumn, Sizes, Wanted};

/// What the fields of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Numbers,
    Words,
    /// Numbers and words, or more different words than there can be labels.
    Mixed,
    /// Nothing at all.
    Empty,
}

/// A table of which roles are found out.
pub(super) trait Table {
    /// The file, as errors name it.
    fn source(&self) -> String;
    /// How errors speak of the columns, such as "5 columns separated by commas".
    fn seen(&self) -> String;
    fn columns(&self) -> usize;
    /// At least one.
    fn rows(&self) -> usize;
    /// What the header calls a column, if there is one.
    fn name(&self, column: usize) -> Option<&str>;
    fn kind(&self, column: usize) -> Kind;
    /// The number in a field; 0 where there is none.
    fn value(&self, row: usize, column: usize) -> f64;
}

/// Which columns are used for what.
#[derive(Debug, PartialEq)]
pub(super) struct Roles {
    pub inputs: Vec<usize>,
    /// The label, or one target for each output; nothing where samples have none.
    pub answers: Vec<usize>,
    /// What a user should know.
    pub notes: Vec<String>,
}

/// Headers of labels, in small letters.
pub(super) const LABEL: [&str; 5] = ["label", "labels", "class", "classes", "target"];
/// Headers of a first column that is an index, in small letters: pandas, R, Kaggle.
const INDEX: [&str; 5] = ["", "unnamed: 0", "index", "id", "rownames"];

/// Column `column` as a user finds it.
pub(super) fn named(table: &impl Table, column: usize) -> String {
    match table.name(column) {
        Some(name) if !name.is_empty() => format!("column {}, `{name}`,", column + 1),
        _ => format!("column {}", column + 1),
    }
}

/// Finds the roles of all columns.
///
/// # Errors
/// Another number of inputs than layer 0 has units; a label that cannot be told from the inputs.
pub(super) fn roles(table: &impl Table, wanted: Wanted) -> Result<Roles, DataError> {
    let (sizes, asked) = (wanted.sizes, wanted.label);
    let mut notes = Vec::new();
    let mut used: Range<usize> = 0..table.columns();
    if used.len() > 1 && table.kind(used.end - 1) == Kind::Empty {
        used.end -= 1;
        notes.push(format!("{} is empty and left out", named(table, used.end)));
    }
    let said = match asked {
        Some(LabelColumn::At(wanted)) => Some(asked_for(table, wanted)?),
        _ => None,
    };
    let index = said != Some(0) && is_index(table, &used, wanted);
    if index {
        used.start = 1;
        notes.push(format!(
            "{} is taken as an index and left out",
            named(table, 0)
        ));
    } else if said != Some(0) && table.name(0).is_none() && beside_targets(table, &used, sizes) {
        return Err(DataError::new(
            "eqprop::data::index",
            format!(
                "{}: column 1 counts the samples: it is an index, or an input beside two targets",
                table.source()
            ),
            "put a line of names first, and call an index `index`",
        ));
    } else if said != Some(0) && counts(table, 0) && used.len() > 2 {
        notes.push(format!(
            "{} counts the samples, and is an input: if it is an index, remove it or call it `index`",
            named(table, 0)
        ));
    }
    let said = said.or(match asked {
        Some(LabelColumn::First) => Some(used.start),
        Some(_) => Some(used.end - 1),
        None => by_header(table, &used)?,
    });
    let answers = match used.len() {
        all if wanted.unlabelled && said.is_none() && all == sizes.inputs => 0..0,
        all if all == sizes.inputs + 1 => {
            let label = match said {
                Some(label) => label,
                None => by_content(table, &used, sizes, &mut notes)?,
            };
            label..label + 1
        }
        all if all == sizes.inputs + sizes.outputs => {
            let last = used.end - sizes.outputs..used.end;
            match (asked, said) {
                (Some(LabelColumn::Last) | None, said)
                    if said.is_none_or(|said| last.contains(&said)) =>
                {
                    last
                }
                (Some(_), Some(first)) if first + sizes.outputs <= used.end => {
                    first..first + sizes.outputs
                }
                (_, said) => return Err(no_room(table, said.unwrap_or(used.start), sizes)),
            }
        }
        _ => return Err(width(table, &used, index, said.is_some(), sizes)),
    };
    if !answers.is_empty() && !used.contains(&answers.start) {
        return Err(DataError::new(
            "eqprop::data::label_column",
            format!(
                "{}: {} holds no label",
                table.source(),
                named(table, answers.start)
            ),
            "name another column with --label-column",
        ));
    }
    let inputs = used.filter(|column| !answers.contains(column)).collect();
    Ok(Roles {
        inputs,
        answers: answers.collect(),
        notes,
    })
}

/// The column that `--label-column` names: by the header, else by its number.
fn asked_for(table: &impl Table, wanted: &str) -> Result<usize, DataError> {
    let columns = table.columns();
    let mut named = (0..columns).filter(|&column| table.name(column) == Some(wanted));
    let number = wanted
        .parse::<usize>()
        .ok()
        .filter(|number| (1..=columns).contains(number));
    match (named.next(), named.next(), number) {
        (Some(column), None, _) => Ok(column),
        (None, _, Some(number)) => Ok(number - 1),
        (Some(_), Some(_), _) => Err(DataError::new(
            "eqprop::data::label_column",
            format!("{}: two columns are called `{wanted}`", table.source()),
            format!("give the number of one instead: 1…{columns}"),
        )),
        (None, _, None) => {
            let names: Vec<_> = (0..columns.min(12))
                .filter_map(|column| table.name(column))
                .collect();
            let more = if columns > 12 { ", …" } else { "" };
            let names = match names.is_empty() {
                true => "the file has no header".to_owned(),
                false => format!("the header has {}{more}", names.join(", ")),
            };
            Err(DataError::new(
                "eqprop::data::label_column",
                format!("{} has no column `{wanted}`: {names}", table.source()),
                format!("give --label-column a name of the header, a number of 1…{columns}, first or last"),
            ))
        }
    }
}

fn is_index(table: &impl Table, used: &Range<usize>, wanted: Wanted) -> bool {
    let sizes = wanted.sizes;
    let says_so = |name: &str| INDEX.contains(&name.to_lowercase().as_str());
    let fits = [sizes.inputs + 1, sizes.inputs + sizes.outputs].contains(&used.len())
        || (wanted.unlabelled && used.len() == sizes.inputs);
    used.len() > 2 && (table.name(0).is_some_and(says_so) || (!fits && counts(table, 0)))
}

/// Whether a first column that counts could be an index beside a label as well as an input beside targets.
fn beside_targets(table: &impl Table, used: &Range<usize>, sizes: Sizes) -> bool {
    sizes.outputs == 2 && used.len() == sizes.inputs + 2 && counts(table, 0)
}

/// Whether a column counts the lines, from 0 or 1; of fewer than three lines nobody can say.
fn counts(table: &impl Table, column: usize) -> bool {
    let first = table.value(0, column);
    table.rows() >= 3
        && table.kind(column) == Kind::Numbers
        && [0.0, 1.0].contains(&first)
        && (0..table.rows()).all(|row| table.value(row, column) == first + row as f64)
}

/// The one column whose header says that it is the label.
fn by_header(table: &impl Table, used: &Range<usize>) -> Result<Option<usize>, DataError> {
    let says_so = |name: &str| LABEL.contains(&name.to_lowercase().as_str());
    let mut found = used
        .clone()
        .filter(|&column| table.name(column).is_some_and(says_so));
    match (found.next(), found.next()) {
        (Some(first), Some(second)) => Err(DataError::new(
            "eqprop::data::label_column",
            format!(
                "{}: {} and {} may both be the label",
                table.source(),
                named(table, first),
                named(table, second).trim_end_matches(',')
            ),
            "say which with --label-column, and remove the other unless it is an input",
        )),
        (found, _) => Ok(found),
    }
}

/// The label of a table that does not say which it is.
fn by_content(
    table: &impl Table,
    used: &Range<usize>,
    sizes: Sizes,
    notes: &mut Vec<String>,
) -> Result<usize, DataError> {
    let mut words = used
        .clone()
        .filter(|&column| table.kind(column) == Kind::Words);
    let (first, last) = (used.start, used.end - 1);
    match (words.next(), words.next()) {
        (Some(only), None) => return Ok(only),
        (Some(_), Some(_)) => return Ok(last),
        _ => {}
    }
    let (of_first, of_last) = (classes(table, first, sizes), classes(table, last, sizes));
    if of_first >= 2 && of_first > of_last {
        let seen = match of_last {
            0 => format!(
                "holds {}, which is no label",
                not_a_label(table, last, sizes)
            ),
            1 => "holds one label only".to_owned(),
            some => format!("holds {some} labels only"),
        };
        return Err(DataError::new(
            "eqprop::data::label_column",
            format!(
                "{}: the last column, {}, {seen}, but the first, {}, holds {of_first} different ones: which is the label?",
                table.source(),
                last + 1,
                first + 1,
            ),
            "say so with --label-column first or --label-column last, or call that column `label` in a header",
        ));
    }
    if of_first >= 2 && of_first == of_last && last > first {
        notes.push(format!(
            "the last column is taken as the label, though {} could be too (--label-column first)",
            named(table, first).trim_end_matches(',')
        ));
    }
    Ok(last)
}

fn is_label(value: f64, base: f64, classes: usize) -> bool {
    value.fract() == 0.0 && value >= base && value < base + classes as f64
}

/// How many different labels a column holds, counted from 0 or from 1; 0 if it cannot be one of labels.
fn classes(table: &impl Table, column: usize, sizes: Sizes) -> usize {
    if table.kind(column) != Kind::Numbers {
        return 0;
    }
    let classes = sizes.outputs.max(2);
    let mut values = (0..table.rows()).map(|row| table.value(row, column));
    let mut found = BTreeSet::new();
    let all = values.all(|value| {
        found.insert(value as i64);
        is_label(value, 0.0, classes + 1)
    });
    // From 0, or from 1 to the number of classes.
    let last = found.contains(&(classes as i64));
    match all && (!last || found.contains(&1) && !found.contains(&0)) {
        true => found.len(),
        false => 0,
    }
}

/// The first value of a column that is no label.
fn not_a_label(table: &impl Table, column: usize, sizes: Sizes) -> f64 {
    let classes = sizes.outputs.max(2);
    let mut values = (0..table.rows()).map(|row| table.value(row, column));
    let first = values.find(|&value| !is_label(value, 0.0, classes));
    first.unwrap_or_default()
}

fn no_room(table: &impl Table, first: usize, sizes: Sizes) -> DataError {
    DataError::new(
        "eqprop::data::label_column",
        format!(
            "{} has {}: {} input values and {} targets, which are not the {} columns from {}",
            table.source(),
            table.seen(),
            sizes.inputs,
            sizes.outputs,
            sizes.outputs,
            named(table, first).trim_end_matches(',')
        ),
        "name the first column of the targets with --label-column, or put the targets last",
    )
}

/// Another number of inputs than layer 0 has units.
fn width(
    table: &impl Table,
    used: &Range<usize>,
    index: bool,
    labelled: bool,
    sizes: Sizes,
) -> DataError {
    let inputs = used.len() - 1;
    let before = match index {
        true => format!("an index ({}), ", named(table, 0).trim_end_matches(',')),
        false => String::new(),
    };
    let (source, seen) = (table.source(), table.seen());
    if inputs + 1 == sizes.inputs && !index && !labelled {
        return DataError::new(
            "eqprop::data::width",
            format!(
                "{source} has {seen}: as many values as layer 0 has units ({}), and no label",
                sizes.inputs
            ),
            format!("add a column of labels; if one is there already, write layers = [{inputs}, …] in the network file"),
        );
    }
    let help = match inputs {
        0 => "write one sample a line: the input values, then the label; separate them by commas"
            .to_owned(),
        _ => format!("write layers = [{inputs}, …] in the network file, or use other data"),
    };
    DataError::new(
        "eqprop::data::width",
        format!(
            "{source} has {seen}: {before}{inputs} input value{} and a label, but layer 0 has {} units",
            if inputs == 1 { "" } else { "s" },
            sizes.inputs
        ),
        help,
    )
}
