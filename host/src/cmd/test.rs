//! `eqprop test`: how good saved weights are on any data.

use std::fmt;
use std::path::PathBuf;

use clap::value_parser;
use serde::Serialize;
use sim::ask::{Class, Judgement, Quality};
use sim::data::{Dataset, Scaling};

use crate::args::{Common, Data};
use crate::ask::{self, Settling};
use crate::claim::{Claim, Kind};
use crate::error::{Explained, Failure};
use crate::output::Printer;
use crate::questions::{self, Questions};
use crate::report::samples::{samples_plot, Picture};
use crate::report::table::{grouped, Align, Table};

/// Test saved weights on samples that they did not learn from, or on any data
///
/// Inputs are scaled and classes named as where the weights learned. Of pictures the worst answers are drawn.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop test --network digits\n         \
                        eqprop test --network digits --backend hardware --samples 50")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    choice: ask::Choice,
    /// Test on the samples that were learned from, too
    #[arg(long)]
    all: bool,
    /// Test on N samples only, chosen by the seed [default: all that were not learned from]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    samples: Option<u32>,
}

/// The result, as `--json` prints it; shares are 0…1.
#[derive(Serialize)]
struct Outcome {
    network: String,
    backend: &'static str,
    weights: PathBuf,
    samples: usize,
    /// Which samples these are.
    which: String,
    /// What inputs are scaled by.
    scale: Scaling,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
    /// Of real targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    rmse: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r2: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    classes: Vec<Class>,
    /// Samples of a class (row) that got an answer (column).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    confusion: Vec<Vec<usize>>,
    #[serde(flatten)]
    settling: Settling,
    /// By falling cost.
    worst: Vec<Worst>,
    /// The worst, drawn; of pictures only.
    #[serde(skip_serializing_if = "Option::is_none")]
    plots: Option<[PathBuf; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// A sample that was answered badly.
#[derive(Clone, Debug, Serialize)]
struct Worst {
    /// Of the sample in its data, from 0.
    index: usize,
    /// Names of classes; none of real targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// ½ Σ (x − t)².
    cost: f64,
}

/// Worst samples that are told, and drawn.
const WORST: usize = 16;
/// The confusions of more classes do not fit a terminal.
const MOST_CLASSES: usize = 26;

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let file = arguments.choice.file(&resolved)?;
    let choice = questions::Choice {
        data: arguments.data.given(),
        all: arguments.all,
        most: arguments.samples.map(|most| most as usize),
    };
    let questions = Questions::new(Some(&file), &resolved, &choice, printer)?;
    let (data, indices) = (&questions.data, &questions.indices);
    let choice = &arguments.choice;
    let replies = choice.ask(&resolved, &file, data, indices, printer)?;
    let judged = Judgement::new(data, indices, &replies);
    let classes = judged.quality.by_class(|class| data.class_name(class));
    let name = |class: usize| (!classes.is_empty()).then(|| data.class_name(class));
    let worst = judged.worst.iter().take(WORST).map(|&(at, cost)| Worst {
        index: indices[at],
        answer: name(replies[at].answer),
        label: name(data.label(indices[at])),
        cost,
    });
    let worst: Vec<Worst> = worst.collect();
    let (accuracy, rmse, r2, confusion) = match judged.quality {
        Quality::Classes {
            accuracy,
            confusion,
        } => (Some(accuracy), None, None, confusion),
        Quality::Targets { rmse, r2 } => (None, Some(rmse), r2, vec![]),
    };
    let mut outcome = Outcome {
        network: resolved.network.name.clone(),
        backend: choice.backend(),
        weights: file,
        samples: indices.len(),
        which: questions.which,
        scale: data.scaling().clone(),
        accuracy,
        rmse,
        r2,
        classes,
        confusion,
        settling: Settling::of(&replies),
        worst,
        plots: None,
        warning: questions.concern.map(|concern| concern.message),
    };
    if let Some(shape) = data.shape() {
        let _claim = Claim::new(&resolved.out, Kind::Testing)?;
        let title = format!(
            "{}: the worst of {} samples",
            outcome.network, outcome.samples
        );
        let fraction = resolved.network.formats.state_fraction;
        let pictures = outcome
            .worst
            .iter()
            .map(|worst| picture(data, fraction, worst));
        let pictures: Vec<Picture> = pictures.collect();
        let path = resolved.out.join("worst");
        let plots = samples_plot(&title, &outcome.which, shape, &pictures, &path);
        outcome.plots = Some(plots.map_err(|error| Explained::new("eqprop::plot", &error))?);
    }
    printer.result(&outcome.to_string(), &outcome)
}

/// A sample as the network sees it, and what is said of it.
fn picture(data: &Dataset, fraction: u32, worst: &Worst) -> Picture {
    let one = f64::from(1u32 << fraction);
    let input = data.sample(worst.index, fraction).input;
    Picture {
        pixels: input.iter().map(|&state| f64::from(state) / one).collect(),
        title: match (&worst.answer, &worst.label) {
            (Some(answer), Some(label)) => {
                format!("{}: is {label}, answer {answer}", worst.index)
            }
            _ => format!("{}: cost {:.3}", worst.index, worst.cost),
        },
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        let count = format!("of {} samples {}", grouped(self.samples as u64), self.which);
        match (self.accuracy, self.rmse) {
            (_, Some(rmse)) => {
                table.row(["RMSE", &format!("{rmse:.4}"), &count]);
                let r2 = self.r2.map_or("–".into(), |r2| format!("{r2:.4}"));
                table.row(["R²", &r2, "of the targets' variance is explained"]);
            }
            (accuracy, None) => {
                let right = format!("{:.2} %", 100.0 * accuracy.unwrap_or(0.0));
                table.row(["right answers", &right, &count]);
            }
        }
        let sweeps = format!("{:.1}", self.settling.sweeps_per_sample);
        let answers = format!("free phase, backend {}", self.backend);
        table.row(["sweeps a sample", &sweeps, &answers]);
        table.row(["unsettled", &self.settling.unsettled.to_string(), "samples"]);
        table.row(["weights", "", &self.weights.display().to_string()]);
        if let Some([_, png]) = &self.plots {
            table.row(["worst samples", "", &png.display().to_string()]);
        }
        writeln!(f, "{table}")?;
        if !self.classes.is_empty() && self.classes.len() <= MOST_CLASSES {
            writeln!(f, "{}", self.confusions())?;
        }
        let worst = self
            .worst
            .iter()
            .take(5)
            .map(|worst| worst.index.to_string());
        writeln!(
            f,
            "worst, by index in the data: {}",
            worst.collect::<Vec<_>>().join(", ")
        )
    }
}

impl Outcome {
    /// One row a class: how its samples were answered.
    fn confusions(&self) -> Table {
        let names = self
            .classes
            .iter()
            .map(|class| (class.name.as_str(), Align::Right));
        let first = [("class", Align::Left), ("samples", Align::Right)];
        let last = [("recall", Align::Right), ("precision", Align::Right)];
        let mut table = Table::new(first.into_iter().chain(names).chain(last));
        let share = |share: Option<f64>| {
            share.map_or("–".to_owned(), |share| format!("{:.1} %", 100.0 * share))
        };
        for (class, row) in self.classes.iter().zip(&self.confusion) {
            let answered = row.iter().map(|&count| match count {
                0 => "·".to_owned(),
                some => some.to_string(),
            });
            let mut cells = vec![class.name.clone(), class.samples.to_string()];
            cells.extend(answered);
            cells.extend([share(class.recall), share(class.precision)]);
            table.row(cells);
        }
        table
    }
}
