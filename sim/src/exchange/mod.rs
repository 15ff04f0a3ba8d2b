//! Weights in and out, as NPZ (numpy) or safetensors (PyTorch, JAX); the ending of the path decides.
//!
//! | array | shape | holds |
//! |---|---|---|
//! | `w.<a>.<b>` | units of b × units of a | weights of the block between layers a and b, a first in the file |
//! | `w.<a>.<a>` | units of a × units of a | weights of a self-connected layer: symmetric, zero diagonal |
//! | `b.<layer>` | units | biases of a layer; the input has none |
//! | `eqprop` | bytes (NPZ) or metadata entry (safetensors) | JSON: version, form, network, formats, and under `data` the scale of inputs and names of classes; may be missing |
//!
//! Layers are named as in the network file, in its order, whatever side of the hardware they are
//! on. The shape is that of `weight` in PyTorch's `Linear(a, b)`: the drive of layer b is
//! `w @ x_a + bias`, and that of layer a takes `w.T @ x_b`. Every array of the network must be there
//! and no other.
//!
//! Arrays of floats hold real values; a raw weight is `round(value · 2^G)`. Arrays of integers hold
//! raw weights. [`save`] writes reals as float32, which holds every raw weight exactly, and raw
//! weights as int16; [`save_reals`] writes float64.

mod arrays;
mod error;
mod file;
#[cfg(test)]
mod tests;

use std::path::Path;

use hdl::config::Network;
use serde::Deserialize;
use serde_json::json;

use crate::bittrue::lsb;
use crate::data::AsTrained;
use crate::golden::Reals;
use crate::weights::Weights;

use arrays::{Out, Tensor};
pub use error::ExchangeError;

/// The entry of the description that says how data became inputs.
const DATA: &str = "data";

/// How [`save`] writes raw weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Real values, raw · 2^−G, as float32.
    Real,
    /// The raw integers, as int16.
    Raw,
}

/// What [`load`] does with a weight that the network's format cannot hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutOfRange {
    /// The file is refused.
    Refuse,
    /// The nearest weight that the format holds is taken, and counted.
    Clamp,
}

/// Weights from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The weights in the network's format.
    pub weights: Weights,
    /// How many weights and biases were clamped; 0 unless [`OutOfRange::Clamp`] was asked for.
    pub clamped: usize,
}

/// Writes raw weights to `path` (`.npz` or `.safetensors`), completely or not at all; with what is known of the data
/// that they learned from.
///
/// # Errors
/// Another ending; a folder or disk that cannot be written to.
pub fn save(
    path: &Path,
    network: &Network,
    weights: &Weights,
    form: Form,
    trained: Option<&AsTrained>,
) -> Result<(), ExchangeError> {
    let reals = Reals::of(weights, 0);
    let (out, name, scale) = match form {
        Form::Real => (Out::Single, "real", lsb(network.formats.weight_fraction)),
        Form::Raw => (Out::Raw, "raw", 1.0),
    };
    let tensors = arrays::collect(network, &reals, |value| value * scale);
    file::write(path, &tensors, out, &about(network, name, trained))
}

/// Writes real weights to `path` (`.npz` or `.safetensors`) as float64, completely or not at all.
///
/// # Errors
/// Another ending; a folder or disk that cannot be written to.
pub fn save_reals(
    path: &Path,
    network: &Network,
    weights: &Reals,
    trained: Option<&AsTrained>,
) -> Result<(), ExchangeError> {
    let tensors = arrays::collect(network, weights, |value| value);
    file::write(
        path,
        &tensors,
        Out::Double,
        &about(network, "real", trained),
    )
}

