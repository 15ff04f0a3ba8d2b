//! Load, infer, train and read back over the line: bit for bit what the bit-true model does.

use super::client::{Client, Hardware};
use hdl::arch::protocol::counter;
use hdl::arch::Plan;
use hdl::config::Network;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::board::Line;
use sim::weights::Weights;

/// A small network, its weights and seeded samples.
pub struct Case {
    pub network: Network,
    pub weights: Weights,
    pub samples: Vec<Sample>,
}

pub fn case(layers: &str, samples: usize) -> Case {
    let file = format!("layers = {layers}\ndataset = \"random\"\nengine.lanes = 2\n");
    of(Network::parse("case.toml", &file).unwrap(), samples)
}

pub fn of(network: Network, samples: usize) -> Case {
    let mut rng = Xorshift::seed(network.seed);
    let mut state = || match rng.draw() % 4 {
        0 => 0,
        _ => rng.draw() % (network.formats.one() as u16 + 1),
    };
    let mut states = |layer: usize| (0..network.layers[layer].units).map(|_| state()).collect();
    let samples = (0..samples)
        .map(|_| Sample {
            input: states(0),
            target: states(network.output()),
        })
        .collect();
    Case {
        weights: Weights::initial(&network),
        samples,
        network,
    }
}

/// The bit-true model after training on all samples: weights, random state, and the counters that the
/// device must show (cycles 0, frames intact).
pub fn trained(case: &Case) -> (Weights, u32, [u32; counter::COUNT]) {
    let mut model = BitTrue::new(&case.network);
    model.load(&case.weights);
    let mut rng = Xorshift::seed(case.network.seed);
    let mut counters = [0; counter::COUNT];
    for sample in &case.samples {
        let outcome = model.run(sample, Mode::Learn, &mut rng, &mut ());
        counters[counter::SAMPLES] += 1;
        counters[counter::SWEEPS] += outcome.sweeps();
        counters[counter::SATURATIONS] += outcome.saturations;
        counters[counter::UNSETTLED] += u32::from(outcome.phases().any(|phase| !phase.settled));
    }
    (model.weights(), rng.state(), counters)
}

/// Loads, trains on all samples and compares everything that can be read back.
pub fn train(client: &mut Client, plan: &Plan, case: &Case) {
    let (before, damaged) = client.quiet_counters();
    client.load(plan, &case.weights);
    assert_eq!(client.read(plan).0, case.weights);
    let responses = client.samples(&case.samples, true);
    let cycles: u32 = responses.iter().map(|response| response.cycles).sum();
    let (weights, random, mut counters) = trained(case);
    assert_eq!(client.read(plan), (weights, random));
    let (now, damaged_now) = client.quiet_counters();
    counters[counter::CYCLES] = cycles;
    counters[counter::CRC_ERRORS] = damaged_now - damaged;
    let difference: Vec<u32> = now
        .iter()
        .zip(before)
        .map(|(now, then)| now - then)
        .collect();
    assert_eq!(difference, counters);
}

#[test]
fn a_board_learns_bit_by_bit_what_the_model_learns() {
    let case = case("[6, 5, 3]", 3);
    let plan = Plan::new(&case.network, 2).unwrap();
    let hardware = Hardware::new(plan, "icebreaker", Line::pins);
    let mut client = hardware.client();
    let identity = client.hello(0x2A);
    assert_eq!(identity.shape, hardware.plan.shape);
    assert_eq!(identity.hash, hardware.plan.hash);
    assert_eq!(identity.layers, [6, 5, 3]);
    assert_eq!(identity.baud(), 1e6);
    train(&mut client, &hardware.plan, &case);
    assert_eq!(client.trouble.retries, 0);
}
