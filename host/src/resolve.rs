//! From the shared arguments to a checked network and the folders that belong to it.

use std::path::{Path, PathBuf};

use hdl::arch::Plan;
use hdl::board::{Board, BoardError};
use hdl::config::{builtin, ConfigError, Lanes, Network, Warning};

use crate::args::Common;
use crate::error::{Explained, Failure};

/// A network with everything that was changed on the command line.
#[derive(Debug)]
pub struct Resolved {
    pub network: Network,
    /// What a user should know although the network is usable.
    pub warnings: Vec<Warning>,
    /// Where relative paths in the network file start.
    pub folder: PathBuf,
    /// Where a command writes.
    pub out: PathBuf,
}

impl Resolved {
    /// As many lanes as the file or `--lanes` says, or as suit the board.
    ///
    /// # Errors
    /// No such board.
    pub fn lanes(&self) -> Result<usize, BoardError> {
        match self.network.engine.lanes {
            Lanes::Count(lanes) => Ok(lanes),
            Lanes::Auto => Ok(Board::load(&self.network.engine.board)?.lanes),
        }
    }

    /// The network mapped to its [`lanes`](Self::lanes).
    ///
    /// # Errors
    /// No such board, or a network that no hardware can be generated for.
    pub fn plan(&self) -> Result<Plan, Failure> {
        let plan = Plan::new(&self.network, self.lanes()?);
        Ok(plan.map_err(|error| {
            Explained::new("eqprop::plan", &error)
                .or_help("`eqprop check` prints the sizes of the network")
        })?)
    }
}

impl Common {
    /// Reads the network, applies `--lanes`, `--interleave`, `--board` and `--seed`, and checks the result.
    ///
    /// # Errors
    /// No such network, a file that is wrong, or an option that does not fit it.
    pub fn resolve(&self) -> Result<Resolved, ConfigError> {
        let path = Path::new(&self.network);
        let (mut network, folder) = if is_file(&self.network) {
            let folder = path.parent().unwrap_or(Path::new(""));
            (Network::load(path)?, folder.to_owned())
        } else {
            (Network::builtin(&self.network)?, PathBuf::new())
        };
        network.engine.lanes = self.lanes.unwrap_or(network.engine.lanes);
        network.engine.interleave |= self.interleave;
        if let Some(board) = &self.board {
            let read = Board::load(board).map(|board| &board.name);
            network.engine.board.clone_from(read.unwrap_or(board));
        }
        if let Ok(board) = Board::load(&network.engine.board) {
            network = board.host(&network);
        }
        network.seed = self.seed.unwrap_or(network.seed);
        let default = || Path::new("target/eqprop").join(&network.name);
        Ok(Resolved {
            warnings: network.validate()?,
            folder,
            out: self.out.clone().unwrap_or_else(default),
            network,
        })
    }
}

/// A built-in name wins; `./digits` is always the file.
fn is_file(network: &str) -> bool {
    builtin::text(network).is_none()
        && (network.contains(['/', '.']) || Path::new(network).exists())
}
