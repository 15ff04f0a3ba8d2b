//! `eqprop train` with a validation part, several seeds, and what is written of every epoch.

use std::fs;
use std::path::Path;

use crate::common::{below, object, refusal, report, stderr, train};
use serde_json::{json, Value};
use tempfile::TempDir;

/// Table of two classes that overlap, so that some epochs are better than others.
fn overlapping() -> String {
    let mut random = 3;
    let mut row = |n: u64| {
        let shift = if n % 2 == 1 { 30 } else { 0 };
        let [a, b] = [0; 2].map(|_: u64| below(&mut random, 100) + shift);
        format!("{a},{b},{}\n", n % 2)
    };
    (0..150).map(&mut row).collect()
}

const OVERLAPPING: &str =
    "name = \"net\"\nlayers = [2, 8, 2]\ndataset = \"data.csv\"\n[learning]\nepochs = 12\n";

#[test]
fn a_validation_part_chooses_the_weights_that_are_tested_once() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("net.toml"), OVERLAPPING).unwrap();
    fs::write(path.join("data.csv"), overlapping()).unwrap();
    let net = ["--network", "./net.toml", "--validation", "0.25"];
    let chosen = report(path, &[&net[..], &["--seed", "3"]].concat());
    // A fifth is kept back to test with, a quarter of the rest to choose by.
    let sizes = ["test_samples", "validation_samples", "train_samples"].map(|name| &chosen[name]);
    assert_eq!(sizes, [&json!(30), &json!(30), &json!(90)]);
    let log = fs::read_to_string(path.join(chosen["log"].as_str().unwrap())).unwrap();
    let epochs: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(epochs.iter().all(|epoch| epoch.get("test_loss").is_none()));
    let accuracy = |epoch: &Value| epoch["validation_accuracy"].as_f64().unwrap();
    let most = epochs.iter().map(accuracy).fold(0.0, f64::max);
    let first = epochs
        .iter()
        .position(|epoch| accuracy(epoch) == most)
        .unwrap();
    // A run in which neither the first nor the last epoch is the best.
    assert!(0 < first && first + 1 < epochs.len(), "{log}");
    assert_eq!(chosen["best_epoch"], json!(first + 1));
    assert_eq!(chosen["validation_accuracy"], json!(most));
    let best = chosen["best"].as_str().unwrap();
    // `test` takes the best weights, and finds what the run found.
    let tested = object(path, &["test", "--network", "./net.toml"]);
    assert_eq!(tested["weights"], json!(best));
    assert_eq!(tested["accuracy"], chosen["test_accuracy"]);
    assert_eq!(tested["samples"], json!(30));
    // Without a validation part nothing of an earlier run is taken for chosen.
    let plain = report(path, &net[..2]);
    assert!(plain.get("best").is_none() && !path.join(best).exists());
}

#[test]
fn a_run_with_a_validation_part_resumes_and_may_be_extended() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("net.toml"), OVERLAPPING).unwrap();
    fs::write(path.join("data.csv"), overlapping()).unwrap();
    let run = |out: &str, more: &[&str]| {
        let arguments = [
            "--network",
            "./net.toml",
            "--validation",
            "0.25",
            "--out",
            out,
        ];
        report(path, &[&arguments[..], more].concat())
    };
    let whole = run("whole", &[]);
    run("parts", &["--samples", "400"]);
    let resumed = run("parts", &["--resume"]);
    for field in [
        "best_epoch",
        "validation_accuracy",
        "test_accuracy",
        "train_accuracy",
    ] {
        assert_eq!(resumed[field], whole[field], "{field}");
    }
    let bytes = |out: &str, file: &str| fs::read(path.join(out).join(file)).unwrap();
    for file in ["best.npz", "weights.npz"] {
        assert!(bytes("whole", file) == bytes("parts", file), "{file}");
    }
    let longer = run("parts", &["--resume", "--epochs", "15"]);
    assert_eq!(longer["epochs"], 15);
    // What the first epochs gave is still known.
    let log = |out: &str| {
        let text = String::from_utf8(bytes(out, "train.jsonl")).unwrap();
        let epoch = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
        let of = |line| {
            (
                epoch(line)["train_loss"].clone(),
                epoch(line)["validation_loss"].clone(),
            )
        };
        text.lines().map(of).collect::<Vec<_>>()
    };
    assert!(log("parts").starts_with(&log("whole")));
    fs::remove_file(path.join("parts/best.npz")).unwrap();
    let gone = [
        "--network",
        "./net.toml",
        "--validation",
        "0.25",
        "--out",
        "parts",
    ];
    insta::assert_snapshot!(refusal(
        path,
        &[&gone[..], &["--resume", "--epochs", "16"]].concat()
    ));
}

#[test]
fn a_validation_part_without_a_class_or_out_of_range_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("net.toml"), OVERLAPPING).unwrap();
    // Two samples of class 1: at most one of them is in any validation part of two.
    let row = |n: u64| format!("{n},{},{}\n", 40 - n, u64::from(n < 2));
    fs::write(path.join("data.csv"), (0..40).map(row).collect::<String>()).unwrap();
    let refused = |share: &str, seed: &str| {
        refusal(
            path,
            &[
                "--network",
                "./net.toml",
                "--validation",
                share,
                "--seed",
                seed,
            ],
        )
    };
    let blind = (1..20).find_map(|seed| {
        let arguments = ["--network", "./net.toml", "--epochs", "1", "--seed"];
        let seed = seed.to_string();
        let whole = [&arguments[..], &[&seed, "--validation", "0.05", "-q"]].concat();
        let output = train(path, &whole);
        (output.status.code() == Some(2)).then(|| stderr(&output))
    });
    insta::assert_snapshot!(blind.expect("most seeds keep no such sample back"));
    insta::assert_snapshot!(refused("0.75", "1"));
}

