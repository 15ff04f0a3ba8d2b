//! One sample's settling: hardware points on golden curves, the energy below.

use std::path::{Path, PathBuf};

use sim::wave::WaveError;

use super::axis::Axis;
use super::svg::{self, Svg, COLOURS, INK};
use super::timeline::{frame, key, Timeline, RIGHT};

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
/// Top and bottom of the panels.
const STATES: (f64, f64) = (122.0, 528.0);
const ENERGY: (f64, f64) = (566.0, 726.0);

const TOTAL: &str = "#c2410c";

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
    let phases = data.phases.iter();
    let plot = Plot {
        data,
        time: Timeline::new(phases.map(|phase| (phase.name.as_str(), phase.sweeps + 1))),
    };
    let legend =
        "Points: hardware. Lines: golden model. Each phase begins with the state it starts from.";
    let mut svg = Svg::titled(WIDTH, HEIGHT, &data.title, legend);
    plot.time.ground(&mut svg, &[STATES, ENERGY]);
    plot.states(&mut svg);
    plot.energy(&mut svg);
    let distances = [1, 2, 5, 10, 20, 50, 100, 200];
    let title = "sweep within the phase";
    plot.time.numbers(&mut svg, ENERGY.1, distances, title);
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
    /// Columns.
    time: Timeline<'a>,
}

impl Plot<'_> {
    /// States of every series, with the legend.
    fn states(&self, svg: &mut Svg) {
        let y = Axis {
            from: -0.04,
            to: 1.04,
            start: STATES.1,
            end: STATES.0,
        };
        frame(svg, &y, 6, "state");
        let colour = |index: usize| COLOURS[index % COLOURS.len()];
        // Beyond the palette the curves are dashed.
        let dash = |index: usize| if index < COLOURS.len() { "" } else { "6 4" };
        for (index, series) in self.data.series.iter().enumerate() {
            for &(_, first, last) in self.time.spans() {
                let curve = self.points(&y, &series.golden, first, last);
                svg.polyline(&curve, colour(index), 2.0, dash(index));
            }
        }
        for (index, series) in self.data.series.iter().enumerate() {
            for &(_, first, last) in self.time.spans() {
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
        frame(svg, &y, 5, "energy");
        for &(_, first, last) in self.time.spans() {
            let curve = self.points(&y, energy, first, last);
            svg.polyline(&curve, INK, 2.0, "");
            for point in curve {
                svg.dot(point, 3.0, INK);
            }
            let total: Option<Vec<f64>> = totals[first..=last].iter().copied().collect();
            if let Some(total) = total {
                let pixel = |(n, value): (usize, &f64)| {
                    (self.time.x.pixel((first + n) as f64), y.pixel(*value))
                };
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

    /// Pixels of the columns `first..=last` of a list.
    fn points(&self, y: &Axis, values: &[f64], first: usize, last: usize) -> Vec<(f64, f64)> {
        (first..=last)
            .map(|column| (self.time.x.pixel(column as f64), y.pixel(values[column])))
            .collect()
    }

    /// One line of the legend, which points lie on.
    fn key(&self, svg: &mut Svg, y: f64, colour: &str, dash: &str, label: &str) {
        key(svg, y, colour, dash, label);
        svg.dot((RIGHT + 33.0, y), 4.0, colour);
    }
}

#[cfg(test)]
#[path = "settling_tests.rs"]
mod tests;
