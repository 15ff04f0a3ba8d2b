//! Boards learn what the bit-true model learns, whatever the line does.

use std::path::Path;

use super::{report, Running};
use crate::common::{eqprop, object};
use hdl::config::Network;
use serde_json::json;
use sim::exchange::{self, OutOfRange};
use sim::weights::Weights;
use tempfile::TempDir;

/// Weights and biases of 64-48-10, and the random state.
const WORDS: u64 = 64 * 48 + 48 * 10 + 48 + 10 + 1;

#[test]
fn digits_through_the_pins_end_as_in_the_model() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "train",
        "--virtual",
        "--network",
        "digits",
        "--samples",
        "200",
    ];
    let report = report(folder.path(), &arguments);
    assert_eq!(report["mismatches"], 0);
    assert_eq!(report["compared_writes"], WORDS);
    assert_eq!(report["answer_mismatches"], 0);
    assert_eq!(
        report["compared_answers"],
        200 + report["test_samples"].as_u64().unwrap()
    );
    assert_eq!(report["samples"], 200);
    let link = &report["link"];
    assert_eq!(link["baud"], 1_000_000);
    // A busy machine may send a frame again for nothing; damaged is none.
    assert_eq!(
        (&link["crc_errors"], &link["damaged"]),
        (&json!(0), &json!(0))
    );
    // Chance is a tenth.
    assert!(report["test_accuracy"].as_f64().unwrap() > 0.5, "{report}");
    assert!(folder
        .path()
        .join("target/eqprop/digits/weights.npz")
        .exists());
}

#[test]
fn a_line_that_spoils_a_byte_in_a_hundred_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "train",
        "--virtual",
        "--fast",
        "--noise",
        "0.01",
        "--noise-seed",
        "11",
        "--network",
        "digits",
        "--samples",
        "200",
        "--data",
        "few.csv",
    ];
    few_digits(folder.path());
    let report = report(folder.path(), &arguments);
    assert_eq!(report["mismatches"], 0);
    assert_eq!(report["compared_writes"], WORDS);
    assert_eq!(report["answer_mismatches"], 0);
    assert!(
        report["link"]["retries"].as_u64().unwrap() > 200,
        "{report}"
    );
    assert!(
        report["link"]["crc_errors"].as_u64().unwrap() > 100,
        "{report}"
    );
}

/// Pictures are varied on the host, in the same ways as for the models.
#[test]
fn varied_pictures_are_learned_as_in_the_model() {
    let folder = TempDir::new().unwrap();
    few_digits(folder.path());
    eqprop(folder.path(), &["new", "digits"]);
    let digits = std::fs::read_to_string(folder.path().join("digits.toml")).unwrap();
    let run = |more: &[&str], arguments: &[&str]| {
        let text = digits.replace("[data]\n", &format!("[data]\n{}\n", more.join("\n")));
        std::fs::write(folder.path().join("net.toml"), text).unwrap();
        let fixed = [
            "--network",
            "./net.toml",
            "--data",
            "few.csv",
            "--samples",
            "60",
        ];
        let arguments = [arguments, &fixed[..], &["--save", "trained.npz"]].concat();
        object(folder.path(), &arguments);
        weights(&folder.path().join("trained.npz"), "digits")
    };
    let varied = ["shape = [8, 8]", "augment = { shift = 1, rotate = 15 }"];
    let on_board = run(&varied, &["board", "train", "--virtual", "--fast"]);
    assert!(on_board == run(&varied, &["train"]));
    assert!(on_board != run(&varied[..1], &["train"]));
}

/// The board is left with the weights that the validation part chose, which are those that the model chooses.
#[test]
fn a_validation_part_chooses_the_weights_of_a_board() {
    let folder = TempDir::new().unwrap();
    few_digits(folder.path());
    let run = |arguments: &[&str], out: &str| {
        let fixed = [
            "--network",
            "digits",
            "--data",
            "few.csv",
            "--epochs",
            "6",
            "--validation",
            "0.3",
            "--out",
            out,
        ];
        object(folder.path(), &[arguments, &fixed].concat())
    };
    let on_board = run(&["board", "train", "--virtual", "--fast"], "board");
    let model = run(&["train"], "model");
    for field in [
        "best_epoch",
        "validation_samples",
        "validation_accuracy",
        "test_accuracy",
    ] {
        assert_eq!(on_board[field], model[field], "{field}");
    }
    // Else this would show nothing.
    assert_ne!(on_board["best_epoch"], 6);
    assert_eq!(
        (&on_board["mismatches"], &on_board["answer_mismatches"]),
        (&json!(0), &json!(0))
    );
    for file in ["best.npz", "weights.npz"] {
        let of = |out: &str| weights(&folder.path().join(out).join(file), "digits");
        assert!(of("board") == of("model"), "{file}");
    }
}

