//! The binary as a user meets it: exit codes, standard output and error, files.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{prepared, stderr};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    prepared(folder, arguments)
        .output()
        .expect("the binary starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn explore_needs_no_tool_and_recommends_what_reaches_the_target() {
    let folder = TempDir::new().unwrap();
    let explore = |more: &[&str]| {
        let arguments = ["explore", "--network", "xor", "--samples", "4", "--boards"];
        let boards = ["icebreaker,hx8k-evn", "--weight-bits", "16"];
        prepared(folder.path(), &[&arguments[..], &boards, more].concat())
            .env("PATH", "/nonexistent")
            .env("EQPROP_TOOLS", "/nonexistent")
            .output()
            .unwrap()
    };
    let output = explore(&[]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    insta::assert_snapshot!(stdout(&output));
    for ending in ["svg", "png"] {
        let plot = format!("target/eqprop/xor/explore.{ending}");
        assert!(std::fs::metadata(folder.path().join(plot)).unwrap().len() > 1000);
    }

    // The fewest look-up tables that reach a target: nothing with fewer does.
    let output = explore(&["--target-samples-per-second", "8000", "--json", "-q"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let candidates = json["candidates"].as_array().unwrap();
    let speed = |c: &Value| c["stream_samples_per_second"].as_f64().unwrap();
    let chosen = json["recommended"]["candidate"].as_u64().unwrap() as usize;
    assert!(speed(&candidates[chosen]) >= 8000.0);
    for other in candidates {
        let smaller = other["luts"].as_u64() < candidates[chosen]["luts"].as_u64();
        assert!(!smaller || speed(other) < 8000.0, "{other}");
        // A rate is that of the stream: a sample is received and answered too.
        let cycles = |name: &str| other[name].as_f64().unwrap();
        let rate = 1e6 * cycles("clock_mhz") / cycles("stream_cycles_per_sample");
        assert!((speed(other) / rate - 1.0).abs() < 1e-9, "{other}");
        assert!(cycles("stream_cycles_per_sample") > cycles("cycles_per_sample") + 10.0);
        assert!(speed(other) < other["roofline_samples_per_second"].as_f64().unwrap());
    }

    let output = explore(&["--target-samples-per-second", "1e9", "-q"]);
    assert_eq!(code(&output), Some(1));
    insta::assert_snapshot!(stderr(&output));
}

/// The mean of a whole run is what the run takes on hardware, to the cycle.
#[test]
fn explore_predicts_a_whole_run_as_the_hardware_runs_it() {
    let folder = TempDir::new().unwrap();
    let json = |arguments: &[&str]| {
        let output = run(folder.path(), &[arguments, &["--json", "-q"]].concat());
        assert_eq!(code(&output), Some(0), "{}", stderr(&output));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let network = ["--network", "xor", "--nudging", "positive", "--board"];
    for (board, lanes) in [("icebreaker", 2), ("colorlight-i5", 4)] {
        let common = [&network[..], &[board]].concat();
        let explored = json(&[&["explore", "--whole-run"], &common[..]].concat());
        let lanes_text = lanes.to_string();
        let hardware = ["--backend", "hardware", "--lanes", &lanes_text];
        let trained = json(&[&["train"], &common[..], &hardware].concat());
        assert_eq!(trained["weight_mismatches"], 0);
        let candidates = explored["candidates"].as_array().unwrap();
        let same = |c: &&Value| c["lanes"] == lanes && c["weight_bits"] == 16;
        let candidate = candidates.iter().find(same).unwrap();
        for name in ["cycles_per_sample", "stream_cycles_per_sample"] {
            let cycles = |of: &Value| of[name].as_f64().unwrap();
            assert!(
                (cycles(candidate) - cycles(&trained)).abs() < 1e-6,
                "{name}"
            );
        }
        assert_eq!(explored["samples"], trained["samples"]);
        assert!(explored["learned"].as_u64().unwrap() < explored["samples"].as_u64().unwrap());
    }
}

/// The real flow behind the estimate: the PLL's clock is never above what the build reaches, and a second run
/// builds nothing again.
#[test]
fn explore_builds_what_it_recommends_and_the_estimate_is_near() {
    let folder = TempDir::new().unwrap();
    let explore = || {
        let arguments = [
            "explore",
            "--network",
            "xor",
            "--samples",
            "4",
            "--boards",
            "icebreaker",
        ];
        let target = [
            "--weight-bits",
            "16",
            "--target-samples-per-second",
            "1",
            "--build",
            "1",
            "--json",
        ];
        let output = run(folder.path(), &[&arguments[..], &target, &["-q"]].concat());
        assert_eq!(code(&output), Some(0), "{}", stderr(&output));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let first = explore();
    let chosen = first["recommended"]["candidate"].as_u64().unwrap() as usize;
    let measured = &first["candidates"][chosen]["measured"];
    let number = |name: &str| measured[name].as_f64().unwrap();
    assert!(number("clock_mhz") <= number("fmax_mhz"));
    for error in ["luts_error", "ffs_error"] {
        assert!(number(error).abs() < 0.15, "{measured}");
    }
    flash_what_was_built(folder.path(), &first["candidates"][chosen]);
    let before = folder_times(&folder.path().join("target/eqprop/xor/explore"));
    assert_eq!(explore()["candidates"], first["candidates"]);
    assert_eq!(
        folder_times(&folder.path().join("target/eqprop/xor/explore")),
        before
    );
}

/// `board flash` in the folder of a build: the bitstream that was built goes to the board, at the clock that was
/// measured; for another network it stays. A program that keeps what it is given stands for iceprog.
fn flash_what_was_built(folder: &Path, candidate: &Value) {
    use std::os::unix::fs::PermissionsExt;
    let programs = folder.join("programs");
    std::fs::create_dir_all(&programs).unwrap();
    let script = "#!/bin/sh\nfor last; do :; done\ncp \"$last\" flashed\n";
    std::fs::write(programs.join("iceprog"), script).unwrap();
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(programs.join("iceprog"), executable).unwrap();
    let lanes = candidate["lanes"].to_string();
    let out = format!("target/eqprop/xor/explore/P{lanes}-16bit");
    let flash = |seed: &str| {
        let arguments = [
            "board",
            "flash",
            "--network",
            "xor",
            "--board",
            "icebreaker",
            "--json",
        ];
        let more = ["-q", "--lanes", &lanes, "--out", &out, "--seed", seed];
        prepared(folder, &[&arguments[..], &more].concat())
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .output()
            .unwrap()
    };
    let built = folder.join(&out).join("icebreaker/top.bin");
    let bytes = std::fs::read(&built).unwrap();
    let output = flash("1");
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["found"], true);
    assert_eq!(json["clock_mhz"], candidate["measured"]["clock_mhz"]);
    assert!(std::fs::read(folder.join("flashed")).unwrap() == bytes);

    // Of another seed there is none. It would be built aside, where somebody else is at work.
    std::fs::remove_file(folder.join("flashed")).unwrap();
    let aside = folder.join(&out).join("icebreaker/flash");
    let lock = std::fs::File::create(aside.join(".build.lock")).unwrap();
    fs4::FileExt::lock(&lock).unwrap();
    let refused = flash("2");
    assert_eq!(code(&refused), Some(2));
    assert!(
        stderr(&refused).contains("is in use"),
        "{}",
        stderr(&refused)
    );
    assert!(std::fs::read(&built).unwrap() == bytes && !folder.join("flashed").exists());
}

/// Two builds in one folder at once: one of them waits for nobody and is refused, and what the other left is of the
/// network that it says.
#[test]
fn two_builds_in_one_folder_do_not_mix() {
    let build = |folder: &Path, seed: &str| {
        let arguments = [
            "build",
            "--network",
            "xor",
            "--lanes",
            "1",
            "--area",
            "--seed",
        ];
        prepared(folder, &[&arguments[..], &[seed, "-q"]].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    };
    let netlist = |folder: &Path| {
        let path = folder.join("target/eqprop/xor/icebreaker/area/netlist.json");
        std::fs::read(path).unwrap()
    };
    let [alone, both] = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let [first, second] = ["1", "2"].map(|seed| build(both.path(), seed));
    let outputs = [first, second].map(|child| child.wait_with_output().unwrap());
    let mut codes = outputs.each_ref().map(|output| code(output).unwrap());
    for output in outputs.iter().filter(|output| code(output) == Some(2)) {
        assert!(stderr(output).contains("is in use"), "{}", stderr(output));
        assert!(stderr(output).contains("--out DIR"), "{}", stderr(output));
    }
    codes.sort();
    // Under load one may be done before the other begins.
    assert!(codes == [0, 2] || codes == [0, 0], "{outputs:?}");

    // Seed 1 alone, afterwards, gives what it gives in a folder of its own.
    for folder in [&both, &alone] {
        let output = build(folder.path(), "1").wait_with_output().unwrap();
        assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    }
    assert!(netlist(both.path()) == netlist(alone.path()));
}

/// When each stamp of a build was written.
fn folder_times(folder: &Path) -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(folder_times(&path)),
            path if path.extension().is_some_and(|e| e == "stamp") => {
                found.push((path, entry.metadata().unwrap().modified().unwrap()));
            }
            _ => {}
        }
    }
    found.sort();
    found
}

#[test]
fn check_prints_a_summary_of_every_built_in_network() {
    let folder = TempDir::new().unwrap();
    let mut texts = String::new();
    for network in [
        "xor",
        "digits",
        "digits-deep",
        "digits-skip",
        "digits-web",
        "digits-spiking",
        "mnist",
    ] {
        let output = run(folder.path(), &["check", "--network", network]);
        assert_eq!(code(&output), Some(0), "{}", stderr(&output));
        texts += &format!(
            "$ eqprop check --network {network}\n{}{}\n",
            stdout(&output),
            stderr(&output)
        );
    }
    insta::assert_snapshot!(texts);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "check writes nothing"
    );
}

#[test]
fn verbose_check_adds_dynamics_and_learning() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["check", "-v", "--network", "xor"]);
    let text = stdout(&output);
    let added: Vec<_> = text.lines().skip(6).take(4).collect();
    insta::assert_snapshot!(added.join("\n"), @r#"
    dynamics     layer after layer, steps of 2^-0 of the way, settled at 1 · 2^-12
    feedback     as strong as what comes from below
    sweeps       at most 30 free and 30 nudged
    nudging      +0.5, then −0.5
    "#);
}

