//! `eqprop train` as a user meets it.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// `eqprop train` with these arguments, in a folder of its own; Verilated models survive the test.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_eqprop"));
    command
        .arg("train")
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

fn train(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments)
        .output()
        .expect("the binary starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The JSON of a run that must succeed.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = train(folder, &[arguments, &["--json", "-q"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).expect("--json prints one object")
}

/// The error of a run that must be refused, without the folder's path.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = train(folder, &[arguments, &["-q"]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    stderr(&output).replace(&format!("{}/", folder.display()), "")
}

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

/// A pseudo-random number below `limit`.
fn below(state: &mut u64, limit: u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % limit
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

    let (mut random, mut killed) = (1, 0);
    for _ in 0..20 {
        let folder = TempDir::new().unwrap();
        // Twice, so that a resumed run is killed as well.
        for _ in 0..2 {
            let run = command(folder.path(), &[&arguments[..], &["--resume"]].concat())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let instant = Duration::from_micros(below(&mut random, time));
            killed += usize::from(kill_after(run, instant));
        }
        report(folder.path(), &[&arguments[..6], &["--resume"]].concat());
        assert!(file(&folder, "weights.npz") == expected);
        let epochs = |log: Vec<u8>| String::from_utf8(log).unwrap().lines().count();
        assert_eq!(epochs(file(&folder, "train.jsonl")), 4);
    }
    assert!(killed >= 20, "only {killed} of 40 runs were killed");
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

/// 40 samples of four pixels in two classes: bright on the left or on the right.
fn samples() -> Vec<([u8; 4], u8)> {
    let mut random = 7;
    (0..40)
        .map(|index| {
            let mut level =
                |bright: bool| (below(&mut random, 100) + if bright { 150 } else { 0 }) as u8;
            let right = index % 2 == 1;
            (
                [level(!right), level(right), level(!right), level(right)],
                u8::from(right),
            )
        })
        .collect()
}

/// An NPY file of bytes.
fn npy(shape: &str, bytes: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}");
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    let header = format!("{header:<width$}\n", width = length - 1);
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((length as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(bytes);
    file
}

#[test]
fn idx_csv_npy_and_npz_train() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    let samples = samples();
    let pixels: Vec<u8> = samples.iter().flat_map(|(pixels, _)| *pixels).collect();
    let labels: Vec<u8> = samples.iter().map(|&(_, label)| label).collect();

    fs::create_dir(at("idx")).unwrap();
    let idx = |dims: &[u32], bytes: &[u8]| {
        let mut file = vec![0, 0, 8, dims.len() as u8];
        file.extend(dims.iter().flat_map(|dim| dim.to_be_bytes()));
        file.extend(bytes);
        file
    };
    fs::write(at("idx/train-images-idx3-ubyte"), idx(&[40, 2, 2], &pixels)).unwrap();
    fs::write(at("idx/train-labels-idx1-ubyte"), idx(&[40], &labels)).unwrap();

    let rows: String = samples
        .iter()
        .map(|([a, b, c, d], label)| format!("{a},{b},{c},{d},{label}\n"))
        .collect();
    fs::write(at("data.csv"), rows).unwrap();

    fs::create_dir(at("npy")).unwrap();
    let (x, y) = (npy("40, 4", &pixels), npy("40,", &labels));
    fs::write(at("npy/x.npy"), &x).unwrap();
    fs::write(at("npy/y.npy"), &y).unwrap();

    let script = "import zipfile; z = zipfile.ZipFile('data.npz', 'w')\n\
                  for name in 'x.npy', 'y.npy': z.write('npy/' + name, name)\nz.close()";
    let zipped = Command::new("python3")
        .args(["-c", script])
        .current_dir(folder.path())
        .status()
        .expect("python3 is one of the project's tools");
    assert!(zipped.success());

    fs::write(
        at("net.toml"),
        "name = \"net\"\nlayers = [4, 6, 2]\ndataset = \"data.csv\"\n",
    )
    .unwrap();
    for data in ["idx", "data.csv", "npy", "data.npz"] {
        let arguments = ["--network", "./net.toml", "--data", data, "--epochs", "12"];
        let report = report(folder.path(), &arguments);
        assert_eq!(report["train_samples"], 32, "{data}");
        assert!(
            report["test_accuracy"].as_f64().unwrap() > 0.8,
            "{data}: {report}"
        );
    }
}

#[test]
fn rates_that_change_nothing_and_classes_without_samples() {
    let folder = TempDir::new().unwrap();
    let network = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    network(
        "frozen.toml",
        "layers = [2, 3, 1]\ndataset = \"xor\"\n[formats]\nstate_fraction = 2\nweight_bits = 3\n\
         [learning]\nrate_shift = 25\n",
    );
    insta::assert_snapshot!(refusal(folder.path(), &["--network", "./frozen.toml"]));
    network("three.toml", "layers = [2, 3, 3]\ndataset = \"two.csv\"\n");
    let rows: String = (0..20)
        .map(|n| format!("{n},{},{}\n", 19 - n, n % 2))
        .collect();
    fs::write(folder.path().join("two.csv"), rows).unwrap();
    let arguments = ["--network", "./three.toml", "--epochs", "1"];
    let output = train(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let told = "no training sample of class 2: the network cannot learn to answer it";
    assert!(stderr(&output).contains(told), "{}", stderr(&output));
}

#[test]
fn early_stop_ends_a_run_that_rises_no_more() {
    let folder = TempDir::new().unwrap();
    let report = report(folder.path(), &["--early-stop", "3"]);
    let epochs = report["epochs"].as_u64().unwrap();
    assert!((4..40).contains(&epochs), "{epochs} epochs");
}
