//! One column of a text, in as little memory as its values need.

use std::collections::HashMap;

use super::super::table::Kind;
use super::text::{Cell, Style};

/// Different words that a column may hold and still be one of labels.
const MAX_WORDS: usize = 1 << 16;

/// The fields of one column, from the first line to the last.
#[derive(Default)]
pub(super) struct Column {
    cells: Cells,
    /// Rows that hold words, in order, and which.
    words: Vec<(u32, u32)>,
    places: HashMap<String, u32>,
    /// The first row without a value, and what stands there.
    missing: Option<(usize, String)>,
    missed: usize,
    /// More different words than labels can have; they are no longer kept.
    prose: bool,
    /// Whether every number was written with a decimal point or comma.
    pointed: bool,
    started: bool,
}

/// Bytes as long as all values are whole numbers from 0 to 255.
enum Cells {
    Bytes(Vec<u8>),
    Reals(Vec<f64>),
}

impl Default for Cells {
    fn default() -> Self {
        Cells::Bytes(Vec::new())
    }
}

impl Column {
    /// Adds a field below the others; the bytes of memory that it took.
    pub(super) fn push(&mut self, cell: Cell<'_>) -> usize {
        let row = self.rows();
        let before = self.cells.size();
        let mut words = 0;
        match cell {
            Cell::Number(value, style) => {
                let pointed = matches!(style, Style::Point | Style::Comma);
                self.pointed = pointed && (self.pointed || !self.started);
                self.started = true;
                self.cells.push(value);
            }
            Cell::Missing(text) => {
                self.missed += 1;
                self.missing.get_or_insert_with(|| (row, text.to_owned()));
                self.cells.push(0.0);
            }
            Cell::Word(text) => {
                words = self.word(row, text);
                self.cells.push(0.0);
            }
        }
        self.cells.size() - before + words
    }

    fn word(&mut self, row: usize, text: &str) -> usize {
        let next = self.places.len();
        let place = match self.places.get(text) {
            Some(&place) => place,
            None if next < MAX_WORDS => {
                self.places.insert(text.to_owned(), next as u32);
                next as u32
            }
            None => {
                self.prose = true;
                0
            }
        };
        self.words.push((row as u32, place));
        size_of::<(u32, u32)>()
            + if place as usize == next {
                2 * size_of::<String>() + text.len()
            } else {
                0
            }
    }

    /// Puts the first line, which was no header, above the others.
    pub(super) fn push_first(&mut self, cell: Cell<'_>) {
        for (row, _) in &mut self.words {
            *row += 1;
        }
        if let Some((row, _)) = &mut self.missing {
            *row += 1;
        }
        let first = match cell {
            Cell::Number(value, _) => value,
            Cell::Missing(text) => {
                self.missed += 1;
                self.missing = Some((0, text.to_owned()));
                0.0
            }
            Cell::Word(text) => {
                self.word(0, text);
                self.words.rotate_right(1);
                0.0
            }
        };
        self.cells.insert_first(first);
    }

    pub(super) fn rows(&self) -> usize {
        match &self.cells {
            Cells::Bytes(values) => values.len(),
            Cells::Reals(values) => values.len(),
        }
    }

    /// The number in a row; 0 where there is none.
    pub(super) fn value(&self, row: usize) -> f64 {
        match &self.cells {
            Cells::Bytes(values) => values[row].into(),
            Cells::Reals(values) => values[row],
        }
    }

