//! `eqprop explore`: which lanes, format and board a network should have.

use std::fmt;
use std::path::PathBuf;

use hdl::board::Board;
use serde::Serialize;
use sim::bittrue::Mode;
use sim::data::Dataset;

use super::build::Seeds;
use super::train::NudgingName;
use crate::args::{Common, Data};
use crate::claim::{Claim, Kind};
use crate::error::{Explained, Failure};
use crate::explore::{self, Candidate, Load, Recommendation, Samples, Space};
use crate::output::Printer;
use crate::report::explore::{explore_plot, ExploreData, Point, Series};
use crate::report::table::{grouped, Align, Table};

/// Predict cycles, resources and samples a second for every board, format and number of lanes
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: eqprop explore --network digits --target-samples-per-second 10000\n\n\
    Cycles are exact for the samples shown; look-up tables and flip-flops are estimates, clocks are scaled \
    from builds of the digits on the same board. --build replaces them by what the real tools reach."
)]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    /// Boards to look at [default: all, or --board]
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    boards: Vec<String>,
    /// Weight bits to look at [default: the network's, 16 and 8]
    #[arg(long, value_name = "BITS", value_delimiter = ',')]
    weight_bits: Vec<u32>,
    /// Recommend the design with the fewest look-up tables that reaches this
    #[arg(long, value_name = "N", value_parser = positive)]
    target_samples_per_second: Option<f64>,
    /// Samples that are only answered, not learned from
    #[arg(long)]
    inference: bool,
    /// Mean over every sample of a whole training run, which settles sooner and learns from ever fewer
    #[arg(long, conflicts_with_all = ["inference", "samples"])]
    whole_run: bool,
    /// How outputs are nudged [default: the network's]
    #[arg(long, value_enum)]
    nudging: Option<NudgingName>,
    /// Samples over which cycles are predicted, from the initial weights
    #[arg(long, value_name = "N", default_value = "50",
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    samples: u32,
    /// Build the best N with the real tools, in parallel, and use what they reach
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "3",
          value_parser = clap::value_parser!(u32).range(1..=100))]
    build: Option<u32>,
    /// Placement seeds of each build: a number of them, or a list such as 3,7
    #[arg(long, value_name = "N", default_value = "1")]
    seeds: Seeds,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(n) if n > 0.0 && f64::is_finite(n) => Ok(n),
        _ => Err("give a number above 0".into()),
    }
}

/// The result, as `--json` prints it.
#[derive(Serialize)]
struct Explored {
    network: String,
    /// "training" or "inference".
    purpose: &'static str,
    /// Inference runs two samples by turns.
    interleave: bool,
    /// Over every sample of a training run, not only over the first ones from the initial weights.
    whole_run: bool,
    target_samples_per_second: Option<f64>,
    #[serde(flatten)]
    space: Space,
    recommended: Option<Recommendation>,
    plot: [PathBuf; 2],
    #[serde(skip)]
    own_bits: u32,
}

