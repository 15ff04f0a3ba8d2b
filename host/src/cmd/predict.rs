//! `eqprop predict`: what saved weights answer, one line a sample.

use std::fmt;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use serde::Serialize;
use sim::ask::settle::Settled;
use sim::ask::Reply;
use sim::bittrue::Mode;
use sim::data::{AsTrained, Given};
use thiserror::Error;

use crate::args::{Common, Data};
use crate::ask::{self, Settling};
use crate::error::Failure;
use crate::output::{self, Printer};
use crate::questions::{self, Questions};
use crate::resolve::Resolved;

/// Write the answers of saved weights to samples, which need no labels, in the order of their file
///
/// One line a sample: its index from 0, the answer, how far the next one is (margin), sweeps, whether it settled, and
/// the states of all outputs. Inputs are scaled and classes named as where the weights learned.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: eqprop predict --network ./flowers.toml --data new.csv --save answers.csv"
)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    choice: ask::Choice,
    /// Where the answers go: .csv, or .jsonl for JSON lines [default: predictions.csv in the folder of --out]
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
}

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Outcome {
    network: String,
    backend: &'static str,
    weights: PathBuf,
    predictions: PathBuf,
    samples: usize,
    #[serde(flatten)]
    settling: Settling,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<String>,
}

/// One line of the file.
#[derive(Serialize)]
struct Line<'a> {
    index: usize,
    /// Name of a class; none of real targets, where outputs are the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    margin: Option<f64>,
    sweeps: u32,
    settled: bool,
    outputs: &'a [f64],
}

#[derive(Debug, Error, Diagnostic)]
#[error("`{path}` ends neither in .csv nor in .jsonl")]
#[diagnostic(
    code(eqprop::predict::ending),
    help("give the file of --save one of these endings: it decides the format")
)]
struct Ending {
    path: String,
}

/// Samples with what saved weights answer to each.
pub struct Answers {
    pub questions: Questions,
    /// One for each of the questions' indices.
    pub replies: Vec<Reply>,
    /// The weights.
    pub file: PathBuf,
    pub resolved: Resolved,
}

/// Asks the samples of the arguments.
///
/// # Errors
/// A network, weights or data that cannot be read; hardware that cannot be made or does not answer.
pub fn answers(arguments: &Arguments, printer: &Printer) -> Result<Answers, Failure> {
    let (resolved, file, questions) = arguments.questions(false, printer)?;
    let (data, indices) = (&questions.data, &questions.indices);
    let replies = (arguments.choice).ask(&resolved, &file, data, indices, printer)?;
    Ok(Answers {
        questions,
        replies,
        file,
        resolved,
    })
}

/// How the samples of the arguments settle in a model; with `nudged` they need labels, and are pulled towards them.
///
/// # Errors
/// As [`answers`]; hardware is asked.
pub fn settle(
    arguments: &Arguments,
    nudged: bool,
    printer: &Printer,
) -> Result<Vec<Settled>, Failure> {
    let (resolved, file, questions) = arguments.questions(nudged, printer)?;
    let samples = (&questions.data, &questions.indices[..]);
    let mode = match nudged {
        true => Mode::Nudge,
        false => Mode::Infer,
    };
    (arguments.choice).settle(&resolved, &file, samples, mode, printer)
}

impl Arguments {
    /// The network, the weights' file and the samples.
    fn questions(
        &self,
        labelled: bool,
        printer: &Printer,
    ) -> Result<(Resolved, PathBuf, Questions), Failure> {
        let resolved = self.common.resolve()?;
        let file = self.choice.file(&resolved)?;
        let choice = questions::Choice {
            data: Given {
                unlabelled: !labelled,
                ..self.data.given()
            },
            all: true,
            most: None,
        };
        let questions = Questions::new(Some(&file), &resolved, &choice, printer)?;
        Ok((resolved, file, questions))
    }
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    // Before work whose result could not be kept.
    let write = arguments.save.as_deref().map(format).transpose()?;
    let Answers {
        questions,
        replies,
        file,
        resolved,
    } = answers(arguments, printer)?;
    let path = match &arguments.save {
        Some(path) => path.clone(),
        None => resolved.out.join("predictions.csv"),
    };
    let lines: Vec<Line> = (questions.indices.iter().zip(&replies))
        .map(|(&index, reply)| Line::new(index, reply, &questions.trained))
        .collect();
    output::write(&path, &write.unwrap_or(table)(&lines, &questions.trained))?;
    let outcome = Outcome {
        network: resolved.network.name.clone(),
        backend: arguments.choice.backend(),
        weights: file,
        predictions: path,
        samples: replies.len(),
        settling: Settling::of(&replies),
        warning: questions.concern.map(|concern| concern.message),
    };
    printer.result(&outcome.to_string(), &outcome)
}

/// Makes the bytes of a file of predictions.
type Format = fn(&[Line], &AsTrained) -> Vec<u8>;

/// What writes a file of this ending.
fn format(path: &Path) -> Result<Format, Ending> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(table),
        Some("jsonl") => Ok(json_lines),
        _ => Err(Ending {
            path: path.display().to_string(),
        }),
    }
}

impl<'a> Line<'a> {
    fn new(index: usize, reply: &'a Reply, trained: &AsTrained) -> Line<'a> {
        let classes = !trained.real_targets();
        Line {
            index,
            answer: classes.then(|| trained.class_name(reply.answer)),
            margin: classes.then(|| reply.margin()),
            sweeps: reply.sweeps,
            settled: reply.settled,
            outputs: &reply.outputs,
        }
    }
}

fn json_lines(lines: &[Line], _: &AsTrained) -> Vec<u8> {
    let line = |line| serde_json::to_string(line).expect("numbers and words have a form in JSON");
    let text: String = lines.iter().map(|one| line(one) + "\n").collect();
    text.into_bytes()
}

/// Rows of equal length reach a table in memory.
const IN_MEMORY: &str = "every row has the cells of the header";

fn table(lines: &[Line], trained: &AsTrained) -> Vec<u8> {
    let outputs = lines.first().map_or(0, |line| line.outputs.len());
    let classes = !trained.real_targets();
    let mut header = vec!["index".to_owned()];
    if classes {
        header.extend(["answer", "margin"].map(str::to_owned));
    }
    header.extend(["sweeps", "settled"].map(str::to_owned));
    header.extend((0..outputs).map(|unit| match classes && outputs > 1 {
        true => format!("output {}", trained.class_name(unit)),
        false => format!("output {unit}"),
    }));
    let mut table = csv::Writer::from_writer(vec![]);
    table.write_record(header).expect(IN_MEMORY);
    for line in lines {
        let mut row = vec![line.index.to_string()];
        row.extend(line.answer.clone());
        row.extend(line.margin.map(|margin| margin.to_string()));
        row.extend([line.sweeps.to_string(), line.settled.to_string()]);
        row.extend(line.outputs.iter().map(f64::to_string));
        table.write_record(row).expect(IN_MEMORY);
    }
    table.into_inner().expect(IN_MEMORY)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{}: {} samples answered, {:.1} sweeps each, {} unsettled",
            self.network, self.samples, self.settling.sweeps_per_sample, self.settling.unsettled
        )?;
        writeln!(f, "weights: {}", self.weights.display())?;
        writeln!(f, "predictions: {}", self.predictions.display())
    }
}
