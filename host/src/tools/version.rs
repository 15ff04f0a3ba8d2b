//! Versions: what a tool prints, what pip's metadata says, and how two of them compare.

use std::path::Path;
use std::process::{Command, Stdio};

use super::cache::{cache_problem, CACHE_HELP};
use super::table::Ask;

/// The first two numbers of a version, which decide whether a tool is new enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
}

impl Version {
    pub const fn new(major: u32, minor: u32) -> Version {
        Version { major, minor }
    }

    /// Reads "0.70.0.0.post1259", "5.006", "11.0"; `None` where that is not a version.
    pub fn parse(text: &str) -> Option<Version> {
        let mut numbers = text.split('.').map(str::parse);
        match (numbers.next()?, numbers.next()?) {
            (Ok(major), Ok(minor)) => Some(Version { major, minor }),
            _ => None,
        }
    }
}

/// Version of a PyPI package in a venv, from the name of its metadata folder beside `bin/`.
///
/// Nothing is run: the first call of a YoWASP tool would translate it for up to a minute.
pub fn of_package(program: &Path, package: &str) -> Option<String> {
    let venv = std::fs::canonicalize(program).ok()?;
    let libraries = venv.parent()?.parent()?.join("lib");
    for python in libraries.read_dir().ok()?.flatten() {
        let Ok(packages) = python.path().join("site-packages").read_dir() else {
            continue;
        };
        for entry in packages.flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| {
                name.strip_prefix(package)?
                    .strip_prefix('-')?
                    .strip_suffix(".dist-info")
            });
            if let Some(version) = version {
                return Some(version.to_string());
            }
        }
    }
    None
}

/// Starts a program: the version that it prints, if it prints one, or why it does not start.
pub fn started(program: &Path, ask: Ask) -> Result<Option<String>, String> {
    let (Ask::Version(flag) | Ask::Usage(flag)) = ask;
    let output = Command::new(program)
        .arg(flag)
        .stdin(Stdio::null())
        .output();
    let output = output.map_err(|error| error.to_string())?;
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let good = match ask {
        Ask::Version(_) => output.status.success(),
        Ask::Usage(_) => text.to_lowercase().contains("usage"),
    };
    if good {
        return Ok(first_version(&text).filter(|_| ask == Ask::Version(flag)));
    }
    let lines: Vec<&str> = text.lines().collect();
    if let Some(said) = cache_problem(&lines) {
        return Err(format!("{said}; {CACHE_HELP}"));
    }
    // A Python program says it in its last line.
    let said = lines.into_iter().rfind(|line| !line.trim().is_empty());
    Err(said.map_or_else(|| output.status.to_string(), |line| line.trim().to_string()))
}

/// The first word that looks like a version: "v0.10.0", "12.2.0-14+deb12u1)", "nextpnr-0.11.1)".
fn first_version(text: &str) -> Option<String> {
    text.split_whitespace().find_map(|word| {
        let start = word.find(|c: char| c.is_ascii_digit())?;
        let number: String = word[start..]
            .chars()
            .take_while(|c| c.is_ascii_digit() || *c == '.')
            .collect();
        let number = number.trim_end_matches('.');
        Version::parse(number).map(|_| number.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_tools_print() {
        for (text, expected) in [
            ("Verilator 5.006 2023-01-22 rev (Debian 5.006-3)", "5.006"),
            ("Icarus Verilog version 11.0 (stable) ()", "11.0"),
            ("g++ (Debian 12.2.0-14+deb12u1) 12.2.0", "12.2.0"),
            ("Z3 version 4.8.12 - 64 bit", "4.8.12"),
            ("Yosys 0.23 (git sha1 7ce5011c24b)", "0.23"),
            ("openFPGALoader v0.10.0", "0.10.0"),
            (
                "\"nextpnr-ecp5\" -- Next Generation Place and Route (Version nextpnr-0.11.1)",
                "0.11.1",
            ),
        ] {
            assert_eq!(first_version(text).as_deref(), Some(expected));
        }
        assert_eq!(first_version("unknown SBY version"), None);
        assert_eq!(first_version("Could not initialize GTK!"), None);
    }

    #[test]
    fn a_program_that_fails_does_not_start() {
        let ask = |program: &str, ask| started(Path::new(program), ask);
        assert!(ask("/nowhere", Ask::Version("--version")).is_err());
        assert_eq!(
            ask("/bin/sh", Ask::Version("-n")),
            Ok(None),
            "an empty script"
        );
        let said = ask("/bin/sh", Ask::Usage("/nowhere/script")).unwrap_err();
        assert!(said.contains("/nowhere/script"), "{said}");
        let said = ask("/bin/sh", Ask::Version("/nowhere/script")).unwrap_err();
        assert!(said.contains("/nowhere/script"), "{said}");
    }

    #[test]
    fn minor_numbers_compare_as_numbers() {
        assert!(Version::parse("0.9").unwrap() < Version::parse("0.70.0.0.post1259").unwrap());
        assert!(Version::parse("5.006") == Some(Version::new(5, 6)));
    }
}
