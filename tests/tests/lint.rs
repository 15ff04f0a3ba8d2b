//! `verilator --lint-only -Wall` and Icarus on generated files, as they come.

use std::path::Path;
use std::process::Command;

use hdl::arch::Plan;
use hdl::board::Board;
use hdl::clocking::EngineClock;
use hdl::config::Network;
use hdl::design::{board, bridge, Design};

/// What a linter says of a design's files.
fn lint(design: &Design, program: &str, arguments: &[&str], waivers: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut files = design.verilog();
    if waivers {
        files.splice(0..0, design.waivers());
    }
    for (name, text) in &files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    run(
        folder.path(),
        program,
        arguments,
        files.iter().map(|f| f.0.as_str()),
    )
}

fn run<'a>(
    folder: &Path,
    program: &str,
    arguments: &[&str],
    files: impl Iterator<Item = &'a str>,
) -> String {
    let output = Command::new(program)
        .args(arguments)
        .args(files)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|e| {
            panic!("{program} does not start ({e}); `./bootstrap test` installs it")
        });
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

fn verilator(design: &Design) -> String {
    let arguments = ["--lint-only", "-Wall", "--top-module", &design.top];
    lint(design, "verilator", &arguments, true)
}

fn designs(name: &str, lanes: usize) -> [Design; 3] {
    let network = Network::builtin(name).expect("a built-in network");
    let plan = Plan::new(&network, lanes).unwrap();
    let place = Board::load(&network.engine.board).unwrap();
    let top = board(&plan, place, &EngineClock::oscillator(place)).unwrap();
    let core = top.core.as_deref().expect("a board has a core").clone();
    [core, top, bridge(&plan, place).unwrap()]
}

#[test]
fn every_top_lints_with_a_few_waivers() {
    for (name, lanes) in [("digits", 2), ("digits-spiking", 4), ("digits-web", 1)] {
        for design in designs(name, lanes) {
            assert_eq!(verilator(&design), "", "{name}, {}", design.top);
            let icarus = [
                "-g2005",
                "-Wall",
                "-Wno-timescale",
                "-t",
                "null",
                "-s",
                &design.top,
            ];
            assert_eq!(
                lint(&design, "iverilog", &icarus, false),
                "",
                "{name}, {}",
                design.top
            );
            let waivers = design.waivers();
            let rules = waivers
                .iter()
                .flat_map(|w| w.1.lines())
                .filter(|l| l.starts_with("lint_off"));
            assert!(rules.count() <= 4, "{waivers:?}");
        }
    }
}

#[test]
fn the_waivers_do_not_hide_a_mistake() {
    let [mut core, ..] = designs("digits", 2);
    core.text = core.text.replacen("wire unused = ", "wire forgotten = ", 1);
    let said = verilator(&core);
    assert!(
        said.contains("UNUSEDSIGNAL") && said.contains("forgotten"),
        "{said}"
    );
}

#[test]
fn the_core_is_in_one_file_and_its_parts_in_none_other() {
    let [core, top, bridge] = designs("digits", 2);
    let modules = |text: &str| -> Vec<String> {
        let lines = text.lines().filter_map(|line| line.strip_prefix("module "));
        lines
            .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
            .collect()
    };
    for other in [&top, &bridge] {
        assert!(other.text.contains("\n    eqprop_core engine (\n"));
        assert_eq!(other.verilog()[1], (core.verilog()[0].clone()));
        assert!(modules(&other.text)
            .iter()
            .all(|name| !name.starts_with("eqprop_core")));
    }
    // Registers are no modules, and what is only constants is none either.
    assert!(modules(&core.text)
        .iter()
        .all(|name| !name.contains("cell")));
}
