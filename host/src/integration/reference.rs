//! The bit-true model behind the core's stream: what every command must be answered by.

use std::cell::Cell;

use hdl::arch::registers::status;
use hdl::arch::schedule::{Cost, Parameter};
use hdl::arch::stream::{self, Purpose};
use hdl::arch::Plan;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::lockstep::{expected, Record};
use sim::weights::Weights;

/// A command and its answer, words of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    pub command: Vec<u32>,
    pub response: Vec<u32>,
    /// Of a sample: the sum of what the core writes, as the example's bench defines it, and its busy cycles.
    pub writes: Option<(u32, u64)>,
}

/// A core that does what the model does.
pub struct Reference {
    plan: Plan,
    model: BitTrue,
    rng: Xorshift,
    record: Record,
}

impl Reference {
    /// One that holds weights of 0 and the seed's random state.
    pub fn new(plan: &Plan) -> Reference {
        let network = &plan.network;
        Reference {
            model: BitTrue::new(network),
            rng: Xorshift::seed(network.seed),
            record: Record::new(network),
            plan: plan.clone(),
        }
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What makes a core after reset this network's.
    pub fn configure(&self) -> Vec<Exchange> {
        written(self.plan.configure())
    }

    /// Loads all weights and biases.
    pub fn load(&mut self, weights: &Weights) -> Vec<Exchange> {
        self.model.load(weights);
        written(load(&self.plan, weights))
    }

    /// Shows a sample.
    pub fn sample(&mut self, sample: &Sample, mode: Mode) -> Exchange {
        let purpose = match mode {
            Mode::Infer => Purpose::Infer,
            Mode::Nudge => Purpose::Nudge(&sample.target),
            Mode::Learn => Purpose::Learn(&sample.target),
        };
        self.record.clear();
        let outcome = (self.model).run(sample, mode, &mut self.rng, &mut self.record);
        let (cost, sum) = writes(&self.plan, &self.model, &self.record);
        let response = expected(&self.plan, &self.model, &self.record, &outcome, cost);
        Exchange {
            command: stream::sample(&sample.input, purpose, true),
            response: response.words(),
            writes: Some((sum, cost.cycles)),
        }
    }

    /// Reads back all weights, biases and the random state.
    pub fn read(&self) -> Vec<Exchange> {
        // The words of these commands are what a core with these weights holds.
        let held = load(&self.plan, &self.model.weights());
        let reads = stream::read_banks(&self.plan).into_iter();
        let reads = reads.chain(stream::read_biases(&self.plan)).zip(held);
        let random = (stream::read_random(), vec![self.rng.state()]);
        let weights = reads.map(|(read, held)| (read, held[2..].to_vec()));
        let exchange = |(command, response)| Exchange {
            command,
            response,
            writes: None,
        };
        weights.chain([random]).map(exchange).collect()
    }

    /// The weights as they are.
    pub fn weights(&self) -> Weights {
        self.model.weights()
    }
}

/// Commands without data in their answers.
fn written(commands: Vec<Vec<u32>>) -> Vec<Exchange> {
    let exchange = |command| Exchange {
        command,
        response: vec![status::DONE],
        writes: None,
    };
    commands.into_iter().map(exchange).collect()
}

fn load(plan: &Plan, weights: &Weights) -> Vec<Vec<u32>> {
    plan.load(
        |block, row, column| weights.blocks[block][(row, column)],
        |layer, unit| weights.biases[layer - 1][unit],
    )
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
