//! Inputs that are pictures, side by side, each with a line about it.

use std::path::{Path, PathBuf};

use sim::wave::WaveError;

use super::svg::{self, style, Anchor, Svg, GRID, INK};

/// One input and what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Row after row, 0 (dark) … 1.
    pub pixels: Vec<f64>,
    pub title: String,
}

const WIDTH: u32 = 1000;
/// Pictures in a row, and the place that each has.
const IN_ROW: usize = 4;
const PLACE: [f64; 2] = [240.0, 250.0];
/// The longest side of a picture.
const SIDE: f64 = 200.0;
const LEFT: f64 = 40.0;
const TOP: f64 = 130.0;

/// Draws pictures of `rows` × `columns` pixels as `path` with the endings `.svg` and `.png`; returns both paths.
///
/// # Errors
/// A file that cannot be written.
pub fn samples_plot(
    title: &str,
    subtitle: &str,
    [rows, columns]: [usize; 2],
    pictures: &[Picture],
    path: &Path,
) -> Result<[PathBuf; 2], WaveError> {
    svg::write(&document(title, subtitle, [rows, columns], pictures), path)
}

fn document(
    title: &str,
    subtitle: &str,
    [rows, columns]: [usize; 2],
    pictures: &[Picture],
) -> String {
    let lines = pictures.len().div_ceil(IN_ROW).max(1);
    let height = TOP + PLACE[1] * lines as f64;
    let mut svg = Svg::titled(WIDTH, height as u32, title, subtitle);
    let pixel = SIDE / rows.max(columns) as f64;
    for (place, picture) in pictures.iter().enumerate() {
        let x = LEFT + PLACE[0] * (place % IN_ROW) as f64;
        let y = TOP + PLACE[1] * (place / IN_ROW) as f64;
        let name = style(14.0, INK, false, Anchor::Start);
        svg.text(x, y - 8.0, name, &picture.title);
        let (width, height) = (columns as f64 * pixel, rows as f64 * pixel);
        svg.rect(x, y, width, height, GRID);
        for (index, &value) in picture.pixels.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let at = (x + column as f64 * pixel, y + row as f64 * pixel);
            svg.shade(at.0, at.1, [pixel, pixel], INK, value);
        }
    }
    svg.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_stand_row_by_row_in_their_greys() {
        let picture = Picture {
            pixels: vec![0.0, 1.0, 0.5, 0.0, 0.25, 1.0],
            title: "3: is cat, answer dog".into(),
        };
        insta::assert_snapshot!(document("net", "held out", [2, 3], &[picture]));
    }
}
