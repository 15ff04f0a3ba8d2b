//! Estimates against what yosys made of real designs.

use super::memories::{count, memories, LUTS_OF_LUT_RAM};
use super::*;
use crate::arch::cells::Cells;
use crate::arch::spiking::Spiking;
use crate::config::Pipeline::{self, Deep, Short};

fn plan(network: &str, lanes: usize) -> Plan {
    let network = Network::builtin(network).expect("a built-in network");
    Plan::new(&network, lanes).expect("hardware exists")
}

/// Counts of the synthesised board tops.
#[test]
fn hard_blocks_are_those_that_yosys_makes() {
    let cases = [
        ("digits", 4, "icebreaker", 4, 28),
        ("digits-skip", 4, "icebreaker", 4, 29),
        ("xor", 2, "icebreaker", 2, 10),
        ("xor", 2, "colorlight-i5", 2, 7),
        ("digits", 4, "colorlight-i5", 4, 13),
        ("digits", 8, "colorlight-i5", 8, 21),
        ("mnist", 16, "ulx3s", 16, 141),
    ];
    let found = cases.map(|(network, lanes, board, ..)| {
        let found = estimate(&plan(network, lanes), Board::load(board).expect("a board"));
        (network, lanes, board, found.dsps, found.block_rams)
    });
    assert_eq!(found, cases);
}

/// Network, pipeline, lanes, board, logic cells or look-up tables, flip-flops.
type Row = (&'static str, Pipeline, usize, &'static str, usize, usize);

/// Board tops as packed or placed (yosys 0.70, nextpnr 0.11): `eqprop build --area --network NETWORK --board BOARD --lanes N`,
/// with `pipeline = "short"` under `[engine]` in a file of the network for the short ones on ECP5.
const MEASURED: [Row; 12] = [
    ("xor", Short, 2, "hx8k-evn", 6389, 2240),
    ("digits", Short, 2, "hx8k-evn", 6812, 2413),
    ("xor", Short, 2, "icebreaker", 4825, 2144),
    ("digits", Short, 2, "icebreaker", 5017, 2158),
    ("digits", Short, 4, "icebreaker", 6031, 2741),
    ("xor", Short, 2, "colorlight-i5", 5085, 2230),
    ("digits", Short, 8, "colorlight-i5", 8033, 4356),
    ("mnist", Short, 16, "ulx3s", 14_307, 7566),
    ("xor", Deep, 2, "colorlight-i5", 5910, 3587),
    ("digits", Deep, 8, "colorlight-i5", 8934, 6438),
    ("digits", Deep, 24, "colorlight-i5", 17_559, 13_849),
    ("mnist", Deep, 16, "ulx3s", 14_192, 10_662),
];

fn measured((network, pipeline, lanes, board, ..): &Row) -> (Plan, &'static Board) {
    let mut network = Network::builtin(network).expect("a built-in network");
    let board = Board::load(board).expect("a board");
    network.engine.board.clone_from(&board.name);
    network.engine.pipeline = Some(*pipeline);
    let plan = Plan::new(&board.host(&network), *lanes).expect("hardware exists");
    (plan, board)
}

/// The target is 15 %.
#[test]
fn logic_is_near_what_was_measured() {
    for row in &MEASURED {
        let (plan, board) = measured(row);
        let found = estimate(&plan, board);
        for (estimated, measured) in [(found.luts, row.4), (found.ffs, row.5)] {
            let error = estimated as f64 / measured as f64 - 1.0;
            assert!(error.abs() < 0.15, "{row:?}: {estimated} estimated");
        }
    }
}

/// Lanes, board, logic cells or look-up tables and flip-flops of `digits-deep`: `eqprop build --area`.
#[test]
fn logic_of_deep_networks_is_near_what_was_measured() {
    for row in [
        (8, "colorlight-i5", 11_206, 6821),
        (2, "colorlight-i5", 6811, 3897),
        (2, "icebreaker", 5846, 2289),
    ] {
        let (lanes, board, luts, ffs) = row;
        let board = Board::load(board).expect("a board");
        let network = Network::builtin("digits-deep").expect("a built-in network");
        let plan = Plan::new(&board.host(&network), lanes).expect("hardware exists");
        let found = estimate(&plan, board);
        for (estimated, measured) in [(found.luts, luts), (found.ffs, ffs)] {
            let error = estimated as f64 / measured as f64 - 1.0;
            assert!(error.abs() < 0.05, "{row:?}: {estimated} estimated");
        }
    }
}

