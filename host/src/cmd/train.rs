//! `eqprop train`: learning in the golden model, in the bit-true model or on the Verilated chip.

use std::path::PathBuf;

use clap::{value_parser, ValueEnum};
use hdl::config::Nudging;

use crate::args::{Common, Data};
use crate::error::Failure;
use crate::output::Printer;
use crate::train::{run, search, Settings};

/// Train a network with the local rule, in a model or on the simulated chip
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop train --network digits\n         \
                        eqprop train --network digits --backend hardware --samples 500")]
pub struct Arguments {
    #[command(flatten)]
    pub common: Common,
    #[command(flatten)]
    pub data: Data,
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
    /// Stop when the test accuracy has not risen, or the test RMSE not fallen, for N epochs
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..))]
    pub early_stop: Option<u32>,
    /// Start from these weights (.npz or .safetensors) in place of random ones
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// Clamp weights of --weights that the format cannot hold, in place of refusing them
    #[arg(long, requires = "weights")]
    pub clamp: bool,
    /// Where the trained weights go: .npz or .safetensors [default: weights.npz in the folder of --out]
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
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
    /// Seeds of --search-bits, counted from --seed
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = value_parser!(u32).range(1..=1000))]
    pub seeds: u32,
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
            test_data: None,
            backend: BackendName::Bittrue,
            epochs: None,
            samples: None,
            batch: 1,
            nudging: None,
            weight_bits: None,
            early_stop: None,
            weights: None,
            clamp: false,
            save: None,
            resume: false,
            checkpoint_every: None,
            check_every: 1,
            inject_fault: None,
            search_bits: false,
            seeds: 1,
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
    match arguments.search_bits {
        true => search::run(&settings, arguments, printer),
        false => run::run(&settings, arguments, printer),
    }
}
