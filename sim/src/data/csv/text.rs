//! What the characters of a field and of a first line mean.

/// What separates the fields of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Tab,
    Semicolon,
    Comma,
    /// Any number of spaces.
    Spaces,
}

impl Separator {
    /// The first of tab, semicolon and comma that stands in the first line outside of quotation marks, else
    /// spaces if there are any between two fields.
    pub(super) fn of(head: &[u8]) -> Separator {
        let lines = head.split(|&byte| byte == b'\n');
        let text = |line: &&[u8]| !line.trim_ascii().is_empty() && !line.starts_with(b"#");
        let line = { lines }.find(text).unwrap_or_default().trim_ascii();
        let mut quoted = false;
        let mut has = [false; 4];
        for byte in line {
            match byte {
                b'"' => quoted = !quoted,
                b'\t' if !quoted => has[0] = true,
                b';' if !quoted => has[1] = true,
                b',' if !quoted => has[2] = true,
                b' ' if !quoted => has[3] = true,
                _ => {}
            }
        }
        match has {
            [true, ..] => Separator::Tab,
            [_, true, ..] => Separator::Semicolon,
            [_, _, false, true] => Separator::Spaces,
            _ => Separator::Comma,
        }
    }

    pub(super) fn byte(self) -> u8 {
        match self {
            Separator::Tab => b'\t',
            Separator::Semicolon => b';',
            Separator::Comma => b',',
            Separator::Spaces => b' ',
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Separator::Tab => "tabs",
            Separator::Semicolon => "semicolons",
            Separator::Comma => "commas",
            Separator::Spaces => "spaces",
        }
    }
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Digits alone, as a number of a column.
    Digits,
    /// Whole, but with a sign or an exponent.
    Whole,
    /// With a decimal point.
    Point,
    /// With a decimal comma.
    Comma,
}

/// What stands in a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    /// A finite number.
    Number(f64, Style),
    /// Nothing, or a word that says so.
    Missing(&'a str),
    Word(&'a str),
}

/// What programs write where a value is missing, in small letters.
const MISSING: [&str; 7] = ["", "?", "na", "n/a", "#n/a", "nan", "null"];

impl Cell<'_> {
    pub(super) fn of(text: &str) -> Cell<'_> {
        if MISSING
            .iter()
            .any(|missing| text.eq_ignore_ascii_case(missing))
        {
            return Cell::Missing(text);
        }
        let number = |text: &str| text.parse::<f64>().ok().filter(|value| value.is_finite());
        let comma = text.bytes().filter(|&byte| byte == b',').count() == 1 && !text.contains('.');
        let value = match comma {
            true => number(&text.replace(',', ".")),
            false => number(text),
        };
        match value {
            Some(value) if comma => Cell::Number(value, Style::Comma),
            Some(value) if text.contains('.') => Cell::Number(value, Style::Point),
            Some(value) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Cell::Number(value, Style::Digits)
            }
            Some(value) => Cell::Number(value, Style::Whole),
            None => Cell::Word(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_the_separator() {
        let cases = [
            ("a\tb;c,d e\n", Separator::Tab),
            ("1,5;2,5;3\n", Separator::Semicolon),
            ("\"a;b\",c\n", Separator::Comma),
            ("# made by hand; twice\n\n1 2  3\n4,5\n", Separator::Spaces),
            ("  7\n", Separator::Comma),
            ("", Separator::Comma),
        ];
        for (head, separator) in cases {
            assert_eq!(Separator::of(head.as_bytes()), separator, "{head}");
        }
    }

    #[test]
    fn fields_are_numbers_words_or_missing() {
        let cases = [
            ("12", Cell::Number(12.0, Style::Digits)),
            ("-1", Cell::Number(-1.0, Style::Whole)),
            ("1e3", Cell::Number(1000.0, Style::Whole)),
            ("1.50", Cell::Number(1.5, Style::Point)),
            ("-1,5", Cell::Number(-1.5, Style::Comma)),
            ("1.234,5", Cell::Word("1.234,5")),
            ("1,234,567", Cell::Word("1,234,567")),
            ("inf", Cell::Word("inf")),
            ("1e999", Cell::Word("1e999")),
            ("NaN", Cell::Missing("NaN")),
            ("", Cell::Missing("")),
            ("n/a", Cell::Missing("n/a")),
        ];
        for (text, cell) in cases {
            assert_eq!(Cell::of(text), cell);
        }
    }
}