#[test]
fn seeds_run_side_by_side_and_are_summed_up() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("net.toml"), OVERLAPPING).unwrap();
    fs::write(path.join("data.csv"), overlapping()).unwrap();
    let net = ["--network", "./net.toml"];
    let all = report(path, &[&net[..], &["--seeds", "3", "--seed", "4"]].concat());
    let runs = all["runs"].as_array().unwrap();
    let results: Vec<f64> = (runs.iter())
        .map(|run| run["test_accuracy"].as_f64().unwrap())
        .collect();
    let mean = results.iter().sum::<f64>() / 3.0;
    assert!((all["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    let squares: f64 = results.iter().map(|result| (result - mean).powi(2)).sum();
    assert!((all["deviation"].as_f64().unwrap() - (squares / 2.0).sqrt()).abs() < 1e-12);
    // Each is what it is alone.
    let alone = report(
        path,
        &[&net[..], &["--seed", "5", "--out", "alone"]].concat(),
    );
    assert_eq!(runs[1]["seed"], 5);
    assert_eq!(runs[1]["test_accuracy"], alone["test_accuracy"]);
    let weights = |run: &Value| fs::read(path.join(run["weights"].as_str().unwrap())).unwrap();
    assert!(weights(&runs[1]) == weights(&alone));
    assert!(path.join(all["plots"][1].as_str().unwrap()).is_file());
}

/// Values of a tag in the events of a TensorBoard file, by step.
fn values(events: &[u8], tag: &str) -> Vec<f32> {
    let mut values = Vec::new();
    let mut rest = events;
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        let data = &rest[12..12 + length];
        rest = &rest[16 + length..];
        // A tag, then field 2 as a 32-bit float.
        let found = data
            .windows(tag.len())
            .position(|window| window == tag.as_bytes());
        if let Some(at) = found
            .map(|at| at + tag.len())
            .filter(|&at| data[at] == 0x15)
        {
            values.push(f32::from_le_bytes(data[at + 1..at + 5].try_into().unwrap()));
        }
    }
    values
}

#[test]
fn every_epoch_is_a_line_a_row_and_an_event_also_after_a_stop() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("net.toml"), OVERLAPPING).unwrap();
    fs::write(path.join("data.csv"), overlapping()).unwrap();
    let run = |more: &[&str]| {
        let arguments = ["--network", "./net.toml", "--tensorboard", "board"];
        report(path, &[&arguments[..], more].concat())
    };
    run(&["--samples", "700"]);
    let told = run(&["--resume"]);
    let text = |field: &str| {
        fs::read_to_string(Path::new(path).join(told[field].as_str().unwrap())).unwrap()
    };
    let lines: Vec<Value> = (text("log").lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 12);
    let table = text("table");
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split(',').collect()).collect();
    assert_eq!(rows.len(), 13);
    for (line, row) in lines.iter().zip(&rows[1..]) {
        for (name, cell) in rows[0].iter().zip(row) {
            assert_eq!(line[*name].to_string(), *cell, "{name}");
        }
    }
    let events = fs::read(path.join(told["events"].as_str().unwrap())).unwrap();
    for (tag, field) in [
        ("accuracy/test", "test_accuracy"),
        ("loss/train", "train_loss"),
    ] {
        let expected: Vec<f32> = lines
            .iter()
            .map(|line| line[field].as_f64().unwrap() as f32)
            .collect();
        assert_eq!(values(&events, tag), expected, "{tag}");
    }
}

/// Pictures in the file, varied on the fly: the same weights whether the run is stopped or not, and on every backend.
#[test]
fn varied_pictures_are_the_same_in_every_backend_and_after_a_stop() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let network = |augment: &str| {
        format!(
            "name = \"net\"\nlayers = [64, 6, 10]\ndataset = \"digits\"\n[data]\n{augment}\n[learning]\nepochs = 3\n"
        )
    };
    let varied = "augment = { shift = 1, rotate = 15, scale = 0.1, elastic = 0.7 }";
    fs::write(path.join("net.toml"), network(varied)).unwrap();
    fs::write(path.join("plain.toml"), network("")).unwrap();
    let run = |name: &str, more: &[&str]| {
        let report = report(path, &[&["--network", name], more].concat());
        fs::read(path.join(report["weights"].as_str().unwrap())).unwrap()
    };
    let whole = run("./net.toml", &["--samples", "60"]);
    run("./net.toml", &["--samples", "31", "--out", "parts"]);
    assert!(
        run(
            "./net.toml",
            &["--samples", "60", "--out", "parts", "--resume"]
        ) == whole
    );
    let hardware = ["--samples", "60", "--backend", "hardware", "--lanes", "1"];
    assert!(run("./net.toml", &hardware) == whole);
    let plain = run("./plain.toml", &["--samples", "60"]);
    assert!(plain != whole);
    // The option takes the place of the file's.
    let option = |network, kinds| run(network, &["--samples", "60", "--augment", kinds]);
    let kinds = "shift=1,rotate=15,scale=0.1,elastic=0.7";
    assert!(option("./plain.toml", kinds) == whole);
    assert!(option("./net.toml", "none") == plain);
    for kinds in ["elastic=99", "bend=3", "elastic", "shift=1,shift=2"] {
        insta::assert_snapshot!(refusal(path, &["--network", "digits", "--augment", kinds]));
    }
    // A table has no pixels to move.
    let text = format!("layers = [2, 4, 2]\ndataset = \"data.csv\"\n[data]\n{varied}\n");
    fs::write(path.join("table.toml"), text).unwrap();
    fs::write(path.join("data.csv"), overlapping()).unwrap();
    insta::assert_snapshot!(refusal(path, &["--network", "./table.toml"]));
}