    /// The numbers as bytes, if all are whole and from 0 to 255.
    pub(super) fn bytes(&self) -> Option<&[u8]> {
        match &self.cells {
            Cells::Bytes(values) => Some(values),
            Cells::Reals(_) => None,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        let filled = self.rows() - self.missed;
        match self.words.len() {
            _ if filled == 0 => Kind::Empty,
            0 => Kind::Numbers,
            words if words == filled && !self.prose => Kind::Words,
            _ => Kind::Mixed,
        }
    }

    /// Whether there are numbers and each was written with a decimal point or comma.
    pub(super) fn pointed(&self) -> bool {
        self.pointed
    }

    /// Whether the numbers go up by one from 0 or 1, as those of an index do.
    pub(super) fn counts(&self) -> bool {
        self.kind() == Kind::Numbers
            && [0.0, 1.0].contains(&self.value(0))
            && (0..self.rows()).all(|row| self.value(row) == self.value(0) + row as f64)
    }

    pub(super) fn has_word(&self, word: &str) -> bool {
        self.places.contains_key(word)
    }

    /// The first row without a value, and what stands there.
    pub(super) fn missing(&self) -> Option<(usize, &str)> {
        let (row, text) = self.missing.as_ref()?;
        Some((*row, text))
    }

    /// The first row that holds a word, and the word.
    pub(super) fn first_word(&self) -> Option<(usize, &str)> {
        let &(row, place) = self.words.first()?;
        let (text, _) = self.places.iter().find(|(_, &other)| other == place)?;
        Some((row as usize, text))
    }

    /// Whether words were dropped because there are too many different ones.
    pub(super) fn prose(&self) -> bool {
        self.prose
    }

    /// Every field as a word: the different ones sorted, and which of them each row holds.
    pub(super) fn as_words(&self) -> (Vec<String>, Vec<usize>) {
        let mut words: Vec<String> = self.places.keys().cloned().collect();
        let mut text_of = vec![""; self.places.len()];
        for (text, &place) in &self.places {
            text_of[place as usize] = text;
        }
        // Numbers among words are words too.
        let numbers = self.words.len() < self.rows();
        let mut texts: Vec<String> = Vec::new();
        if numbers {
            texts = (0..self.rows())
                .map(|row| self.value(row).to_string())
                .collect();
            words.extend(texts.iter().cloned());
        }
        words.sort_unstable();
        words.dedup();
        let place = |text: &str| {
            words
                .binary_search_by(|word| word.as_str().cmp(text))
                .unwrap_or(0)
        };
        let mut of: Vec<usize> = match numbers {
            true => texts.iter().map(|text| place(text)).collect(),
            false => vec![0; self.rows()],
        };
        let sorted: Vec<usize> = text_of.iter().map(|text| place(text)).collect();
        for &(row, word) in &self.words {
            of[row as usize] = sorted[word as usize];
        }
        if numbers {
            return only_used(words, of);
        }
        (words, of)
    }
}

/// Without the words that no row holds: the 0 that stands in the rows of words.
fn only_used(words: Vec<String>, of: Vec<usize>) -> (Vec<String>, Vec<usize>) {
    let mut used = vec![false; words.len()];
    of.iter().for_each(|&word| used[word] = true);
    let mut kept = 0;
    let new: Vec<usize> = (used.iter())
        .map(|&used| {
            kept += usize::from(used);
            kept.saturating_sub(1)
        })
        .collect();
    let words = words
        .into_iter()
        .zip(&used)
        .filter(|(_, &used)| used)
        .map(|(word, _)| word);
    (
        words.collect(),
        of.into_iter().map(|word| new[word]).collect(),
    )
}

impl Cells {
    fn push(&mut self, value: f64) {
        let small = (0.0..=255.0).contains(&value) && value.fract() == 0.0;
        match self {
            Cells::Bytes(values) if small => values.push(value as u8),
            Cells::Bytes(_) => {
                self.widen();
                self.push(value);
            }
            Cells::Reals(values) => values.push(value),
        }
    }

    fn insert_first(&mut self, value: f64) {
        self.push(value);
        match self {
            Cells::Bytes(values) => values.rotate_right(1),
            Cells::Reals(values) => values.rotate_right(1),
        }
    }

    fn widen(&mut self) {
        if let Cells::Bytes(values) = self {
            *self = Cells::Reals(values.iter().map(|&byte| byte.into()).collect());
        }
    }

    fn size(&self) -> usize {
        match self {
            Cells::Bytes(values) => values.len(),
            Cells::Reals(values) => values.len() * size_of::<f64>(),
        }
    }
}
