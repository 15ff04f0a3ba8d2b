//! The range of inputs: what they are divided by, and what of it makes training futile though the data can be read.

use super::{Dataset, Inputs};

/// Something about inputs that spoils what a network makes of them, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    pub message: String,
    pub help: String,
}

/// An input is small if its largest value is below this share of the range of all.
const SMALL: f64 = 1.0 / 32.0;
/// Data of so few inputs are columns of a table, each with a size of its own; of more they may be pixels, some of
/// which are always dark.
const TABLE: usize = 32;
/// Ranges of two data sets are taken for different beyond this ratio.
const DIFFERENT: f64 = 1.25;

const SCALE_EACH: &str = "scale each input to 0…1 in the file: (x − smallest) ÷ (largest − smallest), both of its own column of the training samples";

impl Dataset {
    /// What input values are divided by: 1 or the largest of the data whose scale they have.
    pub fn scale(&self) -> f64 {
        match &self.inputs {
            Inputs::Bytes { scale, .. }
            | Inputs::Singles { scale, .. }
            | Inputs::Reals { scale, .. } => *scale,
        }
    }

    /// The largest input as it stands in the file; 0 where none is above 0.
    pub fn largest(&self) -> f64 {
        let mut largest: f64 = 0.0;
        self.each_input(|_, value| largest = largest.max(value));
        largest
    }

    /// Divides inputs by what those of `trained` are divided by, of which weights learned; what exceeds it counts
    /// as 1. `name` is what they are called if their range differs from that of `trained`.
    pub fn scaled_as(&mut self, trained: &Dataset, name: &str) -> Option<Concern> {
        let scale = trained.scale();
        match &mut self.inputs {
            Inputs::Bytes { scale: old, .. }
            | Inputs::Singles { scale: old, .. }
            | Inputs::Reals { scale: old, .. } => *old = scale,
        }
        // It told of its own scale.
        self.note = None;
        let (own, learned) = (self.largest(), trained.largest());
        let differ = own > DIFFERENT * learned || learned > DIFFERENT * own;
        differ.then(|| Concern {
            message: format!(
                "{name}: the largest input is {own}, that of the training data {learned}; inputs are divided by {scale} as in training{}",
                if own > scale { ", and what exceeds it counts as 1" } else { "" }
            ),
            help: "give inputs the units and the range that the network learned from".into(),
        })
    }

    /// What spoils training: inputs of very different size, values below 0, one value far above all others.
    pub fn concerns(&self) -> Vec<Concern> {
        let mut seen = Seen::new(self.width);
        self.each_input(|position, value| seen.add(position, value));
        let concern = |message| Concern {
            message,
            help: SCALE_EACH.into(),
        };
        let mut found = vec![];
        if seen.negative > 0 {
            found.push(concern(format!(
                "{} of {} input values are below 0 and count as 0: what they say is lost",
                seen.negative,
                self.len() * self.width
            )));
        }
        let range = seen.largest[0].max(self.scale());
        let small = (seen.columns.iter())
            .filter(|&&most| most > 0.0 && most < SMALL * range)
            .count();
        if seen.largest[0] > 1.0 && seen.largest[1] < SMALL * seen.largest[0] {
            let (sample, input) = (seen.at / self.width, seen.at % self.width);
            found.push(concern(format!(
                "one value, {} (sample {sample}, input {input}, both from 0), is {:.0} times as large as the next: divided by it, all others are nearly 0",
                seen.largest[0],
                seen.largest[0] / seen.largest[1].max(f64::MIN_POSITIVE)
            )));
        } else if 2 * small >= self.width || (small > 0 && self.width <= TABLE) {
            found.push(concern(format!(
                "{small} of {} inputs never exceed {:.4}, 1/{:.0} of the range 0…{range} that all share: they hardly count",
                self.width,
                SMALL * range,
                1.0 / SMALL
            )));
        }
        found
    }

    /// Hands every input value to `visit`, with its position among all.
    fn each_input(&self, mut visit: impl FnMut(usize, f64)) {
        match &self.inputs {
            Inputs::Bytes { values, .. } => {
                (values.iter().enumerate()).for_each(|(at, &value)| visit(at, value.into()));
            }
            Inputs::Singles { values, .. } => {
                (values.iter().enumerate()).for_each(|(at, &value)| visit(at, value.into()));
            }
            Inputs::Reals { values, .. } => {
                (values.iter().enumerate()).for_each(|(at, &value)| visit(at, value));
            }
        }
    }
}

