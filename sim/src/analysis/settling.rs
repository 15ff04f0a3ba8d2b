//! Sweeps until each phase settles, over the data.

use serde::Serialize;

use super::runs::Source;
use super::watch::Watched;
use crate::bittrue::Phase;

/// How phases settled.
#[derive(Clone, Debug, Serialize)]
pub struct Settling {
    pub source: Source,
    pub samples: usize,
    pub phases: Vec<PhaseSettling>,
    /// Every phase that `max_sweeps` ended.
    pub unsettled: Vec<Unsettled>,
    /// Share of samples whose free phase did not settle.
    pub unsettled_free: f64,
}

/// One phase over all samples.
#[derive(Clone, Debug, Serialize)]
pub struct PhaseSettling {
    pub phase: String,
    /// Samples that took 1, 2, … sweeps.
    pub counts: Vec<usize>,
    pub mean: f64,
    pub longest: u32,
}

/// A phase that ended moving.
#[derive(Clone, Debug, Serialize)]
pub struct Unsettled {
    /// Index into the data.
    pub sample: usize,
    pub phase: String,
}

/// Collects the sweeps of samples.
#[derive(Default)]
pub struct Collector {
    sweeps: [Vec<u32>; 3],
    unsettled: Vec<Unsettled>,
    unsettled_free: usize,
    samples: usize,
}

impl Collector {
    pub fn add(&mut self, run: &Watched) {
        self.samples += 1;
        for outcome in run.outcome.phases() {
            self.sweeps[outcome.phase as usize].push(outcome.sweeps);
            if !outcome.settled {
                self.unsettled_free += usize::from(outcome.phase == Phase::Free);
                self.unsettled.push(Unsettled {
                    sample: run.index,
                    phase: outcome.phase.to_string(),
                });
            }
        }
    }

    pub fn finish(self, source: Source) -> Settling {
        let phases = Phase::ALL.iter().zip(&self.sweeps);
        let phases = phases.filter(|(_, sweeps)| !sweeps.is_empty());
        Settling {
            source,
            samples: self.samples,
            phases: phases
                .map(|(phase, sweeps)| {
                    let longest = sweeps.iter().copied().max().unwrap_or(0);
                    let mut counts = vec![0; longest as usize];
                    for &sweeps in sweeps {
                        counts[sweeps as usize - 1] += 1;
                    }
                    PhaseSettling {
                        phase: phase.to_string(),
                        counts,
                        mean: sweeps.iter().sum::<u32>() as f64 / sweeps.len() as f64,
                        longest,
                    }
                })
                .collect(),
            unsettled_free: self.unsettled_free as f64 / self.samples.max(1) as f64,
            unsettled: self.unsettled,
        }
    }
}
