//! `eqprop analyse`: does the theory hold on this network, in models and hardware? One page, one JSON.

use std::fmt;
use std::path::PathBuf;

use clap::value_parser;
use hdl::config::Nudging;
use serde::Serialize;
use sim::analysis::runs::Rig;
use sim::analysis::{analyse, Analysis, AnalysisError, Subject};
use sim::data::{Dataset, Shuffled};
use sim::exchange::{self, OutOfRange};
use sim::verilate::{Library, Trace};
use sim::weights::Weights;

use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::cosim::Hardware;
use crate::error::{Explained, Failure};
use crate::output::{self, Printer};
use crate::questions::Learned;
use crate::report::analysis::page;
use crate::report::analysis::verdict::{verdicts, Standing, Verdict};
use crate::report::table::{Align, Table};
use crate::resolve::Resolved;

/// Measure the physics of a network: energy, symmetry, stability, linear response, gradients, credit
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop analyse --network digits\n         \
                        eqprop analyse --weights target/eqprop/digits/weights.npz --no-hardware")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    /// Samples whose energy and settling are followed, in a seeded random order; gradients are compared on
    /// the first 40 of them, fewer on large networks
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = value_parser!(u32).range(1..=100_000))]
    samples: u32,
    /// Analyse these weights (.npz or .safetensors) in place of random ones
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Leave the hardware out: models only
    #[arg(long)]
    no_hardware: bool,
}

/// What `--json` prints; the file beside the page holds all numbers.
#[derive(Serialize)]
struct Report {
    network: String,
    samples: usize,
    seed: u32,
    no_hardware: Option<String>,
    verdicts: Vec<Verdict>,
    page: PathBuf,
    data: PathBuf,
}

/// The JSON file: the sentences, then all numbers.
#[derive(Serialize)]
struct Numbers<'a> {
    verdicts: &'a [Verdict],
    #[serde(flatten)]
    analysis: &'a Analysis,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let network = &resolved.network;
    if network.spiking().is_some() {
        return Err(Spikes {
            network: network.name.clone(),
        }
        .into());
    }
    let given = arguments.data.given();
    let load = |given| Dataset::load(network, &resolved.folder, given);
    let (data, weights, start) = match &arguments.weights {
        Some(path) => {
            let loaded = exchange::load(path, network, OutOfRange::Refuse)?;
            let learned = Learned::of(Some(path), &resolved, given, printer)?;
            let data = load(learned.given(given))?;
            Learned::compare(&data, printer);
            (data, loaded.weights, "given weights")
        }
        None => (load(given)?, Weights::initial(network), "initial weights"),
    };
    let _claim = Claim::new(&resolved.out, Kind::Analysis)?;
    for warning in &resolved.warnings {
        printer.warning(warning);
    }
    printer.data(&data);
    let hardware = hardware(arguments, &resolved);
    if let Err(reason) = &hardware {
        printer.note(&format!("no hardware: {reason}"));
    }
    let fraction = network.formats.state_fraction;
    let order = Shuffled::new(data.len(), network.seed);
    let count = data.len().min(arguments.samples as usize);
    let subject = Subject {
        network,
        weights: &weights,
        samples: (order.take(count))
            .map(|index| (index, data.sample(index, fraction)))
            .collect(),
    };
    let rig = hardware.as_ref().ok().map(|(hardware, library)| Rig {
        plan: &hardware.plan,
        library,
    });
    let reason = hardware.as_ref().err().cloned();
    let progress = printer.progress();
    let analysis = analyse(&subject, &data, start, rig.as_ref(), reason, &*progress);
    let analysis = analysis.map_err(|error| match error {
        AnalysisError::Lockstep(error) => failed(&error),
        AnalysisError::Train(error) => failed(&error),
    })?;
    let report = write(&resolved, &analysis, start)?;
    printer.result(&report.to_string(), &report)?;
    let failing = report
        .verdicts
        .iter()
        .filter(|v| v.standing == Standing::Fail);
    match failing.map(|v| v.text.as_str()).collect::<Vec<_>>()[..] {
        [] => Ok(()),
        ref texts => Err(Failure::failed(Broken {
            texts: texts.join("; "),
        })),
    }
}

/// Generated and Verilated hardware, or why there is none.
fn hardware(arguments: &Arguments, resolved: &Resolved) -> Result<(Hardware, Library), String> {
    if arguments.no_hardware {
        return Err("left out with --no-hardware".to_owned());
    }
    let text = |failure: Failure| match failure {
        Failure::Report { report, .. } => report.to_string(),
        Failure::ReaderGone => "nobody listens".to_owned(),
    };
    let hardware = Hardware::new(resolved).map_err(text)?;
    let library = hardware.library(Trace::None).map_err(text)?;
    Ok((hardware, library))
}

/// Writes page and JSON.
fn write(resolved: &Resolved, analysis: &Analysis, start: &str) -> Result<Report, Failure> {
    let network = &resolved.network;
    let units: Vec<String> = network.layers.iter().map(|l| l.units.to_string()).collect();
    let nudging = match network.phases.nudging {
        Nudging::Positive => "positive",
        Nudging::RandomSign => "random-sign",
        Nudging::Symmetric => "symmetric",
    };
    let facts = [
        units.join("-"),
        format!(
            "weights of {} bits, {} of them fraction",
            network.formats.weight_bits, network.formats.weight_fraction
        ),
        format!("states of {} fraction bits", network.formats.state_fraction),
        format!("{nudging} nudging at β = 2^-{}", network.phases.beta_shift),
        start.to_owned(),
        format!("{} samples", analysis.samples),
        format!("seed {}", analysis.seed),
    ];
    let verdicts = verdicts(analysis);
    let numbers = Numbers {
        verdicts: &verdicts,
        analysis,
    };
    let json =
        serde_json::to_string_pretty(&numbers).expect("numbers and names have a form in JSON");
    let report = Report {
        network: network.name.clone(),
        samples: analysis.samples,
        seed: analysis.seed,
        no_hardware: analysis.no_hardware.clone(),
        page: resolved.out.join("analysis.html"),
        data: resolved.out.join("analysis.json"),
        verdicts,
    };
    output::write(&report.data, (json + "\n").as_bytes())?;
    output::write(&report.page, page(analysis, &facts).as_bytes())?;
    Ok(report)
}

fn failed(error: &(impl std::error::Error + ?Sized)) -> Failure {
    Failure::failed(Explained::new("eqprop::analyse", error))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([("", Align::Left), ("", Align::Left), ("", Align::Left)]);
        for verdict in &self.verdicts {
            table.row([verdict.section, verdict.standing.word(), &verdict.text]);
        }
        write!(
            f,
            "{table}\n{}\n{}\n",
            self.page.display(),
            self.data.display()
        )
    }
}

/// Units that never rest.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the units of `{network}` spike: their states never rest, so there is no energy to descend, and no rest whose response and gradient could be compared")]
#[diagnostic(
    code(eqprop::analyse::spiking),
    help("analyse the same layers with rate units: leave `neuron` out of the network file")
)]
struct Spikes {
    network: String,
}

/// The theory promises something that does not hold.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("what the theory promises does not hold: {texts}")]
#[diagnostic(
    code(eqprop::analyse::broken),
    help("`eqprop cosim` shows whether hardware and models agree; the page shows the numbers")
)]
struct Broken {
    texts: String,
}
