//! Two hundred seeded random networks on four shapes, with and without back-pressure.

use super::common::{limits, networks, pressure, Hardware};
use super::{feedback, self_connected};
use hdl::config::Pipeline;
use sim::random::{Coverage, RandomCase};

/// Networks that share one shape.
struct Group {
    lanes: usize,
    /// F, B and G.
    formats: [u32; 3],
    max_units: usize,
    first_seed: u32,
}

/// Sizes reach beyond twice the lanes; the formats are the default, two narrow ones and the widest states.
const GROUPS: [Group; 4] = [
    Group {
        lanes: 1,
        formats: [8, 4, 2],
        max_units: 5,
        first_seed: 1000,
    },
    Group {
        lanes: 2,
        formats: [12, 16, 13],
        max_units: 9,
        first_seed: 2000,
    },
    Group {
        lanes: 4,
        formats: [12, 8, 6],
        max_units: 11,
        first_seed: 3000,
    },
    Group {
        lanes: 8,
        formats: [14, 16, 14],
        max_units: 19,
        first_seed: 4000,
    },
];
const EACH: u32 = 50;

/// The fifty networks of so many lanes, with so many samples each.
pub fn group(lanes: usize, samples: usize) -> Vec<RandomCase> {
    let group = GROUPS
        .iter()
        .find(|group| group.lanes == lanes)
        .expect("a group's lanes");
    let limits = limits(lanes, group.formats, group.max_units, samples);
    let seeds = group.first_seed..group.first_seed + EACH;
    networks(seeds, &limits)
}

/// Runs each case freely and under pressure; both must take the same busy cycles.
fn agree(cases: &[RandomCase], lanes: usize) {
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), lanes);
    let mut failures = vec![];
    for (index, case) in cases.iter().enumerate() {
        let runs = [None, Some(pressure(case, index))].map(|pressure| hardware.run(case, pressure));
        match runs {
            [Ok(free), Ok(pressed)] => {
                assert_eq!(free, pressed, "{}", case.network.name);
                assert_eq!(free.samples, case.samples.len());
                assert_eq!(
                    free.compared_writes, free.expected_writes,
                    "{}",
                    case.network.name
                );
                assert!(free.compared_writes > 0);
            }
            [free, pressed] => {
                for error in [free.err(), pressed.err()].into_iter().flatten() {
                    failures.push(format!("{}: {error}", case.network.name));
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

#[test]
fn fifty_networks_on_one_lane() {
    agree(&group(1, 3), 1);
}

#[test]
fn fifty_networks_on_two_lanes() {
    agree(&group(2, 3), 2);
}

#[test]
fn fifty_networks_on_four_lanes() {
    agree(&group(4, 3), 4);
}

#[test]
fn fifty_networks_on_eight_lanes() {
    agree(&group(8, 3), 8);
}

#[test]
fn fifty_networks_on_four_deep_lanes() {
    agree(&piped(group(4, 3), Pipeline::Deep), 4);
}

/// The same networks in hardware with such pipelines.
pub fn piped(mut cases: Vec<RandomCase>, pipeline: Pipeline) -> Vec<RandomCase> {
    for case in &mut cases {
        case.network.engine.pipeline = Some(pipeline);
    }
    cases
}

/// What these cases reach.
fn coverage(lanes: usize, cases: &[RandomCase]) -> Coverage {
    let mut coverage = Coverage::new(lanes);
    cases.iter().for_each(|case| coverage.add(case));
    println!("{lanes} lanes\n{coverage}");
    coverage
}

/// Every corner that `Coverage` knows is reached by the two hundred networks or, if it is one of
/// self-connected layers or of scaled feedback, by the fifty that have them.
#[test]
fn two_hundred_and_fifty_networks_cover_every_corner() {
    let coverages = GROUPS.map(|g| coverage(g.lanes, &group(g.lanes, 3)));
    let webs = self_connected::groups().map(|(lanes, cases)| coverage(lanes, &cases));
    let scaled = feedback::groups().map(|(lanes, cases)| coverage(lanes, &cases));
    let everywhere: Vec<&str> = coverages[0]
        .missing()
        .into_iter()
        .filter(|name| {
            (coverages.iter().chain(&webs).chain(&scaled)).all(|c| c.missing().contains(name))
        })
        .collect();
    assert!(everywhere.is_empty(), "no network has {everywhere:?}");
    // What depends on P is reached wherever P leaves room for it.
    for coverage in &coverages[1..] {
        let missing = coverage.missing();
        for name in [
            "a layer smaller than P",
            "a layer of P + 1 units",
            "a block that skips a layer",
        ] {
            assert!(!missing.contains(&name), "{name}\n{coverage}");
        }
    }
}

#[test]
fn weights_without_fraction_bits() {
    let mut cases = networks(5000..5030, &limits(2, [8, 4, 0], 5, 3));
    // β can only be 1, which k = 0 does not allow.
    cases.retain(|case| case.network.dynamics.k > 0);
    assert!(cases.len() > 10);
    agree(&cases, 2);
}

#[test]
#[ignore = "two thousand networks on wide lines: minutes"]
fn two_thousand_networks_on_wide_lines() {
    for (lanes, first_seed, count) in [(16, 10_000, 800), (24, 20_000, 700), (64, 30_000, 500)] {
        let limits = limits(lanes, [12, 16, 13], 2 * lanes + 3, 3);
        agree(&networks(first_seed..first_seed + count, &limits), lanes);
    }
}
