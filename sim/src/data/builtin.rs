//! Data sets that need no file: the exclusive or, the embedded digits (also enlarged), random numbers.

use std::path::Path;

use flate2::read::GzDecoder;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::array::Values;

use super::{csv, DataError, Dataset, Numbering, Scaling, Sizes, Targets, Wanted};

/// UCI Optical Recognition of Handwritten Digits, CC BY 4.0 (`sim/data/digits.LICENCE.md`).
const DIGITS: &[u8] = include_bytes!("../../data/digits.csv.gz");
/// Side of an embedded digit in pixels.
const SMALL: usize = 8;
/// Side of an MNIST digit in pixels.
const LARGE: usize = 28;
/// The brightest pixel of an embedded digit.
const WHITE: usize = 16;
/// Samples of a random data set.
const RANDOM_SAMPLES: usize = 256;

pub(super) fn xor(sizes: Sizes) -> Result<Dataset, DataError> {
    sizes.check_width("the data set `xor`", 2)?;
    Ok(Dataset {
        inputs: Values::Bytes(vec![0, 0, 0, 1, 1, 0, 1, 1]),
        white: None,
        scaling: Scaling::none(),
        shape: None,
        targets: Targets::Labels(vec![0, 1, 1, 0]),
        width: 2,
        outputs: sizes.outputs,
        numbering: Numbering::Plain,
        note: None,
        warnings: Vec::new(),
    })
}

/// 1797 digits of 8 × 8 pixels.
pub(super) fn digits(sizes: Sizes) -> Result<Dataset, DataError> {
    sizes.check_width("the data set `digits`", SMALL * SMALL)?;
    embedded(sizes.outputs)
}

/// The digits stretched to 28 × 28 pixels.
pub(super) fn enlarged_digits(sizes: Sizes) -> Result<Dataset, DataError> {
    sizes.check_width("the data set `mnist`", LARGE * LARGE)?;
    let digits = embedded(sizes.outputs)?;
    let Values::Bytes(values) = &digits.inputs else {
        unreachable!("the embedded pixels are whole numbers from 0 to 16");
    };
    let large = values.chunks_exact(SMALL * SMALL).flat_map(enlarge);
    Ok(Dataset {
        inputs: Values::Bytes(large.collect()),
        white: Some(255.0),
        shape: Some([LARGE; 2]),
        width: LARGE * LARGE,
        note: Some(format!(
            "these are the built-in 8×8 digits enlarged to {LARGE}×{LARGE}, not MNIST itself: \
             give the folder of its IDX files with --data"
        )),
        ..digits
    })
}

/// Inputs and targets spread evenly over 0…1, a quarter of the inputs exactly 0.
pub(super) fn random(sizes: Sizes, seed: u32) -> Dataset {
    let mut random = ChaCha8Rng::seed_from_u64(seed.into());
    let mut unit = || f64::from(random.next_u32()) / f64::from(u32::MAX);
    let inputs = (0..RANDOM_SAMPLES * sizes.inputs)
        .map(|_| (unit() * 4.0 / 3.0 - 1.0 / 3.0).max(0.0))
        .collect();
    let targets = (0..RANDOM_SAMPLES * sizes.outputs)
        .map(|_| unit())
        .collect();
    Dataset {
        inputs: Values::Reals(inputs),
        white: None,
        scaling: Scaling::none(),
        shape: None,
        targets: Targets::Values(targets),
        width: sizes.inputs,
        outputs: sizes.outputs,
        numbering: Numbering::Plain,
        note: Some("these are random numbers: nothing can be learned from them".to_owned()),
        warnings: Vec::new(),
    }
}

fn embedded(outputs: usize) -> Result<Dataset, DataError> {
    let sizes = Sizes {
        inputs: SMALL * SMALL,
        outputs,
    };
    let wanted = Wanted::of(sizes);
    let mut digits = csv::read(GzDecoder::new(DIGITS), Path::new("digits.csv"), wanted)?;
    digits.note = None;
    digits.white = Some(WHITE as f64);
    digits.shape = Some([SMALL; 2]);
    Ok(digits)
}

/// One 8 × 8 picture of 0…16 as 28 × 28 of 0…255, bilinear between pixel centres, in exact integers.
fn enlarge(small: &[u8]) -> impl Iterator<Item = u8> + '_ {
    // Centre of large pixel i in small pixels: (i + ½)·8/28 − ½ = (16 i − 20) / 56.
    const UNIT: usize = 2 * LARGE;
    let source = |i: usize| {
        let position = (2 * SMALL * i)
            .saturating_sub(LARGE - SMALL)
            .min((SMALL - 1) * UNIT);
        let (low, part) = (position / UNIT, position % UNIT);
        [(low, UNIT - part), ((low + 1).min(SMALL - 1), part)]
    };
    let pixel = move |row: usize, column: usize| {
        let mut sum = 0;
        for (y, down) in source(row) {
            for (x, right) in source(column) {
                sum += usize::from(small[y * SMALL + x]) * down * right;
            }
        }
        let whole = WHITE * UNIT * UNIT;
        // At most 255, because no pixel exceeds WHITE.
        ((sum * 255 + whole / 2) / whole) as u8
    };
    (0..LARGE).flat_map(move |row| (0..LARGE).map(move |column| pixel(row, column)))
}
