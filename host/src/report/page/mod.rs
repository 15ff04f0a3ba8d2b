//! Pages for a browser: one file that needs nothing else, in the reader's colours, at any width. `chart` draws.

pub mod chart;

use super::svg::escape;

const STYLE: &str = include_str!("page.css");

/// A page with `body` below its title; `scripts` stand at its end.
pub fn page(title: &str, body: &str, scripts: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n\
         {body}{scripts}</body>\n</html>\n"
    )
}
