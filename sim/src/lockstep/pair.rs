//! Two samples by turns: every write of either at its predicted cycle, both answers, golden steps of both.

use super::{Lockstep, LockstepError, Mismatch, Quantity, Record, WEIGHT_WRITE};
use crate::bittrue::{BitTrue, Mode, Outcome, Phase, Sample, Xorshift};
use crate::verilate::ProbeEvent;
use hdl::arch::program::slot;
use hdl::arch::schedule::{Cost, WriteAt};
use hdl::arch::stream::{Answer, PairResponse};
use hdl::config::Network;

/// One of two samples, as the bit-true model ran it.
pub struct Part {
    pub record: Record,
    outcome: Outcome,
    /// Non-zero outputs and the answer.
    answer: Answer,
}

impl Part {
    /// Runs the free phase of a sample on the bit-true model of `network`.
    pub fn run(
        network: &Network,
        model: &mut BitTrue,
        rng: &mut Xorshift,
        sample: &Sample,
    ) -> Part {
        let mut record = Record::new(network);
        let outcome = model.run(sample, Mode::Infer, rng, &mut record);
        let states = model.states(Phase::Free, network.output());
        let nonzero = (0..).zip(states.iter().copied()).filter(|&(_, x)| x != 0);
        let answer = (nonzero.collect(), outcome.answer);
        Part {
            record,
            outcome,
            answer,
        }
    }

    /// What the core must answer to two samples, their cost being `cost`.
    pub fn expected(parts: &[Part; 2], cost: Cost) -> PairResponse {
        let free = |part: &Part| {
            let phase = part.outcome.phase(Phase::Free);
            phase.map_or((0, false), |phase| (phase.sweeps, phase.settled))
        };
        PairResponse {
            sweeps: parts.each_ref().map(free),
            cycles: cost.cycles as u32,
            answers: parts.each_ref().map(|part| part.answer.clone()),
        }
    }
}

impl Lockstep {
    /// Runs the free phases of two samples by turns on hardware, one after the other on the models.
    ///
    /// What is recorded afterwards is the first sample's part; after a mismatch, that of the sample it is about.
    ///
    /// # Errors
    /// The first mismatch, or hardware that does not answer.
    pub fn pair(&mut self, samples: [&Sample; 2]) -> Result<Cost, LockstepError> {
        let (network, model, rng) = (&self.plan.network, &mut self.bittrue, &mut self.rng);
        let parts = samples.map(|sample| Part::run(network, model, rng, sample));
        let mut expected: Vec<(usize, WriteAt)> = vec![];
        let traces = parts.each_ref().map(|part| &part.record.trace);
        let cost = (self.plan).predict_pair_writes(traces, true, |sample, write| {
            expected.push((sample, write));
        });
        expected.sort_unstable_by_key(|(_, write)| (write.cycle, write.probe));
        self.events.clear();
        self.learn_events.clear();
        self.learn_expected.clear();
        self.start = self.engine.cycle();
        let run = self
            .engine
            .run_pair(samples, cost.cycles, &mut self.events)?;
        let start = run.accepted[0] + self.plan.start_delay(false);
        self.start = start;

        let mut owners = vec![];
        let found = self.compare_pair(&parts, &expected, start, &mut owners);
        let found = found.and_then(|()| self.compare_answers(&parts, cost, run.busy_cycles));
        let shown = match &found {
            Err((sample, _)) => *sample,
            Ok(()) => 0,
        };
        // Events beyond the first that differs have no owner.
        let mut owned = owners.iter();
        self.events.retain(|_| owned.next() == Some(&shown));
        let own = expected.iter().filter(|(sample, _)| *sample == shown);
        self.expected = own.map(|&(_, write)| write).collect();
        self.record = parts[shown].record.clone();
        self.states.clone_from(&self.record.states);
        self.spiking.clear();
        if let Err((sample, mut mismatch)) = found {
            mismatch.sample += sample;
            return Err(LockstepError::Mismatch(mismatch));
        }
        for (part, sample) in parts.iter().zip(samples).rev() {
            // The hardware's states are those of the record: every write was compared.
            self.record.clone_from(&part.record);
            self.states.clone_from(&part.record.states);
            self.compare_golden(sample, start)?;
        }
        self.totals.cycles += run.busy_cycles;
        self.totals.predicted_cycles += cost.cycles;
        self.totals.products += cost.products;
        for part in &parts {
            self.totals.add(&part.outcome, &part.record);
        }
        Ok(cost)
    }

