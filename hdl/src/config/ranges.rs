//! Checks of the numbers in a network: their ranges, and how formats, shifts and sums fit together.

use std::ops::RangeInclusive;

use super::error::{did_you_mean, ConfigError};
use super::validate::Check;
use super::*;
use crate::board::{Board, BoardError};

impl Network {
    /// Learning shift s of a block (design rule 7): 2F − G + e − b + M, and 1 more for symmetric nudging.
    pub fn learning_shift(&self, block: &Block) -> i64 {
        let Formats {
            state_fraction,
            weight_fraction,
            ..
        } = self.formats;
        2 * i64::from(state_fraction) - i64::from(weight_fraction) + i64::from(block.rate_shift)
            - i64::from(self.phases.beta_shift)
            + i64::from(self.learning.halvings)
            + i64::from(self.phases.nudging == Nudging::Symmetric)
    }
}

pub(super) fn fields(network: &Network) -> Check {
    let Network {
        dynamics,
        formats,
        learning,
        phases,
        ..
    } = network;
    let fields: [(&str, u32, RangeInclusive<u32>, &str); 10] = [
        ("formats.state_fraction", formats.state_fraction, MIN_STATE_FRACTION..=MAX_STATE_FRACTION,
            "a state must fit the signed 16-bit input of a multiplier; 12 works well"),
        ("formats.weight_bits", formats.weight_bits, MIN_WEIGHT_BITS..=MAX_WEIGHT_BITS,
            "a weight is one word of a block RAM; 16 and 8 work well"),
        ("phases.beta_shift", phases.beta_shift, 0..=MAX_BETA_SHIFT, "1, for beta = 0.5, works well"),
        ("dynamics.k", dynamics.k, 0..=MAX_K, "a step moves a state by 2^-k of the way; 0 works well, 1 or 2 calms oscillations"),
        ("dynamics.tolerance", dynamics.tolerance, 0..=MAX_TOLERANCE, "it counts steps of 2^-state_fraction; 1 works well"),
        ("dynamics.max_sweeps_free", dynamics.max_sweeps_free, 1..=MAX_SWEEPS, "settling takes about 6 sweeps; 30 leaves room"),
        ("dynamics.max_sweeps_nudged", dynamics.max_sweeps_nudged, 1..=MAX_SWEEPS, "settling takes about 6 sweeps; 30 leaves room"),
        ("dynamics.feedback_shift", dynamics.feedback_shift, 0..=MAX_FEEDBACK_SHIFT, "what a layer hears from above is scaled by 2^-feedback_shift; 3 suits two or more hidden layers"),
        ("learning.halvings", learning.halvings, 0..=MAX_HALVINGS, "a run may halve its rate up to seven times; start from a smaller rate with a larger rate_shift"),
        ("learning.epochs", learning.epochs, 1..=MAX_EPOCHS, "40 suits the digits"),
    ];
    for (field, value, range, help) in fields {
        if !range.contains(&value) {
            return Err(ConfigError::new(
                "eqprop::config::range",
                field,
                format!("`{field}` is {value}"),
                format!("{}…{}", range.start(), range.end()),
                help,
            ));
        }
    }
    Ok(())
}

/// How k, b, G and B fit together.
pub(super) fn formats(network: &Network) -> Check {
    let Formats {
        weight_bits,
        weight_fraction,
        ..
    } = network.formats;
    let beta_shift = network.phases.beta_shift;
    if weight_fraction > weight_bits - 2 {
        return Err(ConfigError::new(
            "eqprop::config::weight_fraction",
            "formats.weight_fraction",
            format!(
                "`formats.weight_fraction` is {weight_fraction} with weight_bits = {weight_bits}"
            ),
            format!("at most weight_bits − 2 = {}", weight_bits - 2),
            format!(
                "weights need the range ±2 at least: write weight_fraction = {}, or leave it out",
                weight_bits - 2
            ),
        ));
    }
    if beta_shift == 0 && network.dynamics.k == 0 && network.neuron == Neuron::Rate {
        return Err(ConfigError::new(
            "eqprop::config::oscillation",
            "phases.beta",
            "`phases.beta` is 1 with `dynamics.k` 0: the output would oscillate",
            "beta < 1 with k = 0",
            "write beta = 0.5, or k = 1",
        ));
    }
    if beta_shift > weight_fraction {
        let smallest = (-f64::from(weight_fraction)).exp2();
        return Err(ConfigError::new(
            "eqprop::config::beta",
            "phases.beta",
            format!("`phases.beta` is 2^-{beta_shift} with weight_fraction = {weight_fraction}: the nudge would be lost"),
            format!("at least 2^-weight_fraction = {smallest}"),
            format!("write beta = {smallest} or more (0.5 works well), or more weight_fraction"),
        ));
    }
    Ok(())
}

