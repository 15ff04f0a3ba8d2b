//! How samples settle: every state after every sweep, in either model.

use hdl::config::{Network, Nudging};

use crate::bittrue::{state_to_real, BitTrue, Mode, Phase, Sample, Xorshift};
use crate::golden::{Golden, Reals, Runner, Trajectory};
use crate::lockstep::Record;
use crate::progress::Progress;
use crate::weights::Weights;

/// One sample's way to rest.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// What is clamped, and what a nudge pulls towards, 0…1.
    pub input: Vec<f64>,
    pub target: Vec<f64>,
    /// The phases in the order in which they ran.
    pub phases: Vec<Settling>,
}

/// One phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Settling {
    pub phase: Phase,
    /// 0 in the free phase, the sign of β in a nudged one.
    pub sign: i32,
    /// States of all free units, 0…1, layer after layer from layer 1 on, after each sweep; of spiking units their
    /// traces after each time step.
    pub states: Vec<Vec<f64>>,
}

/// Samples in the bit-true model, one after another; `mode` must not learn. Signs are drawn as a run that begins here
/// draws them.
pub fn bittrue(
    network: &Network,
    weights: &Weights,
    samples: impl ExactSizeIterator<Item = Sample>,
    mode: Mode,
    progress: &dyn Progress,
) -> Vec<Settled> {
    let fraction = network.formats.state_fraction;
    let mut model = BitTrue::new(network);
    model.load(weights);
    let mut rng = Xorshift::seed(network.seed);
    let mut record = Record::new(network);
    told(samples, progress, |sample| {
        record.clear();
        model.run(sample, mode, &mut rng, &mut record);
        let phases = Phase::ALL
            .into_iter()
            .zip(&record.signs)
            .zip(&record.states);
        let phases = phases.map(|((phase, &sign), sweeps)| Settling {
            phase,
            sign,
            states: sweeps.iter().map(|states| real(states, fraction)).collect(),
        });
        settled(sample, fraction, phases.collect())
    })
}

/// Samples in the golden model, with the signs that the bit-true one draws.
pub fn golden(
    network: &Network,
    weights: &Reals,
    samples: impl ExactSizeIterator<Item = Sample>,
    mode: Mode,
    progress: &dyn Progress,
) -> Vec<Settled> {
    let fraction = network.formats.state_fraction;
    let mut runner = Runner::with_golden(network, Golden::with_reals(network, weights));
    let mut rng = Xorshift::seed(network.seed);
    told(samples, progress, |sample| {
        let sign = match (mode, network.phases.nudging) {
            (Mode::Nudge, Nudging::RandomSign) => rng.draw_sign(),
            _ => 1,
        };
        let run = Trajectory::record(&mut runner, sample, mode, sign);
        let signs = [0, sign, -1];
        let phases = Phase::ALL
            .into_iter()
            .zip(signs)
            .map(|(phase, sign)| Settling {
                phase,
                sign,
                states: (run.phase(phase).skip(1))
                    .map(|point| point.states[1..].iter().flatten().copied().collect())
                    .collect(),
            });
        let ran = phases.filter(|phase| !phase.states.is_empty());
        settled(sample, fraction, ran.collect())
    })
}

fn told(
    samples: impl ExactSizeIterator<Item = Sample>,
    progress: &dyn Progress,
    mut settle: impl FnMut(&Sample) -> Settled,
) -> Vec<Settled> {
    progress.start("settling", samples.len() as u64, "samples");
    let each = samples.enumerate().map(|(index, sample)| {
        progress.reach(index as u64);
        settle(&sample)
    });
    let all = each.collect();
    progress.finish();
    all
}

fn settled(sample: &Sample, fraction: u32, phases: Vec<Settling>) -> Settled {
    Settled {
        input: real(&sample.input, fraction),
        target: real(&sample.target, fraction),
        phases,
    }
}

fn real(states: &[u16], fraction: u32) -> Vec<f64> {
    states
        .iter()
        .map(|&state| state_to_real(state, fraction))
        .collect()
}
