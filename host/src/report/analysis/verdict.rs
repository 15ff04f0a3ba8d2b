//! What an analysis says, in one sentence a question: for the terminal, the page and the JSON.

use serde::Serialize;
use sim::analysis::runs::Source;
use sim::analysis::symmetry::Fate;
use sim::analysis::theorem::Theorem;
use sim::analysis::{Analysis, Stage};

use crate::report::table::grouped;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// What the theory promises holds.
    Pass,
    /// It promises it, and it does not hold.
    Fail,
    /// It promises nothing here, or this could not be looked at.
    Note,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Standing::Pass => "pass",
            Standing::Fail => "fail",
            Standing::Note => "note",
        }
    }

    fn of(holds: bool) -> Standing {
        match holds {
            true => Standing::Pass,
            false => Standing::Fail,
        }
    }
}

/// One sentence.
#[derive(Clone, Debug, Serialize)]
pub struct Verdict {
    /// The section of the page.
    pub section: &'static str,
    pub standing: Standing,
    pub text: String,
}

/// All sentences in the order of the page.
pub fn verdicts(analysis: &Analysis) -> Vec<Verdict> {
    let mut all = vec![
        energy(analysis),
        words(analysis),
        asymmetry(analysis),
        stability(analysis),
        response(analysis),
    ];
    for stage in &analysis.theorem {
        theorem(stage, &mut all);
    }
    all.push(credit(analysis));
    all.push(settling(analysis));
    all
}

fn verdict(section: &'static str, standing: Standing, text: String) -> Verdict {
    Verdict {
        section,
        standing,
        text,
    }
}

/// Who computed something, as a subject of a sentence.
pub fn name(source: Source) -> &'static str {
    match source {
        Source::Golden => "golden model",
        Source::Bittrue => "bit-true model",
        Source::Hardware => "hardware",
    }
}

/// A power of two as people write it.
pub fn power(beta: f64) -> String {
    format!(
        "2{}",
        crate::report::page::chart::raised(beta.log2().round() as i32)
    )
}

fn energy(analysis: &Analysis) -> Verdict {
    let energy = &analysis.energy;
    let sweeps = grouped(energy.sweeps as u64);
    let (standing, text) = match energy.bounds.iter().all(Option::is_some) {
        true => (
            Standing::of(energy.violations == 0),
            format!(
                "{} of {sweeps} sweeps raise the energy by more than rounding can",
                energy.violations
            ),
        ),
        false => (
            Standing::Note,
            format!(
                "steps are too long for a bound; {} of {sweeps} sweeps raise the energy",
                energy.rises
            ),
        ),
    };
    verdict("energy", standing, text)
}

fn words(analysis: &Analysis) -> Verdict {
    let (standing, text) = match &analysis.words {
        Some(words) => (
            Standing::of(words.proven()),
            format!(
                "{} of {} weights are one word for both directions and for learning",
                grouped(words.one_word as u64),
                grouped(words.weights as u64)
            ),
        ),
        None => (Standing::Note, "no hardware to look at".to_owned()),
    };
    verdict("symmetry", standing, text)
}

fn asymmetry(analysis: &Analysis) -> Verdict {
    let (standing, text) = match &analysis.asymmetry {
        None => (
            Standing::Note,
            "free units are not connected: there is nothing to break".to_owned(),
        ),
        Some(found) => match (found.breaking, found.broken) {
            (Some([_, at]), Some(fate)) => (
                Standing::Note,
                format!(
                    "an antisymmetric part of {at:.2} times the weights breaks settling: {}",
                    fate_text(fate)
                ),
            ),
            _ => (
                Standing::Note,
                format!(
                    "settles even with an antisymmetric part of {:.0} times the weights",
                    found.strengths.last().map_or(0.0, |s| s.strength)
                ),
            ),
        },
    };
    verdict("symmetry", standing, text)
}

/// A fate as the end of a sentence.
pub fn fate_text(fate: Fate) -> String {
    match fate {
        Fate::Settled { sweeps, turns } => format!(
            "settles in {sweeps} sweeps{}",
            if turns { ", in a spiral" } else { "" }
        ),
        Fate::Cycle { period, amplitude } => {
            format!("a limit cycle of {period} sweeps, up to {amplitude:.2} wide")
        }
        Fate::Wanders {
            period: Some(period),
            amplitude,
        } => format!("goes round in about {period:.1} sweeps, up to {amplitude:.2} wide"),
        Fate::Wanders {
            period: None,
            amplitude,
        } => format!("still moves by {amplitude:.2e}, slowly"),
    }
}

