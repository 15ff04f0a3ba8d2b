//! `eqprop test` and `eqprop predict`: saved weights asked about data, on the scale that they learned.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::common::{below, eqprop, object, refused, stderr};
use hdl::config::Network;
use serde_json::{json, Value};
use sim::exchange::{self, Form};
use sim::weights::Weights;
use tempfile::TempDir;

/// Plants of two kinds: leaves in millimetres, of which the kinds differ, and height in metres, which says nothing.
fn plants() -> Vec<([f64; 2], &'static str)> {
    let mut random = 11;
    let plant = |index: usize| {
        let fern = index % 2 == 1;
        let leaf = below(&mut random, 400) as f64 / 10.0 + if fern { 45.0 } else { 0.0 };
        let height = below(&mut random, 1000) as f64 / 1000.0;
        ([leaf, 5000.0 + height], ["moss", "fern"][usize::from(fern)])
    };
    (0..60).map(plant).collect()
}

const PLANTS: &str = "name = \"plants\"\nlayers = [2, 6, 2]\ndataset = \"plants.csv\"\n\
                      [data]\nscale = \"feature\"\n[learning]\nepochs = 20\n";

/// A folder in which a network has learned plants.
fn trained() -> (TempDir, Value) {
    let folder = TempDir::new().unwrap();
    let mut table = "leaf,height,kind\n".to_owned();
    for ([leaf, height], kind) in plants() {
        writeln!(table, "{leaf},{height},{kind}").unwrap();
    }
    fs::write(folder.path().join("plants.csv"), table).unwrap();
    fs::write(folder.path().join("plants.toml"), PLANTS).unwrap();
    let report = object(folder.path(), &["train", "--network", "./plants.toml"]);
    (folder, report)
}

fn on(folder: &Path, command: &str, arguments: &[&str]) -> Value {
    object(
        folder,
        &[&[command, "--network", "./plants.toml"], arguments].concat(),
    )
}

#[test]
fn a_test_finds_what_training_found_and_every_implementation_agrees() {
    let (folder, report) = trained();
    let path = folder.path();
    let tested = on(path, "test", &[]);
    assert_eq!(tested["accuracy"], report["test_accuracy"]);
    assert!(tested["accuracy"].as_f64().unwrap() > 0.9, "{tested}");
    assert_eq!(tested["samples"], 12);
    let hardware = on(path, "test", &["--backend", "hardware", "--lanes", "1"]);
    for field in [
        "accuracy",
        "confusion",
        "classes",
        "sweeps_per_sample",
        "unsettled",
        "worst",
    ] {
        assert_eq!(hardware[field], tested[field], "{field}");
    }
    let golden = on(path, "test", &["--backend", "golden"]);
    assert_eq!(golden["confusion"], tested["confusion"]);
    // Rows are what samples are: together all of them.
    let all = on(path, "test", &["--all"]);
    let counts = all["classes"].as_array().unwrap().iter();
    let counts: Vec<_> = counts
        .map(|class| (&class["name"], &class["samples"]))
        .collect();
    assert_eq!(
        counts,
        [(&json!("fern"), &json!(30)), (&json!("moss"), &json!(30))]
    );
    // A table of the numbers, for people.
    let output = eqprop(path, &["test", "--network", "./plants.toml"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("recall") && text.contains("held out"),
        "{text}"
    );
}

#[test]
fn predictions_need_no_labels_and_keep_the_scale_and_the_order() {
    let (folder, _) = trained();
    let path = folder.path();
    // One file's own range says nothing: all of these are ferns, with leaves like those of training.
    fs::write(
        path.join("new.csv"),
        "leaf,height\n80,5000.5\n79.5,5000.2\n2,5000.4\n",
    )
    .unwrap();
    let told = on(path, "predict", &["--data", "new.csv", "--save", "a.csv"]);
    assert_eq!(
        (&told["samples"], &told["unsettled"]),
        (&json!(3), &json!(0))
    );
    let table = fs::read_to_string(path.join("a.csv")).unwrap();
    let lines: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(
        lines[0],
        [
            "index",
            "answer",
            "margin",
            "sweeps",
            "settled",
            "output fern",
            "output moss"
        ]
    );
    let answers: Vec<_> = lines[1..].iter().map(|line| (line[0], line[1])).collect();
    assert_eq!(answers, [("0", "fern"), ("1", "fern"), ("2", "moss")]);
    on(path, "predict", &["--data", "new.csv", "--save", "a.jsonl"]);
    let lines = fs::read_to_string(path.join("a.jsonl")).unwrap();
    for (line, cells) in lines.lines().zip(table.lines().skip(1)) {
        let line: Value = serde_json::from_str(line).unwrap();
        let cells: Vec<&str> = cells.split(',').collect();
        let outputs = [5, 6].map(|at| cells[at].parse::<f64>().unwrap());
        assert_eq!(line["outputs"], json!(outputs));
        assert_eq!(line["margin"], json!((outputs[0] - outputs[1]).abs()));
    }
    // With another unit nothing is silently scaled to fit.
    fs::write(path.join("cm.csv"), "leaf,height\n8,5000500\n7.9,5000200\n").unwrap();
    let arguments = [
        "predict",
        "--network",
        "./plants.toml",
        "--data",
        "cm.csv",
        "-q",
    ];
    let warned = eqprop(path, &arguments);
    assert!(
        stderr(&warned).contains("give inputs the units"),
        "{}",
        stderr(&warned)
    );
}

#[test]
fn real_targets_are_measured_and_predicted_as_they_are() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let row = |n: u64| format!("{n},{},{}\n", 50 - n, 0.1 + n as f64 / 60.0);
    let rows: String = (0..50).map(row).collect();
    fs::write(path.join("line.csv"), format!("a,b,t\n{rows}")).unwrap();
    fs::write(
        path.join("line.toml"),
        "name = \"line\"\nlayers = [2, 6, 1]\ndataset = \"line.csv\"\n",
    )
    .unwrap();
    let line = ["--network", "./line.toml"];
    let report = object(path, &[&["train"], &line[..]].concat());
    let tested = object(path, &[&["test"], &line[..]].concat());
    let (found, expected) = (&tested["rmse"], &report["test_rmse"]);
    let difference = found.as_f64().unwrap() - expected.as_f64().unwrap();
    // Training measures from targets that are rounded to states, half a step of 2^-12 at most.
    assert!(difference.abs() < 0.5 / 4096.0, "{found} {expected}");
    assert!(tested["r2"].as_f64().unwrap() > 0.5, "{tested}");
    object(path, &[&["predict", "--save", "p.csv"], &line[..]].concat());
    let table = fs::read_to_string(path.join("p.csv")).unwrap();
    assert_eq!(table.lines().next(), Some("index,sweeps,settled,output 0"));
    assert_eq!(table.lines().count(), 51);
}

