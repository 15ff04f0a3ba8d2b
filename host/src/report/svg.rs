//! A small SVG writer: the few shapes that plots need, numbers with one decimal, no surprises.

use std::fmt::{Display, Write};
use std::path::{Path, PathBuf};

use sim::wave::{write_atomically, WaveError};

use super::png;

/// A picture being drawn; later shapes cover earlier ones.
pub struct Svg {
    text: String,
    /// Colour around dots: that of the ground.
    rim: &'static str,
}

/// Which point of a text its position names.
#[derive(Clone, Copy)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub struct TextStyle {
    /// Height in pixels.
    pub size: f64,
    pub colour: &'static str,
    /// Medium instead of regular weight.
    pub strong: bool,
    pub anchor: Anchor,
}

/// Colour of text and lines that matter, of what stands around them, and of grids.
pub const INK: &str = "#1c1e21";
pub const SOFT: &str = "#6b7075";
pub const GRID: &str = "#dfe2e6";
/// Distinct on white, also for most colour-blind readers, when neighbours are compared.
pub const COLOURS: [&str; 10] = [
    "#1f6fb4", "#e07b00", "#2a9d5c", "#c8324a", "#7d5bb8", "#8a5a3c", "#d667a8", "#5f6b73",
    "#9aa000", "#12a5b8",
];

/// A text's look.
pub fn style(size: f64, colour: &'static str, strong: bool, anchor: Anchor) -> TextStyle {
    TextStyle {
        size,
        colour,
        strong,
        anchor,
    }
}

/// Writes a finished document as `path` with the endings `.svg` and `.png`; returns both paths.
///
/// # Errors
/// A file that cannot be written.
pub fn write(document: &str, path: &Path) -> Result<[PathBuf; 2], WaveError> {
    let files = [path.with_extension("svg"), path.with_extension("png")];
    write_atomically(&files[0], document.as_bytes())?;
    write_atomically(&files[1], &png::render(document))?;
    Ok(files)
}

impl Svg {
    /// A white picture of the given size in pixels.
    pub fn new(width: u32, height: u32) -> Svg {
        let mut svg = Svg {
            text: String::new(),
            rim: "#ffffff",
        };
        svg.line_of(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Roboto, Helvetica, Arial, sans-serif\">"
        ));
        svg.rect(0.0, 0.0, f64::from(width), f64::from(height), "#ffffff");
        svg
    }

    /// A white picture with a title and a line below it.
    pub fn titled(width: u32, height: u32, title: &str, subtitle: &str) -> Svg {
        let mut svg = Svg::new(width, height);
        svg.text(84.0, 48.0, style(24.0, INK, true, Anchor::Start), title);
        svg.text(
            84.0,
            74.0,
            style(15.0, SOFT, false, Anchor::Start),
            subtitle,
        );
        svg
    }

    /// A picture inside a page: as wide as its place, on the page's ground. `label` describes it to those
    /// who cannot see it.
    pub fn inline(width: u32, height: u32, label: &str) -> Svg {
        let mut svg = Svg {
            text: String::new(),
            rim: "var(--paper)",
        };
        svg.line_of(format_args!(
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
            escape(label).replace('"', "&quot;")
        ));
        svg
    }

    /// A rectangle of a colour that lets the ground shine through, by 1 − `opacity`.
    pub fn shade(&mut self, x: f64, y: f64, [width, height]: [f64; 2], colour: &str, opacity: f64) {
        self.line_of(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             fill=\"{colour}\" fill-opacity=\"{opacity:.2}\"/>"
        ));
    }

    /// A filled rectangle.
    pub fn rect(&mut self, x: f64, y: f64, width: f64, height: f64, colour: &str) {
        self.line_of(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" \
             fill=\"{colour}\"/>"
        ));
    }

    /// An open line through points; `dash` in the form of SVG's `stroke-dasharray`, or empty.
    pub fn polyline(&mut self, points: &[(f64, f64)], colour: &str, width: f64, dash: &str) {
        let list: Vec<String> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let dash = match dash {
            "" => String::new(),
            dash => format!(" stroke-dasharray=\"{dash}\""),
        };
        self.line_of(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width:.1}\" \
             stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash}/>",
            list.join(" ")
        ));
    }

    /// A filled circle with a thin white rim, so that it stands out from lines below it.
    pub fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: &str) {
        let rim = self.rim;
        self.line_of(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"{colour}\" \
             stroke=\"{rim}\" stroke-width=\"1.0\"/>"
        ));
    }

    /// One line of text with its baseline at `y`.
    pub fn text(&mut self, x: f64, y: f64, style: TextStyle, content: &str) {
        self.placed_text(format_args!("x=\"{x:.1}\" y=\"{y:.1}\""), style, content);
    }

    /// One line of text that runs upwards from (x, y).
    pub fn upward_text(&mut self, x: f64, y: f64, style: TextStyle, content: &str) {
        let place = format!("transform=\"translate({x:.1} {y:.1}) rotate(-90)\"");
        self.placed_text(place, style, content);
    }

    fn placed_text(&mut self, place: impl Display, style: TextStyle, content: &str) {
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if style.strong { 500 } else { 400 };
        self.line_of(format_args!(
            "<text {place} font-size=\"{:.1}\" font-weight=\"{weight}\" text-anchor=\"{anchor}\" \
             fill=\"{}\">{}</text>",
            style.size,
            style.colour,
            escape(content)
        ));
    }

    /// The finished document.
    pub fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }

    fn line_of(&mut self, content: impl Display) {
        writeln!(self.text, "{content}").expect("writing to a string cannot fail");
    }
}

/// Text that no reader of markup takes for markup.
pub fn escape(content: &str) -> String {
    content
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
