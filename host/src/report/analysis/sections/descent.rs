//! Sections about settling: does the energy fall, what if weights were not symmetric, must phases end, and when.

use sim::analysis::symmetry::{Experiment, Fate};
use sim::analysis::Analysis;

use super::{paragraph, small, table, Body};
use crate::report::analysis::verdict::{fate_text, name};
use crate::report::page::chart::{Bars, Chart, Scale, Series};
use crate::report::svg::escape;

pub fn energy(analysis: &Analysis) -> Body {
    let found = &analysis.energy;
    let phases = ["free phase", "nudged phase", "nudged phase at −β"];
    let figures = phases.iter().zip([
        "E in the free phase",
        "F = E + σβC in the first nudged phase",
        "F in the second nudged phase",
    ]);
    let figures = figures.filter_map(|(phase, title)| {
        let traces = found.traces.iter().filter(|trace| trace.phase == *phase);
        let series: Vec<Series> = traces
            .enumerate()
            .map(|(index, trace)| {
                let points = (trace.above.iter().enumerate())
                    .map(|(sweep, &above)| (sweep as f64, above))
                    .collect();
                Series::new(format!("sample {}", trace.sample), index, points).line()
            })
            .collect();
        (!series.is_empty()).then(|| {
            Chart {
                title: title.to_owned(),
                x: (Scale::Linear, "sweep"),
                y: (Scale::Decimal, "above its end"),
                hold: vec![],
                series,
            }
            .figure()
        })
    });
    let bounds: Vec<String> = (found.bounds.iter().zip(["free", "+β", "−β"]))
        .map(|(bound, phase)| match bound {
            Some(0.0) => format!("{phase}: 0"),
            Some(bound) => format!("{phase}: {bound:.1e}"),
            None => format!("{phase}: none"),
        })
        .collect();
    Body {
        intro: paragraph(&format!(
            "Settling is a descent: each sweep lowers E, and in a nudged phase the total energy F = E + σβC, \
             down to where no state moves. The curves are computed from the states of the {}, and end where \
             the remaining distance is 0.",
            name(found.source)
        )),
        figures: figures.collect(),
        after: small(&format!(
            "Largest rise that rounding allows in a sweep: {}. Largest rise seen: {:.1e}. The bound is derived \
             in sim/src/analysis/energy.rs.",
            bounds.join(", "),
            found.largest_rise
        )),
    }
}

pub fn symmetry(analysis: &Analysis) -> Body {
    let mut body = Body {
        intro: paragraph(
            "The energy exists because w_ij = w_ji. In the hardware both are one word: row pass, column pass \
             and learning of a tile name the same bank address. In the golden dynamics, an antisymmetric part \
             of growing strength is added to the weights, until phases no longer settle.",
        ),
        ..Body::default()
    };
    if let Some(found) = &analysis.asymmetry {
        body.figures += &fates(found);
        for portrait in &found.portraits {
            let points = portrait.points.iter().map(|&[x, y]| (x, y)).collect();
            let chart = Chart {
                title: format!(
                    "{} against {} at strength {:.2}: {}",
                    portrait.units[1],
                    portrait.units[0],
                    portrait.strength,
                    fate_text(portrait.fate)
                ),
                x: (Scale::Linear, "state of one unit"),
                y: (Scale::Linear, "state of another"),
                hold: vec![],
                series: vec![Series::new("", 0, points)],
            };
            body.figures += &chart.figure();
        }
        body.after += &small(&format!(
            "{} samples; a phase that moves after {} sweeps does not settle. Strength 1 is an antisymmetric \
             part as long as the weights (Frobenius norm).",
            found.samples, found.patience
        ));
    }
    if let Some(words) = &analysis.words {
        let rows: Vec<Vec<String>> = (words.tiles.iter().take(8))
            .map(|tile| {
                let address = |at: Option<usize>| at.map_or("–".to_owned(), |at| at.to_string());
                vec![
                    format!("{}–{}", tile.rows, tile.columns),
                    tile.tile.to_string(),
                    address(tile.row_pass),
                    address(tile.column_pass),
                    address(tile.learning),
                ]
            })
            .collect();
        let titles = [
            "rows–columns",
            "tile",
            "row pass",
            "column pass",
            "learning",
        ];
        body.after += &table(&titles, &rows);
        body.after += &small(&format!(
            "Bank address of column 0 in each of {} lanes, as the schedule names it; {} of {} tiles. A block with \
             the input has no column pass, as nothing drives the input.",
            words.lanes,
            rows.len(),
            words.tiles.len()
        ));
    }
    body
}

