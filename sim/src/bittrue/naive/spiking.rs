//! Rules S1–S4 as one reads them, for tests: all units in one list, any two have one weight.

use super::{Naive, Recorder, States};
use crate::bittrue::{MembraneWrite, Phase, Sample};
use hdl::config::{Nudging, Spiking};

/// All free units after a step: v, z, and who fired.
#[derive(Clone, Debug, Default, PartialEq)]
struct Neurons {
    v: Vec<Vec<i128>>,
    z: Vec<Vec<i128>>,
    fired: Vec<Vec<bool>>,
}

/// What a spiking run leaves beside its events.
#[derive(Debug, Default, PartialEq)]
pub(in crate::bittrue) struct SpikingRun {
    /// States at the end of each phase, the input in layer 0.
    pub(in crate::bittrue) ends: Vec<States>,
    pub(in crate::bittrue) learned: bool,
    pub(in crate::bittrue) spikes: u64,
    pub(in crate::bittrue) synaptic_operations: u64,
}

impl Naive<'_> {
    /// A sample with the given σ of the first nudged phase.
    pub(in crate::bittrue) fn run_spiking(
        &self,
        sample: &Sample,
        sign: i32,
        told: &mut Recorder,
    ) -> SpikingRun {
        let Spiking { steps, .. } = self.network.spiking().expect("a spiking network");
        let threshold = 1i128 << self.network.formats.weight_fraction;
        let layers = &self.network.layers;
        let mut run = SpikingRun::default();
        let mut free = Neurons {
            v: layers
                .iter()
                .map(|l| vec![threshold / 2; l.units])
                .collect(),
            z: layers.iter().map(|l| vec![0; l.units]).collect(),
            fired: layers.iter().map(|l| vec![false; l.units]).collect(),
        };
        let symmetric = self.network.phases.nudging == Nudging::Symmetric;
        let plan = match symmetric {
            true => &[
                (Phase::Free, 0),
                (Phase::Nudged, 1),
                (Phase::NudgedMinus, -1),
            ][..],
            false => &[(Phase::Free, 0), (Phase::Nudged, sign)],
        };
        for (j, _) in sample.input.iter().enumerate().filter(|(_, &x)| x > 0) {
            run.synaptic_operations += self.reached(0, j);
        }
        for &(phase, sign) in plan {
            let mut now = free.clone();
            told.starts.push((phase, sign, counts(sample, &now)));
            for step in 0..steps {
                for (layer, fired) in now.fired.iter().enumerate() {
                    for (unit, _) in fired.iter().enumerate().filter(|(_, &fired)| fired) {
                        run.synaptic_operations += self.reached(layer, unit);
                    }
                }
                now = self.stepped(&now, sample, sign, |layer, unit, after| {
                    told.membranes.push(MembraneWrite {
                        phase,
                        step,
                        layer,
                        unit,
                        membrane: after.v[layer][unit] as i32,
                        trace: after.z[layer][unit] as i32,
                        fires: after.fired[layer][unit],
                    });
                });
                run.spikes += now.fired.iter().flatten().filter(|&&fired| fired).count() as u64;
                told.steps.push((phase, step, counts(sample, &now)));
            }
            let mut states: States = (now.z.iter())
                .map(|layer| layer.iter().map(|z| (z >> 4) as u16).collect())
                .collect();
            states[0].clone_from(&sample.input);
            run.ends.push(states);
            if phase == Phase::Free {
                free = now;
            }
        }
        let (p, q) = (&run.ends[1], &run.ends[if symmetric { 2 } else { 0 }]);
        run.learned = p.last() != q.last();
        run
    }

    /// S2 for every unit; `told` sees each.
    fn stepped(
        &self,
        old: &Neurons,
        sample: &Sample,
        sign: i32,
        mut told: impl FnMut(usize, usize, &Neurons),
    ) -> Neurons {
        let formats = self.network.formats;
        let (f, g) = (formats.state_fraction, formats.weight_fraction);
        let spiking = self.network.spiking().expect("a spiking network");
        let threshold = 1i128 << g;
        let mut new = old.clone();
        for layer in 1..old.v.len() {
            for unit in 0..old.v[layer].len() {
                let weights = &self.weights[layer][unit];
                let drive: i128 = (weights[0].iter().zip(&sample.input))
                    .map(|(w, &x)| w * i128::from(x))
                    .sum();
                let one = 1i128 << f;
                let current =
                    (2 * (drive + self.biases[layer][unit] * one) + one).div_euclid(2 * one);
                let mut input = current;
                for (weights, fired) in weights.iter().zip(&old.fired).skip(1) {
                    for (weight, _) in weights.iter().zip(fired).filter(|(_, &fired)| fired) {
                        input += weight;
                    }
                }
                if layer == self.network.output() {
                    let gap = i128::from(sample.target[unit]) * 16 - old.z[layer][unit];
                    let divisor = 1i128 << (self.network.phases.beta_shift + f + 4 - g);
                    input += i128::from(sign) * gap.div_euclid(divisor);
                }
                let mut v = old.v[layer][unit] + input;
                if spiking.leak_shift > 0 {
                    v -= old.v[layer][unit].div_euclid(1 << spiking.leak_shift);
                }
                let fires = v >= threshold;
                if fires {
                    v -= threshold;
                }
                let z = old.z[layer][unit];
                let towards = if fires { 16 * one } else { 0 };
                new.v[layer][unit] = v.clamp(-threshold, 2 * threshold);
                new.z[layer][unit] = z + (towards - z).div_euclid(1 << spiking.trace_shift);
                new.fired[layer][unit] = fires;
                told(layer, unit, &new);
            }
        }
        new
    }

    /// Free units that a unit has a weight to.
    fn reached(&self, layer: usize, unit: usize) -> u64 {
        let joined = |other: usize| {
            let mut blocks = self.network.blocks.iter();
            blocks.any(|block| (block.a, block.b) == (layer.min(other), layer.max(other)))
        };
        let free = (1..self.network.layers.len()).filter(|&other| joined(other));
        free.map(|other| {
            let units = 0..self.network.layers[other].units;
            units.filter(|&to| (layer, unit) != (other, to)).count() as u64
        })
        .sum()
    }
}

/// Spikes per layer, non-zero inputs in layer 0.
fn counts(sample: &Sample, now: &Neurons) -> Vec<u32> {
    let fired = |layer: &Vec<bool>| layer.iter().filter(|&&fired| fired).count() as u32;
    let mut counts: Vec<u32> = now.fired.iter().map(fired).collect();
    counts[0] = sample.input.iter().filter(|&&x| x > 0).count() as u32;
    counts
}
