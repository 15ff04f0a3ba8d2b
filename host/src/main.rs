//! The `eqprop` command: parse the arguments, run one command, render its error, choose the exit code.

mod args;
mod ask;
mod claim;
mod cmd;
mod cosim;
mod error;
mod explore;
mod flow;
mod integration;
mod link;
mod output;
mod progress;
mod questions;
mod report;
mod resolve;
mod tools;
mod train;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use error::Failure;
use output::Printer;

fn main() -> ExitCode {
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
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::ReaderGone) => ExitCode::SUCCESS,
        Err(Failure::Report { report, code }) => {
            let _ = writeln!(std::io::stderr(), "{report:?}");
            ExitCode::from(code)
        }
    }
}

fn run(args: Args) -> Result<(), Failure> {
    let printer = Printer::new(&args.display);
    match args.command {
        Command::New(arguments) => cmd::new::run(&arguments, &printer),
        Command::Check(arguments) => cmd::check::run(&arguments, &printer),
        Command::Demo(arguments) => cmd::demo::run(&arguments, &printer),
        Command::Generate(arguments) => cmd::generate::run(&arguments, &printer),
        Command::Wave(arguments) => cmd::wave::run(&arguments, &printer),
        Command::Setup(arguments) => cmd::setup::run(&arguments, &printer),
        Command::Explore(arguments) => cmd::explore::run(&arguments, &printer),
        Command::Build(arguments) => cmd::build::run(&arguments, &printer),
        Command::Board(arguments) => cmd::board::run(&arguments, &printer),
        Command::Cosim(arguments) => cmd::cosim::run(&arguments, &printer),
        Command::Train(arguments) => cmd::train::run(&arguments, &printer),
        Command::Test(arguments) => cmd::test::run(&arguments, &printer),
        Command::Predict(arguments) => cmd::predict::run(&arguments, &printer),
        Command::Analyse(arguments) => cmd::analyse::run(&arguments, &printer),
    }
}
