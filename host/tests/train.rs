//! `eqprop train` as a user meets it.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::common::{self, below, command, refusal, report, stderr, train};
use hdl::config::Network;
use serde_json::{json, Value};
use sim::exchange;
use tempfile::TempDir;

#[test]
fn the_json_has_every_field_and_the_files_are_there() {
    let folder = TempDir::new().unwrap();
    let report = report(folder.path(), &["--network", "digits", "--epochs", "3"]);
    for field in [
        "network",
        "backend",
        "nudging",
        "weight_bits",
        "seed",
        "epochs",
        "train_accuracy",
        "test_accuracy",
        "samples_per_second",
        "sweeps_per_sample",
        "not_learned_share",
        "saturations",
        "checkpoint",
    ] {
        assert!(!report[field].is_null(), "{field}");
    }
    assert!(report.get("weight_mismatches").is_none());
    assert!(report["test_accuracy"].as_f64().unwrap() > 0.85, "{report}");
    for field in ["checkpoint", "log", "weights"] {
        let path = folder.path().join(report[field].as_str().unwrap());
        assert!(path.is_file(), "{field}");
    }
    let log = fs::read_to_string(folder.path().join(report["log"].as_str().unwrap())).unwrap();
    let epochs: Vec<Value> = (log.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(epochs.len(), 3);
    assert_eq!(epochs[2]["test_accuracy"], report["test_accuracy"]);
    let plot = folder.path().join(report["plots"][0].as_str().unwrap());
    assert!(fs::read_to_string(plot)
        .unwrap()
        .contains("digits: training"));
}

#[test]
fn hardware_learns_the_same_bits_on_any_number_of_lanes() {
    let folder = TempDir::new().unwrap();
    let weights = |lanes: &str| {
        let arguments = ["--backend", "hardware", "--samples", "40", "--lanes", lanes];
        let report = report(folder.path(), &arguments);
        assert_eq!(report["weight_mismatches"], 0);
        assert_eq!(report["samples"], 40);
        assert!(report["cycles_per_second"].as_f64().unwrap() > 0.0);
        fs::read(folder.path().join(report["weights"].as_str().unwrap())).unwrap()
    };
    let (two, four) = (weights("2"), weights("4"));
    assert!(two == four);
    let bittrue = report(folder.path(), &["--samples", "40"]);
    let bittrue = fs::read(folder.path().join(bittrue["weights"].as_str().unwrap())).unwrap();
    assert!(bittrue == two);
}

#[test]
fn a_fault_in_the_hardware_gives_weight_mismatches() {
    let folder = TempDir::new().unwrap();
    let caught = (1..10).find_map(|seed| {
        let seed = format!("{seed}");
        let arguments = [
            "--network",
            "xor",
            "--backend",
            "hardware",
            "--samples",
            "40",
            "--json",
        ];
        let output = train(
            folder.path(),
            &[&arguments[..], &["-q", "--inject-fault", &seed]].concat(),
        );
        // A fault may also hang the core, which is an error of its own, or do nothing here.
        (output.status.code() == Some(1) && !output.stdout.is_empty()).then_some(output)
    });
    let caught = caught.expect("one of nine faults changes a weight");
    let report: Value = serde_json::from_slice(&caught.stdout).unwrap();
    assert!(report["weight_mismatches"].as_u64().unwrap() > 0);
    assert!(
        stderr(&caught).contains("eqprop::train::mismatch"),
        "{}",
        stderr(&caught)
    );
}

/// Kills a run after `time`, if it is still there.
fn kill_after(mut run: Child, time: Duration) -> bool {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if run.try_wait().unwrap().is_some() {
            return false;
        }
        std::thread::yield_now();
    }
    // SIGKILL: the program can do nothing about it.
    run.kill().unwrap();
    run.wait().unwrap();
    true
}

