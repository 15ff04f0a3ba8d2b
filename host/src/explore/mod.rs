//! Every way to build a network: lanes, weight formats and boards, with predicted cycles, estimated resources
//! and speed. Nothing here needs a simulator or a synthesis tool.

mod choice;
mod measure;

use std::time::Instant;

use hdl::arch::schedule::Trace;
use hdl::arch::{estimate, Plan};
use hdl::board::Board;
use hdl::clocking::EngineClock;
use hdl::config::{Network, LANE_MENU};
use serde::Serialize;
use sim::bittrue::{BitTrue, Mode, Xorshift};
use sim::data::{Dataset, Shuffled};
use sim::lockstep::Record;
use sim::weights::Weights;

pub use choice::{recommend, Recommendation};
pub use measure::{measure, Measured};

/// What a sample of the network does, whatever hardware it runs on.
pub struct Load {
    pub network: Network,
    traces: Vec<Trace>,
}

/// One way to build the network that fits its board.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    pub board: String,
    pub device: String,
    pub lanes: usize,
    pub weight_bits: u32,
    /// Mean over the samples, predicted.
    pub cycles_per_sample: f64,
    /// Share of all multiplier cycles that multiply a real weight by a state that is not zero.
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
    pub samples_per_second: f64,
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
    pub estimate_ms: f64,
}

impl Load {
    /// Runs the first samples of the seeded order through the bit-true model from `weights`: what they do, not
    /// how long it takes, so that one run serves every number of lanes.
    pub fn new(
        network: Network,
        weights: &Weights,
        data: &Dataset,
        samples: usize,
        mode: Mode,
    ) -> Load {
        let mut model = BitTrue::new(&network);
        model.load(weights);
        let mut rng = Xorshift::seed(network.seed);
        let mut record = Record::new(&network);
        let traces = Shuffled::new(data.len(), network.seed)
            .take(samples)
            .map(|index| {
                record.clear();
                let sample = data.sample(index, network.formats.state_fraction);
                model.run(&sample, mode, &mut rng, &mut record);
                record.trace.clone()
            })
            .collect();
        Load { network, traces }
    }

    /// Mean cycles and products of a sample on the hardware of a plan.
    fn mean(&self, plan: &Plan) -> (f64, f64) {
        let costs = self.traces.iter().map(|trace| plan.predict(trace, true));
        let (cycles, products) = costs.fold((0, 0), |(cycles, products), cost| {
            (cycles + cost.cycles, products + cost.products)
        });
        let samples = self.traces.len().max(1) as f64;
        (cycles as f64 / samples, products as f64 / samples)
    }

    /// The network with `lanes` lanes on a board.
    fn candidate(&self, board: &Board, lanes: usize) -> Result<Candidate, String> {
        let network = board.host(&self.network);
        let plan = Plan::new(&network, lanes).map_err(|error| error.to_string())?;
        let uses = estimate::fits(&plan, board);
        if let Some(short) = uses.iter().find(|resource| !resource.fits()) {
            return Err(format!(
                "{} of {} {}",
                short.needed, short.available, short.name
            ));
        }
        let share = |needed: usize, available: usize| needed as f64 / available.max(1) as f64;
        let fullest = (uses.iter())
            .max_by(|a, b| share(a.needed, a.available).total_cmp(&share(b.needed, b.available)))
            .expect("a device has resources");
        let found = estimate::estimate(&plan, board);
        let (cycles, products) = self.mean(&plan);
        let fmax = estimate::engine_mhz(board, lanes);
        let clock = EngineClock::at_most(board, fmax * 1e6)
            .ok_or_else(|| format!("no clock of at most {fmax:.1} MHz"))?;
        Ok(Candidate {
            board: board.name.clone(),
            device: board.device.clone(),
            lanes,
            weight_bits: self.network.formats.weight_bits,
            cycles_per_sample: cycles,
            array_use: products / (cycles * lanes as f64),
            luts: found.luts,
            ffs: found.ffs,
            block_rams: found.block_rams,
            dsps: found.dsps,
            fullest: fullest.name,
            fullest_share: share(fullest.needed, fullest.available),
            fmax_mhz: fmax,
            clock_mhz: clock.mhz(),
            samples_per_second: clock.hz / cycles,
            roofline_samples_per_second: fmax * 1e6 * lanes as f64 / products,
            measured: None,
        })
    }
}

/// Every number of lanes of the menu, on every board, for every load (one a format).
pub fn space(loads: &[Load], boards: &[&Board], lanes: &[usize]) -> Space {
    let start = Instant::now();
    let mut space = Space::default();
    for board in boards {
        for load in loads {
            for &lanes in lanes {
                match load.candidate(board, lanes) {
                    Ok(candidate) => space.candidates.push(candidate),
                    Err(reason) => space.infeasible.push(Infeasible {
                        board: board.name.clone(),
                        lanes,
                        weight_bits: load.network.formats.weight_bits,
                        reason,
                    }),
                }
            }
        }
    }
    space.estimate_ms = start.elapsed().as_secs_f64() * 1e3;
    space
}

/// The lanes that hardware can have.
pub const LANES: [usize; LANE_MENU.len()] = LANE_MENU;

impl Candidate {
    /// Measured where it was built, estimated elsewhere.
    pub fn speed(&self) -> f64 {
        (self.measured.as_ref()).map_or(self.samples_per_second, |m| m.samples_per_second)
    }
}
