//! `--build`: candidates through the real flow, several at a time.

use std::sync::mpsc::channel;
use std::thread;

use hdl::board::Board;
use hdl::config::Lanes;
use rayon::prelude::*;
use serde::Serialize;
use sim::data::Given;
use sim::progress::Progress;

use super::Candidate;
use crate::cmd::build::{build, claim, Built, ClockChoice};
use crate::cosim::Workload;
use crate::error::Failure;
use crate::output::Printer;
use crate::resolve::Resolved;

/// What the real flow made of a candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    pub fmax_mhz: f64,
    pub clock_mhz: f64,
    pub stream_samples_per_second: f64,
    /// Logic cells (iCE40) or look-up tables, and flip-flops, as placed.
    pub luts: usize,
    pub ffs: usize,
    /// Estimate over measurement, less 1.
    pub luts_error: f64,
    pub ffs_error: f64,
    pub fmax_error: f64,
    pub leans_on_untimed: bool,
}

impl Measured {
    fn new(candidate: &Candidate, built: &Built) -> Measured {
        let flow = &built.flow;
        let logic = flow
            .utilization
            .iter()
            .find(|used| ["logic cells", "LUTs"].contains(&used.name.as_str()));
        let luts = logic.map_or(flow.luts, |used| used.used);
        let fmax_mhz = flow.fmax_mhz.unwrap_or(0.0);
        let error = |estimated: f64, measured: f64| estimated / measured - 1.0;
        Measured {
            fmax_mhz,
            clock_mhz: built.clock.mhz(),
            stream_samples_per_second: built.clock.hz / candidate.stream_cycles_per_sample,
            luts,
            ffs: flow.ffs,
            luts_error: error(candidate.luts as f64, luts as f64),
            ffs_error: error(candidate.ffs as f64, flow.ffs as f64),
            fmax_error: error(candidate.fmax_mhz, fmax_mhz),
            leans_on_untimed: flow.leans_on_untimed,
        }
    }
}

/// Builds each candidate, as many at a time as there are cores; earlier builds are reused. A candidate that fails
/// gives its error.
pub fn measure(
    resolved: &Resolved,
    candidates: &[&Candidate],
    seeds: &[u32],
    progress: &dyn Progress,
) -> Vec<Result<Measured, Failure>> {
    progress.start("building", candidates.len() as u64, "designs");
    let (sender, finished) = channel();
    let each = |sender: &mut std::sync::mpsc::Sender<()>, candidate: &&Candidate| {
        let measured = one(resolved, candidate, seeds);
        // The receiver lives until every sender is gone.
        let _ = sender.send(());
        measured
    };
    let results = thread::scope(|scope| {
        let building = scope.spawn(move || candidates.par_iter().map_with(sender, each).collect());
        for done in 1.. {
            if finished.recv().is_err() {
                break;
            }
            progress.reach(done);
        }
        building
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    });
    progress.finish();
    results
}

fn one(resolved: &Resolved, candidate: &Candidate, seeds: &[u32]) -> Result<Measured, Failure> {
    let mut network = Board::load(&candidate.board)?.host(&resolved.network);
    network.engine.lanes = Lanes::Count(candidate.lanes);
    if candidate.weight_bits != network.formats.weight_bits {
        network.formats = network.formats.with_weight_bits(candidate.weight_bits);
    }
    let folder = format!("P{}-{}bit", candidate.lanes, candidate.weight_bits);
    let resolved = Resolved {
        network,
        warnings: vec![],
        folder: resolved.folder.clone(),
        out: resolved.out.join("explore").join(folder),
    };
    let workload = Workload::new(&resolved, Given::default(), 1)?;
    let built = build(
        &resolved,
        &workload,
        seeds,
        ClockChoice::Fastest,
        &claim(&resolved)?,
        &Printer::silent(),
    )?;
    Ok(Measured::new(candidate, &built))
}
