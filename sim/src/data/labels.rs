//! From labels and targets as files have them to what the output layer should be.

use std::collections::BTreeSet;

use hdl::config::Warning;
use serde::{Deserialize, Serialize};

use super::{DataError, Sizes, Targets};

/// How the labels of a file become the classes 0, 1, 2, … Training data decide, test data follow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Numbering {
    /// A label is its class.
    #[default]
    Plain,
    /// Class i is written as the i-th of these numbers.
    Numbers(Vec<i64>),
    /// Class i is the i-th of these words, which are sorted.
    Words(Vec<String>),
}

/// The answers of a file, one row a sample.
pub(super) enum Answers {
    /// `width` numbers a sample: a label, or a target for each output.
    Numbers { width: usize, values: Vec<f64> },
    /// A word a sample, by its place in `words`, which are sorted.
    Words { words: Vec<String>, of: Vec<usize> },
}

impl Numbering {
    /// How `labels` count: as they are; from 1 to the number of classes; or, where exactly as many different whole numbers occur as
    /// there are classes, in their order.
    fn of_numbers(labels: &[f64], classes: usize) -> Numbering {
        let mut found = BTreeSet::new();
        for &label in labels {
            if label.fract() != 0.0 || label.abs() > i64::MAX as f64 || found.len() > classes {
                return Numbering::Plain;
            }
            found.insert(label as i64);
        }
        let most = classes as i64;
        if found.iter().all(|label| (0..most).contains(label)) {
            Numbering::Plain
        } else if found.first() == Some(&1) && found.last() == Some(&most) {
            Numbering::Numbers((1..=most).collect())
        } else if found.len() == classes {
            Numbering::Numbers(found.into_iter().collect())
        } else {
            Numbering::Plain
        }
    }

    /// What a user is told about it.
    pub(super) fn note(&self) -> Option<String> {
        let listed = |names: &[String]| {
            let pairs = names.iter().enumerate();
            let pairs: Vec<_> = pairs
                .map(|(class, name)| format!("{name} = {class}"))
                .collect();
            pairs.join(", ")
        };
        match self {
            Numbering::Plain => None,
            Numbering::Numbers(labels)
                if labels[0] == 1 && labels.last() == Some(&(labels.len() as i64)) =>
            {
                Some(format!(
                    "labels count from 1: 1…{} are the classes 0…{}",
                    labels.len(),
                    labels.len() - 1
                ))
            }
            Numbering::Numbers(labels) => {
                let names: Vec<_> = labels.iter().map(i64::to_string).collect();
                Some(format!("labels are numbered in order: {}", listed(&names)))
            }
            Numbering::Words(words) => Some(format!(
                "labels are words, numbered in sorted order: {}",
                listed(words)
            )),
        }
    }

    /// How many classes have names of their own.
    pub(super) fn names(&self) -> usize {
        match self {
            Numbering::Plain => 0,
            Numbering::Numbers(labels) => labels.len(),
            Numbering::Words(words) => words.len(),
        }
    }

    /// The label of a class, as the file writes it.
    pub(super) fn name(&self, class: usize) -> String {
        match self {
            Numbering::Plain => class.to_string(),
            Numbering::Numbers(labels) => labels
                .get(class)
                .map_or_else(|| class.to_string(), i64::to_string),
            Numbering::Words(words) => words
                .get(class)
                .cloned()
                .unwrap_or_else(|| class.to_string()),
        }
    }

    fn class(
        &self,
        label: f64,
        place: impl Fn() -> String,
        sizes: Sizes,
    ) -> Result<u16, DataError> {
        let unknown = |what: String, known: String| {
            DataError::new(
                "eqprop::data::label",
                format!(
                    "{}: {what} is none of the training data's: {known}",
                    place()
                ),
                "use test data with the labels of the training data",
            )
        };
        match self {
            Numbering::Plain if label < 0.0 || label.fract() != 0.0 => Err(DataError::new(
                "eqprop::data::label",
                format!("{}: label {label} is not a whole number from 0", place()),
                format!(
                    "number the classes 0, 1, 2, …, give {} target{} of 0…1 a sample, or say with --label-column \
                     which column is the label",
                    sizes.outputs,
                    if sizes.outputs == 1 { "" } else { "s" }
                ),
            )),
            Numbering::Plain => sizes.check_label(place, label as usize),
            Numbering::Numbers(labels) => match labels.iter().position(|&known| known as f64 == label) {
                Some(class) => Ok(class as u16),
                None => Err(unknown(format!("label {label}"), join(labels.iter()))),
            },
            Numbering::Words(words) => Err(unknown(format!("label {label}"), join(words.iter()))),
        }
    }
}

fn join<T: ToString>(names: impl Iterator<Item = T>) -> String {
    let names: Vec<_> = names.map(|name| name.to_string()).collect();
    names.join(", ")
}

