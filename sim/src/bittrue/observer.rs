//! What a bit-true run tells: every state write in order, and what each sweep did.

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
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Phase::Free => "free phase",
            Phase::Nudged => "nudged phase",
            Phase::NudgedMinus => "nudged phase at -beta",
        })
    }
}

/// A phase is about to begin.
#[derive(Clone, Copy, Debug)]
pub struct PhaseStart<'a> {
    pub phase: Phase,
    /// σ: 0 in the free phase, ±1 in a nudged one.
    pub sign: i32,
    /// Units per layer, the input (layer 0) included, whose starting state is not zero.
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

/// Receives the events of a run. Writes come layer by layer in file order, units rising, in both
/// orders of update. Methods left at their defaults compile to nothing.
pub trait Observer {
    #[inline]
    fn phase(&mut self, _start: PhaseStart) {}
    #[inline]
    fn write(&mut self, _write: StateWrite) {}
    #[inline]
    fn sweep(&mut self, _sweep: Sweep) {}
}

/// Observes nothing, at no cost.
impl Observer for () {}
