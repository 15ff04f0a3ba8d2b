//! What users meet of the network file: its errors as a terminal shows them, its defaults, its examples.
//!
//! Every file of `errors/` is a network that must be refused; the snapshot holds their errors.

use std::path::Path;

use hdl::config::*;
use miette::{GraphicalReportHandler, GraphicalTheme};
use proptest::prelude::*;

/// An error as a terminal without colours shows it.
fn rendered(error: &ConfigError) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor());
    let mut text = String::new();
    handler
        .with_width(100)
        .render_report(&mut text, error)
        .expect("a String takes every write");
    text
}

fn parse(text: &str) -> Result<Network, ConfigError> {
    Network::parse("example.toml", text)
}

#[test]
fn every_case_of_the_errors_folder_is_refused_with_line_value_limit_and_way_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder stands beside this file")
        .map(|entry| entry.expect("its entries are readable").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    cases.sort();
    let mut texts = String::new();
    assert!(cases.len() > 30, "{} cases", cases.len());
    for path in cases {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let error = match Network::parse(&format!("{name}.toml"), &text) {
            Ok(network) => panic!("{name} was accepted: {network:?}"),
            Err(error) => error,
        };
        texts += &rendered(&error);
        texts += "\n";
    }
    insta::assert_snapshot!(texts);
}

