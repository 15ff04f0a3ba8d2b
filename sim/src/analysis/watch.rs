//! The network's own phases on sample after sample: every state after every sweep, from the hardware
//! or, where there is none, from the bit-true model.

use super::runs::{Rig, Source};
use super::{AnalysisError, Subject};
use crate::bittrue::{BitTrue, Mode, Outcome, Sample, Xorshift};
use crate::lockstep::{Lockstep, Record};
use crate::progress::Progress;

/// One sample's phases.
pub struct Watched<'a> {
    /// Index into the data.
    pub index: usize,
    pub sample: &'a Sample,
    pub outcome: Outcome,
    /// σ of each phase: 0 free, ±1 nudged.
    pub signs: &'a [i32],
    /// Raw states after each sweep of each phase, all free units.
    pub states: &'a [Vec<Vec<u16>>],
}

/// Runs all samples of the subject; returns who ran them.
///
/// # Errors
/// Hardware that does not answer or differs from the bit-true model.
pub fn watch(
    subject: &Subject,
    rig: Option<&Rig>,
    progress: &dyn Progress,
    mut visit: impl FnMut(Watched),
) -> Result<Source, AnalysisError> {
    let (network, samples) = (subject.network, &subject.samples);
    let total = samples.len() as u64;
    let Some(rig) = rig else {
        progress.start("settling, bit-true", total, "samples");
        let mut model = BitTrue::new(network);
        model.load(subject.weights);
        let mut rng = Xorshift::seed(network.seed);
        let mut record = Record::new(network);
        for (done, (index, sample)) in (1..).zip(samples) {
            record.clear();
            let outcome = model.run(sample, Mode::Nudge, &mut rng, &mut record);
            visit(Watched {
                index: *index,
                sample,
                outcome,
                signs: &record.signs,
                states: &record.states,
            });
            progress.reach(done);
        }
        progress.finish();
        return Ok(Source::Bittrue);
    };
    progress.start("settling, hardware", total, "samples");
    let model = rig.library.instance();
    let mut lockstep = Lockstep::new(rig.plan.clone(), model, subject.weights, None)?;
    for (done, (index, sample)) in (1..).zip(samples) {
        let outcome = lockstep.sample(sample, Mode::Nudge)?.outcome;
        visit(Watched {
            index: *index,
            sample,
            outcome,
            signs: &lockstep.record().signs,
            states: lockstep.states(),
        });
        progress.reach(done);
    }
    progress.finish();
    Ok(Source::Hardware)
}
