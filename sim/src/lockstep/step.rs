//! One golden step from the hardware's own states, for every write (design §3).

use crate::bittrue::{state_to_real, Mode, Phase, Sample};
use crate::golden::{Golden, Nudge, Runner};
use crate::weights::Weights;
use hdl::config::{Network, Order};
use ndarray::Array1;

/// The golden model with room for the hardware's states.
pub struct GoldenSteps {
    pub(super) golden: Golden,
    runner: Runner,
    pub(super) network: Network,
    pub(super) old: Vec<Array1<f64>>,
    new: Vec<Array1<f64>>,
    pub(super) target: Array1<f64>,
}

/// A state and one golden step from the states before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub phase: usize,
    pub sweep: usize,
    pub layer: usize,
    pub unit: usize,
    pub golden: f64,
    pub state: f64,
}

/// The write that lies farthest from a golden step.
#[derive(Clone, Copy, Debug, Default)]
pub struct Worst {
    pub error: f64,
    /// Phase, sweep, layer, unit.
    pub at: (usize, usize, usize, usize),
    /// Largest distance between the settled free states of hardware and golden model.
    pub distance: f64,
}

impl GoldenSteps {
    /// Steps and runs with these weights.
    pub fn new(network: &Network, weights: &Weights) -> GoldenSteps {
        let zeros = Golden::zero_states(network);
        let outputs = network.layers[network.output()].units;
        GoldenSteps {
            golden: Golden::new(network, weights),
            runner: Runner::new(network, weights),
            network: network.clone(),
            old: zeros.clone(),
            new: zeros,
            target: Array1::zeros(outputs),
        }
    }

    /// Takes new weights.
    pub fn load(&mut self, network: &Network, weights: &Weights) {
        self.golden = Golden::new(network, weights);
        self.runner = Runner::new(network, weights);
    }

    /// Compares `states` (phase, sweep, free unit) with golden steps.
    pub fn worst(&mut self, sample: &Sample, signs: &[i32], states: &[Vec<Vec<u16>>]) -> Worst {
        let mut worst = Worst::default();
        self.each(sample, signs, states, |step| {
            let error = (step.golden - step.state).abs();
            if error > worst.error {
                worst.error = error;
                worst.at = (step.phase, step.sweep, step.layer, step.unit);
            }
        });
        worst.distance = self.distance(sample, states);
        worst
    }

    /// One golden step for each of `states` (phase, sweep, free unit) from those before it, in order.
    pub fn each(
        &mut self,
        sample: &Sample,
        signs: &[i32],
        states: &[Vec<Vec<u16>>],
        mut visit: impl FnMut(Step),
    ) {
        let fraction = self.network.formats.state_fraction;
        self.golden.set_raw(&mut self.old[0], &sample.input);
        self.golden.clamp(&self.old);
        self.golden.set_raw(&mut self.target, &sample.target);
        for (phase, (sweeps, &sign)) in states.iter().zip(signs).enumerate() {
            // The nudged phases start from the free states, the free phase from zero.
            match phase {
                0 => self.old[1..].iter_mut().for_each(|layer| layer.fill(0.0)),
                _ => fill(&mut self.old, states[0].last(), fraction),
            }
            for (sweep, raw) in sweeps.iter().enumerate() {
                let strength = f64::from(sign) * self.golden.beta();
                let nudge = (sign != 0).then_some(Nudge {
                    strength,
                    target: &self.target,
                });
                let mut from = 0;
                for layer in 1..self.old.len() {
                    self.golden
                        .layer_step(layer, &self.old, nudge, &mut self.new[layer]);
                    let raw = &raw[from..from + self.new[layer].len()];
                    from += raw.len();
                    for (unit, (&golden, &raw)) in self.new[layer].iter().zip(raw).enumerate() {
                        visit(Step {
                            phase,
                            sweep,
                            layer,
                            unit,
                            golden,
                            state: state_to_real(raw, fraction),
                        });
                    }
                    if self.network.dynamics.order == Order::Sequential {
                        self.golden.set_raw(&mut self.old[layer], raw);
                    }
                }
                fill(&mut self.old, Some(raw), fraction);
            }
        }
    }

    /// The golden model's own run of a sample with phases of these `signs`; it learns nothing.
    pub fn trajectory(&mut self, sample: &Sample, signs: &[i32]) -> &Runner {
        let (mode, sign) = match signs.get(1) {
            None => (Mode::Infer, 1),
            Some(&sign) => (Mode::Nudge, sign),
        };
        self.runner.run(sample, mode, sign, |_| ());
        &self.runner
    }

    /// How far the settled free states lie from those of a golden run of its own.
    pub fn distance(&mut self, sample: &Sample, states: &[Vec<Vec<u16>>]) -> f64 {
        let fraction = self.network.formats.state_fraction;
        self.runner.run(sample, Mode::Infer, 1, |_| ());
        fill(&mut self.old, states[0].last(), fraction);
        let golden = self.runner.states(Phase::Free);
        self.old[1..]
            .iter()
            .zip(&golden[1..])
            .flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| (a - b).abs()))
            .fold(0.0, f64::max)
    }
}

/// Writes the real values of all free units to `states`.
fn fill(states: &mut [Array1<f64>], raw: Option<&Vec<u16>>, fraction: u32) {
    let mut raw = raw.into_iter().flatten();
    for layer in &mut states[1..] {
        for (state, &raw) in layer.iter_mut().zip(&mut raw) {
            *state = state_to_real(raw, fraction);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bittrue::{lsb, BitTrue, Xorshift};
    use crate::data::Dataset;
    use crate::lockstep::Record;
    use hdl::config::builtin;
    use std::path::Path;

    /// With a quarter of the initial weights states have one rest, which both models come to; with a weight of an
    /// output that is wrong, its bias, they do not.
    #[test]
    fn a_wrong_weight_moves_the_golden_run_away() {
        for name in builtin::names() {
            let network = Network::builtin(name).unwrap();
            if network.spiking().is_some() {
                continue;
            }
            let mut weights = Weights::initial(&network);
            for block in &mut weights.blocks {
                block.mapv_inplace(|weight| weight / 4);
            }
            let data = Dataset::load(&network, Path::new(""), None).unwrap();
            let sample = data.sample(0, network.formats.state_fraction);
            let (mut model, mut record) = (BitTrue::new(&network), Record::new(&network));
            model.load(&weights);
            let mut rng = Xorshift::seed(network.seed);
            model.run(&sample, Mode::Infer, &mut rng, &mut record);
            let apart = |weights: &Weights| {
                let mut steps = GoldenSteps::new(&network, weights);
                steps.distance(&sample, &record.states) / lsb(network.formats.state_fraction)
            };
            assert!(apart(&weights) < 20.0, "{name}: {} LSB", apart(&weights));
            let biases = weights.biases.last_mut().unwrap();
            biases[0] += 1 << (network.formats.weight_fraction - 2);
            assert!(apart(&weights) > 20.0, "{name}: {} LSB", apart(&weights));
        }
    }
}
