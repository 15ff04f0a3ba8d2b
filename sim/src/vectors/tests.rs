//! Errors of cases that contradict themselves, and reports on models that differ.

use super::*;
use serde_json::{json, Value};

/// A valid case with one layer of each kind, whose sample draws twice and happens to move no weight.
fn small() -> Value {
    json!({
        "layers": [1, 2], "blocks": [[0, 1]], "row_layer": [1],
        "state_fraction_bits": 4, "weight_bits": 6, "weight_fraction_bits": 3,
        "k": 0, "order": "sequential", "tolerance_lsb": 0,
        "max_sweeps": {"free": 5, "nudged": 5}, "beta_shift": 1, "nudging": "positive",
        "rate_shift": [4], "halvings": 0, "seed": 1,
        "weights": [[[8], [-4]]], "biases": [[0, 4]],
        "samples": [{
            "m": 0, "input": [8], "target": [16, 0],
            "phases": [
                {"name": "free", "sweeps": 2, "settled": true, "states": [[8, 4]]},
                {"name": "nudged", "sweeps": 4, "settled": true, "states": [[11, 3]]}
            ],
            "weights": [[[8], [-4]]], "biases": [[0, 4]],
            "rng_state": 3459017541u32, "saturations": 0, "not_learned": 0
        }]
    })
}

fn parse(case: &Value) -> Result<Case, CaseError> {
    Case::parse(&case.to_string(), Path::new("cases/small.json"))
}

/// The error of the small case with the value at a JSON pointer replaced.
fn error(pointer: &str, value: Value) -> String {
    let mut case = small();
    *case
        .pointer_mut(pointer)
        .expect("a field of the small case") = value;
    parse(&case).expect_err("the value is refused").to_string()
}

