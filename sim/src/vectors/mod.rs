//! Reference cases: small networks with every number that they must produce.
//!
//! A case is a JSON file in the format that `tests/vectors/README.md` describes, so that separate
//! implementations can exchange them. `format` is the file as written, `resolve` turns it into the
//! project's types, `checker` refuses what contradicts itself, `check` compares a model with it.

mod check;
mod checker;
mod error;
mod format;
mod resolve;
#[cfg(test)]
mod tests;

pub use check::{check_bittrue, check_model, CaseReport, LearningState, Mismatch, Place};
pub use error::CaseError;

use crate::bittrue::{Phase, Sample, Xorshift};
use crate::weights::Weights;
use hdl::config::Network;
use std::path::{Path, PathBuf};

/// One reference case.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The file's name without `.json`.
    pub name: String,
    pub network: Network,
    /// Weights before the first sample.
    pub initial: Weights,
    pub samples: Vec<CaseSample>,
}

/// One sample of a case: what goes in and everything that comes out.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseSample {
    pub sample: Sample,
    /// Rate halvings still open while this sample is learned (rule 7).
    pub m: u32,
    /// Every phase that the case's nudging has, in order.
    pub phases: Vec<ExpectedPhase>,
    /// Weights after learning from this sample.
    pub weights: Weights,
    /// S of rule 6 after this sample.
    pub rng_state: u32,
    /// Saturated weights, counted from the case's start.
    pub saturations: u64,
    /// Samples not learned from (rules 4 and S4), counted from the case's start.
    pub not_learned: u64,
    /// Spikes of free units in all phases, counted from the case's start; of spiking units only.
    pub spikes: Option<u64>,
}

/// How a phase must end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedPhase {
    pub phase: Phase,
    pub sweeps: u32,
    pub settled: bool,
    /// Raw states of the free layers, layer 1 first.
    pub states: Vec<Vec<u16>>,
}

impl Case {
    /// Reads one case.
    ///
    /// # Errors
    /// If the file cannot be read, is not of the format, or contradicts itself.
    pub fn load(path: &Path) -> Result<Self, CaseError> {
        let text = std::fs::read_to_string(path).map_err(|source| CaseError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads one case from text; `path` names it in errors and gives the case its name.
    ///
    /// # Errors
    /// If the text is not of the format or contradicts itself.
    pub fn parse(text: &str, path: &Path) -> Result<Self, CaseError> {
        let json = &mut serde_json::Deserializer::from_str(text);
        let file = serde_path_to_error::deserialize(json).map_err(|error| CaseError::Parse {
            path: path.to_owned(),
            field: match error.path().to_string().as_str() {
                "." | "?" => "the top level".into(),
                field => field.into(),
            },
            message: error.inner().to_string(),
        })?;
        resolve::resolve(file, path)
    }

    /// Weights and random state that sample `index` starts from: those after the sample before it.
    pub fn start(&self, index: usize) -> (&Weights, Xorshift) {
        match index.checked_sub(1).map(|before| &self.samples[before]) {
            None => (&self.initial, Xorshift::seed(self.network.seed)),
            Some(before) => (&before.weights, Xorshift::from_state(before.rng_state)),
        }
    }

    /// Whether rule 4 lets sample `index` be learned from, by the case's counter.
    pub fn learned(&self, index: usize) -> bool {
        let before = index
            .checked_sub(1)
            .map_or(0, |before| self.samples[before].not_learned);
        self.samples[index].not_learned == before
    }
}

/// Reads every `*.json` of a folder, by name.
///
/// # Errors
/// If the folder cannot be read or holds no case, or as [`Case::load`].
pub fn load_dir(dir: &Path) -> Result<Vec<Case>, CaseError> {
    let fail = |source| CaseError::Read {
        path: dir.to_owned(),
        source,
    };
    let entries = std::fs::read_dir(dir).map_err(fail)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()
        .map_err(fail)?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    if paths.is_empty() {
        return Err(CaseError::Empty(dir.to_owned()));
    }
    paths.iter().map(|path| Case::load(path)).collect()
}
