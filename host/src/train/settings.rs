//! What a training run was asked for, checked.

use miette::Diagnostic;
use sim::bittrue::MAX_BATCH_SHIFT;
use sim::data::{Concern, Dataset, Parts};
use sim::train::Split;
use thiserror::Error;

use crate::cmd::train::{Arguments, BackendName};
use crate::error::{Explained, Failure};
use crate::output::Printer;
use crate::resolve::Resolved;

/// A checked network with its data.
pub struct Settings {
    pub resolved: Resolved,
    pub train: Dataset,
    pub test: Option<Dataset>,
    concerns: Vec<Concern>,
    pub batch: usize,
}

impl Settings {
    /// Resolves network and data, and tells what is odd about them.
    ///
    /// # Errors
    /// What [`crate::args::Common::resolve`] and [`Parts::load`] refuse, a batch that is no power of two, and
    /// rates that can change no weight.
    pub fn new(arguments: &Arguments, printer: &Printer) -> Result<Settings, Failure> {
        if let Some(threads) = arguments.threads {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into());
            pool.build_global()
                .map_err(|error| Explained::new("eqprop::train::threads", &error))?;
        }
        let mut resolved = arguments.common.resolve()?;
        let network = &mut resolved.network;
        if let Some(epochs) = arguments.epochs {
            network.learning.epochs = epochs;
        }
        if let Some(nudging) = arguments.nudging {
            network.phases.nudging = nudging.into();
        }
        if let Some(bits) = arguments.weight_bits {
            network.formats = network.formats.with_weight_bits(bits);
        }
        resolved.warnings = network.validate()?;
        let batch = batch(arguments)?;
        let parts = Parts::load(
            network,
            &resolved.folder,
            arguments.data.given(),
            arguments.test_data.as_deref(),
        )?;
        for (index, block) in network.blocks.iter().enumerate() {
            let most = 2 * i64::from(network.formats.state_fraction)
                + i64::from(network.learning.halvings)
                + 16;
            let shift = network.learning_shift(block);
            if shift > most {
                return Err(Frozen {
                    block: index,
                    shift,
                    most,
                }
                .into());
            }
        }
        let mut concerns = parts.train.concerns();
        concerns.extend(parts.concern);
        let settings = Settings {
            concerns,
            train: parts.train,
            test: parts.test,
            batch,
            resolved,
        };
        settings.tell(printer);
        Ok(settings)
    }

    /// Which samples are learned from and tested with.
    pub fn split(&self) -> Split {
        let (samples, seed) = (self.train.len(), self.resolved.network.seed);
        Split::new(samples, self.test.is_some(), seed)
    }

    /// Test samples are others than those that are learned from.
    pub fn held_out(&self) -> bool {
        let split = self.split();
        self.test.is_some() || split.test() != split.train()
    }

    /// What of the data spoils training.
    pub fn concerns(&self) -> impl Iterator<Item = &Concern> {
        self.concerns.iter()
    }

    fn tell(&self, printer: &Printer) {
        for concern in &self.concerns {
            printer.concern(concern);
        }
        for warning in &self.resolved.warnings {
            printer.warning(warning);
        }
        printer.data(&self.train);
        let split = self.split();
        let missing = self.train.missing_classes(split.train());
        if !missing.is_empty() {
            printer.note(&format!(
                "no training sample of class {}: the network cannot learn to answer it",
                missing
                    .iter()
                    .map(|&class| self.train.class_name(class))
                    .collect::<Vec<_>>()
                    .join(", ")
            ));
        }
        if !self.held_out() {
            printer.note("fewer than ten samples: all are learned from and tested with");
        }
    }
}

/// The batch of the arguments, which must suit the backend.
fn batch(arguments: &Arguments) -> Result<usize, Failure> {
    let batch = arguments.batch;
    if !batch.is_power_of_two() || batch > 1 << MAX_BATCH_SHIFT {
        return Err(BadBatch {
            batch,
            most: 1 << MAX_BATCH_SHIFT,
        }
        .into());
    }
    if arguments.backend == BackendName::Hardware && batch > 1 {
        return Err(Online { batch }.into());
    }
    Ok(batch)
}

#[derive(Debug, Error, Diagnostic)]
#[error("--batch is {batch}: the mean gradient is a shift, so a batch has a power of two of samples, at most {most}")]
#[diagnostic(code(eqprop::train::batch), help("give --batch 1, 2, 4, 8, …"))]
struct BadBatch {
    batch: usize,
    most: usize,
}

#[derive(Debug, Error, Diagnostic)]
#[error("--batch is {batch}: the hardware learns from every sample at once")]
#[diagnostic(
    code(eqprop::train::online),
    help("leave --batch out, or train with --backend bittrue")
)]
struct Online {
    batch: usize,
}

#[derive(Debug, Error, Diagnostic)]
#[error("block {block} has the learning shift {shift}: not even the largest difference of states changes a weight, above {most} never")]
#[diagnostic(
    code(eqprop::train::rate),
    help("use a smaller rate_shift, a larger beta or more weight bits")
)]
struct Frozen {
    block: usize,
    shift: i64,
    most: i64,
}
