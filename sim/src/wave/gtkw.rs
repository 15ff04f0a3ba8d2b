//! GTKWave's save file and translate filters.
//!
//! GTKWave opens a bare VCD with nothing shown. Trace flags are bits (`analyzer.h` of GTKWave 3.3);
//! fixed point is a decimal shift of an integer, analog rows get their height from blank rows below.
//! Filters match the *displayed* text, so coded rows are shown in decimal and filtered by that.

use std::fmt::Write;

use super::signals::{Signals, GOLDEN_SCOPE};
use super::{Annotation, Enumeration, Row, TraceKind};

const HEX: u32 = 1 << 1;
const DECIMAL: u32 = 1 << 2;
const BINARY: u32 = 1 << 3;
const RIGHT_JUSTIFY: u32 = 1 << 5;
const BLANK: u32 = 1 << 9;
const SIGNED: u32 = 1 << 10;
const FILE_FILTER: u32 = 1 << 13;
const ANALOG_STEP: u32 = 1 << 15;
const ANALOG_STRETCH: u32 = 1 << 17;
const REAL: u32 = 1 << 18;
const FULL_SCALE: u32 = 1 << 19;
const GROUP_BEGIN: u32 = 1 << 23;
const GROUP_END: u32 = 1 << 24;
const FIXED_POINT_SHIFT: u32 = 1 << 30;

/// Blank rows below an analog trace: it is then three rows high.
const STRETCH_ROWS: usize = 2;
/// GTKWave keeps paths relative to the save file's old place; both are put under this folder, which
/// need not exist, so that the set may lie anywhere.
const FOLDER: &str = "/eqprop";
const WINDOW: (u32, u32) = (1600, 1000);
const TREE_WIDTH: u32 = 160;
const NAMES_WIDTH: u32 = 400;

/// File name of a table's filter.
pub(super) fn filter_name(stem: &str, enumeration: &Enumeration) -> String {
    format!("{stem}.{}.gtkwfilter", enumeration.name)
}

/// A translate filter: displayed decimal number, then the name.
pub(super) fn filter(enumeration: &Enumeration) -> String {
    let lines = enumeration.codes.iter();
    lines
        .map(|(code, name)| format!("{code} {name}\n"))
        .collect()
}

/// The save file that opens `stem.vcd`, whose last time is `end`.
pub(super) fn save_file(
    stem: &str,
    annotation: &Annotation,
    signals: &Signals,
    end: u64,
) -> String {
    let (first, last) = annotation.view.unwrap_or((0, end));
    let (width, height) = WINDOW;
    let mut text = format!(
        "[*]\n[dumpfile] \"{FOLDER}/{stem}.vcd\"\n[savefile] \"{FOLDER}/{stem}.gtkw\"\n\
         [timestart] {first}\n[size] {width} {height}\n[pos] -1 -1\n*{:.6} {first}\n\
         [sst_width] {TREE_WIDTH}\n[signals_width] {NAMES_WIDTH}\n[sst_expanded] 1\n",
        zoom(last.saturating_sub(first).max(1)),
    );
    for group in &annotation.groups {
        marker(&mut text, GROUP_BEGIN, &group.name);
        for row in &group.rows {
            write_row(&mut text, stem, annotation, signals, row);
        }
        marker(&mut text, GROUP_END, &group.name);
    }
    text
}

/// GTKWave's zoom number z that fits `span` time units into the wave pane: one time unit is
/// 200·2^z pixels wide.
fn zoom(span: u64) -> f64 {
    // Frames, the scroll bar and the rounding of the zoom number take about 140 pixels.
    let pane = WINDOW.0 - TREE_WIDTH - NAMES_WIDTH - 140;
    (f64::from(pane) / (200.0 * span as f64)).log2()
}

/// First or last line of a group.
fn marker(text: &mut String, edge: u32, name: &str) {
    line(text, format_args!("@{:x}\n-{name}", edge | BLANK));
}

fn write_row(text: &mut String, stem: &str, annotation: &Annotation, signals: &Signals, row: &Row) {
    match row {
        Row::Number { path, label } => {
            let radix = if signals.width(path) == 1 {
                BINARY
            } else {
                DECIMAL
            };
            line(text, format_args!("@{:x}", radix | RIGHT_JUSTIFY));
            trace(text, label, &signals.with_range(path));
        }
        Row::Hex { path, label } => {
            line(text, format_args!("@{:x}", HEX | RIGHT_JUSTIFY));
            trace(text, label, &signals.with_range(path));
        }
        Row::Coded {
            path,
            label,
            enumeration,
        } => {
            line(
                text,
                format_args!("@{:x}", FILE_FILTER | DECIMAL | RIGHT_JUSTIFY),
            );
            let filter = filter_name(stem, &annotation.enumerations[*enumeration]);
            line(text, format_args!("^{} {FOLDER}/{filter}", enumeration + 1));
            trace(text, label, &signals.with_range(path));
        }
        Row::Fixed {
            path,
            label,
            fraction,
            signed,
        } => {
            let radix = if *signed { SIGNED } else { DECIMAL };
            let analog = ANALOG_STEP | FULL_SCALE | FIXED_POINT_SHIFT | RIGHT_JUSTIFY;
            line(text, format_args!("@{:x}", analog | radix));
            line(text, format_args!("[fpshift_count] {fraction}"));
            trace(text, label, &signals.with_range(path));
            stretch(text);
        }
        Row::Golden {
            trace: index,
            label,
        } => {
            let golden = &annotation.golden[*index];
            let analog = ANALOG_STEP | FULL_SCALE | REAL | RIGHT_JUSTIFY;
            line(text, format_args!("@{analog:x}"));
            if let Some(colour) = colour(golden.kind) {
                line(text, format_args!("[color] {colour}"));
            }
            trace(
                text,
                label,
                &format!("{GOLDEN_SCOPE}.{}", golden.variable()),
            );
            stretch(text);
        }
    }
}

/// GTKWave's colour cycle: 1 red, 2 orange; the hardware keeps the default green.
fn colour(kind: TraceKind) -> Option<u32> {
    match kind {
        TraceKind::Golden => Some(2),
        TraceKind::Error => Some(1),
        TraceKind::Hardware => None,
    }
}

fn trace(text: &mut String, label: &str, name: &str) {
    line(text, format_args!("+{{{label}}} {name}"));
}

fn stretch(text: &mut String) {
    line(text, format_args!("@{:x}", ANALOG_STRETCH | BLANK));
    for _ in 0..STRETCH_ROWS {
        line(text, format_args!("-"));
    }
}

fn line(text: &mut String, content: std::fmt::Arguments) {
    writeln!(text, "{content}").expect("writing to a string cannot fail");
}
