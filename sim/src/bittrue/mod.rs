//! The bit-true model: states and weights from the integer specification (design §1, rules 1–8 and
//! S1–S4).
//!
//! `step` updates one unit, `panel` sums its drive, `network` sweeps all layers, `spiking` steps
//! integrate-and-fire units in their place, `learn` changes the weights (`rule` is its arithmetic, `batch` its form for several samples at once), and this file strings sweeps to phases and phases to samples. `rng` draws, `observer`
//! reports events, `convert` is the border to real numbers.

mod batch;
mod convert;
mod dispatch;
mod learn;
#[cfg(test)]
mod naive;
mod network;
mod observer;
mod panel;
mod rng;
mod rule;
mod spiking;
mod step;
#[cfg(test)]
mod tests;

pub use batch::{Lesson, MAX_BATCH_SHIFT};
pub use convert::{lsb, state_from_real, state_to_real, weight_to_real};
pub use observer::{
    LearningStart, MembraneWrite, Observer, Phase, PhaseStart, StateWrite, Sweep, TimeStep,
    WeightWrite,
};
pub use rng::Xorshift;
pub use spiking::Activity;

use crate::weights::Weights;
use dispatch::{Clamp, Learn, Settle};
use hdl::config::{Network, Nudging, Orientation};
use learn::Learning;
use network::Units;
use pulp::Arch;
use spiking::Neurons;

/// One sample in raw states (LSB = 2^−F, 0…ONE).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// As many values as layer 0 has units.
    pub input: Vec<u16>,
    /// As many values as the last layer has units.
    pub target: Vec<u16>,
}

/// Which phases a sample goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The free phase only; nothing is drawn.
    Infer,
    /// The free phase, then one or two nudged ones.
    Nudge,
    /// Free and nudged phases, then learning (rules 4–7): the model's own weights change.
    Learn,
}

/// How one phase went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseOutcome {
    pub phase: Phase,
    /// σ: 0 in the free phase, ±1 in a nudged one.
    pub sign: i32,
    /// Sweeps done, the one that found the phase settled included; of spiking units, time steps.
    pub sweeps: u32,
    /// False where `max_sweeps` ended the phase. A phase of time steps ends as it should.
    pub settled: bool,
    /// The first sweep changed some state; of spiking units always false.
    pub changed_at_once: bool,
}

/// How one sample went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    phases: [Option<PhaseOutcome>; 3],
    /// Rule 4: some nudged phase changed a state in its first sweep, so the sample teaches something;
    /// rule S4: some output differs between p and q. In [`Mode::Learn`] it did; in [`Mode::Nudge`] it would.
    pub learned: bool,
    /// Weights and biases that learning from this sample saturated.
    pub saturations: u32,
    /// Rule 8: the output unit with the largest free state, the lowest index on a tie.
    pub answer: usize,
    /// Of spiking units; none of rates.
    pub activity: Option<Activity>,
}

impl Outcome {
    /// How a phase went; `None` if the mode or the nudging has no such phase.
    pub fn phase(&self, phase: Phase) -> Option<PhaseOutcome> {
        self.phases[phase as usize]
    }

    /// The phases that ran, in order.
    pub fn phases(&self) -> impl Iterator<Item = PhaseOutcome> + '_ {
        self.phases.iter().flatten().copied()
    }

    /// Sweeps, or time steps, over all phases.
    pub fn sweeps(&self) -> u32 {
        self.phases().map(|phase| phase.sweeps).sum()
    }
}

/// A network with weights and states in integers. Reused from sample to sample, it allocates nothing.
#[derive(Clone, Debug)]
pub struct BitTrue {
    /// The machine's vector instructions.
    arch: Arch,
    units: Units,
    /// Membranes, traces and spikes, where units spike.
    neurons: Option<Neurons>,
    learning: Learning,
    orientations: Vec<Orientation>,
    nudging: Nudging,
    tolerance: u16,
    max_sweeps_free: u32,
    max_sweeps_nudged: u32,
    /// States at the end of each phase, `[phase][layer][unit]`; layer 0 stays empty.
    ends: [Vec<Vec<u16>>; 3],
}

impl BitTrue {
    /// A model of a checked network, all weights 0.
    pub fn new(network: &Network) -> Self {
        let ends: Vec<Vec<u16>> = (0..network.layers.len())
            .map(|layer| match layer {
                0 => Vec::new(),
                _ => vec![0; network.layers[layer].units],
            })
            .collect();
        Self {
            arch: Arch::new(),
            units: Units::new(network),
            neurons: (network.spiking()).map(|spiking| Neurons::new(network, spiking)),
            learning: Learning::new(network),
            orientations: network.orientations(),
            nudging: network.phases.nudging,
            tolerance: network.dynamics.tolerance as u16,
            max_sweeps_free: network.dynamics.max_sweeps_free,
            max_sweeps_nudged: network.dynamics.max_sweeps_nudged,
            ends: [ends.clone(), ends.clone(), ends],
        }
    }

    /// Takes new weights.
    ///
    /// # Panics
    /// If a matrix or bias vector has not the network's shape.
    pub fn load(&mut self, weights: &Weights) {
        self.units.load(weights);
    }

    /// The weights as they are: those loaded, changed by every sample learned from since.
    pub fn weights(&self) -> Weights {
        self.units.weights()
    }

