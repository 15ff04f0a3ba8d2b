//! The bit-true model: integer states from the integer specification (design §1, rules 1–4 and 8).
//!
//! `step` updates one unit, `panel` sums its drive, `network` sweeps all layers, and this file
//! strings sweeps to phases and phases to samples. `rng` draws signs, `observer` reports events,
//! `convert` is the border to real numbers.

mod convert;
#[cfg(test)]
mod naive;
mod network;
mod observer;
mod panel;
mod rng;
mod step;
#[cfg(test)]
mod tests;

pub use convert::{lsb, state_from_real, state_to_real, weight_to_real};
pub use observer::{Observer, Phase, PhaseStart, StateWrite, Sweep};
pub use rng::Xorshift;

use crate::weights::Weights;
use hdl::config::{Network, Nudging};
use network::Units;

/// One sample in raw states (LSB = 2^−F, 0…ONE).
#[derive(Clone, Debug, PartialEq, Eq)]
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
}

/// How one phase went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhaseOutcome {
    pub phase: Phase,
    /// σ: 0 in the free phase, ±1 in a nudged one.
    pub sign: i32,
    /// Sweeps done, the one that found the phase settled included.
    pub sweeps: u32,
    /// False where `max_sweeps` ended the phase.
    pub settled: bool,
    /// The first sweep changed some state.
    pub changed_at_once: bool,
}

/// How one sample went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    phases: [Option<PhaseOutcome>; 3],
    /// Rule 4: some nudged phase changed a state in its first sweep, so the sample teaches something.
    pub learned: bool,
    /// Rule 8: the output unit with the largest free state, the lowest index on a tie.
    pub answer: usize,
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

    /// Sweeps over all phases.
    pub fn sweeps(&self) -> u32 {
        self.phases().map(|phase| phase.sweeps).sum()
    }
}

/// A network with weights and states in integers. Reused from sample to sample, it allocates nothing.
#[derive(Clone, Debug)]
pub struct BitTrue {
    units: Units,
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
            units: Units::new(network),
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

    /// Runs one sample through its phases. `rng` advances once for `random_sign` in [`Mode::Nudge`].
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
        self.units.clamp(&sample.input, &sample.target);
        self.units.reset();
        let mut phases = [None; 3];
        phases[0] = Some(self.phase(Phase::Free, 0, observer));
        if mode == Mode::Nudge {
            let sign = match self.nudging {
                Nudging::RandomSign => rng.draw_sign(),
                Nudging::Positive | Nudging::Symmetric => 1,
            };
            phases[1] = Some(self.phase(Phase::Nudged, sign, observer));
            if self.nudging == Nudging::Symmetric {
                self.units.restore(&self.ends[Phase::Free as usize]);
                phases[2] = Some(self.phase(Phase::NudgedMinus, -1, observer));
            }
        }
        let learned = phases[1..]
            .iter()
            .flatten()
            .any(|phase| phase.changed_at_once);
        Outcome {
            phases,
            learned,
            answer: answer(self.states(Phase::Free, self.ends[0].len() - 1)),
        }
    }

    /// A layer's states at the end of a phase of the last sample; for layer 0, which is clamped, empty.
    pub fn states(&self, phase: Phase, layer: usize) -> &[u16] {
        &self.ends[phase as usize][layer]
    }

    /// Sweeps until settled or until the limit (rule 3), from the states as they are.
    fn phase(&mut self, phase: Phase, sign: i32, observer: &mut impl Observer) -> PhaseOutcome {
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
