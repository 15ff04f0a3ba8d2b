//! What a plan takes of a device, without synthesis: multipliers and block RAMs exactly as yosys
//! maps them (see `cells`), look-up tables and flip-flops roughly.

use super::cells::Cells;
use super::link::Link;
use super::plan::Plan;
use super::program::entry;
use super::shape::Shape;
use crate::board::{Board, Family};
use crate::config::{Network, LANE_MENU};
use serde::Serialize;

/// What a plan's board top takes of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Hard multipliers; exact.
    pub dsps: usize,
    /// Block RAMs; exact.
    pub block_rams: usize,
    /// Logic cells on iCE40, look-up tables with those that carry or store on ECP5; rough.
    pub luts: usize,
    /// Flip-flops; rough.
    pub ffs: usize,
}

/// Clock in MHz that a build of `lanes` lanes is likely to reach: what the digits reached on the board's own
/// number of lanes ([`crate::board::Clock::engine_mhz`]), less [`LOSS`] for each doubling beyond it. The seed of
/// the placement alone moves a build by 5…10 %; expect 20 % either way.
pub fn engine_mhz(board: &Board, lanes: usize) -> f64 {
    let doublings = (lanes as f64 / board.lanes as f64).log2();
    board.clock.engine_mhz * (1.0 - LOSS * doublings)
}

/// Share of the clock that a build is taken to lose with each doubling of its lanes: assumed, not fitted.
const LOSS: f64 = 0.03;

/// One kind of resource of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ResourceUse {
    /// For people: "block RAMs".
    pub name: &'static str,
    pub needed: usize,
    pub available: usize,
}

impl ResourceUse {
    pub fn fits(&self) -> bool {
        self.needed <= self.available
    }
}

/// Tables and flip-flops of one board top without lanes and without the memories made of logic, and of one lane with
/// 36-bit accumulators and one block of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Logic {
    head: (usize, usize),
    lane: (usize, usize),
}

impl std::ops::Add for Logic {
    type Output = Logic;

    fn add(self, other: Logic) -> Logic {
        let sum = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
        Logic {
            head: sum(self.head, other.head),
            lane: sum(self.lane, other.lane),
        }
    }
}

/// Accumulator bits of a lane in [`Logic`].
const LANE_BITS: usize = 36;

/// Look-up tables that one LUT RAM takes: four that store, two for its write port.
const LUTS_OF_LUT_RAM: usize = 6;

impl Logic {
    /// Fitted to what the tests list as measured: a test says what these numbers have to be.
    fn of(shape: &Shape, board: &Board) -> Logic {
        match (board.family, board.resources.dsps, shape.is_deep()) {
            // Multipliers made of logic cells.
            (Family::Ice40, 0, _) => Logic {
                head: (3797, 1522),
                lane: (1361, 322),
            },
            (Family::Ice40, ..) => Logic {
                head: (3797, 1522),
                lane: (515, 265),
            },
            (Family::Ecp5, _, false) => Logic {
                head: (3738, 1458),
                lane: (502, 343),
            },
            (Family::Ecp5, _, true) => Logic {
                head: (4400, 2635),
                lane: (488, 461),
            },
        }
    }
}

impl Logic {
    /// What spiking units and self-connected layers add to the hardware of `digits`, their memories aside:
    ///
    /// | device | with | P | cells or tables | flip-flops |
    /// |---|---|---|---|---|
    /// | UP5K | spiking units | 2 | 154 | 291 |
    /// | 25F | spiking units | 2 | 45 | 291 |
    /// | 25F | spiking units | 8 | 91 | 681 |
    /// | 25F | the same, nudged in lanes, and a leak | 2 | 251 | 432 |
    /// | UP5K | masks | 2 | 142 | 22 |
    /// | 25F | masks | 2 | 363 | 22 |
    /// | 25F | masks | 8 | 300 | 26 |
    fn beyond(shape: &Shape, family: Family) -> Logic {
        let mut logic = Logic::default();
        if let Some(spiking) = shape.spiking {
            // A spiking unit's step takes little more than a rate's, which it replaces.
            logic = logic
                + match family {
                    Family::Ice40 => Logic {
                        head: (24, 140),
                        lane: (65, 75),
                    },
                    Family::Ecp5 => Logic {
                        head: (30, 140),
                        lane: (8, 75),
                    },
                };
            if spiking.nudge_in_lanes {
                logic.lane = (logic.lane.0 + 75, logic.lane.1 + 70);
            }
            if spiking.leak_shift > 0 {
                logic.lane = (logic.lane.0 + 18, logic.lane.1);
                logic.head = (logic.head.0 + 18, logic.head.1);
            }
        }
        if shape.triangular {
            logic.head.0 += match family {
                Family::Ice40 => 140,
                Family::Ecp5 => 330,
            };
            logic.head.1 += 20;
        }
        logic
    }
}

