//! Rules 1–7 as one reads them, for tests: any two units have one weight, integers are wide,
//! nothing is cached, skipped or reordered. `spiking` holds S1–S4.

mod spiking;

use super::*;
use hdl::arch::schedule::Parameter;
use hdl::config::{Block, Order};

/// Everything a run tells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Recorder {
    starts: Vec<(Phase, i32, Vec<u32>)>,
    pub(super) writes: Vec<StateWrite>,
    /// Phase, index, moved, changed, non-zero states.
    sweeps: Vec<(Phase, u32, bool, bool, Vec<u32>)>,
    pub(super) membranes: Vec<MembraneWrite>,
    /// Phase, index, spikes.
    steps: Vec<(Phase, u32, Vec<u32>)>,
    learning: Vec<Began>,
    pub(super) learned: Vec<WeightWrite>,
}

/// How learning from one sample began.
#[derive(Debug, PartialEq)]
struct Began {
    sign: i32,
    m: u32,
    /// Columns per block.
    emitted: Vec<Vec<usize>>,
    /// Per layer, in p, in q and in either.
    nonzero: Vec<[u32; 3]>,
}

impl Observer for Recorder {
    fn phase(&mut self, start: PhaseStart) {
        self.starts
            .push((start.phase, start.sign, start.nonzero.to_vec()));
    }
    fn write(&mut self, write: StateWrite) {
        self.writes.push(write);
    }
    fn sweep(&mut self, s: Sweep) {
        self.sweeps
            .push((s.phase, s.index, s.moved, s.changed, s.nonzero.to_vec()));
    }
    fn membrane(&mut self, write: MembraneWrite) {
        self.membranes.push(write);
    }
    fn step(&mut self, step: TimeStep) {
        self.steps
            .push((step.phase, step.index, step.spikes.to_vec()));
    }
    fn learning(&mut self, start: LearningStart) {
        let emitted = (0..start.orientations.len()).map(|block| start.emitted(block).collect());
        let nonzero = (0..start.p.len()).map(|layer| start.nonzero(layer));
        self.learning.push(Began {
            sign: start.sign,
            m: start.halvings_left,
            emitted: emitted.collect(),
            nonzero: nonzero.collect(),
        });
    }
    fn learned(&mut self, write: WeightWrite) {
        self.learned.push(write);
    }
}

pub(super) type States = Vec<Vec<u16>>;

/// p, q and σ of one sample.
pub(super) struct NaiveLesson {
    pub(super) p: States,
    pub(super) q: States,
    pub(super) sign: i32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Naive<'a> {
    network: &'a Network,
    /// `[layer][unit][other layer][other unit]`.
    weights: Vec<Vec<Vec<Vec<i128>>>>,
    /// `[layer]`, empty for the input.
    biases: Vec<Vec<i128>>,
}

impl<'a> Naive<'a> {
    pub(super) fn new(network: &'a Network, weights: &Weights) -> Self {
        let none: Vec<Vec<i128>> = network.layers.iter().map(|l| vec![0; l.units]).collect();
        let mut all: Vec<_> = network
            .layers
            .iter()
            .map(|l| vec![none.clone(); l.units])
            .collect();
        for (matrix, sides) in weights.blocks.iter().zip(network.orientations()) {
            for ((row, column), &weight) in matrix.indexed_iter() {
                if sides.row != sides.column || row < column {
                    all[sides.row][row][sides.column][column] = weight.into();
                    all[sides.column][column][sides.row][row] = weight.into();
                }
            }
        }
        let mut biases = vec![Vec::new()];
        for layer in &weights.biases {
            biases.push(layer.iter().map(|&bias| bias.into()).collect());
        }
        Self {
            network,
            weights: all,
            biases,
        }
    }

