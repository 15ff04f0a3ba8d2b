//! What a plan takes of a device, without synthesis: multipliers and block RAMs exactly as yosys
//! maps them (see `cells`), look-up tables and flip-flops roughly.

mod logic;
mod memories;

use super::plan::Plan;
use crate::board::{Board, Family};
use crate::config::{Network, LANE_MENU};
use logic::Logic;
pub use memories::block_rams;
pub(super) use memories::core_block_rams;
use memories::known_logic;
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

/// Multipliers: one a lane, where the device has any.
pub fn multipliers(plan: &Plan, board: &Board) -> usize {
    match board.device.resources.dsps {
        0 => 0,
        _ => plan.shape.lanes,
    }
}

/// Accumulator bits of a lane in [`Logic`].
const LANE_BITS: usize = 36;

/// Lanes, each as heavy as its accumulator is wide.
fn weighed_lanes(plan: &Plan) -> f64 {
    (plan.shape.lanes * plan.shape.accumulator_bits as usize) as f64 / LANE_BITS as f64
}

/// What the board top of `plan` takes of the device of `board`, whether it fits or not.
pub fn estimate(plan: &Plan, board: &Board) -> Estimate {
    let logic = Logic::of(&plan.shape, board) + Logic::beyond(&plan.shape, board.device.family);
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
    let resources = &board.device.resources;
    let logic = match board.device.family {
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
mod tests;