#[derive(Debug, thiserror::Error)]
enum Nothing {
    #[error("the network fits none of the boards")]
    Fits,
    #[error("nothing that fits reaches {target} samples a second; the fastest, {lanes} lanes on the {board}, makes about {best:.0}")]
    Reaches {
        target: f64,
        best: f64,
        lanes: usize,
        board: String,
    },
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let mut resolved = arguments.common.resolve()?;
    if let Some(nudging) = arguments.nudging {
        resolved.network.phases.nudging = nudging.into();
        resolved.network.validate()?;
    }
    let _claim = Claim::new(&resolved.out, Kind::Exploration)?;
    let network = &resolved.network;
    let boards = boards(arguments)?;
    let data = Dataset::load(network, &resolved.folder, arguments.data.given())?;
    printer.data(&data);
    let samples = match (arguments.whole_run, arguments.inference) {
        (true, _) => Samples::WholeRun,
        (false, inference) => Samples::First {
            count: arguments.samples as usize,
            mode: if inference { Mode::Infer } else { Mode::Learn },
        },
    };
    let own = network.formats.weight_bits;
    let mut bits = match arguments.weight_bits.as_slice() {
        [] => vec![own, 16, 8],
        given => given.to_vec(),
    };
    bits.sort_unstable_by(|a, b| b.cmp(a));
    bits.dedup();
    let mut loads = vec![];
    for bits in bits {
        let mut network = network.clone();
        if bits != own {
            network.formats = network.formats.with_weight_bits(bits);
        }
        match network.validate() {
            Ok(_) => loads.push(Load {
                network,
                data: &data,
                samples,
            }),
            // Asked for, it is an error; by default, one format less.
            Err(error) if arguments.weight_bits.is_empty() => {
                printer.note(&format!("not with {bits}-bit weights: {error}"));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let progress = printer.progress();
    let mut space = explore::space(&loads, &boards, &explore::LANES, &*progress)
        .map_err(|error| Explained::new("eqprop::train", &error))?;
    if space.candidates.is_empty() {
        let error = Explained::new("eqprop::explore", &Nothing::Fits);
        let reason = space.infeasible.first().map(|one| one.reason.clone());
        return Err(Failure::failed(error.or_help(format!(
            "smaller layers, fewer weight bits (--weight-bits 8) or a larger board (--boards); the first needs {}",
            reason.unwrap_or_default()
        ))));
    }
    let target = arguments.target_samples_per_second;
    if let Some(most) = arguments.build {
        let best = best(&space.candidates, own, target, most as usize);
        let chosen: Vec<&Candidate> = best.iter().map(|&index| &space.candidates[index]).collect();
        let results =
            explore::measure(&resolved, &chosen, &arguments.seeds.0, &*printer.progress());
        for (index, result) in best.into_iter().zip(results) {
            space.candidates[index].measured = Some(result?);
        }
    }
    let recommended = explore::recommend(&space.candidates, own, target);
    let plot = plot(
        &resolved.out.join("explore"),
        network,
        &space,
        recommended.as_ref(),
        target,
    )?;
    let unreached = target.filter(|_| recommended.is_none());
    let explored = Explored {
        network: network.name.clone(),
        purpose: if arguments.inference {
            "inference"
        } else {
            "training"
        },
        interleave: network.engine.interleave,
        whole_run: arguments.whole_run,
        target_samples_per_second: target,
        space,
        recommended,
        plot,
        own_bits: own,
    };
    printer.result(&explored.to_string(), &explored)?;
    match unreached {
        None => Ok(()),
        Some(target) => {
            let fastest = (explored.space.candidates.iter())
                .max_by(|a, b| a.speed().total_cmp(&b.speed()))
                .expect("there are candidates");
            let error = Nothing::Reaches {
                target,
                best: fastest.speed(),
                lanes: fastest.lanes,
                board: fastest.board.clone(),
            };
            Err(Failure::failed(
                Explained::new("eqprop::explore", &error).or_help(
                    "ask for less, or look at more boards (--boards) and formats (--weight-bits)",
                ),
            ))
        }
    }
}

/// The boards that are looked at, in the order in which they are listed.
fn boards(arguments: &Arguments) -> Result<Vec<&'static Board>, Failure> {
    let names = match (&arguments.boards[..], &arguments.common.board) {
        ([], None) => return Ok(Board::all().iter().collect()),
        ([], Some(board)) => std::slice::from_ref(board),
        (names, _) => names,
    };
    let mut boards: Vec<&Board> = vec![];
    for name in names {
        let board = Board::load(name.trim())?;
        if !boards.contains(&board) {
            boards.push(board);
        }
    }
    Ok(boards)
}

/// The candidates that are worth a build: what would be recommended, again and again without what came before.
fn best(candidates: &[Candidate], own: u32, target: Option<f64>, most: usize) -> Vec<usize> {
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    let mut chosen = vec![];
    while chosen.len() < most {
        let rest: Vec<Candidate> = left
            .iter()
            .map(|&index| candidates[index].clone())
            .collect();
        let next =
            explore::recommend(&rest, own, target).or_else(|| explore::recommend(&rest, own, None));
        let Some(next) = next else { break };
        chosen.push(left.remove(next.candidate));
    }
    chosen
}

fn plot(
    path: &std::path::Path,
    network: &hdl::config::Network,
    space: &Space,
    recommended: Option<&Recommendation>,
    target: Option<f64>,
) -> Result<[PathBuf; 2], Failure> {
    // One format is enough for a picture: that of the recommendation.
    let own = recommended.map_or(space.candidates[0].weight_bits, |r| {
        space.candidates[r.candidate].weight_bits
    });
    let shown = (space.candidates.iter().enumerate()).filter(|(_, c)| c.weight_bits == own);
    let mut boards: Vec<Series> = vec![];
    for (index, candidate) in shown {
        if boards
            .last()
            .is_none_or(|series| series.label != candidate.board)
        {
            boards.push(Series {
                label: candidate.board.clone(),
                points: vec![],
            });
        }
        let series = boards.last_mut().expect("one was just added");
        series.points.push(Point {
            lanes: candidate.lanes,
            luts: candidate.luts as f64,
            samples_per_second: candidate.speed(),
            roofline: candidate.roofline_samples_per_second,
            recommended: recommended.is_some_and(|r| r.candidate == index),
        });
    }
    let data = ExploreData {
        title: format!("{}: what each board can do", network.name),
        subtitle: format!("{own}-bit weights, estimated; the ring marks what is recommended"),
        boards,
        target,
    };
    let drawn = explore_plot(&data, path);
    Ok(drawn.map_err(|error| Explained::new("eqprop::plot", &error))?)
}

impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut table = Table::new([
            ("", Align::Left),
            ("board", Align::Left),
            ("lanes", Align::Right),
            ("weight bits", Align::Right),
            ("cycles a sample", Align::Right),
            ("of these busy", Align::Right),
            ("array use", Align::Right),
            ("LUTs", Align::Right),
            ("flip-flops", Align::Right),
            ("block RAMs", Align::Right),
            ("multipliers", Align::Right),
            ("clock [MHz]", Align::Right),
            ("samples a second", Align::Right),
            ("roofline", Align::Right),
            ("", Align::Left),
        ]);
        for (index, c) in self.space.candidates.iter().enumerate() {
            let mark = match &self.recommended {
                Some(r) if r.candidate == index => "►",
                Some(r) if r.alternatives.contains(&index) => "•",
                _ => "",
            };
            let measured = c.measured.as_ref();
            let number = |n: usize| grouped(n as u64);
            table.row([
                mark.to_string(),
                c.board.clone(),
                c.lanes.to_string(),
                c.weight_bits.to_string(),
                grouped(c.stream_cycles_per_sample.round() as u64),
                grouped(c.cycles_per_sample.round() as u64),
                format!("{:.0} %", 100.0 * c.array_use),
                number(measured.map_or(c.luts, |m| m.luts)),
                number(measured.map_or(c.ffs, |m| m.ffs)),
                number(c.block_rams),
                number(c.dsps),
                format!("{:.1}", measured.map_or(c.clock_mhz, |m| m.clock_mhz)),
                grouped(c.speed().round() as u64),
                grouped(c.roofline_samples_per_second.round() as u64),
                if measured.is_some() { "built" } else { "" }.to_string(),
            ]);
        }
        writeln!(f, "{table}")?;
        for board in self.space.without() {
            writeln!(f, "{board}")?;
        }
        writeln!(
            f,
            "cycles are from a sample's first word taken to the last one answered, back to back; array use is of the busy ones"
        )?;
        let samples = grouped(self.space.samples);
        match self.whole_run {
            false => writeln!(
                f,
                "{}: mean of {samples} samples from the seeded initial weights, which settle more slowly than trained ones",
                self.purpose
            )?,
            true => writeln!(
                f,
                "{}: mean of all {samples} samples of a run; {:.1} % of them, those that no nudge moved, are not learned from",
                self.purpose,
                100.0 * (1.0 - self.space.learned as f64 / self.space.samples.max(1) as f64)
            )?,
        }
        if let Some(chosen) = &self.recommended {
            let c = &self.space.candidates[chosen.candidate];
            let why = match self.target_samples_per_second {
                Some(target) => format!(
                    "the fewest LUTs with {}-bit weights that reach {target}",
                    c.weight_bits
                ),
                None => format!("the fastest with {}-bit weights", c.weight_bits),
            };
            writeln!(
                f,
                "► {} lanes, {}-bit weights on the {}: {} samples a second, {why}",
                c.lanes,
                c.weight_bits,
                c.board,
                grouped(c.speed().round() as u64)
            )?;
            writeln!(
                f,
                "  eqprop build --network {} --board {} --lanes {}{}",
                self.network,
                c.board,
                c.lanes,
                if self.interleave { " --interleave" } else { "" }
            )?;
            if let Some(smaller) = chosen.smaller_in_another_format {
                let smaller = &self.space.candidates[smaller];
                writeln!(
                    f,
                    "  {} LUTs in place of {} are enough with {}-bit weights: {} lanes on the {}; `eqprop train --search-bits` tells how well these learn",
                    grouped(smaller.logic() as u64),
                    grouped(c.logic() as u64),
                    smaller.weight_bits,
                    smaller.lanes,
                    smaller.board
                )?;
            }
            if c.weight_bits != self.own_bits {
                writeln!(
                    f,
                    "  with `formats.weight_bits = {}` in the network file; `eqprop train --search-bits` tells how well that learns",
                    c.weight_bits
                )?;
            }
        }
        for (c, m) in (self.space.candidates.iter()).filter_map(|c| Some((c, c.measured.as_ref()?)))
        {
            let percent = |error: f64| format!("{:+.0} %", 100.0 * error);
            let lean = if m.leans_on_untimed {
                "; its clock leans on what is not timed"
            } else {
                ""
            };
            writeln!(
                f,
                "estimate against build, {} lanes on the {}: LUTs {}, flip-flops {}, Fmax {}{lean}",
                c.lanes,
                c.board,
                percent(m.luts_error),
                percent(m.ffs_error),
                percent(m.fmax_error)
            )?;
        }
        writeln!(f, "plot: {}", self.plot[1].display())
    }
}
