//! `eqprop check`: reads a network and its data, and prints what they come to.

use hdl::config::{
    Dynamics, Formats, HalveAt, Lanes, Learning, Neuron, Nudging, Order, Orientation, Phases,
    Spiking, ACCUMULATOR_MENU,
};
use serde::Serialize;
use sim::analysis::stability;
use sim::data::Dataset;
use sim::golden::Reals;
use sim::weights::Weights;

use super::plan::PlanSummary;
use crate::args::{Common, Data, ScaleChoice};
use crate::cosim::Workload;
use crate::error::Failure;
use crate::output::Printer;
use crate::report::table::{grouped, Align, Table};
use crate::resolve::Resolved;

/// Check a network and its data, and print their sizes and number formats
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: eqprop check --network digits --board colorlight-i5")]
pub struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    scale: ScaleChoice,
}

/// What `check` finds, as `--json` prints it.
#[derive(Serialize)]
struct Summary {
    network: String,
    layers: Vec<LayerSummary>,
    blocks: Vec<BlockSummary>,
    weights: usize,
    biases: usize,
    formats: Formats,
    neuron: Neuron,
    dynamics: Dynamics,
    phases: Phases,
    learning: Learning,
    largest_fan_in: usize,
    /// Bits that no drive can exceed, and the accumulator of the hardware that holds them.
    accumulator_bits: u32,
    accumulator_hardware_bits: Option<u32>,
    /// A number, or null for what suits the board.
    lanes: Option<usize>,
    board: String,
    seed: u32,
    samples: usize,
    data_note: Option<String>,
    warnings: Vec<String>,
    plan: PlanSummary,
}

/// Samples over which cycles are predicted.
const WORKLOAD: usize = 50;

#[derive(Serialize)]
struct LayerSummary {
    name: String,
    units: usize,
}

#[derive(Serialize)]
struct BlockSummary {
    rows: String,
    columns: String,
    weights: usize,
    rate_shift: i32,
    learning_shift: i64,
}

pub fn run(arguments: &Arguments, printer: &Printer) -> Result<(), Failure> {
    let mut resolved = arguments.common.resolve()?;
    arguments.scale.apply(&mut resolved.network);
    let initial = Weights::initial(&resolved.network);
    let reals = Reals::of(&initial, resolved.network.formats.weight_fraction);
    let unstable = stability::warnings(&resolved.network, &reals);
    resolved.warnings.extend(unstable);
    let data = arguments.data.given();
    let data = Dataset::load(&resolved.network, &resolved.folder, data)?;
    let workload = Workload::new(&resolved, arguments.data.given(), WORKLOAD)?;
    let summary = summarise(&resolved, &data, PlanSummary::new(&workload));
    printer.result(&text(&summary, printer.verbose()), &summary)?;
    for warning in &resolved.warnings {
        printer.warning(warning);
    }
    printer.data(&data);
    for concern in data.concerns() {
        printer.concern(&concern);
    }
    Ok(())
}

fn summarise(resolved: &Resolved, data: &Dataset, plan: PlanSummary) -> Summary {
    let network = &resolved.network;
    let layers = &network.layers;
    let accumulator_bits = network.accumulator_bits();
    let blocks: Vec<_> = (network.blocks.iter().zip(network.orientations()))
        .map(|(block, Orientation { row, column })| BlockSummary {
            rows: layers[row].name.clone(),
            columns: layers[column].name.clone(),
            weights: match row == column {
                true => layers[row].units * (layers[row].units - 1) / 2,
                false => layers[row].units * layers[column].units,
            },
            rate_shift: block.rate_shift,
            learning_shift: network.learning_shift(block),
        })
        .collect();
    Summary {
        network: network.name.clone(),
        layers: (layers.iter())
            .map(|layer| LayerSummary {
                name: layer.name.clone(),
                units: layer.units,
            })
            .collect(),
        weights: blocks.iter().map(|block| block.weights).sum(),
        blocks,
        biases: network.free_units(),
        formats: network.formats,
        neuron: network.neuron,
        dynamics: network.dynamics,
        phases: network.phases,
        learning: network.learning.clone(),
        largest_fan_in: network.largest_fan_in(),
        accumulator_bits,
        accumulator_hardware_bits: (ACCUMULATOR_MENU.into_iter())
            .find(|&bits| bits >= accumulator_bits),
        lanes: match network.engine.lanes {
            Lanes::Auto => None,
            Lanes::Count(count) => Some(count),
        },
        board: network.engine.board.clone(),
        seed: network.seed,
        samples: data.len(),
        data_note: data.note.clone(),
        warnings: (resolved.warnings.iter().chain(&data.warnings))
            .map(|warning| warning.message.clone())
            .chain(data.concerns().into_iter().map(|concern| concern.message))
            .collect(),
        plan,
    }
}

