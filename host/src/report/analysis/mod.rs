//! The page of `eqprop analyse`: one file that needs nothing else, in the reader's colours, at any width.
//!
//! `verdict` says what was found in one sentence a question, `sections` show it, `chart` draws.

mod chart;
mod sections;
pub mod verdict;

use sim::analysis::Analysis;

use super::svg::escape;
use verdict::{verdicts, Verdict};

const STYLE: &str = include_str!("page.css");

/// The page as text. Equal analyses give equal pages.
pub fn page(analysis: &Analysis, facts: &[String]) -> String {
    let verdicts = verdicts(analysis);
    let title = escape(&format!("{}: the physics, measured", analysis.network));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
    );
    page += &format!("<p class=\"lead\">{}</p>\n", escape(&facts.join(" · ")));
    if let Some(reason) = &analysis.no_hardware {
        page += &format!(
            "<p class=\"note\">No hardware took part ({}). Where hardware would stand, the bit-true model \
             does.</p>\n",
            escape(reason)
        );
    }
    page += &list(verdicts.iter(), true);
    for (anchor, heading, body) in sections::sections(analysis) {
        page += &format!("<h2 id=\"{anchor}\">{heading}</h2>\n");
        page += &body.intro;
        page += &list(verdicts.iter().filter(|v| v.section == anchor), false);
        if !body.figures.is_empty() {
            page += &format!("<div class=\"figures\">\n{}</div>\n", body.figures);
        }
        page += &body.after;
    }
    page += "</body>\n</html>\n";
    page
}

fn list<'a>(verdicts: impl Iterator<Item = &'a Verdict>, linked: bool) -> String {
    let items: String = verdicts
        .map(
            |Verdict {
                 section,
                 standing,
                 text,
             }| {
                let text = escape(text);
                let word = standing.word();
                let text = match linked {
                    true => format!("<a href=\"#{section}\">{text}</a>"),
                    false => format!("<span>{text}</span>"),
                };
                format!("<li><span class=\"mark {word}\">{word}</span>{text}</li>\n")
            },
        )
        .collect();
    format!("<ul class=\"verdicts\">\n{items}</ul>\n")
}
