//! Feedback scaled down in hardware: random networks with every f, and `digits-deep` as it trains.

use super::common::{limits, networks, Hardware};
use super::learning::train_all;
use super::random::piped;
use super::self_connected::odd;
use hdl::arch::{random_seed, Plan, PlanError};
use hdl::config::{Network, Pipeline};
use sim::data::Dataset;
use sim::lockstep::Totals;
use sim::random::{Coverage, Limits, RandomCase};
use sim::train::{Backend, HardwareBackend, Split};
use sim::weights::Weights;
use std::path::Path;

/// Networks of one f, some layers of every third connected to themselves, and ones of f = 0 among them.
fn group(feedback_shift: u32, count: u32) -> (usize, Vec<RandomCase>) {
    let (lanes, formats, max_units) = match feedback_shift {
        1 => (2, [12, 16, 13], 9),
        2 => (4, [12, 8, 6], 11),
        _ => (2, [14, 16, 14], 9),
    };
    let first_seed = 8000 + 100 * feedback_shift;
    let cases = (first_seed..first_seed + count).flat_map(|seed| {
        let limits = Limits {
            feedback_shift,
            self_connected: seed % 3 == 0,
            ..limits(lanes, formats, max_units, 10)
        };
        networks(seed..seed + 1, &limits)
    });
    (lanes, cases.collect())
}

/// Fifty networks, a third of every f.
pub fn groups() -> [(usize, Vec<RandomCase>); 3] {
    [(1, 17), (2, 17), (3, 16)].map(|(f, count)| group(f, count))
}

/// On hardware with such pipelines, one shape for all networks of an f, every second network under back-pressure.
fn learn(pipeline: Pipeline, groups: impl IntoIterator<Item = (usize, Vec<RandomCase>)>) {
    let mut all = Totals::default();
    let mut corners = vec![
        "feedback scaled down",
        "the same over three layers",
        "the same, self-connected",
        "a block that skips a layer",
    ];
    for (lanes, cases) in groups {
        let mut coverage = Coverage::new(lanes);
        cases.iter().for_each(|case| coverage.add(case));
        println!("{lanes} lanes\n{coverage}");
        corners.retain(|name| coverage.missing().contains(name));
        train_all(&piped(cases, pipeline), lanes, odd, &mut all);
    }
    assert!(corners.is_empty(), "no network has {corners:?}");
    let (learned, samples) = (all.learned, all.samples);
    assert!(learned > 100 && learned < samples, "{learned} of {samples}");
}

#[test]
fn fifty_networks_settle_and_learn() {
    learn(Pipeline::Short, groups());
}

#[test]
fn deep_pipelines_settle_and_learn() {
    learn(Pipeline::Deep, [group(3, 25)]);
}

/// One piece of hardware runs its own f and 0.
#[test]
fn hardware_of_another_scale_is_refused() {
    let network = Network::builtin("digits-deep").expect("a built-in network");
    let scaled = Plan::new(&network, 2).expect("hardware exists").shape;
    let mut other = network.clone();
    other.dynamics.feedback_shift = 2;
    let what = "scale of feedback (dynamics.feedback_shift)";
    let refused = Plan::on(&other, &scaled).map(|_| ());
    assert_eq!(refused, Err(PlanError::OtherHardware { what }));
    other.dynamics.feedback_shift = 0;
    assert_eq!(Plan::on(&other, &scaled).map(|_| ()), Ok(()));
    let plain = Plan::new(&other, 2).expect("hardware exists").shape;
    let refused = Plan::on(&network, &plain).map(|_| ());
    assert_eq!(refused, Err(PlanError::OtherHardware { what }));
}

/// The first samples of a run of `digits-deep`: hardware and model learn the same weights.
fn digits_deep(samples: usize, pipeline: Pipeline) {
    let mut network = Network::builtin("digits-deep").expect("a built-in network");
    network.engine.pipeline = Some(pipeline);
    let hardware = Hardware::of([&network], 8);
    let data = Dataset::load(&network, Path::new(""), None).expect("built-in data");
    let weights = Weights::initial(&network);
    let mut backend = HardwareBackend::new(
        hardware.plan(&network),
        hardware.model(0),
        &weights,
        random_seed(network.seed),
        100,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let split = Split::of(data.len(), network.seed);
    let shown: Vec<_> = (split.order(0).into_iter().take(samples))
        .map(|index| data.sample(index, network.formats.state_fraction))
        .collect();
    let mut lessons = vec![];
    (backend.learn(&shown, &mut lessons)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(backend.differences().unwrap(), (0, String::new()));
    let learned = lessons.iter().filter(|lesson| lesson.learned).count();
    assert!(learned > samples / 2, "{learned} of {samples} learned from");
}

#[test]
fn digits_deep_trains_as_the_model_does() {
    digits_deep(40, Pipeline::Short);
}

#[test]
#[ignore = "five hundred samples, two pipelines: minutes"]
fn digits_deep_trains_as_the_model_does_for_five_hundred_samples() {
    digits_deep(500, Pipeline::Short);
    digits_deep(500, Pipeline::Deep);
}