#[test]
fn a_self_connected_layer_is_checked_with_a_warning() {
    let folder = TempDir::new().unwrap();
    let text = "blocks = [[0, 1], [1, 1], [1, 2]]\n[dynamics]\nk = 1\n";
    std::fs::write(folder.path().join("lateral.toml"), text).unwrap();
    let output = run(folder.path(), &["check", "--network", "lateral.toml"]);
    assert_eq!(code(&output), Some(0));
    assert!(stdout(&output).contains("    1  hidden        hidden            1,128"));
    insta::assert_snapshot!(stderr(&output), @r#"
    warning: layer `hidden` is connected to itself: its units move together, and the energy cannot rise only while 1 + |λ_min| ≤ 2^(k+1) = 4 for the lowest eigenvalue of its weights
      help: if phases do not settle, use k = 2 [eqprop::config::lateral_energy]
    warning: the weights between free units have the eigenvalue 1.11, and only below 1 must there be a single rest: phases still descend in the sequential order, but where they end may depend on where they start, and settling may be slow
      help: if phases do not settle, use a smaller learning.init_scale or learning rate, or more max_sweeps [eqprop::stability::several_rests]
    "#);
}

#[test]
fn check_prints_one_json_object_and_options_override_the_file() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "check", "--json", "--lanes", "8", "--board", "ulx3s", "--seed", "9",
    ];
    let output = run(folder.path(), &arguments);
    assert_eq!(code(&output), Some(0));
    let object: Value = serde_json::from_str(&stdout(&output)).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&object).unwrap());
}

