//! The `eqprop` command as a library: [`main`] parses the arguments, runs one command, renders its error and chooses
//! the exit code; [`run`] does the same work for a program that wants results in place of texts.

pub mod args;
pub mod ask;
mod claim;
pub mod cmd;
pub mod cosim;
pub mod error;
mod explore;
mod flow;
pub mod integration;
pub mod link;
pub mod output;
mod progress;
mod questions;
mod report;
pub mod resolve;
pub mod tools;
pub mod train;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use error::Failure;
use output::Printer;

/// The whole program.
pub fn main() -> ExitCode {
    if let Err(error) = tools::interrupt::install() {
        // Work still ends on Ctrl-C, it only leaves its scratch folders behind.
        let _ = writeln!(std::io::stderr(), "note: Ctrl-C will not clean up: {error}");
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(asked) => {
            // `--help` and `--version` end here too. Nobody may be reading; that is no error.
            let _ = asked.print();
            return ExitCode::from(if asked.use_stderr() { 2 } else { 0 });
        }
    };
    let printer = Printer::new(&args.display);
    match run(args.command, &printer) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Err(Failure::Report { report, code }) => {
            let _ = writeln!(std::io::stderr(), "{report:?}");
            ExitCode::from(code)
        }
    }
}

/// Runs one command; `printer` gets its result.
///
/// # Errors
/// Bad input, a missing tool, or what was asked for failed.
pub fn run(command: Command, printer: &Printer) -> Result<(), Failure> {
    match command {
        Command::New(arguments) => cmd::new::run(&arguments, printer),
        Command::Check(arguments) => cmd::check::run(&arguments, printer),
        Command::Demo(arguments) => cmd::demo::run(&arguments, printer),
        Command::Generate(arguments) => cmd::generate::run(&arguments, printer),
        Command::Wave(arguments) => cmd::wave::run(&arguments, printer),
        Command::Setup(arguments) => cmd::setup::run(&arguments, printer),
        Command::Explore(arguments) => cmd::explore::run(&arguments, printer),
        Command::Build(arguments) => cmd::build::run(&arguments, printer),
        Command::Board(arguments) => cmd::board::run(&arguments, printer),
        Command::Cosim(arguments) => cmd::cosim::run(&arguments, printer),
        Command::Train(arguments) => cmd::train::run(&arguments, printer),
        Command::Test(arguments) => cmd::test::run(&arguments, printer),
        Command::Predict(arguments) => cmd::predict::run(&arguments, printer),
        Command::Analyse(arguments) => cmd::analyse::run(&arguments, printer),
    }
}