/// Multipliers: one a lane, where the device has any.
pub fn multipliers(plan: &Plan, board: &Board) -> usize {
    match board.resources.dsps {
        0 => 0,
        _ => plan.shape.lanes,
    }
}

/// Block RAMs that yosys makes of the memories of the board top.
pub fn block_rams(plan: &Plan, board: &Board) -> usize {
    core_block_rams(plan, board.family) + count(&link_memories(plan, board), Cells::blocks)
}

/// Block RAMs of the core's memories.
pub(super) fn core_block_rams(plan: &Plan, family: Family) -> usize {
    count(&memories(plan, family), Cells::blocks)
}

/// The protocol engine's memories of bytes, without those that become large single-port RAMs.
fn link_memories(plan: &Plan, board: &Board) -> [(usize, Cells); 3] {
    let link = Link::new(plan, board);
    let buffers = usize::from(!link.single_port);
    [
        (buffers, link.receive_bytes),
        (buffers, link.slots * link.slot_bytes),
        (1, link.info_bytes(plan)),
    ]
    .map(|(count, bytes)| (count, Cells::of(board.family, bytes, 8)))
}

/// Where [`memories`] has the targets.
const TARGETS: usize = 8;

/// How often each memory of the core is there, and what it is made of; the banks come first.
fn memories(plan: &Plan, family: Family) -> [(usize, Cells); 10] {
    let shape = &plan.shape;
    let deep = shape.is_deep();
    let mut memories = [
        (
            shape.lanes,
            deep,
            shape.bank_words,
            shape.formats.weight_bits as usize,
        ),
        (shape.lanes, deep, shape.memory_words(), 16),
        (1, deep, shape.program_words, 32),
        (1, deep, shape.list_words, entry::BITS),
        // Old states of column-side units.
        (1, deep, shape.list_words, shape.state_bits()),
        (
            usize::from(deep),
            false,
            shape.lengths().0,
            shape.lengths().1,
        ),
        // Column sums are kept only for layers that also live in lanes.
        (
            usize::from(shape.sums_words > 0),
            deep,
            shape.sums_words,
            shape.accumulator_bits as usize,
        ),
        (
            1,
            shape.biases_registered(),
            shape.bias_words,
            shape.formats.weight_bits as usize,
        ),
        (1, deep, shape.target_words, 16),
        // Membranes and traces of spiking units at the head.
        (
            usize::from(shape.spiking.is_some()),
            false,
            shape.membrane_words(),
            shape.membrane_bits(),
        ),
    ]
    .map(|(count, registered, words, bits)| {
        let cells = match registered {
            true => Cells::registered(family, words, bits),
            false => Cells::of(family, words, bits),
        };
        (count, cells)
    });
    if shape.targets_in_logic {
        memories[TARGETS].1 = Cells::FlipFlops(16 * shape.target_words.max(2));
    }
    memories
}

fn count(memories: &[(usize, Cells)], cells: fn(Cells) -> usize) -> usize {
    let counts = memories.iter().map(|&(count, kind)| count * cells(kind));
    counts.sum()
}

/// Lanes, each as heavy as its accumulator is wide.
fn weighed_lanes(plan: &Plan) -> f64 {
    (plan.shape.lanes * plan.shape.accumulator_bits as usize) as f64 / LANE_BITS as f64
}

/// Tables and flip-flops of what is not fitted: memories of logic, and the multiplexers of banks of several blocks.
fn known_logic(plan: &Plan, board: &Board) -> (usize, usize) {
    let core = memories(plan, board.family);
    let memories = [&core[..], &link_memories(plan, board)].concat();
    let banks = memories[0].1.blocks().max(1) - 1;
    let multiplexers = banks * plan.shape.formats.weight_bits as usize * plan.shape.lanes;
    (
        multiplexers + LUTS_OF_LUT_RAM * count(&memories, Cells::lut_rams),
        count(&memories, Cells::flip_flops),
    )
}