fn stability(analysis: &Analysis) -> Verdict {
    let found = &analysis.stability;
    let standing = match found.contracts {
        true => Standing::Pass,
        false => Standing::Note,
    };
    let text = match found.contracts {
        true => format!(
            "spectral radius {:.3} < 1: free phases contract to one rest",
            found.radius
        ),
        false => format!(
            "spectral radius {:.3}, not below 1: settling is not guaranteed (it is sufficient, not \
             necessary)",
            found.radius
        ),
    };
    verdict("stability", standing, text)
}

fn response(analysis: &Analysis) -> Verdict {
    let Some(found) = analysis.response.done() else {
        return verdict(
            "response",
            Standing::Note,
            "refused: see the page".to_owned(),
        );
    };
    let golden = found.points.iter().filter(|p| p.source == Source::Golden);
    let slope = golden.filter_map(|p| p.slope_same_active).next_back();
    let range = match &found.linear {
        Some(range) => format!(
            "; the {} is linear from β = {} to {}",
            name(range.source),
            power(range.smallest),
            power(range.largest)
        ),
        None => "; the formats leave no linear range".to_owned(),
    };
    match slope {
        Some(slope) => verdict(
            "response",
            Standing::of((slope - 1.0).abs() < 0.02 || found.least_squares > 0),
            format!("golden slope {slope:.4} of the Hessian's prediction{range}"),
        ),
        None => verdict(
            "response",
            Standing::Note,
            format!("no sample keeps its active set{range}"),
        ),
    }
}

fn theorem(stage: &Stage, all: &mut Vec<Verdict>) {
    let weights = &stage.weights;
    let Some(found) = stage.theorem.done() else {
        let text = format!("{weights}: refused, see the page");
        all.push(verdict("theorem", Standing::Note, text));
        return;
    };
    if let Some(differences) = &found.finite_differences {
        all.push(verdict(
            "theorem",
            match found.least_squares {
                0 => Standing::of(differences.worst < 1e-3),
                _ => Standing::Note,
            },
            format!(
                "{weights}: exact gradient and finite differences agree within {:.1e} on {} derivatives",
                differences.worst, differences.compared
            ),
        ));
    }
    all.push(orders(weights, found));
    if let Some(best) = &found.recommended {
        all.push(verdict(
            "theorem",
            Standing::Note,
            format!(
                "{weights}: nearest to the true gradient at β = {} ({}, worst group: cosine {:.4} of the sum over {} \
                 samples, {:.4} on average of single ones)",
                power(best.beta),
                name(best.source),
                best.batch_cosine,
                found.compared,
                best.cosine,
            ),
        ));
    }
}

fn orders(weights: &str, found: &Theorem) -> Verdict {
    match (&found.one_sided_order, &found.symmetric_order) {
        (Some(one), Some(both)) => verdict(
            "theorem",
            match (0.8..=1.2).contains(&one.order) && (1.8..=2.2).contains(&both.order) {
                true => Standing::Pass,
                false => Standing::Note,
            },
            format!(
                "{weights}: the error falls as β^{:.2} one-sided and β^{:.2} symmetric",
                one.order, both.order
            ),
        ),
        _ => verdict(
            "theorem",
            Standing::Note,
            format!("{weights}: too few samples keep their active set to fit an order"),
        ),
    }
}

fn credit(analysis: &Analysis) -> Verdict {
    let Some(found) = analysis.credit.done() else {
        return verdict("credit", Standing::Note, "refused: see the page".to_owned());
    };
    let text = match found.signs.first() {
        None => "there is no hidden layer".to_owned(),
        Some(signs) => {
            let total = (signs.agree + signs.differ + signs.silent).max(1);
            format!(
                "{:.1} % of the updates of {} have the true gradient's sign at β = {}",
                100.0 * signs.agree as f64 / total as f64,
                signs.layer,
                power(signs.beta)
            )
        }
    };
    verdict("credit", Standing::Note, text)
}

fn settling(analysis: &Analysis) -> Verdict {
    let found = &analysis.settling;
    let standing = match found.unsettled.is_empty() {
        true => Standing::Pass,
        false => Standing::Note,
    };
    let means: Vec<String> = (found.phases.iter())
        .map(|phase| format!("{:.1}", phase.mean))
        .collect();
    let text = format!(
        "{} phases of {} samples do not settle; mean sweeps {}",
        found.unsettled.len(),
        found.samples,
        means.join(" + ")
    );
    verdict("settling", standing, text)
}
