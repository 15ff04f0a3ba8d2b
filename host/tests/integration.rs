//! Generated hardware in other people's projects: FuseSoC reads the core file, the example runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// `eqprop generate` of a network on two lanes.
fn generate(folder: &Path, network: &str) {
    let output = Command::new(env!("CARGO_BIN_EXE_eqprop"))
        .args([
            "generate",
            "-q",
            "--lanes",
            "2",
            "--network",
            network,
            "--out",
            ".",
        ])
        .current_dir(folder)
        .output()
        .expect("the binary starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
}

/// A program of the venv that `./bootstrap` makes.
fn venv(program: &str) -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let venv = std::env::var("EQPROP_TOOLS").unwrap_or_else(|_| "target/tools/venv".into());
    workspace.join(venv).join("bin").join(program)
}

/// What FuseSoC prints while it runs a target, and whether it succeeds.
fn fusesoc(folder: &Path, target: &str) -> (String, bool) {
    let output = Command::new(venv("fusesoc"))
        .args([
            "--cores-root",
            ".",
            "run",
            "--target",
            target,
            "eqprop:engine:xor",
        ])
        .current_dir(folder)
        .output()
        .unwrap_or_else(|e| panic!("fusesoc does not start ({e}); `./bootstrap test` installs it"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = text + &String::from_utf8_lossy(&output.stderr);
    (text, output.status.success())
}

#[test]
fn fusesoc_lints_the_core_and_runs_the_example() {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), "xor");
    let core = std::fs::read_to_string(folder.path().join("eqprop.core")).unwrap();
    let (before, after) = core.split_once("configuration ").unwrap();
    insta::assert_snapshot!(format!("{before}configuration HASH{}", &after[8..]));
    let (text, good) = fusesoc(folder.path(), "lint");
    assert!(good, "{text}");
    let (text, good) = fusesoc(folder.path(), "sim");
    assert!(good, "{text}");
    let words = std::fs::read_to_string(folder.path().join("expected.hex")).unwrap();
    let compared = format!("{} words compared", words.lines().count());
    assert!(text.contains("PASS") && text.contains(&compared), "{text}");

    // One bit of one expected word, and the bench must say so.
    let last = words.trim_end().chars().next_back().unwrap();
    let other = if last == '0' { '1' } else { '0' };
    let wrong = format!(
        "{}{other}\n",
        &words.trim_end()[..words.trim_end().len() - 1]
    );
    std::fs::write(folder.path().join("expected.hex"), wrong).unwrap();
    let (text, _) = fusesoc(folder.path(), "sim");
    assert!(text.contains("FAIL") && !text.contains("PASS"), "{text}");
}