/// What the board top of `plan` takes of the device of `board`, whether it fits or not.
pub fn estimate(plan: &Plan, board: &Board) -> Estimate {
    let logic = Logic::of(&plan.shape, board) + Logic::beyond(&plan.shape, board.family);
    let lanes = |lane: usize| (weighed_lanes(plan) * lane as f64) as usize;
    let (luts, ffs) = known_logic(plan, board);
    Estimate {
        dsps: multipliers(plan, board),
        block_rams: block_rams(plan, board),
        luts: logic.head.0 + lanes(logic.lane.0) + luts,
        ffs: logic.head.1 + lanes(logic.lane.1) + ffs,
    }
}

/// Every kind of resource that `plan` needs, beside what `board` has of it.
pub fn fits(plan: &Plan, board: &Board) -> Vec<ResourceUse> {
    let Estimate {
        dsps,
        block_rams,
        luts,
        ffs,
    } = estimate(plan, board);
    let resources = &board.resources;
    let logic = match board.family {
        Family::Ice40 => "logic cells",
        Family::Ecp5 => "LUTs",
    };
    [
        (logic, luts, resources.luts),
        ("flip-flops", ffs, resources.ffs),
        ("block RAMs", block_rams, resources.block_rams),
        ("multipliers", dsps, resources.dsps),
    ]
    .map(|(name, needed, available)| ResourceUse {
        name,
        needed,
        available,
    })
    .to_vec()
}

/// The largest number of lanes with which `network` fits `board`, if there is one.
pub fn largest_lanes(network: &Network, board: &Board) -> Option<usize> {
    let fit = |lanes: &usize| {
        Plan::new(&board.host(network), *lanes)
            .is_ok_and(|plan| fits(&plan, board).iter().all(ResourceUse::fits))
    };
    LANE_MENU.into_iter().rev().find(fit)
}

#[cfg(test)]
mod tests {
    use super::*;
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
        ("xor", Short, 2, "hx8k-evn", 6467, 2165),
        ("digits", Short, 2, "hx8k-evn", 6796, 2402),
        ("xor", Short, 2, "icebreaker", 4888, 2037),
        ("digits", Short, 2, "icebreaker", 4991, 2143),
        ("digits", Short, 4, "icebreaker", 6047, 2580),
        ("xor", Short, 2, "colorlight-i5", 4973, 2135),
        ("digits", Short, 8, "colorlight-i5", 7998, 4258),
        ("mnist", Short, 16, "ulx3s", 14_261, 7484),
        ("xor", Deep, 2, "colorlight-i5", 5592, 3543),
        ("digits", Deep, 8, "colorlight-i5", 8855, 6411),
        ("digits", Deep, 24, "colorlight-i5", 17_411, 13_820),
        ("mnist", Deep, 16, "ulx3s", 14_037, 10_635),
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

    /// What spiking units and masks add, within a fiftieth of the whole.
    #[test]
    fn what_spikes_and_masks_add_is_near_what_was_measured() {
        let spikes = |leak_shift, nudge_in_lanes| {
            Some(Spiking {
                trace_shift: 4,
                leak_shift,
                nudge_shift: 4,
                nudge_in_lanes,
                nudge_at_head: true,
            })
        };
        for (spiking, triangular, lanes, board, luts, ffs) in [
            (spikes(0, false), false, 2, "icebreaker", 154, 291),
            (spikes(0, false), false, 2, "colorlight-i5", 45, 291),
            (spikes(0, false), false, 8, "colorlight-i5", 91, 681),
            (spikes(5, true), false, 2, "colorlight-i5", 251, 432),
            (None, true, 2, "icebreaker", 142, 22),
            (None, true, 2, "colorlight-i5", 363, 22),
            (None, true, 8, "colorlight-i5", 300, 26),
        ] {
            let board = Board::load(board).expect("a board");
            let plain = plan("digits", lanes);
            let mut with = plain.clone();
            with.shape.spiking = spiking;
            with.shape.triangular = triangular;
            let logic = |plan: &Plan| {
                let found = estimate(plan, board);
                let lut_rams = count(&memories(plan, board.family), Cells::lut_rams);
                [found.luts - LUTS_OF_LUT_RAM * lut_rams, found.ffs]
            };
            let (before, after) = (logic(&plain), logic(&with));
            for ((before, after), measured) in before.into_iter().zip(after).zip([luts, ffs]) {
                let error = (after - before).abs_diff(measured);
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
}
