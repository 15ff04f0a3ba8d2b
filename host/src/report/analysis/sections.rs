//! The sections of the page: a few sentences on what is seen, figures, tables.

use sim::analysis::runs::Source;
use sim::analysis::symmetry::Fate;
use sim::analysis::theorem::{Mean, Point, Theorem};
use sim::analysis::{Analysis, Section, Stage};

use super::chart::{Bars, Chart, Map, Scale, Series};
use super::verdict::{fate_text, name, power};
use crate::report::svg::escape;

/// What stands in a section.
#[derive(Default)]
pub struct Body {
    pub intro: String,
    pub figures: String,
    /// Tables and remarks below.
    pub after: String,
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

fn small(text: &str) -> String {
    format!("<p class=\"small\">{}</p>\n", escape(text))
}

fn refusal<T>(section: &Section<T>) -> String {
    match section {
        Section::Done(_) => String::new(),
        Section::Refused { refused } => {
            format!("<p class=\"note\">Refused: {}</p>\n", escape(refused))
        }
    }
}

/// A table; the first column holds names.
fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = String>| {
        let cells: String = cells
            .map(|c| format!("<{tag}>{}</{tag}>", escape(&c)))
            .collect();
        format!("<tr>{cells}</tr>\n")
    };
    let head = cells("th", &mut titles.iter().map(|t| (*t).to_owned()));
    let body: String = (rows.iter())
        .map(|row| cells("td", &mut row.iter().cloned()))
        .collect();
    format!("<div class=\"table\"><table>\n{head}{body}</table></div>\n")
}

/// Anchor, heading and body of every section.
pub fn sections(analysis: &Analysis) -> Vec<(&'static str, &'static str, Body)> {
    vec![
        ("energy", "Energy", energy(analysis)),
        ("symmetry", "Symmetry", symmetry(analysis)),
        ("stability", "Stability", stability(analysis)),
        ("response", "Linear response", response(analysis)),
        ("theorem", "The theorem", theorem(analysis)),
        ("credit", "Credit", credit(analysis)),
        ("settling", "Settling", settling(analysis)),
    ]
}

