//! What a network's data asks of its hardware, predicted without a simulator.

use hdl::arch::schedule::{Cost, Trace};
use hdl::arch::Plan;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::data::{Dataset, Given, Shuffled};
use sim::lockstep::Record;
use sim::weights::Weights;

use crate::error::Failure;
use crate::output::Printer;
use crate::resolve::Resolved;

/// Mean cycles of a sample.
#[derive(Clone, Copy, Debug)]
pub struct Cycles {
    /// In which the core is busy.
    pub busy: f64,
    /// From its first word taken to the last one answered, back to back.
    pub stream: f64,
}

impl Cycles {
    fn mean(sum: Cost, samples: usize) -> Cycles {
        let mean = |cycles: u64| cycles as f64 / samples as f64;
        Cycles {
            busy: mean(sum.cycles),
            stream: mean(sum.stream_cycles),
        }
    }
}

/// A plan with samples of the network's data.
pub struct Workload {
    pub plan: Plan,
    data: Dataset,
    order: Vec<usize>,
}

impl Workload {
    /// The first `samples` of the data in the seeded order.
    ///
    /// # Errors
    /// A network without hardware, or data that cannot be read.
    pub fn new(resolved: &Resolved, data: Given<'_>, samples: usize) -> Result<Self, Failure> {
        let network = &resolved.network;
        let data = Dataset::load(network, &resolved.folder, data)?;
        Ok(Workload {
            plan: resolved.plan()?,
            order: Shuffled::new(data.len(), network.seed)
                .take(samples)
                .collect(),
            data,
        })
    }

    /// Tells what was done to the data when they were read.
    pub fn tell(&self, printer: &Printer) {
        printer.data(&self.data);
    }

    /// The first of them, as states.
    pub fn samples(&self, count: usize) -> Vec<Sample> {
        let fraction = self.plan.network.formats.state_fraction;
        let first = self.order.iter().take(count);
        first.map(|&i| self.data.sample(i, fraction)).collect()
    }

    /// Mean predicted cycles of a sample at the seeded initial weights.
    pub fn mean_cycles(&self, mode: Mode) -> Cycles {
        let traces = self.traces(mode);
        let mut sum = Cost::default();
        for trace in &traces {
            sum += self.plan.predict(trace, true);
        }
        Cycles::mean(sum, traces.len())
    }

    /// The same of inference, two samples by turns; `None` on hardware that does not.
    pub fn mean_cycles_by_turns(&self) -> Option<Cycles> {
        self.plan.shape.interleaves().then(|| {
            let traces = self.traces(Mode::Infer);
            Cycles::mean(self.plan.predict_inference(&traces), traces.len())
        })
    }

    /// What the samples do at the seeded initial weights.
    fn traces(&self, mode: Mode) -> Vec<Trace> {
        let network = &self.plan.network;
        let mut model = BitTrue::new(network);
        model.load(&Weights::initial(network));
        let mut rng = Xorshift::seed(network.seed);
        let mut record = Record::new(network);
        let trace = |&index: &usize| {
            record.clear();
            let sample = self.data.sample(index, network.formats.state_fraction);
            model.run(&sample, mode, &mut rng, &mut record);
            std::mem::take(&mut record.trace)
        };
        self.order.iter().map(trace).collect()
    }
}