    /// Rules 1 and 2, with F1 and F2.
    fn next(&self, layer: usize, unit: usize, states: &States, sign: i32, target: &[u16]) -> u16 {
        let (formats, k) = (self.network.formats, self.network.dynamics.k);
        let g = formats.weight_fraction;
        let x = i128::from(states[layer][unit]);
        let heard = |source: usize| -> i128 {
            let products = self.weights[layer][unit][source]
                .iter()
                .zip(&states[source]);
            products.map(|(w, &x)| w * i128::from(x)).sum()
        };
        // Whether some block joins the layer to a higher one.
        let joins = |block: &Block| block.a == layer && block.b > layer;
        let lift = match self.network.blocks.iter().any(joins) {
            true => self.network.dynamics.feedback_shift,
            false => 0,
        };
        let lower: i128 = (0..=layer).map(heard).sum();
        let higher: i128 = (layer + 1..states.len()).map(heard).sum();
        let mut n = ((lower + (self.biases[layer][unit] << formats.state_fraction)) << lift)
            + higher
            - (x << (g + lift));
        if layer == self.network.output() {
            let nudge = (i128::from(target[unit]) - x) << (g - self.network.phases.beta_shift);
            n += i128::from(sign) * nudge;
        }
        // Half up: the floor of (2n + divisor) / (2 divisor).
        let divisor = 1i128 << (g + k + lift);
        let next = x + (2 * n + divisor).div_euclid(2 * divisor);
        next.clamp(0, formats.one().into()) as u16
    }

