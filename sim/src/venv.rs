//! Where the project's own tools are looked for: the venv that `./bootstrap` makes.

use std::env;
use std::path::PathBuf;

/// The venv, relative to the project's folder.
const FOLDER: &str = "target/tools/venv";
/// Environment variable that names another venv, in place of the project's.
const VARIABLE: &str = "EQPROP_TOOLS";

/// How a tool that is missing can be had, as the end of a help text.
pub const HELP: &str =
    "`./bootstrap tools` in the project's folder installs it in target/tools/venv; \
     elsewhere, name that folder in EQPROP_TOOLS or have it on PATH";

/// A folder that may hold a venv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venv {
    pub folder: PathBuf,
    /// The same in words that hold on every machine: "target/tools/venv", "$EQPROP_TOOLS".
    pub name: String,
}

impl Venv {
    pub fn new(folder: impl Into<PathBuf>, name: impl Into<String>) -> Venv {
        Venv {
            folder: folder.into(),
            name: name.into(),
        }
    }

    /// Folders to look into, best first: what EQPROP_TOOLS names; without it `target/tools/venv` in the current
    /// folder and those above it, and in those above the running program.
    pub fn all() -> Vec<Venv> {
        if let Some(given) = env::var_os(VARIABLE).filter(|value| !value.is_empty()) {
            let given = PathBuf::from(given);
            // Tools are started in other folders than this one.
            let folder = std::path::absolute(&given).unwrap_or(given);
            return vec![Venv::new(folder, format!("${VARIABLE}"))];
        }
        let starts = [env::current_dir().ok(), env::current_exe().ok()];
        let folders = starts.iter().flatten().flat_map(|start| start.ancestors());
        folders
            .map(|folder| Venv::new(folder.join(FOLDER), FOLDER))
            .collect()
    }
}
