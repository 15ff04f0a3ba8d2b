//! The settling plot of a made-up sample: drawn, measured in pixels, refused where it must be.

use resvg::tiny_skia::Pixmap;

use super::super::png;
use super::super::timeline::{LEFT, SHADES};
use super::*;

/// Ten outputs and two hidden units that relax exponentially; hardware is golden rounded to 6 bits.
fn example() -> SettlingData {
    let phases =
        [("free", 6), ("nudged +β", 4), ("nudged −β", 5)].map(|(name, sweeps)| PhaseSpan {
            name: name.into(),
            sweeps,
        });
    let relaxed = |unit: usize, phase: usize, sweep: usize| {
        let rest = ((unit * 37 + 11) % 100) as f64 / 100.0;
        let pull = [0.0, 0.12, -0.12][phase] * if unit == 3 { 1.0 } else { -0.3 };
        let start = if phase == 0 { 0.0 } else { rest };
        let goal = (rest + pull).clamp(0.0, 1.0);
        goal + (start - goal) * 0.45f64.powi(sweep as i32)
    };
    let columns = || {
        let spans = phases.iter().enumerate();
        spans.flat_map(|(phase, span)| (0..=span.sweeps).map(move |sweep| (phase, sweep)))
    };
    let series = (0..12).map(|unit| {
        let golden: Vec<f64> = columns().map(|(p, s)| relaxed(unit, p, s)).collect();
        Series {
            label: match unit {
                0..=9 => format!("output {unit}"),
                _ => format!("hidden, unit {}", unit - 9),
            },
            hardware: golden.iter().map(|x| (x * 64.0).round() / 64.0).collect(),
            golden,
        }
    });
    let energy = |p: usize, s: usize| match p {
        0 => -2.4 * (1.0 - 0.4f64.powi(s as i32)),
        _ => -2.4 + 0.1 * (1.0 - 0.5f64.powi(s as i32)),
    };
    SettlingData {
        title: "Settling of digits, sample 7 (label 3)".into(),
        series: series.collect(),
        energy: columns().map(|(p, s)| energy(p, s)).collect(),
        total_energy: columns()
            .map(|(p, s)| (p > 0).then(|| energy(p, s) + [0.0, 0.5, -0.5][p] * 0.7))
            .collect(),
        phases: phases.into(),
    }
}

#[test]
fn both_files_are_written_and_repeat_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str| {
        let files = settling_plot(&example(), &folder.path().join(name)).unwrap();
        files.map(|file| std::fs::read(file).unwrap())
    };
    assert_eq!(draw("a"), draw("b"));
}

#[test]
fn hardware_points_lie_where_their_values_say() {
    let data = SettlingData {
        title: String::new(),
        phases: vec![PhaseSpan {
            name: "free".into(),
            sweeps: 1,
        }],
        series: vec![Series {
            label: "output 0".into(),
            hardware: vec![0.0, 1.0],
            golden: vec![0.5, 0.5],
        }],
        energy: vec![0.0, -1.0],
        total_energy: vec![None, None],
    };
    let picture = Pixmap::decode_png(&png::render(&settling_svg(&data).unwrap())).unwrap();
    assert_eq!((picture.width(), picture.height()), (WIDTH, HEIGHT));
    let at = |x: f64, value: f64| {
        let y = STATES.1 - (value + 0.04) / 1.08 * (STATES.1 - STATES.0);
        let pixel = picture.pixel(x as u32, y as u32).unwrap();
        format!(
            "#{:02x}{:02x}{:02x}",
            pixel.red(),
            pixel.green(),
            pixel.blue()
        )
    };
    let quarter = (RIGHT - LEFT) / 4.0;
    assert_eq!(at(LEFT + quarter, 0.0), COLOURS[0]);
    assert_eq!(at(RIGHT - quarter, 1.0), COLOURS[0]);
    assert_eq!(at(LEFT + quarter, 0.9), SHADES[0], "no point here");
}

#[test]
fn text_is_drawn_with_the_font_that_ships() {
    let ink = |title: &str| {
        let data = SettlingData {
            title: title.into(),
            ..example()
        };
        let picture = Pixmap::decode_png(&png::render(&settling_svg(&data).unwrap())).unwrap();
        let pixels = picture.pixels()[20 * WIDTH as usize..54 * WIDTH as usize].iter();
        pixels.filter(|pixel| pixel.red() < 100).count()
    };
    assert_eq!(ink(""), 0);
    assert!(
        ink("β & <γ>") > 100,
        "a title must leave marks, whatever its characters"
    );
}

#[test]
fn lists_must_fit_the_phases() {
    let mut data = example();
    data.series[2].hardware.pop();
    let error = settling_svg(&data).unwrap_err();
    assert_eq!(
        error.to_string(),
        "hardware of output 2 has 17 values, the phases need 18"
    );
}

#[test]
fn an_empty_plot_is_still_a_picture() {
    let data = SettlingData {
        title: "Nothing".into(),
        phases: Vec::new(),
        series: Vec::new(),
        energy: Vec::new(),
        total_energy: Vec::new(),
    };
    assert!(!png::render(&settling_svg(&data).unwrap()).is_empty());
}
