//! What a board is asked: samples that were not learned from, on the scale of those that were.

use std::fs;

use serde_json::{json, Value};
use tempfile::TempDir;

use super::{board, report, stderr, Running};

/// Forty samples of four pixels, bright on the left or on the right, each divided by `divisor`.
fn rows(divisor: f64) -> String {
    let pixel = |n: usize, bright: bool| (n * 7 % 60) as f64 + if bright { 140.0 } else { 0.0 };
    let row = |n: usize| {
        let right = n % 2 == 1;
        let values = [!right, right, !right, right].map(|bright| pixel(n, bright) / divisor);
        let texts = values.map(|value| value.to_string()).join(",");
        format!("{texts},{}\n", usize::from(right))
    };
    (0..40).map(row).collect()
}

/// Indices and answers of a run.
fn answers(report: &Value) -> Vec<(u64, u64)> {
    let answers = report["answers"].as_array().unwrap();
    let number = |answer: &Value, name: &str| answer[name].as_u64().unwrap();
    let pair = |answer| (number(answer, "index"), number(answer, "answer"));
    answers.iter().map(pair).collect()
}

#[test]
fn samples_are_held_out_and_scaled_as_in_training() {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let network =
        "name = \"net\"\nlayers = [4, 6, 2]\ndataset = \"data.csv\"\n[learning]\nepochs = 12\n";
    write("net.toml", network);
    write("data.csv", &rows(1.0));
    write("eighth.csv", &rows(8.0));
    let running = Running::start(folder.path(), &["--network", "net.toml", "--fast"]);
    let on = |arguments: &[&str]| {
        let port = ["--port", running.port.as_str(), "--network", "net.toml"];
        report(folder.path(), &[arguments, &port].concat())
    };
    on(&["train"]);
    let asked = on(&["infer"]);
    assert_eq!(
        (&asked["samples"], &asked["answer_mismatches"]),
        (&8.into(), &0.into())
    );
    assert!(
        asked["which"]
            .as_str()
            .unwrap()
            .contains("not learned from"),
        "{asked}"
    );
    let held_out = answers(&asked);
    // The largest of those that were learned from, whatever is held out.
    let learned = (0..40).filter(|n| !held_out.iter().any(|&(index, _)| index == *n));
    let largest = learned.map(|n| n * 7 % 60 + 140).max().unwrap() as f64;
    assert_eq!(asked["scale"]["range"], json!([largest]));
    assert!(
        held_out.windows(2).all(|pair| pair[0].0 < pair[1].0),
        "{asked}"
    );
    // The same file by name is still what was learned from.
    assert_eq!(answers(&on(&["infer", "--data", "data.csv"])), held_out);
    let all = on(&["infer", "--all"]);
    let all = answers(&all);
    assert_eq!(all.len(), 40);
    assert!(held_out.iter().all(|answer| all.contains(answer)));

    let port = [
        "--port",
        running.port.as_str(),
        "--network",
        "net.toml",
        "-q",
    ];
    let arguments = [&["infer", "--data", "eighth.csv"], &port[..]].concat();
    let dark = board(folder.path(), &arguments);
    let told = "`eighth.csv`: inputs reach 0.125 on the scale of training";
    assert!(stderr(&dark).contains(told), "{}", stderr(&dark));
    let text = String::from_utf8(dark.stdout).unwrap();
    assert!(text.contains("40 samples of `eighth.csv`"), "{text}");
    assert!(text.contains("\n  0: "), "{text}");
    // An eighth of the light is not what all the light is: the scale of the file would hide it.
    let dark = on(&["infer", "--data", "eighth.csv"]);
    assert_eq!(dark["scale"], asked["scale"]);
    // Weights of a file bring their scale along, whatever data the network names by now.
    write("net.toml", &network.replace("data.csv", "eighth.csv"));
    let brought = on(&[
        "infer",
        "--weights",
        "target/eqprop/net/weights.npz",
        "--data",
        "data.csv",
    ]);
    assert_eq!(answers(&brought), held_out);
    assert_eq!(brought["scale"], asked["scale"]);
}