#[test]
fn errors_name_file_field_value_and_limit() {
    let errors = [
        error("/layers/0", json!(0)),
        error("/layers/1", json!(1_000_000_000)),
        error("/layers/0", json!(-3)),
        error("/blocks/0", json!([0, 2])),
        error("/blocks/0", json!([0, 0])),
        error("/row_layer/0", json!(0)),
        error("/weight_fraction_bits", json!(5)),
        error("/beta_shift", json!(0)),
        error("/beta_shift", json!(4)),
        error("/order", json!("random")),
        error("/rate_shift", json!([])),
        error("/weights/0/1", json!([1, 2])),
        error("/samples/0/weights/0/1/0", json!(32)),
        error("/biases/0/0", json!(-33)),
        error("/samples/0/input/0", json!(17)),
        error("/samples/0/target", json!([0])),
        error("/samples/0/phases/1/name", json!("plus")),
        error("/samples/0/phases/0/states/0/1", json!(-1)),
        error("/samples/0/phases/0/states/0", json!([1.5, 2])),
        error("/samples/0/m", Value::Null),
        error("/samples/0/m", json!(1)),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r#"
    cases/small.json: layer 0 (`layer0`) has 0 units (1…4096 units)
    cases/small.json: layer 1 (`layer1`) has 1000000000 units (1…4096 units)
    cases/small.json: at layers[0]: invalid value: integer `-3`, expected usize at line 1 column 13; tests/vectors/README.md lists the fields
    cases/small.json: block 0 connects layers 0 and 2 (two rising positions below 2)
    cases/small.json: block 0 (`layer0`–`layer0`) has no weight that could do anything (the input is held at the data)
    cases/small.json: row_layer[0] is 0, must be 1, by the rule of orientation
    cases/small.json: `formats.weight_fraction` is 5 with weight_bits = 6 (at most weight_bits − 2 = 4)
    cases/small.json: `phases.beta` is 1 with `dynamics.k` 0: the output would oscillate (beta < 1 with k = 0)
    cases/small.json: `phases.beta` is 2^-4 with weight_fraction = 3: the nudge would be lost (at least 2^-weight_fraction = 0.125)
    cases/small.json: at order: unknown variant `random`, expected `sequential` or `synchronous` at line 1 column 136; tests/vectors/README.md lists the fields
    cases/small.json: the length of rate_shift is 0, must be 1 long
    cases/small.json: the length of weights[0][1] is 2, must be 1 long
    cases/small.json: samples[0].weights[0][1][0] is 32, must be -32 to 31
    cases/small.json: biases[0][0] is -33, must be -32 to 31
    cases/small.json: samples[0].input[0] is 17, must be 0 to 16
    cases/small.json: the length of samples[0].target is 1, must be 2 long
    cases/small.json: samples[0].phases[1].name is "plus", must be "nudged"
    cases/small.json: samples[0].phases[0].states[0][1] is -1, must be 0 to 16
    cases/small.json: at samples[0].phases[0].states[0][0]: invalid type: floating point `1.5`, expected i64 at line 1 column 420; tests/vectors/README.md lists the fields
    cases/small.json: at samples[0].m: invalid type: null, expected u32 at line 1 column 329; tests/vectors/README.md lists the fields
    cases/small.json: samples[0].m is 1, must be 0 to 0
    "#);
}

#[test]
fn unknown_and_missing_fields_and_files_are_refused() {
    let mut unknown = small();
    unknown["beta"] = json!(1);
    let mut missing = small();
    missing
        .as_object_mut()
        .expect("a case is an object")
        .remove("seed");
    let errors = [
        parse(&unknown).expect_err("unknown").to_string(),
        parse(&missing).expect_err("missing").to_string(),
        Case::parse("{", Path::new("cut.json"))
            .expect_err("cut")
            .to_string(),
        Case::load(Path::new("no/such.json"))
            .expect_err("no file")
            .to_string(),
        load_dir(Path::new("no/such"))
            .expect_err("no folder")
            .to_string(),
        load_dir(Path::new("src/vectors"))
            .expect_err("no case")
            .to_string(),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r#"
    cases/small.json: at beta: unknown field `beta`, expected one of `layers`, `blocks`, `row_layer`, `state_fraction_bits`, `weight_bits`, `weight_fraction_bits`, `k`, `order`, `tolerance_lsb`, `max_sweeps`, `beta_shift`, `feedback_shift`, `nudging`, `rate_shift`, `halvings`, `seed`, `neuron`, `filter_shift`, `leak_shift`, `steps`, `weights`, `biases`, `samples` at line 1 column 590; tests/vectors/README.md lists the fields
    cases/small.json: at the top level: missing field `seed` at line 1 column 575; tests/vectors/README.md lists the fields
    cut.json: at the top level: EOF while parsing an object at line 1 column 1; tests/vectors/README.md lists the fields
    no/such.json: cannot be read: No such file or directory (os error 2); give a folder of cases (*.json) or one case
    no/such: cannot be read: No such file or directory (os error 2); give a folder of cases (*.json) or one case
    src/vectors: holds no case; a case is a file *.json as tests/vectors/README.md describes
    "#);
}

#[test]
fn a_report_names_every_number_that_differs() {
    let mut case = small();
    assert!(check_bittrue(&parse(&case).expect("a valid case")).passed());
    case["samples"][0]["phases"][0]["states"][0][1] = json!(5);
    case["samples"][0]["phases"][1]["sweeps"] = json!(5);
    case["samples"][0]["not_learned"] = json!(1);
    case["samples"][0]["saturations"] = json!(2);
    case["samples"][0]["rng_state"] = json!(3);
    case["samples"][0]["weights"][0][1][0] = json!(-5);
    case["samples"][0]["biases"][0][1] = json!(3);
    let report = check_bittrue(&parse(&case).expect("a valid case"));
    assert!(!report.passed());
    let lines: Vec<String> = report
        .mismatches
        .iter()
        .map(|mismatch| mismatch.to_string())
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    sample 0, free phase, layer 1, unit 1: state: expected 5, got 4
    sample 0, nudged phase: sweeps: expected 5, got 4
    sample 0, learned from: expected 0, got 1
    sample 0, samples not learned from so far: expected 1, got 0
    sample 0, saturations so far: expected 2, got 0
    sample 0, random state: expected 3, got 3459017541
    sample 0, weight of block 0, row 1, column 0: expected -5, got -4
    sample 0, bias of layer 1, unit 1: expected 3, got 4
    "#);
}

#[test]
fn a_report_on_nothing_has_not_passed() {
    let mut case = small();
    case["samples"] = json!([]);
    let case = parse(&case).expect("a case without samples is valid");
    assert!(!check_bittrue(&case).passed());
}
