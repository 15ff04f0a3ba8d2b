//! Draws the progress of long work: bars on a terminal, plain lines elsewhere, nothing with `-q`.
//!
//! Everything goes to standard error, so that standard output holds results only.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};
use sim::progress::{Progress, Silent};

/// The drawing that fits this run.
pub fn renderer(quiet: bool) -> Box<dyn Progress> {
    if quiet {
        Box::new(Silent)
    } else if io::stderr().is_terminal() {
        Box::new(Bars::default())
    } else {
        Box::new(Lines::new(io::stderr()))
    }
}

/// One bar at a time, left on the screen when its work is over.
#[derive(Default)]
struct Bars {
    current: RefCell<Option<ProgressBar>>,
}

impl Progress for Bars {
    fn start(&self, what: &str, total: u64, unit: &str) {
        let template = format!(
            "{{msg:24}} {{bar:32}} {{human_pos}}/{{human_len}} {unit} {{elapsed}} {{prefix}}"
        );
        let style = ProgressStyle::with_template(&template)
            // A unit with braces in it would not parse; the plain bar is then good enough.
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("━╸ ");
        let bar = ProgressBar::new(total).with_style(style);
        bar.set_message(what.to_string());
        self.current.replace(Some(bar));
    }

    fn reach(&self, done: u64) {
        if let Some(bar) = &*self.current.borrow() {
            bar.set_position(done);
        }
    }

    fn detail(&self, text: &str) {
        if let Some(bar) = &*self.current.borrow() {
            bar.set_prefix(text.to_owned());
        }
    }

    fn finish(&self) {
        if let Some(bar) = self.current.take() {
            bar.finish();
        }
    }
}

/// A line at the start of work and at every tenth of it: readable in a log, the same in every run.
struct Lines<W> {
    state: RefCell<State<W>>,
}

struct State<W> {
    out: W,
    what: String,
    total: u64,
    unit: String,
    /// Tenths already reported.
    tenths: u64,
    /// The last detail, printed with the next tenth.
    detail: String,
}

impl<W: Write> Lines<W> {
    fn new(out: W) -> Lines<W> {
        Lines {
            state: RefCell::new(State {
                out,
                what: String::new(),
                total: 0,
                unit: String::new(),
                tenths: 0,
                detail: String::new(),
            }),
        }
    }
}

impl<W: Write> Progress for Lines<W> {
    fn start(&self, what: &str, total: u64, unit: &str) {
        let state = &mut *self.state.borrow_mut();
        state.what = what.to_string();
        state.total = total;
        state.unit = unit.to_string();
        state.tenths = 0;
        state.detail.clear();
        // Nobody may be reading standard error; that must not stop the work. So too below.
        let _ = writeln!(state.out, "{what}: {total} {unit}");
    }

    fn reach(&self, done: u64) {
        let state = &mut *self.state.borrow_mut();
        // A product of counts that fit memory does not reach 2^64.
        let tenths = (done * 10).checked_div(state.total).unwrap_or(0);
        if tenths > state.tenths {
            state.tenths = tenths;
            let State {
                what,
                total,
                unit,
                detail,
                ..
            } = &*state;
            let text = match detail.as_str() {
                "" => format!("{what}: {done}/{total} {unit}"),
                detail => format!("{what}: {done}/{total} {unit}, {detail}"),
            };
            let _ = writeln!(state.out, "{text}");
        }
    }

    fn detail(&self, text: &str) {
        self.state.borrow_mut().detail = text.to_owned();
    }

    fn finish(&self) {
        let state = &mut *self.state.borrow_mut();
        let text = format!("{}: done", state.what);
        let _ = writeln!(state.out, "{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_gets_one_line_a_tenth() {
        let lines = Lines::new(Vec::new());
        lines.start("co-simulating", 40, "samples");
        (0..=40).for_each(|done| lines.reach(done));
        lines.finish();
        lines.start("nothing", 0, "samples");
        lines.reach(0);
        lines.finish();
        let text = String::from_utf8(lines.state.into_inner().out).unwrap();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_bar_survives_events_in_any_order() {
        let bars = Bars::default();
        bars.reach(3);
        bars.finish();
        bars.start("{odd}", 2, "{unit}");
        bars.reach(5);
        bars.finish();
    }
}
