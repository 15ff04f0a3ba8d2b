//! The fields of a TOML network file, and the way from them to a [`Network`].

use serde::Deserialize;

use super::entry::{BlockEntry, HalveAtEntry, LanesEntry, LayerEntry, LayerRef, RateShifts};
use super::error::{did_you_mean, ConfigError};
use super::*;

/// What a network file may hold. Unknown fields are refused, missing ones have a default.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    name: Option<String>,
    layers: Option<Vec<LayerEntry>>,
    blocks: Option<Vec<BlockEntry>>,
    neuron: Kind,
    dynamics: Option<Dynamics>,
    spiking: Option<Spiking>,
    phases: PhasesTable,
    formats: FormatsTable,
    learning: LearningTable,
    engine: EngineTable,
    seed: Option<u32>,
    dataset: Option<String>,
    data: Preparation,
}

/// `neuron`; the numbers of a spiking one stand in the table `[spiking]`.
#[derive(Clone, Copy, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Rate,
    Spiking,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct PhasesTable {
    beta: Option<f64>,
    nudging: Option<Nudging>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct FormatsTable {
    state_fraction: Option<u32>,
    weight_bits: Option<u32>,
    weight_fraction: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct LearningTable {
    rate_shift: Option<RateShifts>,
    halvings: Option<u32>,
    halve_at: Option<HalveAtEntry>,
    init_scale: Option<f64>,
    init_bias: Option<f64>,
    epochs: Option<u32>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct EngineTable {
    lanes: Option<LanesEntry>,
    pipeline: Option<Pipeline>,
    interleave: Option<bool>,
    board: Option<String>,
}

/// Fills in the defaults and turns names into indices; limits are left to `validate`.
pub(super) fn resolve(file: File, stem: &str) -> Result<Network, ConfigError> {
    let neuron = neuron(&file)?;
    let layers = layers(file.layers);
    let feedback_shift = file.dynamics.map_or(0, |dynamics| dynamics.feedback_shift);
    let usual = defaults::RateShifts::of(neuron, feedback_shift, layers.len());
    let blocks = blocks(file.blocks, file.learning.rate_shift, usual, &layers)?;
    let halve_at = file.learning.halve_at.map_or(HalveAt::Even, |at| at.0);
    let weight_bits = file.formats.weight_bits.unwrap_or(defaults::WEIGHT_BITS);
    let learning = Learning::default();
    let engine = Engine::default();
    Ok(Network {
        name: file.name.unwrap_or_else(|| stem.to_owned()),
        neuron,
        dynamics: file.dynamics.unwrap_or_default(),
        phases: Phases {
            beta_shift: beta_shift(file.phases.beta.unwrap_or(defaults::BETA))?,
            nudging: (file.phases.nudging).unwrap_or_else(|| defaults::nudging(neuron)),
        },
        formats: Formats {
            state_fraction: (file.formats.state_fraction).unwrap_or(defaults::STATE_FRACTION),
            weight_bits,
            weight_fraction: (file.formats.weight_fraction)
                .unwrap_or_else(|| defaults::weight_fraction(weight_bits)),
        },
        learning: Learning {
            halvings: file.learning.halvings.unwrap_or(match &halve_at {
                HalveAt::Epochs(epochs) => epochs.len() as u32,
                HalveAt::Even | HalveAt::Cosine => learning.halvings,
            }),
            halve_at,
            init_scale: file.learning.init_scale.unwrap_or(learning.init_scale),
            init_bias: file.learning.init_bias.unwrap_or(learning.init_bias),
            epochs: file.learning.epochs.unwrap_or(learning.epochs),
        },
        engine: Engine {
            lanes: file.engine.lanes.map_or(engine.lanes, |entry| entry.0),
            pipeline: file.engine.pipeline,
            interleave: file.engine.interleave.unwrap_or(engine.interleave),
            targets_in_logic: engine.targets_in_logic,
            board: file.engine.board.unwrap_or(engine.board),
        },
        seed: file.seed.unwrap_or(defaults::SEED),
        dataset: match file.dataset {
            Some(text) => dataset(&text)?,
            None => defaults::dataset(&layers),
        },
        data: file.data,
        layers,
        blocks,
    })
}

/// The kind of the units, whose numbers only its own table may hold.
fn neuron(file: &File) -> Result<Neuron, ConfigError> {
    match file.neuron {
        Kind::Rate if file.spiking.is_some() => Err(neuron::misplaced(
            "spiking",
            "rate",
            "spiking",
            "only spiking units have traces and membranes",
        )),
        Kind::Spiking if file.dynamics.is_some() => Err(neuron::misplaced(
            "dynamics",
            "spiking",
            "rate",
            "spiking units take `spiking.steps` steps together",
        )),
        Kind::Rate => Ok(Neuron::Rate),
        Kind::Spiking => Ok(Neuron::Spiking(file.spiking.unwrap_or_default())),
    }
}

fn layers(entries: Option<Vec<LayerEntry>>) -> Vec<Layer> {
    let entries = entries.unwrap_or_else(|| {
        let entry = |&units| LayerEntry { name: None, units };
        defaults::LAYERS.iter().map(entry).collect()
    });
    let count = entries.len();
    let named = |(index, entry): (usize, LayerEntry)| Layer {
        name: (entry.name).unwrap_or_else(|| defaults::layer_name(index, count)),
        units: entry.units,
    };
    entries.into_iter().enumerate().map(named).collect()
}

fn blocks(
    entries: Option<Vec<BlockEntry>>,
    rates: Option<RateShifts>,
    usual: defaults::RateShifts,
    layers: &[Layer],
) -> Result<Vec<Block>, ConfigError> {
    let rates = rates.map(|rates| rates.0);
    let entries = entries.unwrap_or_else(|| {
        let entry = |(from, to)| BlockEntry {
            from: LayerRef::Index(from),
            to: LayerRef::Index(to),
            rate_shift: None,
        };
        defaults::chain(layers.len())
            .into_iter()
            .map(entry)
            .collect()
    });
    let given = rates.as_ref().map(|rates| rates.len());
    if given == Some(0) {
        return Err(ConfigError::new(
            "eqprop::config::rate_shift",
            "learning.rate_shift",
            "`learning.rate_shift` is an empty list",
            "at least one number",
            "write one number for all blocks, or leave the field out",
        ));
    }
    if let Some(given) = given.filter(|&given| given > entries.len()) {
        return Err(ConfigError::new(
            "eqprop::config::rate_shift",
            "learning.rate_shift",
            format!(
                "`learning.rate_shift` has {} numbers, but the network has {} blocks",
                given,
                entries.len()
            ),
            "at most one number for each block",
            "remove the numbers that belong to no block; the last one counts for all that follow",
        ));
    }
    let resolve = |(index, entry): (usize, BlockEntry)| {
        let from = layer(
            &entry.from,
            layers,
            format!("blocks.{index}.from|blocks.{index}.0"),
        )?;
        let to = layer(
            &entry.to,
            layers,
            format!("blocks.{index}.to|blocks.{index}.1"),
        )?;
        // The last number counts for all blocks that follow.
        let listed = (rates.as_ref()).and_then(|rates| rates.get(index).or(rates.last()).copied());
        let rate = (entry.rate_shift.or(listed)).unwrap_or_else(|| usual.at(index, from.max(to)));
        Ok(defaults::block(from, to, rate))
    };
    entries.into_iter().enumerate().map(resolve).collect()
}

/// Index of the layer that one end of a block names.
fn layer(end: &LayerRef, layers: &[Layer], at: String) -> Result<usize, ConfigError> {
    let names = || layers.iter().map(|layer| layer.name.as_str());
    let (shown, found, close) = match end {
        LayerRef::Index(index) => (
            index.to_string(),
            (*index < layers.len()).then_some(*index),
            None,
        ),
        LayerRef::Name(name) => (
            format!("`{name}`"),
            names().position(|known| known == name),
            did_you_mean(name, names()),
        ),
    };
    found.ok_or_else(|| {
        let known: Vec<String> = (names().enumerate())
            .map(|(index, name)| format!("{index} ({name})"))
            .collect();
        ConfigError::new(
            "eqprop::config::missing_layer",
            at,
            format!("a block connects layer {shown}, which does not exist"),
            format!("one of {}", known.join(", ")),
            match close {
                Some(name) => format!("did you mean `{name}`?"),
                None => "layers are counted from 0, in the order of `layers`".to_owned(),
            },
        )
    })
}

/// b of β = 2^−b.
fn beta_shift(beta: f64) -> Result<u32, ConfigError> {
    let shift = -beta.log2();
    let exact = shift.is_finite() && shift.fract() == 0.0 && shift >= 0.0;
    if exact && shift <= f64::from(MAX_BETA_SHIFT) {
        return Ok(shift as u32);
    }
    let help = if beta > 0.0 && beta < 1.0 {
        let (above, below) = (-shift.floor(), -shift.ceil());
        let close = |exponent: f64| exponent.max(-f64::from(MAX_BETA_SHIFT)).exp2();
        match close(above) == close(below) {
            true => format!("write beta = {}", close(above)),
            false => format!("write beta = {} or beta = {}", close(below), close(above)),
        }
    } else {
        format!("write beta = {}", defaults::BETA)
    };
    Err(ConfigError::new(
        "eqprop::config::beta",
        "phases.beta",
        format!("`phases.beta` is {beta}"),
        format!(
            "a power of two from 1 down to {}",
            (-f64::from(MAX_BETA_SHIFT)).exp2()
        ),
        format!("{help}: the engine multiplies by beta with a shift"),
    ))
}

/// A built-in data set by name, or a file (recognised by a `/` or a `.` in its path).
fn dataset(text: &str) -> Result<Dataset, ConfigError> {
    const NAMED: [(&str, Dataset); 4] = [
        ("xor", Dataset::Xor),
        ("digits", Dataset::Digits),
        ("mnist", Dataset::Mnist),
        ("random", Dataset::Random),
    ];
    if let Some((_, dataset)) = NAMED.iter().find(|(name, _)| *name == text) {
        return Ok(dataset.clone());
    }
    if text.contains(['/', '.']) {
        return Ok(Dataset::File(text.to_owned()));
    }
    let help = match did_you_mean(text, NAMED.iter().map(|(name, _)| *name)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("for a file write its path with its folder, such as \"./{text}\""),
    };
    Err(ConfigError::new(
        "eqprop::config::dataset",
        "dataset",
        format!("there is no data set `{text}`"),
        "xor, digits, mnist, random, or the path of a file",
        help,
    ))
}