/// Labels if there is one whole number or word a sample, or if every sample's targets are one 1 among 0s; else
/// real targets. `numbering` is that of the training data; `place` says where the answers of a sample stand.
///
/// # Errors
/// Labels that the output layer has no units for, targets outside of 0…1.
pub(super) fn targets(
    answers: Answers,
    sizes: Sizes,
    numbering: Option<&Numbering>,
    place: &dyn Fn(usize) -> String,
) -> Result<(Targets, Numbering), DataError> {
    let classes = sizes.outputs.max(2);
    let (width, values) = match answers {
        Answers::Words { words, of } => return named(words, &of, sizes, numbering, place),
        Answers::Numbers { width, values } => (width, values),
    };
    let unit = |value: &f64| (0.0..=1.0).contains(value);
    let whole = |value: &f64| value.fract() == 0.0;
    if width == 1 && (sizes.outputs > 1 || values.iter().all(whole)) {
        let numbering = match numbering {
            Some(numbering) => numbering.clone(),
            None => Numbering::of_numbers(&values, classes),
        };
        let labels = (values.iter().enumerate())
            .map(|(sample, &label)| numbering.class(label, || place(sample), sizes));
        return Ok((
            Targets::Labels(labels.collect::<Result<_, _>>()?),
            numbering,
        ));
    }
    if let Some(index) = values.iter().position(|value| !unit(value)) {
        return Err(DataError::new(
            "eqprop::data::target",
            format!(
                "{}: target {} is not within 0…1",
                place(index / width),
                values[index]
            ),
            "an output state lies in 0…1: scale the targets, or give one label in their place",
        ));
    }
    let one_hot = |row: &[f64]| row.iter().all(whole) && row.iter().sum::<f64>() == 1.0;
    if width > 1 && values.chunks_exact(width).all(one_hot) {
        let class = |row: &[f64]| row.iter().position(|&value| value == 1.0).unwrap_or(0) as u16;
        let labels = values.chunks_exact(width).map(class).collect();
        return Ok((Targets::Labels(labels), Numbering::Plain));
    }
    Ok((Targets::Values(values), Numbering::Plain))
}

/// Words as labels.
fn named(
    words: Vec<String>,
    of: &[usize],
    sizes: Sizes,
    numbering: Option<&Numbering>,
    place: &dyn Fn(usize) -> String,
) -> Result<(Targets, Numbering), DataError> {
    let classes = sizes.outputs.max(2);
    let sample_of = |word| of.iter().position(|&other| other == word).unwrap_or(0);
    let known = match numbering {
        Some(Numbering::Words(known)) => known,
        Some(other) => {
            let known: Vec<_> = (0..classes).map(|class| other.name(class)).collect();
            return Err(foreign(&place(0), &words[of[0]], &known));
        }
        None if words.len() > classes => {
            return Err(DataError::new(
                "eqprop::data::label",
                format!(
                    "{}: the words of the label column are more than {classes} classes ({}{}), but the output layer \
                     has {} unit{}",
                    place(sample_of(classes)),
                    join(words.iter().take(classes + 1)),
                    if words.len() > classes + 1 { ", …" } else { "" },
                    sizes.outputs,
                    if sizes.outputs == 1 { "" } else { "s" }
                ),
                "give the last layer one unit for each class, or say with --label-column which column is the label",
            ))
        }
        None => &words,
    };
    let mut class_of = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        match known.binary_search(word) {
            Ok(class) => class_of.push(class as u16),
            Err(_) => return Err(foreign(&place(sample_of(index)), word, known)),
        }
    }
    let labels = of.iter().map(|&word| class_of[word]).collect();
    Ok((Targets::Labels(labels), Numbering::Words(known.clone())))
}

fn foreign(place: &str, word: &str, known: &[String]) -> DataError {
    DataError::new(
        "eqprop::data::label",
        format!(
            "{place}: the label `{word}` is none of the training data's: {}",
            join(known.iter())
        ),
        "use test data with the labels of the training data",
    )
}

/// What is odd about training labels, `source` being the name of file or data set.
pub(super) fn warnings(
    source: &str,
    targets: &Targets,
    numbering: &Numbering,
    sizes: Sizes,
) -> Vec<Warning> {
    let Targets::Labels(labels) = targets else {
        return Vec::new();
    };
    let (code, classes) = ("eqprop::data::classes", sizes.outputs.max(2));
    if labels.len() > 1 && labels.iter().all(|label| label == &labels[0]) {
        let name = numbering.name(labels[0].into());
        return vec![Warning {
            code,
            message: format!("all samples of {source} have the label {name}: from one class nothing can be learned"),
            help: "give samples of every class, or say with --label-column which column of the table is the label"
                .to_owned(),
        }];
    }
    match numbering {
        Numbering::Words(words) if words.len() < classes => vec![Warning {
            code,
            message: format!(
                "{source} has {} of {classes} classes: with the others, the same words would get other numbers",
                words.len()
            ),
            help: "give the last layer one unit for each class that occurs, or number the labels in the file"
                .to_owned(),
        }],
        _ => Vec::new(),
    }
}
