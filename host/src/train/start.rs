//! What a training run starts from, and what learns.

use std::path::Path;

use hdl::arch::random_seed;
use sim::checkpoint::{Checkpoint, Parameters};
use sim::exchange::{self, OutOfRange};
use sim::golden::Reals;
use sim::progress::Progress;
use sim::train::{Backend, BitTrueBackend, GoldenBackend, HardwareBackend, Position};
use sim::verilate::Trace;
use sim::weights::Weights;

use super::run::failed;
use super::{ends, Settings};
use crate::cmd::train::{Arguments, BackendName};
use crate::cosim::{fault, Hardware};
use crate::error::Failure;
use crate::output::Printer;

/// More samples than these on hardware simulate longer than the quickly compiled model saves.
const MANY: u64 = 2_000;

/// Where a run starts: from random or given weights, or from a checkpoint.
pub struct Start {
    pub parameters: Parameters,
    pub random: u32,
    pub position: Position,
}

/// Reads or makes what a run starts from.
///
/// # Errors
/// A checkpoint of another run; weights that do not fit the network.
pub fn start(
    settings: &Settings,
    arguments: &Arguments,
    checkpoint: &Path,
    printer: &Printer,
) -> Result<Start, Failure> {
    let network = &settings.resolved.network;
    if arguments.resume {
        let found = Checkpoint::load_for(checkpoint, network)?;
        let (before, now) = (found.network.learning.epochs, network.learning.epochs);
        if before != now {
            printer.note(&format!(
                "the run goes on to {now} epochs in place of {before}: rates halve from here on as in a run of {now}"
            ));
        }
        let run = |backend: &str, batch: usize, samples: usize| {
            format!("backend {backend}, batches of {batch}, {samples} samples of data")
        };
        let saved = run(&found.backend, found.batch, found.samples);
        let asked = run(
            arguments.backend.name(),
            settings.batch,
            settings.train.len(),
        );
        if saved != asked {
            return Err(ends::OtherRun {
                path: checkpoint.display().to_string(),
                saved,
                asked,
            }
            .into());
        }
        printer.note(&format!(
            "going on from `{}`: epoch {}, sample {}",
            checkpoint.display(),
            found.position.epoch + 1,
            found.position.samples
        ));
        return Ok(Start {
            parameters: found.parameters,
            random: found.random_state,
            position: found.position,
        });
    }
    let fraction = network.formats.weight_fraction;
    let golden = arguments.backend == BackendName::Golden;
    let parameters = match (&arguments.weights, golden) {
        (Some(path), true) => Parameters::Real(exchange::load_reals(path, network)?),
        (Some(path), false) => {
            let beyond = match arguments.clamp {
                true => OutOfRange::Clamp,
                false => OutOfRange::Refuse,
            };
            let loaded = exchange::load(path, network, beyond)?;
            if loaded.clamped > 0 {
                printer.note(&format!("{} weights were clamped", loaded.clamped));
            }
            Parameters::Raw(loaded.weights)
        }
        (None, true) => Parameters::Real(Reals::of(&Weights::initial(network), fraction)),
        (None, false) => Parameters::Raw(Weights::initial(network)),
    };
    Ok(Start {
        parameters,
        random: random_seed(network.seed),
        position: Position::default(),
    })
}

/// What learns, with the parameters of the start.
///
/// # Errors
/// Hardware that cannot be made or does not answer.
pub fn backend<'a>(
    settings: &'a Settings,
    arguments: &Arguments,
    start: &Start,
    reading: &'a dyn Progress,
) -> Result<Box<dyn Backend + 'a>, Failure> {
    let network = &settings.resolved.network;
    let batch = settings.batch;
    match (&start.parameters, arguments.backend) {
        (Parameters::Raw(weights), BackendName::Bittrue) => Ok(Box::new(BitTrueBackend::new(
            network,
            weights,
            start.random,
            batch.ilog2(),
        ))),
        (Parameters::Raw(weights), BackendName::Hardware) => {
            let hardware = Hardware::new(&settings.resolved)?;
            let library = match arguments.inject_fault {
                Some(seed) => fault::broken(&hardware, seed)?,
                // Long runs are worth the compiler's time.
                None if arguments.samples.unwrap_or(u64::MAX) > MANY => hardware.fast()?,
                None => hardware.library(Trace::None)?,
            };
            let (plan, model) = (hardware.plan, library.instance());
            let every = arguments.check_every;
            let backend = HardwareBackend::new(plan, model, weights, start.random, every);
            Ok(Box::new(backend.map_err(failed)?.told(reading)))
        }
        (Parameters::Real(weights), BackendName::Golden) => Ok(Box::new(GoldenBackend::new(
            network,
            weights,
            start.random,
            batch,
        ))),
        (Parameters::Raw(weights), BackendName::Golden) => {
            let reals = Reals::of(weights, network.formats.weight_fraction);
            Ok(Box::new(GoldenBackend::new(
                network,
                &reals,
                start.random,
                batch,
            )))
        }
        (Parameters::Real(_), _) => unreachable!("a checkpoint of another backend is refused"),
    }
}

/// A model with the weights that the validation part chose, to be asked only.
///
/// # Errors
/// The file of these weights cannot be read.
pub fn chosen(settings: &Settings, arguments: &Arguments) -> Result<Box<dyn Backend>, Failure> {
    let network = &settings.resolved.network;
    let path = settings.best_file();
    Ok(match arguments.backend {
        BackendName::Golden => {
            let weights = exchange::load_reals(&path, network)?;
            Box::new(GoldenBackend::new(network, &weights, 1, 1))
        }
        // Hardware is asked through its model too, which its weights were held against.
        BackendName::Bittrue | BackendName::Hardware => {
            let weights = exchange::load(&path, network, OutOfRange::Refuse)?.weights;
            Box::new(BitTrueBackend::new(network, &weights, 1, 0))
        }
    })
}
