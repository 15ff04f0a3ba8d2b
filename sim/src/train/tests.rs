//! Training runs: resumed ones against uninterrupted ones, thread counts, batches, searches.

use super::*;
use crate::data::Dataset;
use crate::progress::Silent;
use hdl::config::{Network, Nudging};
use std::collections::HashSet;
use std::convert::Infallible;
use std::path::Path;

/// The digits on a small network for a few epochs.
fn digits(nudging: Nudging, epochs: u32) -> (Network, Dataset) {
    let text = "name = \"small\"\nlayers = [64, 12, 10]\nseed = 3\n";
    let mut network = Network::parse("test.toml", text).expect("the test's network is valid");
    network.phases.nudging = nudging;
    network.learning.epochs = epochs;
    let data = Dataset::load(&network, Path::new("."), None).expect("embedded");
    (network, data)
}

/// A split with few samples, for speed.
fn few<'a>(data: &'a Dataset, network: &Network) -> Split<'a> {
    let mut split = Split::seeded(data, network.seed);
    split.train.indices.truncate(200);
    split.test.indices.truncate(50);
    split
}

/// The state of a run without its times.
fn timeless<P>(mut state: State<P>) -> State<P> {
    state.seconds = 0.0;
    for report in &mut state.history {
        report.seconds = 0.0;
    }
    state
}

fn run<B>(
    network: &Network,
    data: &Dataset,
    backend: B,
    options: Options,
    steps: usize,
) -> State<B::Parameters>
where
    B: Backend<Error = Infallible>,
{
    let Ok(mut trainer) = Trainer::new(network, few(data, network), backend, options);
    for _ in 0..steps {
        let Ok(_) = trainer.step();
    }
    let Ok(state) = trainer.state();
    timeless(state)
}

/// Stops a run of 700 steps after `stop` and continues it with a new backend.
fn resumed<B>(
    network: &Network,
    data: &Dataset,
    new: impl Fn(&Network) -> B,
    options: Options,
    stop: usize,
) -> State<B::Parameters>
where
    B: Backend<Error = Infallible>,
{
    let state = run(network, data, new(network), options, stop);
    let Ok(mut trainer) = Trainer::new(network, few(data, network), new(network), options);
    let Ok(()) = trainer.restore(state);
    for _ in stop..700 {
        let Ok(_) = trainer.step();
    }
    let Ok(state) = trainer.state();
    timeless(state)
}

#[test]
fn a_resumed_run_ends_as_an_uninterrupted_one() {
    for nudging in [Nudging::RandomSign, Nudging::Symmetric] {
        let (network, data) = digits(nudging, 4);
        let options = Options::of(&network);
        let whole = run(&network, &data, BitTrueBackend::new(&network), options, 700);
        assert_eq!((whole.epoch, whole.position), (3, 100));
        for stop in [0, 1, 199, 200, 555, 700] {
            let state = resumed(&network, &data, BitTrueBackend::new, options, stop);
            assert_eq!(state, whole, "stopped after {stop} samples");
        }
    }
    let (network, data) = digits(Nudging::RandomSign, 4);
    let options = Options::of(&network);
    let whole = run(&network, &data, GoldenBackend::new(&network), options, 700);
    let state = resumed(&network, &data, GoldenBackend::new, options, 333);
    assert_eq!(state, whole);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (network, data) = digits(Nudging::RandomSign, 2);
    // 200 samples are 12 batches and a half.
    let options = Options {
        batch: 16,
        ..Options::of(&network)
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().expect("threads");
        pool.install(|| {
            (
                run(&network, &data, BitTrueBackend::new(&network), options, 26),
                run(&network, &data, GoldenBackend::new(&network), options, 26),
            )
        })
    };
    let single = on(1);
    assert_eq!(single.0.history.len(), 2);
    assert_eq!(single.0.history[1].samples, 200);
    assert!(single.0.history[1].train_loss < single.0.history[0].train_loss);
    assert_eq!(on(3), single);
}

#[test]
fn both_backends_learn_the_digits_and_the_rate_falls() {
    let (network, data) = digits(Nudging::Symmetric, 4);
    let split = Split::seeded(&data, network.seed);
    assert_eq!((split.train.len(), split.test.len()), (1437, 360));
    let options = Options::of(&network);
    let backend = BitTrueBackend::new(&network);
    let Ok(mut trainer) = Trainer::new(&network, split.clone(), backend, options);
    while let Ok(Some(_)) = trainer.epoch(&Silent) {}
    let history = trainer.history().to_vec();
    let rates: Vec<u32> = history.iter().map(|epoch| epoch.m).collect();
    assert_eq!(rates, [3, 2, 1, 0]);
    let (first, last) = (&history[0], &history[3]);
    assert!(last.test_accuracy > 0.88, "{last:?}");
    assert!(last.train_loss < first.train_loss && last.test_loss < first.test_loss);
    assert!(last.not_learned_share > first.not_learned_share);
    assert!(last.sweeps_per_sample < first.sweeps_per_sample && last.sweeps_per_sample > 3.0);

    let backend = GoldenBackend::new(&network);
    let Ok(mut trainer) = Trainer::new(&network, split, backend, options);
    while let Ok(Some(_)) = trainer.epoch(&Silent) {}
    let last = &trainer.history()[3];
    assert!(last.test_accuracy > 0.88, "{last:?}");
    assert_eq!(last.saturations, 0);
}

