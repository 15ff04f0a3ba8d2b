//! Spiking units against the naive model, and deliberate faults against their cases.

use super::super::naive::{Naive, Recorder};
use super::super::spiking::{Neurons, Rule};
use super::super::*;
use super::{any_of, cases_of, caught_of, ends};
use crate::random::{random_spiking_network, Limits, RandomCase};
use hdl::config::Formats;
use proptest::prelude::*;

/// A random network of spiking units, sometimes with a self-connected layer, and its samples.
fn any_spiking_case() -> impl Strategy<Value = RandomCase> {
    any_of(random_spiking_network)
}

proptest! {
    /// Every membrane, trace and spike of every phase, and what is learned from them.
    #[test]
    fn spiking_units_equal_the_naive_model(case in any_spiking_case()) {
        let RandomCase { network, weights, samples } = &case;
        let mut naive = Naive::new(network, weights);
        let mut model = BitTrue::new(network);
        model.load(weights);
        let mut rng = Xorshift::seed(network.seed);
        for (index, sample) in samples.iter().enumerate() {
            let m = network.learning.halvings.saturating_sub(index as u32);
            model.set_rate_halvings_left(m);
            let mut copy = rng;
            let mut told = Recorder::default();
            let outcome = model.run(sample, Mode::Learn, &mut rng, &mut told);

            let sign = if network.phases.nudging == Nudging::RandomSign { copy.draw_sign() } else { 1 };
            let mut events = Recorder::default();
            let expected = naive.run_spiking(sample, sign, &mut events);
            prop_assert_eq!(outcome.learned, expected.learned);
            let activity = outcome.activity.expect("spiking units count");
            prop_assert_eq!(activity.spikes, expected.spikes);
            prop_assert_eq!(activity.synaptic_operations, expected.synaptic_operations);
            for (end, states) in outcome.phases().zip(&expected.ends) {
                prop_assert_eq!(model.states(end.phase, 0), [0u16; 0]);
                for (layer, states) in states.iter().enumerate().skip(1) {
                    prop_assert_eq!(model.states(end.phase, layer), states);
                }
            }
            let outputs = &expected.ends[0][network.output()];
            let first = outputs.iter().position(|x| Some(x) == outputs.iter().max());
            prop_assert_eq!(Some(outcome.answer), first);
            if expected.learned {
                let ends = expected.ends.into_iter().map(|states| (0, true, states)).collect();
                naive.learn(&[Naive::lesson(ends, sign)], (m, 0), &mut copy, &mut events);
            }
            prop_assert_eq!(&told, &events);
            prop_assert_eq!(rng, copy);
            prop_assert_eq!(Naive::new(network, &model.weights()), naive.clone());
        }
    }

    #[test]
    fn nothing_leaks_from_sample_to_sample_of_spiking_units(case in any_spiking_case()) {
        let RandomCase { network, weights, samples } = &case;
        let mut model = BitTrue::new(network);
        model.load(weights);
        let mut run = |sample: &Sample, mode| {
            let outcome = model.run(sample, mode, &mut Xorshift::seed(1), &mut ());
            (outcome, ends(&model, &outcome, network.layers.len()))
        };
        let first = run(&samples[0], Mode::Nudge);
        samples.iter().for_each(|sample| drop(run(sample, Mode::Nudge)));
        let (inferred, free) = run(&samples[0], Mode::Infer);
        prop_assert_eq!((inferred.learned, &free[0]), (false, &first.1[0]));
        prop_assert_eq!(run(&samples[0], Mode::Nudge), first);
    }
}

#[test]
fn the_spiking_cases_catch_wrong_arithmetic_and_dynamics() {
    let neurons = |fault: &dyn Fn(&mut Neurons)| {
        let fault = |model: &mut BitTrue| fault(model.neurons.as_mut().expect("spiking cases"));
        caught_of(cases_of("../tests/vectors-spiking"), fault)
    };
    let rule = |fault: fn(&mut Rule)| neurons(&|neurons| fault(&mut neurons.rule));
    assert_eq!(neurons(&|_| ()), 0);
    assert_eq!(rule(|rule| rule.threshold += 1), 7, "threshold");
    assert_eq!(rule(|rule| rule.full /= 2), 7, "height of a spike");
    assert_eq!(rule(|rule| rule.trace_shift += 1), 7, "time constant");
    assert!(rule(|rule| rule.leak = (3, -1)) > 3, "leak");
    assert_eq!(
        rule(|rule| rule.leak.1 = 0),
        2,
        "no leak where there is one"
    );
    assert_eq!(rule(|rule| rule.nudge_shift += 1), 7, "half the nudge");
    assert!(
        rule(|rule| rule.current.1 = 0) > 3,
        "no rounding of currents"
    );
    assert_eq!(neurons(&|neurons| neurons.steps -= 1), 7, "steps");
}

/// The corners of S2 that the random networks of the comparison with the naive model must reach.
#[test]
fn random_spiking_networks_reach_the_corners() {
    let limits = Limits {
        formats: Formats {
            state_fraction: 12,
            weight_bits: 16,
            weight_fraction: 13,
        },
        lanes: 4,
        max_layers: 4,
        max_units: 9,
        max_blocks: 5,
        samples: 2,
        self_connected: false,
        feedback_shift: 0,
    };
    let [mut floor, mut ceiling, mut full, mut silent, mut learned, mut skipped] = [0; 6];
    for seed in 0..60 {
        let case = random_spiking_network(seed, &limits);
        let valid = case.network.validate();
        assert!(valid.is_ok(), "{valid:?}");
        let mut model = BitTrue::new(&case.network);
        model.load(&case.weights);
        let mut rng = Xorshift::seed(seed);
        for sample in &case.samples {
            let mut told = Recorder::default();
            let outcome = model.run(sample, Mode::Learn, &mut rng, &mut told);
            let any = |of: fn(&MembraneWrite) -> bool| usize::from(told.membranes.iter().any(of));
            floor += any(|write| write.membrane == -(1 << 13));
            ceiling += any(|write| write.membrane == 2 << 13);
            full += any(|write| write.trace > (4000 << 4));
            silent += usize::from(outcome.activity.map(|activity| activity.spikes) == Some(0));
            learned += usize::from(outcome.learned);
            skipped += usize::from(!outcome.learned);
        }
    }
    for (corner, count) in [
        ("membranes at −θ", floor),
        ("membranes at 2θ", ceiling),
        ("traces near their limit", full),
        ("networks without a spike", silent),
        ("samples learned from", learned),
        ("samples not learned from", skipped),
    ] {
        assert!(count > 3, "{corner}: {count}");
    }
}
