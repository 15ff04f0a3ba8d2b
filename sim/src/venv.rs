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
    /// The same as its user would type it: "target/tools/venv", "../target/tools/venv", "$EQPROP_TOOLS".
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
        Venv::above(env::current_dir().ok(), env::current_exe().ok())
    }

    /// Those above the current folder, named relative to it, and those above the running program.
    fn above(current: Option<PathBuf>, program: Option<PathBuf>) -> Vec<Venv> {
        let relative = current.iter().flat_map(|start| start.ancestors());
        let relative = relative.enumerate().map(|(up, folder)| {
            let name = "../".repeat(up) + FOLDER;
            Venv::new(folder.join(FOLDER), name)
        });
        let others = program.iter().flat_map(|start| start.ancestors());
        let others = others.map(|folder| {
            let folder = folder.join(FOLDER);
            let name = folder.display().to_string();
            Venv::new(folder, name)
        });
        relative.chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `setup --check` prints can be typed where the user is.
    #[test]
    fn folders_are_named_from_where_the_user_is() {
        let venvs = Venv::above(Some("/a/b".into()), Some("/c/eqprop".into()));
        let named: Vec<_> = venvs
            .iter()
            .map(|venv| (venv.folder.to_str().unwrap(), venv.name.as_str()))
            .collect();
        assert_eq!(
            named[..3],
            [
                ("/a/b/target/tools/venv", "target/tools/venv"),
                ("/a/target/tools/venv", "../target/tools/venv"),
                ("/target/tools/venv", "../../target/tools/venv"),
            ]
        );
        assert_eq!(named[3].1, "/c/eqprop/target/tools/venv");
        assert_eq!(named[4], ("/c/target/tools/venv", "/c/target/tools/venv"));
    }
}
