//! Integrate-and-fire units: input currents, time steps and phases (design rules S1–S3).
//!
//! Weights, orientation and the clamped input are those of `network`; membranes, traces and spikes
//! stand here. A spike adds its unit's column of weights: no multiplication, and no work where
//! nothing fired.

use super::network::Units;
use super::observer::{MembraneWrite, Observer, Phase, PhaseStart, TimeStep};
use super::panel::TILE;
use super::{BitTrue, PhaseOutcome};
use hdl::config::{Network, Spiking, TRACE_EXTRA_BITS};
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// The constants of S2: shifts and limits that the formats and the network file fix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// θ = 2^G, a weight of 1.
    pub(super) threshold: i32,
    /// 2^(F+4), what a trace moves towards in a step with a spike.
    pub(super) full: i32,
    /// κ.
    pub(super) trace_shift: u32,
    /// λ, and all bits of what leaks, or none.
    pub(super) leak: (u32, i32),
    /// b + F + 4 − G.
    pub(super) nudge_shift: u32,
    /// F, and 2^(F−1): the single rounding of S1, half up.
    pub(super) current: (u32, i64),
}

/// One layer's units in tiles. Lanes beyond the layer's end get no input and so never fire.
#[derive(Clone, Debug)]
struct Population {
    /// c: bias and clamped input, constant over a sample.
    current: Vec<[i32; TILE]>,
    /// v and z.
    state: State,
    /// Additions that one spike causes: the free units that it reaches.
    fan_out: u64,
}

/// What a phase begins with and leaves behind.
#[derive(Clone, Debug)]
struct State {
    /// v, −θ … 2θ.
    membrane: Vec<[i32; TILE]>,
    /// z, 0 … 2^(F+4).
    trace: Vec<[i32; TILE]>,
    /// Units that fired in the last step, rising.
    fired: Fired,
}

/// The units of one layer that fired in one step.
#[derive(Clone, Debug)]
struct Fired {
    slots: Vec<u16>,
    len: usize,
}

/// What one sample cost in events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Spikes of free units, over all phases (S4).
    pub spikes: u64,
    /// Synaptic operations: a weight added for a spike, in whichever direction of its block, and
    /// once a sample a weight times a clamped input that is not zero.
    pub synaptic_operations: u64,
}

impl AddAssign for Activity {
    fn add_assign(&mut self, other: Self) {
        self.spikes += other.spikes;
        self.synaptic_operations += other.synaptic_operations;
    }
}

/// All spiking units of a network.
#[derive(Clone, Debug)]
pub(super) struct Neurons {
    pub(super) rule: Rule,
    pub(super) steps: u32,
    layers: Vec<Population>,
    /// States at the end of the free phase, which every nudged phase continues.
    free: Vec<State>,
    /// The units that fired in the step under way, layer by layer.
    next: Vec<Fired>,
    /// Spikes per layer in the last step, the clamped input's non-zero states in layer 0.
    counts: Vec<u32>,
    /// t << 4 of the outputs.
    target: Vec<[i32; TILE]>,
    /// Weights that a clamped input reaches.
    input_fan_out: u64,
    pub(super) activity: Activity,
}

impl Fired {
    fn new(units: usize) -> Self {
        Self {
            slots: vec![0; units],
            len: 0,
        }
    }

    fn as_slice(&self) -> &[u16] {
        &self.slots[..self.len]
    }
}

impl Rule {
    /// `Network` promises κ ≥ 1 and b + F + 4 ≥ G.
    fn new(network: &Network, spiking: Spiking) -> Self {
        let fraction = network.formats.state_fraction;
        Self {
            threshold: 1 << network.formats.weight_fraction,
            full: 1 << (fraction + TRACE_EXTRA_BITS),
            trace_shift: spiking.trace_shift,
            leak: (spiking.leak_shift, -i32::from(spiking.leak_shift > 0)),
            nudge_shift: network.nudge_shift() as u32,
            current: (fraction, 1 << (fraction - 1)),
        }
    }