/// What all inputs of a data set come to.
struct Seen {
    /// The largest of each column.
    columns: Vec<f64>,
    /// The two largest of all, and where the first one is.
    largest: [f64; 2],
    at: usize,
    negative: usize,
}

impl Seen {
    fn new(width: usize) -> Seen {
        Seen {
            columns: vec![0.0; width],
            largest: [0.0; 2],
            at: 0,
            negative: 0,
        }
    }

    fn add(&mut self, position: usize, value: f64) {
        let column = position % self.columns.len();
        self.columns[column] = self.columns[column].max(value);
        self.negative += usize::from(value < 0.0);
        if value > self.largest[0] {
            self.largest = [value, self.largest[0]];
            self.at = position;
        } else {
            self.largest[1] = self.largest[1].max(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{csv, Sizes, Wanted};
    use super::*;
    use hdl::config::{builtin, Network};

    fn table(rows: &str, inputs: usize) -> Dataset {
        let wanted = Wanted {
            sizes: Sizes { inputs, outputs: 2 },
            label: None,
            numbering: None,
        };
        csv::read(rows.as_bytes(), Path::new("table.csv"), wanted).unwrap()
    }

    fn told(rows: &str, inputs: usize) -> String {
        let concerns = table(rows, inputs).concerns();
        let texts: Vec<String> = concerns.into_iter().map(|c| c.message).collect();
        texts.join("\n")
    }

    #[test]
    fn inputs_of_very_different_size_are_told() {
        let wine = "14.23,1.71,127,1065,0\n13.2,1.78,100,1050,0\n12.37,0.94,88,520,1\n";
        let told = told(wine, 4);
        assert!(told.contains("2 of 4 inputs never exceed 33.28"), "{told}");
        // A few dark pixels of many, and sizes that are of one kind, are no concern.
        let pixels = (0..64).map(|n| if n % 8 == 0 { "1" } else { "255" });
        let pixels = pixels.collect::<Vec<_>>().join(",") + ",0\n";
        assert_eq!(self::told(&pixels, 64), "");
        assert_eq!(self::told("5.1,3.5,1.4,0.2,0\n7.9,3.8,6.4,2.0,1\n", 4), "");
    }

    #[test]
    fn values_below_zero_are_told() {
        let told = told("-1.2,0.3,0\n0.8,-0.1,1\n", 2);
        assert!(told.contains("2 of 4 input values are below 0"), "{told}");
    }

    #[test]
    fn one_huge_value_is_told_with_its_place() {
        let told = told("1,2,0\n3,1e9,1\n2,2,0\n", 2);
        assert!(told.contains("1000000000 (sample 1, input 1,"), "{told}");
        assert!(!told.contains("hardly count"), "{told}");
    }

    #[test]
    fn the_built_in_data_are_no_concern() {
        for name in builtin::names() {
            let network = Network::builtin(name).unwrap();
            let data = Dataset::load(&network, Path::new(""), None).unwrap();
            assert_eq!(data.concerns(), [], "{name}");
        }
    }

    #[test]
    fn questions_have_the_scale_of_what_was_learned_from() {
        let trained = table("16,8,0\n0,4,1\n", 2);
        let mut half = table("8,4,0\n0,2,1\n", 2);
        let told = half.scaled_as(&trained, "half.csv").unwrap();
        assert!(told.message.contains("is 8, that of the training data 16"));
        // 8 ÷ 16, not 8 ÷ 8.
        assert_eq!(half.sample(0, 12).input, [2048, 1024]);
        let mut same = table("15,8,0\n", 2);
        assert_eq!(same.scaled_as(&trained, "same.csv"), None);
        let mut more = table("32,8,0\n", 2);
        let told = more.scaled_as(&trained, "more.csv").unwrap();
        assert!(told.message.contains("what exceeds it counts as 1"));
        assert_eq!(more.sample(0, 12).input, [4096, 2048]);
        // Within 0…1 as well, where nothing is divided.
        let trained = table("1,0.5,0\n", 2);
        assert!(table("0.5,0.25,0\n", 2)
            .scaled_as(&trained, "half.csv")
            .is_some());
    }
}
