//! Whether the first line is a header.

use super::super::table::{Kind, LABEL};
use super::super::{LabelColumn, Wanted};
use super::column::Column;
use super::text::{Cell, Style};

/// What the first line is.
#[derive(Debug, PartialEq)]
pub(super) enum First {
    /// Names of the columns, and what a user should know of them.
    Names(Option<String>),
    Sample,
    /// Numbers that may count the columns or be a sample.
    Unclear,
}

/// Gives a header as many names as the lines below it have fields: R writes none for its row names, and some
/// programs end a header with a separator.
pub(super) fn level(first: &mut Vec<String>, fields: usize) {
    let words = first
        .iter()
        .any(|name| matches!(Cell::of(name), Cell::Word(_)));
    let numbers = first
        .iter()
        .any(|name| matches!(Cell::of(name), Cell::Number(..)));
    if !words || numbers {
        return;
    }
    if first.len() + 1 == fields {
        first.insert(0, String::new());
    } else if first.len() == fields + 1 && first.last().is_some_and(String::is_empty) {
        first.pop();
    }
}

/// Decides by the fields of the first line and by the columns below it.
pub(super) fn decide(first: &[String], columns: &[Column], wanted: Wanted) -> First {
    let cells: Vec<Cell> = first.iter().map(|field| Cell::of(field)).collect();
    let words = || {
        let cells = cells.iter().zip(columns);
        cells.filter_map(|(cell, column)| match cell {
            Cell::Word(word) => Some((*word, column)),
            _ => None,
        })
    };
    let any_word = words().next().is_some();
    let numbers: Vec<(f64, Style)> = (cells.iter())
        .filter_map(|cell| match cell {
            Cell::Number(value, style) => Some((*value, *style)),
            _ => None,
        })
        .collect();
    // A class of a later line.
    if words().any(|(word, column)| column.has_word(word)) {
        return First::Sample;
    }
    if numbers.is_empty() {
        return match any_word {
            true => First::Names(None),
            false => First::Sample,
        };
    }
    if !counts(&numbers) {
        return First::Sample;
    }
    let names = || {
        First::Names(Some(
            "the first line counts the columns and is taken as a header".to_owned(),
        ))
    };
    if any_word {
        if numbers.len() >= 3
            || words().all(|(word, _)| LABEL.contains(&word.to_lowercase().as_str()))
        {
            return names();
        }
        return match words().all(|(_, column)| column.kind() == Kind::Words) {
            true => First::Sample,
            false => First::Unclear,
        };
    }
    if matches!(cells[0], Cell::Missing("")) && numbers.len() + 1 == cells.len() {
        return match numbers.len() >= 3 || columns[0].counts() {
            true => names(),
            false => First::Sample,
        };
    }
    if numbers.len() < cells.len() || cells.len() == 1 {
        return First::Sample;
    }
    let pointed = columns.iter().any(Column::pointed);
    if pointed || cells.len() > 3 {
        return names();
    }
    let label = match wanted.label {
        Some(LabelColumn::First) => numbers[0].0,
        _ => numbers[numbers.len() - 1].0,
    };
    match label < wanted.sizes.outputs.max(2) as f64 {
        true => First::Unclear,
        false => names(),
    }
}

/// Whether these are whole numbers in digits that go up by one, from 0 or 1.
fn counts(numbers: &[(f64, Style)]) -> bool {
    let first = numbers[0].0;
    [0.0, 1.0].contains(&first)
        && (numbers.iter().enumerate())
            .all(|(index, &(value, style))| style == Style::Digits && value == first + index as f64)
}
