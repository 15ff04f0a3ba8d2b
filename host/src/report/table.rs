//! Plain-text tables with aligned columns, for `check`, `cosim` and `demo`.

use std::fmt;

use unicode_width::UnicodeWidthStr;

/// Where a column's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// A table that prints itself: titles, a rule, rows; two blanks between columns.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with the given column titles. Units belong into the title ("Fmax [MHz]") or into a
    /// column of their own; with empty titles only, no title line is printed.
    pub fn new<T: Into<String>>(columns: impl IntoIterator<Item = (T, Align)>) -> Table {
        let columns = columns.into_iter();
        Table {
            columns: columns
                .map(|(title, align)| (title.into(), align))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells stay empty.
    ///
    /// # Panics
    /// If the row has more cells than the table has columns.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) -> &mut Table {
        let mut row: Vec<String> = cells.into_iter().map(Into::into).collect();
        assert!(row.len() <= self.columns.len(), "more cells than columns");
        row.resize(self.columns.len(), String::new());
        self.rows.push(row);
        self
    }

    fn widths(&self) -> Vec<usize> {
        let column = |index: usize| {
            let cells = self.rows.iter().map(|row| row[index].width());
            cells.fold(self.columns[index].0.width(), usize::max)
        };
        (0..self.columns.len()).map(column).collect()
    }

    /// One line of padded cells without trailing blanks.
    fn line<'a>(&self, widths: &[usize], cells: impl Iterator<Item = &'a str>) -> String {
        let mut line = String::new();
        for ((cell, width), (_, align)) in cells.zip(widths).zip(&self.columns) {
            if !line.is_empty() {
                line.push_str("  ");
            }
            let blanks = " ".repeat(width - cell.width());
            match align {
                Align::Left => line.extend([cell, &blanks]),
                Align::Right => line.extend([blanks.as_str(), cell]),
            }
        }
        line.trim_end().to_string()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        let titles = || self.columns.iter().map(|(title, _)| title.as_str());
        if titles().any(|title| !title.is_empty()) {
            writeln!(f, "{}", self.line(&widths, titles()))?;
            let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            writeln!(f, "{}", rules.join("  "))?;
        }
        for row in &self.rows {
            writeln!(f, "{}", self.line(&widths, row.iter().map(String::as_str)))?;
        }
        Ok(())
    }
}

/// A count with its thousands apart: `1,234,567`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new([
            ("network", Align::Left),
            ("cycles", Align::Right),
            ("Fmax [MHz]", Align::Right),
            ("note", Align::Left),
        ]);
        table.row(["digits", "13,411", "47.2"]);
        table.row(["digits-deep", "9", "183.0", "β = ½"]);
        insta::assert_snapshot!(table.to_string());
    }

    #[test]
    fn without_titles_there_is_no_rule() {
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        table.row(["cycles per sample", "670", "cycles"]);
        table.row(["worst error", "0.00012"]);
        insta::assert_snapshot!(table.to_string());
    }

    #[test]
    fn thousands_stand_apart() {
        let texts = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1,000", "1,234,567"]);
    }
}
