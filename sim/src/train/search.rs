//! The narrowest number formats that still learn: whole training runs over formats and seeds.

use std::sync::mpsc;

use super::{Backend, BitTrueBackend, GoldenBackend, Options, Split, Trainer};
use crate::data::Dataset;
use crate::progress::Progress;
use hdl::config::{ConfigError, Network};
use rayon::prelude::*;
use serde::Serialize;

/// Accuracy that a recommended format may lose against real numbers.
pub const ALLOWED_LOSS: f64 = 0.005;

/// Number formats to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// B.
    pub weight_bits: u32,
    /// G.
    pub weight_fraction: u32,
    /// F.
    pub state_fraction: u32,
}

/// What one candidate gave.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// `None` for real numbers.
    pub candidate: Option<Candidate>,
    /// Test accuracy after the last epoch, 0…1, a seed each.
    pub accuracies: Vec<f64>,
    pub mean: f64,
    /// Standard deviation over the seeds (of a sample: n − 1); 0 with one seed.
    pub deviation: f64,
    /// Saturated words of a run, mean over the seeds.
    pub saturations: f64,
    /// Bits of all weights and biases; 64 a word for real numbers.
    pub memory_bits: u64,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SearchReport {
    /// Real numbers, on the network's own formats for inputs and initial weights.
    pub reference: Row,
    /// The candidates as given.
    pub rows: Vec<Row>,
    /// Index of the row with the fewest weight bits, then state bits, whose mean is within
    /// [`ALLOWED_LOSS`] of the reference.
    pub recommended: Option<usize>,
}

impl Candidate {
    /// B bits with as many fraction bits as the defaults give: 13, or B − 2 where that is less.
    pub fn new(weight_bits: u32, state_fraction: u32) -> Self {
        Self {
            weight_bits,
            weight_fraction: weight_bits.saturating_sub(2).min(13),
            state_fraction,
        }
    }

    /// The network in these formats.
    ///
    /// # Errors
    /// Formats that do not fit its β and rates.
    pub fn apply(&self, network: &Network) -> Result<Network, ConfigError> {
        let mut network = network.clone();
        network.formats.weight_bits = self.weight_bits;
        network.formats.weight_fraction = self.weight_fraction;
        network.formats.state_fraction = self.state_fraction;
        network.validate()?;
        Ok(network)
    }
}

/// Trains every candidate with every seed, online, all cores at once; a seed decides initial
/// weights, split (of `data`, unless `test` is another data set), order and draws.
///
/// # Errors
/// A candidate that does not fit the network.
///
/// # Panics
/// If there is no seed.
pub fn search(
    network: &Network,
    data: &Dataset,
    test: Option<&Dataset>,
    candidates: &[Candidate],
    seeds: &[u32],
    progress: &dyn Progress,
) -> Result<SearchReport, ConfigError> {
    assert!(!seeds.is_empty(), "a search over no seed");
    let mut jobs = Vec::new();
    for candidate in std::iter::once(None).chain(candidates.iter().copied().map(Some)) {
        let network = match candidate {
            Some(candidate) => candidate.apply(network)?,
            None => network.clone(),
        };
        jobs.extend(seeds.iter().map(|&seed| {
            let mut network = network.clone();
            network.seed = seed;
            (candidate.is_some(), network)
        }));
    }
    let (done, finished) = mpsc::channel();
    progress.start("searching", jobs.len() as u64, "runs");
    let results: Vec<(f64, u64)> = std::thread::scope(|scope| {
        let work = scope.spawn(|| {
            // Moved here, so that the channel closes when the work ends.
            let done = done;
            let runs = jobs.par_iter().map_with(done, |done, (integers, network)| {
                let result = run(*integers, network, data, test);
                // Nobody listening is no reason to stop.
                let _ = done.send(());
                result
            });
            runs.collect()
        });
        (1..)
            .zip(&finished)
            .for_each(|(count, ())| progress.reach(count));
        match work.join() {
            Ok(results) => results,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    progress.finish();

    let mut rows = results.chunks(seeds.len());
    let words = words(network);
    let mut row = |candidate: Option<Candidate>| {
        let results = rows.next().unwrap_or_default();
        let bits = candidate.map_or(64, |candidate| candidate.weight_bits);
        Row::new(candidate, results, words * u64::from(bits))
    };
    let reference = row(None);
    let rows: Vec<Row> = candidates.iter().map(|&it| row(Some(it))).collect();
    Ok(SearchReport {
        recommended: recommend(&reference, &rows),
        reference,
        rows,
    })
}

/// Test accuracy after the last epoch, and all saturations.
fn run(integers: bool, network: &Network, data: &Dataset, test: Option<&Dataset>) -> (f64, u64) {
    let split = match test {
        Some(test) => Split::separate(data, test),
        None => Split::seeded(data, network.seed),
    };
    match integers {
        true => finish(network, split, BitTrueBackend::new(network)),
        false => finish(network, split, GoldenBackend::new(network)),
    }
}

fn finish<B>(network: &Network, split: Split, backend: B) -> (f64, u64)
where
    B: Backend<Error = std::convert::Infallible>,
{
    let Ok(mut trainer) = Trainer::new(network, split, backend, Options::of(network));
    while !trainer.finished() {
        let Ok(_) = trainer.step();
    }
    let history = trainer.history();
    (
        history.last().map_or(0.0, |last| last.test_accuracy),
        history.iter().map(|epoch| epoch.saturations).sum(),
    )
}

/// Weights and biases of a network; a self-connected layer stores half of its square.
fn words(network: &Network) -> u64 {
    let units = |layer: usize| network.layers[layer].units as u64;
    let weights = network.blocks.iter().map(|block| match block.a == block.b {
        true => units(block.a) * (units(block.a) - 1) / 2,
        false => units(block.a) * units(block.b),
    });
    weights.sum::<u64>() + network.free_units() as u64
}

fn recommend(reference: &Row, rows: &[Row]) -> Option<usize> {
    let good = rows.iter().enumerate().filter_map(|(index, row)| {
        let candidate = row.candidate?;
        let bits = (candidate.weight_bits, candidate.state_fraction);
        (row.mean >= reference.mean - ALLOWED_LOSS).then_some((bits, index))
    });
    good.min().map(|(_, index)| index)
}

impl Row {
    fn new(candidate: Option<Candidate>, results: &[(f64, u64)], memory_bits: u64) -> Self {
        let count = results.len() as f64;
        let mean = results.iter().map(|result| result.0).sum::<f64>() / count;
        let squares = results.iter().map(|result| (result.0 - mean).powi(2));
        Self {
            candidate,
            accuracies: results.iter().map(|result| result.0).collect(),
            mean,
            deviation: (squares.sum::<f64>() / (count - 1.0).max(1.0)).sqrt(),
            saturations: results.iter().map(|result| result.1 as f64).sum::<f64>() / count,
            memory_bits,
        }
    }
}
