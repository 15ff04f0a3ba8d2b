//! Pictures of the page: curves, bars and maps as inline SVG in the page's own colours, light or dark.
//! Legends are text of the page, so that they wrap on a narrow screen and cover nothing.

use crate::report::axis::Axis;
use crate::report::svg::{escape, style, Anchor, Svg};

const INK: &str = "var(--ink)";
const SOFT: &str = "var(--soft)";
const GRID: &str = "var(--grid)";
/// Colours of series, defined by the page for both grounds.
pub const COLOURS: [&str; 8] = [
    "var(--c0)",
    "var(--c1)",
    "var(--c2)",
    "var(--c3)",
    "var(--c4)",
    "var(--c5)",
    "var(--c6)",
    "var(--c7)",
];

const WIDTH: u32 = 480;
const HEIGHT: u32 = 310;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 466.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 254.0;
const SMALL: f64 = 13.0;

/// How values become lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    /// Ticks at powers of two.
    Binary,
    /// Ticks at powers of ten.
    Decimal,
}

impl Scale {
    /// `None` for what has no place on the scale.
    fn place(self, value: f64) -> Option<f64> {
        let placed = match self {
            Scale::Linear => value,
            Scale::Binary => value.log2(),
            Scale::Decimal => value.log10(),
        };
        placed.is_finite().then_some(placed)
    }

    fn ticks(self, axis: &Axis) -> Vec<(f64, String)> {
        let base = match self {
            Scale::Linear => return axis.ticks(5),
            Scale::Binary => 2,
            Scale::Decimal => 10,
        };
        let (first, last) = (axis.from.ceil() as i32, axis.to.floor() as i32);
        if self == Scale::Decimal && last - first < 1 {
            return within_a_decade(axis);
        }
        let every = ((last - first) / 6 + 1).max(1);
        (first..=last)
            .filter(|power| power.rem_euclid(every) == 0)
            .map(|power| (f64::from(power), format!("{base}{}", raised(power))))
            .collect()
    }
}

/// Round values where powers of ten would be too few.
fn within_a_decade(axis: &Axis) -> Vec<(f64, String)> {
    let powers = axis.from.floor() as i32..=axis.to.ceil() as i32;
    powers
        .flat_map(|power| [1, 2, 3, 5].map(|digit| (digit, power)))
        .map(|(digit, power)| {
            let text = match power {
                0..=3 => (digit * 10i32.pow(power as u32)).to_string(),
                _ => format!("{digit}·10{}", raised(power)),
            };
            (f64::from(digit).log10() + f64::from(power), text)
        })
        .filter(|&(place, _)| place >= axis.from && place <= axis.to)
        .collect()
}

/// An integer in superscript.
pub fn raised(power: i32) -> String {
    let digit = |c: char| match c.to_digit(10) {
        Some(digit) => ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'][digit as usize],
        None => '⁻',
    };
    power.to_string().chars().map(digit).collect()
}

/// One curve.
#[derive(Clone, Debug)]
pub struct Series {
    pub name: String,
    /// Index into [`COLOURS`].
    pub colour: usize,
    pub points: Vec<(f64, f64)>,
    pub line: bool,
    pub dots: bool,
    pub dashed: bool,
}

impl Series {
    /// Dots joined by a line.
    pub fn new(name: impl Into<String>, colour: usize, points: Vec<(f64, f64)>) -> Series {
        Series {
            name: name.into(),
            colour,
            points,
            line: true,
            dots: true,
            dashed: false,
        }
    }

    /// A line without dots.
    pub fn line(mut self) -> Series {
        self.dots = false;
        self
    }

    /// Dots without a line.
    pub fn dots(mut self) -> Series {
        self.line = false;
        self
    }

    pub fn dashed(mut self) -> Series {
        self.dashed = true;
        self
    }
}

/// Curves over two axes.
#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub x: (Scale, &'static str),
    pub y: (Scale, &'static str),
    /// Values that the vertical axis must hold, besides those of the series.
    pub hold: Vec<f64>,
    pub series: Vec<Series>,
}

