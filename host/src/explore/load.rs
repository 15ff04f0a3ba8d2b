//! The samples whose cycles are predicted: what they do, whatever hardware they run on.

use hdl::arch::schedule::{Cost, Trace};
use hdl::arch::{random_seed, Plan};
use hdl::config::Network;
use rayon::prelude::*;
use sim::bittrue::{BitTrue, Mode, Xorshift};
use sim::data::{Dataset, Shuffled};
use sim::lockstep::Record;
use sim::progress::Progress;
use sim::train::{Position, TracedBackend, TrainError, Trainer};
use sim::weights::Weights;

/// Which samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Samples {
    /// The first of the seeded order, one after another from the initial weights.
    First { count: usize, mode: Mode },
    /// Every sample of every epoch of a training run.
    WholeRun,
}

/// A network with its samples.
pub struct Load<'a> {
    pub network: Network,
    pub data: &'a Dataset,
    pub samples: Samples,
}

/// Sums over all samples of a load.
#[derive(Clone, Debug, Default)]
pub struct Work {
    pub samples: u64,
    /// Samples that something was learned from.
    pub learned: u64,
    /// Of each plan that was asked for.
    costs: Vec<Cost>,
}

/// What a sample costs.
#[derive(Clone, Copy, Debug)]
pub struct Mean {
    /// Cycles in which the core is busy.
    pub busy: f64,
    /// Cycles from its first word taken to the last one answered, back to back.
    pub stream: f64,
    /// Useful products.
    pub products: f64,
}

/// Samples of a whole run whose costs are summed up at a time, on all threads.
const CHUNK: usize = 1024;

impl Work {
    /// Adds what some samples cost on each plan.
    fn add(&mut self, traces: &[Trace], plans: &[Plan], mode: Mode) {
        self.samples += traces.len() as u64;
        self.learned += traces.iter().filter(|t| t.learned.is_some()).count() as u64;
        self.costs.resize(plans.len(), Cost::default());
        let sums = self.costs.par_iter_mut().zip(plans);
        sums.for_each(|(sum, plan)| {
            if mode == Mode::Infer {
                *sum += plan.predict_inference(traces);
            } else {
                for trace in traces {
                    *sum += plan.predict(trace, true);
                }
            }
        });
    }

    /// Means over the samples on a plan.
    pub fn mean(&self, plan: usize) -> Mean {
        let (cost, samples) = (self.costs[plan], self.samples.max(1) as f64);
        let mean = |sum: u64| sum as f64 / samples;
        Mean {
            busy: mean(cost.cycles),
            stream: mean(cost.stream_cycles),
            products: mean(cost.products),
        }
    }
}

impl Load<'_> {
    /// Runs the samples through the bit-true model, once for all plans.
    ///
    /// # Errors
    /// None of a model; the trainer's type has them for hardware.
    pub fn work(&self, plans: &[Plan], progress: &dyn Progress) -> Result<Work, TrainError> {
        match self.samples {
            Samples::First { count, mode } => Ok(self.first(plans, count, mode)),
            Samples::WholeRun => self.whole_run(plans, progress),
        }
    }

    fn first(&self, plans: &[Plan], count: usize, mode: Mode) -> Work {
        let mut model = BitTrue::new(&self.network);
        model.load(&Weights::initial(&self.network));
        let mut rng = Xorshift::seed(self.network.seed);
        let mut record = Record::new(&self.network);
        let traces: Vec<Trace> = Shuffled::new(self.data.len(), self.network.seed)
            .take(count)
            .map(|index| {
                record.clear();
                let fraction = self.network.formats.state_fraction;
                let sample = self.data.sample(index, fraction);
                model.run(&sample, mode, &mut rng, &mut record);
                record.trace.clone()
            })
            .collect();
        let mut work = Work::default();
        work.add(&traces, plans, mode);
        work
    }

    fn whole_run(&self, plans: &[Plan], progress: &dyn Progress) -> Result<Work, TrainError> {
        let network = &self.network;
        let (mut work, mut traces) = (Work::default(), vec![]);
        let backend = TracedBackend::new(
            network,
            &Weights::initial(network),
            random_seed(network.seed),
            |trace| {
                traces.push(trace.clone());
                if traces.len() == CHUNK {
                    work.add(&traces, plans, Mode::Learn);
                    traces.clear();
                }
            },
        );
        let epochs = network.learning.epochs;
        let start = Position::default();
        let backend = Box::new(backend);
        let mut trainer = Trainer::new(network, self.data, None, epochs, 1, backend, start)?;
        progress.start("training", u64::from(epochs), "epochs");
        while !trainer.finished() {
            trainer.step(trainer.samples_per_epoch())?;
            progress.reach(trainer.position().epoch.into());
        }
        progress.finish();
        drop(trainer);
        work.add(&traces, plans, Mode::Learn);
        Ok(work)
    }
}
