//! `eqprop board`: a board, real or virtual, at the other end of a serial line.

mod bench;
mod connection;
mod flash;
mod infer;
mod info;
mod judge;
mod lesson;
mod load;
mod new;
mod read;
mod report;
pub mod shadow;
mod test;
pub mod train;
mod r#virtual;

pub use connection::Simulation;

use clap::Subcommand;

use crate::error::Failure;
use crate::output::Printer;

/// Program a board, train and query it over its serial line; or simulate one
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop board train --virtual --network digits --samples 200")]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Flash(flash::Arguments),
    Info(info::Arguments),
    Test(test::Arguments),
    Load(load::Arguments),
    Infer(infer::Arguments),
    Train(train::Arguments),
    Read(read::Arguments),
    Bench(bench::Arguments),
    Virtual(r#virtual::Arguments),
    New(new::Arguments),
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    match &arguments.action {
        Action::Flash(arguments) => flash::run(arguments, printer),
        Action::Info(arguments) => info::run(arguments, printer),
        Action::Test(arguments) => test::run(arguments, printer),
        Action::Load(arguments) => load::run(arguments, printer),
        Action::Infer(arguments) => infer::run(arguments, printer),
        Action::Train(arguments) => train::run(arguments, printer),
        Action::Read(arguments) => read::run(arguments, printer),
        Action::Bench(arguments) => bench::run(arguments, printer),
        Action::Virtual(arguments) => r#virtual::run(arguments, printer),
        Action::New(arguments) => new::run(arguments, printer),
    }
}
