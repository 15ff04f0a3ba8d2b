//! Linear response: the shift x^β − x⁰ against β, and against −H⁻¹ (x − t) of the Hessian
//! H = I − W on the active set.

use serde::Serialize;

use super::cases::Cases;
use super::runs::Source;
use super::system::norm;
use super::trial::{beta, Trial};

/// The response over β.
#[derive(Clone, Debug, Serialize)]
pub struct Response {
    pub samples: usize,
    pub least_squares: usize,
    /// Mean |dx/dβ| that the Hessian predicts.
    pub predicted: f64,
    pub points: Vec<ResponsePoint>,
    /// Where the shift of the integers is within [`LINEAR`] of β times the prediction.
    pub linear: Option<Range>,
}

/// One source at one β.
#[derive(Clone, Debug, Serialize)]
pub struct ResponsePoint {
    pub source: Source,
    pub beta_shift: u32,
    pub beta: f64,
    /// Mean |x^β − x⁰|.
    pub shift: f64,
    /// Mean and standard deviation of the component of (x^β − x⁰)/β along the prediction, as a
    /// multiple of it: 1 is the prediction.
    pub slope: f64,
    pub deviation: f64,
    /// Mean over the samples that hold the same units at 0 and 1 in all phases, and how many these are.
    pub slope_same_active: Option<f64>,
    pub same_active: usize,
}

/// A range of β, both ends included.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Range {
    pub source: Source,
    pub smallest: f64,
    pub largest: f64,
}

/// How far from 1 the mean slope may lie in the linear range.
pub const LINEAR: f64 = 0.1;

impl Response {
    pub fn new(cases: &Cases, trials: &[Trial]) -> Response {
        let count = cases.cases.len().max(1) as f64;
        let predicted = cases.cases.iter().map(|case| norm(case.response.view()));
        let points: Vec<ResponsePoint> = trials.iter().map(point).collect();
        Response {
            samples: cases.cases.len(),
            least_squares: cases.least_squares(),
            predicted: predicted.sum::<f64>() / count,
            linear: linear(&points),
            points,
        }
    }

    /// The point of a source at β = 2^−`shift`.
    pub fn at(&self, source: Source, shift: u32) -> Option<&ResponsePoint> {
        let mut points = self.points.iter();
        points.find(|point| point.source == source && point.beta_shift == shift)
    }
}

fn point(trial: &Trial) -> ResponsePoint {
    let all: Vec<_> = trial.measured.iter().flatten().collect();
    let count = all.len().max(1) as f64;
    let slope = all.iter().map(|m| m.slope).sum::<f64>() / count;
    let squares = all.iter().map(|m| (m.slope - slope) * (m.slope - slope));
    let same: Vec<f64> = all
        .iter()
        .filter(|m| m.same_active)
        .map(|m| m.slope)
        .collect();
    ResponsePoint {
        source: trial.source,
        beta_shift: trial.shift,
        beta: trial.beta(),
        shift: all.iter().map(|m| m.shift).sum::<f64>() / count,
        slope,
        deviation: (squares.sum::<f64>() / count).sqrt(),
        slope_same_active: (!same.is_empty()).then(|| same.iter().sum::<f64>() / same.len() as f64),
        same_active: same.len(),
    }
}

/// The longest run of β in the integers whose slope is that of the prediction.
fn linear(points: &[ResponsePoint]) -> Option<Range> {
    let hardware = points.iter().any(|point| point.source == Source::Hardware);
    let source = if hardware {
        Source::Hardware
    } else {
        Source::Bittrue
    };
    let of_source: Vec<_> = points.iter().filter(|p| p.source == source).collect();
    let runs = of_source.split(|point| (point.slope - 1.0).abs() > LINEAR);
    let run = runs
        .max_by_key(|run| run.len())
        .filter(|run| !run.is_empty())?;
    Some(Range {
        source,
        smallest: beta(run[run.len() - 1].beta_shift),
        largest: beta(run[0].beta_shift),
    })
}