/// What spiking units, masks and a second sample add, within a fiftieth of the whole.
#[test]
fn what_spikes_masks_and_turns_add_is_near_what_was_measured() {
    let spikes = |leak_shift, nudge_in_lanes| {
        Some(Spiking {
            trace_shift: 4,
            leak_shift,
            nudge_shift: 4,
            nudge_in_lanes,
            nudge_at_head: true,
        })
    };
    for (spiking, triangular, second_input, lanes, board, luts, ffs) in [
        (spikes(0, false), false, 0, 2, "icebreaker", 154, 291),
        (spikes(0, false), false, 0, 2, "colorlight-i5", 45, 291),
        (spikes(0, false), false, 0, 8, "colorlight-i5", 91, 681),
        (spikes(5, true), false, 0, 2, "colorlight-i5", 251, 432),
        (None, true, 0, 2, "icebreaker", 142, 22),
        (None, true, 0, 2, "colorlight-i5", 363, 22),
        (None, true, 0, 8, "colorlight-i5", 300, 26),
        (None, false, 192, 2, "colorlight-i5", 118, 67),
        (None, false, 192, 8, "colorlight-i5", -21, 67),
    ] {
        let board = Board::load(board).expect("a board");
        let plain = plan("digits", lanes);
        let mut with = plain.clone();
        with.shape.spiking = spiking;
        with.shape.triangular = triangular;
        with.shape.second_input = second_input;
        let logic = |plan: &Plan| {
            let found = estimate(plan, board);
            let lut_rams = count(&memories(plan, board.device.family), Cells::lut_rams);
            [found.luts - LUTS_OF_LUT_RAM * lut_rams, found.ffs]
        };
        let (before, after) = (logic(&plain), logic(&with));
        for ((before, after), measured) in before.into_iter().zip(after).zip([luts, ffs]) {
            let error = (after as isize - before as isize).abs_diff(measured);
            assert!(
                50 * error < after,
                "{} P = {lanes}: {} for {measured}",
                board.name,
                after - before
            );
        }
    }
}

/// Head and lane of the straight line with the least squares of relative errors through (lanes, logic); with a
/// given head, the lane alone.
fn line(points: &[(f64, f64)], head: Option<f64>) -> (f64, f64) {
    let sum = |term: fn(f64, f64) -> f64| points.iter().map(|&(x, y)| term(x, y) / y / y).sum();
    let [one, x, y, xx, xy]: [f64; 5] = [
        sum(|_, _| 1.0),
        sum(|x, _| x),
        sum(|_, y| y),
        sum(|x, _| x * x),
        sum(|x, y| x * y),
    ];
    match head {
        Some(head) => (head, (xy - head * x) / xx),
        None => {
            let lane = (one * xy - x * y) / (one * xx - x * x);
            ((y - lane * x) / one, lane)
        }
    }
}

/// The numbers in [`Logic::of`] are the fit of [`MEASURED`]. Where all rows of a kind of device have as many lanes,
/// its head is taken to be that of the kind before it.
#[test]
fn constants_are_the_fit_of_what_was_measured() {
    let ecp5: &[&str] = &["colorlight-i5", "ulx3s", "orangecrab"];
    let kinds: [(&[&str], Pipeline); 4] = [
        (&["icebreaker"], Short),
        (&["hx8k-evn"], Short),
        (ecp5, Short),
        (ecp5, Deep),
    ];
    let mut heads = (0.0, 0.0);
    let (mut found, mut wanted) = (vec![], vec![]);
    for (boards, pipeline) in kinds {
        let rows: Vec<&Row> = MEASURED
            .iter()
            .filter(|row| boards.contains(&row.3) && row.1 == pipeline)
            .collect();
        let points = |logic: fn(&Row) -> usize, known: fn((usize, usize)) -> usize| {
            let point = |row: &&Row| {
                let (plan, board) = measured(row);
                let fitted = logic(row) - known(known_logic(&plan, board));
                (weighed_lanes(&plan), fitted as f64)
            };
            rows.iter().map(point).collect::<Vec<_>>()
        };
        let (luts, ffs) = (
            points(|row| row.4, |known| known.0),
            points(|row| row.5, |known| known.1),
        );
        let alike = luts.iter().all(|point| point.0 == luts[0].0);
        let (luts, ffs) = match alike {
            true => (line(&luts, Some(heads.0)), line(&ffs, Some(heads.1))),
            false => (line(&luts, None), line(&ffs, None)),
        };
        heads = (luts.0, ffs.0);
        let whole = |(head, lane): (f64, f64)| (head.round() as usize, lane.round() as usize);
        let (luts, ffs) = (whole(luts), whole(ffs));
        let fit = Logic {
            head: (luts.0, ffs.0),
            lane: (luts.1, ffs.1),
        };
        let (plan, board) = measured(rows[0]);
        found.push(Logic::of(&plan.shape, board));
        wanted.push(fit);
    }
    assert_eq!(found, wanted, "left is what stands there, right what must");
}

#[test]
fn lanes_end_where_the_first_resource_does() {
    let largest = |network: &str, board: &str| {
        let network = Network::builtin(network).expect("a built-in network");
        largest_lanes(&network, Board::load(board).expect("a board"))
    };
    assert_eq!(largest("digits", "icebreaker"), Some(2));
    assert_eq!(largest("digits", "colorlight-i5"), Some(24));
    assert_eq!(largest("mnist", "icebreaker"), None);
    assert_eq!(largest("mnist", "colorlight-i5"), None);
    assert_eq!(largest("mnist", "ulx3s"), Some(64));
}
