//! What the example's test bench sends, and what must come back.

use hdl::arch::registers::status;
use hdl::arch::stream::{self, Purpose};
use hdl::arch::Plan;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::lockstep::{expected, Record};
use sim::weights::Weights;

/// The two files of the test bench: one word a line, `{last, word}` in hexadecimal.
pub struct Example {
    pub commands: String,
    pub expected: String,
}

/// The core is configured and seeded initial weights are loaded; every sample is inferred, then learned from.
pub fn example(plan: &Plan, samples: &[Sample]) -> Example {
    let network = &plan.network;
    let weights = Weights::initial(network);
    let mut model = BitTrue::new(network);
    model.load(&weights);
    let mut rng = Xorshift::seed(network.seed);
    let mut record = Record::new(network);

    // With the state of the random numbers, so that the same commands can be played again.
    let mut commands = plan.configure();
    commands.extend(plan.load(
        |block, row, column| weights.blocks[block][(row, column)],
        |layer, unit| weights.biases[layer - 1][unit],
    ));
    let mut answers = vec![vec![status::DONE]; commands.len()];
    for sample in samples {
        for (mode, purpose) in [
            (Mode::Infer, Purpose::Infer),
            (Mode::Learn, Purpose::Learn(&sample.target)),
        ] {
            record.clear();
            let outcome = model.run(sample, mode, &mut rng, &mut record);
            let cost = plan.predict(&record.trace, true);
            commands.push(stream::sample(&sample.input, purpose, true));
            answers.push(expected(plan, &model, &record, &outcome, cost).words());
        }
    }
    Example {
        commands: lines(&commands),
        expected: lines(&answers),
    }
}

fn lines(frames: &[Vec<u32>]) -> String {
    let mut text = String::new();
    for frame in frames {
        for (position, word) in frame.iter().enumerate() {
            let last = u32::from(position + 1 == frame.len());
            text += &format!("{last}{word:08x}\n");
        }
    }
    text
}
