//! The golden model against its definitions, and the hardware's steps against the golden model;
//! `spiking` the same of spiking units.

mod spiking;

use super::*;
use crate::bittrue::{weight_to_real, BitTrue, Mode, Observer, Phase, StateWrite, Sweep, Xorshift};
use crate::random::{random_network, Limits, RandomCase};
use hdl::config::Formats;
use proptest::prelude::*;

fn any_case() -> impl Strategy<Value = RandomCase> {
    let formats = prop::sample::select(vec![[12, 16, 13], [12, 8, 6], [14, 16, 14], [2, 3, 1]]);
    (any::<u32>(), formats).prop_map(|(seed, [state_fraction, weight_bits, weight_fraction])| {
        let formats = Formats {
            state_fraction,
            weight_bits,
            weight_fraction,
        };
        let limits = Limits {
            formats,
            lanes: 4,
            max_layers: 5,
            max_units: 12,
            max_blocks: 7,
            self_connected: false,
            feedback_shift: seed % 4,
            samples: 2,
        };
        random_network(seed, &limits)
    })
}

/// The model clamped to the first sample, its free states anything.
fn clamped(case: &RandomCase) -> (Golden, Vec<Array1<f64>>, Array1<f64>) {
    let mut golden = Golden::new(&case.network, &case.weights);
    let mut states = Golden::zero_states(&case.network);
    golden.set_raw(&mut states[0], &case.samples[0].input);
    golden.clamp(&states);
    let mut rng = Xorshift::seed(case.network.seed ^ 1);
    for layer in &mut states[1..] {
        layer.mapv_inplace(|_| f64::from(rng.draw()) / 65536.0);
    }
    let mut target = Array1::zeros(case.samples[0].target.len());
    golden.set_raw(&mut target, &case.samples[0].target);
    (golden, states, target)
}

/// E as the paper writes it, pair by pair; a pair weighs what the unit in the higher layer does.
fn energy(case: &RandomCase, states: &States) -> f64 {
    let g = case.network.formats.weight_fraction;
    let weight = |layer| energy_weight(&case.network, layer);
    let mut energy: f64 = (states.iter().enumerate())
        .map(|(layer, states)| weight(layer) * 0.5 * states.dot(states))
        .sum();
    for (matrix, sides) in case.weights.blocks.iter().zip(case.network.orientations()) {
        let upper = weight(sides.row.max(sides.column));
        for ((row, column), &weight) in matrix.indexed_iter() {
            energy -= upper
                * weight_to_real(weight, g)
                * states[sides.row][row]
                * states[sides.column][column];
        }
    }
    for (layer, biases) in (1..).zip(&case.weights.biases) {
        for (unit, &bias) in biases.iter().enumerate() {
            energy -= weight(layer) * weight_to_real(bias, g) * states[layer][unit];
        }
    }
    energy
}

