//! Whole samples through the golden model, phase after phase, without allocating.

use super::{Golden, Nudge, PhaseEnd, States};
use crate::bittrue::{Mode, Phase, Sample};
use crate::weights::Weights;
use hdl::config::{Network, Nudging};
use ndarray::Array1;

/// A golden model with the working memory that samples need.
#[derive(Clone, Debug)]
pub struct Runner {
    golden: Golden,
    states: Vec<Array1<f64>>,
    next: Vec<Array1<f64>>,
    target: Array1<f64>,
    /// States at the end of each phase of the last sample.
    ends: [Vec<Array1<f64>>; 3],
}

/// The states before the first sweep of a phase (`sweep` 0) or after a later one.
#[derive(Clone, Copy, Debug)]
pub struct Watched<'a> {
    pub golden: &'a Golden,
    pub phase: Phase,
    pub sweep: u32,
    pub states: &'a States,
    /// What pulls the outputs in this phase; `None` in the free phase.
    pub nudge: Option<Nudge<'a>>,
}

impl Runner {
    /// Working memory around `Golden::new(network, weights)`.
    pub fn new(network: &Network, weights: &Weights) -> Self {
        let zero = Golden::zero_states(network);
        Self {
            golden: Golden::new(network, weights),
            target: zero[network.output()].clone(),
            next: zero.clone(),
            ends: [zero.clone(), zero.clone(), zero.clone()],
            states: zero,
        }
    }

    /// The model itself, clamped to the last sample.
    pub fn golden(&self) -> &Golden {
        &self.golden
    }

    /// All layers' states at the end of a phase of the last sample.
    pub fn states(&self, phase: Phase) -> &States {
        &self.ends[phase as usize]
    }

    /// Runs one sample from free states 0; `[Phase as usize]` of the result is how that phase went.
    ///
    /// `sign` is σ of the first nudged phase: the drawn one for `random_sign`, else +1.
    pub fn run(
        &mut self,
        sample: &Sample,
        mode: Mode,
        sign: i32,
        mut watch: impl FnMut(Watched),
    ) -> [Option<PhaseEnd>; 3] {
        self.golden.set_raw(&mut self.states[0], &sample.input);
        self.golden.set_raw(&mut self.target, &sample.target);
        self.golden.clamp(&self.states);
        self.next[0].assign(&self.states[0]);
        self.states[1..]
            .iter_mut()
            .for_each(|layer| layer.fill(0.0));

        let mut ends = [None; 3];
        ends[0] = Some(self.phase(Phase::Free, 0, &mut watch));
        if mode == Mode::Nudge {
            ends[1] = Some(self.phase(Phase::Nudged, sign, &mut watch));
            if self.golden.nudging == Nudging::Symmetric {
                copy(&self.ends[Phase::Free as usize], &mut self.states);
                ends[2] = Some(self.phase(Phase::NudgedMinus, -1, &mut watch));
            }
        }
        ends
    }

    fn phase(&mut self, phase: Phase, sign: i32, watch: &mut impl FnMut(Watched)) -> PhaseEnd {
        let golden = &self.golden;
        let nudge = (sign != 0).then_some(Nudge {
            strength: f64::from(sign) * golden.beta,
            target: &self.target,
        });
        let end = golden.settle(
            phase,
            &mut self.states,
            &mut self.next,
            nudge,
            |sweep, states| {
                watch(Watched {
                    golden,
                    phase,
                    sweep,
                    states,
                    nudge,
                });
            },
        );
        copy(&self.states, &mut self.ends[phase as usize]);
        end
    }
}

fn copy(from: &States, to: &mut States) {
    for (from, to) in from.iter().zip(to) {
        to.assign(from);
    }
}
