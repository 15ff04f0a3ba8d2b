//! One sample in spikes: who fires when, the traces that are the states, and a membrane at work.

use std::path::{Path, PathBuf};

use sim::wave::WaveError;

use super::axis::Axis;
use super::svg::{self, style, Anchor, Svg, COLOURS, INK, SOFT};
use super::timeline::{frame, key, Timeline, LEFT, RIGHT};

/// What a raster plot shows. Lists over time have one value a step, the phases one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct RasterData {
    pub title: String,
    /// One line below the title.
    pub subtitle: String,
    pub phases: Vec<PhaseSteps>,
    /// Rows of the raster from the top, in groups that one layer each makes.
    pub layers: Vec<RasterLayer>,
    /// States 0…1 of the shown units.
    pub traces: Vec<TraceCurve>,
    pub membrane: MembraneCurve,
}

/// A phase and its time steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseSteps {
    pub name: String,
    pub steps: usize,
}

/// The units of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RasterLayer {
    pub name: String,
    /// Steps in which each unit fired.
    pub units: Vec<Vec<usize>>,
}

/// A unit's filtered spike train.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceCurve {
    pub label: String,
    pub values: Vec<f64>,
    /// Where the nudge pulls it; none for a hidden unit.
    pub target: Option<f64>,
}

/// A unit's membrane after each step, in units of its threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct MembraneCurve {
    pub label: String,
    pub values: Vec<f64>,
    pub fired: Vec<usize>,
}

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 1000;
/// Top and bottom of the panels.
const RASTER: (f64, f64) = (122.0, 500.0);
const TRACES: (f64, f64) = (534.0, 754.0);
const MEMBRANE: (f64, f64) = (788.0, 926.0);

/// Draws `data` as `path` with the endings `.svg` and `.png`; returns both paths.
///
/// # Errors
/// A file that cannot be written.
pub fn raster_plot(data: &RasterData, path: &Path) -> Result<[PathBuf; 2], WaveError> {
    svg::write(&raster_svg(data), path)
}

/// The plot as an SVG document of 1200 × 1000 pixels.
pub fn raster_svg(data: &RasterData) -> String {
    let phases = data.phases.iter();
    let plot = Plot {
        data,
        time: Timeline::new(phases.map(|phase| (phase.name.as_str(), phase.steps))),
    };
    let mut svg = Svg::titled(WIDTH, HEIGHT, &data.title, &data.subtitle);
    plot.time.ground(&mut svg, &[RASTER, TRACES, MEMBRANE]);
    plot.raster(&mut svg);
    plot.traces(&mut svg);
    plot.membrane(&mut svg);
    let distances = [1, 2, 4, 8, 16, 32, 64, 128];
    let title = "time step within the phase";
    plot.time.numbers(&mut svg, MEMBRANE.1, distances, title);
    svg.finish()
}

struct Plot<'a> {
    data: &'a RasterData,
    /// Steps.
    time: Timeline<'a>,
}

