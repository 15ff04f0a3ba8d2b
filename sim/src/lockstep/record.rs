//! What the bit-true model says a sample must do: every state after every sweep.

use crate::bittrue::{
    LearningStart, MembraneWrite, Observer, PhaseStart, StateWrite, Sweep, TimeStep, WeightWrite,
};
use hdl::arch::schedule::{Learned, Parameter, Trace, WriteAt};
use hdl::arch::spiking::SpikingUnit;
use hdl::config::Network;

/// Records a bit-true run.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// Non-zero counts, from which cycles are predicted.
    pub trace: Trace,
    /// Sign of each phase: 0 free, ±1 nudged.
    pub signs: Vec<i32>,
    /// States after each sweep of each phase, layer after layer from layer 1 on.
    pub states: Vec<Vec<Vec<u16>>>,
    /// The same of spiking units, with membranes, traces and spikes; of rates empty.
    pub spiking: Vec<Vec<Vec<SpikingUnit>>>,
    /// Position of each layer's first unit in a vector of states; layer 0 has none.
    pub offsets: Vec<usize>,
    units: usize,
    self_connected: bool,
    /// Writes of states and of weights seen.
    pub writes: u64,
}

impl Record {
    /// An empty record for `network`.
    pub fn new(network: &Network) -> Record {
        let mut units = 0;
        let offsets = network
            .layers
            .iter()
            .enumerate()
            .map(|(index, layer)| {
                let offset = units;
                units += if index == 0 { 0 } else { layer.units };
                offset
            })
            .collect();
        Record {
            offsets,
            units,
            self_connected: network.blocks.iter().any(|block| block.a == block.b),
            ..Record::default()
        }
    }

    /// Forgets the last sample.
    pub fn clear(&mut self) {
        self.trace = Trace::default();
        self.signs.clear();
        self.states.clear();
        self.spiking.clear();
        self.writes = 0;
    }

    /// What the probe of a write must report.
    pub fn word(&self, write: &WriteAt) -> i64 {
        let position = self.position(write.layer, write.unit);
        match self.spiking.get(write.phase) {
            Some(steps) => steps[write.sweep][position].word(),
            None => i64::from(self.states[write.phase][write.sweep][position]),
        }
    }

    /// Where the outputs' states are in a vector of states.
    fn outputs(&self) -> std::ops::Range<usize> {
        self.offsets[self.offsets.len() - 1]..self.units
    }

    /// Where a unit's state is in a vector of states.
    pub fn position(&self, layer: usize, unit: usize) -> usize {
        self.offsets[layer] + unit
    }
}

impl Record {
    /// Of the last sweep: units before the active ones of each layer.
    fn record_pairs(&mut self, active: impl Fn(usize) -> bool) {
        let ends = self.offsets[1..].iter().skip(1).chain([&self.units]);
        let layers = self.offsets[1..].iter().zip(ends).map(|(&start, &end)| {
            let active = (0..)
                .zip(start..end)
                .filter(|&(_, position)| active(position));
            active.map(|(unit, _)| unit).sum()
        });
        let pairs = std::iter::once(0).chain(layers).collect();
        if let Some(phase) = self.trace.pairs.last_mut() {
            phase.push(pairs);
        }
    }
}

impl Observer for Record {
    fn phase(&mut self, start: PhaseStart) {
        self.trace.input = start.nonzero[0];
        self.trace.phases.push(vec![]);
        self.trace.pairs.push(vec![]);
        self.signs.push(start.sign);
        self.states.push(vec![]);
    }

    fn write(&mut self, write: StateWrite) {
        let position = self.position(write.layer, write.unit);
        let sweeps = self
            .states
            .last_mut()
            .expect("a phase starts before it writes");
        if sweeps.len() <= write.sweep as usize {
            sweeps.push(vec![0; self.units]);
        }
        sweeps[write.sweep as usize][position] = write.value;
        self.writes += 1;
    }

    fn membrane(&mut self, write: MembraneWrite) {
        let unit = SpikingUnit {
            membrane: write.membrane,
            trace: write.trace,
            fires: write.fires,
        };
        let (phase, step) = (write.phase as usize, write.step as usize);
        let position = self.position(write.layer, write.unit);
        if self.spiking.len() <= phase {
            self.spiking.push(vec![]);
        }
        if self.spiking[phase].len() <= step {
            self.spiking[phase].push(vec![SpikingUnit::default(); self.units]);
            self.states[phase].push(vec![0; self.units]);
        }
        self.spiking[phase][step][position] = unit;
        self.states[phase][step][position] = unit.state();
        self.writes += 1;
    }

    fn step(&mut self, step: TimeStep) {
        let phases = self
            .trace
            .phases
            .last_mut()
            .expect("a phase starts before it steps");
        phases.push(step.spikes.to_vec());
        if self.trace.phases.len() == 1 {
            let step = self.spiking.last().and_then(|steps| steps.last());
            let outputs = &step.expect("a step writes every unit")[self.outputs()];
            self.trace.output = outputs.iter().filter(|unit| unit.state() != 0).count() as u32;
        }
        if self.self_connected {
            let units = self.spiking.last().and_then(|steps| steps.last());
            let units = units.expect("a step writes every unit").clone();
            self.record_pairs(|position| units[position].fires);
        }
    }

    fn sweep(&mut self, sweep: Sweep) {
        let phases = self
            .trace
            .phases
            .last_mut()
            .expect("a phase starts before it sweeps");
        phases.push(sweep.nonzero.to_vec());
        if self.trace.phases.len() == 1 {
            self.trace.output = sweep.nonzero[self.offsets.len() - 1];
        }
        if self.self_connected {
            let states = self.states.last().and_then(|sweeps| sweeps.last());
            let states = states.expect("a sweep writes every unit").clone();
            self.record_pairs(|position| states[position] != 0);
        }
    }

    fn learning(&mut self, start: LearningStart) {
        let layers = 0..self.offsets.len();
        let units = layers.map(|layer| start.active(layer).map(|unit| unit as u16).collect());
        self.trace.learned = Some(Learned {
            units: units.collect(),
        });
    }

    /// Biases are not counted: those of units at the head that are zero in both phases cannot change,
    /// and the hardware does not write them.
    fn learned(&mut self, write: WeightWrite) {
        self.writes += u64::from(matches!(write.place, Parameter::Weight { .. }));
    }
}
