//! Saved weights asked about samples, in each of the three implementations.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use sim::ask::settle::{self, Settled};
use sim::ask::{self, Reply};
use sim::bittrue::Mode;
use sim::data::Dataset;
use sim::engine::Engine;
use sim::exchange::{self, OutOfRange};
use sim::verilate::Trace;
use thiserror::Error;

use crate::cmd::train::BackendName;
use crate::cosim::Hardware;
use crate::error::{Explained, Failure};
use crate::output::Printer;
use crate::resolve::Resolved;

/// Files that `eqprop train` leaves in its folder: the weights that a validation part chose, and those of the last epoch.
pub const BEST: &str = "best.npz";
pub const LAST: &str = "weights.npz";

/// Which weights, and what answers with them.
#[derive(Debug, clap::Args)]
pub struct Choice {
    /// Weights (.npz or .safetensors) [default: what `eqprop train` left in the folder of --out: best.npz, if a
    /// validation part chose weights, else weights.npz]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// What answers
    #[arg(long, value_enum, default_value_t = BackendName::Bittrue)]
    backend: BackendName,
}

/// No weights were named, and none are where training leaves them.
#[derive(Debug, Error, Diagnostic)]
#[error("there are no weights in `{folder}`")]
#[diagnostic(
    code(eqprop::weights::none),
    help("train first (`eqprop train`), name the folder of that run with --out, or the file with --weights")
)]
struct NoWeights {
    folder: String,
}

impl Choice {
    /// The file of the weights.
    ///
    /// # Errors
    /// None was named, and training left none.
    pub fn file(&self, resolved: &Resolved) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.weights {
            return Ok(path.clone());
        }
        let left = [BEST, LAST].map(|name| resolved.out.join(name));
        let found = left.into_iter().find(|path| path.is_file());
        Ok(found.ok_or_else(|| NoWeights {
            folder: resolved.out.display().to_string(),
        })?)
    }

    /// Name of what answers.
    pub fn backend(&self) -> &'static str {
        self.backend.name()
    }

    /// The answers to samples `indices` of `data`.
    ///
    /// # Errors
    /// Weights that do not fit the network; hardware that cannot be made or does not answer.
    pub fn ask(
        &self,
        resolved: &Resolved,
        file: &Path,
        data: &Dataset,
        indices: &[usize],
        printer: &Printer,
    ) -> Result<Vec<Reply>, Failure> {
        let network = &resolved.network;
        if self.backend == BackendName::Golden {
            let weights = exchange::load_reals(file, network)?;
            return Ok(ask::golden(network, &weights, data, indices));
        }
        let weights = exchange::load(file, network, OutOfRange::Refuse)?.weights;
        if self.backend == BackendName::Bittrue {
            return Ok(ask::bittrue(network, &weights, data, indices));
        }
        let failed = |error: &dyn std::error::Error| {
            Failure::failed(Explained::new("eqprop::ask::hardware", error))
        };
        let hardware = Hardware::new(resolved)?;
        let model = hardware.library(Trace::None)?.instance();
        let engine = Engine::new(hardware.plan, model, &weights, None);
        let mut engine = engine.map_err(|error| failed(&error))?;
        let progress = printer.progress();
        progress.start("asking", indices.len() as u64, "samples");
        let replies = ask::hardware(&mut engine, data, indices, &*progress);
        progress.finish();
        replies.map_err(|error| failed(&error))
    }
}

/// Hardware shows its states to a co-simulation only.
#[derive(Debug, Error, Diagnostic)]
#[error("the states of every sweep are those of a model")]
#[diagnostic(
    code(eqprop::ask::settle),
    help("choose the backend bittrue or golden; a co-simulation shows the hardware's writes beside both")
)]
struct Hidden;

impl Choice {
    /// How samples `indices` of `data` settle in a model, without a target or nudged towards theirs.
    ///
    /// # Errors
    /// Weights that do not fit the network; hardware is asked.
    pub fn settle(
        &self,
        resolved: &Resolved,
        file: &Path,
        (data, indices): (&Dataset, &[usize]),
        mode: Mode,
        printer: &Printer,
    ) -> Result<Vec<Settled>, Failure> {
        let network = &resolved.network;
        let fraction = network.formats.state_fraction;
        let samples = indices.iter().map(|&index| data.sample(index, fraction));
        let progress = printer.progress();
        match self.backend {
            BackendName::Hardware => Err(Hidden.into()),
            BackendName::Golden => {
                let weights = exchange::load_reals(file, network)?;
                Ok(settle::golden(network, &weights, samples, mode, &*progress))
            }
            BackendName::Bittrue => {
                let weights = exchange::load(file, network, OutOfRange::Refuse)?.weights;
                Ok(settle::bittrue(
                    network, &weights, samples, mode, &*progress,
                ))
            }
        }
    }
}

/// How the replies settled, as `--json` prints it.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Settling {
    /// Mean sweeps, or time steps, of a sample's free phase.
    pub sweeps_per_sample: f64,
    /// Samples that had not settled when it ended.
    pub unsettled: usize,
}

impl Settling {
    pub fn of(replies: &[Reply]) -> Settling {
        let sweeps: u64 = replies.iter().map(|reply| u64::from(reply.sweeps)).sum();
        Settling {
            sweeps_per_sample: sweeps as f64 / replies.len().max(1) as f64,
            unsettled: replies.iter().filter(|reply| !reply.settled).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn the_bit_true_model_is_found_under_both_spellings() {
        for name in ["bittrue", "bit-true"] {
            assert_eq!(BackendName::from_str(name, false), Ok(BackendName::Bittrue));
        }
    }
}
