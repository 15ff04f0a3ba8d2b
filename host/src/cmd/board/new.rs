//! `eqprop board new`: writes a commented board file and its constraints to start from.

use std::path::{Path, PathBuf};

use hdl::board::Board;
use hdl::config::is_name;
use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::error::Failure;
use crate::output::{self, Printer};

/// Write a commented board file, and the constraint file beside it, to start from
///
/// Both are copies of a built-in board's under the new name: write your device and pins into them, and give the board
/// file wherever a board is asked for, as `--board ./NAME.toml` or as `engine.board` of a network file.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: eqprop board new myboard --from colorlight-i5\n         \
                        eqprop build --network digits --board ./myboard.toml"
)]
pub struct Arguments {
    /// Name of the board: letters, digits, - and _
    name: String,
    /// Built-in board to start from: icebreaker or hx8k-evn for iCE40, one of the others for ECP5
    #[arg(long, value_name = "NAME", default_value = "icebreaker")]
    from: String,
    /// Folder of the files [default: where you are]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

/// A name that is no board's, or a file that would be lost.
#[derive(Debug, Error, Diagnostic)]
enum Refused {
    #[error("\"{name}\" is no name for a new board")]
    #[diagnostic(
        code(eqprop::board::new::name),
        help("give 1…64 letters, digits, - and _, other than a built-in board's name")
    )]
    Name { name: String },
    #[error("\"{name}\" is not built in")]
    #[diagnostic(code(eqprop::board::new::from), help("start --from one of: {known}"))]
    From { name: String, known: String },
    #[error("`{path}` exists")]
    #[diagnostic(
        code(eqprop::board::new::exists),
        help("choose another name, or replace the file with --force")
    )]
    Exists { path: String },
}

#[derive(Serialize)]
struct Written<'a> {
    board: &'a str,
    file: &'a Path,
    constraints: &'a Path,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let Arguments { name, from, .. } = arguments;
    if !is_name(name) || Board::files(name).is_some() {
        return Err(Refused::Name { name: name.clone() }.into());
    }
    let Some((description, constraints)) = Board::files(from) else {
        let known: Vec<&str> = Board::all().iter().map(|b| b.name.as_str()).collect();
        return Err(Refused::From {
            name: from.clone(),
            known: known.join(", "),
        }
        .into());
    };
    let extension = Board::load(from)?.device.family.constraints();
    let folder = arguments.out.as_deref().unwrap_or(Path::new(""));
    let beside = format!("{name}.{extension}");
    let (file, pins) = (folder.join(format!("{name}.toml")), folder.join(&beside));
    for path in [&file, &pins] {
        if path.exists() && !arguments.force {
            let path = path.display().to_string();
            return Err(Refused::Exists { path }.into());
        }
    }
    output::write(&pins, constraints.as_bytes())?;
    output::write(
        &file,
        described(name, from, description, &beside).as_bytes(),
    )?;
    let written = Written {
        board: name,
        file: &file,
        constraints: &pins,
    };
    let text = format!("wrote {} and {}\n", file.display(), pins.display());
    printer.result(&text, &written)?;
    printer.note(&format!(
        "try `eqprop check --network digits --board {}`",
        Path::new(".").join(&file).display()
    ));
    Ok(())
}

/// What every field of a board file is, as the first built-in board's says it.
fn explanation() -> impl Iterator<Item = &'static str> {
    let (first, _) = Board::files(&Board::all()[0].name).expect("the first board is built in");
    let lines = first.lines().take_while(|line| line.starts_with('#'));
    lines.skip(1)
}

/// The description of a built-in board as that of another, explained.
fn described(name: &str, from: &str, description: &str, constraints: &str) -> String {
    let mut lines = vec![format!(
        "# {name}: what the build needs to know about the board, copied from {from}. The pins are those of {constraints}."
    )];
    lines.extend(explanation().map(str::to_owned));
    let own = description.lines().skip_while(|line| line.starts_with('#'));
    for line in own {
        lines.push(match line.split_once(" = ") {
            Some(("name", _)) => format!("name = \"{name}\""),
            Some(("title", _)) => format!("title = \"{name}\""),
            Some(("constraints", _)) => format!("constraints = \"{constraints}\""),
            _ => line.to_owned(),
        });
    }
    lines.join("\n") + "\n"
}