/// Epochs at which the rate halves: as many as there are halvings, in their order.
pub(super) fn schedule(learning: &Learning) -> Check {
    let HalveAt::Epochs(epochs) = &learning.halve_at else {
        return Ok(());
    };
    let error = |message: String, limit: &str, help: &str| {
        let (code, at) = ("eqprop::config::halve_at", "learning.halve_at");
        Err(ConfigError::new(code, at, message, limit, help))
    };
    if epochs.len() != learning.halvings as usize {
        return error(
            format!(
                "`learning.halve_at` has {} epochs with halvings = {}",
                epochs.len(),
                learning.halvings
            ),
            "as many as the rate halves",
            "leave `learning.halvings` out: the list says it",
        );
    }
    if epochs.first() == Some(&0) {
        return error(
            "`learning.halve_at` begins with epoch 0".to_owned(),
            "epochs from 1 on",
            "epochs are counted from 0; start from a smaller rate with a larger rate_shift",
        );
    }
    if let Some(pair) = epochs.windows(2).find(|pair| pair[1] < pair[0]) {
        return error(
            format!(
                "`learning.halve_at` has epoch {} after {}",
                pair[1], pair[0]
            ),
            "in rising order",
            "sort the list; an epoch that stands twice halves the rate twice",
        );
    }
    Ok(())
}

/// Where feedback is scaled down layer by layer, every block between free layers joins neighbours (design rule F3).
pub(super) fn feedback(network: &Network) -> Check {
    let f = network.dynamics.feedback_shift;
    let skips = |block: &Block| block.a > 0 && block.b > block.a + 1;
    let Some(index) = network.blocks.iter().position(skips).filter(|_| f > 0) else {
        return Ok(());
    };
    let Block { a, b, .. } = network.blocks[index];
    let name = |layer: usize| &network.layers[layer].name;
    let between = match b - a {
        2 => "a free layer".to_owned(),
        more => format!("{} free layers", more - 1),
    };
    Err(ConfigError::new(
        "eqprop::config::feedback",
        format!("blocks.{index}"),
        format!(
            "block {index} (`{}`–`{}`) skips {between} with `dynamics.feedback_shift` {f}",
            name(a),
            name(b)
        ),
        "feedback_shift = 0, or blocks between neighbours and from the input",
        "each layer weighs 2^-feedback_shift of the one below, so over this block the energy would have two weights: \
         remove the block, or write feedback_shift = 0",
    ))
}

pub(super) fn learning_shifts(network: &Network) -> Check {
    for (index, block) in network.blocks.iter().enumerate() {
        let shift = network.learning_shift(block);
        if LEARNING_SHIFTS.contains(&shift) {
            continue;
        }
        let Formats {
            state_fraction: f,
            weight_fraction: g,
            ..
        } = network.formats;
        let (e, b, m) = (
            block.rate_shift,
            network.phases.beta_shift,
            network.learning.halvings,
        );
        let (symmetric, one) = match network.phases.nudging {
            Nudging::Symmetric => (" + 1", " + 1 (symmetric)"),
            Nudging::Positive | Nudging::RandomSign => ("", ""),
        };
        let sign = if e < 0 { '−' } else { '+' };
        // The rates that the other numbers leave room for.
        let others = shift - i64::from(e);
        let (low, high) = (
            LEARNING_SHIFTS.start() - others,
            LEARNING_SHIFTS.end() - others,
        );
        return Err(ConfigError::new(
            "eqprop::config::learning_shift",
            format!("blocks.{index}.rate_shift|learning.rate_shift"),
            format!(
                "block {index} (`{}`–`{}`) has the learning shift {shift} = \
                 2F − G + e − b + M{one} = 2·{f} − {g} {sign} {} − {b} + {m}{symmetric}",
                network.layers[block.a].name,
                network.layers[block.b].name,
                e.unsigned_abs()
            ),
            format!("{}…{}", LEARNING_SHIFTS.start(), LEARNING_SHIFTS.end()),
            format!("with these formats rate_shift (e) may be {low}…{high}"),
        ));
    }
    Ok(())
}