#[test]
fn new_writes_a_file_that_check_accepts_and_never_loses_one() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &["new", "mine", "--network", "xor"]);
    assert_eq!(
        (code(&output), stdout(&output).as_str()),
        (Some(0), "wrote mine.toml\n")
    );
    let file = folder.path().join("mine.toml");
    std::fs::write(
        &file,
        std::fs::read_to_string(&file).unwrap() + "# my own\n",
    )
    .unwrap();
    let output = run(
        folder.path(),
        &["check", "--network", "mine.toml", "--json"],
    );
    let object: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(object["network"], "mine");

    let output = run(folder.path(), &["new", "mine"]);
    assert_eq!(code(&output), Some(2));
    insta::assert_snapshot!(stderr(&output), @r#"
    eqprop::new::exists

      × `mine.toml` exists
      help: choose another name, or replace the file with --force
    "#);
    assert!(std::fs::read_to_string(&file)
        .unwrap()
        .ends_with("# my own\n"));

    let output = run(
        folder.path(),
        &["new", "mine", "--force", "--json", "--out", "."],
    );
    let object: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(object["file"], "./mine.toml");
    assert!(!std::fs::read_to_string(&file).unwrap().contains("# my own"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn bad_input_is_explained_on_standard_error_with_code_2() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("bad.toml"), "layers = [64, 0, 10]\n").unwrap();
    std::fs::write(folder.path().join("short.csv"), "1,0,1\n1,0\n").unwrap();
    let cases: [&[&str]; 9] = [
        &["check", "--network", "digit"],
        &["check", "--network", "nothing.toml"],
        &["check", "--network", "bad.toml", "--json"],
        &["check", "--lanes", "5"],
        &["check", "--board", "ice"],
        &["check", "--network", "xor", "--data", "short.csv"],
        &["check", "--lanes", "many"],
        &["new", "../up"],
        &["new", "mine", "--out", "bad.toml/inner"],
    ];
    let mut texts = String::new();
    for arguments in cases {
        let output = run(folder.path(), arguments);
        assert_eq!(
            (code(&output), stdout(&output).as_str()),
            (Some(2), ""),
            "{arguments:?}"
        );
        texts += &format!("$ eqprop {}\n{}\n", arguments.join(" "), stderr(&output));
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn help_is_no_error_and_a_missing_command_is() {
    let folder = TempDir::new().unwrap();
    assert_eq!(code(&run(folder.path(), &["--help"])), Some(0));
    assert_eq!(code(&run(folder.path(), &["check", "--help"])), Some(0));
    assert_eq!(code(&run(folder.path(), &[])), Some(2));
    assert_eq!(code(&run(folder.path(), &["chek"])), Some(2));
}

#[test]
fn quiet_drops_notes() {
    let folder = TempDir::new().unwrap();
    let loud = run(folder.path(), &["check", "--network", "mnist"]);
    let quiet = run(folder.path(), &["-q", "check", "--network", "mnist"]);
    assert!(stderr(&loud).contains("not MNIST itself"));
    assert_eq!(stderr(&quiet), "");
    assert_eq!(stdout(&loud), stdout(&quiet));
}

#[test]
fn quiet_keeps_warnings() {
    let folder = TempDir::new().unwrap();
    let text = "layers = [2, 3, 1]\ndataset = \"xor\"\n[dynamics]\norder = \"synchronous\"\n";
    std::fs::write(folder.path().join("together.toml"), text).unwrap();
    let output = run(
        folder.path(),
        &["-q", "check", "--network", "together.toml"],
    );
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("eqprop::config::may_oscillate"));
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = TempDir::new().unwrap();
    let mut child = prepared(folder.path(), &["check"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), stderr(&output).as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_under_standard_output_is_an_error() {
    let folder = TempDir::new().unwrap();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = prepared(folder.path(), &["check"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(code(&output), Some(2));
    assert!(
        stderr(&output).contains("cannot write standard output"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn generate_writes_the_same_files_every_time_and_a_manifest_of_them() {
    let folder = TempDir::new().unwrap();
    let arguments = ["generate", "--network", "xor", "--lanes", "2", "--out"];
    let outputs = ["a", "b"].map(|out| run(folder.path(), &[&arguments[..], &[out]].concat()));
    for output in &outputs {
        assert_eq!(code(output), Some(0), "{}", stderr(output));
    }
    insta::assert_snapshot!(stdout(&outputs[0]));
    let read = |out: &str, name: &str| std::fs::read(folder.path().join(out).join(name)).unwrap();
    for line in stdout(&outputs[0]).lines() {
        let name = line.strip_prefix("a/").unwrap();
        assert_eq!(read("a", name), read("b", name), "{name}");
    }
    let mut manifest: Value = serde_json::from_slice(&read("a", "manifest.json")).unwrap();
    // The texts have snapshots of their own; here only that each is named with its digest.
    for file in manifest["files"].as_array_mut().unwrap() {
        assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
        file["sha256"] = "64 digits".into();
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&manifest).unwrap());
}
