//! The bytes of a checkpoint.

use std::path::Path;

use hdl::config::Network;
use ndarray::{Array1, Array2};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::golden::Reals;
use crate::train::Position;
use crate::weights::Weights;

use super::{configuration_hash, Checkpoint, CheckpointError, Parameters, VERSION};

const MAGIC: &[u8; 8] = b"EQPROPCK";
/// Magic, version and length of the head.
const FIXED: usize = 8 + 4 + 8;
const DIGEST: usize = 32;

/// Everything but the parameters.
#[derive(Serialize, Deserialize)]
struct Head {
    network: Network,
    /// For programs that look for checkpoints of a configuration.
    configuration_hash: String,
    backend: String,
    form: Form,
    random_state: u32,
    batch: usize,
    samples: usize,
    position: Position,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    Raw,
    Real,
}

pub(super) fn encode(checkpoint: &Checkpoint) -> Vec<u8> {
    let (form, body) = match &checkpoint.parameters {
        Parameters::Raw(weights) => (Form::Raw, raw_bytes(&checkpoint.network, weights)),
        Parameters::Real(reals) => (Form::Real, real_bytes(&checkpoint.network, reals)),
    };
    let head = Head {
        network: checkpoint.network.clone(),
        configuration_hash: configuration_hash(&checkpoint.network),
        backend: checkpoint.backend.clone(),
        form,
        random_state: checkpoint.random_state,
        batch: checkpoint.batch,
        samples: checkpoint.samples,
        position: checkpoint.position.clone(),
    };
    let head = serde_json::to_vec(&head).expect("every field has a form in JSON");
    let mut bytes = Vec::with_capacity(FIXED + head.len() + body.len() + DIGEST);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend((head.len() as u64).to_le_bytes());
    bytes.extend(head);
    bytes.extend(body);
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest);
    bytes
}

pub(super) fn decode(path: &Path, bytes: &[u8]) -> Result<Checkpoint, CheckpointError> {
    let corrupt = |why: &str| CheckpointError::corrupt(path, why);
    let Some((magic, rest)) = bytes.split_first_chunk::<8>() else {
        return Err(CheckpointError::not_one(path));
    };
    if magic != MAGIC {
        return Err(CheckpointError::not_one(path));
    }
    let Some((version, rest)) = rest.split_first_chunk::<4>() else {
        return Err(corrupt("it ends within its first 20 bytes"));
    };
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(CheckpointError::Version {
            path: path.to_path_buf(),
            found: version,
        });
    }
    // The digest comes before any other look: nothing of a damaged file is interpreted.
    let Some((content, digest)) = bytes.split_last_chunk::<DIGEST>() else {
        return Err(corrupt("it is too short to hold a checksum"));
    };
    if Sha256::digest(content)[..] != digest[..] {
        return Err(corrupt("its checksum does not fit its content"));
    }
    let rest = &rest[..rest.len().saturating_sub(DIGEST)];
    let Some((length, rest)) = rest.split_first_chunk::<8>() else {
        return Err(corrupt("it ends within its first 20 bytes"));
    };
    let split = usize::try_from(u64::from_le_bytes(*length)).ok();
    let parts = split.and_then(|length| rest.split_at_checked(length));
    let (head, body) = parts.ok_or_else(|| corrupt("its head is longer than the file"))?;
    let head: Head = serde_json::from_slice(head)
        .map_err(|why| corrupt(&format!("its head cannot be read: {why}")))?;
    let parameters = match head.form {
        Form::Raw => shaped(&head.network, body, i16::from_le_bytes)
            .map(|(blocks, biases)| Parameters::Raw(Weights { blocks, biases })),
        Form::Real => shaped(&head.network, body, f64::from_le_bytes)
            .map(|(blocks, biases)| Parameters::Real(Reals { blocks, biases })),
    };
    Ok(Checkpoint {
        parameters: parameters.ok_or_else(|| corrupt("it has not one number for each weight"))?,
        network: head.network,
        backend: head.backend,
        random_state: head.random_state,
        batch: head.batch,
        samples: head.samples,
        position: head.position,
    })
}

/// Rows × columns of every block, and units of every free layer.
fn shapes(network: &Network) -> (Vec<(usize, usize)>, Vec<usize>) {
    let units = |layer: usize| network.layers[layer].units;
    let orientations = network.orientations();
    let blocks = orientations
        .iter()
        .map(|sides| (units(sides.row), units(sides.column)));
    let biases = (1..network.layers.len()).map(units);
    (blocks.collect(), biases.collect())
}

fn assert_shapes<T>(network: &Network, blocks: &[Array2<T>], biases: &[Array1<T>]) {
    let found: (Vec<_>, Vec<_>) = (
        blocks.iter().map(|block| block.dim()).collect(),
        biases.iter().map(|bias| bias.len()).collect(),
    );
    assert_eq!(
        found,
        shapes(network),
        "shapes of the parameters of `{}`",
        network.name
    );
}

fn raw_bytes(network: &Network, weights: &Weights) -> Vec<u8> {
    assert_shapes(network, &weights.blocks, &weights.biases);
    let elements = (weights.blocks.iter().flatten()).chain(weights.biases.iter().flatten());
    elements.flat_map(|weight| weight.to_le_bytes()).collect()
}

fn real_bytes(network: &Network, reals: &Reals) -> Vec<u8> {
    assert_shapes(network, &reals.blocks, &reals.biases);
    let elements = (reals.blocks.iter().flatten()).chain(reals.biases.iter().flatten());
    elements.flat_map(|weight| weight.to_le_bytes()).collect()
}

type Shaped<T> = (Vec<Array2<T>>, Vec<Array1<T>>);

/// The numbers in the network's shapes; `None` if there are too many or too few bytes.
fn shaped<const N: usize, T>(
    network: &Network,
    bytes: &[u8],
    number: impl Fn([u8; N]) -> T,
) -> Option<Shaped<T>> {
    let (blocks, biases) = shapes(network);
    let wanted: usize = blocks.iter().map(|(rows, columns)| rows * columns).sum();
    if bytes.len() != N * (wanted + biases.iter().sum::<usize>()) {
        return None;
    }
    let mut numbers = (bytes.chunks_exact(N))
        .map(|chunk| number(chunk.try_into().expect("chunks_exact gives N bytes")));
    let mut take = |count: usize| -> Vec<T> { numbers.by_ref().take(count).collect() };
    let blocks = (blocks.into_iter())
        .map(|shape| Array2::from_shape_vec(shape, take(shape.0 * shape.1)).ok())
        .collect::<Option<_>>()?;
    let biases = biases
        .into_iter()
        .map(|units| Array1::from_vec(take(units)));
    Some((blocks, biases.collect()))
}
