//! One training run: the backend, steps, checkpoints, the log.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hdl::arch::random_seed;
use hdl::config::Network;
use sim::analysis::stability;
use sim::checkpoint::{Checkpoint, Parameters};
use sim::exchange::{self, Form, OutOfRange};
use sim::golden::Reals;
use sim::progress::Progress;
use sim::train::{
    best, Backend, BitTrueBackend, EpochReport, GoldenBackend, HardwareBackend, Position,
    TrainError, Trainer,
};
use sim::verilate::Trace;
use sim::weights::Weights;

use super::ends;
use super::log::Log;
use super::outcome::{self, Outcome, Scores};
use super::{plots, Settings};
use crate::ask::LAST;
use crate::claim::{Claim, Kind};
use crate::cmd::train::{Arguments, BackendName};
use crate::cosim::fault;
use crate::cosim::Hardware;
use crate::error::{Explained, Failure};
use crate::output::{self, Printer};
use crate::tools::interrupt::Patience;

const CHECKPOINT_FILE: &str = "train.checkpoint";
/// Without `--checkpoint-every`, this long passes between checkpoints.
const CHECKPOINT: Duration = Duration::from_secs(2);
/// More samples than these on hardware simulate longer than the quickly compiled model saves.
const MANY: u64 = 2_000;
/// Samples of a step: short enough for a lively bar and for a Ctrl-C. Simulated hardware takes long for one.
const STEP: usize = 64;
const HARDWARE_STEP: usize = 1;

/// What a Ctrl-C does while a run learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnInterrupt {
    /// It ends the program.
    End,
    /// It saves a checkpoint and says how to go on.
    Save,
}

/// Where a run starts: from random or given weights, or from a checkpoint.
struct Start {
    parameters: Parameters,
    random: u32,
    position: Position,
}

pub fn run(settings: &Settings, arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let out = &settings.resolved.out;
    let checkpoint = out.join(CHECKPOINT_FILE);
    // Before a mistyped folder is made.
    if arguments.resume && !checkpoint.is_file() {
        return Err(ends::NoCheckpoint::new(&checkpoint).into());
    }
    let _claim = Claim::new(out, Kind::Training)?;
    let (outcome, _) = execute(settings, arguments, OnInterrupt::Save, printer)?;
    printer.result(&outcome.to_string(), &outcome)?;
    match outcome.weight_mismatches {
        None | Some(0) => Ok(()),
        Some(weights) => Err(Failure::failed(ends::Differs { weights })),
    }
}

