//! The emission pass on small rust-hdl designs: equal to the raw text, clean, repeatable.

mod custom;
mod designs;
mod operators;
mod texts;
mod tools;

use hdl::emit::{clean, Emitted, Options};
use rust_hdl_core::prelude::*;
use tools::Pair;

fn emit(raw: &str, top: &str) -> Emitted {
    let options = Options {
        top_name: top.into(),
        header: vec!["configuration: small".into(), "hash: 0123".into()],
        ..Options::default()
    };
    clean(raw, &options).unwrap_or_else(|e| panic!("{e}\n{raw}"))
}

fn line(depth: usize) -> String {
    let mut line = designs::Line::<3, 40>::new(depth);
    line.command.valid.connect();
    line.command.data.connect();
    line.clock.connect();
    line.connect_all();
    generate_verilog(&line)
}

fn operators() -> String {
    let mut operators = operators::Operators::default();
    operators.clock.connect();
    operators.a.connect();
    operators.b.connect();
    operators.s.connect();
    operators.t.connect();
    operators.amount.connect();
    operators.flag.connect();
    operators.connect_all();
    generate_verilog(&operators)
}

fn joined() -> String {
    let mut joined = operators::Joined::default();
    joined.clock.connect();
    joined.enable.connect();
    joined.outside.word.connect();
    joined.outside.valid.connect();
    joined.connect_all();
    generate_verilog(&joined)
}

fn check(raw: &str, top: &str) {
    let emitted = emit(raw, top);
    let pair = Pair::new(raw, &emitted, top);
    pair.lint();
    pair.simulate_equal(2000).unwrap_or_else(|e| panic!("{e}"));
    pair.prove_equal().unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn proof_and_simulation_notice_a_changed_operator() {
    let raw = joined();
    let mut emitted = emit(&raw, "joined");
    let changed = emitted.text.replace("count + 8'd1", "count - 8'd1");
    assert_ne!(changed, emitted.text);
    emitted.text = changed;
    let pair = Pair::new(&raw, &emitted, "joined");
    let error = pair.simulate_equal(200).unwrap_err();
    assert!(error.contains("total: cycle"), "{error}");
    let error = pair.prove_equal().unwrap_err();
    assert!(error.contains("unproven $equiv"), "{error}");
}

#[test]
fn a_line_of_lanes_is_equal_and_clean() {
    check(&line(6), "line");
}

#[test]
fn operators_are_equal_and_clean() {
    check(&operators(), "operators");
}

#[test]
fn joined_blocks_are_equal_and_clean() {
    check(&joined(), "joined");
}

#[test]
fn custom_text_is_equal_and_clean() {
    check(custom::RAW, "custom");
}

/// The engine itself, with fewer units than lanes in one layer and more in the other.
#[test]
fn the_core_is_equal_and_clean() {
    let network = hdl::config::Network::builtin("xor").unwrap();
    let plan = hdl::arch::Plan::new(&network, 2).unwrap();
    check(&hdl::rtl::core_verilog(&plan), "eqprop_core");
}

#[test]
fn other_shapes_of_the_core_are_clean() {
    for (name, lanes) in [("digits", 1), ("digits-skip", 8), ("mnist", 24)] {
        let network = hdl::config::Network::builtin(name).unwrap();
        let plan = hdl::arch::Plan::new(&network, lanes).unwrap();
        let raw = hdl::rtl::core_verilog(&plan);
        Pair::new(&raw, &emit(&raw, "eqprop_core"), "eqprop_core").lint();
    }
}

/// Spiking units and self-connected layers cost nothing where there are none.
#[test]
fn what_a_network_does_without_leaves_no_logic() {
    const NAMES: [&str; 7] = [
        "spik", "membrane", "trace", "own_low", "gathered", "triangle", "beyond",
    ];
    let left = |text: &str| {
        let network = hdl::config::Network::parse("case.toml", text).unwrap();
        let plan = hdl::arch::Plan::new(&network, 2).unwrap();
        let raw = hdl::rtl::core_verilog(&plan);
        let emitted = emit(&raw, "eqprop_core");
        Pair::new(&raw, &emitted, "eqprop_core").left(&NAMES)
    };
    let layers = "layers = [4, 6, 3]\nblocks = [[0, 1], [1, 1], [1, 2]]\n";
    let all = left(&format!("neuron = \"spiking\"\n{layers}"));
    assert!(all.iter().all(|&count| count > 0), "{NAMES:?}: {all:?}");
    assert_eq!(left("layers = [4, 6, 3]\n"), [0; NAMES.len()], "{NAMES:?}");
}

#[test]
fn the_text_reads_like_hand_written_verilog() {
    let emitted = emit(&line(900), "line");
    insta::assert_snapshot!(emitted.text);
}

#[test]
fn the_waivers_are_few_and_explained() {
    let emitted = emit(&line(900), "line");
    insta::assert_snapshot!(emitted.lint_waivers());
}

#[test]
fn the_text_of_operators() {
    insta::assert_snapshot!(emit(&operators(), "operators").text);
}

#[test]
fn equal_instances_share_one_module() {
    let emitted = emit(&line(900), "line");
    let names: Vec<&str> = emitted.modules.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["line", "line_lane", "line_memory"]);
    assert_eq!(
        emitted.modules[1].raw_names,
        ["top$lanes$0", "top$lanes$1", "top$lanes$2"]
    );
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let first = emit(&line(900), "line");
    let second = emit(&line(900), "line");
    assert_eq!(first.text, second.text);
    assert_eq!(first.lint_waivers(), second.lint_waivers());
}
