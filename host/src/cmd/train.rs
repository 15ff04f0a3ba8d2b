//! `eqprop train`: learning in the golden model, in the bit-true model or on the Verilated chip.

use std::path::PathBuf;

use clap::{value_parser, ValueEnum};
use hdl::config::Nudging;

use crate::args::{AugmentChoice, Common, Data, ScaleChoice};
use crate::error::Failure;
use crate::output::Printer;
use crate::train::{run, search, seeds, Settings};

/// Train a network with the local rule, in a model or on the simulated chip
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop train --network digits\n         \
                        eqprop train --network digits --backend hardware --samples 500")]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub data: Data,
    #[command(flatten)]
    pub scale: ScaleChoice,
    #[command(flatten)]
    pub augment: AugmentChoice,
    /// Samples to test with, in any form that --data takes; without it a fifth of the data is kept back
    #[arg(long, value_name = "PATH", help_heading = "Network")]
    pub test_data: Option<PathBuf>,
    /// What learns
    #[arg(long, value_enum, default_value_t = BackendName::Bittrue)]
    pub backend: BackendName,
    /// Passes over the training data, in place of the file's
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub epochs: Option<u32>,
    /// Stop after so many training samples
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub samples: Option<u64>,
    /// Learn from the mean gradient of N samples, a power of two up to 4096; 1 is the rule of the chip
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub batch: usize,
    /// How the outputs are nudged, in place of the file's
    #[arg(long, value_enum, value_name = "MODE")]
    pub nudging: Option<NudgingName>,
    /// Bits of a weight, in place of the file's; the fraction bits follow
    #[arg(long, value_name = "B")]
    pub weight_bits: Option<u32>,
    /// Share of the training samples that is kept back to choose weights by, 0 to 0.5, in place of `data.validation` of
    /// the file; the weights that it likes best are saved as best.npz, and these are tested, once
    #[arg(long, value_name = "SHARE")]
    pub validation: Option<f64>,
    /// Stop when accuracy on the validation part has not risen, or RMSE not fallen, for N epochs; keeps back a tenth if
    /// nothing else is said
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub early_stop: Option<u32>,
    /// Start from these weights (.npz or .safetensors) in place of random ones; inputs keep the scale that goes with
    /// them, unless --scale asks for one of these data
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// Clamp weights of --weights that the format cannot hold, in place of refusing them
    #[arg(long, requires = "weights")]
    pub clamp: bool,
    /// Where the trained weights go: .npz or .safetensors [default: weights.npz in the folder of --out]
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Write every epoch as events for TensorBoard, too, in this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["seeds", "search_bits"])]
    pub tensorboard: Option<PathBuf>,
    /// Draw the run as it goes on a page of this machine, at http://127.0.0.1:PORT/; at its end the program stays until
    /// the page has shown it [default port: 8418; 0: one that is free]
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "8418",
          conflicts_with_all = ["seeds", "search_bits"])]
    pub live: Option<u16>,
    /// Go on from the checkpoint of an earlier run in the folder of --out, which Ctrl-C leaves there too; the result is
    /// the same as without the interruption
    #[arg(long)]
    pub resume: bool,
    /// Save a checkpoint after every N samples, besides the end of each epoch [default: every two seconds]
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub checkpoint_every: Option<u64>,
    /// Hardware: read the weights back and compare them after every N samples, besides the end
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = value_parser!(u64).range(1..))]
    pub check_every: u64,
    /// Hardware: change one operator, shift or bit of the Verilog first; the weights must then differ
    #[arg(long, value_name = "SEED")]
    pub inject_fault: Option<u32>,
    /// Try widths of weights and states over several seeds, beside real numbers
    #[arg(long, conflicts_with_all = ["backend", "samples", "weights", "save", "resume", "inject_fault", "weight_bits"])]
    pub search_bits: bool,
    /// Train from N seeds counted from --seed, in parallel, each in a folder of its own; tell mean and deviation. With
    /// --search-bits the seeds of each width [default: 3]
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=1000),
          conflicts_with_all = ["samples", "save", "resume", "inject_fault"])]
    pub seeds: Option<u32>,
    /// Threads for tests, batches and searches; the result does not depend on them [default: all]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

impl Arguments {
    /// A whole run in the bit-true model with everything else at its default.
    pub fn plain(common: Common, data: Data) -> Arguments {
        Arguments {
            common,
            data,
            scale: ScaleChoice::default(),
            augment: AugmentChoice::default(),
            test_data: None,
            backend: BackendName::Bittrue,
            epochs: None,
            samples: None,
            batch: 1,
            nudging: None,
            weight_bits: None,
            validation: None,
            early_stop: None,
            weights: None,
            clamp: false,
            save: None,
            tensorboard: None,
            live: None,
            resume: false,
            checkpoint_every: None,
            check_every: 1,
            inject_fault: None,
            search_bits: false,
            seeds: None,
            threads: None,
        }
    }
}

/// What learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BackendName {
    /// Real numbers
    Golden,
    /// The integers of the hardware, fast
    #[value(alias = "bit-true")]
    Bittrue,
    /// The Verilated engine, learning on chip
    Hardware,
}

impl BackendName {
    pub fn name(self) -> &'static str {
        match self {
            BackendName::Golden => "golden",
            BackendName::Bittrue => "bittrue",
            BackendName::Hardware => "hardware",
        }
    }
}

/// Nudging modes as the network file names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum NudgingName {
    /// +β
    Positive,
    /// ±β, drawn for each sample
    RandomSign,
    /// +β and −β
    Symmetric,
}

impl From<NudgingName> for Nudging {
    fn from(name: NudgingName) -> Nudging {
        match name {
            NudgingName::Positive => Nudging::Positive,
            NudgingName::RandomSign => Nudging::RandomSign,
            NudgingName::Symmetric => Nudging::Symmetric,
        }
    }
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let settings = Settings::new(arguments, printer)?;
    match (arguments.search_bits, arguments.seeds) {
        (true, _) => search::run(&settings, arguments, printer),
        (false, Some(seeds)) => seeds::run(&settings, arguments, seeds, printer),
        (false, None) => run::run(&settings, arguments, printer),
    }
}