    /// Sets m of rule 7, how often the rate may still be halved; a new model has M.
    ///
    /// # Panics
    /// If m is above M (`learning.halvings`).
    pub fn set_rate_halvings_left(&mut self, m: u32) {
        let halvings = self.learning.halvings;
        assert!(m <= halvings, "{m} halvings left of {halvings}");
        self.learning.halvings_left = m;
    }

    /// Runs one sample through its phases and, in [`Mode::Learn`], learns from it. `rng` advances
    /// once for `random_sign` where there are nudged phases, then as rule 6 says for learning.
    ///
    /// # Panics
    /// If input or target has not the length of its layer.
    pub fn run(
        &mut self,
        sample: &Sample,
        mode: Mode,
        rng: &mut Xorshift,
        observer: &mut impl Observer,
    ) -> Outcome {
        let arch = self.arch;
        arch.dispatch(Clamp {
            model: self,
            sample,
        });
        let mut phases = [None; 3];
        phases[0] = Some(self.phase(Phase::Free, 0, observer));
        let mut sign = 1;
        if mode != Mode::Infer {
            if self.nudging == Nudging::RandomSign {
                sign = rng.draw_sign();
            }
            phases[1] = Some(self.phase(Phase::Nudged, sign, observer));
            if self.nudging == Nudging::Symmetric {
                self.restore_free();
                phases[2] = Some(self.phase(Phase::NudgedMinus, -1, observer));
            }
        }
        let learned = match self.neurons {
            None => (phases.iter().flatten().skip(1)).any(|phase| phase.changed_at_once),
            Some(_) => mode != Mode::Infer && self.outputs_differ(),
        };
        let saturations = match mode {
            Mode::Learn if learned => self.learn(&sample.input, sign, rng, observer),
            _ => 0,
        };
        Outcome {
            phases,
            learned,
            saturations,
            answer: answer(self.outputs()),
            activity: self.neurons.as_ref().map(|neurons| neurons.activity),
        }
    }

    /// Takes a sample, and the states that its free phase starts from.
    #[inline(always)]
    fn clamp(&mut self, sample: &Sample) {
        self.units.clamp(&sample.input, &sample.target);
        match &mut self.neurons {
            None => self.units.reset(),
            Some(neurons) => neurons.begin(&self.units),
        }
    }

    /// Back to where the free phase ended.
    fn restore_free(&mut self) {
        match &mut self.neurons {
            None => self.units.restore(&self.ends[Phase::Free as usize]),
            Some(neurons) => neurons.restore_free(),
        }
    }

    /// Rule S4: whether some output's state differs between p and q.
    fn outputs_differ(&self) -> bool {
        let [p, q] = Phase::contrast(self.nudging).map(|phase| self.ends[phase as usize].last());
        p != q
    }

    /// A layer's states at the end of a phase of the last sample; for layer 0, which is clamped, empty.
    pub fn states(&self, phase: Phase, layer: usize) -> &[u16] {
        &self.ends[phase as usize][layer]
    }

    /// Learns from the phases that have just run; returns how many words saturated.
    fn learn(
        &mut self,
        input: &[u16],
        sign: i32,
        rng: &mut Xorshift,
        observer: &mut impl Observer,
    ) -> u32 {
        let [p, q] = Phase::contrast(self.nudging).map(|phase| &self.ends[phase as usize][..]);
        let start = LearningStart {
            sign,
            halvings_left: self.learning.halvings_left,
            input,
            p,
            q,
            orientations: &self.orientations,
        };
        self.arch.dispatch(Learn {
            units: &mut self.units,
            learning: &mut self.learning,
            start,
            rng,
            observer,
        })
    }

    /// One phase, from the states as they are.
    fn phase(&mut self, phase: Phase, sign: i32, observer: &mut impl Observer) -> PhaseOutcome {
        let arch = self.arch;
        arch.dispatch(Settle {
            model: self,
            phase,
            sign,
            observer,
        })
    }

    /// Sweeps until settled or until the limit (rule 3).
    #[inline(always)]
    fn sweeps(&mut self, phase: Phase, sign: i32, observer: &mut impl Observer) -> PhaseOutcome {
        let limit = match phase {
            Phase::Free => self.max_sweeps_free,
            Phase::Nudged | Phase::NudgedMinus => self.max_sweeps_nudged,
        };
        observer.phase(PhaseStart {
            phase,
            sign,
            nonzero: self.units.nonzero(),
        });
        let mut outcome = PhaseOutcome {
            phase,
            sign,
            sweeps: 0,
            settled: false,
            changed_at_once: false,
        };
        while outcome.sweeps < limit && !outcome.settled {
            let index = outcome.sweeps;
            let step = self.units.sweep(sign, |layer, unit, old, value| {
                observer.write(StateWrite {
                    phase,
                    sweep: index,
                    layer,
                    unit,
                    old,
                    value,
                });
            });
            let (moved, changed) = (step > self.tolerance, step > 0);
            observer.sweep(Sweep {
                phase,
                index,
                moved,
                changed,
                nonzero: self.units.nonzero(),
            });
            outcome.changed_at_once |= index == 0 && changed;
            outcome.settled = !moved;
            outcome.sweeps += 1;
        }
        self.units.save(&mut self.ends[phase as usize]);
        outcome
    }
}

/// Index of the largest state, the lowest on a tie (rule 8).
fn answer(outputs: &[u16]) -> usize {
    let mut best = 0;
    for (unit, &state) in outputs.iter().enumerate() {
        if state > outputs[best] {
            best = unit;
        }
    }
    best
}