#[test]
fn a_run_killed_at_any_instant_ends_with_the_same_weights() {
    let arguments = [
        "--network",
        "digits",
        "--epochs",
        "4",
        "--checkpoint-every",
        "50",
        "-q",
    ];
    let whole = TempDir::new().unwrap();
    let start = Instant::now();
    report(whole.path(), &arguments[..6]);
    let time = start.elapsed().as_micros() as u64;
    let file = |folder: &TempDir, name: &str| {
        fs::read(folder.path().join("target/eqprop/digits").join(name)).unwrap()
    };
    let expected = file(&whole, "weights.npz");

    // What was killed before its first checkpoint begins anew.
    let resume = |folder: &TempDir| -> &[&str] {
        let checkpoint = folder.path().join("target/eqprop/digits/train.checkpoint");
        if checkpoint.exists() {
            &["--resume"]
        } else {
            &[]
        }
    };
    let (mut random, mut killed) = (1, 0);
    for _ in 0..20 {
        let folder = TempDir::new().unwrap();
        // Twice, so that a resumed run is killed as well.
        for _ in 0..2 {
            let run = command(folder.path(), &[&arguments[..], resume(&folder)].concat())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let instant = Duration::from_micros(below(&mut random, time));
            killed += usize::from(kill_after(run, instant));
        }
        report(folder.path(), &[&arguments[..6], resume(&folder)].concat());
        assert!(file(&folder, "weights.npz") == expected);
        let epochs = |log: Vec<u8>| String::from_utf8(log).unwrap().lines().count();
        assert_eq!(epochs(file(&folder, "train.jsonl")), 4);
    }
    assert!(killed >= 20, "only {killed} of 40 runs were killed");
}