#[test]
fn the_worst_pictures_are_drawn() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    object(path, &["train", "--epochs", "1"]);
    let tested = object(path, &["test"]);
    for plot in tested["plots"].as_array().unwrap() {
        assert!(path.join(plot.as_str().unwrap()).is_file());
    }
    let svg = fs::read_to_string(path.join(tested["plots"][0].as_str().unwrap())).unwrap();
    let worst = &tested["worst"][0];
    let title = format!(
        "{}: is {}, answer {}",
        worst["index"],
        worst["label"].as_str().unwrap(),
        worst["answer"].as_str().unwrap()
    );
    assert!(svg.contains(&title), "{title}");
}

#[test]
fn weights_without_a_scale_say_what_is_assumed_and_those_of_others_are_refused() {
    let (folder, _) = trained();
    let path = folder.path();
    let network = Network::load(&path.join("plants.toml")).unwrap();
    let bare = path.join("bare.npz");
    exchange::save(
        &bare,
        &network,
        &Weights::initial(&network),
        Form::Real,
        None,
    )
    .unwrap();
    let arguments = [
        "test",
        "--network",
        "./plants.toml",
        "--weights",
        "bare.npz",
    ];
    let told = stderr(&eqprop(path, &arguments));
    assert!(
        told.contains(
            "`bare.npz` does not say how its inputs were scaled: they are scaled each to 0…1"
        ),
        "{told}"
    );
    fs::write(path.join("bee.csv"), "leaf,height,kind\n1,5000,bee\n").unwrap();
    let other = PLANTS.replace("[2, 6, 2]", "[3, 6, 2]");
    fs::write(path.join("other.toml"), other).unwrap();
    let none = PLANTS.replace("plants\"", "none\"");
    fs::write(path.join("none.toml"), none).unwrap();
    let weights = "target/eqprop/plants/weights.npz";
    let texts = [
        &["test", "--network", "./none.toml"][..],
        &["test", "--network", "./other.toml", "--weights", weights],
        &["test", "--network", "./plants.toml", "--data", "bee.csv"],
        &["predict", "--network", "./plants.toml", "--save", "a.txt"],
        &["train", "--network", "./plants.toml", "--scale", "log"],
    ];
    insta::assert_snapshot!(texts.map(|text| refused(path, text)).join("\n----\n"));
}
