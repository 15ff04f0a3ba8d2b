//! What the example's test bench sends, and what must come back.

use std::cell::Cell;

use hdl::arch::registers::status;
use hdl::arch::schedule::{Cost, Parameter};
use hdl::arch::stream::{self, Purpose};
use hdl::arch::Plan;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::fault::wild;
use sim::lockstep::{expected, Record};
use sim::weights::Weights;

/// Samples of each round at most. More show no fault that these do not (`cargo test -p host --bin eqprop
/// every_fault`), and the bench stays a matter of seconds.
pub const SAMPLES: usize = 4;
/// No further sample begins in a round that has run for so many cycles: a simulator of events makes a few thousand a
/// second.
const CYCLES: u64 = 20_000;

/// What a core is sent, command by command, and what must come of each.
pub struct Example {
    commands: Vec<Vec<u32>>,
    responses: Vec<Response>,
}

struct Response {
    words: Vec<u32>,
    /// Of a sample: the sum of what the core writes, as the bench defines it.
    sum: Option<u32>,
}

/// The core is configured. Then, from seeded initial weights and again from weights over the whole range of their
/// format: every sample is learned from and inferred, and all weights are read back.
pub fn example(plan: &Plan, samples: &[Sample]) -> Example {
    let network = &plan.network;
    let mut model = BitTrue::new(network);
    let mut rng = Xorshift::seed(network.seed);
    let mut record = Record::new(network);
    let mut example = Example {
        commands: vec![],
        responses: vec![],
    };
    example.write(plan.configure());
    let initial = Weights::initial(network);
    for weights in [&initial, &wild(plan, &initial)] {
        model.load(weights);
        example.write(load(plan, weights));
        let mut cycles = 0;
        for sample in samples {
            if cycles > CYCLES {
                break;
            }
            for (mode, purpose) in [
                (Mode::Learn, Purpose::Learn(&sample.target)),
                (Mode::Infer, Purpose::Infer),
            ] {
                record.clear();
                let outcome = model.run(sample, mode, &mut rng, &mut record);
                let (cost, sum) = writes(plan, &model, &record);
                cycles += cost.cycles;
                let command = stream::sample(&sample.input, purpose, true);
                let response = expected(plan, &model, &record, &outcome, cost);
                example.add(command, response.words(), Some(sum));
            }
        }
        // The words of these commands are what a core with these weights holds.
        let held = load(plan, &model.weights());
        let reads = stream::read_banks(plan).into_iter();
        for (read, held) in reads.chain(stream::read_biases(plan)).zip(held) {
            example.add(read, held[2..].to_vec(), None);
        }
        example.add(stream::read_random(), vec![rng.state()], None);
    }
    example
}

fn load(plan: &Plan, weights: &Weights) -> Vec<Vec<u32>> {
    plan.load(
        |block, row, column| weights.blocks[block][(row, column)],
        |layer, unit| weights.biases[layer - 1][unit],
    )
}

impl Example {
    fn add(&mut self, command: Vec<u32>, words: Vec<u32>, sum: Option<u32>) {
        self.commands.push(command);
        self.responses.push(Response { words, sum });
    }

    fn write(&mut self, commands: Vec<Vec<u32>>) {
        for command in commands {
            self.add(command, vec![status::DONE], None);
        }
    }

    /// The two files of the test bench, commands and responses: the number of words, then one word a line, `{last,
    /// word}` in hexadecimal, and after the response to a sample 2 and the sum of its writes.
    pub fn files(&self) -> [String; 2] {
        let commands = self.commands.iter().map(|words| (words, None));
        let responses = self.responses.iter();
        let responses = responses.map(|response| (&response.words, response.sum));
        [lines(commands), lines(responses)]
    }
}

/// What a sample costs, and the sum of what the core writes.
fn writes(plan: &Plan, model: &BitTrue, record: &Record) -> (Cost, u32) {
    let after = model.weights();
    let sum = Cell::new(0u32);
    let add = |cycle: u64, (lane, kind): (usize, usize), place: usize, value: i64| {
        let factors = [
            2 * cycle as usize + 1,
            4 * lane + 2 * kind + 1,
            2 * place + 1,
        ];
        let value = u32::from(value as u16);
        let product = |term: u32, factor: usize| term.wrapping_mul(factor as u32);
        let term = factors.into_iter().fold(value, product);
        sum.set(sum.get().wrapping_add(term));
    };
    let unit = |layer: usize, unit: usize| {
        let map = &plan.map.layers[layer];
        (map, unit / plan.shape.lanes)
    };
    let cost = plan.predict_writes(
        &record.trace,
        true,
        |write| {
            let (map, tile) = unit(write.layer, write.unit);
            let place = match map.in_lanes {
                true => map.first_tile + tile,
                false => map.bias_address + write.unit,
            };
            add(write.cycle, (write.probe, 0), place, record.word(&write));
        },
        |write| {
            let place = match write.parameter {
                Parameter::Weight { block, row, column } => {
                    let lanes = plan.shape.lanes;
                    plan.map.blocks[block].address(row / lanes, lanes) + column
                }
                Parameter::Bias { layer, unit: index } => {
                    let (map, tile) = unit(layer, index);
                    map.bias_address + if map.in_lanes { tile } else { index }
                }
            };
            let value = *after.at(&write.parameter);
            add(write.cycle, (write.probe, 1), place, value.into());
        },
    );
    match plan.shape.spiking {
        None => (cost, sum.get()),
        Some(_) => (cost, 0),
    }
}

fn lines<'a>(frames: impl Iterator<Item = (&'a Vec<u32>, Option<u32>)>) -> String {
    let (mut text, mut count) = (String::new(), 0);
    for (words, sum) in frames {
        for (position, word) in words.iter().enumerate() {
            let last = u32::from(position + 1 == words.len());
            text += &format!("{last}{word:08x}\n");
        }
        count += words.len();
        text.extend(sum.map(|sum| format!("2{sum:08x}\n")));
    }
    format!("{count}\n{text}")
}
