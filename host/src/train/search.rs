//! `--search-bits`: how narrow weights and states may be.

use std::fmt;

use hdl::arch::random_seed;
use hdl::config::{Formats, Network};
use rayon::prelude::*;
use serde::Serialize;
use sim::golden::Reals;
use sim::train::{
    Backend, BitTrueBackend, EpochReport, GoldenBackend, Measure, Position, TrainError, Trainer,
};
use sim::weights::Weights;

use super::seeds::spread;
use super::{outcome, Settings};
use crate::cmd::train::Arguments;
use crate::error::{Explained, Failure};
use crate::output::Printer;
use crate::report::table::{grouped, Align, Table};

/// Weight bits and state fraction bits that are tried.
const WEIGHT_BITS: [u32; 6] = [16, 12, 10, 8, 6, 4];
const STATE_FRACTIONS: [u32; 2] = [12, 8];
/// Weight fraction bits: as the network file's default, and with twice the range.
const LESS_FRACTION: [u32; 2] = [0, 1];
/// Seeds, if nothing is said.
const SEEDS: u32 = 3;
/// How far below real numbers a recommended width may stay.
const TOLERATED: f64 = 0.005;
/// The same of an RMSE, as a share of theirs.
const TOLERATED_RMSE: f64 = 0.05;

/// The result, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Search {
    network: String,
    nudging: String,
    epochs: u32,
    seeds: Vec<u32>,
    /// What the rows tell of: "accuracy", or "RMSE" where targets are real numbers.
    measure: &'static str,
    rows: Vec<Row>,
    /// Index of the narrowest row as good as real numbers, within half a point or a twentieth of their RMSE; `null` if
    /// there is none.
    recommended: Option<usize>,
}

/// One width over all seeds; the first row is of real numbers and has no formats.
#[derive(Clone, Debug, Serialize)]
struct Row {
    formats: Option<Formats>,
    /// Of the seeds' test results, 0…1.
    mean: f64,
    lowest: f64,
    highest: f64,
    /// Standard deviation over the seeds.
    deviation: f64,
    /// Mean of a run.
    saturations: f64,
    /// All weights and biases.
    memory_bits: u64,
}

pub fn run(settings: &Settings, arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let network = &settings.resolved.network;
    let first = network.seed;
    let seeds: Vec<u32> = (0..arguments.seeds.unwrap_or(SEEDS))
        .map(|n| first.wrapping_add(n))
        .collect();
    let candidates = candidates(network);
    let progress = printer.progress();
    let all = (seeds.len() * candidates.len()) as u64;
    progress.start("searching", all, "runs");
    let mut rows = vec![];
    for (index, formats) in candidates.iter().enumerate() {
        let runs: Vec<(f64, u64)> = seeds
            .par_iter()
            .map(|&seed| train(settings, *formats, seed))
            .collect::<Result<_, TrainError>>()
            .map_err(|error| Explained::new("eqprop::train", &error))?;
        rows.push(Row::new(network, *formats, &runs));
        progress.reach(((index + 1) * seeds.len()) as u64);
    }
    progress.finish();
    let measure = Measure::of(&settings.train);
    let search = Search {
        network: network.name.clone(),
        nudging: outcome::nudging(settings),
        epochs: network.learning.epochs,
        seeds,
        measure: measure.name(),
        recommended: recommend(&rows, measure),
        rows,
    };
    printer.result(&search.to_string(), &search)
}

/// Real numbers, then every width that the network can have.
fn candidates(network: &Network) -> Vec<Option<Formats>> {
    let mut found: Vec<Option<Formats>> = vec![None];
    for state_fraction in STATE_FRACTIONS {
        for bits in WEIGHT_BITS {
            for less in LESS_FRACTION {
                let mut formats = network.formats.with_weight_bits(bits);
                formats.state_fraction = state_fraction;
                formats.weight_fraction = formats.weight_fraction.saturating_sub(less);
                let mut tried = network.clone();
                tried.formats = formats;
                if tried.validate().is_ok() && !found.contains(&Some(formats)) {
                    found.push(Some(formats));
                }
            }
        }
    }
    found
}