    /// Rule 3: sweeps until settled or `limit`; returns the number of sweeps and whether it settled.
    fn settle(
        &self,
        (phase, sign): (Phase, i32),
        states: &mut States,
        target: &[u16],
        told: &mut Recorder,
    ) -> (u32, bool) {
        told.starts.push((phase, sign, nonzero(states)));
        let limit = match phase {
            Phase::Free => self.network.dynamics.max_sweeps_free,
            _ => self.network.dynamics.max_sweeps_nudged,
        };
        for sweep in 0..limit {
            let before = states.clone();
            for layer in 1..states.len() {
                let seen = match self.network.dynamics.order {
                    Order::Sequential => states.clone(),
                    Order::Synchronous => before.clone(),
                };
                for unit in 0..states[layer].len() {
                    let old = states[layer][unit];
                    let value = self.next(layer, unit, &seen, sign, target);
                    told.writes.push(StateWrite {
                        phase,
                        sweep,
                        layer,
                        unit,
                        old,
                        value,
                    });
                    states[layer][unit] = value;
                }
            }
            let pairs = before.iter().flatten().zip(states.iter().flatten());
            let largest = pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0);
            let moved = u32::from(largest) > self.network.dynamics.tolerance;
            told.sweeps
                .push((phase, sweep, moved, largest > 0, nonzero(states)));
            if !moved {
                return (sweep + 1, true);
            }
        }
        (limit, false)
    }

    /// Rule 4 with the given σ of the first nudged phase: how each phase ended, and all events.
    pub(super) fn run(&self, sample: &Sample, sign: i32) -> (Vec<(u32, bool, States)>, Recorder) {
        let mut told = Recorder::default();
        let mut free: States = self
            .network
            .layers
            .iter()
            .map(|l| vec![0; l.units])
            .collect();
        free[0].clone_from(&sample.input);
        let plan = match self.network.phases.nudging {
            Nudging::Symmetric => &[
                (Phase::Free, 0),
                (Phase::Nudged, 1),
                (Phase::NudgedMinus, -1),
            ][..],
            _ => &[(Phase::Free, 0), (Phase::Nudged, sign)],
        };
        let mut ends = Vec::new();
        for &part in plan {
            let mut states = free.clone();
            let (sweeps, settled) = self.settle(part, &mut states, &sample.target, &mut told);
            if part.0 == Phase::Free {
                free.clone_from(&states);
            }
            ends.push((sweeps, settled, states));
        }
        (ends, told)
    }

    /// Rules 6 and 7 from p and q of rule 4, with m halvings left, or their mean over a batch of
    /// 2^`shift` samples; `told` gets the events, those of the beginning from the first lesson.
    pub(super) fn learn(
        &mut self,
        lessons: &[NaiveLesson],
        (m, shift): (u32, u32),
        rng: &mut Xorshift,
        told: &mut Recorder,
    ) {
        let network = self.network;
        let NaiveLesson { p, q, sign } = &lessons[0];
        let nonzero = |layer: usize| {
            let both = p[layer].iter().zip(&q[layer]);
            [
                both.clone().filter(|x| *x.0 > 0).count() as u32,
                both.clone().filter(|x| *x.1 > 0).count() as u32,
                both.filter(|x| *x.0 > 0 || *x.1 > 0).count() as u32,
            ]
        };
        let nonzero = (0..p.len()).map(nonzero).collect();
        let sides = network.orientations();
        let emits = |layer: usize, unit: usize| {
            let mut all = lessons.iter().flat_map(|lesson| [&lesson.p, &lesson.q]);
            all.any(|states| states[layer][unit] > 0)
        };
        let columns = |layer: usize| (0..p[layer].len()).filter(move |&unit| emits(layer, unit));
        let emitted: Vec<Vec<usize>> = (sides.iter())
            .map(|sides| columns(sides.column).collect())
            .collect();
        let one = i128::from(network.formats.one());
        let total = |of: &dyn Fn(&States) -> i128| -> i128 {
            let each = lessons.iter();
            each.map(|it| i128::from(it.sign) * (of(&it.p) - of(&it.q)))
                .sum()
        };
        for (block, sides) in sides.iter().enumerate() {
            let (a, b) = (sides.row, sides.column);
            for &column in &emitted[block] {
                let draw = rng.draw();
                for row in 0..p[a].len() {
                    if a == b && row >= column {
                        continue;
                    }
                    let product = |x: &States| i128::from(x[a][row]) * i128::from(x[b][column]);
                    let write = self.word(
                        Parameter::Weight { block, row, column },
                        self.weights[a][row][b][column],
                        total(&product),
                        (draw, row),
                        (m, shift),
                        &network.blocks[block],
                    );
                    self.weights[a][row][b][column] = write.value.into();
                    self.weights[b][column][a][row] = write.value.into();
                    told.learned.push(write);
                }
            }
        }
        for layer in 1..p.len() {
            let draw = rng.draw();
            let mut touching = network.blocks.iter();
            let first = touching.find(|block| [block.a, block.b].contains(&layer));
            for unit in 0..p[layer].len() {
                let write = self.word(
                    Parameter::Bias { layer, unit },
                    self.biases[layer][unit],
                    total(&|x| i128::from(x[layer][unit]) * one),
                    (draw, unit),
                    (m, shift),
                    first.expect("every layer is connected"),
                );
                self.biases[layer][unit] = write.value.into();
                told.learned.push(write);
            }
        }
        told.learning.push(Began {
            sign: *sign,
            m,
            emitted,
            nonzero,
        });
    }

    /// Rule 7 for one word: a whole number of 2^−(s+16), rounded down.
    fn word(
        &self,
        place: Parameter,
        old: i128,
        g: i128,
        (draw, index): (u16, usize),
        (m, shift): (u32, u32),
        block: &Block,
    ) -> WeightWrite {
        let turn = index % 16;
        let random = (u32::from(draw) << turn | u32::from(draw) >> (16 - turn)) & 0xFFFF;
        // η/β of the rule, divided by 2 for symmetric nudging, in units of a weight's LSB over
        // those of a product of two states.
        let exponent = i64::from(self.network.formats.weight_fraction)
            - 2 * i64::from(self.network.formats.state_fraction)
            - i64::from(block.rate_shift)
            + i64::from(self.network.phases.beta_shift)
            - i64::from(self.network.phases.nudging == Nudging::Symmetric)
            - i64::from(self.network.learning.halvings - m + shift);
        // In 2^−64 of an LSB; rates within 2^±31 leave no fraction.
        let exact = g * (1i128 << (64 + exponent)) + i128::from(random) * (1i128 << 48);
        let sum = old + exact.div_euclid(1i128 << 64);
        let limit = 1i128 << (self.network.formats.weight_bits - 1);
        WeightWrite {
            place,
            old: old as i16,
            value: sum.clamp(-limit, limit - 1) as i16,
            saturated: sum < -limit || sum >= limit,
        }
    }

    /// What a run with this σ teaches, from how its phases ended.
    pub(super) fn lesson(ends: Vec<(u32, bool, States)>, sign: i32) -> NaiveLesson {
        let mut states = ends.into_iter().map(|(_, _, states)| states);
        let (free, plus, minus) = (states.next(), states.next(), states.next());
        NaiveLesson {
            p: plus.expect("a nudged phase"),
            q: minus.or(free).expect("a free phase"),
            sign,
        }
    }

    /// Whether some nudged phase changed a state in its first sweep.
    pub(super) fn learned(told: &Recorder) -> bool {
        told.sweeps
            .iter()
            .any(|sweep| sweep.0 != Phase::Free && sweep.1 == 0 && sweep.3)
    }
}

fn nonzero(states: &States) -> Vec<u32> {
    let count = |layer: &Vec<u16>| layer.iter().filter(|&&x| x != 0).count() as u32;
    states.iter().map(count).collect()
}
