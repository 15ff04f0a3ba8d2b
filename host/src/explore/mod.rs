//! Every way to build a network: lanes, weight formats and boards, with predicted cycles, estimated resources
//! and speed. Nothing here needs a simulator or a synthesis tool.

mod choice;
mod load;
mod measure;

use std::time::Instant;

use hdl::arch::{estimate, Plan};
use hdl::board::Board;
use hdl::clocking::EngineClock;
use hdl::config::LANE_MENU;
use serde::Serialize;
use sim::progress::Progress;
use sim::train::TrainError;

pub use choice::{recommend, Recommendation};
use load::Mean;
pub use load::{Load, Samples};
pub use measure::{measure, Measured};

/// One way to build the network that fits its board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    pub board: String,
    pub device: String,
    pub lanes: usize,
    pub weight_bits: u32,
    /// Means over the samples, predicted: cycles in which the core is busy, and those from a sample's first word taken
    /// to the last one answered, back to back.
    pub cycles_per_sample: f64,
    pub stream_cycles_per_sample: f64,
    /// Share of all busy multiplier cycles that multiply a real weight by a state that is not zero.
    pub array_use: f64,
    pub luts: usize,
    pub ffs: usize,
    pub block_rams: usize,
    pub dsps: usize,
    /// The fullest resource, and how full it is.
    pub fullest: &'static str,
    pub fullest_share: f64,
    /// Estimated from builds of the digits on this board.
    pub fmax_mhz: f64,
    /// The fastest clock of at most that.
    pub clock_mhz: f64,
    /// Of these cycles of the stream at this clock.
    pub stream_samples_per_second: f64,
    /// If every multiplier were busy in every cycle at `fmax_mhz`.
    pub roofline_samples_per_second: f64,
    /// What the real flow made of it, with `--build`.
    pub measured: Option<Measured>,
}

/// A way that does not fit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Infeasible {
    pub board: String,
    pub lanes: usize,
    pub weight_bits: u32,
    pub reason: String,
}

/// What there is to choose from.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Space {
    pub candidates: Vec<Candidate>,
    pub infeasible: Vec<Infeasible>,
    /// Over how many samples cycles are means, and how many of them something was learned from (with the last
    /// of the formats).
    pub samples: u64,
    pub learned: u64,
    pub estimate_ms: f64,
}

impl Space {
    /// Boards that nothing fits, with the reason that the fewest lanes have.
    pub fn without(&self) -> Vec<String> {
        let fits = |board: &str| self.candidates.iter().any(|c| c.board == board);
        let mut told: Vec<&str> = vec![];
        let mut lines = vec![];
        for one in &self.infeasible {
            if !fits(&one.board) && !told.contains(&one.board.as_str()) {
                told.push(&one.board);
                lines.push(format!(
                    "{}: nothing fits; {} lanes: {}",
                    one.board, one.lanes, one.reason
                ));
            }
        }
        lines
    }
}

/// A way that fits, before its cycles are known: indices of its board, and of its plan in the load's.
struct Fitting {
    board: usize,
    plan: usize,
}