    /// The sample whose state a lane's event writes: the second one is in the slots of the nudged phase.
    fn owner(&self, event: &ProbeEvent, expected: usize) -> usize {
        if usize::from(event.probe) == self.plan.shape.lanes {
            return expected;
        }
        usize::from(event.address >> self.plan.shape.tile_bits >= slot::PHASE[1])
    }

    /// Every state write of the hardware, in the order of cycles; `owners` gets each event's sample.
    fn compare_pair(
        &mut self,
        parts: &[Part; 2],
        expected: &[(usize, WriteAt)],
        start: u64,
        owners: &mut Vec<usize>,
    ) -> Result<(), (usize, Box<Mismatch>)> {
        let mut waiting = expected.iter();
        let mut compared = 0;
        for event in self.events.iter().filter(|e| e.kind != WEIGHT_WRITE) {
            let next = waiting.as_slice().first();
            let owner = self.owner(event, next.map_or(0, |(sample, _)| *sample));
            owners.push(owner);
            let differs = |at, quantity, expected: String, got: String| {
                let found = self.different(event.cycle, at, quantity, expected, got);
                Err((owner, Box::new(found)))
            };
            let Some((layer, unit)) = self.unit_at(event) else {
                if event.value != 0 {
                    let got = event.value.to_string();
                    return differs(None, Quantity::Padding, "0".into(), got);
                }
                continue;
            };
            let Some((sample, write)) = waiting.next() else {
                let got = format!("layer {layer}, unit {unit}: {}", event.value);
                return differs(None, Quantity::ExtraWrite, "none".into(), got);
            };
            if (*sample, write.layer, write.unit) != (owner, layer, unit) {
                let place = |sample, layer, unit| {
                    let which = ["first", "second"][sample];
                    format!("{which} sample, layer {layer}, unit {unit}")
                };
                let want = place(*sample, write.layer, write.unit);
                let got = place(owner, layer, unit);
                return differs(Some(write), Quantity::MissingWrite, want, got);
            }
            let value = parts[owner].record.word(write);
            if event.value != value {
                let got = event.value.to_string();
                return differs(Some(write), Quantity::State, value.to_string(), got);
            }
            if start + write.cycle != event.cycle {
                let (want, got) = ((start + write.cycle).to_string(), event.cycle.to_string());
                return differs(Some(write), Quantity::WriteCycle, want, got);
            }
            compared += 1;
        }
        self.totals.compared_writes += compared;
        match waiting.next() {
            None => Ok(()),
            Some((sample, write)) => {
                let (cycle, quantity) = (start + write.cycle, Quantity::MissingWrite);
                let found = self.different(cycle, Some(write), quantity, "a write", "none");
                Err((*sample, Box::new(found)))
            }
        }
    }

    /// The response: sweeps, cycles and outputs of both.
    fn compare_answers(
        &self,
        parts: &[Part; 2],
        cost: Cost,
        busy: u64,
    ) -> Result<(), (usize, Box<Mismatch>)> {
        let end = self.start + cost.cycles;
        let differs = |quantity, expected: String, got: String| {
            let found = self.different(end, None, quantity, expected, got);
            Err((0, Box::new(found)))
        };
        if busy != cost.cycles {
            let (want, got) = (cost.cycles.to_string(), busy.to_string());
            return differs(Quantity::Cycles, want, got);
        }
        let expected = Part::expected(parts, cost);
        match PairResponse::parse(self.engine.words()) {
            Some(response) if response == expected => Ok(()),
            Some(response) => {
                let (want, got) = (format!("{expected:?}"), format!("{response:?}"));
                differs(Quantity::Response, want, got)
            }
            None => {
                let (want, got) = (format!("{expected:?}"), "no response".into());
                differs(Quantity::Silence, want, got)
            }
        }
    }
}
