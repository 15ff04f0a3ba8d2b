//! Refuses what the engine cannot represent or the theory does not allow: the order of the checks,
//! and names, layers and blocks. `ranges` holds the checks of numbers.

use super::error::{ConfigError, Warning};
use super::ranges;
use super::*;

pub(super) type Check = Result<(), ConfigError>;

impl Network {
    /// Checks every limit; also after a field was changed, for example by `--lanes`.
    ///
    /// Returns what a user should know although the network is usable.
    ///
    /// # Errors
    /// The first thing that is wrong, with field, value, limit and the way out.
    pub fn validate(&self) -> Result<Vec<Warning>, ConfigError> {
        name(&self.name)?;
        layers(&self.layers)?;
        ranges::fields(self)?;
        ranges::formats(self)?;
        if let Some(spiking) = self.spiking() {
            neuron::check(self, spiking)?;
        }
        blocks(self)?;
        ranges::feedback(self)?;
        ranges::learning_shifts(self)?;
        ranges::schedule(&self.learning)?;
        ranges::initial_values(&self.learning)?;
        ranges::lanes(self.engine.lanes)?;
        ranges::board(&self.engine.board)?;
        preparation::check(self)?;
        ranges::accumulator(self, ACCUMULATOR_MENU[ACCUMULATOR_MENU.len() - 1])?;
        Ok(warnings(self))
    }
}

/// Whether networks and boards may have this name, which becomes a folder's: 1…[`MAX_NAME`] letters, digits, - and _.
pub fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(plain)
}

fn name(name: &str) -> Check {
    if is_name(name) {
        return Ok(());
    }
    Err(ConfigError::new(
        "eqprop::config::name",
        "name",
        format!("`name` is {name:?}"),
        format!("1…{MAX_NAME} of a-z, A-Z, 0-9, - and _"),
        "the name becomes an output folder: choose one such as \"my-network\"",
    ))
}

fn layers(layers: &[Layer]) -> Check {
    if !(2..=MAX_LAYERS).contains(&layers.len()) {
        return Err(ConfigError::new(
            "eqprop::config::layers",
            "layers",
            format!("the network has {} layers", layers.len()),
            format!("2…{MAX_LAYERS} layers"),
            "write at least an input and an output layer, such as layers = [64, 48, 10]",
        ));
    }
    for (index, layer) in layers.iter().enumerate() {
        let mut chars = layer.name.chars();
        let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic());
        let plain = chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !starts || !plain || layer.name.len() > MAX_NAME {
            return Err(ConfigError::new(
                "eqprop::config::layer_name",
                format!("layers.{index}.name"),
                format!("layer {index} is named {:?}", layer.name),
                format!("a letter, then letters, digits or _, at most {MAX_NAME}"),
                "the name appears in waveforms and reports: choose one such as \"hidden\"",
            ));
        }
        if layers[..index].iter().any(|other| other.name == layer.name) {
            return Err(ConfigError::new(
                "eqprop::config::layer_name",
                format!("layers.{index}.name"),
                format!("two layers are named `{}`", layer.name),
                "every layer needs its own name",
                "rename one of them",
            ));
        }
        if !(1..=MAX_UNITS).contains(&layer.units) {
            return Err(ConfigError::new(
                "eqprop::config::units",
                format!("layers.{index}.units"),
                format!("layer {index} (`{}`) has {} units", layer.name, layer.units),
                format!("1…{MAX_UNITS} units"),
                match layer.units {
                    0 => "give it at least one unit, or remove the layer".to_owned(),
                    _ => format!("a position travels in 12 bits: use at most {MAX_UNITS} units, or spread them over several layers"),
                },
            ));
        }
    }
    Ok(())
}

fn blocks(network: &Network) -> Check {
    let layers = &network.layers;
    let title = |block: &Block| format!("`{}`–`{}`", layers[block.a].name, layers[block.b].name);
    if network.blocks.len() > MAX_BLOCKS {
        return Err(ConfigError::new(
            "eqprop::config::blocks",
            "blocks",
            format!("the network has {} blocks", network.blocks.len()),
            format!("at most {MAX_BLOCKS}"),
            "connect fewer pairs of layers",
        ));
    }
    let mut weights = 0;
    for (index, block) in network.blocks.iter().enumerate() {
        let at = format!("blocks.{index}");
        if block.a > block.b || block.b >= layers.len() {
            return Err(ConfigError::new(
                "eqprop::config::missing_layer",
                at,
                format!("block {index} connects layers {} and {}", block.a, block.b),
                format!("two rising positions below {}", layers.len()),
                "layers are counted from 0",
            ));
        }
        if block.b == 0 || (block.a == block.b && layers[block.a].units == 1) {
            return Err(ConfigError::new(
                "eqprop::config::useless_block",
                at,
                format!(
                    "block {index} ({}) has no weight that could do anything",
                    title(block)
                ),
                match block.b {
                    0 => "the input is held at the data",
                    _ => "a unit is not connected to itself",
                },
                "remove this block",
            ));
        }
        let same = |other: &Block| (other.a, other.b) == (block.a, block.b);
        if let Some(first) = network.blocks[..index].iter().position(same) {
            return Err(ConfigError::new(
                "eqprop::config::duplicate_block",
                at,
                format!(
                    "block {index} connects {} again, as block {first} does",
                    title(block)
                ),
                "one block for each pair of layers",
                "remove one of them: a block works in both directions",
            ));
        }
        weights += layers[block.a].units * layers[block.b].units;
        if weights > MAX_WEIGHTS {
            return Err(ConfigError::new(
                "eqprop::config::weights",
                at,
                format!(
                    "with block {index} ({}) the network has {weights} weights",
                    title(block)
                ),
                format!("at most {MAX_WEIGHTS}"),
                "use smaller layers or fewer blocks; the largest board holds about 230,000",
            ));
        }
    }
    if let Some(&layer) = network.unconnected_layers().first() {
        return Err(ConfigError::new(
            "eqprop::config::unconnected",
            format!("layers.{layer}"),
            format!(
                "no path of blocks connects layer {layer} (`{}`) to the input",
                layers[layer].name
            ),
            "every layer must be reached from layer 0",
            format!(
                "add a block such as [{}, {layer}], or remove `blocks` for a chain",
                layer - 1
            ),
        ));
    }
    Ok(())
}

