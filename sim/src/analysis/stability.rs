//! Whether phases must settle: eigenvalues of the weights between free units, and the contraction that
//! is measured.
//!
//! At h = 2^−k a small displacement of unclipped units becomes (1 − h) + h W times itself in one
//! synchronous sweep. So with eigenvalues λ of W:
//!
//! - λ_max < 1: the energy is convex, there is one rest only, and the sequential order descends to
//!   it. Held units only narrow the spectrum (Cauchy's interlacing).
//! - ρ = max |λ| < 1: both orders contract at any k. Sufficient, not necessary.
//! - a group of units that moves together does not climb while 1 + |λ_min| ≤ 2^(k+1), λ_min being the
//!   lowest eigenvalue inside the group: a self-connected layer, or in the synchronous order all units.

use hdl::config::{Network, Order, Warning, MAX_K};
use ndarray::Array1;
use rayon::prelude::*;
use serde::Serialize;

use super::cases::Cases;
use super::energy::lowest_eigenvalue;
use super::runs::Resting;
use super::system::{active, flat, norm, System};
use crate::golden::{Golden, Reals};

/// Spectrum and contraction.
#[derive(Clone, Debug, Serialize)]
pub struct Stability {
    pub units: usize,
    pub lowest: f64,
    pub highest: f64,
    /// ρ = max |λ|.
    pub radius: f64,
    /// All eigenvalues, rising.
    pub eigenvalues: Vec<f64>,
    /// ρ < 1.
    pub contracts: bool,
    /// λ_max < 1.
    pub convex: bool,
    /// Groups of units that move together and are connected inside.
    pub groups: Vec<Group>,
    /// Per sample: how a golden free phase contracts near its rest.
    pub contraction: Vec<Contraction>,
    pub warnings: Vec<String>,
}

/// Units that move together.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    pub name: String,
    pub lowest: f64,
    /// 1 + |λ_min|, to be at most `limit` = 2^(k+1).
    pub curvature: f64,
    pub limit: f64,
}

/// Of one sample.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Contraction {
    pub sample: usize,
    /// Geometric mean of |move| / |move before| over the last sweeps; 0 where rest is reached exactly.
    pub measured: f64,
    /// Spectral radius of a sweep on the active units; null for networks too large for it.
    pub predicted: Option<f64>,
    pub active: usize,
}

/// Eigenvalues of the weights between free units, rising.
fn eigenvalues(system: &System) -> Vec<f64> {
    let all: Vec<usize> = (0..system.units()).collect();
    algebra::symmetric_eigenvalues(&system.balanced(&all))
}

impl Stability {
    pub fn new(network: &Network, golden: &Golden, system: &System, cases: &Cases) -> Stability {
        let eigenvalues = eigenvalues(system);
        let (lowest, highest) = (eigenvalues[0], eigenvalues[eigenvalues.len() - 1]);
        let radius = highest.max(-lowest);
        let groups = groups(network, system);
        let units = system.units();
        // Eigenvalues of a general matrix take about 25 n³ operations.
        let spectra = (2e9 / (25.0 * (units as f64).powi(3))) as usize;
        let contraction = (cases.cases.par_iter().enumerate())
            .map(|(position, case)| {
                let units = active(&case.rest);
                let (mut resting, mut states) = Resting::new(network, golden, &case.sample);
                Contraction {
                    sample: case.index,
                    measured: measured(&mut resting, &mut states),
                    predicted: (position < spectra)
                        .then(|| algebra::spectral_radius(&system.jacobian(&units))),
                    active: units.len(),
                }
            })
            .collect();
        Stability {
            units,
            contracts: radius < 1.0,
            convex: highest < 1.0,
            warnings: (warnings_of(highest, &groups).into_iter())
                .map(|warning| warning.message)
                .collect(),
            lowest,
            highest,
            radius,
            eigenvalues,
            groups,
            contraction,
        }
    }
}

/// Moves above this are not yet near rest, below that they are rounding.
const NEAR: f64 = 1e-3;
const FLOOR: f64 = 1e-12;
/// Ratios averaged.
const RATIOS: usize = 12;

fn measured(resting: &mut Resting, states: &mut [Array1<f64>]) -> f64 {
    let mut moves: Vec<f64> = vec![];
    let mut old = flat(states);
    for _ in 0..resting.patience {
        resting.sweep(states, 0.0);
        let new = flat(states);
        let moved = norm((&new - &old).view());
        old = new;
        moves.push(moved);
        if moved < FLOOR {
            break;
        }
    }
    let near: Vec<f64> = (moves.into_iter())
        .filter(|&m| m < NEAR && m > FLOOR)
        .collect();
    let last = &near[near.len().saturating_sub(RATIOS + 1)..];
    match last.len() {
        0 | 1 => 0.0,
        count => (last[count - 1] / last[0]).powf(1.0 / (count - 1) as f64),
    }
}

fn groups(network: &Network, system: &System) -> Vec<Group> {
    let limit = f64::from(1u32 << (network.dynamics.k + 1));
    let named = system.groups().into_iter().enumerate();
    named
        .filter_map(|(index, range)| {
            let units: Vec<usize> = range.collect();
            let lowest = lowest_eigenvalue(system, &units);
            (lowest < 0.0).then(|| Group {
                name: match network.dynamics.order {
                    Order::Sequential => network.layers[index + 1].name.clone(),
                    Order::Synchronous => "all free units".to_owned(),
                },
                lowest,
                curvature: 1.0 - lowest,
                limit,
            })
        })
        .collect()
}

/// More free units than these are not looked at for a warning: `check` should answer at once.
const QUICK_UNITS: usize = 600;

/// What a user should know of phases that may not settle with these weights. Spiking units never rest, so
/// there is nothing to say of them.
pub fn warnings(network: &Network, reals: &Reals) -> Vec<Warning> {
    if network.spiking().is_some() || network.free_units() > QUICK_UNITS {
        return vec![];
    }
    let system = System::new(network, reals);
    let eigenvalues = eigenvalues(&system);
    let highest = eigenvalues[eigenvalues.len() - 1];
    warnings_of(highest, &groups(network, &system))
}

fn warnings_of(highest: f64, groups: &[Group]) -> Vec<Warning> {
    let mut warnings = vec![];
    if highest >= 1.0 {
        warnings.push(Warning {
            code: "eqprop::stability::several_rests",
            message: format!(
                "the weights between free units have the eigenvalue {highest:.2}, and only below 1 must \
                 there be a single rest: phases still descend in the sequential order, but where they \
                 end may depend on where they start, and settling may be slow"
            ),
            help: "if phases do not settle, use a smaller learning.init_scale or learning rate, or more \
                   max_sweeps"
                .to_owned(),
        });
    }
    for group in groups.iter().filter(|group| group.curvature > group.limit) {
        let k = (group.curvature.log2().ceil() as u32).saturating_sub(1);
        warnings.push(Warning {
            code: "eqprop::stability::may_not_settle",
            message: format!(
                "units of {} move together and 1 + |λ_min| = {:.2} of the weights among them exceeds \
                 2^(k+1) = {}: the energy may rise, and phases may swing for ever",
                group.name, group.curvature, group.limit
            ),
            help: match k <= MAX_K {
                true => format!("use k = {k}, or smaller weights"),
                false => "use smaller weights, or order = \"sequential\" with no layer connected to \
                          itself"
                    .to_owned(),
            },
        });
    }
    warnings
}
