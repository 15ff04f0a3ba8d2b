//! The sections of the page: a few sentences on what is seen, figures, tables.
//!
//! `descent` is about settling: energy, symmetry, stability, sweeps. `gradient` is about the nudge: response,
//! theorem, credit.

mod descent;
mod gradient;

use sim::analysis::{Analysis, Section};

use crate::report::svg::escape;

/// What stands in a section.
#[derive(Default)]
pub struct Body {
    pub intro: String,
    pub figures: String,
    /// Tables and remarks below.
    pub after: String,
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

fn small(text: &str) -> String {
    format!("<p class=\"small\">{}</p>\n", escape(text))
}

fn refusal<T>(section: &Section<T>) -> String {
    match section {
        Section::Done(_) => String::new(),
        Section::Refused { refused } => {
            format!("<p class=\"note\">Refused: {}</p>\n", escape(refused))
        }
    }
}

/// A table; the first column holds names.
fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = String>| {
        let cells: String = cells
            .map(|c| format!("<{tag}>{}</{tag}>", escape(&c)))
            .collect();
        format!("<tr>{cells}</tr>\n")
    };
    let head = cells("th", &mut titles.iter().map(|t| (*t).to_owned()));
    let body: String = (rows.iter())
        .map(|row| cells("td", &mut row.iter().cloned()))
        .collect();
    format!("<div class=\"table\"><table>\n{head}{body}</table></div>\n")
}

/// Anchor, heading and body of every section.
pub fn sections(analysis: &Analysis) -> Vec<(&'static str, &'static str, Body)> {
    vec![
        ("energy", "Energy", descent::energy(analysis)),
        ("symmetry", "Symmetry", descent::symmetry(analysis)),
        ("stability", "Stability", descent::stability(analysis)),
        ("response", "Linear response", gradient::response(analysis)),
        ("theorem", "The theorem", gradient::theorem(analysis)),
        ("credit", "Credit", gradient::credit(analysis)),
        ("settling", "Settling", descent::settling(analysis)),
    ]
}
