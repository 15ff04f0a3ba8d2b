//! The Rust version that is promised is the one that is needed.

use serde_json::Value;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What `rust-version` of the workspace says.
const PROMISED: &str = env!("CARGO_PKG_RUST_VERSION");

/// "1.85" or "1.85.0".
fn parse(version: &str) -> (u32, u32) {
    let numbers: Vec<u32> = version.split('.').map(|n| n.parse().unwrap()).collect();
    (numbers[0], numbers[1])
}

/// `cargo update` keeps to it by itself (resolver 3), `cargo add` and a hand do not.
#[test]
fn no_dependency_needs_a_newer_rust() {
    let version = Command::new("rustc").arg("-vV").output().unwrap().stdout;
    let version = String::from_utf8(version).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    // Of this platform alone: the sources of others are not here.
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version=1"])
        .args(["--filter-platform", host.unwrap()])
        .current_dir(ROOT)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "{}", packages.len());
    let newer: Vec<String> = packages
        .iter()
        .filter_map(|package| {
            let needed = package["rust_version"].as_str()?;
            let text = format!("{} {} needs {needed}", package["name"], package["version"]);
            (parse(needed) > parse(PROMISED)).then_some(text)
        })
        .collect();
    assert!(newer.is_empty(), "{newer:#?}");
}

#[test]
fn the_readme_names_the_rust_version() {
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    assert!(readme.contains(&format!("Rust {PROMISED} or newer")));
}