/// Test result and saturations of one whole run; `None` trains real numbers.
fn train(
    settings: &Settings,
    formats: Option<Formats>,
    seed: u32,
) -> Result<(f64, u64), TrainError> {
    let mut network = settings.resolved.network.clone();
    network.seed = seed;
    network.formats = formats.unwrap_or(network.formats);
    let weights = Weights::initial(&network);
    let random = random_seed(seed);
    let backend: Box<dyn Backend> = match formats {
        Some(_) => {
            let shift = settings.batch.ilog2();
            Box::new(BitTrueBackend::new(&network, &weights, random, shift))
        }
        None => {
            let reals = Reals::of(&weights, network.formats.weight_fraction);
            Box::new(GoldenBackend::new(&network, &reals, random, settings.batch))
        }
    };
    let mut trainer = Trainer::new(
        &network,
        &settings.train,
        settings.test.as_ref(),
        network.learning.epochs,
        settings.batch,
        backend,
        Position::default(),
    )?;
    while !trainer.finished() {
        trainer.step(usize::MAX / 2)?;
    }
    let history = &trainer.position().history;
    let saturations = history.iter().filter_map(|epoch| epoch.saturations).sum();
    let result = history.last().map_or(0.0, EpochReport::held_measure);
    Ok((result, saturations))
}

impl Row {
    fn new(network: &Network, formats: Option<Formats>, runs: &[(f64, u64)]) -> Row {
        let results: Vec<f64> = runs.iter().map(|run| run.0).collect();
        let (mean, deviation) = spread(&results);
        let units = |layer: usize| network.layers[layer].units as u64;
        let weights: u64 = (network.blocks.iter())
            .map(|block| units(block.a) * units(block.b))
            .sum();
        let bits = formats.map_or(64, |formats| u64::from(formats.weight_bits));
        Row {
            formats,
            mean,
            lowest: runs.iter().map(|run| run.0).fold(f64::INFINITY, f64::min),
            highest: runs.iter().map(|run| run.0).fold(0.0, f64::max),
            deviation,
            saturations: runs.iter().map(|run| run.1 as f64).sum::<f64>() / runs.len() as f64,
            memory_bits: bits * (weights + network.free_units() as u64),
        }
    }
}

/// The row of fewest weight bits, then state bits, that is as good as real numbers.
fn recommend(rows: &[Row], measure: Measure) -> Option<usize> {
    let (golden, rest) = rows.split_first()?;
    (rest.iter().zip(1..))
        .filter(|(row, _)| match measure {
            Measure::Accuracy => row.mean >= golden.mean - TOLERATED,
            Measure::Rmse { .. } => row.mean <= golden.mean * (1.0 + TOLERATED_RMSE),
        })
        .min_by_key(|(row, _)| {
            let formats = row.formats.expect("only the first row has no formats");
            (formats.weight_bits, formats.state_fraction)
        })
        .map(|(_, index)| index)
}

impl fmt::Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let regression = self.measure != Measure::Accuracy.name();
        let (title, bound) = match regression {
            false => ("test accuracy, %", "half a point"),
            true => ("test RMSE", "a twentieth"),
        };
        let mut table = Table::new([
            ("weights", Align::Left),
            ("states", Align::Right),
            (title, Align::Right),
            ("spread", Align::Right),
            ("saturations", Align::Right),
            ("weight memory, bits", Align::Right),
        ]);
        for row in &self.rows {
            let (weights, states) = match row.formats {
                None => ("f64".to_owned(), "f64".to_owned()),
                Some(formats) => (
                    format!(
                        "{} bits, {} fraction",
                        formats.weight_bits, formats.weight_fraction
                    ),
                    format!("{} fraction", formats.state_fraction),
                ),
            };
            table.row([
                &weights,
                &states,
                &match regression {
                    false => format!("{:.2} ± {:.2}", 100.0 * row.mean, 100.0 * row.deviation),
                    true => format!("{:.4} ± {:.4}", row.mean, row.deviation),
                },
                &match regression {
                    false => format!("{:.1} … {:.1}", 100.0 * row.lowest, 100.0 * row.highest),
                    true => format!("{:.4} … {:.4}", row.lowest, row.highest),
                },
                &match row.formats {
                    None => "none".into(),
                    Some(_) => grouped(row.saturations.round() as u64),
                },
                &grouped(row.memory_bits),
            ]);
        }
        writeln!(
            f,
            "{}, {} nudging, {} epochs, seeds {:?}\n",
            self.network, self.nudging, self.epochs, self.seeds
        )?;
        write!(f, "{table}")?;
        let formats = self.recommended.and_then(|index| self.rows[index].formats);
        match formats {
            Some(formats) => writeln!(
                f,
                "\nrecommended: weight_bits = {}, weight_fraction = {}, state_fraction = {}: the narrowest \
                 within {bound} of real numbers",
                formats.weight_bits, formats.weight_fraction, formats.state_fraction
            ),
            None => writeln!(f, "\nno width stays within {bound} of real numbers"),
        }
    }
}
