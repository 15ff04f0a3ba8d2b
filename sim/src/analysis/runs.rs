//! One sample at +β and −β in the golden model at rest, in the bit-true model and in the hardware.

use hdl::arch::registers::Register;
use hdl::arch::Plan;
use hdl::config::{Network, Nudging};
use ndarray::Array1;
use serde::Serialize;

use crate::bittrue::{state_to_real, BitTrue, Mode, Phase, Sample, Xorshift};
use crate::golden::{Golden, Nudge};
use crate::lockstep::{Lockstep, LockstepError};
use crate::verilate::Library;
use crate::weights::Weights;

/// Who computed a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Real numbers, at rest.
    Golden,
    /// The integer specification.
    Bittrue,
    /// The Verilated engine, in lockstep with the bit-true model.
    Hardware,
}

/// The hardware of a network, ready to be instantiated.
pub struct Rig<'a> {
    pub plan: &'a Plan,
    pub library: &'a Library,
}

/// States of all layers at the ends of the three phases, the input in layer 0.
#[derive(Clone, Debug)]
pub struct Ends {
    pub free: Vec<Array1<f64>>,
    /// At +β.
    pub plus: Vec<Array1<f64>>,
    /// At −β.
    pub minus: Vec<Array1<f64>>,
    /// Every phase settled.
    pub settled: bool,
}

/// A golden phase is at rest when no state moves by more than this in a sweep.
pub const REST: f64 = 1e-14;

/// Sweeps after which a golden phase counts as restless: fewer on large networks.
fn patience(network: &Network) -> u32 {
    let units = |layer: usize| network.layers[layer].units;
    let products = network.blocks.iter().map(|b| units(b.a) * units(b.b));
    (2_000_000_000 / products.sum::<usize>().max(1)).clamp(500, 20_000) as u32
}

/// The golden model at rest, whatever tolerance and sweeps the network has.
#[derive(Clone)]
pub struct Resting {
    pub golden: Golden,
    pub target: Array1<f64>,
    next: Vec<Array1<f64>>,
    /// Sweeps after which a phase counts as restless.
    pub patience: u32,
}

impl Resting {
    /// A model clamped to `sample`.
    pub fn new(network: &Network, golden: &Golden, sample: &Sample) -> (Resting, Vec<Array1<f64>>) {
        let mut golden = golden.clone();
        let mut states = Golden::zero_states(network);
        let mut target = Array1::zeros(sample.target.len());
        golden.set_raw(&mut states[0], &sample.input);
        golden.set_raw(&mut target, &sample.target);
        golden.clamp(&states);
        let next = states.clone();
        (
            Resting {
                golden,
                target,
                next,
                patience: patience(network),
            },
            states,
        )
    }

    /// Moves `states` to rest under the nudge σβ = `strength`; returns the sweeps, `None` if it never
    /// rests.
    pub fn settle(&mut self, states: &mut [Array1<f64>], strength: f64) -> Option<u32> {
        let nudge = (strength != 0.0).then_some(Nudge {
            strength,
            target: &self.target,
        });
        (1..=self.patience).find(|_| self.golden.sweep(states, &mut self.next, nudge) <= REST)
    }

    /// One sweep; returns the largest move.
    pub fn sweep(&mut self, states: &mut [Array1<f64>], strength: f64) -> f64 {
        let nudge = (strength != 0.0).then_some(Nudge {
            strength,
            target: &self.target,
        });
        self.golden.sweep(states, &mut self.next, nudge)
    }

    /// Rests at +β and −β from the free rest `free`; `None` if one of them never rests.
    pub fn ends(&mut self, free: &[Array1<f64>], beta: f64) -> Option<Ends> {
        let mut rest = |strength: f64| {
            let mut states = free.to_vec();
            self.settle(&mut states, strength).map(|_| states)
        };
        Some(Ends {
            plus: rest(beta)?,
            minus: rest(-beta)?,
            free: free.to_vec(),
            settled: true,
        })
    }
}

/// The network nudged both ways with β = 2^−`shift`.
pub fn at_beta(network: &Network, shift: u32) -> Network {
    let mut network = network.clone();
    network.phases.beta_shift = shift;
    network.phases.nudging = Nudging::Symmetric;
    network
}

/// The bit-true model at one β.
pub struct BitTrueRuns {
    network: Network,
    model: BitTrue,
}

impl BitTrueRuns {
    pub fn new(network: &Network, weights: &Weights, shift: u32) -> BitTrueRuns {
        let network = at_beta(network, shift);
        let mut model = BitTrue::new(&network);
        model.load(weights);
        BitTrueRuns { network, model }
    }

    pub fn ends(&mut self, sample: &Sample) -> Ends {
        // Symmetric nudging draws nothing.
        let rng = &mut Xorshift::seed(0);
        let outcome = self.model.run(sample, Mode::Nudge, rng, &mut ());
        let settled = outcome.phases().all(|phase| phase.settled);
        let fraction = self.network.formats.state_fraction;
        let states = |phase| {
            let layers = 0..self.network.layers.len();
            layers
                .map(|layer| match layer {
                    0 => reals(&sample.input, fraction),
                    _ => reals(self.model.states(phase, layer), fraction),
                })
                .collect()
        };
        Ends {
            free: states(Phase::Free),
            plus: states(Phase::Nudged),
            minus: states(Phase::NudgedMinus),
            settled,
        }
    }
}

/// The hardware at one β, every write compared with the bit-true model.
pub struct HardwareRuns {
    lockstep: Lockstep,
    network: Network,
}

impl HardwareRuns {
    /// Only registers change with β, so any β runs on the same hardware.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn new(rig: &Rig, weights: &Weights, shift: u32) -> Result<HardwareRuns, LockstepError> {
        let mut plan = rig.plan.clone();
        plan.network = at_beta(&plan.network, shift);
        let nudge_shift = plan.network.formats.weight_fraction - shift;
        plan.registers[Register::NudgeShift as usize] = nudge_shift;
        plan.registers[Register::Nudging as usize] = SYMMETRIC;
        let network = plan.network.clone();
        Ok(HardwareRuns {
            lockstep: Lockstep::new(plan, rig.library.instance(), weights, None)?,
            network,
        })
    }

    /// # Errors
    /// The first write that differs from the bit-true model's, or hardware that does not answer.
    pub fn ends(&mut self, sample: &Sample) -> Result<Ends, LockstepError> {
        let outcome = self.lockstep.sample(sample, Mode::Nudge)?.outcome;
        let settled = outcome.phases().all(|phase| phase.settled);
        let phases = self.lockstep.states();
        let states = |phase: Phase| {
            let last = phases[phase as usize].last();
            layers_of(&self.network, sample, last.map_or(&[], Vec::as_slice))
        };
        Ok(Ends {
            free: states(Phase::Free),
            plus: states(Phase::Nudged),
            minus: states(Phase::NudgedMinus),
            settled,
        })
    }
}

/// [`Register::Nudging`] of symmetric nudging.
const SYMMETRIC: u32 = 2;

/// All layers' states from those of all free units.
pub fn layers_of(network: &Network, sample: &Sample, raw: &[u16]) -> Vec<Array1<f64>> {
    let fraction = network.formats.state_fraction;
    let mut states = vec![reals(&sample.input, fraction)];
    let mut rest = raw;
    for layer in &network.layers[1..] {
        let (own, others) = rest.split_at(layer.units);
        states.push(reals(own, fraction));
        rest = others;
    }
    states
}

fn reals(raw: &[u16], fraction: u32) -> Array1<f64> {
    raw.iter().map(|&x| state_to_real(x, fraction)).collect()
}
