//! `eqprop wave`: opens a waveform with its save file in the viewer that is installed.

use serde::Serialize;

use crate::error::Failure;
use crate::output::Printer;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why no viewer shows the waveform.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum WaveError {
    #[error("cannot read `{}`: {source}", .path.display())]
    #[diagnostic(help("name a waveform or a folder that holds one; `eqprop cosim` writes one"))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("no waveform in `{}`", .0.display())]
    #[diagnostic(help("write one with `eqprop cosim`, or name a .vcd, .fst or .gtkw file"))]
    Missing(PathBuf),
    #[error("several waveforms in `{}`: {}", .folder.display(), .found.join(", "))]
    #[diagnostic(help("name one of them: `eqprop wave {}`", .folder.join(&.found[0]).display()))]
    Several {
        folder: PathBuf,
        /// File names, sorted.
        found: Vec<String>,
    },
    #[error("no waveform viewer is installed")]
    #[diagnostic(help("install one with `sudo apt-get install gtkwave`, then type `{command}`"))]
    NoViewer { command: String },
    #[error("there is no screen to open a window on")]
    #[diagnostic(help("on a machine with a screen, type `{command}`"))]
    NoScreen { command: String },
    #[error("`{command}` failed: {reason}")]
    #[diagnostic(help("type the command by hand to see the viewer's own messages"))]
    Viewer { command: String, reason: String },
}

/// A program that shows waveforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Viewer {
    Gtkwave,
    Surfer,
}

/// What this machine offers; apart from the logic so that tests can make it up.
#[derive(Clone, Copy, Debug)]
struct Machine {
    viewer: Option<Viewer>,
    screen: bool,
}

impl Machine {
    fn look() -> Machine {
        let installed = |name: &str| {
            let folders = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&folders).any(|folder| folder.join(name).is_file())
        };
        let viewer = [("gtkwave", Viewer::Gtkwave), ("surfer", Viewer::Surfer)]
            .into_iter()
            .find(|(name, _)| installed(name))
            .map(|(_, viewer)| viewer);
        let set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
        Machine {
            viewer,
            // Other systems do not say by variables whether there is a screen.
            screen: !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY"),
        }
    }
}

/// A viewer's command line, started in the waveform's folder: save files name their neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Invocation {
    folder: PathBuf,
    program: &'static str,
    arguments: Vec<String>,
}

impl Invocation {
    /// What a person types in a shell.
    fn text(&self) -> String {
        let mut words = vec![self.program.to_string()];
        words.extend(self.arguments.iter().map(|argument| quoted(argument)));
        let folder = quoted(&self.folder.to_string_lossy());
        format!("cd {folder} && {}", words.join(" "))
    }
}