/// Reads weights and rounds reals to the nearest raw weight (halves away from zero).
///
/// # Errors
/// A file that cannot be read or is neither NPZ nor safetensors; an array that is missing, unknown,
/// of another shape or element type, or not finite; raw weights of other formats than the
/// network's; a weight beyond the format's range, unless it is to be clamped.
pub fn load(
    path: &Path,
    network: &Network,
    out_of_range: OutOfRange,
) -> Result<Loaded, ExchangeError> {
    let tensors = read(path, network)?;
    let formats = &network.formats;
    let limit = f64::from(1u32 << (formats.weight_bits - 1));
    let mut clamped = 0;
    for (name, tensor) in &tensors {
        let scale = tensor.scale(formats.weight_fraction);
        let outside = |value: f64| {
            let raw = (value * scale).round();
            raw < -limit || raw > limit - 1.0
        };
        let mut places = (0..tensor.len()).filter(|&place| outside(tensor.get(place)));
        match (places.next(), out_of_range) {
            (Some(place), OutOfRange::Refuse) => {
                let index = tensor.index(place);
                let value = tensor.get(place);
                let range = [-limit / scale, (limit - 1.0) / scale];
                return Err(error::range(path, name, &index, value, range, formats));
            }
            (Some(_), OutOfRange::Clamp) => clamped += 1 + places.count(),
            (None, _) => {}
        }
    }
    let raws = arrays::distribute(network, &tensors, |tensor, value| {
        let scale = tensor.scale(formats.weight_fraction);
        (value * scale).round().clamp(-limit, limit - 1.0)
    });
    let raw = |value: f64| value as i16;
    Ok(Loaded {
        weights: Weights {
            blocks: raws.blocks.iter().map(|w| w.mapv(raw)).collect(),
            biases: raws.biases.iter().map(|b| b.mapv(raw)).collect(),
        },
        clamped,
    })
}

/// Reads weights as real numbers, not rounded; raw integers are taken as raw · 2^−G.
///
/// # Errors
/// As [`load`], but for the range.
pub fn load_reals(path: &Path, network: &Network) -> Result<Reals, ExchangeError> {
    let fraction = network.formats.weight_fraction;
    let tensors = read(path, network)?;
    Ok(arrays::distribute(network, &tensors, |tensor, value| {
        value * tensor.scale(fraction) * lsb(fraction)
    }))
}

/// One array of a file: name, shape, and its numbers, row after row.
pub type Named = (String, Vec<usize>, Vec<f64>);

/// All arrays of a file (`.npz` or `.safetensors`) as they are, every element type widened exactly; and what the file
/// says of itself, as JSON.
///
/// # Errors
/// A file that cannot be read or is neither NPZ nor safetensors; an element type that is no number.
pub fn tensors(path: &Path) -> Result<(Vec<Named>, Option<String>), ExchangeError> {
    let (about, tensors) = file::read(path)?;
    let named = tensors.into_iter().map(|(name, tensor)| {
        let numbers = tensor.iter().collect();
        (name, tensor.shape, numbers)
    });
    Ok((named.collect(), about.map(|about| about.to_string())))
}

/// How the data that the weights of a file learned from became inputs and classes; `None` if it does not say.
///
/// # Errors
/// A file that cannot be read, of weights that are not the network's, or that speaks of other inputs or classes than
/// it has.
pub fn as_trained(path: &Path, network: &Network) -> Result<Option<AsTrained>, ExchangeError> {
    let (about, tensors) = file::read(path)?;
    arrays::check(path, network, tensors)?;
    let Some(data) = about.as_ref().and_then(|about| about.get(DATA)) else {
        return Ok(None);
    };
    let trained = AsTrained::deserialize(data)
        .map_err(|why| error::trained(path, &format!("cannot be understood: {why}")))?;
    match trained.fault(network) {
        None => Ok(Some(trained)),
        Some(fault) => Err(error::trained(path, &fault)),
    }
}

/// All arrays of the network, checked but for their range.
fn read(path: &Path, network: &Network) -> Result<Vec<(String, Tensor)>, ExchangeError> {
    let (about, tensors) = file::read(path)?;
    let tensors = arrays::check(path, network, tensors)?;
    let raw = tensors.iter().any(|(_, tensor)| tensor.is_raw());
    if let (true, Some(about)) = (raw, about) {
        for (key, own) in [
            ("weight_bits", network.formats.weight_bits),
            ("weight_fraction", network.formats.weight_fraction),
        ] {
            match about[key].as_u64() {
                Some(other) if other != u64::from(own) => {
                    return Err(error::formats(path, key, other, own));
                }
                _ => {}
            }
        }
    }
    Ok(tensors)
}

/// What a file says of itself.
fn about(network: &Network, form: &str, trained: Option<&AsTrained>) -> serde_json::Value {
    let mut about = json!({
        "format": "eqprop weights",
        "version": 1,
        "form": form,
        "network": network.name,
        "configuration": crate::checkpoint::configuration_hash(network),
        "state_fraction": network.formats.state_fraction,
        "weight_bits": network.formats.weight_bits,
        "weight_fraction": network.formats.weight_fraction,
    });
    if let Some(trained) = trained {
        about[DATA] = serde_json::to_value(trained).expect("numbers and words have a form in JSON");
    }
    about
}