#[test]
fn a_run_that_does_not_improve_stops() {
    let (network, data) = digits(Nudging::Symmetric, 30);
    let mut split = few(&data, &network);
    // One sample is answered rightly or not; it cannot improve for long.
    split.test.indices.truncate(1);
    let options = Options {
        patience: Some(3),
        ..Options::of(&network)
    };
    let Ok(mut trainer) = Trainer::new(&network, split, BitTrueBackend::new(&network), options);
    while !trainer.finished() {
        let Ok(_) = trainer.step();
    }
    let history = trainer.history();
    let best = |range: &[EpochReport]| range.iter().map(|e| e.test_accuracy).fold(0.0, f64::max);
    let before = history.len() - 3;
    assert!(history.len() < 30, "stopped early");
    assert!(best(&history[before..]) <= best(&history[..before]));
    let Ok(step) = trainer.step();
    assert_eq!(step, None);
}

#[test]
fn every_epoch_shows_every_sample_once_in_an_order_of_its_own() {
    let orders: Vec<Vec<usize>> = (0..3).map(|e| split::epoch_order(50, 7, e)).collect();
    for order in &orders {
        assert_eq!(order.iter().collect::<HashSet<_>>().len(), 50);
        assert!(order.iter().all(|&place| place < 50));
    }
    assert_ne!(orders[0], orders[1]);
    assert_eq!(orders[2], split::epoch_order(50, 7, 2));
    assert_ne!(orders[0], split::epoch_order(50, 8, 0));
}

#[test]
fn a_split_divides_the_data_and_tiny_data_teach_and_test() {
    let (_, data) = digits(Nudging::Symmetric, 1);
    let split = Split::seeded(&data, 1);
    let mut all = [split.train.indices.clone(), split.test.indices].concat();
    all.sort_unstable();
    assert_eq!(all, (0..data.len()).collect::<Vec<_>>());
    assert_ne!(split.train.indices, Split::seeded(&data, 2).train.indices);

    let xor = Network::builtin("xor").expect("built in");
    let xor = Dataset::load(&xor, Path::new("."), None).expect("embedded");
    let split = Split::seeded(&xor, 1);
    assert_eq!((split.train.len(), split.test.len()), (4, 4));
}

#[test]
fn a_single_output_answers_by_a_half_and_several_by_the_first_largest() {
    let judge = |outputs: &[f64], target: &[u16]| judge(outputs.iter().copied(), target, 12);
    assert_eq!(judge(&[0.5], &[4096]), (1, 0.125));
    assert_eq!(judge(&[0.25], &[0]), (0, 0.03125));
    assert_eq!(judge(&[0.5, 0.75, 0.75], &[0, 4096, 0]).0, 1);
    assert_eq!(judge(&[0.0, 0.0], &[0, 4096]), (0, 0.5));
}

#[test]
fn hopeless_runs_are_refused_and_missing_classes_named() {
    let (mut network, data) = digits(Nudging::Symmetric, 1);
    let mut split = Split::seeded(&data, 1);
    assert_eq!(check(&network, &split, 1, true), Ok(vec![]));
    split.train.indices.retain(|&index| data.label(index) != 7);
    let warnings = check(&network, &split, 8, true).expect("a possible run");
    assert_eq!(warnings, [Warning::MissingClasses(vec![7])]);
    let error = check(&network, &split, 12, true).expect_err("no power of two");
    insta::assert_snapshot!(error, @"a batch of 12 samples (a power of two up to 4096)");
    assert!(check(&network, &split, 12, false).is_ok());

    network.formats.state_fraction = 2;
    network.formats.weight_bits = 4;
    network.formats.weight_fraction = 1;
    network.learning.halvings = 0;
    network.blocks[1].rate_shift = 28;
    network.validate().expect("a network that `check` accepts");
    let error = check(&network, &split, 1, true).expect_err("a rate too small");
    insta::assert_snapshot!(error, @"block 1 never learns: its learning shift is 31, but products of states with 2 fraction bits reach 2^-16 of a weight's last bit at 20 only");
    assert!(check(&network, &split, 1, false).is_ok());
}

#[test]
fn a_search_ranks_formats_and_recommends_the_narrowest_good_one() {
    let text = "layers = [64, 8, 10]\n[learning]\nepochs = 2\n";
    let network = Network::parse("test.toml", text).expect("the test's network is valid");
    let data = Dataset::load(&network, Path::new("."), None).expect("embedded");
    let candidates = [16, 12, 3].map(|bits| Candidate::new(bits, 12));
    let report = search(&network, &data, None, &candidates, &[1, 2], &Silent).expect("formats fit");
    assert_eq!(report.reference.accuracies.len(), 2);
    assert_eq!(report.rows[0].memory_bits, 16 * (64 * 8 + 8 * 10 + 18));
    assert!(
        report.rows[2].mean < report.rows[0].mean - 0.05,
        "{report:?}"
    );
    let good = |row: &&Row| row.mean >= report.reference.mean - ALLOWED_LOSS;
    let narrowest = report.rows.iter().rfind(good);
    assert_eq!(
        report.recommended.map(|index| &report.rows[index]),
        narrowest
    );

    let alone = Candidate::new(12, 12).apply(&network).expect("it fits");
    let alone = Network { seed: 2, ..alone };
    let split = Split::seeded(&data, 2);
    let Ok(mut trainer) = Trainer::new(
        &alone,
        split,
        BitTrueBackend::new(&alone),
        Options::of(&alone),
    );
    while let Ok(Some(_)) = trainer.epoch(&Silent) {}
    assert_eq!(
        trainer.history()[1].test_accuracy,
        report.rows[1].accuracies[1]
    );
    assert!(search(
        &network,
        &data,
        None,
        &[Candidate::new(2, 12)],
        &[1],
        &Silent
    )
    .is_err());
}
