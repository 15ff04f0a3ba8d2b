//! Sections about the nudge: is the response linear, do two phases reveal the gradient, how does it travel.

use sim::analysis::response::ResponsePoint;
use sim::analysis::runs::Source;
use sim::analysis::theorem::{Fit, Mean, Point, Theorem};
use sim::analysis::{Analysis, Stage};

use super::{paragraph, refusal, small, table, Body};
use crate::report::analysis::verdict::{name, power};
use crate::report::page::chart::{Chart, Map, Scale, Series};
use crate::report::svg::escape;

/// Colour of a source.
fn colour(source: Source) -> usize {
    match source {
        Source::Golden => 7,
        Source::Bittrue => 1,
        Source::Hardware => 0,
    }
}

const SOURCES: [Source; 3] = [Source::Golden, Source::Bittrue, Source::Hardware];

pub fn response(analysis: &Analysis) -> Body {
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
    let series = |value: fn(&ResponsePoint) -> f64| -> Vec<Series> {
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

pub fn theorem(analysis: &Analysis) -> Body {
    let mut body = Body {
        intro: paragraph(
            "Two phases reveal the gradient of the cost: (x_i x_j at β − x_i x_j at rest)/β approaches −∂C/∂w_ij as β \
             falls, with an error in β from (x^β, x⁰), in β² from (x^β, x^−β). It is held against implicit \
             differentiation at the rest, block by block, biases too; biases learn by the same rule. The gradient \
             of a single sample jumps where a unit's drive crosses 0 or 1, and a nudge across such a corner measures \
             something between both sides, in real numbers too. Over a batch these errors cancel, as units rest on \
             either side alike: the cosine of the summed gradient is the measure of what learning follows. Training may \
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
    let rows = |cosines: fn(&Point) -> Vec<Option<f64>>| -> Vec<Vec<String>> {
        let points = (of(Source::Golden)).flat_map(|golden| {
            let points = SOURCES.map(|source| found.at(source, golden.beta_shift));
            points.into_iter().flatten()
        });
        points
            .map(|point| {
                let shown =
                    |cosine: Option<f64>| cosine.map_or("–".to_owned(), |c| format!("{c:.4}"));
                let cosines = cosines(point).into_iter().map(shown);
                [power(point.beta), name(point.source).to_owned()]
                    .into_iter()
                    .chain(cosines)
                    .collect()
            })
            .collect()
    };
    if let Some(text) = rounded(found, quantised) {
        body.after += &paragraph(&text);
    }
    body.after += &small(&format!(
        "Cosines of the gradient summed over {} samples, symmetric nudging:",
        found.compared
    ));
    body.after += &table(&titles, &rows(|point| point.batch_symmetric.clone()));
    body.after += &small("Means of the cosines of single samples, symmetric nudging:");
    body.after += &table(
        &titles,
        &rows(|point| {
            let means = point.symmetric.iter();
            means
                .map(|mean| (mean.samples > 0).then_some(mean.cosine))
                .collect()
        }),
    );
    let fit = |fit: &Option<Fit>| {
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

/// What whole steps of a state do to the gradient of the lowest block, beside the highest one.
fn rounded(found: &Theorem, quantised: Source) -> Option<String> {
    let blocks = (found.groups.iter()).filter(|name| !name.starts_with("bias "));
    let last = blocks.count().checked_sub(1).filter(|&last| last > 0)?;
    let best = |block: usize| {
        let points = found.points.iter().filter(|p| p.source == quantised);
        let best = points.max_by(|a, b| {
            let [a, b] = [a, b].map(|point| point.symmetric[block].cosine);
            a.total_cmp(&b)
        })?;
        let real = found.at(Source::Golden, best.beta_shift)?;
        Some(format!(
            "{} at β = {} with {:.3}, where real numbers have {:.3}",
            found.groups[block],
            power(best.beta),
            best.symmetric[block].cosine,
            real.symmetric[block].cosine,
        ))
    };
    Some(format!(
        "States in whole steps: the lowest block's mean cosine (symmetric) is best in {}; the highest one's in {}. A \
         nudge reaches a lower layer weaker, so rounding takes it from there first.",
        best(0)?,
        best(last)?
    ))
}

pub fn credit(analysis: &Analysis) -> Body {
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
