//! What a training run was asked for, checked.

use std::path::PathBuf;

use hdl::config::Network;
use miette::Diagnostic;
use sim::bittrue::MAX_BATCH_SHIFT;
use sim::data::{AsTrained, Concern, Dataset, Given, Parts};
use sim::exchange;
use sim::train::Split;
use thiserror::Error;

use crate::ask::BEST;
use crate::cmd::train::{Arguments, BackendName};
use crate::error::{Explained, Failure};
use crate::output::Printer;
use crate::resolve::Resolved;

/// What --early-stop keeps back to choose by, if nothing else is said.
const EARLY_STOP_SHARE: f64 = 0.1;

/// A checked network with its data.
pub struct Settings {
    pub resolved: Resolved,
    pub train: Dataset,
    pub test: Option<Dataset>,
    /// What goes with the weights.
    pub as_trained: AsTrained,
    concerns: Vec<Concern>,
    /// Whose scale inputs are on, where weights are given.
    scale: Option<String>,
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
        let settings = Settings::resolve(arguments, None)?;
        settings.tell(printer);
        Ok(settings)
    }

    /// The same of another seed, in a folder of its own, without a word.
    ///
    /// # Errors
    /// As [`Settings::new`].
    pub fn of_seed(arguments: &Arguments, seed: u32) -> Result<Settings, Failure> {
        Settings::resolve(arguments, Some(seed))
    }

    fn resolve(arguments: &Arguments, seed: Option<u32>) -> Result<Settings, Failure> {
        let mut resolved = arguments.common.resolve()?;
        if let Some(seed) = seed {
            resolved.network.seed = seed;
            resolved.out = resolved.out.join(format!("seed-{seed}"));
        }
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
        arguments.scale.apply(network);
        arguments.augment.apply(network);
        if let Some(share) = arguments.validation {
            network.data.validation = share;
        } else if arguments.early_stop.is_some() && network.data.validation == 0.0 {
            network.data.validation = EARLY_STOP_SHARE;
        }
        resolved.warnings = network.validate()?;
        let batch = batch(arguments)?;
        let known = match &arguments.weights {
            Some(path) if !arguments.scale.is_some() => exchange::as_trained(path, network)?,
            _ => None,
        };
        let given = Given {
            trained: known.as_ref(),
            ..arguments.data.given()
        };
        let test_data = arguments.test_data.as_deref();
        let parts = Parts::load(network, &resolved.folder, given, test_data)?;
        parts.have_shape(network)?;
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
        if known.is_some() {
            concerns.extend(parts.train.strays("training data"));
        }
        concerns.extend(parts.concern.clone());
        let scale = arguments.weights.as_ref().map(|path| match known {
            Some(_) => format!(
                "inputs keep the scale that `{}` learned with; --scale learns one from these data",
                path.display()
            ),
            None => format!(
                "the scale of inputs is learned from these data, not taken from `{}`",
                path.display()
            ),
        });
        let as_trained = parts.as_trained(network);
        let settings = Settings {
            concerns,
            scale,
            as_trained,
            train: parts.train,
            test: parts.test,
            batch,
            resolved,
        };
        sighted(
            &settings.resolved.network,
            &settings.train,
            &settings.split(),
        )?;
        Ok(settings)
    }

    /// Weights are chosen by a validation part.
    pub fn validates(&self) -> bool {
        !self.split().validation().is_empty()
    }

    /// The file of the weights that the validation part chooses.
    pub fn best_file(&self) -> PathBuf {
        self.resolved.out.join(BEST)
    }

    /// Which samples are learned from and tested with.
    pub fn split(&self) -> Split {
        let network = &self.resolved.network;
        let (samples, own_test) = (self.train.len(), self.test.is_some());
        Split::new(samples, own_test, network.data.validation, network.seed)
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
        if let Some(scale) = &self.scale {
            printer.note(scale);
        }
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

/// Whether the validation part, if there is one, knows every class that is learned.
///
/// # Errors
/// It is blind to a class.
pub fn sighted(network: &Network, train: &Dataset, split: &Split) -> Result<(), Blind> {
    if split.validation().is_empty() {
        return Ok(());
    }
    let learned = train.missing_classes(split.train());
    let missing = train.missing_classes(split.validation());
    match missing.into_iter().find(|class| !learned.contains(class)) {
        None => Ok(()),
        Some(class) => Err(Blind {
            share: network.data.validation,
            samples: split.validation().len(),
            class: train.class_name(class),
        }),
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
#[error("the validation part, {share} of the training samples, has {samples} samples and none of class {class}: it would choose weights that do not know it")]
#[diagnostic(
    code(eqprop::train::validation),
    help("keep more back with --validation, at most 0.5, take another --seed, or give more samples of the class")
)]
pub struct Blind {
    share: f64,
    samples: usize,
    class: String,
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