    /// The nudge of one output at σ = +1; at −1 it is subtracted, after the shift.
    #[inline(always)]
    fn nudge(&self, target: i32, trace: i32) -> i32 {
        (target - trace) >> self.nudge_shift
    }

    /// The membrane after one step with this input, and all bits set if the unit fired: masks stay in
    /// vector registers.
    #[inline(always)]
    fn integrate(&self, membrane: i32, input: i32) -> (i32, i32) {
        let (shift, mask) = self.leak;
        // |input| < 2^31 − 2^17 for every fan-in that a network may have.
        let charged = membrane + input - ((membrane >> shift) & mask);
        let fires = -i32::from(charged >= self.threshold);
        let reset = charged - (self.threshold & fires);
        (reset.clamp(-self.threshold, 2 * self.threshold), fires)
    }

    /// The trace after one step.
    #[inline(always)]
    fn filter(&self, trace: i32, fires: i32) -> i32 {
        trace + (((self.full & fires) - trace) >> self.trace_shift)
    }
}

impl Neurons {
    pub(super) fn new(network: &Network, spiking: Spiking) -> Self {
        let tiles = |layer: usize| vec![[0; TILE]; network.layers[layer].units.div_ceil(TILE)];
        let layers: Vec<Population> = (0..network.layers.len())
            .map(|layer| Population {
                current: tiles(layer),
                state: State {
                    membrane: tiles(layer),
                    trace: tiles(layer),
                    fired: Fired::new(network.layers[layer].units),
                },
                fan_out: network.fan_out(layer) as u64,
            })
            .collect();
        Self {
            rule: Rule::new(network, spiking),
            steps: spiking.steps,
            free: layers.iter().map(|layer| layer.state.clone()).collect(),
            next: (layers.iter().map(|layer| layer.state.fired.clone())).collect(),
            counts: vec![0; layers.len()],
            target: tiles(network.output()),
            input_fan_out: layers[0].fan_out,
            activity: Activity::default(),
            layers,
        }
    }

    /// S1 for a sample that `units` is clamped to, and the state that its free phase starts from.
    #[inline(always)]
    pub(super) fn begin(&mut self, units: &Units) {
        let (shift, half) = self.rule.current;
        for (index, layer) in self.layers.iter_mut().enumerate().skip(1) {
            for (current, sum) in layer.current.iter_mut().zip(units.constant(index)) {
                for (current, sum) in current.iter_mut().zip(sum) {
                    // |c| ≤ (inputs + 1)·2^(B−1).
                    *current = ((sum + half) >> shift) as i32;
                }
            }
            let State {
                membrane,
                trace,
                fired,
            } = &mut layer.state;
            membrane.fill([self.rule.threshold / 2; TILE]);
            trace.fill([0; TILE]);
            fired.len = 0;
        }
        let target = self.target.as_flattened_mut();
        for (target, &state) in target.iter_mut().zip(units.target()) {
            *target = i32::from(state) << TRACE_EXTRA_BITS;
        }
        let inputs = units.nonzero()[0];
        self.counts[0] = inputs;
        self.activity = Activity {
            spikes: 0,
            synaptic_operations: u64::from(inputs) * self.input_fan_out,
        };
    }

    /// Keeps the state that the nudged phases start from (S3).
    pub(super) fn keep_free(&mut self) {
        for (kept, layer) in self.free.iter_mut().zip(&self.layers) {
            kept.clone_from(&layer.state);
        }
    }

    /// Back to the end of the free phase.
    pub(super) fn restore_free(&mut self) {
        for (kept, layer) in self.free.iter().zip(&mut self.layers) {
            layer.state.clone_from(kept);
        }
    }

    /// Copies the states x = z >> 4 to `states`, `[layer][unit]`; `states[0]` is left alone.
    pub(super) fn save(&self, states: &mut [Vec<u16>]) {
        for (states, layer) in states.iter_mut().zip(&self.layers).skip(1) {
            let traces = layer.state.trace.as_flattened().iter();
            for (state, &trace) in states.iter_mut().zip(traces) {
                *state = (trace >> TRACE_EXTRA_BITS) as u16;
            }
        }
    }

