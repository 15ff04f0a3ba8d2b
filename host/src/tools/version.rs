//! Versions: what a tool prints, what pip's metadata says, and how two of them compare.

use std::path::Path;
use std::process::{Command, Stdio};

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

/// Version that a program prints when called with `flag`; `None` where it prints none.
pub fn printed(program: &Path, flag: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(flag)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = [output.stdout, output.stderr].concat();
    first_version(&String::from_utf8_lossy(&text))
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
    fn minor_numbers_compare_as_numbers() {
        assert!(Version::parse("0.9").unwrap() < Version::parse("0.70.0.0.post1259").unwrap());
        assert!(Version::parse("5.006") == Some(Version::new(5, 6)));
    }
}