impl Plot<'_> {
    /// One row a unit, one mark a spike.
    fn raster(&self, svg: &mut Svg) {
        let rows: usize = self.data.layers.iter().map(|layer| layer.units.len()).sum();
        // A gap of one row between layers.
        let slots = rows + self.data.layers.len().saturating_sub(1);
        let pitch = (RASTER.1 - RASTER.0) / slots.max(1) as f64;
        let step = self.time.x.pixel(1.0) - self.time.x.pixel(0.0);
        let (width, height) = ((0.5 * step).clamp(1.0, 5.0), (0.75 * pitch).max(1.0));
        let mut top = RASTER.0;
        for (index, layer) in self.data.layers.iter().enumerate() {
            let bottom = top + pitch * layer.units.len() as f64;
            for (row, spikes) in layer.units.iter().enumerate() {
                let y = top + pitch * (row as f64 + 0.5) - height / 2.0;
                for &spike in spikes {
                    let x = self.time.x.pixel(spike as f64) - width / 2.0;
                    svg.rect(x, y, width, height, COLOURS[index % COLOURS.len()]);
                }
            }
            let name = style(15.0, SOFT, false, Anchor::Middle);
            svg.upward_text(64.0, (top + bottom) / 2.0, name, &layer.name);
            let count = style(14.0, INK, false, Anchor::Start);
            let spikes: usize = layer.units.iter().map(Vec::len).sum();
            let text = format!("{spikes} spikes of");
            svg.text(RIGHT + 20.0, (top + bottom) / 2.0 - 4.0, count, &text);
            let text = format!("{} {} units", layer.units.len(), layer.name);
            svg.text(RIGHT + 20.0, (top + bottom) / 2.0 + 14.0, count, &text);
            top = bottom + pitch;
        }
    }

    /// Filtered spike trains, with the legend; a target is a short line at the right edge.
    fn traces(&self, svg: &mut Svg) {
        let y = Axis {
            from: -0.04,
            to: 1.04,
            start: TRACES.1,
            end: TRACES.0,
        };
        frame(svg, &y, 5, "state");
        let count = self.data.traces.len();
        let pitch = 22f64.min((TRACES.1 - TRACES.0) / count.max(1) as f64);
        for (index, trace) in self.data.traces.iter().enumerate() {
            let colour = COLOURS[index % COLOURS.len()];
            // Beyond the palette the curves are dashed.
            let dash = if index < COLOURS.len() { "" } else { "6 4" };
            svg.polyline(&self.points(&y, &trace.values), colour, 2.0, dash);
            if let Some(target) = trace.target {
                let level = y.pixel(target);
                svg.polyline(
                    &[(RIGHT + 2.0, level), (RIGHT + 12.0, level)],
                    colour,
                    3.0,
                    "",
                );
            }
            let row = TRACES.0 + 10.0 + pitch * index as f64;
            key(svg, row, colour, dash, &trace.label);
        }
    }

    /// One membrane with its threshold.
    fn membrane(&self, svg: &mut Svg) {
        let y = Axis {
            from: -1.1,
            to: 2.1,
            start: MEMBRANE.1,
            end: MEMBRANE.0,
        };
        frame(svg, &y, 4, "membrane");
        let level = y.pixel(1.0);
        svg.polyline(&[(LEFT, level), (RIGHT, level)], SOFT, 1.0, "6 4");
        let curve = &self.data.membrane;
        svg.polyline(&self.points(&y, &curve.values), INK, 1.5, "");
        for &step in &curve.fired {
            let value = curve.values.get(step).copied().unwrap_or(0.0);
            svg.dot(
                (self.time.x.pixel(step as f64), y.pixel(value)),
                3.5,
                COLOURS[3],
            );
        }
        key(svg, MEMBRANE.0 + 10.0, INK, "", &curve.label);
        svg.dot((RIGHT + 33.0, MEMBRANE.0 + 34.0), 3.5, COLOURS[3]);
        let text = style(14.0, INK, false, Anchor::Start);
        svg.text(RIGHT + 56.0, MEMBRANE.0 + 39.0, text, "after a spike");
        key(svg, MEMBRANE.0 + 58.0, SOFT, "6 4", "threshold");
    }

    /// Pixels of a list over all steps.
    fn points(&self, y: &Axis, values: &[f64]) -> Vec<(f64, f64)> {
        let values = values.iter().enumerate();
        values
            .map(|(step, &value)| (self.time.x.pixel(step as f64), y.pixel(value)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> RasterData {
        RasterData {
            title: "two units".into(),
            subtitle: "by hand".into(),
            phases: [("free phase", 2), ("nudged phase", 2)]
                .map(|(name, steps)| PhaseSteps {
                    name: name.into(),
                    steps,
                })
                .into(),
            layers: vec![
                RasterLayer {
                    name: "output".into(),
                    units: vec![vec![1, 3]],
                },
                RasterLayer {
                    name: "hidden".into(),
                    units: vec![vec![0], vec![]],
                },
            ],
            traces: vec![TraceCurve {
                label: "output 0".into(),
                values: vec![0.0, 0.5, 0.25, 0.625],
                target: Some(1.0),
            }],
            membrane: MembraneCurve {
                label: "output 0".into(),
                values: vec![0.9, 0.1, 0.8, 0.2],
                fired: vec![1, 3],
            },
        }
    }

    #[test]
    fn every_spike_trace_and_membrane_is_drawn() {
        insta::assert_snapshot!(raster_svg(&data()));
    }

    #[test]
    fn nothing_to_show_is_still_a_picture() {
        let mut data = data();
        data.phases.clear();
        data.layers.clear();
        data.traces.clear();
        data.membrane.values.clear();
        data.membrane.fired.clear();
        assert!(raster_svg(&data).ends_with("</svg>\n"));
    }

    #[test]
    fn both_files_repeat_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let draw = |name: &str| {
            let files = raster_plot(&data(), &folder.path().join(name)).unwrap();
            files.map(|file| std::fs::read(file).unwrap())
        };
        assert_eq!(draw("a"), draw("b"));
    }
}
