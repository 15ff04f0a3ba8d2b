//! Learning on the chip: the Verilated engine learns by itself, its weights are read back and held
//! beside the bit-true model's.

use super::backend::{Backend, Cycles, Lesson, TrainError};
use super::bittrue::BitTrueBackend;
use super::score::{self, Score};
use crate::bittrue::Sample;
use crate::checkpoint::Parameters;
use crate::data::Dataset;
use crate::engine::Engine;
use crate::progress::{Progress, Silent};
use crate::verilate::Model;
use crate::weights::Weights;
use hdl::arch::stream::{dense, Purpose};
use hdl::arch::Plan;

/// The engine, with the bit-true model beside it.
pub struct HardwareBackend<'a> {
    engine: Engine,
    shadow: BitTrueBackend,
    /// Weights are compared after so many samples.
    every: u64,
    samples: u64,
    cycles: Cycles,
    /// Weights and biases compared so far.
    compared: u64,
    /// What was read from the hardware after it last learned.
    read: Option<(Weights, u32)>,
    progress: &'a dyn Progress,
}

impl<'a> HardwareBackend<'a> {
    /// Hardware of the plan's shape that starts from `weights` and the random state `random`.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn new(
        plan: Plan,
        model: Model,
        weights: &Weights,
        random: u32,
        every: u64,
    ) -> Result<Self, TrainError> {
        let shadow = BitTrueBackend::new(&plan.network, weights, random, 0);
        let mut engine = Engine::new(plan, model, weights, None)?;
        engine.set_random(random)?;
        Ok(HardwareBackend {
            engine,
            shadow,
            every,
            samples: 0,
            cycles: Cycles::default(),
            compared: 0,
            read: None,
            progress: &Silent,
        })
    }

    /// The same, telling `progress` how long reads go.
    pub fn told(self, progress: &'a dyn Progress) -> Self {
        HardwareBackend { progress, ..self }
    }

    /// Weights and random state, read once after a sample was learned.
    fn held(&mut self) -> Result<&(Weights, u32), TrainError> {
        if self.read.is_none() {
            let weights = self.engine.read_weights_told(self.progress)?;
            self.read = Some((weights, self.engine.read_random()?));
        }
        Ok(self.read.as_ref().expect("it was just read"))
    }

    /// Weights and biases compared so far.
    pub fn compared(&self) -> u64 {
        self.compared
    }

    /// Reads all weights and the random state and compares them with the bit-true model's; how many words
    /// differ, and the first of them.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn differences(&mut self) -> Result<(usize, String), TrainError> {
        let (read, random) = self.held()?.clone();
        let expected = self.shadow.model.weights();
        let mut differing = vec![];
        for (parameter, expected, read) in expected.pairs(&read) {
            self.compared += 1;
            if read != expected {
                differing.push(format!("{parameter}: {expected} expected, {read} read"));
            }
        }
        if random != self.shadow.rng.state() {
            differing.push(format!(
                "random state: {:08x} expected, {random:08x} read",
                self.shadow.rng.state()
            ));
        }
        let first = differing.first().cloned().unwrap_or_default();
        Ok((differing.len(), first))
    }

    /// Answer, sweeps and saturations are the hardware's own, cost and spikes are the bit-true model's.
    fn learn_one(&mut self, sample: &Sample) -> Result<Lesson, TrainError> {
        self.read = None;
        let purpose = Purpose::Learn(&sample.target);
        let (run, response) = self.engine.sample(sample, purpose)?;
        self.samples += 1;
        let lost = TrainError::Response {
            samples: self.samples,
        };
        let response = response.ok_or(lost)?;
        let lesson = self.shadow.learn_one(sample, &mut ());
        self.cycles.busy += u64::from(response.cycles);
        self.cycles.stream += run.cycles;
        if self.samples % self.every == 0 {
            self.compare()?;
        }
        Ok(Lesson {
            answer: response.answer.as_ref().map_or(lesson.answer, |answer| {
                let outputs = dense(answer, sample.target.len());
                score::answer(answer.1, outputs.len(), outputs[0], self.shadow.fraction)
            }),
            cost: lesson.cost,
            learned: response.learned,
            saturations: response.saturations,
            sweeps: response.sweeps(),
            settled: response.settled(),
            activity: lesson.activity,
        })
    }

    fn compare(&mut self) -> Result<(), TrainError> {
        match self.differences()? {
            (0, _) => Ok(()),
            (weights, first) => Err(TrainError::Differs {
                samples: self.samples,
                weights,
                first,
            }),
        }
    }
}

impl Backend for HardwareBackend<'_> {
    fn set_doublings(&mut self, m: u32) -> Result<(), TrainError> {
        self.engine.set_doublings(m)?;
        self.shadow.set_doublings(m)
    }

    fn learn(&mut self, batch: &[Sample], lessons: &mut Vec<Lesson>) -> Result<(), TrainError> {
        for sample in batch {
            lessons.push(self.learn_one(sample)?);
        }
        Ok(())
    }

    /// Tests run on the bit-true model, once its weights are known to be the hardware's.
    fn score(&mut self, data: &Dataset, indices: &[usize]) -> Result<Score, TrainError> {
        self.compare()?;
        self.shadow.score(data, indices)
    }

    fn check(&mut self) -> Result<(), TrainError> {
        self.compare()
    }

    /// The weights as read from the hardware.
    fn parameters(&mut self) -> Result<Parameters, TrainError> {
        Ok(Parameters::Raw(self.held()?.0.clone()))
    }

    fn cycles(&self) -> Option<Cycles> {
        Some(self.cycles)
    }

    fn random_state(&mut self) -> Result<u32, TrainError> {
        Ok(self.held()?.1)
    }
}