/// How long phases take, and how many do not settle, against the strength.
fn fates(found: &Experiment) -> String {
    let mut sweeps = vec![];
    let mut shares: [Vec<(f64, f64)>; 3] = Default::default();
    for strength in &found.strengths {
        let count = strength.fates.len().max(1) as f64;
        let settled: Vec<f64> = (strength.fates.iter())
            .filter_map(|fate| match fate {
                Fate::Settled { sweeps, .. } => Some(*sweeps as f64),
                _ => None,
            })
            .collect();
        if !settled.is_empty() {
            let mean = settled.iter().sum::<f64>() / settled.len() as f64;
            sweeps.push((strength.strength, mean));
        }
        let share = |is: fn(&Fate) -> bool| {
            100.0 * strength.fates.iter().filter(|fate| is(fate)).count() as f64 / count
        };
        let of = [
            share(|fate| matches!(fate, Fate::Settled { turns: true, .. })),
            share(|fate| matches!(fate, Fate::Cycle { .. })),
            share(|fate| matches!(fate, Fate::Wanders { .. })),
        ];
        for (shares, share) in shares.iter_mut().zip(of) {
            shares.push((strength.strength, share));
        }
    }
    let lasting = Chart {
        title: "Sweeps until free phases settle to 10⁻⁹ (mean)".to_owned(),
        x: (Scale::Linear, "strength of the antisymmetric part"),
        y: (Scale::Decimal, "sweeps"),
        hold: vec![],
        series: vec![Series::new("those that settle", 0, sweeps)],
    };
    let [spirals, cycles, wanders] = shares;
    let kinds = Chart {
        title: "What becomes of free phases".to_owned(),
        x: (Scale::Linear, "strength of the antisymmetric part"),
        y: (Scale::Linear, "% of the samples"),
        hold: vec![0.0, 100.0],
        series: vec![
            Series::new("settle in a spiral", 0, spirals),
            Series::new("limit cycle", 3, cycles),
            Series::new("no exact period", 1, wanders),
        ],
    };
    lasting.figure() + &kinds.figure()
}

pub fn stability(analysis: &Analysis) -> Body {
    let found = &analysis.stability;
    const BINS: usize = 41;
    let reach = found.radius.max(1e-3) * 1.02;
    let mut counts = vec![0.0; BINS];
    let width = 2.0 * reach / BINS as f64;
    for value in &found.eigenvalues {
        counts[(((value + reach) / width) as usize).min(BINS - 1)] += 1.0;
    }
    let spectrum = Bars {
        title: "Eigenvalues of the weights between free units".to_owned(),
        x: "λ",
        y: "eigenvalues",
        first: -reach + width / 2.0,
        width,
        series: vec![(String::new(), counts)],
    };
    let points: Vec<(f64, f64)> = (found.contraction.iter())
        .filter_map(|c| Some((c.predicted?, c.measured)))
        .collect();
    let mut figures = spectrum.figure();
    if !points.is_empty() {
        let ends = points.iter().flat_map(|p| [p.0, p.1]);
        let (low, high) = ends.fold((1.0f64, 0.0f64), |(l, h), v| (l.min(v), h.max(v)));
        let chart = Chart {
            title: "How a free phase contracts near its rest, sample by sample".to_owned(),
            x: (Scale::Linear, "spectral radius of a sweep, active units"),
            y: (Scale::Linear, "measured"),
            hold: vec![],
            series: vec![
                Series::new("equal", 7, vec![(low, low), (high, high)])
                    .line()
                    .dashed(),
                Series::new("samples", 0, points).dots(),
            ],
        };
        figures += &chart.figure();
    }
    let mut after = String::new();
    if !found.groups.is_empty() {
        let rows: Vec<Vec<String>> = (found.groups.iter())
            .map(|group| {
                vec![
                    group.name.clone(),
                    format!("{:.3}", group.lowest),
                    format!("{:.3}", group.curvature),
                    format!("{}", group.limit),
                    match group.curvature <= group.limit {
                        true => "the energy cannot rise".to_owned(),
                        false => "it may rise: use a larger k".to_owned(),
                    },
                ]
            })
            .collect();
        let titles = [
            "units that move together",
            "λ_min",
            "1 + |λ_min|",
            "2^(k+1)",
            "",
        ];
        after += &table(&titles, &rows);
    }
    for warning in &found.warnings {
        after += &format!("<p class=\"note\">{}</p>\n", escape(warning));
    }
    Body {
        intro: paragraph(&format!(
            "The weights W between the {} free units have eigenvalues from {:.3} to {:.3}. Below 1 the energy is \
             convex and there is one rest; within ±1 every sweep contracts, in either order. Units held at 0 or 1 \
             only narrow the spectrum.",
            found.units, found.lowest, found.highest
        )),
        figures,
        after,
    }
}

pub fn settling(analysis: &Analysis) -> Body {
    let found = &analysis.settling;
    let mut body = Body {
        intro: paragraph(&format!(
            "Sweeps until no state moves by more than the tolerance, over {} samples in the {}.",
            found.samples,
            name(found.source)
        )),
        ..Body::default()
    };
    body.figures += &Bars {
        title: "Sweeps of each phase".to_owned(),
        x: "sweeps",
        y: "samples",
        first: 1.0,
        width: 1.0,
        series: (found.phases.iter())
            .map(|phase| {
                let counts = phase.counts.iter().map(|&count| count as f64).collect();
                (phase.phase.clone(), counts)
            })
            .collect(),
    }
    .figure();
    const LISTED: usize = 40;
    if !found.unsettled.is_empty() {
        let rows: Vec<Vec<String>> = (found.unsettled.iter().take(LISTED))
            .map(|entry| vec![entry.phase.clone(), entry.sample.to_string()])
            .collect();
        body.after += &table(&["phase that did not settle", "sample"], &rows);
        if found.unsettled.len() > LISTED {
            body.after += &small(&format!(
                "and {} more: the JSON file beside this page lists all",
                found.unsettled.len() - LISTED
            ));
        }
    }
    body
}