/// The summary for people; with `detail` also the dynamics and the rates.
fn text(summary: &Summary, detail: bool) -> String {
    let units: Vec<_> = (summary.layers.iter())
        .map(|layer| layer.units.to_string())
        .collect();
    let Formats {
        state_fraction,
        weight_bits,
        weight_fraction,
    } = summary.formats;
    let reach = (f64::from(weight_bits - 1) - f64::from(weight_fraction)).exp2();
    let lanes = summary
        .lanes
        .map_or("auto".to_owned(), |lanes| lanes.to_string());
    let hardware = (summary.accumulator_hardware_bits)
        .map_or("none wide enough".to_owned(), |bits| {
            format!("{bits} in hardware")
        });

    let mut facts = Table::new([("", Align::Left), ("", Align::Left)]);
    facts.row([
        "network",
        &format!("{} ({})", summary.network, units.join("-")),
    ]);
    facts.row([
        "data",
        &format!("{} samples", grouped(summary.samples as u64)),
    ]);
    facts.row(["weights", &format!(
        "{} and {} biases, {weight_bits} bits, {weight_fraction} of them fraction: −{reach} … {reach}",
        grouped(summary.weights as u64),
        grouped(summary.biases as u64),
    )]);
    facts.row(["states", &format!("0 … 1 in steps of 2^-{state_fraction}")]);
    if let Neuron::Spiking(spiking) = summary.neuron {
        facts.row(["units", &units_text(spiking)]);
    }
    facts.row([
        "accumulator",
        &format!(
            "{} bits for up to {} weights and a bias, {hardware}",
            summary.accumulator_bits, summary.largest_fan_in
        ),
    ]);
    facts.row(["engine", &format!("lanes {lanes}, board {}", summary.board)]);
    if detail {
        for (title, fact) in details(summary) {
            facts.row([title, &fact]);
        }
    }

    let mut blocks = Table::new([
        ("block", Align::Right),
        ("rows (lanes)", Align::Left),
        ("columns (head)", Align::Left),
        ("weights", Align::Right),
        ("rate", Align::Left),
        ("learning shift", Align::Right),
    ]);
    for (index, block) in summary.blocks.iter().enumerate() {
        blocks.row([
            index.to_string(),
            block.rows.clone(),
            block.columns.clone(),
            grouped(block.weights as u64),
            format!("2^{}", -i64::from(block.rate_shift)),
            block.learning_shift.to_string(),
        ]);
    }
    format!("{facts}\n{blocks}\n{}", summary.plan)
}

/// How spiking units move.
fn units_text(spiking: Spiking) -> String {
    let Spiking {
        trace_shift,
        leak_shift,
        steps,
    } = spiking;
    let leak = match leak_shift {
        0 => "no leak".to_owned(),
        shift => format!("a leak of 2^-{shift} a step"),
    };
    format!("integrate-and-fire, {leak}, trace over 2^{trace_shift} steps, {steps} steps a phase")
}

/// What `-v` adds.
fn details(summary: &Summary) -> Vec<(&'static str, String)> {
    let mut details = match summary.neuron {
        Neuron::Rate => rate_details(summary),
        Neuron::Spiking(_) => vec![],
    };
    details.extend(learning_details(summary));
    details
}

fn rate_details(summary: &Summary) -> Vec<(&'static str, String)> {
    let Dynamics {
        k,
        order,
        tolerance,
        max_sweeps_free,
        max_sweeps_nudged,
        feedback_shift,
    } = summary.dynamics;
    let order = match order {
        Order::Sequential => "layer after layer",
        Order::Synchronous => "all layers together",
    };
    vec![
        (
            "dynamics",
            format!(
                "{order}, steps of 2^-{k} of the way, settled at {tolerance} · 2^-{}",
                summary.formats.state_fraction
            ),
        ),
        (
            "feedback",
            match feedback_shift {
                0 => "as strong as what comes from below".to_owned(),
                f => format!("a layer hears the one above it scaled by 2^-{f}"),
            },
        ),
        (
            "sweeps",
            format!("at most {max_sweeps_free} free and {max_sweeps_nudged} nudged"),
        ),
    ]
}

fn learning_details(summary: &Summary) -> [(&'static str, String); 2] {
    let beta = (-f64::from(summary.phases.beta_shift)).exp2();
    let nudging = match summary.phases.nudging {
        Nudging::Positive => format!("+{beta}"),
        Nudging::RandomSign => format!("+{beta} or −{beta}, drawn per sample"),
        Nudging::Symmetric => format!("+{beta}, then −{beta}"),
    };
    let learning = &summary.learning;
    [
        ("nudging", nudging),
        (
            "learning",
            format!(
                "{} epochs, up to {} halvings of the rate {}, initial scale {}, bias {}, seed {}",
                learning.epochs,
                learning.halvings,
                match &learning.halve_at {
                    HalveAt::Even => "at even distances".to_owned(),
                    HalveAt::Cosine => "along a cosine".to_owned(),
                    HalveAt::Epochs(epochs) => format!("at epochs {epochs:?}"),
                },
                learning.init_scale,
                learning.init_bias,
                summary.seed
            ),
        ),
    ]
}
