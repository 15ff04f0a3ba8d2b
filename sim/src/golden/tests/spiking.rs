//! Spiking units: every integer step against one golden step, whole runs by their statistics.

use super::super::*;
use crate::bittrue::{
    BitTrue, MembraneWrite, Mode, Observer, Phase, PhaseStart, Sample, TimeStep, Xorshift,
};
use crate::data::Dataset;
use crate::random::{random_spiking_network, Limits};
use hdl::config::Formats;
use proptest::prelude::*;
use std::path::Path;

/// Follows bit-true steps with single golden ones, as the comparison with hardware does.
struct Follow<'a> {
    golden: &'a Golden,
    network: &'a Network,
    target: &'a Array1<f64>,
    sign: i32,
    state: SpikingState,
    next: SpikingState,
    free: SpikingState,
    /// Largest errors as parts of their bounds.
    worst: SpikingError,
    steps: u32,
}

impl Observer for Follow<'_> {
    fn phase(&mut self, start: PhaseStart) {
        self.sign = start.sign;
        match start.phase {
            Phase::Free => self.state.reset(),
            Phase::Nudged => self.free.clone_from(&self.state),
            Phase::NudgedMinus => self.state.clone_from(&self.free),
        }
    }

    fn membrane(&mut self, write: MembraneWrite) {
        let words = (write.membrane, write.trace, write.fires);
        let place = (write.layer, write.unit);
        self.next.set_raw(self.network, place, words);
    }

    fn step(&mut self, _: TimeStep) {
        let nudge = (self.sign != 0).then_some(Nudge {
            strength: f64::from(self.sign) * self.golden.beta(),
            target: self.target,
        });
        let (network, worst) = (self.network, &mut self.worst);
        self.golden
            .spiking_errors(&self.state, nudge, &self.next, |layer, _, error| {
                let nudged = nudge.is_some() && layer == network.output();
                let bound = spiking_error_bound(network, nudged);
                worst.membrane = worst.membrane.max(error.membrane / bound.membrane);
                worst.trace = worst.trace.max(error.trace / bound.trace);
            });
        self.state.clone_from(&self.next);
        self.steps += 1;
    }
}

/// Runs all samples of a seeded network; the worst errors as parts of their bounds.
fn followed(seed: u32, [state_fraction, weight_bits, weight_fraction]: [u32; 3]) -> SpikingError {
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
        samples: 2,
        self_connected: seed % 3 == 0,
        feedback_shift: 0,
    };
    let case = random_spiking_network(seed, &limits);
    let network = &case.network;
    let mut model = BitTrue::new(network);
    model.load(&case.weights);
    let mut golden = Golden::new(network, &case.weights);
    let mut worst = SpikingError::default();
    for sample in &case.samples {
        let mut start = SpikingState::new(network);
        golden.set_raw(&mut start.traces[0], &sample.input);
        golden.clamp(&start.traces);
        let mut target = Array1::zeros(sample.target.len());
        golden.set_raw(&mut target, &sample.target);
        let mut follow = Follow {
            golden: &golden,
            network,
            target: &target,
            sign: 0,
            next: start.clone(),
            free: start.clone(),
            state: start,
            worst,
            steps: 0,
        };
        let outcome = model.run(sample, Mode::Nudge, &mut Xorshift::seed(seed), &mut follow);
        assert_eq!(follow.steps, outcome.sweeps());
        worst = follow.worst;
    }
    worst
}

proptest! {
    /// The claim of `spiking_error_bound`.
    #[test]
    fn one_golden_step_is_within_the_bound_of_every_step(
        seed: u32,
        formats in prop::sample::select(vec![
            [12, 16, 13], [12, 8, 6], [14, 16, 14], [8, 16, 13], [2, 3, 1], [12, 12, 0],
        ]),
    ) {
        let worst = followed(seed, formats);
        prop_assert!(worst.membrane <= 1.0 && worst.trace <= 1.0, "{worst:?}");
    }
}