/// Interrupts a run as soon as it learns, by the signal that Ctrl-C sends; what it says.
fn interrupt(folder: &Path, arguments: &[&str]) -> String {
    let mut run = command(folder, arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(run.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("training: ") {
        assert_ne!(said.read_line(&mut text).unwrap(), 0, "it ended: {text}");
    }
    common::interrupt(&run);
    said.read_to_string(&mut text).unwrap();
    assert_eq!(run.wait().unwrap().code(), Some(130), "{text}");
    text
}

/// Ctrl-C leaves a checkpoint, whatever learns, says how to go on, and going on ends with the same bytes.
#[test]
fn a_run_that_was_interrupted_says_how_to_go_on() {
    for arguments in [
        &["--network", "digits", "--epochs", "150"][..],
        &[
            "--network",
            "digits",
            "--epochs",
            "100",
            "--backend",
            "golden",
        ],
        &[
            "--network",
            "xor",
            "--backend",
            "hardware",
            "--samples",
            "1200",
        ],
    ] {
        let [whole, parts] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
        let weights = |folder: &TempDir, more: &[&str]| {
            let report = report(folder.path(), &[arguments, more].concat());
            fs::read(folder.path().join(report["weights"].as_str().unwrap())).unwrap()
        };
        let expected = weights(&whole, &[]);
        let said = interrupt(parts.path(), arguments);
        assert!(said.contains("Ctrl-C again ends at once"), "{said}");
        let again = format!("`eqprop train {} --resume`", arguments.join(" "));
        let unwrapped = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(unwrapped.contains(&again), "{said}");
        assert!(said.contains("eqprop::train::stopped"), "{said}");
        assert!(weights(&parts, &["--resume"]) == expected, "{arguments:?}");
    }
}

#[test]
fn resuming_where_there_is_no_run_is_refused_and_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    report(folder.path(), &["--network", "xor", "--out", "runs/xor"]);
    let mistyped = ["--network", "xor", "--out", "runs/xro", "--resume"];
    insta::assert_snapshot!(refusal(folder.path(), &mistyped), @r"
    eqprop::train::no_checkpoint

      × there is no run to go on with: `runs/xro/train.checkpoint` does not exist
      help: name the folder of that run with --out, its network with --network;
            leave --resume out to begin anew
    ");
    assert!(!folder.path().join("runs/xro").exists());
}

#[test]
fn two_runs_in_one_folder_do_not_mix() {
    let folder = TempDir::new().unwrap();
    let mut first = command(folder.path(), &["--network", "digits", "--epochs", "400"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(first.stderr.take().unwrap());
    let mut text = String::new();
    while !text.contains("training: ") {
        assert_ne!(said.read_line(&mut text).unwrap(), 0, "it ended: {text}");
    }
    let second = refusal(folder.path(), &["--network", "digits", "--seed", "2"]);
    first.kill().unwrap();
    first.wait().unwrap();
    let words: Vec<&str> = second.split_whitespace().filter(|&w| w != "│").collect();
    let told = format!(
        "`target/eqprop/digits` is in use: process {} writes",
        first.id()
    );
    assert!(words.join(" ").contains(&told), "{second}");
    assert!(second.contains("--out DIR"), "{second}");
    // A killed run holds nothing.
    report(folder.path(), &["--network", "digits", "--epochs", "1"]);
}

#[test]
fn threads_and_batches() {
    let folder = TempDir::new().unwrap();
    let weights = |arguments: &[&str]| {
        let report = report(folder.path(), &[&["--epochs", "2"], arguments].concat());
        fs::read(folder.path().join(report["weights"].as_str().unwrap())).unwrap()
    };
    for batch in ["1", "16"] {
        for backend in ["bittrue", "golden"] {
            let arguments = ["--batch", batch, "--backend", backend];
            let one = weights(&[&arguments[..], &["--threads", "1"]].concat());
            let four = weights(&[&arguments[..], &["--threads", "4"]].concat());
            assert!(one == four, "{backend}, batches of {batch}");
        }
    }
    let error = refusal(folder.path(), &["--batch", "3"]);
    insta::assert_snapshot!(error);
    let error = refusal(folder.path(), &["--batch", "2", "--backend", "hardware"]);
    insta::assert_snapshot!(error);
}

#[test]
fn a_checkpoint_of_another_run_is_refused_with_the_difference() {
    let folder = TempDir::new().unwrap();
    report(folder.path(), &["--network", "xor", "--epochs", "2"]);
    let options = ["--network", "xor", "--epochs", "2", "--resume"];
    let other = |more: &[&str]| refusal(folder.path(), &[&options[..], more].concat());
    insta::assert_snapshot!(other(&["--seed", "5"]));
    insta::assert_snapshot!(other(&["--backend", "golden"]));
    let path = folder.path().join("target/eqprop/xor/train.checkpoint");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    insta::assert_snapshot!(other(&[]));
}

#[test]
fn weights_go_out_come_in_and_train_on() {
    let folder = TempDir::new().unwrap();
    for name in ["w.npz", "w.safetensors"] {
        let first = report(folder.path(), &["--epochs", "2", "--save", name]);
        let more = report(folder.path(), &["--epochs", "1", "--weights", name]);
        let before = first["test_accuracy"].as_f64().unwrap();
        assert!(more["test_accuracy"].as_f64().unwrap() > before - 0.05);
    }
    // Saturated 16-bit weights reach ±4, those of 8 bits ±2.
    let wide =
        "layers = [64, 48, 10]\ndataset = \"digits\"\n[learning]\ninit_scale = 30\nepochs = 1\n";
    fs::write(folder.path().join("wide.toml"), wide).unwrap();
    report(
        folder.path(),
        &["--network", "./wide.toml", "--save", "wide.npz"],
    );
    let narrow = ["--weights", "wide.npz", "--weight-bits", "8"];
    insta::assert_snapshot!(refusal(folder.path(), &narrow));
    report(
        folder.path(),
        &[&narrow[..], &["--clamp", "--epochs", "1"]].concat(),
    );
    insta::assert_snapshot!(refusal(
        folder.path(),
        &["--weights", "w.npz", "--network", "xor"]
    ));
}

/// The same samples in other units: what was learned holds on the scale that it was learned with.
#[test]
fn weights_that_learn_on_keep_the_scale_of_their_inputs() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let table = |unit: u64| -> String {
        let mut random = 5;
        let mut row = |n: u64| {
            let [a, b] = [0; 2].map(|_: u64| unit * below(&mut random, 9));
            format!("{a},{b},{}\n", n % 2)
        };
        (0..40).map(&mut row).collect()
    };
    fs::write(path.join("whole.csv"), table(4)).unwrap();
    fs::write(path.join("halves.csv"), table(2)).unwrap();
    let net = "name = \"net\"\nlayers = [2, 4, 2]\ndataset = \"whole.csv\"\n";
    fs::write(path.join("net.toml"), net).unwrap();
    let network = Network::parse("net.toml", net).unwrap();
    let run = |more: &[&str]| {
        let fixed = ["--network", "./net.toml", "--samples", "8", "--save"];
        report(path, &[&fixed[..], more].concat());
        let saved = exchange::as_trained(&path.join(more[0]), &network).unwrap();
        saved.unwrap().scaling().clone()
    };
    let first = run(&["first.npz"]);
    let halves = ["--data", "halves.csv", "--weights", "first.npz"];
    assert_eq!(run(&[&["kept.npz"], &halves[..]].concat()), first);
    let anew = run(&[&["anew.npz", "--scale", "whole"], &halves[..]].concat());
    assert_ne!(anew, first);
    assert_eq!(anew, run(&["other.npz", "--data", "halves.csv"]));
}

#[test]
fn a_search_recommends_a_width() {
    let folder = TempDir::new().unwrap();
    let search = report(
        folder.path(),
        &[
            "--search-bits",
            "--network",
            "xor",
            "--epochs",
            "20",
            "--seeds",
            "2",
        ],
    );
    let rows = search["rows"].as_array().unwrap();
    assert!(rows.len() > 12, "{} rows", rows.len());
    assert!(rows[0]["formats"].is_null());
    for row in rows {
        assert!(row["lowest"].as_f64() <= row["mean"].as_f64());
        assert!(row["mean"].as_f64() <= row["highest"].as_f64());
    }
    if let Some(index) = search["recommended"].as_u64() {
        let gap =
            rows[0]["mean"].as_f64().unwrap() - rows[index as usize]["mean"].as_f64().unwrap();
        assert!(gap <= 0.005, "{gap}");
    }
}

#[test]
fn early_stop_ends_a_run_that_rises_no_more() {
    let folder = TempDir::new().unwrap();
    let report = report(folder.path(), &["--early-stop", "3"]);
    let epochs = report["epochs"].as_u64().unwrap();
    assert!((4..40).contains(&epochs), "{epochs} epochs");
}

#[test]
fn spiking_units_train_resume_and_show_their_spikes() {
    let folder = TempDir::new().unwrap();
    let run = |samples: &str, more: &[&str]| {
        let arguments = ["--network", "digits-spiking", "--samples", samples];
        report(folder.path(), &[&arguments[..], more].concat())
    };
    let weights =
        |report: &Value| fs::read(folder.path().join(report["weights"].as_str().unwrap())).unwrap();
    let whole = run("300", &[]);
    assert_eq!(whole["nudging"], "random_sign");
    assert_eq!(whole["sweeps_per_sample"], 128.0);
    assert_eq!(whole["unsettled"], 0);
    let number = |field: &str| whole[field].as_f64().unwrap();
    assert!(number("spikes_per_sample") > 100.0, "{whole}");
    assert!(number("synaptic_operations_per_sample") > 10.0 * number("spikes_per_sample"));
    let plot = folder.path().join(whole["spikes"][0].as_str().unwrap());
    let plot = fs::read_to_string(plot).unwrap();
    assert!(plot.contains("digits-spiking: a test sample in spikes"));
    let whole = weights(&whole);

    run("170", &[]);
    assert!(weights(&run("300", &["--resume"])) == whole);
    // Learned weights are a start for real numbers too, which have no integer spikes to show.
    let saved = folder
        .path()
        .join("target/eqprop/digits-spiking/weights.npz");
    let kept = folder.path().join("kept.npz");
    fs::copy(saved, &kept).unwrap();
    let golden = ["--backend", "golden", "--weights", kept.to_str().unwrap()];
    let golden = run("20", &golden);
    assert!(golden["spikes_per_sample"].as_f64().unwrap() > 100.0);
    assert!(golden["spikes"].is_null());
}

/// Rates count no spikes.
#[test]
fn rates_have_no_spikes_to_report() {
    let folder = TempDir::new().unwrap();
    let report = report(folder.path(), &["--network", "digits", "--samples", "20"]);
    assert!(report.get("spikes_per_sample").is_none() && report.get("spikes").is_none());
}

/// What a run that must succeed prints, on both streams.
fn printed(folder: &std::path::Path, arguments: &[&str]) -> String {
    let output = crate::common::train(folder, arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    String::from_utf8(output.stdout.clone()).unwrap() + &stderr(&output)
}

#[test]
fn four_samples_are_not_said_to_be_kept_back() {
    let folder = TempDir::new().unwrap();
    let xor = ["--network", "xor", "--epochs", "2"];
    let text = printed(folder.path(), &xor);
    assert!(!text.contains("that were not learned from"), "{text}");
    assert!(
        text.contains("of the 4 samples that were learned from"),
        "{text}"
    );
    assert_eq!(report(folder.path(), &xor)["held_out"], false);
    let digits = ["--network", "digits", "--epochs", "1"];
    let text = printed(folder.path(), &digits);
    assert!(
        text.contains("of 360 samples that were not learned from"),
        "{text}"
    );
    assert_eq!(report(folder.path(), &digits)["held_out"], true);
}

#[test]
fn real_numbers_have_no_bits_that_saturate() {
    let folder = TempDir::new().unwrap();
    let golden = ["--backend", "golden", "--network", "xor", "--epochs", "2"];
    let text = printed(folder.path(), &golden);
    assert!(
        !text.contains("saturat") && !text.contains("16-bit"),
        "{text}"
    );
    let golden = report(folder.path(), &golden);
    assert!(golden.get("saturations").is_none() && golden.get("weight_bits").is_none());
    let log = fs::read_to_string(folder.path().join(golden["log"].as_str().unwrap())).unwrap();
    assert!(!log.contains("saturations"), "{log}");
    let plot = fs::read_to_string(folder.path().join(golden["plots"][0].as_str().unwrap()));
    assert!(plot.unwrap().contains("weights in real numbers"));
    let bittrue = report(folder.path(), &["--network", "xor", "--epochs", "2"]);
    assert_eq!(
        (&bittrue["saturations"], &bittrue["weight_bits"]),
        (&json!(0), &json!(16))
    );
}

/// Two outputs that follow two inputs: how far off they are is told, not how many are right.
#[test]
fn real_targets_are_measured_by_their_distance() {
    let folder = TempDir::new().unwrap();
    let mut random = 3;
    let mut unit = || below(&mut random, 1000) as f64 / 1000.0;
    let rows: String = (0..60)
        .map(|_| {
            let (a, b) = (unit(), unit());
            format!("{a},{b},{},{}\n", 0.2 + 0.5 * a, 0.8 - 0.5 * b)
        })
        .collect();
    fs::write(folder.path().join("line.csv"), rows).unwrap();
    let text =
        "name = \"line\"\nlayers = [2, 8, 2]\ndataset = \"line.csv\"\n[learning]\nepochs = 20\n";
    fs::write(folder.path().join("line.toml"), text).unwrap();
    let line = ["--network", "./line.toml"];
    let text = printed(folder.path(), &line);
    assert!(
        text.contains("test RMSE") && !text.contains("accuracy"),
        "{text}"
    );
    let found = report(folder.path(), &line);
    assert!(found.get("test_accuracy").is_none() && found.get("train_accuracy").is_none());
    let number = |name: &str| found[name].as_f64().unwrap();
    // The mean cost of a sample is half the sum of two squares: the mean square of an output.
    assert!(
        (number("test_rmse").powi(2) - number("test_loss")).abs() < 1e-9,
        "{found}"
    );
    assert!(
        number("test_rmse") > 0.0 && number("test_rmse") < 0.2,
        "{found}"
    );
    let log = fs::read_to_string(folder.path().join(found["log"].as_str().unwrap())).unwrap();
    assert!(
        log.contains("test_rmse") && !log.contains("accuracy"),
        "{log}"
    );
    let plot = fs::read_to_string(folder.path().join(found["plots"][0].as_str().unwrap()));
    assert!(!plot.unwrap().contains("right answers"));
    let search = ["--search-bits", "--epochs", "1", "--seeds", "1"];
    assert_eq!(
        report(folder.path(), &[&line[..], &search].concat())["measure"],
        "RMSE"
    );
}
