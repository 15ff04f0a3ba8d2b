//! What a bit-true run tells: every write in order, what each sweep did and what learning begins with.

use hdl::arch::schedule::Parameter;
use hdl::config::{Nudging, Orientation};

/// A phase of one sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Settles without a target, from states 0.
    Free,
    /// At +β, or at ±β as drawn for `random_sign`; from the free states.
    Nudged,
    /// The second phase of `symmetric`, at −β; from the free states too.
    NudgedMinus,
}

impl Phase {
    /// All phases in the order in which they run.
    pub const ALL: [Phase; 3] = [Phase::Free, Phase::Nudged, Phase::NudgedMinus];

    /// The phases whose ends are p and q of rule 4.
    pub fn contrast(nudging: Nudging) -> [Phase; 2] {
        match nudging {
            Nudging::Symmetric => [Phase::Nudged, Phase::NudgedMinus],
            Nudging::Positive | Nudging::RandomSign => [Phase::Nudged, Phase::Free],
        }
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Phase::Free => "free phase",
            Phase::Nudged => "nudged phase",
            Phase::NudgedMinus => "nudged phase at −β",
        })
    }
}

/// A phase is about to begin.
#[derive(Clone, Copy, Debug)]
pub struct PhaseStart<'a> {
    pub phase: Phase,
    /// σ: 0 in the free phase, ±1 in a nudged one.
    pub sign: i32,
    /// Units per layer, the input (layer 0) included, whose starting state is not zero; of free
    /// spiking units, that fired in the step before.
    pub nonzero: &'a [u32],
}

/// One unit's state was computed and stored, whether or not it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateWrite {
    pub phase: Phase,
    /// Sweep within the phase, from 0.
    pub sweep: u32,
    pub layer: usize,
    pub unit: usize,
    /// Raw states, LSB = 2^−F.
    pub old: u16,
    pub value: u16,
}

/// A sweep is over.
#[derive(Clone, Copy, Debug)]
pub struct Sweep<'a> {
    pub phase: Phase,
    pub index: u32,
    /// Some state moved by more than the tolerance: the phase goes on.
    pub moved: bool,
    /// Some state changed at all.
    pub changed: bool,
    /// Units per layer, the input (layer 0) included, whose state is now not zero.
    pub nonzero: &'a [u32],
}

/// One spiking unit's membrane and trace were computed and stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MembraneWrite {
    pub phase: Phase,
    /// Time step within the phase, from 0.
    pub step: u32,
    pub layer: usize,
    pub unit: usize,
    /// v after the step, raw: LSB = 2^−G, −θ … 2θ with θ = 2^G.
    pub membrane: i32,
    /// z after the step, raw: LSB = 2^−(F+4), 0 … 2^(F+4). The state is z >> 4.
    pub trace: i32,
    /// The membrane reached the threshold.
    pub fires: bool,
}

/// A time step of spiking units is over.
#[derive(Clone, Copy, Debug)]
pub struct TimeStep<'a> {
    pub phase: Phase,
    pub index: u32,
    /// Units per layer that fired; of the input (layer 0) those whose state is not zero.
    pub spikes: &'a [u32],
}

/// A sample is about to be learned from (rule 4 let it): the states that rules 6 and 7 work with.
#[derive(Clone, Copy, Debug)]
pub struct LearningStart<'a> {
    /// σ of rule 7: −1 if `random_sign` nudged at −β, else +1.
    pub sign: i32,
    /// m of rule 7: rate halvings still open.
    pub halvings_left: u32,
    pub(super) input: &'a [u16],
    pub(super) p: &'a [Vec<u16>],
    pub(super) q: &'a [Vec<u16>],
    pub(super) orientations: &'a [Orientation],
}

impl<'a> LearningStart<'a> {
    /// A layer's raw states in p and in q (rule 4); of the clamped layer 0 twice the same.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn pair(&self, layer: usize) -> (&'a [u16], &'a [u16]) {
        match layer {
            0 => (self.input, self.input),
            _ => (&self.p[layer], &self.q[layer]),
        }
    }

    /// A layer's states in p and in q, exchanged where σ is −1: g of these is σ·g of the others.
    #[inline]
    pub(super) fn signed(&self, layer: usize) -> (&'a [u16], &'a [u16]) {
        let (p, q) = self.pair(layer);
        match self.sign {
            -1 => (q, p),
            _ => (p, q),
        }
    }

    /// The emitted columns of a block, rising: units of its column side whose state is not 0 in
    /// both p and q.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn emitted(&self, block: usize) -> impl Iterator<Item = usize> + 'a {
        self.active(self.orientations[block].column)
    }

    /// Units of a layer whose state is not 0 in both p and q, rising.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn active(&self, layer: usize) -> impl Iterator<Item = usize> + 'a {
        let (p, q) = self.pair(layer);
        let states = p.iter().zip(q).enumerate();
        states.filter_map(|(unit, (&p, &q))| (p | q != 0).then_some(unit))
    }

    /// Units of a layer whose state is not 0: in p, in q, and in p or q.
    ///
    /// # Panics
    /// If there is no such layer.
    pub fn nonzero(&self, layer: usize) -> [u32; 3] {
        let (p, q) = self.pair(layer);
        let count = |flag: fn(u16, u16) -> bool| {
            p.iter().zip(q).filter(|(&p, &q)| flag(p, q)).count() as u32
        };
        [
            count(|p, _| p != 0),
            count(|_, q| q != 0),
            count(|p, q| p | q != 0),
        ]
    }
}

/// One parameter was computed and stored, whether or not it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightWrite {
    pub place: Parameter,
    /// Raw words, LSB = 2^−G.
    pub old: i16,
    pub value: i16,
    /// The exact result lay outside B bits.
    pub saturated: bool,
}

/// Receives the events of a run. State writes come layer by layer in file order, units rising, in both
/// orders of update. Methods left at their defaults compile to nothing.
pub trait Observer {
    #[inline]
    fn phase(&mut self, _start: PhaseStart) {}
    #[inline]
    fn write(&mut self, _write: StateWrite) {}
    #[inline]
    fn sweep(&mut self, _sweep: Sweep) {}
    /// In the place of `write` where units spike, in the same order.
    #[inline]
    fn membrane(&mut self, _write: MembraneWrite) {}
    /// In the place of `sweep` where units spike.
    #[inline]
    fn step(&mut self, _step: TimeStep) {}
    /// Comes before the weight writes of a sample that is learned from, and only then.
    #[inline]
    fn learning(&mut self, _start: LearningStart) {}
    /// Every weight of every emitted column: blocks in file order, columns rising, rows rising;
    /// then the biases of the free layers in file order, units rising.
    #[inline]
    fn learned(&mut self, _write: WeightWrite) {}
}

/// Observes nothing, at no cost.
impl Observer for () {}