fn energy(analysis: &Analysis) -> Body {
    let found = &analysis.energy;
    let phases = ["free phase", "nudged phase", "nudged phase at -beta"];
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

fn symmetry(analysis: &Analysis) -> Body {
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
fn fates(found: &sim::analysis::symmetry::Experiment) -> String {
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

fn stability(analysis: &Analysis) -> Body {
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

/// Colour of a source.
fn colour(source: Source) -> usize {
    match source {
        Source::Golden => 7,
        Source::Bittrue => 1,
        Source::Hardware => 0,
    }
}

const SOURCES: [Source; 3] = [Source::Golden, Source::Bittrue, Source::Hardware];

fn response(analysis: &Analysis) -> Body {
    let mut body = Body {
        intro: paragraph(
            "A weak nudge shifts the rest in proportion: x^β − x⁰ = β H⁻¹ (t − x) on the units that are not held \
             at 0 or 1, with the Hessian H = I − W there. Rounding ends this at small β, where the nudge is less \
             than a step of a state; units that reach 0 or 1 end it at large β.",
        ) + &refusal(&analysis.response),
        ..Body::default()
    };
    let Some(found) = analysis.response.done() else {
        return body;
    };
    let of = |source: Source| found.points.iter().filter(move |p| p.source == source);
    let series = |value: fn(&sim::analysis::response::ResponsePoint) -> f64| -> Vec<Series> {
        (SOURCES.into_iter())
            .filter(|&source| of(source).next().is_some())
            .map(|source| {
                let points = of(source).map(|p| (p.beta, value(p))).collect();
                let series = Series::new(name(source), colour(source), points);
                match source {
                    Source::Golden => series.line(),
                    Source::Bittrue => series,
                    Source::Hardware => series.dots(),
                }
            })
            .collect()
    };
    let predicted = of(Source::Golden).map(|p| (p.beta, p.beta * found.predicted));
    let mut shifts = vec![Series::new("β |H⁻¹ (t − x)|", 3, predicted.collect())
        .line()
        .dashed()];
    shifts.extend(series(|p| p.shift));
    body.figures += &Chart {
        title: "Shift of the rest (mean length)".to_owned(),
        x: (Scale::Binary, "β"),
        y: (Scale::Decimal, "|x^β − x⁰|"),
        hold: vec![],
        series: shifts,
    }
    .figure();
    body.figures += &Chart {
        title: "Slope along the prediction, as a multiple of it (mean)".to_owned(),
        x: (Scale::Binary, "β"),
        y: (Scale::Linear, "slope"),
        hold: vec![0.9, 1.1],
        series: series(|p| p.slope),
    }
    .figure();
    let rows: Vec<Vec<String>> = of(Source::Golden)
        .map(|golden| {
            let slope = |source: Source| {
                found
                    .at(source, golden.beta_shift)
                    .map_or("–".to_owned(), |p| {
                        format!("{:.3} ± {:.3}", p.slope, p.deviation)
                    })
            };
            vec![
                power(golden.beta),
                slope(Source::Golden),
                slope(Source::Bittrue),
                slope(Source::Hardware),
                golden
                    .slope_same_active
                    .map_or("–".to_owned(), |s| format!("{s:.4}")),
                format!("{} of {}", golden.same_active, found.samples),
            ]
        })
        .collect();
    let titles = [
        "β",
        "golden",
        "bit-true",
        "hardware",
        "golden, same active set",
        "samples with it",
    ];
    body.after += &table(&titles, &rows);
    if found.least_squares > 0 {
        body.after += &format!(
            "<p class=\"note\">The Hessian of {} samples is singular on the active set: their prediction is the \
             least-squares one.</p>\n",
            found.least_squares
        );
    }
    body
}

fn theorem(analysis: &Analysis) -> Body {
    let mut body = Body {
        intro: paragraph(
            "Two phases reveal the gradient of the cost: (x_i x_j at β − x_i x_j at rest)/β approaches −∂C/∂w_ij as β \
             falls, with an error in β from (x^β, x⁰), in β² from (x^β, x^−β). It is held against implicit \
             differentiation at the rest, block by block, biases too; biases learn by the same rule. Training may \
             still work best at a larger β, which moves more than rounding does.",
        ),
        ..Body::default()
    };
    for stage in &analysis.theorem {
        body.after += &format!("<p><b>{}</b></p>\n", escape(&stage_name(stage)));
        body.after += &refusal(&stage.theorem);
        if let Some(found) = stage.theorem.done() {
            stage_of(stage, found, &mut body);
        }
    }
    body
}

fn stage_name(stage: &Stage) -> String {
    match stage.learned_from {
        0 => stage.weights.clone(),
        samples => format!("{} ({samples} samples)", stage.weights),
    }
}

fn stage_of(stage: &Stage, found: &Theorem, body: &mut Body) {
    let of = |source: Source| found.points.iter().filter(move |p| p.source == source);
    let blocks = found
        .groups
        .iter()
        .filter(|name| !name.starts_with("bias "));
    let quantised = match of(Source::Hardware).next() {
        Some(_) => Source::Hardware,
        None => Source::Bittrue,
    };
    type Pick = fn(&Point) -> &Vec<Mean>;
    let both: [(&str, Pick); 2] = [
        ("symmetric", |p| &p.symmetric),
        ("one-sided", |p| &p.one_sided),
    ];
    for (group, block) in blocks.enumerate() {
        let mut cosines = vec![];
        let mut errors = vec![];
        for (kind, (kind_name, pick)) in both.into_iter().enumerate() {
            for source in [Source::Golden, quantised] {
                let colour = 2 * usize::from(source == quantised) + kind;
                let label = format!("{}, {kind_name}", name(source));
                let points = |value: fn(&Mean) -> f64| -> Vec<(f64, f64)> {
                    of(source)
                        .map(|p| (p.beta, value(&pick(p)[group])))
                        .collect()
                };
                let shown = |series: Series| match source {
                    Source::Golden => series.line(),
                    _ => series,
                };
                cosines.push(shown(Series::new(&label, colour, points(|m| m.cosine))));
                errors.push(shown(Series::new(&label, colour, points(|m| m.error))));
            }
        }
        body.figures += &Chart {
            title: format!("{block}, {}: cosine to the exact gradient", stage.weights),
            x: (Scale::Binary, "β"),
            y: (Scale::Linear, "mean cosine"),
            hold: vec![1.0],
            series: cosines,
        }
        .figure();
        body.figures += &Chart {
            title: format!("{block}, {}: relative error", stage.weights),
            x: (Scale::Binary, "β"),
            y: (Scale::Decimal, "mean |estimate − exact| / |exact|"),
            hold: vec![],
            series: errors,
        }
        .figure();
    }
    let mut titles = vec!["β", "source"];
    titles.extend(found.groups.iter().map(String::as_str));
    let rows: Vec<Vec<String>> = (of(Source::Golden))
        .flat_map(|golden| {
            let points = SOURCES.map(|source| found.at(source, golden.beta_shift));
            points.into_iter().flatten()
        })
        .map(|point| {
            let cosines = point.symmetric.iter().map(|mean| match mean.samples {
                0 => "–".to_owned(),
                _ => format!("{:.4}", mean.cosine),
            });
            [power(point.beta), name(point.source).to_owned()]
                .into_iter()
                .chain(cosines)
                .collect()
        })
        .collect();
    body.after += &small("Mean cosines, symmetric nudging:");
    body.after += &table(&titles, &rows);
    let fit = |fit: &Option<sim::analysis::theorem::Fit>| {
        fit.map_or("not fitted".to_owned(), |fit| {
            format!(
                "{:.2} (β from 2^-{} to 2^-{}, {} samples whose active set stays)",
                fit.order, fit.to_shift, fit.from_shift, fit.samples
            )
        })
    };
    body.after += &small(&format!(
        "{} of {} samples compared; {} have the exact gradient 0 and are left out, {} never rest, {} singular \
         Hessians. Order of the error of the golden model: one-sided {}, symmetric {}.",
        found.compared,
        found.samples,
        found.zero_gradient,
        found.restless,
        found.least_squares,
        fit(&found.one_sided_order),
        fit(&found.symmetric_order),
    ));
}

fn credit(analysis: &Analysis) -> Body {
    let mut body = Body {
        intro: paragraph(
            "In a nudged phase the outputs move first; each sweep carries the change one layer further, and back. \
             What arrives at a hidden unit is its share of the error: the sign of its change is the sign in which \
             its bias and weights learn.",
        ) + &refusal(&analysis.credit),
        ..Body::default()
    };
    let Some(found) = analysis.credit.done() else {
        return body;
    };
    body.figures += &Map {
        title: format!(
            "Mean |x − x⁰| of a layer, % of that at the nudged rest (golden, β = {})",
            power(found.beta)
        ),
        x: "sweep of the nudged phase",
        rows: found.layers.clone(),
        values: found.travel.clone(),
        percent: true,
    }
    .figure();
    body.figures += &Map {
        title: format!(
            "Sample {}: (x − x⁰)/β of the units that move most",
            found.map.sample
        ),
        x: "sweep of the nudged phase",
        rows: found.map.units.clone(),
        values: found.map.change.clone(),
        percent: false,
    }
    .figure();
    let rows: Vec<Vec<String>> = (found.signs.iter())
        .map(|signs| {
            let total = (signs.agree + signs.differ + signs.silent).max(1) as f64;
            let share = |count: usize| format!("{:.1} %", 100.0 * count as f64 / total);
            vec![
                signs.layer.clone(),
                power(signs.beta),
                share(signs.agree),
                share(signs.differ),
                share(signs.silent),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let titles = [
            "updates of",
            "β",
            "true gradient's sign",
            "the other",
            "no change",
        ];
        body.after += &table(&titles, &rows);
        body.after += &small(&format!(
            "Hidden units with a gradient over {} samples; signs of x^β − x^−β in the bit-true model.",
            found.samples
        ));
    }
    body
}

fn settling(analysis: &Analysis) -> Body {
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