    /// Spikes per layer in the last step; of layer 0 the non-zero inputs.
    fn count(&mut self) -> &[u32] {
        for (count, layer) in self.counts.iter_mut().zip(&self.layers).skip(1) {
            *count = layer.state.fired.len as u32;
        }
        &self.counts
    }

    /// S2 for all units, from the spikes of the last step.
    #[inline(always)]
    fn step(&mut self, units: &Units, sign: i32, mut written: impl FnMut(Written)) {
        let output = self.layers.len() - 1;
        for layer in 1..=output {
            let sign = if layer == output { sign } else { 0 };
            let fired = self.layers[layer].state.fired.len as u64;
            self.activity.synaptic_operations += fired * self.layers[layer].fan_out;
            self.update(units, layer, sign, &mut written);
        }
        for (next, layer) in self.next.iter_mut().zip(&mut self.layers).skip(1) {
            std::mem::swap(&mut layer.state.fired, next);
            self.activity.spikes += layer.state.fired.len as u64;
        }
    }

    /// S2 for one layer; who fires goes to `next`, so that other layers still see the old spikes.
    #[inline(always)]
    fn update(
        &mut self,
        units: &Units,
        layer: usize,
        sign: i32,
        written: &mut impl FnMut(Written),
    ) {
        let rule = self.rule;
        let count = self.next[layer].slots.len();
        let mut len = 0;
        for tile in 0..count.div_ceil(TILE) {
            let mut input = self.layers[layer].current[tile];
            for (source, panel) in units.free_panels(layer) {
                panel.add(tile, self.layers[source].state.fired.as_slice(), &mut input);
            }
            let state = &mut self.layers[layer].state;
            let (membrane, trace) = (&mut state.membrane[tile], &mut state.trace[tile]);
            if sign != 0 {
                for lane in 0..TILE {
                    input[lane] += sign * rule.nudge(self.target[tile][lane], trace[lane]);
                }
            }
            let mut fires = [0; TILE];
            for lane in 0..TILE {
                (membrane[lane], fires[lane]) = rule.integrate(membrane[lane], input[lane]);
                trace[lane] = rule.filter(trace[lane], fires[lane]);
            }
            let first = tile * TILE;
            for (lane, &fires) in fires.iter().enumerate().take(count - first) {
                // Branch-free: who fires is hard to predict. At most `unit` slots are taken so far.
                self.next[layer].slots[len] = (first + lane) as u16;
                len += usize::from(fires != 0);
                written(Written {
                    layer,
                    unit: first + lane,
                    membrane: membrane[lane],
                    trace: trace[lane],
                    fires: fires != 0,
                });
            }
        }
        self.next[layer].len = len;
    }
}

/// One unit after a step.
struct Written {
    layer: usize,
    unit: usize,
    membrane: i32,
    trace: i32,
    fires: bool,
}

impl BitTrue {
    /// A phase of T steps (S3), from membranes, traces and spikes as they are.
    #[inline(always)]
    pub(super) fn steps(
        &mut self,
        phase: Phase,
        sign: i32,
        observer: &mut impl Observer,
    ) -> PhaseOutcome {
        let neurons = (self.neurons.as_mut()).expect("only a spiking network takes time steps");
        observer.phase(PhaseStart {
            phase,
            sign,
            nonzero: neurons.count(),
        });
        for index in 0..neurons.steps {
            neurons.step(&self.units, sign, |written| {
                observer.membrane(MembraneWrite {
                    phase,
                    step: index,
                    layer: written.layer,
                    unit: written.unit,
                    membrane: written.membrane,
                    trace: written.trace,
                    fires: written.fires,
                });
            });
            observer.step(TimeStep {
                phase,
                index,
                spikes: neurons.count(),
            });
        }
        if phase == Phase::Free {
            neurons.keep_free();
        }
        neurons.save(&mut self.ends[phase as usize]);
        PhaseOutcome {
            phase,
            sign,
            sweeps: neurons.steps,
            settled: true,
            changed_at_once: false,
        }
    }
}
