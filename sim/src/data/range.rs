//! What of the range of inputs makes training futile, or an answer worthless, though the data can be read.

use hdl::config::Scale;

use super::Dataset;

/// Something about inputs that spoils what a network makes of them, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concern {
    pub message: String,
    pub help: String,
}

/// An input is small if its largest value is below this share of the range.
const SMALL: f64 = 1.0 / 32.0;
/// Data of so few inputs are columns of a table, each with a size of its own; of more they may be pixels, some of
/// which are always dark.
const TABLE: usize = 32;
/// Ranges of two data sets are taken for different beyond this ratio.
const DIFFERENT: f64 = 1.5;

const SCALE_EACH: &str = "give each input a scale of its own: scale = \"feature\" under [data] in the network file, or --scale feature; \
                          \"z-score\" where single values are far off";

impl Dataset {
    /// Inputs of another range than the training part had, on whose scale they are; `name` is what they are called.
    pub fn strays(&self, name: &str) -> Option<Concern> {
        let all: Vec<usize> = (0..self.len()).collect();
        let (own, learned) = (self.reach(&all), self.scaling.reach());
        let differ = own > DIFFERENT * learned || learned > DIFFERENT * own;
        differ.then(|| Concern {
            message: format!(
                "{name}: inputs reach {own:.3} on the scale of training, where the training samples reach {learned:.3}{}",
                if own > 1.0 { "; what exceeds 1 counts as 1" } else { "" }
            ),
            help: "give inputs the units and the range that the network learned from".into(),
        })
    }

    /// What spoils training: inputs of very different size, values below 0, values above 1, one value far above all others.
    pub fn concerns(&self) -> Vec<Concern> {
        let mut seen = Seen::new(self.width);
        for index in 0..self.len() {
            let mut position = index * self.width;
            self.scaled(index, |value| {
                seen.add(position, value);
                position += 1;
            });
        }
        // With a scale for each input, none is small, and few values of the test part lie beyond it.
        if !matches!(self.scaling.method(), Scale::Whole | Scale::None) {
            return vec![];
        }
        let mut found = vec![];
        let mut concern = |message| {
            found.push(Concern {
                message,
                help: SCALE_EACH.into(),
            });
        };
        let all = self.len() * self.width;
        if seen.negative > 0 {
            concern(format!(
                "{} of {all} input values are below 0 and count as 0: what they say is lost",
                seen.negative
            ));
        }
        if self.scaling.method() == Scale::None && seen.above > 0 {
            concern(format!(
                "{} of {all} input values are above 1 and count as 1: what they say is lost",
                seen.above
            ));
        }
        let small = (seen.columns.iter())
            .filter(|&&most| most > 0.0 && most < SMALL)
            .count();
        let [largest, second] = seen.largest;
        if largest >= 1.0 && second < SMALL * largest {
            let (sample, input) = (seen.at / self.width, seen.at % self.width);
            concern(format!(
                "one value (sample {sample}, input {input}, both from 0) is {:.0} times as large as the next: divided by it, all others are nearly 0",
                largest / second.max(f64::MIN_POSITIVE)
            ));
        } else if 2 * small >= self.width || (small > 0 && self.width <= TABLE) {
            concern(format!(
                "{small} of {} inputs never exceed 1/{:.0} of the range that all share: they hardly count",
                self.width,
                1.0 / SMALL
            ));
        }
        found
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
    above: usize,
}

impl Seen {
    fn new(width: usize) -> Seen {
        Seen {
            columns: vec![0.0; width],
            largest: [0.0; 2],
            at: 0,
            negative: 0,
            above: 0,
        }
    }

    fn add(&mut self, position: usize, value: f64) {
        let column = position % self.columns.len();
        self.columns[column] = self.columns[column].max(value);
        self.negative += usize::from(value < 0.0);
        self.above += usize::from(value > 1.0);
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
        let sizes = Sizes { inputs, outputs: 2 };
        csv::read(rows.as_bytes(), Path::new("table.csv"), Wanted::of(sizes)).unwrap()
    }

    fn told(rows: &str, inputs: usize) -> String {
        let concerns = table(rows, inputs).concerns();
        let texts: Vec<String> = concerns.into_iter().map(|c| c.message).collect();
        texts.join("\n")
    }

    #[test]
    fn inputs_of_very_different_size_are_told_unless_each_has_its_scale() {
        let wine = "14.23,1.71,127,1065,0\n13.2,1.78,100,1050,0\n12.37,0.94,88,520,1\n";
        let told = told(wine, 4);
        assert!(told.contains("2 of 4 inputs never exceed 1/32"), "{told}");
        let mut wine = table(wine, 4);
        wine.fit(Scale::Feature, &[0, 1, 2]);
        assert_eq!(wine.concerns(), []);
        // A few dark pixels of many, and sizes that are of one kind, are no concern.
        let pixels = (0..64).map(|n| if n % 8 == 0 { "1" } else { "255" });
        let pixels = pixels.collect::<Vec<_>>().join(",") + ",0\n";
        assert_eq!(self::told(&pixels, 64), "");
        assert_eq!(self::told("5.1,3.5,1.4,0.2,0\n7.9,3.8,6.4,2.0,1\n", 4), "");
    }

    #[test]
    fn values_below_zero_and_above_one_are_told() {
        let told = told("-1.2,0.3,0\n0.8,-0.1,1\n", 2);
        assert!(told.contains("2 of 4 input values are below 0"), "{told}");
        let mut data = table("1.5,0.3,0\n0.8,0.1,1\n", 2);
        assert_eq!(data.concerns(), []);
        data.fit(Scale::None, &[0, 1]);
        let told = &data.concerns()[0].message;
        assert!(told.contains("1 of 4 input values are above 1"), "{told}");
    }

    #[test]
    fn one_huge_value_is_told_with_its_place() {
        let told = told("1,2,0\n3,1e9,1\n2,2,0\n", 2);
        assert!(told.contains("(sample 1, input 1,"), "{told}");
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
    fn other_data_of_another_range_are_told() {
        let trained = table("16,8,0\n0,4,1\n", 2);
        let as_trained = |rows: &str| {
            let mut data = table(rows, 2);
            data.scaling = trained.scaling.clone();
            data
        };
        let half = as_trained("8,4,0\n0,2,1\n");
        let told = half.strays("half.csv").unwrap().message;
        assert!(told.contains("half.csv: inputs reach 0.500"), "{told}");
        // 8 ÷ 16, not 8 ÷ 8.
        assert_eq!(half.sample(0, 12).input, [2048, 1024]);
        assert_eq!(as_trained("15,8,0\n").strays("same.csv"), None);
        let more = as_trained("32,8,0\n");
        let told = more.strays("more.csv").unwrap().message;
        assert!(told.contains("what exceeds 1 counts as 1"), "{told}");
        assert_eq!(more.sample(0, 12).input, [4096, 2048]);
    }
}
