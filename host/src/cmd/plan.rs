//! The hardware part of `eqprop check`: lanes, memories, cycles, and which boards hold it.

use std::fmt;

use hdl::arch::{estimate, Plan};
use hdl::board::Board;
use serde::Serialize;
use sim::bittrue::Mode;

use crate::cosim::Workload;
use crate::report::table::{grouped, Align, Table};

/// A network's plan in numbers.
#[derive(Serialize)]
pub struct PlanSummary {
    pub lanes: usize,
    pub accumulator_bits: u32,
    pub layers: Vec<Place>,
    pub blocks: Vec<Stored>,
    /// Words of each memory: weights of one lane, its states, lists, schedule.
    pub bank_words: usize,
    pub state_words: usize,
    pub list_words: usize,
    pub schedule_words: usize,
    /// Predicted means over samples of the data at initial weights: cycles in which the core is busy.
    pub cycles_free: f64,
    pub cycles_free_and_nudged: f64,
    /// Of the free phase, two samples by turns, on hardware that interleaves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycles_by_turns: Option<f64>,
    /// The same from a sample's first word taken to the last one answered.
    pub stream_cycles_free: f64,
    pub stream_cycles_free_and_nudged: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_cycles_by_turns: Option<f64>,
    pub boards: Vec<Fit>,
}

/// Where one layer's units live.
#[derive(Serialize)]
pub struct Place {
    pub name: String,
    pub units: usize,
    /// Tiles in the lanes; 0 at the head.
    pub tiles: usize,
}

/// How one block is stored. A self-connected layer has n(n − 1)/2 weights.
#[derive(Serialize)]
pub struct Stored {
    pub rows: String,
    pub columns: String,
    pub weights: usize,
    /// Words of all banks together, with those of lanes that have no such row, or no such weight.
    pub words: usize,
    pub padding: usize,
}

/// Hard blocks of one board. Logic is known after synthesis only.
#[derive(Serialize)]
pub struct Fit {
    pub board: String,
    pub block_rams: usize,
    pub block_rams_available: usize,
    pub multipliers: usize,
    pub multipliers_available: usize,
    pub fits: bool,
}

impl PlanSummary {
    /// Summarises the plan of a workload.
    pub fn new(workload: &Workload) -> PlanSummary {
        let plan = &workload.plan;
        let layers = plan.network.layers.iter().zip(&plan.map.layers);
        let free = workload.mean_cycles(Mode::Infer);
        let nudged = workload.mean_cycles(Mode::Nudge);
        let by_turns = workload.mean_cycles_by_turns();
        PlanSummary {
            lanes: plan.shape.lanes,
            accumulator_bits: plan.shape.accumulator_bits,
            layers: layers
                .map(|(layer, place)| Place {
                    name: layer.name.clone(),
                    units: place.units,
                    tiles: place.tiles,
                })
                .collect(),
            blocks: (plan.map.blocks.iter())
                .map(|block| Stored {
                    rows: plan.network.layers[block.row].name.clone(),
                    columns: plan.network.layers[block.column].name.clone(),
                    weights: block.weights,
                    words: block.words,
                    padding: block.words - block.weights,
                })
                .collect(),
            bank_words: plan.shape.bank_words,
            state_words: plan.shape.memory_words(),
            list_words: plan.shape.list_words,
            schedule_words: plan.shape.program_words,
            cycles_free: free.busy,
            cycles_free_and_nudged: nudged.busy,
            cycles_by_turns: by_turns.map(|cycles| cycles.busy),
            stream_cycles_free: free.stream,
            stream_cycles_free_and_nudged: nudged.stream,
            stream_cycles_by_turns: by_turns.map(|cycles| cycles.stream),
            boards: boards(plan).map(|board| fit(plan, board)).collect(),
        }
    }
}

/// The built-in boards, and the network's if it is another.
fn boards(plan: &Plan) -> impl Iterator<Item = &'static Board> {
    let own = Board::load(&plan.network.engine.board).ok();
    let own = own.filter(|board| board.is_own());
    Board::all().iter().chain(own)
}

fn fit(plan: &Plan, board: &Board) -> Fit {
    let (rams, multipliers) = (
        estimate::block_rams(plan, board),
        estimate::multipliers(plan, board),
    );
    let available = &board.device.resources;
    Fit {
        board: board.name.clone(),
        block_rams: rams,
        block_rams_available: available.block_rams,
        multipliers,
        multipliers_available: available.dsps,
        fits: rams <= available.block_rams && multipliers <= available.dsps,
    }
}

impl fmt::Display for PlanSummary {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut facts = Table::new([("hardware", Align::Left), ("", Align::Left)]);
        facts.row([
            "lanes",
            &format!(
                "{}, accumulators of {} bits",
                self.lanes, self.accumulator_bits
            ),
        ]);
        for layer in &self.layers {
            let place = match layer.tiles {
                0 => "at the head".to_owned(),
                tiles => format!("in the lanes, {tiles} tiles"),
            };
            facts.row([
                &layer.name,
                &format!("{} units {place}", grouped(layer.units as u64)),
            ]);
        }
        for block in self.blocks.iter().filter(|b| b.rows == b.columns) {
            facts.row([
                &format!("{} to itself", block.rows),
                &format!(
                    "{} weights, each pair's once, in {} words: {} padding",
                    grouped(block.weights as u64),
                    grouped(block.words as u64),
                    grouped(block.padding as u64),
                ),
            ]);
        }
        facts.row([
            "memories",
            &format!(
                "{} weights and {} states a lane, {} list entries, {} schedule words",
                grouped(self.bank_words as u64),
                grouped(self.state_words as u64),
                grouped(self.list_words as u64),
                grouped(self.schedule_words as u64),
            ),
        ]);
        facts.row([
            "cycles",
            &format!(
                "{} a sample free, {}{} free and nudged (predicted on the data, initial weights)",
                grouped(self.stream_cycles_free.round() as u64),
                self.stream_cycles_by_turns.map_or(String::new(), |cycles| {
                    format!("{} two by turns, ", grouped(cycles.round() as u64))
                }),
                grouped(self.stream_cycles_free_and_nudged.round() as u64),
            ),
        ]);
        facts.row([
            "of which busy",
            &format!(
                "{}, {}{}: without reception and answer",
                grouped(self.cycles_free.round() as u64),
                self.cycles_by_turns.map_or(String::new(), |cycles| {
                    format!("{}, ", grouped(cycles.round() as u64))
                }),
                grouped(self.cycles_free_and_nudged.round() as u64),
            ),
        ]);
        writeln!(f, "{facts}")?;

        let mut boards = Table::new([
            ("board", Align::Left),
            ("block RAMs", Align::Right),
            ("multipliers", Align::Right),
            ("", Align::Left),
        ]);
        for fit in &self.boards {
            boards.row([
                fit.board.clone(),
                format!("{} of {}", fit.block_rams, fit.block_rams_available),
                format!("{} of {}", fit.multipliers, fit.multipliers_available),
                if fit.fits {
                    "fits; logic is known after `eqprop build`"
                } else {
                    "does not fit"
                }
                .to_owned(),
            ]);
        }
        write!(f, "{boards}")
    }
}
