//! One training run: the backend, steps, checkpoints, the log.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hdl::config::Network;
use sim::analysis::stability;
use sim::checkpoint::{Checkpoint, Parameters};
use sim::exchange::{self, Form};
use sim::golden::Reals;
use sim::train::{best, EpochReport, Position, TrainError, Trainer};

use super::ends;
use super::live::Live;
use super::log::Log;
use super::outcome::{self, Outcome, Scores};
use super::start::{backend, chosen, start};
use super::{plots, Settings};
use crate::ask::LAST;
use crate::claim::{Claim, Kind};
use crate::cmd::train::{Arguments, BackendName};
use crate::error::{Explained, Failure};
use crate::output::{self, Printer};
use crate::tools::interrupt::Patience;

const CHECKPOINT_FILE: &str = "train.checkpoint";
/// Without `--checkpoint-every`, this long passes between checkpoints.
const CHECKPOINT: Duration = Duration::from_secs(2);
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

pub fn run(settings: &Settings, arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let out = &settings.resolved.out;
    let checkpoint = out.join(CHECKPOINT_FILE);
    // Before a mistyped folder is made.
    if arguments.resume && !checkpoint.is_file() {
        return Err(ends::NoCheckpoint::new(&checkpoint).into());
    }
    let _claim = Claim::new(out, Kind::Training)?;
    let open = |port| Live::open(port, &settings.resolved.network.name);
    let mut live = arguments.live.map(open).transpose()?;
    if let Some(live) = &live {
        printer.note(&format!("{} draws the run", live.address()));
    }
    let (on_interrupt, shown) = (OnInterrupt::Save, live.as_mut());
    let executed = execute(settings, arguments, on_interrupt, shown, printer);
    if let Some(live) = &live {
        live.end(&match &executed {
            Ok((outcome, _)) => {
                let (measure, test, _) = outcome.quality();
                format!("finished: test {measure} {test}")
            }
            Err(_) => "stopped; the terminal says why".to_owned(),
        });
    }
    let (outcome, _) = executed?;
    printer.result(&outcome.to_string(), &outcome)?;
    if let Some(live) = live {
        live.wait(printer);
    }
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
    mut live: Option<&mut Live>,
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

    if let Some(live) = &mut live {
        live.weights(settings, &trainer.backend().parameters().map_err(failed)?);
    }
    let watched = Watched {
        checkpoint: &checkpoint,
        log: &log,
        live,
        printer,
    };
    let trained = train(&mut trainer, settings, arguments, watched, on_interrupt);
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
        plots: plots::plot(settings, &trainer, &parameters, out)?,
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

/// What is kept and told while a run learns.
struct Watched<'a> {
    checkpoint: &'a Path,
    log: &'a Log,
    live: Option<&'a mut Live>,
    printer: &'a Printer,
}

/// Steps until all epochs are done, enough samples are shown or tests get no better; then scores the
/// weights as they are, hardware once they are known to be the bit-true model's.
fn train(
    trainer: &mut Trainer,
    settings: &Settings,
    arguments: &Arguments,
    watched: Watched,
    on_interrupt: OnInterrupt,
) -> Result<Scores, Stopped> {
    let Watched {
        checkpoint,
        log,
        mut live,
        printer,
    } = watched;
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
        if let Some(live) = &mut live {
            live.show(settings, trainer, done.min(all), all);
        }
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
            if let Some(live) = &mut live {
                live.weights(settings, &trainer.backend().parameters()?);
            }
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
            let [train, test] = trainer.scores_of(&mut *chosen)?;
            Scores { train, test }
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

/// Writes weights with what is known of the data that they learned from.
///
/// # Errors
/// The file cannot be written.
pub fn write_weights(
    settings: &Settings,
    path: &Path,
    parameters: &Parameters,
) -> Result<(), Failure> {
    let network = &settings.resolved.network;
    let trained = Some(&settings.as_trained);
    match parameters {
        Parameters::Raw(weights) => exchange::save(path, network, weights, Form::Real, trained)?,
        Parameters::Real(reals) => exchange::save_reals(path, network, reals, trained)?,
    }
    Ok(())
}

pub fn failed(error: TrainError) -> Failure {
    Failure::failed(Explained::new("eqprop::train", &error))
}
