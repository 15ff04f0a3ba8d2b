//! The page of `eqprop analyse`: `verdict` says what was found in one sentence a question, `sections` show it.

mod sections;
pub mod verdict;

use sim::analysis::Analysis;

use super::svg::escape;
use verdict::{verdicts, Verdict};

/// The page as text. Equal analyses give equal pages.
pub fn page(analysis: &Analysis, facts: &[String]) -> String {
    let verdicts = verdicts(analysis);
    let mut body = String::new();
    body += &format!("<p class=\"lead\">{}</p>\n", escape(&facts.join(" · ")));
    if let Some(reason) = &analysis.no_hardware {
        body += &format!(
            "<p class=\"note\">No hardware took part ({}). Where hardware would stand, the bit-true model \
             does.</p>\n",
            escape(reason)
        );
    }
    body += &list(verdicts.iter(), true);
    for (anchor, heading, section) in sections::sections(analysis) {
        body += &format!("<h2 id=\"{anchor}\">{heading}</h2>\n");
        body += &section.intro;
        body += &list(verdicts.iter().filter(|v| v.section == anchor), false);
        if !section.figures.is_empty() {
            body += &format!("<div class=\"figures\">\n{}</div>\n", section.figures);
        }
        body += &section.after;
    }
    let title = format!("{}: the physics, measured", analysis.network);
    super::page::page(&title, &body, "")
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