proptest! {
    #[test]
    fn energy_is_the_sum_over_pairs(case in any_case()) {
        let (golden, states, _) = clamped(&case);
        let (expected, got) = (energy(&case, &states), golden.energy(&states));
        prop_assert!((expected - got).abs() <= 1e-9 * (1.0 + expected.abs()), "{expected} {got}");
    }

    /// E is quadratic, so central differences are exact but for rounding.
    #[test]
    fn states_step_down_the_gradient_of_the_total_energy(case in any_case(), sign in -1i32..=1) {
        let (golden, mut states, target) = clamped(&case);
        let strength = f64::from(sign) * golden.beta();
        let nudge = (sign != 0).then_some(Nudge { strength, target: &target });
        for layer in 1..states.len() {
            for unit in 0..states[layer].len() {
                let x = states[layer][unit];
                states[layer][unit] = x + 0.25;
                let above = golden.total_energy(&states, nudge);
                states[layer][unit] = x - 0.25;
                let below = golden.total_energy(&states, nudge);
                states[layer][unit] = x;
                let slope = (above - below) / 0.5 / energy_weight(&case.network, layer);
                let downhill = (x - golden.step * slope).clamp(0.0, 1.0);
                let stepped = golden.unit_step(layer, unit, &states, nudge);
                prop_assert!((downhill - stepped).abs() < 1e-9, "{downhill} {stepped}");
            }
        }
    }

    #[test]
    fn energy_never_rises_in_a_sequential_free_phase_at_full_steps(mut case in any_case()) {
        case.network.dynamics.order = Order::Sequential;
        case.network.dynamics.k = 0;
        let mut runner = Runner::new(&case.network, &case.weights);
        let path = Trajectory::record(&mut runner, &case.samples[0], Mode::Infer, 1);
        for pair in path.points.windows(2) {
            prop_assert!(pair[1].energy <= pair[0].energy + 1e-9 * (1.0 + pair[0].energy.abs()));
        }
    }

    /// The claim of `error_bound`, tight: every bit-true write is within half an LSB of one exact
    /// step from the states it was computed from.
    #[test]
    fn one_golden_step_is_within_the_bound_of_every_write(case in any_case()) {
        let mut model = BitTrue::new(&case.network);
        model.load(&case.weights);
        let mut golden = Golden::new(&case.network, &case.weights);
        let mut rng = Xorshift::seed(case.network.seed);
        for sample in &case.samples {
            let mut states = Golden::zero_states(&case.network);
            golden.set_raw(&mut states[0], &sample.input);
            golden.clamp(&states);
            let mut target = Array1::zeros(sample.target.len());
            golden.set_raw(&mut target, &sample.target);
            let mut sign_rng = rng;
            let first = if golden.nudging == Nudging::RandomSign { sign_rng.draw_sign() } else { 1 };
            let mut lockstep = Lockstep {
                golden: &golden,
                order: case.network.dynamics.order,
                lsb: lsb(case.network.formats.state_fraction),
                next: states.clone(),
                free: states.clone(),
                states,
                target,
                signs: [0, first, -1],
                worst: 0.0,
                writes: 0,
            };
            let outcome = model.run(sample, Mode::Nudge, &mut rng, &mut lockstep);
            prop_assert_eq!(lockstep.writes, outcome.sweeps() as usize * case.network.free_units());
            prop_assert!(lockstep.worst <= error_bound(&case.network), "{}", lockstep.worst);
        }
    }

    #[test]
    fn a_layer_steps_as_its_units_do(case in any_case(), sign in -1i32..=1) {
        let (golden, states, target) = clamped(&case);
        let strength = f64::from(sign) * golden.beta();
        let nudge = (sign != 0).then_some(Nudge { strength, target: &target });
        for layer in 1..states.len() {
            let mut next = states[layer].clone();
            golden.layer_step(layer, &states, nudge, &mut next);
            for (unit, &next) in next.iter().enumerate() {
                prop_assert!((next - golden.unit_step(layer, unit, &states, nudge)).abs() < 1e-12);
            }
        }
    }
}

proptest! {
    /// Rule 7 pair by pair, and both directions of every block still one matrix.
    #[test]
    fn learning_adds_the_rule_to_every_weight(case in any_case(), sign in prop::sample::select(vec![-1, 1])) {
        let network = &case.network;
        let sign = if network.phases.nudging == Nudging::RandomSign { sign } else { 1 };
        let m = network.learning.halvings / 2;
        let mut runner = Runner::new(network, &case.weights);
        runner.set_rate_halvings_left(m);
        let before = runner.weights();
        prop_assert_eq!(&before, &Reals::of(&case.weights, network.formats.weight_fraction));
        runner.run(&case.samples[0], Mode::Learn, sign, |_| ());
        let after = runner.weights();
        let p = runner.states(Phase::Nudged).to_vec();
        let (q, half) = match network.phases.nudging {
            Nudging::Symmetric => (runner.states(Phase::NudgedMinus).to_vec(), 0.5),
            _ => (runner.states(Phase::Free).to_vec(), 1.0),
        };
        let rate = |shift: i32| {
            let eta = 0.5f64.powi(shift + (network.learning.halvings - m) as i32);
            f64::from(sign) * half * eta / runner.golden().beta()
        };
        for (block, sides) in network.orientations().iter().enumerate() {
            let (r, c) = (sides.row, sides.column);
            for ((i, j), &old) in before.blocks[block].indexed_iter() {
                let g = p[r][i] * p[c][j] - q[r][i] * q[c][j];
                let expected = old + rate(network.blocks[block].rate_shift) * g;
                let got = after.blocks[block][[i, j]];
                prop_assert!((expected - got).abs() <= 1e-12 * (1.0 + expected.abs()));
            }
        }
        for layer in 1..p.len() {
            let shift = network.bias_block(layer).rate_shift;
            for (unit, &old) in before.biases[layer - 1].iter().enumerate() {
                let expected = old + rate(shift) * (p[layer][unit] - q[layer][unit]);
                prop_assert!((expected - after.biases[layer - 1][unit]).abs() < 1e-12 * (1.0 + expected.abs()));
            }
        }
        // A model made from the weights read back has the same drives, in both directions.
        let rebuilt = Golden::with_reals(network, &after);
        prop_assert_eq!(&rebuilt.free, &runner.golden().free);
        prop_assert_eq!(&rebuilt.clamped, &runner.golden().clamped);
    }
}