impl Chart {
    /// A figure of the page.
    pub fn figure(&self) -> String {
        let mut svg = Svg::inline(WIDTH, HEIGHT, &self.title);
        let placed = |points: &[(f64, f64)]| -> Vec<(f64, f64)> {
            let place = |&(x, y): &(f64, f64)| Some((self.x.0.place(x)?, self.y.0.place(y)?));
            points.iter().filter_map(place).collect()
        };
        let all: Vec<Vec<(f64, f64)>> = self.series.iter().map(|s| placed(&s.points)).collect();
        let points = || all.iter().flatten();
        let held = self.hold.iter().filter_map(|&v| self.y.0.place(v));
        let x = Axis::around(points().map(|p| p.0), LEFT, RIGHT);
        let y = Axis::around(points().map(|p| p.1).chain(held), BOTTOM, TOP);
        frame(&mut svg, &x, &y, (self.x, self.y));
        for (series, points) in self.series.iter().zip(&all) {
            let colour = COLOURS[series.colour % COLOURS.len()];
            let pixels: Vec<_> = (points.iter())
                .map(|&(px, py)| (x.pixel(px), y.pixel(py)))
                .collect();
            if series.line && pixels.len() > 1 {
                svg.polyline(&pixels, colour, 2.0, if series.dashed { "6 4" } else { "" });
            }
            if series.dots || pixels.len() == 1 {
                for pixel in pixels {
                    svg.dot(pixel, 4.0, colour);
                }
            }
        }
        let mut keys: Vec<(usize, bool, &str)> = vec![];
        for series in self.series.iter().filter(|series| !series.name.is_empty()) {
            keys.push((series.colour, series.dashed, &series.name));
        }
        figure(&self.title, &keys, &svg.finish())
    }
}

fn frame(svg: &mut Svg, x: &Axis, y: &Axis, names: ((Scale, &str), (Scale, &str))) {
    let ((x_scale, x_name), (y_scale, y_name)) = names;
    for (value, text) in y_scale.ticks(y) {
        let level = y.pixel(value);
        svg.polyline(&[(LEFT, level), (RIGHT, level)], GRID, 1.0, "");
        svg.text(
            LEFT - 8.0,
            level + 4.5,
            style(SMALL, SOFT, false, Anchor::End),
            &text,
        );
    }
    for (value, text) in x_scale.ticks(x) {
        let place = x.pixel(value);
        svg.polyline(&[(place, BOTTOM), (place, BOTTOM + 4.0)], SOFT, 1.0, "");
        svg.text(
            place,
            BOTTOM + 20.0,
            style(SMALL, SOFT, false, Anchor::Middle),
            &text,
        );
    }
    svg.polyline(&[(LEFT, BOTTOM), (RIGHT, BOTTOM)], SOFT, 1.0, "");
    names_of_axes(svg, (x_name, y_name), HEIGHT);
}

fn names_of_axes(svg: &mut Svg, (x_name, y_name): (&str, &str), height: u32) {
    let name = style(SMALL, INK, false, Anchor::Middle);
    svg.text((LEFT + RIGHT) / 2.0, f64::from(height) - 12.0, name, x_name);
    let middle = (TOP + f64::from(height) - 56.0) / 2.0;
    svg.upward_text(
        13.0,
        middle,
        style(SMALL, INK, false, Anchor::Middle),
        y_name,
    );
}

/// A picture with its title and its keys.
fn figure(title: &str, keys: &[(usize, bool, &str)], svg: &str) -> String {
    let keys: String = (keys.iter())
        .map(|(colour, dashed, name)| {
            let class = if *dashed { "key dashed" } else { "key" };
            format!(
                "<span class=\"{class}\"><i style=\"--k:{}\"></i>{}</span>",
                COLOURS[colour % COLOURS.len()],
                escape(name)
            )
        })
        .collect();
    format!(
        "<figure><figcaption><b>{}</b>{keys}</figcaption>\n{svg}</figure>\n",
        escape(title)
    )
}

/// Side by side bars of several series over equal bins.
#[derive(Clone, Debug)]
pub struct Bars {
    pub title: String,
    pub x: &'static str,
    pub y: &'static str,
    /// Value at the middle of the first bin, and from bin to bin.
    pub first: f64,
    pub width: f64,
    pub series: Vec<(String, Vec<f64>)>,
}

