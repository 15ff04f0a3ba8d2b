//! Samples a second over the logic that they take: one line a board, its roofline dashed.

use std::path::{Path, PathBuf};

use sim::wave::WaveError;

use super::axis::Axis;
use super::svg::{self, style, Anchor, Svg, COLOURS, GRID, INK, SOFT};

/// What the plot shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExploreData {
    pub title: String,
    pub subtitle: String,
    pub boards: Vec<Series>,
    /// A horizontal line, samples a second.
    pub target: Option<f64>,
}

/// One board: rising lanes.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub label: String,
    pub points: Vec<Point>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub lanes: usize,
    pub luts: f64,
    pub samples_per_second: f64,
    pub roofline: f64,
    /// Ringed.
    pub recommended: bool,
}

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 720;

/// Draws `data` as `path` with the endings `.svg` and `.png`; returns both paths.
///
/// # Errors
/// A file that cannot be written.
pub fn explore_plot(data: &ExploreData, path: &Path) -> Result<[PathBuf; 2], WaveError> {
    svg::write(&explore_svg(data), path)
}

/// The plot as an SVG document.
pub fn explore_svg(data: &ExploreData) -> String {
    let mut svg = Svg::titled(WIDTH, HEIGHT, &data.title, &data.subtitle);
    let points = || data.boards.iter().flat_map(|board| &board.points);
    let speeds = points()
        .flat_map(|p| [p.samples_per_second, p.roofline])
        .chain(data.target);
    let x = Axis {
        from: 0.0,
        to: points().map(|p| p.luts).fold(1000.0, f64::max) * 1.06,
        start: 100.0,
        end: 960.0,
    };
    // Decades: boards differ by a hundredfold.
    let y = Axis::around(speeds.map(f64::log10), 640.0, 120.0);
    for (value, text) in x.ticks(8) {
        let at = x.pixel(value);
        svg.polyline(&[(at, y.start), (at, y.end)], GRID, 1.0, "");
        svg.text(
            at,
            y.start + 22.0,
            style(13.0, SOFT, false, Anchor::Middle),
            &text,
        );
    }
    for decade in y.from.floor() as i32..=y.to.ceil() as i32 {
        for digit in [1, 2, 5] {
            let value = f64::from(digit) * 10f64.powi(decade);
            let level = value.log10();
            if level < y.from || level > y.to {
                continue;
            }
            svg.polyline(
                &[(x.start, y.pixel(level)), (x.end, y.pixel(level))],
                GRID,
                1.0,
                "",
            );
            let tick = style(13.0, SOFT, false, Anchor::End);
            svg.text(
                x.start - 10.0,
                y.pixel(level) + 4.5,
                tick,
                &super::table::grouped(value as u64),
            );
        }
    }
    svg.text(
        x.start,
        y.end - 12.0,
        style(15.0, INK, true, Anchor::Start),
        "samples a second",
    );
    let axis = style(14.0, SOFT, false, Anchor::Middle);
    svg.text(
        (x.start + x.end) / 2.0,
        y.start + 48.0,
        axis,
        "look-up tables (iCE40: logic cells)",
    );
    if let Some(target) = data.target {
        let level = y.pixel(target.log10());
        svg.polyline(&[(x.start, level), (x.end, level)], INK, 1.5, "2 4");
        svg.text(
            x.end + 8.0,
            level + 4.5,
            style(13.0, INK, false, Anchor::Start),
            "target",
        );
    }
    for (index, board) in data.boards.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let line = |value: fn(&Point) -> f64| -> Vec<_> {
            let place = |p: &Point| (x.pixel(p.luts), y.pixel(value(p).log10()));
            board.points.iter().map(place).collect()
        };
        svg.polyline(&line(|p| p.roofline), colour, 1.5, "6 4");
        let speeds = line(|p| p.samples_per_second);
        svg.polyline(&speeds, colour, 2.0, "");
        for (point, place) in board.points.iter().zip(speeds) {
            if point.recommended {
                svg.dot(place, 11.0, INK);
                svg.dot(place, 9.0, "#ffffff");
            }
            svg.dot(place, 5.0, colour);
            let label = style(12.0, SOFT, false, Anchor::Middle);
            svg.text(place.0, place.1 + 20.0, label, &point.lanes.to_string());
        }
        let level = 130.0 + 26.0 * index as f64;
        svg.polyline(&[(1000.0, level), (1026.0, level)], colour, 2.0, "");
        svg.text(
            1034.0,
            level + 4.5,
            style(13.0, INK, false, Anchor::Start),
            &board.label,
        );
    }
    let level = 130.0 + 26.0 * data.boards.len() as f64;
    svg.polyline(&[(1000.0, level), (1026.0, level)], SOFT, 1.5, "6 4");
    let key = style(13.0, INK, false, Anchor::Start);
    svg.text(1034.0, level + 4.5, key, "every multiplier busy");
    svg.text(
        1000.0,
        level + 34.0,
        style(13.0, SOFT, false, Anchor::Start),
        "numbers: lanes",
    );
    svg.finish()
}
