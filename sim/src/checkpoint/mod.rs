//! Where a training run stands, in one file: enough to go on as if it had never stopped.
//!
//! A checkpoint file is
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `EQPROPCK` |
//! | 4 | version, little endian: [`VERSION`] |
//! | 8 | length of the head |
//! | head | JSON: network, backend, random state, progress, history, form and shapes of the parameters |
//! | body | parameters, little endian: int16 (raw) or float64 (real), blocks then biases |
//! | 32 | SHA-256 of everything before |
//!
//! so that any changed, missing or added byte is noticed. It is written beside its place, brought to
//! the disk, then renamed: whatever happens while saving, the old or the new file is there, whole.

mod body;
mod compare;
mod error;
mod file;
#[cfg(test)]
mod tests;

use std::fs::{self, File};
use std::path::Path;

use hdl::config::Network;

use crate::golden::Reals;
use crate::train::Position;
use crate::weights::Weights;

pub use compare::{configuration_hash, Difference};
pub use error::CheckpointError;

/// The version of the format that this program writes, and the only one it reads.
pub const VERSION: u32 = 1;

/// A training run between two samples.
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    /// The network being trained, with everything that the run was asked for.
    pub network: Network,
    /// Name of the backend that trains, such as `bittrue`.
    pub backend: String,
    /// Weights and biases, shaped as `network` says.
    pub parameters: Parameters,
    /// S, the state of the on-chip random numbers.
    pub random_state: u32,
    /// Samples of one batch, and of the training data.
    pub batch: usize,
    pub samples: usize,
    /// Epoch, place in it, what was counted, and the epochs before.
    pub position: Position,
}

/// Weights and biases in the numbers of the backend.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameters {
    /// Integers of bit-true and hardware training.
    Raw(Weights),
    /// Reals of the golden model.
    Real(Reals),
}

impl Checkpoint {
    /// Writes the checkpoint to `path` and waits until the disk has it; makes its folder.
    ///
    /// # Errors
    /// A folder or disk that cannot be written to. A checkpoint that was there is then unchanged.
    ///
    /// # Panics
    /// If the parameters have not the shapes that the network says.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        file::replace(path, &body::encode(self), |file: File| file)
            .map_err(|source| CheckpointError::write(path, source))
    }

    /// Reads a checkpoint, of whatever network.
    ///
    /// # Errors
    /// A file that cannot be read, is no checkpoint, is of another version or is damaged.
    pub fn load(path: &Path) -> Result<Checkpoint, CheckpointError> {
        let bytes = fs::read(path).map_err(|source| CheckpointError::read(path, source))?;
        body::decode(path, &bytes)
    }

    /// Reads a checkpoint to go on training `network` with.
    ///
    /// Everything in the network must be as in the checkpoint except `name` and `engine` (lanes and
    /// board), which trained weights do not depend on. `learning.epochs` may be larger: then the run is extended, and
    /// rates halve from here on as in a run of so many epochs.
    ///
    /// # Errors
    /// As [`Checkpoint::load`], and a checkpoint of another network, with all that differs.
    pub fn load_for(path: &Path, network: &Network) -> Result<Checkpoint, CheckpointError> {
        let checkpoint = Checkpoint::load(path)?;
        let mut extended = checkpoint.network.clone();
        extended.learning.epochs = extended.learning.epochs.max(network.learning.epochs);
        let differences = compare::differences(&extended, network);
        if differences.is_empty() {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::OtherNetwork {
                path: path.to_path_buf(),
                differences,
            })
        }
    }
}
