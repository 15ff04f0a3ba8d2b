//! `eqprop analyse` as a user meets it.

use std::path::Path;
use std::process::Output;

use crate::common::stderr;
use serde_json::Value;
use tempfile::TempDir;

/// `eqprop analyse` with these arguments.
fn analyse(folder: &Path, arguments: &[&str]) -> Output {
    crate::common::eqprop(folder, &[&["analyse"], arguments].concat())
}

/// The JSON on standard output of a run that must succeed.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    crate::common::object(folder, &[&["analyse"], arguments].concat())
}

fn read(folder: &Path, name: &Value) -> String {
    std::fs::read_to_string(folder.join(name.as_str().unwrap())).unwrap()
}

#[test]
fn page_and_json_of_xor_in_hardware_are_complete_and_repeatable() {
    let folder = TempDir::new().unwrap();
    let arguments = ["--network", "xor", "--lanes", "2"];
    let first = report(folder.path(), &[&arguments[..], &["--out", "a"]].concat());
    let second = report(folder.path(), &[&arguments[..], &["--out", "b"]].concat());
    let page = read(folder.path(), &first["page"]);
    assert_eq!(page, read(folder.path(), &second["page"]));
    let json = read(folder.path(), &first["data"]);
    assert_eq!(json, read(folder.path(), &second["data"]));

    assert!(page.len() < 2 << 20, "{} bytes", page.len());
    for outside in ["http://", "https://", "<script", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for section in [
        "energy",
        "symmetry",
        "stability",
        "response",
        "theorem",
        "credit",
        "settling",
    ] {
        assert!(
            page.contains(&format!("<h2 id=\"{section}\">")),
            "{section}"
        );
    }
    let numbers: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(numbers["energy"]["source"], "hardware");
    assert_eq!(numbers["energy"]["violations"], 0);
    assert_eq!(numbers["words"]["one_word"], numbers["words"]["weights"]);
    let points = numbers["theorem"][0]["theorem"]["points"]
        .as_array()
        .unwrap();
    let of = |source: &str| -> Vec<_> { points.iter().filter(|p| p["source"] == source).collect() };
    // Hardware and bit-true model are the same machine.
    for (hardware, bittrue) in of("hardware").iter().zip(of("bittrue")) {
        assert_eq!(hardware["symmetric"], bittrue["symmetric"]);
    }
    assert_eq!(of("hardware").len(), 13);
}

#[test]
fn models_alone_say_so_and_odd_networks_are_refused_or_explained() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    // No hidden layer: nothing connects free units.
    write("flat.toml", "layers = [4, 2]\ndataset = \"random\"\n");
    let flat = report(folder.path(), &["--network", "flat.toml", "--no-hardware"]);
    let page = read(folder.path(), &flat["page"]);
    assert!(page.contains("left out with --no-hardware"));
    assert!(page.contains("there is nothing to break"));

    // One sweep is too few to settle.
    write(
        "hasty.toml",
        "layers = [6, 8, 3]\ndataset = \"random\"\ndynamics.max_sweeps_free = 1\n",
    );
    let hasty = report(folder.path(), &["--network", "hasty.toml", "--no-hardware"]);
    let numbers: Value = serde_json::from_str(&read(folder.path(), &hasty["data"])).unwrap();
    for section in [&numbers["response"], &numbers["theorem"][0]["theorem"]] {
        let reason = section["refused"].as_str().unwrap();
        assert!(
            reason.contains("100 % of the free phases do not settle"),
            "{reason}"
        );
    }
    assert!(!numbers["settling"]["unsettled"]
        .as_array()
        .unwrap()
        .is_empty());

    write("weights.npz", "no weights");
    let spiking = ["--network", "digits-spiking"];
    let weights = ["--weights", "weights.npz"];
    let missing = ["--network", "xor", "--weights", "none.npz"];
    let mut texts = String::new();
    for arguments in [&spiking[..], &weights, &missing, &["--samples", "0"]] {
        let output = analyse(folder.path(), &[arguments, &["-q"]].concat());
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
        texts += &format!(
            "$ eqprop analyse {}\n{}\n",
            arguments.join(" "),
            stderr(&output)
        );
    }
    insta::assert_snapshot!(texts);
}