#[test]
fn one_virtual_board_runs_two_networks() {
    let folder = TempDir::new().unwrap();
    // Rates as those of xor: how far apart they may lie is a matter of the hardware.
    let text = "name = \"small\"\nlayers = [16, 12, 4]\ndataset = \"random\"\n[learning]\nrate_shift = 3\n";
    std::fs::write(folder.path().join("small.toml"), text).unwrap();
    let running = Running::start(folder.path(), &["--network", "small.toml", "--fast"]);
    for network in ["xor", "small.toml"] {
        let arguments = [
            "train",
            "--port",
            &running.port,
            "--network",
            network,
            "--samples",
            "40",
        ];
        let report = report(folder.path(), &arguments);
        assert_eq!(
            (&report["mismatches"], &report["answer_mismatches"]),
            (&json!(0), &json!(0))
        );
        assert!(report["compared_answers"].as_u64().unwrap() > 40);
    }
}

#[test]
fn several_boards_at_once() {
    let folder = TempDir::new().unwrap();
    let start = || Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let boards = [start(), start()];
    assert_ne!(boards[0].port, boards[1].port);
    let runs = boards.each_ref().map(|board| {
        let arguments = [
            "test",
            "--port",
            &board.port,
            "--network",
            "xor",
            "--json",
            "-q",
        ];
        let mut command = super::command(folder.path(), &arguments);
        command
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap()
    });
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&report["mismatches"], &report["answer_mismatches"]),
            (&json!(0), &json!(0))
        );
        assert_eq!(report["compared_answers"], 60);
        assert_eq!(report["changed_words"], 0);
    }
}

#[test]
fn weights_come_back_and_go_on_learning() {
    let folder = TempDir::new().unwrap();
    let running = Running::start(folder.path(), &["--network", "xor", "--fast"]);
    let on = |arguments: &[&str]| {
        let port = ["--port", running.port.as_str(), "--network", "xor"];
        report(folder.path(), &[arguments, &port].concat())
    };
    on(&["train", "--samples", "100", "--save", "first.npz"]);
    on(&["read", "--save", "read.npz"]);
    // A board knows its weights, but not how inputs were scaled.
    let saved = |name: &str| weights(&folder.path().join(name), "xor");
    assert_eq!(saved("first.npz"), saved("read.npz"));
    let kept = on(&["train", "--samples", "100", "--keep"]);
    assert_eq!(
        (&kept["mismatches"], &kept["answer_mismatches"]),
        (&json!(0), &json!(0))
    );
    let loaded = on(&["load", "--weights", "first.npz"]);
    assert_eq!(loaded["mismatches"], 0);
    // There are four samples, each is asked once.
    let inferred = on(&["infer", "--samples", "12"]);
    assert_eq!(inferred["answers"].as_array().unwrap().len(), 4);
    assert_eq!(inferred["answer_mismatches"], 0);
    let info = on(&["info"]);
    assert_eq!(info["layers"], json!([2, 12, 1]));
    assert_eq!(info["made_for_network"], true);
}

#[test]
fn the_line_is_full() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "bench",
        "--virtual",
        "--network",
        "digits",
        "--samples",
        "60",
    ];
    let report = report(folder.path(), &arguments);
    let share = |name: &str| report[name].as_f64().unwrap_or_else(|| panic!("{report}"));
    assert!(share("load_line_use") > 0.8, "{report}");
    assert!(share("verify_line_use") > 0.8, "{report}");
    // The line is the limit where the core could do more than it brings.
    let core = share("stream_samples_per_second") / share("samples_per_second");
    assert!(share("line_use") > 0.9 || core < 1.1, "{report}");
    assert!(share("stream_cycles_per_sample") > share("cycles_per_sample") + 10.0);
    assert_eq!(report["crc_errors"], 0);
}

/// Saved weights of a network of the same layers as a built-in one.
fn weights(path: &Path, network: &str) -> Weights {
    let network = Network::builtin(network).unwrap();
    let loaded = exchange::load(path, &network, OutOfRange::Refuse);
    loaded.unwrap().weights
}

/// The first embedded digits, so that tests after the training are short.
fn few_digits(folder: &Path) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../sim/data/digits.csv.gz");
    let file = std::fs::File::open(path).unwrap();
    let text = std::io::read_to_string(flate2::read::GzDecoder::new(file)).unwrap();
    let lines: Vec<&str> = text.lines().take(1 + 250).collect();
    std::fs::write(folder.join("few.csv"), lines.join("\n")).unwrap();
}