/// Every number of lanes of the menu, on every board, for every load (one a format).
///
/// # Errors
/// As [`Load::work`].
pub fn space(
    loads: &[Load],
    boards: &[&Board],
    lanes: &[usize],
    progress: &dyn Progress,
) -> Result<Space, TrainError> {
    let start = Instant::now();
    let mut space = Space::default();
    let mut found: Vec<(usize, Candidate)> = vec![];
    for load in loads {
        let infeasible = |board: &Board, lanes: usize, reason: String| Infeasible {
            board: board.name.clone(),
            lanes,
            weight_bits: load.network.formats.weight_bits,
            reason,
        };
        let mut plans: Vec<Plan> = vec![];
        let mut fitting: Vec<Fitting> = vec![];
        for (index, board) in boards.iter().enumerate() {
            for &lanes in lanes {
                match fits(load, board, lanes) {
                    Ok(plan) => {
                        let known = plans.iter().position(|known| known.shape == plan.shape);
                        fitting.push(Fitting {
                            board: index,
                            plan: known.unwrap_or(plans.len()),
                        });
                        if known.is_none() {
                            plans.push(plan);
                        }
                    }
                    Err(reason) => space.infeasible.push(infeasible(board, lanes, reason)),
                }
            }
        }
        let work = load.work(&plans, progress)?;
        (space.samples, space.learned) = (work.samples, work.learned);
        for Fitting { board, plan } in fitting {
            let (mean, plan) = (work.mean(plan), &plans[plan]);
            match Candidate::new(plan, boards[board], mean) {
                Ok(candidate) => found.push((board, candidate)),
                Err(reason) => {
                    let lanes = plan.shape.lanes;
                    space
                        .infeasible
                        .push(infeasible(boards[board], lanes, reason));
                }
            }
        }
    }
    // Stable: a board's candidates stay in the order of formats and lanes.
    found.sort_by_key(|&(board, _)| board);
    space.candidates = found.into_iter().map(|(_, candidate)| candidate).collect();
    space.estimate_ms = start.elapsed().as_secs_f64() * 1e3;
    Ok(space)
}

/// The plan of a load with `lanes` lanes on a board; why not, where it does not fit.
fn fits(load: &Load, board: &Board, lanes: usize) -> Result<Plan, String> {
    let network = board.host(&load.network);
    let plan = Plan::new(&network, lanes).map_err(|error| error.to_string())?;
    let uses = estimate::fits(&plan, board);
    match uses.iter().find(|resource| !resource.fits()) {
        None => Ok(plan),
        Some(short) => Err(format!(
            "{} {} needed, {} there",
            short.needed, short.name, short.available
        )),
    }
}

/// The lanes that hardware can have.
pub const LANES: [usize; LANE_MENU.len()] = LANE_MENU;

impl Candidate {
    /// A plan on a board, with what a sample costs.
    fn new(plan: &Plan, board: &Board, mean: Mean) -> Result<Self, String> {
        let lanes = plan.shape.lanes;
        let uses = estimate::fits(plan, board);
        let share = |needed: usize, available: usize| needed as f64 / available.max(1) as f64;
        let fullest = (uses.iter())
            .max_by(|a, b| share(a.needed, a.available).total_cmp(&share(b.needed, b.available)))
            .expect("a device has resources");
        let found = estimate::estimate(plan, board);
        let fmax = estimate::engine_mhz(board, lanes);
        let clock = EngineClock::at_most(board, fmax * 1e6)
            .ok_or_else(|| format!("no clock of at most {fmax:.1} MHz"))?;
        Ok(Candidate {
            board: board.name.clone(),
            device: board.device.part.clone(),
            lanes,
            weight_bits: plan.network.formats.weight_bits,
            cycles_per_sample: mean.busy,
            stream_cycles_per_sample: mean.stream,
            array_use: mean.products / (mean.busy * lanes as f64),
            luts: found.luts,
            ffs: found.ffs,
            block_rams: found.block_rams,
            dsps: found.dsps,
            fullest: fullest.name,
            fullest_share: share(fullest.needed, fullest.available),
            fmax_mhz: fmax,
            clock_mhz: clock.mhz(),
            stream_samples_per_second: clock.hz / mean.stream,
            roofline_samples_per_second: fmax * 1e6 * lanes as f64 / mean.products,
            measured: None,
        })
    }

    /// Look-up tables or logic cells, measured where it was built, estimated elsewhere.
    pub fn logic(&self) -> usize {
        self.measured.as_ref().map_or(self.luts, |m| m.luts)
    }

    /// Samples a second, measured where it was built, estimated elsewhere.
    pub fn speed(&self) -> f64 {
        let measured = self.measured.as_ref();
        measured.map_or(self.stream_samples_per_second, |m| {
            m.stream_samples_per_second
        })
    }
}
