//! Training runs: resumed ones against uninterrupted ones, thread counts, batches, orders, answers.

use super::*;
use crate::bittrue::Xorshift;
use crate::checkpoint::Parameters;
use crate::golden::Reals;
use crate::weights::Weights;
use hdl::config::Nudging;
use std::collections::HashSet;
use std::path::Path;

/// The digits on a small network.
fn digits(nudging: Nudging) -> (Network, Dataset) {
    digits_with("", nudging)
}

/// The same with short phases of spiking units.
fn spiking_digits(nudging: Nudging) -> (Network, Dataset) {
    let short = "neuron = \"spiking\"\nspiking = { trace_shift = 3, steps = 32 }\n";
    digits_with(short, nudging)
}

fn digits_with(more: &str, nudging: Nudging) -> (Network, Dataset) {
    let text = format!("name = \"small\"\nlayers = [64, 12, 10]\nseed = 3\n{more}");
    let mut network = Network::parse("test.toml", &text).expect("the test's network is valid");
    network.phases.nudging = nudging;
    let data = Dataset::load(&network, Path::new("."), None).expect("embedded");
    (network, data)
}

/// Where a run of a backend stands: weights, random state, position without its times.
#[derive(Clone, Debug, PartialEq)]
struct State {
    parameters: Parameters,
    random: u32,
    position: Position,
}

impl State {
    fn first(network: &Network, golden: bool) -> State {
        let weights = Weights::initial(network);
        State {
            parameters: match golden {
                true => Parameters::Real(Reals::of(&weights, network.formats.weight_fraction)),
                false => Parameters::Raw(weights),
            },
            random: Xorshift::seed(network.seed).state(),
            position: Position::default(),
        }
    }
}

/// A run of three epochs from `state`, in batches of `batch`.
fn trainer<'a>(network: &'a Network, data: &'a Dataset, batch: usize, state: State) -> Trainer<'a> {
    let backend: Box<dyn Backend> = match &state.parameters {
        Parameters::Raw(weights) => Box::new(BitTrueBackend::new(
            network,
            weights,
            state.random,
            batch.ilog2(),
        )),
        Parameters::Real(weights) => {
            Box::new(GoldenBackend::new(network, weights, state.random, batch))
        }
    };
    Trainer::new(network, data, None, 3, batch, backend, state.position).expect("no hardware")
}

/// Runs on by `samples` samples, 7 or more a step, over the ends of epochs.
fn advance(trainer: &mut Trainer, mut samples: usize) -> State {
    while samples > 0 && !trainer.finished() {
        let left = trainer.samples_per_epoch() - trainer.position().samples;
        let step = left.min(samples).min(7);
        trainer.step(step).expect("no hardware");
        samples -= step;
    }
    let mut position = trainer.position().clone();
    for report in &mut position.history {
        report.samples_per_second = 0.0;
    }
    State {
        parameters: trainer.backend().parameters().expect("no hardware"),
        random: trainer.backend().random_state().expect("no hardware"),
        position,
    }
}

#[test]
fn a_resumed_run_ends_as_an_uninterrupted_one() {
    for (nudging, golden, stops) in [
        (Nudging::RandomSign, false, &[0, 1, 1437, 1500, 3000][..]),
        (Nudging::Symmetric, false, &[999]),
        (Nudging::RandomSign, true, &[1700]),
    ] {
        let (network, data) = digits(nudging);
        let first = State::first(&network, golden);
        let whole = advance(&mut trainer(&network, &data, 1, first.clone()), 4000);
        assert_eq!((whole.position.epoch, whole.position.samples), (2, 1126));
        for &stop in stops {
            let state = advance(&mut trainer(&network, &data, 1, first.clone()), stop);
            let state = advance(&mut trainer(&network, &data, 1, state), 4000 - stop);
            assert_eq!(state, whole, "stopped after {stop} samples");
        }
    }
}

#[test]
fn a_resumed_run_of_spiking_units_ends_as_an_uninterrupted_one() {
    for (nudging, golden, stop) in [
        (Nudging::RandomSign, false, 437),
        (Nudging::Symmetric, false, 20),
        (Nudging::RandomSign, true, 60),
    ] {
        let (network, data) = spiking_digits(nudging);
        let first = State::first(&network, golden);
        let all = if golden { 120 } else { 1500 };
        let whole = advance(&mut trainer(&network, &data, 1, first.clone()), all);
        let state = advance(&mut trainer(&network, &data, 1, first.clone()), stop);
        let state = advance(&mut trainer(&network, &data, 1, state), all - stop);
        assert_eq!(state, whole, "stopped after {stop} samples");
        assert_ne!(state.parameters, first.parameters);
        let counters = &whole.position.counters;
        let activity = counters.activity.expect("spiking units count");
        assert!(activity.spikes > 0 && activity.synaptic_operations > activity.spikes);
        assert_eq!(counters.unsettled, 0);
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (network, data) = digits(Nudging::RandomSign);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads");
        pool.install(|| {
            [false, true].map(|golden| {
                // 1437 samples are 89 batches and 13 samples.
                let first = State::first(&network, golden);
                let trainer = &mut trainer(&network, &data, 16, first);
                let state = trainer.step(1437).map(|_| advance(trainer, 0));
                state.expect("no hardware")
            })
        })
    };
    let single = on(1);
    for (state, golden) in single.iter().zip([false, true]) {
        assert_eq!((state.position.epoch, state.position.samples), (1, 0));
        let before = State::first(&network, golden);
        assert_ne!(state.parameters, before.parameters, "something was learned");
    }
    assert_eq!(on(3), single);
}

