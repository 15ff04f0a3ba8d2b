//! One sample's settling: hardware points on golden curves, the energy below.

use std::path::{Path, PathBuf};

use sim::wave::WaveError;

use super::axis::Axis;
use super::svg::{self, style, Anchor, Svg, COLOURS, GRID, INK, SOFT};

/// What a settling plot shows. Every phase has `sweeps + 1` values: the state it starts from, then the
/// state after each sweep; the phases follow one another in every list, so each list has
/// Σ (sweeps + 1) values.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlingData {
    pub title: String,
    pub phases: Vec<PhaseSpan>,
    /// One per shown unit; states in 0…1.
    pub series: Vec<Series>,
    /// E of the golden model.
    pub energy: Vec<f64>,
    /// E + βC where a nudging acts, nothing elsewhere.
    pub total_energy: Vec<Option<f64>>,
}

/// A phase and the number of sweeps it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseSpan {
    pub name: String,
    pub sweeps: usize,
}

/// One unit in hardware and in the golden model.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub label: String,
    pub hardware: Vec<f64>,
    pub golden: Vec<f64>,
}

/// Why a settling plot could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    #[error("{list} has {found} values, the phases need {expected}")]
    Length {
        list: String,
        found: usize,
        expected: usize,
    },
    #[error(transparent)]
    Write(#[from] WaveError),
}

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 800;
/// Left and right edge of both panels; the legend stands right of them.
const LEFT: f64 = 84.0;
const RIGHT: f64 = 1000.0;
/// Top and bottom of the panels.
const STATES: (f64, f64) = (122.0, 528.0);
const ENERGY: (f64, f64) = (566.0, 726.0);

const TOTAL: &str = "#c2410c";
/// Free, first nudged, second nudged phase; then again from the start.
const SHADES: [&str; 3] = ["#f6f7f8", "#edf4fb", "#fdf3ea"];

/// Draws `data` as `path` with the endings `.svg` and `.png`; returns both paths.
///
/// # Errors
/// A list whose length does not fit the phases, or a file that cannot be written.
pub fn settling_plot(data: &SettlingData, path: &Path) -> Result<[PathBuf; 2], PlotError> {
    Ok(svg::write(&settling_svg(data)?, path)?)
}

/// The plot as an SVG document of 1200 × 800 pixels.
pub fn settling_svg(data: &SettlingData) -> Result<String, PlotError> {
    check(data)?;
    let columns: usize = data.phases.iter().map(|phase| phase.sweeps + 1).sum();
    let plot = Plot {
        data,
        x: Axis {
            from: -0.5,
            to: columns.max(1) as f64 - 0.5,
            start: LEFT,
            end: RIGHT,
        },
    };
    let mut svg = Svg::new(WIDTH, HEIGHT);
    svg.text(
        LEFT,
        48.0,
        style(24.0, INK, true, Anchor::Start),
        &data.title,
    );
    let legend =
        "Points: hardware. Lines: golden model. Each phase begins with the state it starts from.";
    svg.text(LEFT, 74.0, style(15.0, SOFT, false, Anchor::Start), legend);
    plot.phases(&mut svg);
    plot.states(&mut svg);
    plot.energy(&mut svg);
    plot.sweeps(&mut svg);
    Ok(svg.finish())
}

fn check(data: &SettlingData) -> Result<(), PlotError> {
    let expected = data.phases.iter().map(|phase| phase.sweeps + 1).sum();
    let mut lists = vec![
        ("energy".to_string(), data.energy.len()),
        ("total energy".to_string(), data.total_energy.len()),
    ];
    for series in &data.series {
        lists.push((
            format!("hardware of {}", series.label),
            series.hardware.len(),
        ));
        lists.push((format!("golden of {}", series.label), series.golden.len()));
    }
    match lists.into_iter().find(|(_, found)| *found != expected) {
        Some((list, found)) => Err(PlotError::Length {
            list,
            found,
            expected,
        }),
        None => Ok(()),
    }
}

struct Plot<'a> {
    data: &'a SettlingData,
    /// Column number (all phases in a row) to pixels.
    x: Axis,
}

