//! Generated hardware in other people's projects: FuseSoC reads the core file, the example runs.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sim::fault::faults;
use tempfile::TempDir;

use crate::common::eqprop;

/// `eqprop generate` of a network on two lanes.
fn generate(folder: &Path, network: &str) {
    let line = ["generate", "-q", "--lanes", "2", "--network", network];
    let output = eqprop(folder, &[&line[..], &["--out", "."]].concat());
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
    let core = fs::read_to_string(folder.path().join("eqprop.core")).unwrap();
    let (before, after) = core.split_once("configuration ").unwrap();
    insta::assert_snapshot!(format!("{before}configuration HASH{}", &after[8..]));
    let (text, good) = fusesoc(folder.path(), "lint");
    assert!(good, "{text}");
    let words = fs::read_to_string(folder.path().join("expected.hex")).unwrap();
    let compared = format!("{} words compared", words.lines().next().unwrap());
    for target in ["sim", "sim_verilator"] {
        let (text, good) = fusesoc(folder.path(), target);
        assert!(good, "{text}");
        assert!(text.contains("PASS") && text.contains(&compared), "{text}");
    }

    // Half of what must come back is missing.
    let half: Vec<&str> = words.lines().take(words.lines().count() / 2).collect();
    fs::write(folder.path().join("expected.hex"), half.join("\n") + "\n").unwrap();
    for target in ["sim", "sim_verilator"] {
        let (text, good) = fusesoc(folder.path(), target);
        assert!(!good, "{target}: {text}");
        assert!(text.contains("FAIL") && !text.contains("PASS"), "{text}");
    }

    // A net without a driver.
    let path = folder.path().join("eqprop_core.v");
    let core = fs::read_to_string(&path).unwrap();
    fs::write(
        &path,
        core.replacen("endmodule", "wire loose;\nendmodule", 1),
    )
    .unwrap();
    let (text, good) = fusesoc(folder.path(), "lint");
    assert!(!good && text.contains("loose"), "{text}");
}

/// A tool in the folder of an example.
fn tool(folder: &Path, line: &str) -> Output {
    let words: Vec<&str> = line.split_whitespace().collect();
    Command::new(words[0])
        .args(&words[1..])
        .current_dir(folder)
        .output()
        .unwrap_or_else(|e| panic!("{}: {e}; `./bootstrap test` installs it", words[0]))
}

/// Compiles the bench for Icarus. It waits no longer than any command of xor takes.
fn compile(folder: &Path) {
    let files = "eqprop_axis_tb.v eqprop_axis.v eqprop_core.v";
    let line = format!("iverilog -g2012 -Peqprop_axis_tb.PATIENCE=20000 -o bench {files}");
    let compiled = tool(folder, &line);
    let complaint = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{complaint}");
}

/// What the bench prints in Icarus, and whether it passes.
fn bench(folder: &Path) -> (String, bool) {
    let output = tool(folder, "vvp -n bench");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (text, output.status.success())
}

/// Each engine's example passes with both engines in the design; with the same names there are two modules of one name.
#[test]
fn two_engines_fit_into_one_design() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let design = |prefixes: [&str; 2]| {
        let mut files = vec![];
        for (engine, prefix) in ["xor", "digits"].iter().zip(prefixes) {
            let named = ["--prefix", prefix, "--out", engine, "--lanes", "2"];
            let line = [&["generate", "-q", "--network", engine], &named[..]].concat();
            assert!(eqprop(path, &line).status.success());
            for part in ["core", "axis", "axis_tb"] {
                files.push(format!("{engine}/{prefix}_{part}.v"));
            }
        }
        let top = format!("-s {}_axis_tb", prefixes[0]);
        let line = format!("iverilog -g2005 -o both.vvp {top} {}", files.join(" "));
        tool(path, &line)
    };
    let output = design(["left", "right"]);
    assert!(output.status.success(), "{output:?}");
    let output = tool(&path.join("xor"), "vvp -n ../both.vvp");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("words compared"));
    assert!(!design(["same", "same"]).status.success());
}

