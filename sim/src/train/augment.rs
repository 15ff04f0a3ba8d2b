//! Training pictures varied at random: shifted, turned, scaled and bent, another way in every epoch, the same way
//! whenever a run is repeated, resumed or cut into batches.

use hdl::config::{Augment, Network};
use rand_chacha::rand_core::RngCore;
use rand_chacha::ChaCha8Rng;

use crate::data::{random, Dataset};

/// Streams of the seed: far from all others, one for each sample of each epoch.
const STREAM: u64 = 1 << 62;
const EPOCH: u32 = 36;

/// Pixels between the points whose random displacements bend a picture.
const PITCH: f64 = 7.0;

/// Varies the pictures of one data set.
#[derive(Clone, Debug)]
pub struct Augmenter {
    most: Augment,
    rows: usize,
    columns: usize,
    /// The state 1.
    one: f64,
    seed: u32,
}

/// One way to vary a picture: where the pixels of the new one come from.
struct Way {
    /// Rotation and zoom of a place relative to the middle.
    turn: [f64; 2],
    shift: [f64; 2],
    /// Displacements of the points of a coarse grid, row after row.
    field: Vec<[f64; 2]>,
    field_columns: usize,
}

impl Augmenter {
    /// What the network asks for of the pictures of `data`; `None` if it asks for nothing, or these are no pictures.
    pub fn new(network: &Network, data: &Dataset) -> Option<Augmenter> {
        let [rows, columns] = data.shape()?;
        Some(Augmenter {
            most: network.data.augment?,
            rows,
            columns,
            one: f64::from(1u32 << network.formats.state_fraction),
            seed: network.seed,
        })
    }

    /// Varies the states of sample `index` as in `epoch`. What comes from beyond the edge is 0.
    pub fn apply(&self, input: &mut [u16], epoch: u32, index: usize) {
        let stream = STREAM + (u64::from(epoch) << EPOCH) + index as u64;
        let way = self.draw(&mut random(self.seed, stream));
        let old = input.to_vec();
        let middle = [self.rows, self.columns].map(|side| (side as f64 - 1.0) / 2.0);
        for (place, state) in input.iter_mut().enumerate() {
            let pixel = [place / self.columns, place % self.columns].map(|at| at as f64);
            let [y, x] = [pixel[0] - middle[0], pixel[1] - middle[1]];
            let [cos, sin] = way.turn;
            let bend = way.bend(pixel);
            let from = [
                cos * y - sin * x + middle[0] + way.shift[0] + bend[0],
                sin * y + cos * x + middle[1] + way.shift[1] + bend[1],
            ];
            *state = (self.at(&old, from) + 0.5).floor().clamp(0.0, self.one) as u16;
        }
    }

    /// Draws within the most that was asked for. Sums and products only: the same bits on every machine.
    fn draw(&self, random: &mut ChaCha8Rng) -> Way {
        let mut within = |most: f64| most * (f64::from(random.next_u32()) / 2f64.powi(31) - 1.0);
        let shift = [within(self.most.shift), within(self.most.shift)];
        // t = tan(α/2), which is nearly α/2.
        let t = within(self.most.rotate.to_radians() / 2.0);
        let zoom = 1.0 + within(self.most.scale);
        let length = (1.0 + t * t) * zoom;
        let points = |side: usize| (side as f64 / PITCH).ceil() as usize + 1;
        let count = match self.most.elastic > 0.0 {
            true => points(self.rows) * points(self.columns),
            false => 0,
        };
        let elastic = self.most.elastic;
        Way {
            turn: [(1.0 - t * t) / length, 2.0 * t / length],
            shift,
            field: (0..count)
                .map(|_| [within(elastic), within(elastic)])
                .collect(),
            field_columns: points(self.columns),
        }
    }

    /// The old picture between its pixels.
    fn at(&self, old: &[u16], [y, x]: [f64; 2]) -> f64 {
        let pixel = |row: f64, column: f64| {
            let inside = (0.0..self.rows as f64).contains(&row)
                && (0.0..self.columns as f64).contains(&column);
            match inside {
                true => f64::from(old[row as usize * self.columns + column as usize]),
                false => 0.0,
            }
        };
        let (top, left) = (y.floor(), x.floor());
        let (down, right) = (y - top, x - left);
        let row = |row: f64| pixel(row, left) * (1.0 - right) + pixel(row, left + 1.0) * right;
        row(top) * (1.0 - down) + row(top + 1.0) * down
    }
}