/// Follows bit-true writes with single golden steps, as the comparison with hardware does.
struct Lockstep<'a> {
    golden: &'a Golden,
    order: Order,
    lsb: f64,
    /// What the next drives see.
    states: Vec<Array1<f64>>,
    next: Vec<Array1<f64>>,
    free: Vec<Array1<f64>>,
    target: Array1<f64>,
    signs: [i32; 3],
    worst: f64,
    writes: usize,
}

impl Observer for Lockstep<'_> {
    fn write(&mut self, write: StateWrite) {
        let StateWrite { layer, unit, .. } = write;
        if self.order == Order::Sequential && unit == 0 {
            self.states[layer - 1].assign(&self.next[layer - 1]);
        }
        let strength = f64::from(self.signs[write.phase as usize]) * self.golden.beta();
        let nudge = (write.phase != Phase::Free).then_some(Nudge {
            strength,
            target: &self.target,
        });
        let expected = self.golden.unit_step(layer, unit, &self.states, nudge);
        let got = f64::from(write.value) * self.lsb;
        self.worst = self.worst.max((expected - got).abs());
        self.next[layer][unit] = got;
        self.writes += 1;
    }

    fn sweep(&mut self, sweep: Sweep) {
        self.states.clone_from(&self.next);
        if sweep.phase == Phase::Free {
            self.free.clone_from(&self.states);
        }
    }

    fn phase(&mut self, start: crate::bittrue::PhaseStart) {
        if start.phase == Phase::NudgedMinus {
            self.states.clone_from(&self.free);
            self.next.clone_from(&self.free);
        }
    }
}

#[test]
fn a_trajectory_starts_every_phase_where_the_rules_say() {
    let formats = Formats {
        state_fraction: 12,
        weight_bits: 16,
        weight_fraction: 13,
    };
    let limits = Limits {
        formats,
        lanes: 4,
        max_layers: 3,
        max_units: 12,
        max_blocks: 3,
        self_connected: false,
        feedback_shift: 0,
        samples: 1,
    };
    let mut case = random_network(3, &limits);
    case.network.phases.nudging = Nudging::Symmetric;
    let mut runner = Runner::new(&case.network, &case.weights);
    let ends = runner.run(&case.samples[0], Mode::Nudge, 1, |_| ());
    let path = Trajectory::record(&mut runner, &case.samples[0], Mode::Nudge, 1);
    for end in ends.iter().flatten() {
        let points: Vec<_> = path.phase(end.phase).collect();
        assert_eq!(points.len() as u32, end.sweeps + 1);
        assert_eq!(points[points.len() - 1].states, runner.states(end.phase));
        match end.phase {
            Phase::Free => assert!(points[0].states[1..].iter().flatten().all(|&x| x == 0.0)),
            _ => assert_eq!(points[0].states, runner.states(Phase::Free)),
        }
        assert_eq!(points[0].states[0], runner.states(Phase::Free)[0]);
    }
    let free = path.phase(Phase::Free).last().expect("a phase has points");
    assert_eq!(free.energy, free.total_energy);
}