/// Trains and writes checkpoint, log, weights and plots; the folder must have been claimed for it. The result, and the
/// epochs that led there.
///
/// # Errors
/// Bad input, a Ctrl-C, a file that cannot be written, hardware that does not answer. Weights that differ are part of the
/// outcome.
pub fn execute(
    settings: &Settings,
    arguments: &Arguments,
    on_interrupt: OnInterrupt,
    printer: &Printer,
) -> Result<(Outcome, Vec<EpochReport>), Failure> {
    let network = &settings.resolved.network;
    let out = &settings.resolved.out;
    let checkpoint = out.join(CHECKPOINT_FILE);
    let start = start(settings, arguments, &checkpoint, printer)?;
    warn(network, &start.parameters, "initial", printer);
    let reading = printer.progress();
    let backend = backend(settings, arguments, &start, &*reading)?;
    let tensorboard = arguments.tensorboard.as_deref();
    let log = Log::begin(out, tensorboard, &start.position.history)?;
    let best = settings.best_file();
    match start.position.history.is_empty() {
        // What an earlier run chose is not what this one does.
        true => remove(&best)?,
        false if settings.validates() && !best.is_file() => {
            return Err(ends::NoBest::new(&best).into());
        }
        false => {}
    }
    let mut trainer = Trainer::new(
        network,
        &settings.train,
        settings.test.as_ref(),
        network.learning.epochs,
        settings.batch,
        backend,
        start.position,
    )
    .map_err(failed)?;

    let files = (&*checkpoint, &log);
    let trained = train(
        &mut trainer,
        settings,
        arguments,
        files,
        on_interrupt,
        printer,
    );
    let (scores, differing) = match trained {
        Ok(scores) => (scores, 0),
        Err(Stopped::Training(TrainError::Differs { weights, first, .. })) => {
            printer.note(&format!(
                "weights differ from the bit-true model's: {first}"
            ));
            // Hardware that went its own way has no score that means anything.
            (Scores::default(), weights)
        }
        Err(Stopped::Training(error)) => return Err(failed(error)),
        Err(Stopped::Other(failure)) => return Err(failure),
    };
    let outcome = Outcome::new(&mut trainer, settings, arguments, scores, differing);
    let parameters = trainer.backend().parameters().map_err(failed)?;
    warn(network, &parameters, "trained", printer);
    let (lines, table, events) = log.files();
    let files = outcome::Files {
        checkpoint,
        log: lines,
        table,
        events,
        weights: save_weights(settings, arguments, &parameters)?,
        best: outcome.best_epoch.map(|_| best),
        plots: plots::plot(settings, trainer.position(), &parameters, out)?,
        spikes: plots::spikes(settings, &trainer, &parameters, out)?,
    };
    let history = trainer.position().history.clone();
    Ok((outcome.with(files), history))
}

/// Warns of weights with which phases may not settle.
fn warn(network: &Network, parameters: &Parameters, which: &str, printer: &Printer) {
    let reals = match parameters {
        Parameters::Raw(weights) => &Reals::of(weights, network.formats.weight_fraction),
        Parameters::Real(reals) => reals,
    };
    for mut warning in stability::warnings(network, reals) {
        warning.message = format!("{which} weights: {}", warning.message);
        printer.warning(&warning);
    }
}

/// Why training ended early.
enum Stopped {
    Training(TrainError),
    Other(Failure),
}

impl From<TrainError> for Stopped {
    fn from(error: TrainError) -> Stopped {
        Stopped::Training(error)
    }
}

/// Steps until all epochs are done, enough samples are shown or tests get no better; then scores the
/// weights as they are, hardware once they are known to be the bit-true model's.
fn train(
    trainer: &mut Trainer,
    settings: &Settings,
    arguments: &Arguments,
    (checkpoint, log): (&Path, &Log),
    on_interrupt: OnInterrupt,
    printer: &Printer,
) -> Result<Scores, Stopped> {
    let epochs = settings.resolved.network.learning.epochs;
    let each = trainer.samples_per_epoch() as u64;
    let shown = |position: &Position| each * u64::from(position.epoch) + position.samples as u64;
    let all = arguments
        .samples
        .unwrap_or(u64::MAX)
        .min(each * u64::from(epochs));
    let most = match arguments.backend {
        BackendName::Hardware => HARDWARE_STEP,
        BackendName::Bittrue | BackendName::Golden => STEP,
    };
    let patience = (on_interrupt == OnInterrupt::Save).then(Patience::begin);
    let progress = printer.progress();
    progress.start("training", all, "samples");
    let (mut saved, mut since) = (Instant::now(), shown(trainer.position()));
    loop {
        let done = shown(trainer.position());
        progress.reach(done.min(all));
        if done >= all || trainer.finished() || stalled(trainer.position(), arguments.early_stop) {
            break;
        }
        if patience.as_ref().is_some_and(Patience::is_over) {
            save_checkpoint(trainer, settings, arguments, checkpoint)?;
            return Err(Stopped::Other(ends::interrupted(checkpoint, done, all)));
        }
        let mut step = most.min((all - done) as usize);
        if let Some(every) = arguments.checkpoint_every {
            step = step.min((since + every - done) as usize);
        }
        let report = trainer.step(step)?;
        if let Some(report) = &report {
            progress.detail(&outcome::line(report));
            log.add(report).map_err(Stopped::Other)?;
            let history = &trainer.position().history;
            if best(history).is_some_and(|epoch| epoch + 1 == history.len()) {
                let parameters = trainer.backend().parameters()?;
                let saved = write_weights(settings, &settings.best_file(), &parameters);
                saved.map_err(Stopped::Other)?;
            }
        }
        let done = shown(trainer.position());
        let due = match arguments.checkpoint_every {
            Some(every) => done >= since + every,
            None => saved.elapsed() >= CHECKPOINT,
        };
        if report.is_some() || due {
            (saved, since) = (Instant::now(), done);
            save_checkpoint(trainer, settings, arguments, checkpoint)?;
        }
    }
    progress.finish();
    // From here on nothing is lost that --resume would not make again.
    drop(patience);
    let scores = match best(&trainer.position().history) {
        None => Scores {
            train: trainer.train_score()?,
            test: trainer.test()?,
        },
        Some(_) => {
            let mut chosen = chosen(settings, arguments).map_err(Stopped::Other)?;
            Scores {
                train: chosen.score(&settings.train, trainer.split().train())?,
                test: match &settings.test {
                    Some(test) => {
                        let all: Vec<usize> = (0..test.len()).collect();
                        chosen.score(test, &all)?
                    }
                    None => chosen.score(&settings.train, trainer.split().test())?,
                },
            }
        }
    };
    if since != shown(trainer.position()) || !checkpoint.exists() {
        save_checkpoint(trainer, settings, arguments, checkpoint)?;
    }
    Ok(scores)
}

