//! `eqprop board test`: is this board what it says, and does it compute what the model does?

use std::fmt;

use clap::value_parser;
use hdl::arch::random_seed;
use hdl::arch::registers::Register;
use hdl::arch::stream::{self, Purpose};
use serde::Serialize;
use sim::bittrue::{Mode, Sample, Xorshift};
use sim::weights::Weights;

use super::connection::Connection;
use super::report::LinkReport;
use super::shadow::{Comparison, Shadow};
use super::train::differs;
use crate::args::Common;
use crate::error::{Explained, Failure};
use crate::link::{response, Device, LinkError};
use crate::output::Printer;

/// Test a board: line and buffers, then random weights and samples in lockstep with the bit-true
/// model. The board's weights are lost
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board test --network digits --samples 300")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    connection: Connection,
    /// Random samples: a third is inferred, a third nudged, a third learned from
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = value_parser!(u32).range(1..))]
    samples: u32,
}

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Outcome {
    network: String,
    seed: u32,
    samples: u32,
    /// Words that were sent to and fro, and how many came back changed.
    echoed_words: usize,
    changed_words: usize,
    #[serde(flatten)]
    comparison: Comparison,
    link: LinkReport,
}

/// Frames of the test of the line.
const ECHOES: usize = 16;

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let resolved = arguments.common.resolve()?;
    let network = &resolved.network;
    let (mut device, line) = arguments.connection.device(&resolved, printer)?;
    let mark = line.mark(&mut device)?;
    let mut random = Xorshift::seed(network.seed);
    let words = device.echo_words();
    let frames = (0..ECHOES).map(|_| patterns(words, &mut random)).collect();
    let changed_words = device.echo(frames).map_err(LinkError::failure)?;
    device.configure().map_err(LinkError::failure)?;

    let mut weights = Weights::initial(network);
    // Biases too, which initial weights may lack.
    for bias in weights.biases.iter_mut().flatten() {
        *bias = random.draw() as i16 >> 6;
    }
    let progress = printer.progress();
    progress.start("testing", arguments.samples.into(), "samples");
    let comparison = lockstep(
        &mut device,
        &weights,
        arguments.samples,
        &mut random,
        |done| progress.reach(done),
    );
    let comparison = comparison.map_err(LinkError::failure)?;
    progress.finish();
    let outcome = Outcome {
        network: network.name.clone(),
        seed: network.seed,
        samples: arguments.samples,
        echoed_words: ECHOES * words,
        changed_words,
        comparison,
        link: line.since(&mark, &mut device)?,
    };
    printer.result(&outcome.to_string(), &outcome)?;
    if changed_words > 0 {
        let error = Explained::new("eqprop::board::echo", &Changed);
        return Err(Failure::failed(
            error.or_help("check the cable; a lower rate may help"),
        ));
    }
    differs(&outcome.comparison)
}

#[derive(Debug, thiserror::Error)]
#[error("words came back changed although their check was right")]
struct Changed;

/// Bytes that need escapes, all bits, and random words.
fn patterns(words: usize, random: &mut Xorshift) -> Vec<u32> {
    let fixed = [0x7E7D_7D7E, 0, u32::MAX, 0x5555_AAAA];
    let random = std::iter::repeat_with(|| random.advance());
    fixed.into_iter().chain(random).take(words).collect()
}

/// Random samples in all three modes on the board and in the model.
fn lockstep(
    device: &mut Device,
    weights: &Weights,
    samples: u32,
    random: &mut Xorshift,
    mut reach: impl FnMut(u64),
) -> Result<Comparison, LinkError> {
    let plan = device.plan().clone();
    let state = random_seed(plan.network.seed);
    device.load(weights)?;
    device.set(Register::Random, state)?;
    let mut shadow = Shadow::new(&plan, weights, state);
    let modes = [Mode::Infer, Mode::Nudge, Mode::Learn];
    let shown: Vec<(Sample, Mode)> = (0..samples as usize)
        .map(|index| (sample(&plan.network, random), modes[index % 3]))
        .collect();
    let commands = shown.iter().map(|(sample, mode)| {
        let purpose = match mode {
            Mode::Infer => Purpose::Infer,
            Mode::Nudge => Purpose::Nudge(&sample.target),
            Mode::Learn => Purpose::Learn(&sample.target),
        };
        stream::sample(&sample.input, purpose, true)
    });
    device.stream(commands, |index, words| {
        let (sample, mode) = &shown[index];
        shadow.compare(sample, *mode, &response(words)?);
        reach(index as u64 + 1);
        Ok(())
    })?;
    let read = device.read_weights()?;
    let state = device.read_random()?;
    shadow.compare_weights(&read, state);
    Ok(shadow.comparison)
}

/// Random states, half of them 0, and random targets.
fn sample(network: &hdl::config::Network, random: &mut Xorshift) -> Sample {
    let one = 1u32 << network.formats.state_fraction;
    let mut state = |zero: bool| match zero && random.draw() % 2 == 0 {
        true => 0,
        false => (u32::from(random.draw()) % (one + 1)) as u16,
    };
    let units = |layer: usize| network.layers[layer].units;
    Sample {
        input: (0..units(0)).map(|_| state(true)).collect(),
        target: (0..units(network.output())).map(|_| state(false)).collect(),
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "{}, seed {}: {} words echoed, {} changed; {} random samples",
            self.network, self.seed, self.echoed_words, self.changed_words, self.samples
        )?;
        writeln!(f, "{}", self.comparison.text())?;
        writeln!(f, "{}", self.link.text())
    }
}
