//! How training went: accuracy, loss, and sweeps or spikes by epoch, and where the weights ended.

use std::path::{Path, PathBuf};

use sim::wave::WaveError;

use super::axis::Axis;
use super::svg::{self, style, Anchor, Svg, COLOURS, GRID, INK, SOFT};

/// What a training plot shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingData {
    pub title: String,
    /// One line below the title: formats, nudging, seed.
    pub subtitle: String,
    /// Right answers in percent, or how far outputs are from real targets.
    pub quality: Titled,
    /// Mean cost of a sample.
    pub loss: Vec<Curve>,
    /// What a training sample took over all phases.
    pub effort: Titled,
    /// One histogram a block: a weight's real value and how many weights lie near it.
    pub weights: Vec<Histogram>,
}

/// Curves under the title of their panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Titled {
    pub title: String,
    pub curves: Vec<Curve>,
}

/// One line over the epochs.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    pub label: String,
    /// Epochs shown and what they gave: 1, 2, … at the end of each, and what is between under way.
    pub points: Vec<(f64, f64)>,
}

impl Curve {
    /// Values at the ends of epochs 1, 2, ….
    pub fn new(label: impl Into<String>, values: impl Iterator<Item = f64>) -> Curve {
        let epochs = (1u32..).map(f64::from);
        Curve {
            label: label.into(),
            points: epochs.zip(values).collect(),
        }
    }
}

/// Counts of equal bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    pub label: String,
    /// Value at the middle of the first bin, and the width of a bin.
    pub first: f64,
    pub width: f64,
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Counts `values` in `bins` equal bins from `low` to `high`.
    pub fn of(
        label: String,
        values: impl Iterator<Item = f64>,
        (low, high): (f64, f64),
        bins: usize,
    ) -> Histogram {
        let width = (high - low) / bins as f64;
        let mut counts = vec![0; bins];
        for value in values {
            let bin = ((value - low) / width) as usize;
            counts[bin.min(bins - 1)] += 1;
        }
        Histogram {
            label,
            first: low + width / 2.0,
            width,
            counts,
        }
    }

    /// Shares of the counts in percent as a line of steps, from the first bin that holds something to the last; bins
    /// without any weight at both ends say nothing.
    pub fn steps(&self) -> Vec<(f64, f64)> {
        let all = self.counts.iter().sum::<u64>().max(1) as f64;
        let used = |&bin: &usize| self.counts[bin] > 0;
        let bins = 0..self.counts.len();
        let (Some(first), Some(last)) = (bins.clone().find(used), bins.rev().find(used)) else {
            return vec![];
        };
        (first..=last)
            .flat_map(|bin| {
                let left = self.first + self.width * (bin as f64 - 0.5);
                let share = 100.0 * self.counts[bin] as f64 / all;
                [(left, share), (left + self.width, share)]
            })
            .collect()
    }
}

const WIDTH: u32 = 1200;
const HEIGHT: u32 = 800;

/// Draws `data` as `path` with the endings `.svg` and `.png`; returns both paths.
///
/// # Errors
/// A file that cannot be written.
pub fn training_plot(data: &TrainingData, path: &Path) -> Result<[PathBuf; 2], WaveError> {
    svg::write(&training_svg(data), path)
}

/// The plot as an SVG document of 1200 × 800 pixels.
pub fn training_svg(data: &TrainingData) -> String {
    let mut svg = Svg::titled(WIDTH, HEIGHT, &data.title, &data.subtitle);
    let curves = [
        (
            &data.quality.curves,
            &data.quality.title,
            (84.0, 580.0, 120.0, 390.0),
        ),
        (
            &data.loss,
            &"mean cost".to_owned(),
            (684.0, 1170.0, 120.0, 390.0),
        ),
        (
            &data.effort.curves,
            &data.effort.title,
            (84.0, 580.0, 470.0, 740.0),
        ),
    ];
    for (curves, title, (left, right, top, bottom)) in curves {
        if curves.is_empty() {
            continue;
        }
        let points = || curves.iter().flat_map(|curve| curve.points.iter().copied());
        let epochs = points().fold(1.0, |most, (epoch, _)| epoch.ceil().max(most));
        let panel = Panel {
            x: Axis {
                from: points().fold(0.5, |least, (epoch, _)| epoch.min(least)),
                to: epochs + 0.5,
                start: left,
                end: right,
            },
            y: Axis::around(points().map(|point| point.1), bottom, top),
        };
        panel.frame(&mut svg, title, "epoch");
        panel.epochs(&mut svg, epochs as usize);
        for (index, curve) in curves.iter().enumerate() {
            panel.curve(&mut svg, index, curve);
        }
    }
    if !data.weights.is_empty() {
        weights(&mut svg, &data.weights);
    }
    svg.finish()
}

