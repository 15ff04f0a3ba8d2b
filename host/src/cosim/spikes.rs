//! One sample of spiking units as a picture: raster, traces and a membrane.

use std::cmp::Reverse;
use std::ops::Range;
use std::path::{Path, PathBuf};

use hdl::config::{Network, TRACE_EXTRA_BITS};
use sim::bittrue::{lsb, BitTrue, Mode, Phase, Sample};
use sim::raster::{Raster, UnitStep};
use sim::wave::WaveError;
use sim::weights::Weights;

use crate::report::raster::{
    raster_plot, MembraneCurve, PhaseSteps, RasterData, RasterLayer, TraceCurve,
};

/// Units of one layer that the raster shows, and units whose traces are drawn.
const ROWS: usize = 64;
const OUTPUTS: usize = 4;
const HIDDEN: usize = 4;

/// What is plotted: a sample, the weights that it meets, whether nudged phases follow the free one,
/// and the random state that draws the sign of the nudge.
pub struct Subject<'a> {
    pub network: &'a Network,
    pub weights: &'a Weights,
    pub sample: &'a Sample,
    pub nudged: bool,
    pub random: u32,
}

/// Runs the sample in the bit-true model, which is what hardware in lockstep does bit for bit, and
/// plots it as `path`.svg and `path`.png.
///
/// # Errors
/// A file cannot be written.
pub fn plot(subject: &Subject, title: String, path: &Path) -> Result<[PathBuf; 2], WaveError> {
    raster_plot(&data(subject, title), path)
}

fn data(subject: &Subject, title: String) -> RasterData {
    let network = subject.network;
    let mut model = BitTrue::new(network);
    model.load(subject.weights);
    let mode = match subject.nudged {
        true => Mode::Nudge,
        false => Mode::Infer,
    };
    let (raster, outcome) =
        Raster::record(network, &mut model, subject.sample, mode, subject.random);
    let activity = outcome.activity.unwrap_or_default();
    let output = network.output();
    let output_name = &network.layers[output].name;
    RasterData {
        title,
        subtitle: format!(
            "{} spikes, {} synaptic operations; answer: {output_name} {}. \
             Marks at the right edge: targets.",
            activity.spikes, activity.synaptic_operations, outcome.answer
        ),
        phases: (raster.phases.iter())
            .map(|phase| PhaseSteps {
                name: match phase.sign {
                    -1 if phase.phase == Phase::Nudged => "nudged phase at −β".to_owned(),
                    _ => phase.phase.to_string(),
                },
                steps: phase.steps.len(),
            })
            .collect(),
        layers: (1..=output)
            .rev()
            .map(|layer| rows(network, &raster, layer))
            .collect(),
        traces: (traced(network, &raster).into_iter())
            .map(|place| trace(subject, &raster, place))
            .collect(),
        membrane: membrane(
            network,
            &raster,
            liveliest(network, &raster, 1..output + 1)[0],
        ),
    }
}

/// One unit through all phases.
fn steps(raster: &Raster, (layer, unit): (usize, usize)) -> impl Iterator<Item = UnitStep> + '_ {
    let position = raster.position(layer, unit);
    let steps = raster.phases.iter().flat_map(|phase| &phase.steps);
    steps.map(move |step| step[position])
}

fn fired(raster: &Raster, place: (usize, usize)) -> Vec<usize> {
    let steps = steps(raster, place).enumerate();
    steps
        .filter(|(_, step)| step.fires)
        .map(|(index, _)| index)
        .collect()
}

/// A layer's first units.
fn rows(network: &Network, raster: &Raster, layer: usize) -> RasterLayer {
    let units = network.layers[layer].units.min(ROWS);
    RasterLayer {
        name: network.layers[layer].name.clone(),
        units: (0..units)
            .map(|unit| fired(raster, (layer, unit)))
            .collect(),
    }
}

/// The way that a unit's trace goes up and down: long for one that fires at times.
fn way(raster: &Raster, place: (usize, usize)) -> u32 {
    let traces: Vec<i32> = steps(raster, place).map(|step| step.trace).collect();
    traces
        .windows(2)
        .map(|pair| pair[0].abs_diff(pair[1]))
        .sum()
}

/// Units of these layers, those with the longest ways first.
fn liveliest(network: &Network, raster: &Raster, layers: Range<usize>) -> Vec<(usize, usize)> {
    let places = layers.flat_map(|layer| (0..network.layers[layer].units).map(move |u| (layer, u)));
    let mut places: Vec<_> = places.collect();
    places.sort_by_key(|&place| (Reverse(way(raster, place)), place));
    places
}

/// The liveliest outputs and hidden units.
fn traced(network: &Network, raster: &Raster) -> Vec<(usize, usize)> {
    let output = network.output();
    let outputs = liveliest(network, raster, output..output + 1);
    let hidden = liveliest(network, raster, 1..output);
    let mut places: Vec<_> = (outputs.into_iter().take(OUTPUTS))
        .chain(hidden.into_iter().take(HIDDEN))
        .collect();
    places.sort_unstable_by_key(|&(layer, unit)| (Reverse(layer), unit));
    places
}

fn trace(subject: &Subject, raster: &Raster, place: (usize, usize)) -> TraceCurve {
    let (layer, unit) = place;
    let network = subject.network;
    let fraction = network.formats.state_fraction;
    let nudged = layer == network.output() && subject.nudged;
    TraceCurve {
        label: format!("{} {unit}", network.layers[layer].name),
        values: steps(raster, place)
            .map(|step| f64::from(step.trace) * lsb(fraction + TRACE_EXTRA_BITS))
            .collect(),
        target: nudged.then(|| f64::from(subject.sample.target[unit]) * lsb(fraction)),
    }
}

fn membrane(network: &Network, raster: &Raster, place: (usize, usize)) -> MembraneCurve {
    let (layer, unit) = place;
    MembraneCurve {
        label: format!("{} {unit}", network.layers[layer].name),
        values: steps(raster, place)
            .map(|step| f64::from(step.membrane) * lsb(network.formats.weight_fraction))
            .collect(),
        fired: fired(raster, place),
    }
}
