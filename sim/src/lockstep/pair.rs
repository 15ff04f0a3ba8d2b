//! Two samples by turns: every write of either at its predicted cycle, both answers, golden steps of both.

use super::compare::answer;
use super::{Lockstep, LockstepError, Quantity, Record, WEIGHT_WRITE};
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
        Part {
            record,
            outcome,
            answer: answer(network, model, &outcome),
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
        self.follow();
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

        let mut own = [vec![], vec![]];
        let found = self.compare_pair(&parts, &expected, start, &mut own);
        let found = found.and_then(|()| {
            let got = PairResponse::parse(self.engine.words());
            let response = Part::expected(&parts, cost);
            let same = self.check_response(response, got, cost, &run, start);
            same.map_err(|error| (0, error))
        });
        let shown = found.as_ref().map_or_else(|(sample, _)| *sample, |()| 0);
        self.events = std::mem::take(&mut own[shown]);
        let of_shown = expected.iter().filter(|(sample, _)| *sample == shown);
        self.expected = of_shown.map(|&(_, write)| write).collect();
        self.show(&parts[shown]);
        found.map_err(|(sample, error)| about(sample, error))?;
        // Nothing is learned: every weight that is written is one too many.
        self.compare_learning(samples[0], start)?;
        for index in [1, 0] {
            self.show(&parts[index]);
            let golden = self.compare_golden(samples[index], start);
            golden.map_err(|error| about(index, error))?;
        }
        self.totals.cycles += run.busy_cycles;
        self.totals.predicted_cycles += cost.cycles;
        self.totals.stream_cycles += cost.stream_cycles;
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

    /// Makes a sample's part the one that is recorded; golden steps start from its states once all writes are equal.
    fn show(&mut self, part: &Part) {
        self.record.clone_from(&part.record);
        self.states.clone_from(&part.record.states);
        self.spiking.clear();
    }

    /// Every state write of the hardware, in the order of cycles; `own` gets each sample's. A mismatch comes with the
    /// number of its sample.
    fn compare_pair(
        &mut self,
        parts: &[Part; 2],
        expected: &[(usize, WriteAt)],
        start: u64,
        own: &mut [Vec<ProbeEvent>; 2],
    ) -> Result<(), (usize, LockstepError)> {
        let mut waiting = expected.iter();
        let mut compared = 0;
        for event in &self.events {
            if event.kind == WEIGHT_WRITE {
                // As of a single sample.
                if event.cycle >= start {
                    self.learn_events.push(*event);
                }
                continue;
            }
            let next = waiting.as_slice().first();
            let sample = next.map_or(0, |(sample, _)| *sample);
            let owner = self.owner(event, sample);
            own[owner].push(*event);
            let next = next.map(|(_, write)| write);
            if owner != sample && self.unit_at(event).is_some() && next.is_some() {
                let [want, got] = [sample, owner].map(|of| ["first sample", "second sample"][of]);
                let error = self.mismatch(event.cycle, next, Quantity::MissingWrite, want, got);
                return Err((owner, error));
            }
            let write = self.check_state(event, next, &parts[owner].record, start);
            if write.map_err(|error| (owner, error))?.is_some() {
                waiting.next();
                compared += 1;
            }
        }
        self.totals.compared_writes += compared;
        match waiting.next() {
            None => Ok(()),
            Some((sample, write)) => Err((*sample, self.missing(write, start))),
        }
    }
}

/// A mismatch of a pair's sample: it counts from the first one.
fn about(sample: usize, mut error: LockstepError) -> LockstepError {
    if let LockstepError::Mismatch(mismatch) = &mut error {
        mismatch.sample += sample;
    }
    error
}
