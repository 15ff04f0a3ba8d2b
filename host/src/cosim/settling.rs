//! One sample's settling as a plot: the hardware's states on the golden model's curves.

use std::path::{Path, PathBuf};

use hdl::config::Network;
use sim::bittrue::{state_to_real, Mode, Phase, Sample, Xorshift};
use sim::golden::{Point, Runner, Trajectory};
use sim::lockstep::Lockstep;
use sim::weights::Weights;

use super::spikes::{self, Subject};
use crate::report::settling::{settling_plot, PhaseSpan, PlotError, Series, SettlingData};

/// Hidden units that are drawn beside the outputs.
const HIDDEN: usize = 4;
/// Outputs that are drawn.
const OUTPUTS: usize = 6;

/// Plots the last sample that `lockstep` ran as `path`.svg and `path`.png; of spiking units it must
/// be the first.
///
/// # Errors
/// A file cannot be written.
pub fn plot(
    lockstep: &Lockstep,
    weights: &Weights,
    sample: &Sample,
    title: String,
    path: &Path,
) -> Result<[PathBuf; 2], PlotError> {
    let network = &lockstep.plan().network;
    if network.spiking().is_some() {
        let subject = Subject {
            network,
            weights,
            sample,
            nudged: lockstep.record().signs.len() > 1,
            // The first sample's sign is the first draw.
            random: Xorshift::seed(network.seed).state(),
        };
        return Ok(spikes::plot(&subject, title, path)?);
    }
    settling_plot(&data(lockstep, weights, sample, title), path)
}

fn data(lockstep: &Lockstep, weights: &Weights, sample: &Sample, title: String) -> SettlingData {
    let network = &lockstep.plan().network;
    let record = lockstep.record();
    let sign = record.signs.get(1).copied().unwrap_or(1);
    let mode = if record.signs.len() > 1 {
        Mode::Nudge
    } else {
        Mode::Infer
    };
    let mut runner = Runner::new(network, weights);
    let golden = Trajectory::record(&mut runner, sample, mode, sign);
    let hardware = hardware(lockstep, network);
    let points = points(&golden, &hardware);

    let fraction = network.formats.state_fraction;
    let series = units(network, &hardware).into_iter().map(|(layer, unit)| {
        let position = record.position(layer, unit);
        Series {
            label: format!("{} {unit}", network.layers[layer].name),
            hardware: (hardware.iter().flatten())
                .map(|states| state_to_real(states[position], fraction))
                .collect(),
            golden: points.iter().map(|p| p.states[layer][unit]).collect(),
        }
    });
    SettlingData {
        title,
        series: series.collect(),
        phases: (Phase::ALL.iter().zip(&hardware))
            .map(|(phase, sweeps)| PhaseSpan {
                name: phase.to_string(),
                sweeps: sweeps.len() - 1,
            })
            .collect(),
        energy: points.iter().map(|p| p.energy).collect(),
        total_energy: (points.iter())
            .map(|p| (p.phase != Phase::Free).then_some(p.total_energy))
            .collect(),
    }
}

/// The hardware's states of each phase: those it starts from, then those after every sweep.
fn hardware(lockstep: &Lockstep, network: &Network) -> Vec<Vec<Vec<u16>>> {
    let free = lockstep.states()[0].last();
    let zero = vec![0; network.free_units()];
    (lockstep.states().iter().enumerate())
        .map(|(phase, sweeps)| {
            let start = if phase == 0 { Some(&zero) } else { free };
            start.into_iter().chain(sweeps).cloned().collect()
        })
        .collect()
}

/// The golden points beside the hardware's: a phase that settled earlier rests where it is.
fn points<'a>(golden: &'a Trajectory, hardware: &[Vec<Vec<u16>>]) -> Vec<&'a Point> {
    (Phase::ALL.into_iter().zip(hardware))
        .flat_map(|(phase, sweeps)| {
            let own: Vec<&Point> = golden.phase(phase).collect();
            (0..sweeps.len())
                .filter_map(move |i| own.get(i.min(own.len().checked_sub(1)?)).copied())
        })
        .collect()
}

/// The outputs and the hidden units that moved most.
fn units(network: &Network, hardware: &[Vec<Vec<u16>>]) -> Vec<(usize, usize)> {
    let mut first = 0;
    let mut moves = vec![];
    for (layer, shape) in network.layers.iter().enumerate().skip(1) {
        for unit in 0..shape.units {
            let states = || hardware.iter().flatten().map(|states| states[first + unit]);
            let range = states().max().unwrap_or(0) - states().min().unwrap_or(0);
            moves.push((range, layer, unit));
        }
        first += shape.units;
    }
    moves.sort_by_key(|&(range, layer, unit)| (std::cmp::Reverse(range), layer, unit));
    let pick = |output: bool, most: usize| {
        (moves.iter())
            .filter(move |(_, layer, _)| (*layer == network.output()) == output)
            .take(most)
            .map(|&(_, layer, unit)| (layer, unit))
    };
    let mut units: Vec<_> = pick(true, OUTPUTS).chain(pick(false, HIDDEN)).collect();
    units.sort_unstable_by_key(|&(layer, unit)| (std::cmp::Reverse(layer), unit));
    units
}
