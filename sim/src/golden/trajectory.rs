//! What happened to one sample in the golden model, sweep by sweep, with the energies.

use super::Runner;
use crate::bittrue::{Mode, Phase, Sample};
use ndarray::Array1;

/// The states before a phase's first sweep or after a later one; of spiking units their traces
/// around a time step, which no energy is known to bind.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub phase: Phase,
    /// 0 before the first sweep, then the number of sweeps done.
    pub sweep: u32,
    /// All layers, the input included.
    pub states: Vec<Array1<f64>>,
    /// E.
    pub energy: f64,
    /// C, against the sample's target, in free phases too.
    pub cost: f64,
    /// E + σβC, which this phase descends.
    pub total_energy: f64,
}

/// All points of one sample, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    pub points: Vec<Point>,
}

impl Trajectory {
    /// Runs a sample, as [`Runner::run`] does, and keeps every point.
    pub fn record(runner: &mut Runner, sample: &Sample, mode: Mode, sign: i32) -> Self {
        let mut target = Array1::zeros(sample.target.len());
        runner.golden().set_raw(&mut target, &sample.target);
        let mut points = Vec::new();
        runner.run(sample, mode, sign, |watched| {
            let (golden, states) = (watched.golden, watched.states);
            points.push(Point {
                phase: watched.phase,
                sweep: watched.sweep,
                states: states.to_vec(),
                energy: golden.energy(states),
                cost: golden.cost(states, &target),
                total_energy: golden.total_energy(states, watched.nudge),
            });
        });
        Self { points }
    }

    /// The points of one phase.
    pub fn phase(&self, phase: Phase) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(move |point| point.phase == phase)
    }
}
