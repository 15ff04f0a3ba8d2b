//! Reference cases on Verilated hardware (`crate::vectors` describes the cases).
//!
//! A case runs as a whole: only its first sample gets weights and a random state. Cases of equal
//! number formats share one Verilated shape where their learning shifts allow it. Final states are
//! those that the hardware wrote, weights and random state those that it reads back; sweeps, settled flags
//! and saturations are those of its response, which lockstep has compared.

use super::{source, Lockstep, LockstepError};
use crate::bittrue::Mode;
use crate::vectors::{Case, CaseReport, LearningState};
use crate::verilate::{build, BuildOptions, Cache, Model, VerilateError};
use hdl::arch::{Plan, PlanError, Shape};
use hdl::emit::EmitError;

/// What reference cases gave on hardware.
#[derive(Debug, Default)]
pub struct HardwareReport {
    /// Cases that ran, in the order given.
    pub ran: Vec<HardwareCase>,
}

/// One case on hardware.
#[derive(Debug)]
pub struct HardwareCase {
    pub report: CaseReport,
    /// Where hardware and bit-true model parted or the hardware fell silent: the rest of the case did not run.
    pub stopped: Option<LockstepError>,
}

/// Why no case could run.
#[derive(Debug, thiserror::Error)]
pub enum HardwareError {
    #[error("case {case}: {source}")]
    Plan { case: String, source: PlanError },
    #[error(transparent)]
    Emit(#[from] EmitError),
    #[error(transparent)]
    Verilate(#[from] VerilateError),
}

impl HardwareCase {
    /// All numbers were compared and none differs.
    pub fn passed(&self) -> bool {
        self.stopped.is_none() && self.report.passed()
    }

    /// Numbers that differ, an early stop counting as one.
    pub fn mismatches(&self) -> usize {
        self.report.mismatches.len() + usize::from(self.stopped.is_some())
    }
}

impl HardwareReport {
    /// Cases given.
    pub fn cases(&self) -> usize {
        self.ran.len()
    }

    /// Cases that ran and passed.
    pub fn passed(&self) -> usize {
        self.ran.iter().filter(|case| case.passed()).count()
    }

    /// Numbers that differ, over all cases.
    pub fn mismatches(&self) -> usize {
        self.ran.iter().map(HardwareCase::mismatches).sum()
    }
}

/// Cases that share hardware, with their positions.
struct Group<'a> {
    shape: Shape,
    cases: Vec<(usize, &'a Case)>,
}

/// Runs all samples of `cases`, learning included, on hardware of `lanes` lanes.
///
/// # Errors
/// A case that no hardware of so many lanes can be generated for, or a failing Verilator build.
/// Mismatches are part of the report.
pub fn check_hardware(
    cases: &[Case],
    lanes: usize,
    options: &BuildOptions,
    cache: &Cache,
) -> Result<HardwareReport, HardwareError> {
    let mut report = HardwareReport::default();
    let mut groups: Vec<Group> = vec![];
    for (index, case) in cases.iter().enumerate() {
        let shape = Plan::new(&case.network, lanes)
            .map_err(plan_error(case))?
            .shape;
        let fitting = groups
            .iter_mut()
            .find_map(|group| group.shape.union(&shape).map(|union| (group, union)));
        match fitting {
            Some((group, union)) => {
                group.shape = union;
                group.cases.push((index, case));
            }
            None => groups.push(Group {
                shape,
                cases: vec![(index, case)],
            }),
        }
    }
    let mut ran = vec![];
    for group in groups {
        let plan = |case: &Case| Plan::on(&case.network, &group.shape).map_err(plan_error(case));
        let (_, first) = group.cases[0];
        let generated = plan(first)?;
        let design = hdl::design::core(&generated)?;
        let library = build(&source(&generated, &design), options, cache)?;
        for &(index, case) in &group.cases {
            let mut report = CaseReport::new(case);
            let stopped = compare(case, plan(case)?, library.instance(), &mut report).err();
            ran.push((index, HardwareCase { report, stopped }));
        }
    }
    ran.sort_by_key(|&(index, _)| index);
    report.ran = ran.into_iter().map(|(_, case)| case).collect();
    Ok(report)
}

fn plan_error(case: &Case) -> impl FnOnce(PlanError) -> HardwareError + '_ {
    |source| HardwareError::Plan {
        case: case.name.clone(),
        source,
    }
}

fn compare(
    case: &Case,
    plan: Plan,
    model: Model,
    report: &mut CaseReport,
) -> Result<(), LockstepError> {
    let mut lockstep = Lockstep::new(plan, model, &case.initial, None)?;
    let mut learning = LearningState::default();
    for (index, expected) in case.samples.iter().enumerate() {
        lockstep.set_doublings(expected.m)?;
        let outcome = lockstep.sample(&expected.sample, Mode::Learn)?.outcome;
        for expected in &expected.phases {
            let phase = outcome.phase(expected.phase);
            let (sweeps, settled) = phase.map_or((0, false), |phase| (phase.sweeps, phase.settled));
            let last = lockstep.states()[expected.phase as usize].last().expect(
                "a case has the phases of its network's nudging, each of one sweep or more",
            );
            report.phase(index, expected, sweeps, settled, |layer| {
                let first = lockstep.record().position(layer, 0);
                &last[first..first + case.network.layers[layer].units]
            });
        }
        learning.saturations += u64::from(outcome.saturations);
        learning.not_learned += u64::from(!outcome.learned);
        learning.spikes += outcome.activity.map_or(0, |activity| activity.spikes);
        learning.random = lockstep.read_random()?;
        let weights = lockstep.read_weights()?;
        report.learning(case, index, outcome.learned, &learning, &weights);
    }
    Ok(())
}
