//! The first thing in which hardware and models differ.

use crate::bittrue::Phase;
use hdl::arch::schedule::Parameter;
use std::fmt;

/// Where hardware left the models: everything needed to find it in a waveform.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// Index of the sample in the run.
    pub sample: usize,
    /// Clock cycle since reset.
    pub cycle: u64,
    /// Phase, sweep, layer and unit, where a state is concerned.
    pub state: Option<(Phase, usize, usize, usize)>,
    /// The weight or bias, where one is concerned.
    pub parameter: Option<Parameter>,
    /// What differs.
    pub quantity: Quantity,
    pub expected: String,
    pub got: String,
}

/// What can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The value of a state write.
    State,
    /// What the write of a spiking unit says of its spike, membrane and trace.
    Spike,
    Membrane,
    Trace,
    /// The cycle of a state write.
    WriteCycle,
    /// A write that the model does not make, or one that the hardware does not make.
    ExtraWrite,
    MissingWrite,
    /// A lane without a unit holds something else than zero.
    Padding,
    /// The distance of a write from one golden step.
    GoldenStep,
    /// The value and the cycle of a weight or bias that was learned.
    Weight,
    LearnCycle,
    /// The distance of a learned weight from one golden step.
    GoldenLearning,
    /// A weight, bias or random state as the hardware reads it back.
    ReadBack,
    /// The number of busy cycles.
    Cycles,
    /// The number of cycles from the first word taken to the last word answered.
    StreamCycles,
    /// The response: sweeps, settled, sign, outputs, answer.
    Response,
    /// No response came.
    Silence,
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Quantity::State => "state",
            Quantity::Spike => "spike",
            Quantity::Membrane => "membrane",
            Quantity::Trace => "trace",
            Quantity::WriteCycle => "cycle of a state write",
            Quantity::ExtraWrite => "write that should not be",
            Quantity::MissingWrite => "missing write",
            Quantity::Padding => "value in a lane without a unit",
            Quantity::GoldenStep => "distance from one golden step",
            Quantity::Weight => "learned weight",
            Quantity::LearnCycle => "cycle of a learned weight",
            Quantity::GoldenLearning => "distance of a learned weight from one golden step",
            Quantity::ReadBack => "weight read back",
            Quantity::Cycles => "busy cycles",
            Quantity::StreamCycles => "cycles from the first word taken to the last answered",
            Quantity::Response => "response",
            Quantity::Silence => "missing response",
        })
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "sample {}, cycle {}", self.sample, self.cycle)?;
        if let Some((phase, sweep, layer, unit)) = self.state {
            write!(f, ", {phase}, sweep {sweep}, layer {layer}, unit {unit}")?;
        }
        if let Some(parameter) = self.parameter {
            write!(f, ", {parameter}")?;
        }
        write!(
            f,
            ": {}: expected {}, got {}",
            self.quantity, self.expected, self.got
        )
    }
}