fn warnings(network: &Network) -> Vec<Warning> {
    if let Some(spiking) = network.spiking() {
        let mut warnings = neuron::warnings(network, spiking);
        warnings.extend(late_halvings(&network.learning));
        return warnings;
    }
    let Dynamics { k, order, .. } = network.dynamics;
    let mut warnings: Vec<Warning> = late_halvings(&network.learning).into_iter().collect();
    for block in network.blocks.iter().filter(|block| block.a == block.b) {
        warnings.push(Warning {
            code: "eqprop::config::lateral_energy",
            message: format!(
                "layer `{}` is connected to itself: its units move together, and the energy cannot \
                 rise only while 1 + |λ_min| ≤ 2^(k+1) = {} for the lowest eigenvalue of its weights",
                network.layers[block.a].name,
                1 << (k + 1)
            ),
            help: format!("if phases do not settle, use k = {}", (k + 1).min(MAX_K)),
        });
    }
    if order == Order::Synchronous && k == 0 {
        warnings.push(Warning {
            code: "eqprop::config::may_oscillate",
            message: "all layers move together by the whole step (synchronous, k = 0): two layers \
                      may swap states for ever"
                .to_owned(),
            help: "if phases do not settle, use k = 1 or order = \"sequential\"".to_owned(),
        });
    }
    warnings.extend(resolution(network));
    warnings.extend(accumulator(network));
    warnings
}

/// Halvings that a run ends before.
fn late_halvings(learning: &Learning) -> Option<Warning> {
    let HalveAt::Epochs(epochs) = &learning.halve_at else {
        return None;
    };
    let late = epochs.iter().filter(|&&at| at >= learning.epochs).count();
    (late > 0).then(|| Warning {
        code: "eqprop::config::late_halvings",
        message: format!(
            "the run has {} epochs, counted from 0, so {late} of the {} halvings of learning.halve_at never come \
             and the last rate is larger by 2^{late}",
            learning.epochs,
            epochs.len()
        ),
        help: "use more epochs, or smaller numbers in learning.halve_at".to_owned(),
    })
}

/// A nudge that moves a wholly wrong output by at most 2^2 steps of a state is mostly rounding.
const NUDGE_STEPS: i64 = 2;
/// Rates so many halvings below the step of a weight learn little: the digits with 5 bits, whose second block has e = 5.
const RATE_STEPS: i64 = 5;

/// β and rates that the formats can hardly hold.
fn resolution(network: &Network) -> Vec<Warning> {
    let Formats {
        state_fraction,
        weight_fraction,
        ..
    } = network.formats;
    let [f, g, b, k, m] = [
        state_fraction,
        weight_fraction,
        network.phases.beta_shift,
        network.dynamics.k,
        network.learning.halvings,
    ]
    .map(i64::from);
    let mut warnings = Vec::new();
    if f - b - k <= NUDGE_STEPS {
        let steps = ((f - b - k) as f64).exp2();
        warnings.push(Warning {
            code: "eqprop::config::beta_resolution",
            message: format!(
                "β = 2^-{b} moves an output that is wholly wrong by {steps} steps of a state (2^-{f}), \
                 so most of the nudge is lost to rounding"
            ),
            help: match f - 6 - k {
                finest if finest >= 1 => format!(
                    "use beta = {} or more, or more state_fraction",
                    (-(finest as f64)).exp2()
                ),
                _ => "use a larger beta, or more state_fraction".to_owned(),
            },
        });
    }
    for (index, block) in network.blocks.iter().enumerate() {
        let below = i64::from(block.rate_shift) + m - g;
        if below >= RATE_STEPS {
            warnings.push(Warning {
                code: "eqprop::config::rate_resolution",
                message: format!(
                    "block {index} learns with a rate down to 2^-{}, and a weight has steps of 2^-{g}: a \
                     derivative of 1 changes it once in {} samples, so rounding outweighs learning",
                    i64::from(block.rate_shift) + m,
                    1u64 << below
                ),
                help: "use a smaller rate_shift or halvings, or more weight_bits".to_owned(),
            });
            break;
        }
    }
    warnings
}

/// A worst case that asks for the widest accumulator.
fn accumulator(network: &Network) -> Option<Warning> {
    let [.., usual, widest] = ACCUMULATOR_MENU;
    // One bit above the bound of the drive, as the plan has it.
    let bits = network.accumulator_bits() + 1;
    (bits > usual).then(|| Warning {
        code: "eqprop::config::wide_accumulator",
        message: format!(
            "{} weights of {} bits on one unit may sum to {bits} bits, so every lane gets an accumulator \
             of {widest} bits in place of {usual}",
            network.largest_fan_in(),
            network.formats.weight_bits
        ),
        help: format!(
            "take {} bits off weight_bits and state_fraction together, or connect fewer units",
            bits - usual
        ),
    })
}
