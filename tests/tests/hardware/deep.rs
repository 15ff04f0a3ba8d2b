//! Deep pipelines: other cycles, the same bits.

use super::learning::train_all;
use super::random::piped;
use super::self_connected::odd;
use super::{random, self_connected};
use hdl::arch::Plan;
use hdl::config::Pipeline;
use sim::lockstep::Totals;
use sim::random::RandomCase;

/// Every case settles and learns in lockstep on deep hardware, every second one under back-pressure.
fn learn(cases: Vec<RandomCase>, lanes: usize) -> Totals {
    let cases = piped(cases, Pipeline::Deep);
    let plan = Plan::new(&cases[0].network, lanes).unwrap();
    assert!(plan.shape.is_deep());
    let mut all = Totals::default();
    train_all(&cases, lanes, odd, &mut all);
    all
}

#[test]
fn fifty_networks_settle_and_learn() {
    let mut all = Totals::default();
    for (lanes, count) in [(1, 10), (4, 40)] {
        let totals = learn(
            random::group(lanes, 12).into_iter().take(count).collect(),
            lanes,
        );
        all.learned += totals.learned;
        all.samples += totals.samples;
    }
    assert!(all.learned > 100 && all.learned < all.samples);
}

#[test]
fn self_connected_layers_settle_and_learn() {
    for (lanes, cases) in self_connected::groups() {
        assert!(learn(cases, lanes).learned > 50);
    }
}
