//! Whole samples through the golden model, phase after phase, without allocating.

use super::{Golden, Nudge, PhaseEnd, Reals, SpikingState, States};
use crate::bittrue::{Activity, Mode, Phase, Sample};
use crate::weights::Weights;
use hdl::config::{Network, Nudging};
use ndarray::Array1;

/// A golden model with the working memory that samples need.
#[derive(Clone, Debug)]
pub struct Runner {
    golden: Golden,
    states: Vec<Array1<f64>>,
    next: Vec<Array1<f64>>,
    neurons: Option<Neurons>,
    target: Array1<f64>,
    /// States at the end of each phase of the last sample.
    ends: [Vec<Array1<f64>>; 3],
    /// 2^(m−M).
    rate: f64,
    halvings: u32,
}

/// Working memory of spiking units.
#[derive(Clone, Debug)]
struct Neurons {
    now: SpikingState,
    next: SpikingState,
    /// The end of the free phase, which every nudged phase continues (S3).
    free: SpikingState,
    activity: Activity,
}

/// What the last sample teaches.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// p of rule 4, the input in layer 0.
    pub p: Vec<Array1<f64>>,
    /// q of rule 4, the input in layer 0.
    pub q: Vec<Array1<f64>>,
    /// σ·2^(m−M).
    pub scale: f64,
}

/// The states before the first sweep, or time step, of a phase (`sweep` 0) or after a later one.
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
        Self::with_golden(network, Golden::new(network, weights))
    }

    /// Working memory around a model of the same network.
    pub fn with_golden(network: &Network, golden: Golden) -> Self {
        let zero = Golden::zero_states(network);
        let neurons = golden.spiking.map(|_| {
            let start = SpikingState::new(network);
            Neurons {
                now: start.clone(),
                next: start.clone(),
                free: start,
                activity: Activity::default(),
            }
        });
        Self {
            golden,
            neurons,
            rate: 1.0,
            halvings: network.learning.halvings,
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

    /// The weights as they are.
    pub fn weights(&self) -> Reals {
        self.golden.weights()
    }

    /// Sets m of rule 7, how often the rate may still be halved; a new runner has M.
    ///
    /// # Panics
    /// If m is above M (`learning.halvings`).
    pub fn set_rate_halvings_left(&mut self, m: u32) {
        let halvings = self.halvings;
        assert!(m <= halvings, "{m} halvings left of {halvings}");
        self.rate = crate::bittrue::lsb(halvings - m);
    }

    /// What the last sample cost in events; nothing where units are rates.
    pub fn activity(&self) -> Option<Activity> {
        self.neurons.as_ref().map(|neurons| neurons.activity)
    }

    /// p and q of rule 4 after a sample with nudged phases, the input in layer 0.
    pub fn contrast(&self) -> (&States, &States) {
        contrast(&self.ends, self.golden.nudging)
    }

    /// Whether the last sample teaches anything: p and q differ.
    ///
    /// Unlike in rule 4, the first sweep decides nothing: real numbers have no least step that
    /// rounding could swallow. Outputs clipped at 0 or 1, which are the targets of classes, do
    /// leave p = q exactly: 93 % of the samples of a run on the digits, as in integers. Of spiking
    /// units only the outputs are compared (S4).
    pub fn taught(&self) -> bool {
        let (p, q) = self.contrast();
        match self.neurons {
            None => p != q,
            Some(_) => p.last() != q.last(),
        }
    }

    /// What the last sample, whose nudged phase had this `sign`, teaches, to be kept for a batch.
    pub fn lesson(&self, sign: i32) -> Lesson {
        let (p, q) = self.contrast();
        Lesson {
            p: p.to_vec(),
            q: q.to_vec(),
            scale: f64::from(sign) * self.rate,
        }
    }

    /// Learns from `lessons` as the part of a batch of `size` samples: from their sum / `size`.
    pub fn learn_batch(&mut self, lessons: &[Lesson], size: usize) {
        for lesson in lessons {
            let scale = lesson.scale / size as f64;
            self.golden.learn(&lesson.p, &lesson.q, scale);
        }
    }

    /// Runs one sample from free states 0; `[Phase as usize]` of the result is how that phase went.
    ///
    /// `sign` is σ of the first nudged phase: the drawn one for `random_sign`, else +1.
    /// [`Mode::Learn`] changes the weights afterwards, as [`Golden::learn`] says.
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

        if let Some(neurons) = &mut self.neurons {
            neurons.now.traces[0].assign(&self.states[0]);
            neurons.next.traces[0].assign(&self.states[0]);
            neurons.now.reset();
            let inputs = sample.input.iter().filter(|&&state| state != 0).count();
            neurons.activity = Activity {
                spikes: 0,
                synaptic_operations: inputs as u64 * self.golden.fan_out[0],
            };
        }

        let mut ends = [None; 3];
        ends[0] = Some(self.phase(Phase::Free, 0, &mut watch));
        if mode != Mode::Infer {
            ends[1] = Some(self.phase(Phase::Nudged, sign, &mut watch));
            if self.golden.nudging == Nudging::Symmetric {
                copy(&self.ends[Phase::Free as usize], &mut self.states);
                if let Some(neurons) = &mut self.neurons {
                    neurons.now.assign(&neurons.free);
                }
                ends[2] = Some(self.phase(Phase::NudgedMinus, -1, &mut watch));
            }
        }
        if mode == Mode::Learn && (self.neurons.is_none() || self.taught()) {
            let (p, q) = contrast(&self.ends, self.golden.nudging);
            self.golden.learn(p, q, f64::from(sign) * self.rate);
        }
        ends
    }

    fn phase(&mut self, phase: Phase, sign: i32, watch: &mut impl FnMut(Watched)) -> PhaseEnd {
        let golden = &self.golden;
        let nudge = (sign != 0).then_some(Nudge {
            strength: f64::from(sign) * golden.beta,
            target: &self.target,
        });
        let mut watch = |sweep, states: &States| {
            watch(Watched {
                golden,
                phase,
                sweep,
                states,
                nudge,
            });
        };
        let end = match &mut self.neurons {
            None => golden.settle(phase, &mut self.states, &mut self.next, nudge, watch),
            Some(Neurons {
                now,
                next,
                free,
                activity,
            }) => {
                let end = golden.spike(phase, now, next, nudge, activity, &mut watch);
                copy(&now.traces, &mut self.states);
                if phase == Phase::Free {
                    free.assign(now);
                }
                end
            }
        };
        copy(&self.states, &mut self.ends[phase as usize]);
        end
    }
}

/// p and q of rule 4.
fn contrast(ends: &[Vec<Array1<f64>>; 3], nudging: Nudging) -> (&States, &States) {
    let [p, q] = Phase::contrast(nudging).map(|phase| &ends[phase as usize][..]);
    (p, q)
}

fn copy(from: &States, to: &mut States) {
    for (from, to) in from.iter().zip(to) {
        to.assign(from);
    }
}
