//! How inputs get into 0…1: by numbers that are learned from the training part and go with the weights.

use hdl::config::Scale;
use serde::{Deserialize, Serialize};

use crate::array::Values;

use super::Dataset;

/// x becomes (x − low) ÷ range, cut to 0…1 where it becomes a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    method: Scale,
    /// One number for all inputs, or one for each; likewise `range`, which is 0 where all training values are equal:
    /// such an input says nothing and is 0.
    low: Vec<f64>,
    range: Vec<f64>,
    /// The largest training input on this scale.
    reach: f64,
}

/// Standard deviations on either side of the mean that 0…1 covers.
const DEVIATIONS: f64 = 3.0;

impl Scaling {
    /// Inputs as they are.
    pub(super) fn none() -> Scaling {
        Scaling {
            method: Scale::None,
            low: vec![0.0],
            range: vec![1.0],
            reach: 1.0,
        }
    }

    /// All inputs divided by one number.
    fn whole(divisor: f64) -> Scaling {
        Scaling {
            method: Scale::Whole,
            range: vec![divisor],
            ..Scaling::none()
        }
    }

    /// How it was learned.
    pub fn method(&self) -> Scale {
        self.method
    }

    /// The largest training input on this scale.
    pub(super) fn reach(&self) -> f64 {
        self.reach
    }

    /// A value of an input on this scale.
    #[inline]
    pub(super) fn apply(&self, column: usize, value: f64) -> f64 {
        match (&self.low[..], &self.range[..]) {
            ([low], [range]) => (value - low) / range,
            (_, range) if range[column] == 0.0 => 0.0,
            (low, range) => (value - low[column]) / range[column],
        }
    }

    /// What is wrong with a scale that was read from a file, for a network of so many inputs.
    pub(super) fn fault(&self, inputs: usize) -> Option<String> {
        let lengths = [self.low.len(), self.range.len()];
        if lengths != [1, 1] && lengths != [inputs, inputs] {
            return Some(format!(
                "is of {} inputs, but layer 0 has {inputs} units",
                lengths[0].max(lengths[1])
            ));
        }
        let usable = |&range: &f64| range.is_finite() && range >= 0.0;
        let numbers = self.low.iter().all(|low| low.is_finite()) && self.range.iter().all(usable);
        let whole = self.range != [0.0] && self.reach.is_finite();
        (!(numbers && whole)).then(|| "has numbers that no training part gives".to_owned())
    }

    /// For people.
    pub fn text(&self) -> String {
        match (self.method, &self.range[..]) {
            (Scale::Whole, [divisor]) if *divisor == 1.0 => "taken as they are, 0…1".to_owned(),
            (Scale::None, _) => "taken as they are".to_owned(),
            (Scale::Whole, [divisor]) => format!("divided by {divisor}"),
            (Scale::ZScore, _) => {
                format!("scaled each to 0…1 from {DEVIATIONS} standard deviations below its mean to as many above")
            }
            _ => "scaled each to 0…1 from its smallest value to its largest".to_owned(),
        }
    }
}

impl Dataset {
    /// What inputs are scaled by.
    pub fn scaling(&self) -> &Scaling {
        &self.scaling
    }

    /// Inputs are what the file says, or what its format calls white is 1.
    pub fn is_plain(&self) -> bool {
        let white = self.white.unwrap_or(1.0);
        self.scaling.method == Scale::Whole && self.scaling.range == [white]
    }

    /// Learns the scale of inputs from the samples `indices`, of which there is one at least.
    pub(super) fn fit(&mut self, scale: Scale, indices: &[usize]) {
        let mut columns = vec![Column::new(); self.width];
        for &index in indices {
            self.raw(index, |column, value| columns[column].add(value));
        }
        let of = |range: fn(&Column) -> (f64, f64)| -> (Vec<f64>, Vec<f64>) {
            columns.iter().map(range).unzip()
        };
        let (low, range) = match scale {
            Scale::None => (vec![0.0], vec![1.0]),
            Scale::Whole => {
                let largest = columns.iter().map(|c| c.highest).fold(1.0, f64::max);
                let whole = Scaling::whole(self.white.unwrap_or(largest));
                (whole.low, whole.range)
            }
            Scale::Feature => of(|c| (c.lowest, c.highest - c.lowest)),
            Scale::ZScore => of(|c| {
                let side = DEVIATIONS * c.deviation();
                (c.mean - side, 2.0 * side)
            }),
        };
        self.scaling = Scaling {
            method: scale,
            low,
            range,
            reach: 0.0,
        };
        self.scaling.reach = self.reach(indices);
    }

    /// The largest input of the samples `indices` on the scale; 0 where none is above 0.
    pub(super) fn reach(&self, indices: &[usize]) -> f64 {
        let mut reach: f64 = 0.0;
        for &index in indices {
            self.scaled(index, |value| reach = reach.max(value));
        }
        reach
    }

    /// Hands the inputs of a sample as its file has them to `each`, with their columns.
    pub(super) fn raw(&self, index: usize, mut each: impl FnMut(usize, f64)) {
        let inputs = index * self.width..(index + 1) * self.width;
        match &self.inputs {
            Values::Bytes(values) => {
                (0..)
                    .zip(&values[inputs])
                    .for_each(|(column, &value)| each(column, value.into()));
            }
            Values::Singles(values) => {
                (0..)
                    .zip(&values[inputs])
                    .for_each(|(column, &value)| each(column, value.into()));
            }
            Values::Reals(values) => {
                (0..)
                    .zip(&values[inputs])
                    .for_each(|(column, &value)| each(column, value));
            }
        }
    }

    /// Hands the scaled inputs of a sample, not yet cut to 0…1, to `each`.
    pub(super) fn scaled(&self, index: usize, mut each: impl FnMut(f64)) {
        self.raw(index, |column, value| {
            each(self.scaling.apply(column, value))
        });
    }
}

/// What the values of one input come to.
#[derive(Clone)]
struct Column {
    lowest: f64,
    highest: f64,
    count: f64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Column {
    fn new() -> Column {
        Column {
            lowest: f64::INFINITY,
            highest: f64::NEG_INFINITY,
            count: 0.0,
            mean: 0.0,
            squares: 0.0,
        }
    }

    /// Welford's step: exact enough for values far from 0.
    fn add(&mut self, value: f64) {
        self.lowest = self.lowest.min(value);
        self.highest = self.highest.max(value);
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    fn deviation(&self) -> f64 {
        (self.squares / self.count).sqrt()
    }
}