impl Way {
    /// The displacement of a pixel, between those of the four points around it.
    fn bend(&self, [y, x]: [f64; 2]) -> [f64; 2] {
        if self.field.is_empty() {
            return [0.0; 2];
        }
        let (y, x) = (y / PITCH, x / PITCH);
        let (top, left) = (y.floor(), x.floor());
        let (down, right) = (y - top, x - left);
        let point = |row: usize, column: usize| self.field[row * self.field_columns + column];
        let (row, column) = (top as usize, left as usize);
        let corners = [
            (point(row, column), (1.0 - down) * (1.0 - right)),
            (point(row, column + 1), (1.0 - down) * right),
            (point(row + 1, column), down * (1.0 - right)),
            (point(row + 1, column + 1), down * right),
        ];
        [0, 1].map(|axis| corners.iter().map(|(bend, share)| bend[axis] * share).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIDE: usize = 9;

    fn augmenter(most: Augment) -> Augmenter {
        Augmenter {
            most,
            rows: SIDE,
            columns: SIDE,
            one: 4096.0,
            seed: 1,
        }
    }

    /// A bright square of 3 × 3 in the middle.
    fn square() -> Vec<u16> {
        let bright = |place: usize| {
            [place / SIDE, place % SIDE]
                .iter()
                .all(|at| (3..6).contains(at))
        };
        (0..SIDE * SIDE)
            .map(|place| 4096 * u16::from(bright(place)))
            .collect()
    }

    /// Light, and where its middle is.
    fn middle(picture: &[u16]) -> (f64, [f64; 2]) {
        let light: f64 = picture.iter().map(|&state| f64::from(state)).sum();
        let along = |at: fn(usize) -> usize| {
            let weighted = picture.iter().enumerate();
            weighted
                .map(|(place, &state)| at(place) as f64 * f64::from(state))
                .sum::<f64>()
                / light
        };
        (
            light,
            [along(|place| place / SIDE), along(|place| place % SIDE)],
        )
    }

    fn varied(most: Augment, epoch: u32, index: usize) -> Vec<u16> {
        let mut picture = square();
        augmenter(most).apply(&mut picture, epoch, index);
        picture
    }

    #[test]
    fn nothing_asked_for_changes_nothing() {
        assert_eq!(varied(Augment::default(), 3, 5), square());
    }

    #[test]
    fn a_shift_moves_the_light_and_keeps_it() {
        let most = Augment {
            shift: 2.0,
            ..Augment::default()
        };
        let mut far: f64 = 0.0;
        for index in 0..40 {
            let (light, at) = middle(&varied(most, 0, index));
            // Rounding of nine pixels and their rims.
            assert!((light - 9.0 * 4096.0).abs() < 16.0, "{light}");
            for moved in at.map(|at| (at - 4.0).abs()) {
                assert!(moved <= 2.001, "{moved}");
                far = far.max(moved);
            }
        }
        assert!(far > 1.5, "{far}");
    }

    #[test]
    fn turning_keeps_the_middle_and_scaling_changes_the_light() {
        let turned = varied(
            Augment {
                rotate: 45.0,
                ..Augment::default()
            },
            0,
            1,
        );
        let (light, at) = middle(&turned);
        assert_ne!(turned, square());
        assert!((light / (9.0 * 4096.0) - 1.0).abs() < 0.1, "{light}");
        assert!(at.iter().all(|at| (at - 4.0).abs() < 0.01), "{at:?}");
        let most = Augment {
            scale: 0.3,
            ..Augment::default()
        };
        let lights: Vec<f64> = (0..40)
            .map(|index| middle(&varied(most, 0, index)).0)
            .collect();
        let area = |zoom: f64| 9.0 * 4096.0 * zoom * zoom;
        assert!(lights
            .iter()
            .all(|light| (area(0.6)..area(1.4)).contains(light)));
        let (least, largest) = (
            lights.iter().copied().fold(f64::MAX, f64::min),
            lights.iter().copied().fold(0.0, f64::max),
        );
        assert!(
            least < area(0.9) && largest > area(1.1),
            "{least} {largest}"
        );
    }

    #[test]
    fn every_epoch_and_sample_has_its_own_way_that_repeats() {
        let most = Augment {
            elastic: 1.5,
            shift: 1.0,
            ..Augment::default()
        };
        let first = varied(most, 1, 2);
        assert_eq!(first, varied(most, 1, 2));
        assert_ne!(first, varied(most, 2, 2));
        assert_ne!(first, varied(most, 1, 3));
        assert!(first.iter().all(|&state| state <= 4096));
    }
}
