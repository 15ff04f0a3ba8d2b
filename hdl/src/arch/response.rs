//! Words that the core's stream answers with: what it says of a sample, or of two that ran by turns.

use super::program::entry;
use super::registers::{report, PAIR_ANSWER, REPORT_WORDS};

/// Non-zero outputs (unit, state) and the answer, an output unit.
pub type Answer = (Vec<(usize, u16)>, usize);

/// What the core says of one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Sweeps and whether it settled: free, nudged, nudged with −β (0 sweeps: not run).
    pub phases: [(u32, bool); 3],
    /// The drawn sign is negative.
    pub negative: bool,
    /// Some state changed in the first sweep of a nudged phase.
    pub moved_by_nudge: bool,
    /// The sample was learned from.
    pub learned: bool,
    /// Clock cycles that the sample ran.
    pub cycles: u32,
    /// Weights and biases that learning saturated.
    pub saturations: u32,
    /// Spikes in all phases; `None`: the units are rates.
    pub spikes: Option<u32>,
    /// Non-zero outputs (unit, state) of the free phase and the answer, if asked for.
    pub answer: Option<Answer>,
}

/// The states of all `units` outputs: those in state 0 are not in a response.
pub fn dense((states, _): &Answer, units: usize) -> Vec<u16> {
    let mut all = vec![0; units];
    for &(unit, state) in states {
        all[unit] = state;
    }
    all
}

impl Response {
    /// Sweeps, or time steps, of all phases.
    pub fn sweeps(&self) -> u32 {
        self.phases.iter().map(|&(sweeps, _)| sweeps).sum()
    }

    /// Every phase that ran has settled.
    pub fn settled(&self) -> bool {
        let mut phases = self.phases.iter();
        phases.all(|&(sweeps, settled)| settled || sweeps == 0)
    }

    /// The words of the response frame.
    pub fn words(&self) -> Vec<u32> {
        let at = |flag: bool, bit: u32| u32::from(flag) << bit;
        let [free, nudged, minus] = self.phases;
        let first = free.0 << report::SWEEPS_FREE
            | nudged.0 << report::SWEEPS_NUDGED
            | minus.0 << report::SWEEPS_NUDGED_MINUS
            | at(free.1, report::SETTLED_FREE)
            | at(nudged.1, report::SETTLED_NUDGED)
            | at(minus.1, report::SETTLED_NUDGED_MINUS)
            | at(self.negative, report::NEGATIVE)
            | at(self.moved_by_nudge, report::MOVED_BY_NUDGE)
            | at(self.learned, report::LEARNED)
            | at(self.spikes.is_some(), report::SPIKING);
        let mut words = vec![first, self.cycles, self.saturations];
        words.extend(self.spikes);
        if let Some((states, winner)) = &self.answer {
            words.extend(states.iter().map(output));
            words.push(*winner as u32);
        }
        words
    }

    /// Reads a response frame; `None` if it is not one.
    pub fn parse(words: &[u32]) -> Option<Response> {
        let (head, rest) = words.split_at_checked(REPORT_WORDS)?;
        let (first, cycles, saturations) = (head[0], head[1], head[2]);
        let (spikes, rest) = match first >> report::SPIKING & 1 {
            0 => (None, rest),
            _ => rest
                .split_first()
                .map(|(&spikes, rest)| (Some(spikes), rest))?,
        };
        let answer = rest
            .split_last()
            .map(|(&winner, states)| (outputs(states), winner as usize));
        Some(Response {
            phases: [
                phase(first, report::SWEEPS_FREE, report::SETTLED_FREE),
                phase(first, report::SWEEPS_NUDGED, report::SETTLED_NUDGED),
                phase(
                    first,
                    report::SWEEPS_NUDGED_MINUS,
                    report::SETTLED_NUDGED_MINUS,
                ),
            ],
            negative: first >> report::NEGATIVE & 1 == 1,
            moved_by_nudge: first >> report::MOVED_BY_NUDGE & 1 == 1,
            learned: first >> report::LEARNED & 1 == 1,
            cycles,
            saturations,
            spikes,
            answer,
        })
    }
}

/// Sweeps of a phase and whether it settled, from the fields of a report's first word that begin at these bits.
fn phase(report: u32, sweeps: u32, settled: u32) -> (u32, bool) {
    (report >> sweeps & 0xFF, report >> settled & 1 == 1)
}

/// A non-zero output in a response.
fn output(&(unit, x): &(usize, u16)) -> u32 {
    (unit as u32) << entry::UNIT_SHIFT | u32::from(x)
}

/// Outputs from the words of a response.
fn outputs(words: &[u32]) -> Vec<(usize, u16)> {
    let output = |&word: &u32| ((word >> entry::UNIT_SHIFT) as usize, word as u16);
    words.iter().map(output).collect()
}

/// What the core says of two samples that ran by turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairResponse {
    /// Sweeps of each sample, and whether it settled.
    pub sweeps: [(u32, bool); 2],
    /// Clock cycles that both ran together.
    pub cycles: u32,
    /// Non-zero outputs (unit, state) and the answer of each sample.
    pub answers: [Answer; 2],
}

impl PairResponse {
    /// The words of the response frame.
    pub fn words(&self) -> Vec<u32> {
        let [first, second] = self.sweeps;
        let report = first.0 << report::SWEEPS_FREE
            | second.0 << report::SWEEPS_NUDGED
            | u32::from(first.1) << report::SETTLED_FREE
            | u32::from(second.1) << report::SETTLED_NUDGED;
        let mut words = vec![report, self.cycles, 0];
        for (states, winner) in &self.answers {
            words.extend(states.iter().map(output));
            words.push(PAIR_ANSWER | *winner as u32);
        }
        words
    }

    /// Reads a response frame; `None` if it is not one.
    pub fn parse(words: &[u32]) -> Option<PairResponse> {
        let (head, rest) = words.split_at_checked(REPORT_WORDS)?;
        let mut samples = rest
            .split_inclusive(|word| word & PAIR_ANSWER != 0)
            .map(|sample| {
                let (&winner, states) = sample.split_last()?;
                (winner & PAIR_ANSWER != 0).then(|| (outputs(states), usize::from(winner as u16)))
            });
        let answers = [samples.next()??, samples.next()??];
        samples.next().is_none().then(|| PairResponse {
            sweeps: [
                phase(head[0], report::SWEEPS_FREE, report::SETTLED_FREE),
                phase(head[0], report::SWEEPS_NUDGED, report::SETTLED_NUDGED),
            ],
            cycles: head[1],
            answers,
        })
    }
}