/// Open a waveform in GTKWave or Surfer, with its groups, names and fixed-point traces
#[derive(Debug, clap::Args)]
#[command(
    arg_required_else_help = true,
    after_help = "Example: eqprop wave target/eqprop/digits"
)]
pub struct Arguments {
    /// A waveform, or a folder that holds one
    #[arg(value_name = "FILE_OR_DIR")]
    target: PathBuf,
    /// Only print the command that opens it
    #[arg(long)]
    print: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Opened {
    command: Option<String>,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let command = open(&arguments.target, arguments.print)?;
    let text = command
        .as_ref()
        .map_or(String::new(), |command| format!("{command}\n"));
    printer.result(&text, &Opened { command })
}

/// Opens `target`, a waveform or a folder that holds one, and waits until the viewer is closed. With
/// `print`, returns the command instead of running it, installed or not.
///
/// # Errors
/// No waveform or several, no viewer, no screen, or a viewer that fails; each says what to type.
fn open(target: &Path, print: bool) -> Result<Option<String>, WaveError> {
    let machine = Machine::look();
    let invocation = plan(target, machine.viewer.unwrap_or(Viewer::Gtkwave))?;
    let command = invocation.text();
    if print {
        return Ok(Some(command));
    }
    ready(machine, &command)?;
    let failed = |reason: String| WaveError::Viewer {
        command: command.clone(),
        reason,
    };
    let status = Command::new(invocation.program)
        .args(&invocation.arguments)
        .current_dir(&invocation.folder)
        .status()
        .map_err(|error| failed(error.to_string()))?;
    if status.success() {
        Ok(None)
    } else {
        Err(failed(status.to_string()))
    }
}

/// Refuses where a window cannot open.
fn ready(machine: Machine, command: &str) -> Result<(), WaveError> {
    let command = command.to_string();
    match machine {
        Machine { viewer: None, .. } => Err(WaveError::NoViewer { command }),
        Machine { screen: false, .. } => Err(WaveError::NoScreen { command }),
        _ => Ok(()),
    }
}

/// The command that shows `target`.
fn plan(target: &Path, viewer: Viewer) -> Result<Invocation, WaveError> {
    let metadata = fs::metadata(target).map_err(|source| WaveError::Unreadable {
        path: target.to_path_buf(),
        source,
    })?;
    let file = if metadata.is_dir() {
        only_waveform(target)?
    } else {
        target.to_path_buf()
    };
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    // The command runs in `folder`, so the files go by their names.
    let name = |path: &Path| {
        path.file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    let wave = if file.extension() == Some(OsStr::new("gtkw")) {
        file.with_extension("vcd")
    } else {
        file.clone()
    };
    let (program, arguments) = match viewer {
        Viewer::Gtkwave => {
            let save = file.with_extension("gtkw");
            let shown = if save.is_file() { &save } else { &wave };
            ("gtkwave", vec![name(shown)])
        }
        Viewer::Surfer => {
            let commands = wave.with_extension("sucl");
            let mut arguments = Vec::new();
            if commands.is_file() {
                arguments.extend(["--command-file".to_string(), name(&commands)]);
            }
            arguments.push(name(&wave));
            ("surfer", arguments)
        }
    };
    Ok(Invocation {
        folder,
        program,
        arguments,
    })
}

/// The one waveform of a folder.
fn only_waveform(folder: &Path) -> Result<PathBuf, WaveError> {
    let unreadable = |source| WaveError::Unreadable {
        path: folder.to_path_buf(),
        source,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let hidden = name.as_encoded_bytes().starts_with(b".");
        let wave = matches!(Path::new(&name).extension(), Some(e) if e == "vcd" || e == "fst");
        if wave && !hidden {
            found.push(name.to_string_lossy().into_owned());
        }
    }
    found.sort();
    match found.as_slice() {
        [] => Err(WaveError::Missing(folder.to_path_buf())),
        [only] => Ok(folder.join(only)),
        _ => Err(WaveError::Several {
            folder: folder.to_path_buf(),
            found,
        }),
    }
}

/// A word for a POSIX shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use miette::Diagnostic;

    use super::*;

    /// A folder with the given empty files.
    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            fs::write(folder.path().join(file), "").unwrap();
        }
        folder
    }

    fn command(target: &Path, viewer: Viewer) -> String {
        let invocation = plan(target, viewer).unwrap();
        let folder = quoted(&invocation.folder.to_string_lossy());
        invocation.text().replace(&folder, "DIR")
    }

    #[test]
    fn the_save_file_is_opened_where_there_is_one() {
        let full = folder(&["run.vcd", "run.gtkw", "run.sucl", ".old.vcd"]);
        let bare = folder(&["my run.vcd"]);
        let cases = [
            (full.path().to_path_buf(), Viewer::Gtkwave),
            (full.path().join("run.vcd"), Viewer::Gtkwave),
            (full.path().join("run.gtkw"), Viewer::Gtkwave),
            (full.path().join("run.gtkw"), Viewer::Surfer),
            (full.path().to_path_buf(), Viewer::Surfer),
            (bare.path().to_path_buf(), Viewer::Gtkwave),
            (bare.path().to_path_buf(), Viewer::Surfer),
        ];
        let commands = cases.map(|(target, viewer)| command(&target, viewer));
        insta::assert_snapshot!(commands.join("\n"), @r"
        cd DIR && gtkwave run.gtkw
        cd DIR && gtkwave run.gtkw
        cd DIR && gtkwave run.gtkw
        cd DIR && surfer --command-file run.sucl run.vcd
        cd DIR && surfer --command-file run.sucl run.vcd
        cd DIR && gtkwave 'my run.vcd'
        cd DIR && surfer 'my run.vcd'
        ");
    }

    #[test]
    fn every_refusal_says_what_to_do() {
        let empty = folder(&["notes.txt"]);
        let several = folder(&["b.vcd", "a.fst"]);
        let machine = |viewer, screen| Machine { viewer, screen };
        let refusals = [
            plan(empty.path(), Viewer::Gtkwave).unwrap_err(),
            plan(several.path(), Viewer::Gtkwave).unwrap_err(),
            plan(&empty.path().join("gone.vcd"), Viewer::Gtkwave).unwrap_err(),
            ready(machine(None, true), "cd DIR && gtkwave run.gtkw").unwrap_err(),
            ready(machine(Some(Viewer::Surfer), false), "surfer run.vcd").unwrap_err(),
        ];
        let text = refusals.map(|error| {
            let help = error
                .help()
                .map_or(String::new(), |help| format!("\n  {help}"));
            format!("{error}{help}")
        });
        let text = text.join("\n");
        let text = text.replace(&*empty.path().to_string_lossy(), "EMPTY");
        let text = text.replace(&*several.path().to_string_lossy(), "SEVERAL");
        insta::assert_snapshot!(text);
        assert!(ready(machine(Some(Viewer::Gtkwave), true), "").is_ok());
    }

    #[test]
    fn words_survive_a_shell() {
        let words = ["run.vcd", "my run", "it's", ""].map(quoted);
        assert_eq!(words, ["run.vcd", "'my run'", r"'it'\''s'", "''"]);
    }
}