impl Bars {
    pub fn figure(&self) -> String {
        let mut svg = Svg::inline(WIDTH, HEIGHT, &self.title);
        let bins = self
            .series
            .iter()
            .map(|s| s.1.len())
            .max()
            .unwrap_or(0)
            .max(1);
        let highest = (self.series.iter().flat_map(|s| s.1.iter()))
            .fold(0.0f64, |m, v| m.max(*v))
            .max(1.0);
        let x = Axis {
            from: self.first - self.width / 2.0,
            to: self.first + self.width * (bins as f64 - 0.5),
            start: LEFT,
            end: RIGHT,
        };
        let y = Axis {
            from: 0.0,
            to: highest * 1.05,
            start: BOTTOM,
            end: TOP,
        };
        let names = ((Scale::Linear, self.x), (Scale::Linear, self.y));
        frame(&mut svg, &x, &y, names);
        let slot = (RIGHT - LEFT) / bins as f64;
        let bar = (slot * 0.9 / self.series.len().max(1) as f64).max(0.5);
        for (index, (_, values)) in self.series.iter().enumerate() {
            for (bin, &value) in values.iter().enumerate().filter(|(_, &v)| v > 0.0) {
                let left = LEFT + slot * (bin as f64 + 0.05) + bar * index as f64;
                let top = y.pixel(value);
                svg.rect(left, top, bar, BOTTOM - top, COLOURS[index % COLOURS.len()]);
            }
        }
        let keys: Vec<_> = (self.series.iter().enumerate())
            .filter(|(_, (name, _))| !name.is_empty())
            .map(|(index, (name, _))| (index, false, name.as_str()))
            .collect();
        figure(&self.title, &keys, &svg.finish())
    }
}

/// Values of rows over columns as shades: one colour for what is above 0, another for what is below.
#[derive(Clone, Debug)]
pub struct Map {
    pub title: String,
    pub x: &'static str,
    pub rows: Vec<String>,
    /// Rows × columns.
    pub values: Vec<Vec<f64>>,
    /// Write the value into each cell, as a percentage.
    pub percent: bool,
}

impl Map {
    pub fn figure(&self) -> String {
        const NAMES: f64 = 96.0;
        let columns = self.values.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let high = match self.percent {
            true => 40.0,
            false => (320.0 / self.rows.len().max(1) as f64).clamp(9.0, 24.0),
        };
        let bottom = TOP + high * self.rows.len() as f64;
        let height = bottom + 56.0;
        let wide = (RIGHT - NAMES) / columns as f64;
        let largest = (self.values.iter().flatten()).fold(0.0f64, |m, v| m.max(v.abs()));
        let mut svg = Svg::inline(WIDTH, height as u32, &self.title);
        // Names need 12 pixels of height; narrower rows name every second or third.
        let every = (12.0 / high).ceil() as usize;
        for (row, (name, values)) in self.rows.iter().zip(&self.values).enumerate() {
            let top = TOP + high * row as f64;
            if row % every == 0 {
                let size = SMALL.min(high.max(11.0));
                let middle = top + high / 2.0 + size * 0.35;
                svg.text(
                    NAMES - 8.0,
                    middle,
                    style(size, SOFT, false, Anchor::End),
                    name,
                );
            }
            for (column, &value) in values.iter().enumerate() {
                let left = NAMES + wide * column as f64;
                let colour = if value < 0.0 { COLOURS[1] } else { COLOURS[0] };
                let opacity = match largest {
                    0.0 => 0.0,
                    _ => value.abs() / largest * 0.85,
                };
                svg.shade(left, top, [wide - 1.0, high - 1.0], colour, opacity);
                if self.percent {
                    let text = format!("{:.0}", 100.0 * value);
                    let place = (left + wide / 2.0, top + high / 2.0 + 4.5);
                    svg.text(
                        place.0,
                        place.1,
                        style(12.0, INK, false, Anchor::Middle),
                        &text,
                    );
                }
            }
        }
        for column in 0..columns {
            let place = NAMES + wide * (column as f64 + 0.5);
            let text = (column + 1).to_string();
            svg.text(
                place,
                bottom + 18.0,
                style(SMALL, SOFT, false, Anchor::Middle),
                &text,
            );
        }
        let middle = (NAMES + RIGHT) / 2.0;
        svg.text(
            middle,
            height - 10.0,
            style(SMALL, INK, false, Anchor::Middle),
            self.x,
        );
        let keys: &[_] = match self.percent {
            true => &[],
            false => &[(0, false, "rises"), (1, false, "falls")],
        };
        figure(&self.title, keys, &svg.finish())
    }
}
