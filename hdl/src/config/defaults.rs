//! The values of everything that a network file leaves out (measured: see the README's results).

use super::{
    Block, Dataset, Dynamics, Engine, HalveAt, Lanes, Layer, Learning, Neuron, Nudging, Order,
    Spiking,
};

impl Default for Dynamics {
    fn default() -> Self {
        Dynamics {
            k: 0,
            order: Order::Sequential,
            tolerance: 1,
            max_sweeps_free: 30,
            max_sweeps_nudged: 30,
            feedback_shift: 0,
        }
    }
}

impl Default for Spiking {
    fn default() -> Self {
        Spiking {
            trace_shift: 4,
            leak_shift: 0,
            steps: 64,
        }
    }
}

impl Default for Learning {
    fn default() -> Self {
        Learning {
            halvings: 3,
            halve_at: HalveAt::Even,
            init_scale: 0.5,
            init_bias: 0.0,
            epochs: 40,
        }
    }
}

impl Default for Engine {
    fn default() -> Self {
        Engine {
            lanes: Lanes::Auto,
            pipeline: None,
            interleave: false,
            targets_in_logic: false,
            board: "icebreaker".to_owned(),
        }
    }
}

/// Seed of a network that names none.
pub(super) const SEED: u32 = 1;
/// State fraction bits F.
pub(super) const STATE_FRACTION: u32 = 12;
/// Weight bits B.
pub(super) const WEIGHT_BITS: u32 = 16;
/// Nudging strength β.
pub(super) const BETA: f64 = 0.5;
/// Units per layer of a file without `layers`.
pub(super) const LAYERS: [usize; 3] = [64, 48, 10];

/// Sign of the nudged phases. Spikes are cheaper with one nudged phase, and learn as well.
pub(super) fn nudging(neuron: Neuron) -> Nudging {
    match neuron {
        Neuron::Rate => Nudging::Symmetric,
        Neuron::Spiking(_) => Nudging::RandomSign,
    }
}

/// Rate shifts e of blocks for which the file has none.
#[derive(Clone, Copy)]
pub(super) enum RateShifts {
    /// One for the first block, one for every further block.
    Flat([i32; 2]),
    /// With feedback scaled down by 2^−f: one for the blocks that end at the output, f less for each layer that a
    /// block ends lower, so that the true rates are alike.
    Scaled {
        last: i32,
        feedback_shift: i32,
        output: usize,
    },
}

impl RateShifts {
    pub(super) fn of(neuron: Neuron, feedback_shift: u32, layers: usize) -> RateShifts {
        match (neuron, i32::try_from(feedback_shift)) {
            (Neuron::Spiking(_), _) => RateShifts::Flat([5, 6]),
            (Neuron::Rate, Ok(feedback_shift @ 1..)) => RateShifts::Scaled {
                last: 5,
                feedback_shift,
                output: layers.saturating_sub(1),
            },
            (Neuron::Rate, _) => RateShifts::Flat([4, 5]),
        }
    }

    /// e of block `index`, whose higher layer is `upper`.
    pub(super) fn at(self, index: usize, upper: usize) -> i32 {
        match self {
            RateShifts::Flat(shifts) => shifts[index.min(1)],
            RateShifts::Scaled {
                last,
                feedback_shift,
                output,
            } => last.saturating_sub(feedback_shift.saturating_mul((output - upper) as i32)),
        }
    }
}

/// Weight fraction bits G: 13 (a range of ±4), or all that a narrower weight can have (±2).
pub(super) fn weight_fraction(weight_bits: u32) -> u32 {
    weight_bits.saturating_sub(2).min(13)
}

/// `input`, `hidden` (or `hidden1`, `hidden2`, … where there are several), `output`.
pub(super) fn layer_name(index: usize, count: usize) -> String {
    match index {
        0 => "input".to_owned(),
        _ if index + 1 == count => "output".to_owned(),
        _ if count == 3 => "hidden".to_owned(),
        _ => format!("hidden{index}"),
    }
}

/// Layers of blocks that form a chain from input to output.
pub(super) fn chain(layers: usize) -> Vec<(usize, usize)> {
    (1..layers).map(|layer| (layer - 1, layer)).collect()
}

/// The built-in data that has these layer sizes, or random data.
pub(super) fn dataset(layers: &[Layer]) -> Dataset {
    let units = |layer: Option<&Layer>| layer.map_or(0, |layer| layer.units);
    match (units(layers.first()), units(layers.last())) {
        (64, 10) => Dataset::Digits,
        (784, 10) => Dataset::Mnist,
        (2, 1) => Dataset::Xor,
        _ => Dataset::Random,
    }
}

/// A block with its layers in rising order.
pub(super) fn block(from: usize, to: usize, rate_shift: i32) -> Block {
    Block {
        a: from.min(to),
        b: from.max(to),
        rate_shift,
    }
}