#[test]
fn a_bench_whose_files_are_spoilt_fails() {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), "xor");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (commands, expected) = (read("commands.hex"), read("expected.hex"));
    compile(folder.path());
    let (text, good) = bench(folder.path());
    assert!(good && text.contains("PASS"), "{text}");
    let cut = |text: &str, lines: usize| {
        let kept: Vec<&str> = text.lines().take(lines).collect();
        kept.join("\n") + "\n"
    };
    let other = |text: &str, line: usize, word: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[line] = word;
        lines.join("\n") + "\n"
    };
    let count = |text: &str| text.lines().count();
    let cases = [
        ("expected", cut(&expected, 11)),
        ("expected", cut(&expected, count(&expected) - 1)),
        ("expected", String::new()),
        ("expected", "0\n".into()),
        ("expected", format!("{expected}000000000\n")),
        (
            "expected",
            other(&expected, count(&expected) - 1, "112345678"),
        ),
        // Whoever cuts the file and its count has answers too many.
        ("expected", other(&cut(&expected, 11), 0, "10")),
        ("commands", cut(&commands, count(&commands) - 2)),
        ("commands", String::new()),
    ];
    for (name, text) in cases {
        let path = folder.path().join(format!("{name}.hex"));
        fs::write(&path, &text).unwrap();
        let (said, good) = bench(folder.path());
        assert!(!good && !said.contains("PASS"), "{name}: {text}{said}");
        assert!(said.contains("FAIL"), "{name}: {said}");
        fs::write(folder.path().join("expected.hex"), &expected).unwrap();
        fs::write(folder.path().join("commands.hex"), &commands).unwrap();
    }
}

/// A core that does not hold states below one, in each of the places that do: one of them counts only with weights over
/// their whole range.
#[test]
fn the_bench_finds_a_core_whose_upper_clip_is_broken() {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), "xor");
    let path = folder.path().join("eqprop_core.v");
    let core = fs::read_to_string(&path).unwrap();
    let clip = "clipped = one;";
    let places: Vec<usize> = core.match_indices(clip).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        let mut broken = core.clone();
        broken.replace_range(at..at + clip.len(), "");
        fs::write(&path, broken).unwrap();
        compile(folder.path());
        let (text, good) = bench(folder.path());
        assert!(!good && text.contains("FAIL"), "{text}");
    }
}

/// The faults of `eqprop cosim --inject-fault` 1 … 20, on both cores of a small machine: what the comparison of every write finds, the words of the
/// example show too.
#[test]
fn the_bench_finds_every_fault_that_cosim_finds() {
    std::thread::scope(|scope| {
        for seeds in [1..=10, 11..=20] {
            scope.spawn(|| finds_every_fault_that_cosim_finds(seeds));
        }
    });
}

fn finds_every_fault_that_cosim_finds(seeds: RangeInclusive<u32>) {
    let folder = TempDir::new().unwrap();
    generate(folder.path(), "xor");
    let path = folder.path().join("eqprop_core.v");
    let core = fs::read_to_string(&path).unwrap();
    let mut missed = vec![];
    for seed in seeds {
        // As cosim does: the first that Verilator accepts.
        let accepted = |text: &String| {
            fs::write(&path, text).unwrap();
            let line =
                "verilator --lint-only --top-module eqprop_core eqprop_core.vlt eqprop_core.v";
            tool(folder.path(), line).status.success()
        };
        let mut texts = faults(&core, seed).unwrap().map(|fault| fault.text);
        texts.find(accepted).expect("a fault that is Verilog");
        compile(folder.path());
        let (text, good) = bench(folder.path());
        println!("fault {seed}: {}", text.lines().next().unwrap_or_default());
        if good {
            missed.push(seed);
        }
    }
    for seed in missed {
        let (line, seed) = ("cosim -q --network xor --lanes 2", seed.to_string());
        let line: Vec<&str> = line.split(' ').collect();
        let cosim = eqprop(
            folder.path(),
            &[&line[..], &["--inject-fault", &seed]].concat(),
        );
        let text = String::from_utf8_lossy(&cosim.stdout);
        // It changes nothing that anyone could see.
        assert_eq!(cosim.status.code(), Some(1), "{text}");
        println!("neither finds: {text}");
    }
}
