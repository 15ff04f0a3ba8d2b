//! The inner loops, each compiled for every kind of vector instructions and called by what the
//! machine has.
//!
//! `Arch::dispatch` compiles what is inlined into `with_simd`; a closure would not reliably be,
//! hence these types, and `inline(always)` on all that they call.

use super::learn::Learning;
use super::network::Units;
use super::observer::{LearningStart, Observer, Phase};
use super::rng::Xorshift;
use super::{BitTrue, PhaseOutcome, Sample};
use pulp::{Simd, WithSimd};

/// [`BitTrue::clamp`].
pub(super) struct Clamp<'a> {
    pub(super) model: &'a mut BitTrue,
    pub(super) sample: &'a Sample,
}

/// [`BitTrue::sweeps`], or [`BitTrue::steps`] of spiking units.
pub(super) struct Settle<'a, O> {
    pub(super) model: &'a mut BitTrue,
    pub(super) phase: Phase,
    pub(super) sign: i32,
    pub(super) observer: &'a mut O,
}

/// [`Units::learn`].
pub(super) struct Learn<'a, O> {
    pub(super) units: &'a mut Units,
    pub(super) learning: &'a mut Learning,
    pub(super) start: LearningStart<'a>,
    pub(super) rng: &'a mut Xorshift,
    pub(super) observer: &'a mut O,
}

impl WithSimd for Clamp<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        self.model.clamp(self.sample);
    }
}

impl<O: Observer> WithSimd for Settle<'_, O> {
    type Output = PhaseOutcome;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> PhaseOutcome {
        match self.model.neurons {
            None => self.model.sweeps(self.phase, self.sign, self.observer),
            Some(_) => self.model.steps(self.phase, self.sign, self.observer),
        }
    }
}

impl<O: Observer> WithSimd for Learn<'_, O> {
    type Output = u32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) -> u32 {
        self.units
            .learn(self.learning, self.start, self.rng, self.observer)
    }
}