#[test]
fn both_models_learn_the_digits_while_the_rate_falls() {
    let (network, data) = digits(Nudging::Symmetric);
    for golden in [false, true] {
        let mut trainer = trainer(&network, &data, 1, State::first(&network, golden));
        assert_eq!(trainer.samples_per_epoch(), 1437);
        let state = advance(&mut trainer, 3 * 1437);
        assert!(trainer.finished());
        let history = state.position.history;
        let rates: Vec<u32> = history.iter().map(|epoch| epoch.m).collect();
        assert_eq!(rates, [3, 2, 1]);
        let (first, last) = (&history[0], &history[2]);
        assert!(last.held_measure() > 0.8, "{last:?}");
        assert!(last.train_loss < first.train_loss && last.test_loss < first.test_loss);
        assert!(last.sweeps_per_sample < first.sweeps_per_sample);
        assert!(golden || last.not_learned_share > first.not_learned_share);
        assert_eq!(last.saturations.unwrap_or(0), 0);
    }
}

#[test]
fn every_epoch_shows_every_training_sample_once_in_an_order_of_its_own() {
    let split = Split::of(50, 7);
    assert_eq!((split.train().len(), split.test().len()), (40, 10));
    let all: HashSet<usize> = [split.train(), split.test()].concat().into_iter().collect();
    assert_eq!(all, (0..50).collect());
    let train: HashSet<usize> = split.train().iter().copied().collect();
    let orders: Vec<Vec<usize>> = (0..3).map(|epoch| split.order(epoch)).collect();
    for order in &orders {
        assert_eq!(order.len(), 40);
        assert_eq!(order.iter().copied().collect::<HashSet<_>>(), train);
    }
    assert_ne!(orders[0], orders[1]);
    assert_eq!(orders[2], Split::of(50, 7).order(2));
    assert_ne!(split.train(), Split::of(50, 8).train());
}

#[test]
fn the_rate_is_halved_after_equal_parts() {
    let mut learning = digits(Nudging::Symmetric).0.learning;
    let left = |learning: &_, epochs: u32| -> Vec<u32> {
        (0..epochs)
            .map(|epoch| doublings(learning, epoch, epochs))
            .collect()
    };
    let forty = left(&learning, 40);
    assert_eq!(forty[0..10], [3; 10]);
    assert_eq!(forty[10..20], [2; 10]);
    assert_eq!(forty[30..], [0; 10]);
    assert_eq!(left(&learning, 2), [3, 1]);
    learning.halvings = 0;
    assert_eq!(left(&learning, 3), [0, 0, 0]);
}

#[test]
fn spiking_units_learn_the_digits() {
    let (network, data) = spiking_digits(Nudging::RandomSign);
    let mut trainer = trainer(&network, &data, 1, State::first(&network, false));
    let state = advance(&mut trainer, 3 * 1437);
    let history = state.position.history;
    let (first, last) = (&history[0], &history[2]);
    assert!(last.held_measure() > 0.7, "{last:?}");
    assert!(last.train_loss < first.train_loss && last.test_loss < first.test_loss);
    assert_eq!(last.sweeps_per_sample, 64.0);
    let spikes = last.spikes_per_sample.expect("counted");
    let operations = last.synaptic_operations_per_sample.expect("counted");
    // Every spike reaches ten units or more; none can fire more often than once a step.
    assert!(spikes > 22.0 && spikes < 22.0 * 64.0, "{spikes}");
    assert!(operations > 10.0 * spikes, "{operations}");
}

#[test]
fn batches_of_spiking_units_do_not_depend_on_the_number_of_threads() {
    let (network, data) = spiking_digits(Nudging::Symmetric);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads");
        pool.install(|| {
            [false, true].map(|golden| {
                let first = State::first(&network, golden);
                advance(&mut trainer(&network, &data, 16, first), 64)
            })
        })
    };
    let single = on(1);
    assert_eq!(on(3), single);
    for (state, golden) in single.iter().zip([false, true]) {
        assert_ne!(state.parameters, State::first(&network, golden).parameters);
    }
}

/// Rule 8 alone would answer 0 to everything.
#[test]
fn a_single_output_answers_by_a_half() {
    let network = Network::builtin("xor").expect("built in");
    let data = Dataset::load(&network, Path::new("."), None).expect("embedded");
    for golden in [false, true] {
        let first = State::first(&network, golden);
        let mut trainer = trainer(&network, &data, 1, first);
        trainer.epochs = network.learning.epochs;
        while !trainer.finished() {
            trainer.step(4).expect("no hardware");
        }
        let score = trainer.test().expect("no hardware");
        assert_eq!((score.samples, score.right), (4, 4), "golden: {golden}");
    }
    assert_eq!(score::answer(0, 1, 2048, 12), 1);
    assert_eq!(score::answer(0, 1, 2047, 12), 0);
    assert_eq!(score::answer(3, 10, 4096, 12), 3);
    assert_eq!([0.5, 0.49].map(|only| score::real_answer(&[only])), [1, 0]);
    // The lowest of equal ones.
    assert_eq!(score::real_answer(&[0.2, 0.7, 0.7]), 1);
}
