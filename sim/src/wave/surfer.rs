//! Surfer's command file and mapping files (Surfer 0.4 and later).
//!
//! Fixed point needs no shift here: the range `[3:-12]` says where the point is. Commands act on the
//! focused row, whose place is written with the letters a…p as hexadecimal digits. Surfer has no
//! command for analog drawing (right-click on the row, *Analog*).

use std::fmt::Write;
use std::path::PathBuf;

use super::signals::{Signals, GOLDEN_SCOPE};
use super::{Annotation, Enumeration, Row};

/// Where Surfer finds a table's mapping when it is started in the waveform's folder.
pub(super) fn mapping_path(stem: &str, enumeration: &Enumeration) -> PathBuf {
    let name = format!("{stem}.{}.txt", enumeration.name);
    PathBuf::from(".surfer").join("mappings").join(name)
}

/// A mapping from code to name for signals of `width` bits; `Name` is what `item_set_format` selects.
pub(super) fn mapping(stem: &str, enumeration: &Enumeration, width: u32) -> String {
    let name = format_name(stem, enumeration);
    let mut text = format!("Name = {name}\nBits = {width}\n");
    for (code, name) in &enumeration.codes {
        line(&mut text, format_args!("{code} {name}"));
    }
    text
}

/// Bits of the widest signal that shows a table, at least what its largest code needs.
pub(super) fn mapping_width(annotation: &Annotation, signals: &Signals, table: usize) -> u32 {
    let codes = annotation.enumerations[table].codes.iter();
    let needed = codes.map(|(code, _)| u64::BITS - code.leading_zeros());
    let rows = annotation.groups.iter().flat_map(|group| &group.rows);
    let shown = rows.filter_map(|row| match row {
        Row::Coded {
            path, enumeration, ..
        } if *enumeration == table => Some(signals.width(path)),
        _ => None,
    });
    needed.chain(shown).max().unwrap_or(1).max(1)
}

fn format_name(stem: &str, enumeration: &Enumeration) -> String {
    format!("{stem} {}", enumeration.name)
}

/// Commands that build the view: all rows first, as a focused row would attract the next one.
pub(super) fn commands(stem: &str, annotation: &Annotation, signals: &Signals) -> String {
    let mut text = String::new();
    for group in &annotation.groups {
        line(&mut text, format_args!("divider_add {}", word(&group.name)));
        for row in &group.rows {
            line(
                &mut text,
                format_args!("variable_add {}", path(annotation, row)),
            );
        }
    }
    let mut place = 0;
    for group in &annotation.groups {
        focus(&mut text, place);
        rename(&mut text, &group.name);
        place += 1;
        for row in &group.rows {
            focus(&mut text, place);
            if let Some(format) = format(stem, annotation, signals, row) {
                line(&mut text, format_args!("item_set_format {format}"));
            }
            rename(&mut text, label(row));
            place += 1;
        }
    }
    text.push_str("item_unfocus\nzoom_fit\n");
    text
}

fn path(annotation: &Annotation, row: &Row) -> String {
    match row {
        Row::Number { path, .. }
        | Row::Hex { path, .. }
        | Row::Coded { path, .. }
        | Row::Fixed { path, .. } => path.clone(),
        Row::Golden { trace, .. } => {
            format!("{GOLDEN_SCOPE}.{}", annotation.golden[*trace].variable())
        }
    }
}

fn label(row: &Row) -> &str {
    match row {
        Row::Number { label, .. }
        | Row::Hex { label, .. }
        | Row::Coded { label, .. }
        | Row::Fixed { label, .. }
        | Row::Golden { label, .. } => label,
    }
}

/// Name of the translator; `None` where Surfer's own choice is right.
fn format(stem: &str, annotation: &Annotation, signals: &Signals, row: &Row) -> Option<String> {
    match row {
        Row::Number { path, .. } => (signals.width(path) > 1).then(|| "Unsigned".to_string()),
        Row::Hex { .. } => Some("Hexadecimal".to_string()),
        Row::Coded { enumeration, .. } => {
            Some(format_name(stem, &annotation.enumerations[*enumeration]))
        }
        Row::Fixed { signed: true, .. } => Some("Signed fixed point".to_string()),
        Row::Fixed { signed: false, .. } => Some("Unsigned fixed point".to_string()),
        Row::Golden { .. } => None,
    }
}

fn focus(text: &mut String, place: usize) {
    let letters: String = format!("{place:x}")
        .bytes()
        .map(|digit| char::from(digit - if digit <= b'9' { b'0' } else { b'a' - 10 } + b'a'))
        .collect();
    line(text, format_args!("item_focus {letters}_"));
}

/// `#` starts a comment and `;` ends a command.
fn rename(text: &mut String, name: &str) {
    line(
        text,
        format_args!("item_rename {}", name.replace(['#', ';'], " ")),
    );
}

/// `divider_add` takes a single word.
fn word(name: &str) -> String {
    let keep = |c: char| if c.is_alphanumeric() { c } else { '_' };
    name.chars().map(keep).collect()
}

fn line(text: &mut String, content: std::fmt::Arguments) {
    writeln!(text, "{content}").expect("writing to a string cannot fail");
}
