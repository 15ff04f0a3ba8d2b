//! The samples that gradients and responses are compared on: golden free rest, exact gradient,
//! predicted response.

use hdl::config::Network;
use ndarray::Array1;
use rayon::prelude::*;

use super::gradient;
use super::runs::Resting;
use super::system::{flat, System};
use crate::bittrue::Sample;
use crate::golden::{Golden, Reals};

/// One sample at its free rest.
pub struct Case {
    /// Index into the data.
    pub index: usize,
    pub sample: Sample,
    /// All layers at rest.
    pub free: Vec<Array1<f64>>,
    /// All free units at rest.
    pub rest: Array1<f64>,
    /// ∂C/∂ of all weights and biases.
    pub exact: Reals,
    /// dx/dβ at β = 0: −H⁻¹ (x − t) on the active set. With the sign turned, also ∂C/∂b.
    pub response: Array1<f64>,
    /// H is singular on the active set.
    pub least_squares: bool,
}

/// The samples that can be compared, and how many cannot.
pub struct Cases {
    pub cases: Vec<Case>,
    /// Samples looked at.
    pub samples: usize,
    /// Their exact gradient is 0: all outputs rest on their targets, held there.
    pub zero: usize,
    /// Their free phase never rests.
    pub restless: usize,
}

enum Kind {
    Case(Box<Case>),
    Zero,
    Restless,
}

impl Cases {
    pub fn new(
        network: &Network,
        golden: &Golden,
        system: &System,
        samples: &[(usize, Sample)],
    ) -> Cases {
        let kinds: Vec<Kind> = samples
            .par_iter()
            .map(|(index, sample)| case(network, golden, system, *index, sample))
            .collect();
        let mut cases = Cases {
            cases: vec![],
            samples: samples.len(),
            zero: 0,
            restless: 0,
        };
        for kind in kinds {
            match kind {
                Kind::Case(case) => cases.cases.push(*case),
                Kind::Zero => cases.zero += 1,
                Kind::Restless => cases.restless += 1,
            }
        }
        cases
    }

    /// Cases solved in the sense of least squares.
    pub fn least_squares(&self) -> usize {
        self.cases.iter().filter(|case| case.least_squares).count()
    }
}

fn case(
    network: &Network,
    golden: &Golden,
    system: &System,
    index: usize,
    sample: &Sample,
) -> Kind {
    let (mut resting, mut states) = Resting::new(network, golden, sample);
    if resting.settle(&mut states, 0.0).is_none() {
        return Kind::Restless;
    }
    let rest = flat(&states);
    let mut error = Array1::zeros(rest.len());
    let outputs = &system.layers[system.layers.len() - 1];
    for (unit, target) in outputs.clone().zip(&resting.target) {
        error[unit] = rest[unit] - target;
    }
    let solution = gradient::solve(system, &rest, &error);
    let adjoint = gradient::layered(network, system, &solution.values);
    let exact = gradient::from_adjoint(network, &states, &adjoint);
    if gradient::is_zero(&exact) {
        return Kind::Zero;
    }
    Kind::Case(Box::new(Case {
        index,
        sample: sample.clone(),
        free: states,
        rest,
        exact,
        response: -solution.values,
        least_squares: solution.least_squares,
    }))
}