#[test]
fn the_bound_is_tight() {
    let mut worst = SpikingError::default();
    for seed in 0..20 {
        let one = followed(seed, [12, 16, 13]);
        worst.membrane = worst.membrane.max(one.membrane);
        worst.trace = worst.trace.max(one.trace);
    }
    assert!(worst.membrane > 0.95 && worst.trace > 0.99, "{worst:?}");
}

/// What a step must find wrong: a membrane, a trace or a spike that is not the rule's.
#[test]
fn a_wrong_step_is_beyond_the_bound() {
    let network = &Network::builtin("digits-spiking").expect("built in");
    let weights = Weights::initial(network);
    let mut golden = Golden::new(network, &weights);
    let mut state = SpikingState::new(network);
    state.traces[0].fill(0.5);
    golden.clamp(&state.traces);
    let mut next = state.clone();
    for _ in 0..5 {
        golden.spiking_step(&state, None, &mut next);
        std::mem::swap(&mut state, &mut next);
    }
    golden.spiking_step(&state, None, &mut next);
    let bound = spiking_error_bound(network, false);
    let worst = |next: &SpikingState| {
        let mut worst = SpikingError::default();
        golden.spiking_errors(&state, None, next, |_, _, error| {
            worst.membrane = worst.membrane.max(error.membrane);
            worst.trace = worst.trace.max(error.trace);
        });
        worst
    };
    assert_eq!(worst(&next), SpikingError::default());
    let silent = next.spikes[1].iter().position(|&spike| spike == 0.0);
    let silent = silent.expect("some unit did not fire");
    let mut wrong = next.clone();
    wrong.membranes[1][silent] += 2.0 * bound.membrane;
    assert!(worst(&wrong).membrane > bound.membrane);
    let mut wrong = next.clone();
    wrong.traces[1][silent] += 2.0 * bound.trace;
    assert!(worst(&wrong).trace > bound.trace);
    // A spike that should not be, with the membrane and trace that would follow from it.
    let mut wrong = next.clone();
    wrong.spikes[1][silent] = 1.0;
    wrong.membranes[1][silent] -= 1.0;
    wrong.traces[1][silent] += lsb(4);
    assert!(worst(&wrong).membrane > bound.membrane);
}

/// Both models part at the first spike that rounding moves; what they compute is close on average.
#[test]
fn whole_runs_agree_in_their_rates_not_in_their_spikes() {
    let network = &Network::builtin("digits-spiking").expect("built in");
    let weights = Weights::initial(network);
    let data = Dataset::load(network, Path::new("."), None).expect("embedded");
    let mut model = BitTrue::new(network);
    model.load(&weights);
    let mut runner = Runner::new(network, &weights);
    let (samples, fraction) = (40, network.formats.state_fraction);
    let [mut spikes, mut golden_spikes] = [0u64; 2];
    let (mut distance, mut bias, mut farthest, mut units) = (0.0, 0.0, 0.0f64, 0);
    let mut sample = Sample::default();
    for index in 0..samples {
        data.sample_into(index, fraction, &mut sample);
        let outcome = model.run(&sample, Mode::Infer, &mut Xorshift::seed(1), &mut ());
        runner.run(&sample, Mode::Infer, 1, |_| ());
        spikes += outcome.activity.expect("spiking").spikes;
        golden_spikes += runner.activity().expect("spiking").spikes;
        for layer in 1..network.layers.len() {
            let golden = &runner.states(Phase::Free)[layer];
            for (&raw, golden) in model.states(Phase::Free, layer).iter().zip(golden) {
                let difference = crate::bittrue::state_to_real(raw, fraction) - golden;
                distance += difference.abs();
                bias += difference;
                farthest = farthest.max(difference.abs());
                units += 1;
            }
        }
    }
    let (distance, bias) = (distance / f64::from(units), bias / f64::from(units));
    let more = spikes as f64 / golden_spikes as f64 - 1.0;
    let found = format!("{distance} {bias} {farthest} {more}");
    assert!(more.abs() < 0.01, "{found}");
    assert!(distance < 0.02 && bias.abs() < 0.002, "{found}");
    // A spike at another time: they do part.
    assert!(farthest > 0.01, "{found}");
}
