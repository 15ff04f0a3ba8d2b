//! What can be typed: the commands, and the options that several of them share.
//!
//! These are the raw arguments; `resolve` turns the shared ones into a checked network.

use std::path::PathBuf;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use hdl::config::{builtin, Augment, Lanes, Network, Scale, LANE_MENU};
use sim::data::{Given, LabelColumn};

use crate::cmd;

/// Hardware that learns by equilibrium propagation: from a network file to Verilog, proven against
/// exact models
#[derive(Debug, Parser)]
#[command(
    name = "eqprop",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Example: eqprop check --network digits\n\n\
                  Exit code: 0 good, 1 what was asked for failed, 2 bad input or a missing tool."
)]
pub struct Args {
    #[command(flatten)]
    pub display: Display,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(cmd::demo::Arguments),
    New(cmd::new::Arguments),
    Check(cmd::check::Arguments),
    Cosim(cmd::cosim::Arguments),
    Train(cmd::train::Arguments),
    Test(cmd::test::Arguments),
    Predict(cmd::predict::Arguments),
    Analyse(cmd::analyse::Arguments),
    Generate(cmd::generate::Arguments),
    Build(cmd::build::Arguments),
    Board(cmd::board::Arguments),
    Explore(cmd::explore::Arguments),
    Wave(cmd::wave::Arguments),
    Setup(cmd::setup::Arguments),
}

/// How much is printed, and in which form.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Output")]
pub struct Display {
    /// Print one JSON object on standard output, and nothing else there
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results, warnings and errors only: no notes, no progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Print more detail
    #[arg(short, long, global = true, action = ArgAction::SetTrue)]
    pub verbose: bool,
}

/// Names of the built-in networks, for people.
pub fn built_in() -> String {
    builtin::names().join(", ")
}

/// The network and what may be changed about it without editing its file.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Network")]
pub struct Common {
    #[arg(long, value_name = "NAME_OR_PATH", default_value = "digits",
          help = format!("A built-in network ({}) or the path of a network file", built_in()))]
    pub network: String,
    /// Folder for everything that is written [default: target/eqprop/<network>]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Lanes of the line, or "auto", in place of the file's
    #[arg(long, value_name = "P", value_parser = lanes)]
    pub lanes: Option<Lanes>,
    /// Hardware whose inference runs two samples by turns, whatever the file says; it needs a deep pipeline
    #[arg(long)]
    pub interleave: bool,
    /// Target board, in place of the file's
    #[arg(long, value_name = "NAME")]
    pub board: Option<String>,
    /// Seed of every random choice, in place of the file's
    #[arg(long, value_name = "N")]
    pub seed: Option<u32>,
}

/// Which data the network is shown.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Network")]
pub struct Data {
    /// A CSV, IDX, NPY or NPZ file, or a folder of IDX or NPY files, in place of the network's data set
    #[arg(long, value_name = "PATH")]
    pub data: Option<PathBuf>,
    /// Column of a CSV file or NPY table that holds the label: its name in the header, its number from 1, first or last
    /// [default: the column called label, class or target, else the one of words, else the last]
    #[arg(long, value_name = "NAME|N|first|last")]
    pub label_column: Option<LabelColumn>,
}

impl Data {
    /// What takes the place of the network's data, and how it is read.
    pub fn given(&self) -> Given<'_> {
        Given {
            path: self.data.as_deref(),
            label: self.label_column.as_ref(),
            ..Given::default()
        }
    }
}

/// How training pictures are varied, for commands that learn from them.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Network")]
pub struct AugmentChoice {
    /// How training pictures are varied, in place of `data.augment` of the file: the most of each kind, such as
    /// shift=1,rotate=10,scale=0.1,elastic=0.5 (pixels, degrees, share, pixels), or none
    #[arg(long, value_name = "KINDS")]
    augment: Option<Augment>,
}

impl AugmentChoice {
    /// Puts the choice in the place of the network's.
    pub fn apply(self, network: &mut Network) {
        if let Some(augment) = self.augment {
            network.data.augment = (augment != Augment::default()).then_some(augment);
        }
    }
}

/// How inputs get into 0…1, for commands that learn it from data.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
#[command(next_help_heading = "Network")]
pub struct ScaleChoice {
    /// How inputs get into 0…1, in place of `data.scale` of the file; learned from the training part and stored with the
    /// weights
    #[arg(long, value_enum, value_name = "HOW")]
    scale: Option<ScaleName>,
}

impl ScaleChoice {
    /// Something was chosen.
    pub fn is_some(self) -> bool {
        self.scale.is_some()
    }

    /// Puts the choice in the place of the network's.
    pub fn apply(self, network: &mut Network) {
        if let Some(name) = self.scale {
            network.data.scale = match name {
                ScaleName::Whole => Scale::Whole,
                ScaleName::Feature => Scale::Feature,
                ScaleName::ZScore => Scale::ZScore,
                ScaleName::None => Scale::None,
            };
        }
    }
}

/// Scales as the network file names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ScaleName {
    /// All inputs divided by the largest, if that exceeds 1
    Whole,
    /// Each input from its smallest value to its largest
    Feature,
    /// Each input from three standard deviations below its mean to three above
    ZScore,
    /// As they are
    None,
}

fn lanes(text: &str) -> Result<Lanes, String> {
    match text.parse() {
        Ok(count) => Ok(Lanes::Count(count)),
        Err(_) if text == "auto" => Ok(Lanes::Auto),
        Err(_) => {
            let menu = LANE_MENU.map(|lanes| lanes.to_string()).join(", ");
            Err(format!("give one of {menu}, or auto"))
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    /// Adds the help of a command and of those below it.
    fn help(command: &mut clap::Command, above: &str, texts: &mut String) {
        if command.get_name() == "help" {
            return;
        }
        let name = format!("{above} {}", command.get_name());
        *texts += &format!("\n===== {name} =====\n");
        *texts += &command.render_long_help().to_string();
        for subcommand in command.get_subcommands_mut() {
            help(subcommand, &name, texts);
        }
    }

    #[test]
    fn help_of_every_command() {
        let mut command = Args::command().term_width(100);
        command.build();
        let mut texts = command.render_long_help().to_string();
        for subcommand in command.get_subcommands_mut() {
            help(subcommand, "eqprop", &mut texts);
        }
        // Nothing is listed that cannot be run, and every text ends with something to type.
        assert_eq!(
            texts.matches("Example").count(),
            texts.matches("Usage").count()
        );
        insta::assert_snapshot!(texts);
    }
}
