//! Phases in a row along one axis of whole numbers, panels below one another, a legend on the right: the ground that plots of
//! one sample share.

use super::axis::Axis;
use super::svg::{style, Anchor, Svg, GRID, INK, SOFT};

/// Left and right edge of the panels; the legend stands right of them.
pub const LEFT: f64 = 84.0;
pub const RIGHT: f64 = 1000.0;
/// Free, first nudged, second nudged phase; then again from the start.
pub const SHADES: [&str; 3] = ["#f6f7f8", "#edf4fb", "#fdf3ea"];

/// A phase's name and its first and last place.
pub type Span<'a> = (&'a str, usize, usize);

pub struct Timeline<'a> {
    spans: Vec<Span<'a>>,
    /// Place (all phases in a row) to pixels.
    pub x: Axis,
}

impl<'a> Timeline<'a> {
    /// Phases of these names and numbers of places.
    pub fn new(phases: impl Iterator<Item = (&'a str, usize)>) -> Timeline<'a> {
        let spans = phases.scan(0, |next, (name, places)| {
            let first = *next;
            *next += places;
            Some((name, first, *next))
        });
        // A phase without places has no last one.
        let spans: Vec<_> = spans
            .filter(|(_, first, end)| first < end)
            .map(|(name, first, end)| (name, first, end - 1))
            .collect();
        let places = spans.last().map_or(1, |(.., last)| last + 1);
        Timeline {
            spans,
            x: Axis {
                from: -0.5,
                to: places as f64 - 0.5,
                start: LEFT,
                end: RIGHT,
            },
        }
    }

    pub fn spans(&self) -> &[Span<'a>] {
        &self.spans
    }

    /// Shaded ground of all panels (top, bottom) and the phases' names above.
    pub fn ground(&self, svg: &mut Svg, panels: &[(f64, f64)]) {
        let mut name_from = LEFT;
        for (index, &(name, first, last)) in self.spans.iter().enumerate() {
            let start = self.x.pixel(first as f64 - 0.5);
            let width = self.x.pixel(last as f64 + 0.5) - start;
            for (top, bottom) in panels {
                let shade = SHADES[index % SHADES.len()];
                svg.rect(start, *top, width, bottom - top, shade);
            }
            // A short phase may be narrower than its name: names then move right.
            let x = name_from.max(start + 2.0);
            let look = style(15.0, INK, true, Anchor::Start);
            svg.text(x, panels[0].0 - 10.0, look, name);
            name_from = x + 8.5 * name.chars().count() as f64 + 10.0;
        }
    }

    /// Numbers below the panels, which start again with each phase, at the first of `distances` that leaves 30
    /// pixels from one to the next, and what they count.
    pub fn numbers(&self, svg: &mut Svg, bottom: f64, distances: [usize; 8], title: &str) {
        let place = self.x.pixel(1.0) - self.x.pixel(0.0);
        let roomy = |distance: &usize| place * *distance as f64 >= 30.0;
        let every = distances.into_iter().find(roomy).unwrap_or(distances[7]);
        let number = style(13.0, SOFT, false, Anchor::Middle);
        for (_, first, last) in &self.spans {
            for index in (0..=last - first).step_by(every) {
                let x = self.x.pixel((first + index) as f64);
                svg.text(x, bottom + 20.0, number, &index.to_string());
            }
        }
        let look = style(15.0, SOFT, false, Anchor::Middle);
        svg.text((LEFT + RIGHT) / 2.0, bottom + 48.0, look, title);
    }
}

/// Grid lines, tick texts and the axis title of one panel.
pub fn frame(svg: &mut Svg, y: &Axis, ticks: u32, title: &str) {
    for (value, text) in y.ticks(ticks) {
        let level = y.pixel(value);
        svg.polyline(&[(LEFT, level), (RIGHT, level)], GRID, 1.0, "");
        let tick = style(13.0, SOFT, false, Anchor::End);
        svg.text(LEFT - 10.0, level + 4.5, tick, &text);
    }
    let look = style(15.0, SOFT, false, Anchor::Middle);
    svg.upward_text(30.0, (y.start + y.end) / 2.0, look, title);
}

/// One line of the legend: a line and its name.
pub fn key(svg: &mut Svg, y: f64, colour: &str, dash: &str, label: &str) {
    let x = RIGHT + 20.0;
    svg.polyline(&[(x, y), (x + 26.0, y)], colour, 2.0, dash);
    let look = style(14.0, INK, false, Anchor::Start);
    svg.text(x + 36.0, y + 5.0, look, label);
}
