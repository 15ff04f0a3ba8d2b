//! Resets over the line and by the button while the core works: nothing is left of what ran but what was learned until
//! then.

use super::client::{Client, Hardware};
use super::training::{case, Case};
use hdl::arch::protocol::{Frame, Request};
use hdl::arch::stream::{self, Purpose};
use hdl::arch::Plan;
use hdl::config::Pipeline;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::board::Line;
use sim::weights::Weights;

/// How a running sample is met.
#[derive(Clone, Copy, Debug)]
enum Meets {
    ResetRequest,
    Button,
    /// A session begins, which waits for the sample.
    Hello,
}

fn brief(pipeline: Pipeline) -> Case {
    let mut case = case("[6, 5, 3]", 2);
    case.network.dynamics.max_sweeps_free = 2;
    case.network.dynamics.max_sweeps_nudged = 2;
    case.network.engine.pipeline = Some(pipeline);
    case
}

/// The model after it has learned from a sample.
fn learned(case: &Case, weights: &Weights, random: u32, sample: &Sample) -> (Weights, u32) {
    let mut model = BitTrue::new(&case.network);
    model.load(weights);
    let mut rng = Xorshift::from_state(random);
    model.run(sample, Mode::Learn, &mut rng, &mut ());
    (model.weights(), rng.state())
}

/// Interrupts a sample that is learned from after so many cycles.
fn meet(client: &mut Client, plan: &Plan, case: &Case, meets: Meets, cycles: u64) {
    let [first, second] = &case.samples[..] else {
        panic!("two samples");
    };
    client.load(plan, &case.weights);
    let random = client.read(plan).1;
    let command = stream::sample(&first.input, Purpose::Learn(&first.target), true);
    let number = client.next_number();
    client.send(Frame::request(number, Request::Core, command).encode());
    client.receive(cycles);
    let number = number.wrapping_add(100);
    match meets {
        Meets::ResetRequest => {
            client.ask(number, Request::Reset, vec![]);
            client.resume(number.wrapping_add(1));
        }
        Meets::Button => {
            client.board.press_button();
            client.hello(number);
        }
        Meets::Hello => {
            client.hello(number);
        }
    }
    let (weights, now) = client.read(plan);
    let whole = learned(case, &case.weights, random, first);
    let both = weights.pairs(&case.weights).zip(weights.pairs(&whole.0));
    for ((at, word, old), (_, _, new)) in both {
        assert!(
            word == old || word == new,
            "{meets:?} after {cycles}: {at:?}"
        );
    }
    if let Meets::Hello = meets {
        assert_eq!((&weights, now), (&whole.0, whole.1));
    }
    client.samples(std::slice::from_ref(second), true);
    let want = learned(case, &weights, now, second);
    assert!(client.read(plan) == want, "{meets:?} after {cycles} cycles");
}

#[test]
fn nothing_is_left_of_a_sample_that_a_reset_met() {
    for (pipeline, board) in [
        (Pipeline::Short, "icebreaker"),
        (Pipeline::Deep, "colorlight-i5"),
    ] {
        let case = brief(pipeline);
        let plan = Plan::new(&case.network, 2).unwrap();
        let hardware = Hardware::new(plan, board, |_, _| Line::Bytes);
        let mut client = hardware.client();
        client.hello(7);
        let command = client.samples(&case.samples[..1], true);
        // From the frame's first byte on the line to the answer's last.
        let cycles = u64::from(command[0].cycles) + 1_500;
        for (index, cycle) in (0..cycles).step_by(61).enumerate() {
            let meets = [Meets::ResetRequest, Meets::Button, Meets::Hello][index % 3];
            meet(&mut client, &hardware.plan, &case, meets, cycle);
        }
    }
}
