//! Nothing leaks from sample to sample, nor from network to network on the same core.

use super::common::{case, Hardware};
use super::random::group;
use sim::bittrue::{Mode, Outcome, Sample};
use sim::lockstep::Lockstep;
use sim::random::RandomCase;
use sim::verilate::Model;

/// What a sample gave: states of every sweep as the hardware wrote them, the response, busy cycles.
#[derive(Debug, PartialEq)]
struct Trace {
    states: Vec<Vec<Vec<u16>>>,
    outcome: Outcome,
    busy: u64,
}

/// Runs a sample from a fixed random state.
fn trace(lockstep: &mut Lockstep, sample: &Sample) -> Trace {
    let before = lockstep.totals().cycles;
    lockstep.set_random(0x1234_5678).unwrap();
    let report = lockstep
        .sample(sample, Mode::Nudge)
        .unwrap_or_else(|error| panic!("{}: {error}", lockstep.plan().network.name));
    Trace {
        states: lockstep.states().to_vec(),
        outcome: report.outcome,
        busy: lockstep.totals().cycles - before,
    }
}

#[test]
fn a_sample_after_one_two_or_fifty_others_gives_the_same_bits_and_cycles() {
    let cases = group(4, 51);
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), 4);
    for case in cases.iter().step_by(5) {
        let (sample, others) = case.samples.split_last().expect("51 samples");
        let traces = [0, 1, 2, 50].map(|before| {
            let model = hardware.model(2 * before as u32 + 1);
            let mut lockstep = hardware.lockstep(case, model, None);
            for (index, other) in others[..before].iter().enumerate() {
                // Inference between training samples must leave nothing behind either.
                let mode = [Mode::Nudge, Mode::Infer][usize::from(index % 3 == 2)];
                lockstep
                    .sample(other, mode)
                    .unwrap_or_else(|error| panic!("{}: {error}", case.network.name));
            }
            trace(&mut lockstep, sample)
        });
        for other in &traces[1..] {
            assert_eq!(&traces[0], other, "{}", case.network.name);
        }
    }
}

/// Traces of all samples on `model`, and the model back.
fn run(hardware: &Hardware, case: &RandomCase, model: Model) -> (Vec<Trace>, Model) {
    let mut lockstep = hardware.lockstep(case, model, None);
    let traces = case
        .samples
        .iter()
        .map(|sample| trace(&mut lockstep, sample))
        .collect();
    let model = std::mem::replace(lockstep.model(), hardware.model(0));
    (traces, model)
}

#[test]
fn two_networks_take_turns_on_one_bitstream() {
    let xor = case(
        "name = \"xor\"\nlayers = [2, 12, 1]\ndataset = \"random\"\n",
        4,
    );
    let small = case(
        "name = \"small\"\nlayers = [16, 12, 4]\ndataset = \"random\"\n",
        4,
    );
    let hardware = Hardware::of([&xor.network, &small.network], 2);
    let (alone, model) = run(&hardware, &xor, hardware.model(1));
    let (other, model) = run(&hardware, &small, model);
    let (again, _) = run(&hardware, &xor, model);
    assert_eq!(alone, again);
    let (fresh, _) = run(&hardware, &small, hardware.model(3));
    assert_eq!(other, fresh);
}
