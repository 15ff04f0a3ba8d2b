//! What the hardware learned: every write of a weight or bias, held beside the bit-true model's new
//! value at its predicted cycle, and beside one golden step from the hardware's own states.

use super::{Lockstep, LockstepError, Mismatch, Quantity};
use crate::bittrue::{Phase, Sample};
use crate::verilate::ProbeEvent;
use crate::weights::Weights;
use hdl::arch::schedule::{LearnAt, Parameter};
use hdl::config::Nudging;

impl Lockstep {
    /// Every learning write of the last sample, in the order of cycles.
    pub(super) fn compare_learning(
        &mut self,
        sample: &Sample,
        start: u64,
    ) -> Result<(), LockstepError> {
        let mut expected = self.learn_expected.iter();
        for event in &self.learn_events {
            let Some(parameter) = self.parameter_at(event) else {
                if event.value != 0 {
                    return Err(self.weight_mismatch(
                        event.cycle,
                        None,
                        Quantity::Padding,
                        0,
                        event.value,
                    ));
                }
                continue;
            };
            let Some(write) = expected.next() else {
                let got = format!("{parameter}: {}", event.value);
                return Err(self.weight_mismatch(
                    event.cycle,
                    None,
                    Quantity::ExtraWrite,
                    "none",
                    got,
                ));
            };
            let got = event.value as i16;
            let value = *self.weights_after.at(&write.parameter);
            let old = *self.weights.at(&write.parameter);
            let cycle = start + write.cycle;
            let checks = [
                (
                    Quantity::MissingWrite,
                    write.parameter.to_string(),
                    parameter.to_string(),
                ),
                (Quantity::Weight, value.to_string(), got.to_string()),
                (
                    Quantity::LearnCycle,
                    cycle.to_string(),
                    event.cycle.to_string(),
                ),
            ];
            for (quantity, expected, got) in checks {
                if expected != got {
                    return Err(self.weight_mismatch(
                        event.cycle,
                        Some(write),
                        quantity,
                        expected,
                        got,
                    ));
                }
            }
            let exact = f64::from(old) + self.golden_change(sample, &parameter);
            let limit = f64::from(1u32 << (self.plan.network.formats.weight_bits - 1));
            let error = (exact.clamp(-limit, limit - 1.0) - f64::from(got)).abs();
            self.totals.learn_error = self.totals.learn_error.max(error);
            if error >= LEARN_BOUND {
                let expected = format!("within {LEARN_BOUND} of {exact:.4}");
                let quantity = Quantity::GoldenLearning;
                return Err(self.weight_mismatch(
                    event.cycle,
                    Some(write),
                    quantity,
                    expected,
                    got,
                ));
            }
            self.totals.compared_writes += 1;
        }
        match expected.next() {
            None => Ok(()),
            Some(write) => {
                let cycle = start + write.cycle;
                let expected = write.parameter.to_string();
                Err(self.weight_mismatch(
                    cycle,
                    Some(write),
                    Quantity::MissingWrite,
                    expected,
                    "none",
                ))
            }
        }
    }

    /// The change that rule 7 gives a parameter before rounding, in LSB, from the states that the
    /// hardware wrote: σ·g·2^m / 2^s.
    fn golden_change(&self, sample: &Sample, parameter: &Parameter) -> f64 {
        let network = &self.plan.network;
        let [first, second] = Phase::contrast(network.phases.nudging);
        let sign = match network.phases.nudging {
            Nudging::RandomSign => f64::from(self.record.signs[1]),
            Nudging::Positive | Nudging::Symmetric => 1.0,
        };
        let one = network.formats.one() as f64;
        let state = |phase: Phase, layer: usize, unit: usize| match layer {
            0 => f64::from(sample.input[unit]),
            _ => {
                let last = self.states[phase as usize].last();
                last.map_or(0.0, |units| {
                    f64::from(units[self.record.position(layer, unit)])
                })
            }
        };
        let (product, block): (Box<dyn Fn(Phase) -> f64>, _) = match *parameter {
            Parameter::Weight { block, row, column } => {
                let sides = &self.plan.map.blocks[block];
                let product =
                    move |phase| state(phase, sides.row, row) * state(phase, sides.column, column);
                (Box::new(product), &network.blocks[block])
            }
            Parameter::Bias { layer, unit } => (
                Box::new(move |phase| state(phase, layer, unit) * one),
                network.bias_block(layer),
            ),
        };
        let shift = network.learning_shift(block) as i32 - self.doublings as i32;
        sign * (product(first) - product(second)) * 2f64.powi(-shift)
    }

    fn parameter_at(&self, event: &ProbeEvent) -> Option<Parameter> {
        let lanes = self.plan.shape.lanes;
        if usize::from(event.probe) < lanes {
            return self
                .plan
                .parameter_at(event.probe.into(), event.address as usize);
        }
        let (layer, unit) = self.head_unit(event.address as usize)?;
        Some(Parameter::Bias { layer, unit })
    }

    fn weight_mismatch(
        &self,
        cycle: u64,
        write: Option<&LearnAt>,
        quantity: Quantity,
        expected: impl ToString,
        got: impl ToString,
    ) -> LockstepError {
        LockstepError::Mismatch(Box::new(Mismatch {
            sample: self.totals.samples,
            cycle,
            state: None,
            parameter: write.map(|write| write.parameter),
            quantity,
            expected: expected.to_string(),
            got: got.to_string(),
        }))
    }

    /// Reads all weights and biases through the core's own read command.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn read_weights(&mut self) -> Result<Weights, LockstepError> {
        Ok(self.engine.read_weights()?)
    }

    /// Reads all weights and the random state back and compares them with the bit-true model's.
    ///
    /// # Errors
    /// The first that differs, or hardware that does not answer.
    pub fn compare_weights(&mut self) -> Result<(), LockstepError> {
        let read = self.read_weights()?;
        let random = self.read_random()?;
        let cycle = self.engine.cycle();
        let fail = |expected: String, got: String| {
            self.weight_mismatch(cycle, None, Quantity::ReadBack, expected, got)
        };
        if let Some((parameter, expected, got)) =
            (self.weights.pairs(&read)).find(|(_, expected, got)| expected != got)
        {
            return Err(fail(format!("{parameter}: {expected}"), got.to_string()));
        }
        match self.rng.state() {
            expected if expected == random => Ok(()),
            expected => Err(fail(
                format!("random state {expected:08x}"),
                format!("{random:08x}"),
            )),
        }
    }

    /// Reads the state of the random number generator.
    ///
    /// # Errors
    /// The hardware does not answer.
    pub fn read_random(&mut self) -> Result<u32, LockstepError> {
        Ok(self.engine.read_random()?)
    }
}

/// Stochastic rounding takes one of the two neighbours, so it lies less than one LSB away.
const LEARN_BOUND: f64 = 1.0;