impl Plot<'_> {
    /// First and last column of each phase.
    fn spans(&self) -> impl Iterator<Item = (&PhaseSpan, usize, usize)> {
        self.data.phases.iter().scan(0, |next, phase| {
            let first = *next;
            *next += phase.sweeps + 1;
            Some((phase, first, *next - 1))
        })
    }

    /// Shaded ground of both panels and the phases' names above.
    fn phases(&self, svg: &mut Svg) {
        let mut name_from = LEFT;
        for (index, (phase, first, last)) in self.spans().enumerate() {
            let start = self.x.pixel(first as f64 - 0.5);
            let width = self.x.pixel(last as f64 + 0.5) - start;
            for (top, bottom) in [STATES, ENERGY] {
                let shade = SHADES[index % SHADES.len()];
                svg.rect(start, top, width, bottom - top, shade);
            }
            // A phase of one sweep may be narrower than its name: names then move right.
            let x = name_from.max(start + 2.0);
            let name = style(15.0, INK, true, Anchor::Start);
            svg.text(x, STATES.0 - 10.0, name, &phase.name);
            name_from = x + 8.5 * phase.name.chars().count() as f64 + 10.0;
        }
    }

    /// States of every series, with the legend.
    fn states(&self, svg: &mut Svg) {
        let y = Axis {
            from: -0.04,
            to: 1.04,
            start: STATES.1,
            end: STATES.0,
        };
        self.frame(svg, &y, 6, "state");
        let colour = |index: usize| COLOURS[index % COLOURS.len()];
        // Beyond the palette the curves are dashed.
        let dash = |index: usize| if index < COLOURS.len() { "" } else { "6 4" };
        for (index, series) in self.data.series.iter().enumerate() {
            for (_, first, last) in self.spans() {
                let curve = self.points(&y, &series.golden, first, last);
                svg.polyline(&curve, colour(index), 2.0, dash(index));
            }
        }
        for (index, series) in self.data.series.iter().enumerate() {
            for (_, first, last) in self.spans() {
                for point in self.points(&y, &series.hardware, first, last) {
                    svg.dot(point, 4.0, colour(index));
                }
            }
        }
        // Rows come closer when there are many.
        let pitch = 24f64.min((STATES.1 - STATES.0) / self.data.series.len().max(1) as f64);
        for (index, series) in self.data.series.iter().enumerate() {
            let row = STATES.0 + 10.0 + pitch * index as f64;
            self.key(svg, row, colour(index), dash(index), &series.label);
        }
    }

    /// E, and E + βC in the nudged phases.
    fn energy(&self, svg: &mut Svg) {
        let energy = &self.data.energy;
        let totals = &self.data.total_energy;
        let all = energy.iter().chain(totals.iter().flatten()).copied();
        let y = Axis::around(all, ENERGY.1, ENERGY.0);
        self.frame(svg, &y, 5, "energy");
        for (_, first, last) in self.spans() {
            let curve = self.points(&y, energy, first, last);
            svg.polyline(&curve, INK, 2.0, "");
            for point in curve {
                svg.dot(point, 3.0, INK);
            }
            let total: Option<Vec<f64>> = totals[first..=last].iter().copied().collect();
            if let Some(total) = total {
                let pixel =
                    |(n, value): (usize, &f64)| (self.x.pixel((first + n) as f64), y.pixel(*value));
                let curve: Vec<_> = total.iter().enumerate().map(pixel).collect();
                svg.polyline(&curve, TOTAL, 2.0, "6 4");
                for point in curve {
                    svg.dot(point, 3.0, TOTAL);
                }
            }
        }
        self.key(svg, ENERGY.0 + 10.0, INK, "", "energy E");
        if totals.iter().any(Option::is_some) {
            self.key(svg, ENERGY.0 + 34.0, TOTAL, "6 4", "total F = E + βC");
        }
    }

    /// Sweep numbers below the panels: they start again with each phase.
    fn sweeps(&self, svg: &mut Svg) {
        let number = style(13.0, SOFT, false, Anchor::Middle);
        let column = self.x.pixel(1.0) - self.x.pixel(0.0);
        // At least 30 pixels from number to number.
        let every = [1, 2, 5, 10, 20, 50, 100]
            .into_iter()
            .find(|step| column * *step as f64 >= 30.0)
            .unwrap_or(200);
        for (_, first, last) in self.spans() {
            for sweep in (0..=last - first).step_by(every) {
                let x = self.x.pixel((first + sweep) as f64);
                svg.text(x, ENERGY.1 + 20.0, number, &sweep.to_string());
            }
        }
        let title = style(15.0, SOFT, false, Anchor::Middle);
        svg.text(
            (LEFT + RIGHT) / 2.0,
            ENERGY.1 + 48.0,
            title,
            "sweep within the phase",
        );
    }

    /// Grid lines, tick texts and the axis title of one panel.
    fn frame(&self, svg: &mut Svg, y: &Axis, ticks: u32, title: &str) {
        for (value, text) in y.ticks(ticks) {
            let level = y.pixel(value);
            svg.polyline(&[(LEFT, level), (RIGHT, level)], GRID, 1.0, "");
            let tick = style(13.0, SOFT, false, Anchor::End);
            svg.text(LEFT - 10.0, level + 4.5, tick, &text);
        }
        let middle = (y.start + y.end) / 2.0;
        svg.upward_text(
            30.0,
            middle,
            style(15.0, SOFT, false, Anchor::Middle),
            title,
        );
    }

    /// Pixels of the columns `first..=last` of a list.
    fn points(&self, y: &Axis, values: &[f64], first: usize, last: usize) -> Vec<(f64, f64)> {
        (first..=last)
            .map(|column| (self.x.pixel(column as f64), y.pixel(values[column])))
            .collect()
    }

    /// One line of the legend.
    fn key(&self, svg: &mut Svg, y: f64, colour: &str, dash: &str, label: &str) {
        let x = RIGHT + 20.0;
        svg.polyline(&[(x, y), (x + 26.0, y)], colour, 2.0, dash);
        svg.dot((x + 13.0, y), 4.0, colour);
        svg.text(
            x + 36.0,
            y + 5.0,
            style(14.0, INK, false, Anchor::Start),
            label,
        );
    }
}

#[cfg(test)]
#[path = "settling_tests.rs"]
mod tests;