#[test]
fn an_override_is_checked_without_a_file() {
    let mut network = Network::builtin("digits").unwrap();
    network.engine.lanes = Lanes::Count(5);
    let error = network.validate().unwrap_err();
    insta::assert_snapshot!(rendered(&error), @r#"
    eqprop::config::lanes

      × `engine.lanes` is 5 (one of 1, 2, 4, 8, 16, 24, 26, 28, 32, 64, or "auto")
      help: the nearest is 4; "auto" takes what suits the board
    "#);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let error = Network::load(Path::new("no/such/network.toml")).unwrap_err();
    insta::assert_snapshot!(rendered(&error), @r#"
    eqprop::config::unreadable

      × cannot read the network file `no/such/network.toml`: No such file or directory (os error 2)
      help: give the path of a TOML file or one of the built-in networks: xor, digits, digits-deep,
            digits-deep5, digits-skip, digits-web, digits-spiking, mnist; `eqprop new NAME` writes a
            commented file
    "#);
}

#[test]
fn a_built_in_network_that_does_not_exist_lists_those_that_do() {
    let error = Network::builtin("digit").unwrap_err();
    insta::assert_snapshot!(rendered(&error), @r#"
    eqprop::config::builtin

      × there is no built-in network `digit` (built in: xor, digits, digits-deep, digits-deep5,
      │ digits-skip, digits-web, digits-spiking, mnist)
      help: did you mean `digits`? A file needs its path
    "#);
}

#[test]
fn an_empty_file_is_the_digits_network() {
    let mut digits = Network::builtin("digits").unwrap();
    digits.name = "example".to_owned();
    assert_eq!(parse("").unwrap(), digits);
}

#[test]
fn the_built_in_networks_have_the_sizes_and_rates_that_were_measured() {
    let summary = |name| {
        let network = Network::builtin(name).unwrap();
        assert_eq!(network.name, name);
        let warnings = network.validate().unwrap();
        let warned = ["digits-web", "digits-deep5"].contains(&name);
        assert_eq!(warnings.is_empty(), !warned, "{warnings:?}");
        let units: Vec<_> = network.layers.iter().map(|layer| layer.units).collect();
        let blocks: Vec<_> = (network.blocks.iter())
            .map(|block| (block.a, block.b, block.rate_shift))
            .collect();
        (units, blocks, network.learning.epochs)
    };
    assert_eq!(
        summary("xor"),
        (vec![2, 12, 1], vec![(0, 1, 3), (1, 2, 3)], 400)
    );
    assert_eq!(
        summary("digits"),
        (vec![64, 48, 10], vec![(0, 1, 4), (1, 2, 5)], 40)
    );
    assert_eq!(
        summary("digits-deep"),
        (
            vec![64, 32, 24, 10],
            vec![(0, 1, -1), (1, 2, 2), (2, 3, 5)],
            60
        )
    );
    assert_eq!(
        summary("digits-deep5"),
        (
            vec![64, 32, 32, 32, 10],
            vec![(0, 1, -3), (1, 2, 0), (2, 3, 3), (3, 4, 6)],
            60
        )
    );
    assert_eq!(
        summary("digits-skip"),
        (vec![64, 32, 10], vec![(0, 1, 4), (1, 2, 5), (0, 2, 5)], 16)
    );
    assert_eq!(
        summary("digits-web"),
        (
            vec![64, 38, 10],
            vec![(0, 1, 4), (0, 2, 5), (1, 1, 6), (1, 2, 5), (2, 2, 6)],
            12
        )
    );
    assert_eq!(
        summary("digits-spiking"),
        (vec![64, 48, 10], vec![(0, 1, 5), (1, 2, 6)], 40)
    );
    assert_eq!(
        summary("mnist"),
        (vec![784, 128, 10], vec![(0, 1, 6), (1, 2, 5)], 10)
    );
}

#[test]
fn narrow_weights_get_a_fraction_that_fits() {
    let network = parse("[formats]\nweight_bits = 8").unwrap();
    assert_eq!(network.formats.weight_fraction, 6);
}

#[test]
fn a_self_connected_layer_and_a_synchronous_whole_step_are_allowed_with_a_warning() {
    let text = "blocks = [[0, 1], [1, 1], [1, 2]]\n[dynamics]\norder = \"synchronous\"";
    let warnings = parse(text).unwrap().validate().unwrap();
    let codes: Vec<_> = warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(
        codes,
        [
            "eqprop::config::lateral_energy",
            "eqprop::config::may_oscillate"
        ]
    );
    insta::assert_snapshot!(warnings[0].message, @"layer `hidden` is connected to itself: its units move together, and the energy cannot rise only while 1 + |λ_min| ≤ 2^(k+1) = 2 for the lowest eigenvalue of its weights");
}

#[test]
fn spiking_units_have_defaults_of_their_own() {
    let mut network = parse("neuron = \"spiking\"").unwrap();
    network.name = "digits-spiking".to_owned();
    assert_eq!(network, Network::builtin("digits-spiking").unwrap());
    assert_eq!(network.phases.nudging, Nudging::RandomSign);
    assert_eq!(network.nudge_shift(), 4);
    assert_eq!(
        network.spiking(),
        Some(Spiking {
            trace_shift: 4,
            leak_shift: 0,
            steps: 64
        })
    );
    // Rules of rate units do not bind them: their outputs take no step that could oscillate.
    assert!(parse("neuron = \"spiking\"\nphases.beta = 1.0").is_ok());
    assert_eq!(parse("neuron = \"rate\"").unwrap().spiking(), None);
}

#[test]
fn choices_with_which_spiking_units_do_not_learn_are_warned_of() {
    let text = "neuron = \"spiking\"\nspiking.steps = 63\nphases.nudging = \"positive\"\n";
    let warnings = parse(text).unwrap().validate().unwrap();
    let texts: Vec<_> = (warnings.iter())
        .map(|warning| format!("{}: {}; {}", warning.code, warning.message, warning.help))
        .collect();
    insta::assert_snapshot!(texts.join("\n"));
}

/// The largest fan-in that the limits allow: one unit that sees fifteen layers of the largest size.
#[test]
fn the_widest_fan_in_fits_the_widest_accumulator() {
    let mut network = parse("layers = [4096, 4096]").unwrap();
    network.formats.state_fraction = MAX_STATE_FRACTION;
    let last = MAX_LAYERS - 1;
    let layer = |index| Layer {
        name: format!("layer{index}"),
        units: if index == last { 1 } else { MAX_UNITS },
    };
    let block = |a, b| Block {
        a,
        b,
        rate_shift: 4,
    };
    network.layers = (0..MAX_LAYERS).map(layer).collect();
    network.blocks = (0..last).map(|a| block(a, last)).collect();
    network.validate().unwrap();
    assert_eq!(network.largest_fan_in(), last * MAX_UNITS);
    assert!(network.accumulator_bits() <= ACCUMULATOR_MENU[ACCUMULATOR_MENU.len() - 1]);
}

proptest! {
    /// Whatever the numbers are, the answer is a network within its limits or an error, never a panic.
    #[test]
    fn any_numbers_are_accepted_within_limits_or_refused(
        units in prop::collection::vec(prop_oneof![0usize..40, Just(usize::MAX)], 0..6),
        blocks in prop::collection::vec((0usize..7, 0usize..7), 0..6),
        (k, b, f, bits, g) in (0u32..6, 0i32..20, 0u32..40, 0u32..40, 0u32..40),
        (e, m, lanes) in (any::<u32>(), 0u32..5, any::<u16>()),
    ) {
        let units = units.iter().map(|&n| n.min(i64::MAX as usize)).collect::<Vec<_>>();
        let blocks: Vec<_> = blocks.iter().map(|(a, b)| vec![a, b]).collect();
        let text = format!(
            "layers = {units:?}\nblocks = {blocks:?}\n[dynamics]\nk = {k}\n[phases]\nbeta = {:?}\n\
             [formats]\nstate_fraction = {f}\nweight_bits = {bits}\nweight_fraction = {g}\n\
             [learning]\nrate_shift = {}\nhalvings = {m}\n[engine]\nlanes = {}\n",
            f64::from(-b).exp2(), e % 40, lanes % 70,
        );
        if let Ok(network) = parse(&text) {
            prop_assert!(network.accumulator_bits() <= 48);
            prop_assert!(network.blocks.iter().all(|block| (1..=31).contains(&network.learning_shift(block))));
            prop_assert!(network.unconnected_layers().is_empty());
            prop_assert!(network.phases.beta_shift <= network.formats.weight_fraction);
        }
    }

    #[test]
    fn any_numbers_of_spiking_units_are_accepted_within_limits_or_refused(
        (kappa, lambda, steps) in (0u32..12, 0u32..20, 0u32..400),
        (b, f, bits, g) in (0i32..20, 0u32..20, 0u32..20, 0u32..20),
    ) {
        let text = format!(
            "neuron = \"spiking\"\n[spiking]\ntrace_shift = {kappa}\nleak_shift = {lambda}\nsteps = {steps}\n\
             [phases]\nbeta = {:?}\n\
             [formats]\nstate_fraction = {f}\nweight_bits = {bits}\nweight_fraction = {g}\n",
            f64::from(-b).exp2(),
        );
        if let Ok(network) = parse(&text) {
            let spiking = network.spiking().expect("asked for");
            prop_assert!((1..=MAX_TRACE_SHIFT).contains(&spiking.trace_shift));
            prop_assert!((1..=MAX_SWEEPS).contains(&spiking.steps));
            // The nudge keeps at least the sign of the largest difference of two traces.
            let trace_bits = i64::from(network.formats.state_fraction + TRACE_EXTRA_BITS);
            prop_assert!((0..=trace_bits).contains(&network.nudge_shift()));
        }
    }
}

#[test]
fn formats_that_can_hardly_hold_beta_rates_and_sums_are_warned_of() {
    let codes = |text: &str| -> Vec<&'static str> {
        let warnings = parse(text).unwrap().validate().unwrap();
        warnings.iter().map(|warning| warning.code).collect()
    };
    let beta = |shift: u32| {
        format!(
            "layers = [4, 3]\nphases.beta = {}\n",
            (-f64::from(shift)).exp2()
        )
    };
    assert_eq!(codes(&beta(9)), [""; 0]);
    assert_eq!(codes(&beta(10)), ["eqprop::config::beta_resolution"]);
    let bits = |bits: u32| format!("layers = [4, 3]\nformats.weight_bits = {bits}\n");
    assert_eq!(codes(&bits(5)), [""; 0]);
    assert_eq!(codes(&bits(4)), ["eqprop::config::rate_resolution"]);
    let inputs = |units: usize| format!("layers = [{units}, 3]\n");
    assert_eq!(codes(&inputs(2045)), [""; 0]);
    assert_eq!(codes(&inputs(2047)), ["eqprop::config::wide_accumulator"]);
}

#[test]
fn rates_follow_the_scale_of_feedback() {
    let shifts = |text: &str| -> Vec<i32> {
        let network = parse(text).unwrap_or_else(|error| panic!("{}", rendered(&error)));
        network
            .blocks
            .iter()
            .map(|block| block.rate_shift)
            .collect()
    };
    let deep = "layers = [64, 32, 24, 10]\ndynamics.feedback_shift";
    assert_eq!(shifts(&format!("{deep} = 0")), [4, 5, 5]);
    assert_eq!(shifts(&format!("{deep} = 3")), [-1, 2, 5]);
    // One number is one for all, and a list is taken as it stands.
    assert_eq!(
        shifts(&format!("{deep} = 3\nlearning.rate_shift = 4")),
        [4, 4, 4]
    );
    let web = "layers = [9, 5, 4]\nblocks = [[0, 1], [1, 1], [1, 2], [0, 2]]\ndynamics.feedback_shift = 2";
    assert_eq!(shifts(web), [3, 3, 5, 5]);
}
