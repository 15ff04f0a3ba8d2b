//! Look-up tables and flip-flops, fitted to builds: of the head, and of one lane.

use crate::arch::Shape;
use crate::board::{Board, Family};

/// Tables and flip-flops of one board top without lanes and without the memories made of logic, and of one lane with
/// 36-bit accumulators and one block of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Logic {
    pub head: (usize, usize),
    pub lane: (usize, usize),
}

/// The largest [`Shape::learn_span`] of what was fitted.
const USUAL_SPAN: u32 = 4;

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

impl Logic {
    /// Fitted to what the tests list as measured: a test says what these numbers have to be.
    pub fn of(shape: &Shape, board: &Board) -> Logic {
        match (
            board.device.family,
            board.device.resources.dsps,
            shape.is_deep(),
        ) {
            // Multipliers made of logic cells.
            (Family::Ice40, 0, _) => Logic {
                head: (3779, 1494),
                lane: (1353, 360),
            },
            (Family::Ice40, ..) => Logic {
                head: (3779, 1494),
                lane: (515, 312),
            },
            (Family::Ecp5, _, false) => Logic {
                head: (3854, 1556),
                lane: (496, 342),
            },
            (Family::Ecp5, _, true) => Logic {
                head: (4703, 2679),
                lane: (477, 460),
            },
        }
    }

    /// What spiking units, self-connected layers, rates that lie apart and a second sample add to the hardware of `digits`, their memories aside:
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
    /// | 25F | two samples by turns | 2 | 118 | 67 |
    /// | 25F | two samples by turns | 8 | −21 | 67 |
    pub fn beyond(shape: &Shape, family: Family) -> Logic {
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
        // Rates that lie apart need wider shifters; those of networks with one hidden layer, up to 4, are in what was fitted.
        // With 9, as `digits-deep` has, 25F and P = 2 and 8: 788 and 2,035 tables more; UP5K, P = 2: 731.
        let apart = shape.learn_span.saturating_sub(USUAL_SPAN) as usize;
        let (tables, flops) = match family {
            Family::Ice40 => (63, 14),
            Family::Ecp5 => (74, 20),
        };
        logic.head.0 += tables * apart;
        logic.head.1 += flops * apart;
        logic.lane.0 += 42 * apart;
        if shape.interleaves() {
            logic.head = (logic.head.0 + 50, logic.head.1 + 67);
        }
        logic
    }
}
