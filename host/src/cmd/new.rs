//! `eqprop new`: writes a commented network file to start from.

use std::path::{Path, PathBuf};

use hdl::config::{builtin, ConfigError, Network};
use miette::Diagnostic;
use serde::Serialize;
use thiserror::Error;

use crate::args::built_in;
use crate::error::Failure;
use crate::output::{self, Printer};

/// Write a commented network file to start from
///
/// The file NAME.toml is a copy of a built-in network, `digits` unless another is asked for, under
/// the new name. `digits` shows and explains every field.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop new my-network && eqprop check --network my-network.toml")]
pub struct Arguments {
    /// Name of the network: letters, digits, - and _
    name: String,
    #[arg(long, value_name = "NAME", default_value = "digits",
          help = format!("Built-in network to start from: {}", built_in()))]
    network: String,
    /// Folder of the file [default: where you are]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace a file that exists
    #[arg(long)]
    force: bool,
}

/// A file that would be lost.
#[derive(Debug, Error, Diagnostic)]
#[error("`{path}` exists")]
#[diagnostic(
    code(eqprop::new::exists),
    help("choose another name, or replace the file with --force")
)]
struct Exists {
    path: String,
}

#[derive(Serialize)]
struct Written<'a> {
    network: &'a str,
    file: &'a Path,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let name = &arguments.name;
    let text = renamed(&arguments.network, name)?;
    let folder = arguments.out.as_deref().unwrap_or(Path::new(""));
    let path = folder.join(format!("{name}.toml"));
    let file = path.display().to_string();
    if path.exists() && !arguments.force {
        return Err(Exists { path: file }.into());
    }
    output::write(&path, text.as_bytes())?;
    let written = Written {
        network: name,
        file: &path,
    };
    printer.result(&format!("wrote {file}\n"), &written)?;
    printer.note(&format!("try `eqprop check --network {file}`"));
    Ok(())
}

/// The text of a built-in network under another name, checked.
fn renamed(template: &str, name: &str) -> Result<String, ConfigError> {
    let mut network = Network::builtin(template)?;
    network.name = name.to_owned();
    network.validate()?;
    let text = builtin::text(template).unwrap_or_default();
    let line = |name: &str| format!("\nname = \"{name}\"\n");
    Ok(text.replacen(&line(template), &line(name), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_is_the_same_network_under_the_new_name() {
        for template in builtin::names() {
            let text = renamed(template, "mine").unwrap();
            let mut network = Network::parse("other.toml", &text).unwrap();
            assert_eq!(network.name, "mine");
            network.name = template.to_owned();
            assert_eq!(network, Network::builtin(template).unwrap());
        }
    }
}