/// The best validation result is `patience` epochs old.
fn stalled(position: &Position, patience: Option<u32>) -> bool {
    let (Some(patience), Some(best)) = (patience, best(&position.history)) else {
        return false;
    };
    position.history.len() > best + patience as usize
}

/// A model with the weights that the validation part chose, to be asked only.
fn chosen(settings: &Settings, arguments: &Arguments) -> Result<Box<dyn Backend>, Failure> {
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

/// Removes a file that may be there.
fn remove(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let what = format!("`{}` anew", path.display());
            Err(output::WriteError::new(what, error).into())
        }
        _ => Ok(()),
    }
}

fn start(
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

fn backend<'a>(
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

fn save_checkpoint(
    trainer: &mut Trainer,
    settings: &Settings,
    arguments: &Arguments,
    path: &Path,
) -> Result<(), Stopped> {
    trainer.backend().check()?;
    let checkpoint = Checkpoint {
        network: settings.resolved.network.clone(),
        backend: arguments.backend.name().to_owned(),
        parameters: trainer.backend().parameters()?,
        random_state: trainer.backend().random_state()?,
        batch: settings.batch,
        samples: settings.train.len(),
        position: trainer.position().clone(),
    };
    checkpoint
        .save(path)
        .map_err(|error| Stopped::Other(error.into()))
}

fn save_weights(
    settings: &Settings,
    arguments: &Arguments,
    parameters: &Parameters,
) -> Result<PathBuf, Failure> {
    let default = || settings.resolved.out.join(LAST);
    let path = arguments.save.clone().unwrap_or_else(default);
    write_weights(settings, &path, parameters)?;
    Ok(path)
}

/// Weights with what is known of the data that they learned from.
fn write_weights(settings: &Settings, path: &Path, parameters: &Parameters) -> Result<(), Failure> {
    let network = &settings.resolved.network;
    let trained = Some(&settings.as_trained);
    match parameters {
        Parameters::Raw(weights) => exchange::save(path, network, weights, Form::Real, trained)?,
        Parameters::Real(reals) => exchange::save_reals(path, network, reals, trained)?,
    }
    Ok(())
}

fn failed(error: TrainError) -> Failure {
    Failure::failed(Explained::new("eqprop::train", &error))
}