pub(super) fn initial_values(learning: &Learning) -> Check {
    for (field, value, low) in [
        ("learning.init_scale", learning.init_scale, 0.0),
        ("learning.init_bias", learning.init_bias, -MAX_INITIAL),
    ] {
        if !(low..=MAX_INITIAL).contains(&value) {
            return Err(ConfigError::new(
                "eqprop::config::range",
                field,
                format!("`{field}` is {value}"),
                format!("{low}…{MAX_INITIAL}"),
                "leave the field out for the default",
            ));
        }
    }
    Ok(())
}

pub(super) fn lanes(lanes: Lanes) -> Check {
    let count = match lanes {
        Lanes::Auto => return Ok(()),
        Lanes::Count(count) if LANE_MENU.contains(&count) => return Ok(()),
        Lanes::Count(count) => count,
    };
    let menu = LANE_MENU.map(|lanes| lanes.to_string()).join(", ");
    let nearest = LANE_MENU.iter().min_by_key(|lanes| lanes.abs_diff(count));
    Err(ConfigError::new(
        "eqprop::config::lanes",
        "engine.lanes",
        format!("`engine.lanes` is {count}"),
        format!("one of {menu}, or \"auto\""),
        format!(
            "the nearest is {}; \"auto\" takes what suits the board",
            nearest.unwrap_or(&LANE_MENU[0])
        ),
    ))
}

/// The board must be one of `constraints/`, or a file that describes one.
pub(super) fn board(name: &str) -> Check {
    let file = match Board::load(name) {
        Ok(_) => return Ok(()),
        Err(BoardError::Unknown { .. }) => None,
        Err(BoardError::File { file, what, help }) => Some((file, what, help)),
    };
    if let Some((file, what, help)) = file {
        return Err(ConfigError::new(
            "eqprop::config::board",
            "engine.board",
            format!("board file `{file}`: {what}"),
            "",
            help,
        ));
    }
    let names = || Board::all().iter().map(|board| board.name.as_str());
    Err(ConfigError::new(
        "eqprop::config::board",
        "engine.board",
        format!("there is no board `{name}`"),
        format!("one of {}", names().collect::<Vec<_>>().join(", ")),
        match did_you_mean(name, names()) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "leave the field out for the iCEBreaker".to_owned(),
        },
    ))
}

/// The largest drive must fit the widest accumulator that the engine can be generated with.
pub(super) fn accumulator(network: &Network, widest: u32) -> Check {
    let bits = network.accumulator_bits();
    if bits <= widest {
        return Ok(());
    }
    Err(ConfigError::new(
        "eqprop::config::accumulator",
        "formats",
        format!(
            "a sum of {} weights of {} bits and states of {} fraction bits needs an accumulator of {bits} bits",
            network.largest_fan_in() + 1,
            network.formats.weight_bits,
            network.formats.state_fraction,
        ),
        format!("at most {widest} bits"),
        format!(
            "take {} bits off weight_bits and state_fraction together, or connect fewer units",
            bits - widest
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_narrow_accumulator_says_what_to_take_off() {
        let network = Network::builtin("mnist").expect("built-in networks are valid");
        let bits = network.accumulator_bits();
        assert!(accumulator(&network, bits).is_ok());
        let error = accumulator(&network, bits - 3).expect_err("three bits are missing");
        insta::assert_snapshot!(error, @"a sum of 795 weights of 16 bits and states of 12 fraction bits needs an accumulator of 38 bits (at most 35 bits)");
    }
}