/// Histograms as steps over one axis of values.
fn weights(svg: &mut Svg, histograms: &[Histogram]) {
    let lines: Vec<_> = histograms.iter().map(Histogram::steps).collect();
    let edges = lines.iter().flatten().map(|step| (step.0, step.0));
    let (low, high) = edges
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or((-1.0, 1.0));
    let most = lines
        .iter()
        .flatten()
        .fold(1.0, |most: f64, step| most.max(step.1));
    let panel = Panel {
        x: Axis {
            from: low,
            to: high,
            start: 684.0,
            end: 1170.0,
        },
        y: Axis {
            from: 0.0,
            to: most * 1.08,
            start: 740.0,
            end: 470.0,
        },
    };
    panel.frame(svg, "weights of a block, %", "value");
    for (value, text) in panel.x.ticks(8) {
        let number = style(13.0, SOFT, false, Anchor::Middle);
        svg.text(panel.x.pixel(value), panel.y.start + 20.0, number, &text);
    }
    for (index, (histogram, line)) in histograms.iter().zip(&lines).enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let steps: Vec<_> = (line.iter())
            .map(|&(value, share)| (panel.x.pixel(value), panel.y.pixel(share)))
            .collect();
        svg.polyline(&steps, colour, 2.0, "");
        panel.key(svg, index, &histogram.label);
    }
}

/// Two axes and what stands around them.
struct Panel {
    x: Axis,
    y: Axis,
}

impl Panel {
    fn frame(&self, svg: &mut Svg, title: &str, below: &str) {
        let (left, right) = (self.x.start, self.x.end);
        for (value, text) in self.y.ticks(5) {
            let level = self.y.pixel(value);
            svg.polyline(&[(left, level), (right, level)], GRID, 1.0, "");
            let tick = style(13.0, SOFT, false, Anchor::End);
            svg.text(left - 10.0, level + 4.5, tick, &text);
        }
        let name = style(15.0, INK, true, Anchor::Start);
        svg.text(left, self.y.end - 12.0, name, title);
        let axis = style(14.0, SOFT, false, Anchor::Middle);
        svg.text((left + right) / 2.0, self.y.start + 42.0, axis, below);
    }

    /// Numbers of the epochs, at least 30 pixels apart.
    fn epochs(&self, svg: &mut Svg, epochs: usize) {
        let column = self.x.pixel(1.0) - self.x.pixel(0.0);
        let every = [1, 2, 5, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .find(|step| column * *step as f64 >= 30.0)
            .unwrap_or(1000);
        for epoch in (1..=epochs).filter(|epoch| epoch % every == 0 || every == 1) {
            let number = style(13.0, SOFT, false, Anchor::Middle);
            let x = self.x.pixel(epoch as f64);
            svg.text(x, self.y.start + 20.0, number, &epoch.to_string());
        }
    }

    fn curve(&self, svg: &mut Svg, index: usize, curve: &Curve) {
        let colour = COLOURS[index % COLOURS.len()];
        let points: Vec<_> = (curve.points.iter())
            .filter(|(_, value)| value.is_finite())
            .map(|&(epoch, value)| (self.x.pixel(epoch), self.y.pixel(value)))
            .collect();
        svg.polyline(&points, colour, 2.0, "");
        // One epoch alone is no line.
        if let [point] = points[..] {
            svg.dot(point, 4.0, colour);
        }
        self.key(svg, index, &curve.label);
    }

    /// A legend above the panel, from its right edge to the left as far as there is room.
    fn key(&self, svg: &mut Svg, index: usize, label: &str) {
        const PITCH: f64 = 130.0;
        let x = self.x.end - PITCH * (index as f64 + 1.0);
        if x < self.x.start {
            return;
        }
        let y = self.y.end - 16.0;
        let colour = COLOURS[index % COLOURS.len()];
        svg.polyline(&[(x, y), (x + 26.0, y)], colour, 2.0, "");
        svg.text(
            x + 34.0,
            y + 4.5,
            style(13.0, INK, false, Anchor::Start),
            label,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> TrainingData {
        let curve = |label: &str, values: &[f64]| Curve::new(label, values.iter().copied());
        TrainingData {
            title: "digits".into(),
            subtitle: "16-bit weights".into(),
            quality: Titled {
                title: "right answers, %".into(),
                curves: vec![
                    curve("training", &[80.0, 90.0]),
                    curve("test", &[78.0, 89.0]),
                ],
            },
            loss: vec![curve("training", &[0.2, f64::NAN])],
            effort: Titled {
                title: "sweeps a sample".into(),
                curves: vec![curve("sweeps", &[13.0, 7.0])],
            },
            weights: vec![Histogram::of(
                "0–1".into(),
                [-0.5, -0.25, 0.0, 0.1, 4.0].into_iter(),
                (-4.0, 4.0),
                16,
            )],
        }
    }

    #[test]
    fn every_curve_and_histogram_is_drawn() {
        insta::assert_snapshot!(training_svg(&data()));
    }

    #[test]
    fn every_value_is_in_a_bin_the_last_one_included() {
        let counts = &data().weights[0].counts;
        assert_eq!(counts.iter().sum::<u64>(), 5);
        assert_eq!(counts[15], 1);
        assert_eq!(counts[7], 2);
        assert_eq!(counts[8], 2);
    }

    #[test]
    fn nothing_to_show_is_still_a_picture() {
        let svg = training_svg(&TrainingData::default());
        assert!(svg.ends_with("</svg>\n"));
    }
}
