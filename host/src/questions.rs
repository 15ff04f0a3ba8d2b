//! Samples to ask trained weights about: on the scale of the data that the weights learned from, and samples that
//! they did not learn from.

use std::path::Path;

use hdl::config::Dataset as Source;
use sim::data::{Concern, Dataset, Given, Parts, Shuffled};
use sim::train::Split;

use crate::error::Failure;
use crate::resolve::Resolved;

/// What to ask, and what is to be said about it.
pub struct Questions {
    pub data: Dataset,
    /// Samples of `data`, rising.
    pub indices: Vec<usize>,
    /// Which these are, for people.
    pub which: String,
    pub concern: Option<Concern>,
}

/// Where samples come from.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// In place of the network's data set, and how its table is read.
    pub data: Given<'a>,
    /// What the weights learned from, in place of the network's data set.
    pub trained: Option<&'a Path>,
    /// Samples that were learned from, too.
    pub all: bool,
    /// Only so many, at random.
    pub most: Option<usize>,
}

impl Questions {
    /// Reads the data, on the scale of what was learned from, and chooses samples.
    ///
    /// What was learned from is the data set that the network names, or `choice.trained`; where neither is (a network
    /// of random numbers) it is the training part of `choice.data` itself.
    ///
    /// # Errors
    /// Data that cannot be read.
    pub fn new(resolved: &Resolved, choice: &Choice) -> Result<Questions, Failure> {
        let learned = learned_from(resolved, choice)?;
        let own = match (choice.data.path, &learned) {
            (Some(path), Some(_)) => is_learned_from(resolved, choice, path),
            (given, learned) => given.is_none() || learned.is_none(),
        };
        let seed = resolved.network.seed;
        let (mut data, mut indices, which, concern);
        if own {
            let parts = match learned {
                Some(parts) => parts,
                None => Parts::load(&resolved.network, &resolved.folder, choice.data, None)?,
            };
            let split = Split::new(parts.train.len(), parts.test.is_some(), seed);
            let held_out = parts.test.is_some() || split.test() != split.train();
            concern = parts.concern;
            (data, indices, which) = match (choice.all, parts.test) {
                (false, Some(test)) => {
                    let all = (0..test.len()).collect();
                    (test, all, "of the test data, not learned from".to_owned())
                }
                (false, None) if held_out => (
                    parts.train,
                    split.test().to_vec(),
                    format!("held out, not learned from with seed {seed}"),
                ),
                _ => {
                    let all = (0..parts.train.len()).collect();
                    let which = "of the training data, those learned from too".to_owned();
                    (parts.train, all, which)
                }
            };
        } else {
            let parts = Parts::load(&resolved.network, &resolved.folder, choice.data, None)?;
            data = parts.test.unwrap_or(parts.train);
            let name = choice
                .data
                .path
                .map_or(String::new(), |path| format!("`{}`", path.display()));
            concern = learned.and_then(|learned| data.scaled_as(&learned.train, &name));
            indices = (0..data.len()).collect();
            which = format!("of {name}");
        }
        if let Some(most) = choice.most.filter(|&most| most < indices.len()) {
            // Any of them, not the first ones of a file that may be sorted.
            let order = Shuffled::new(indices.len(), seed).take(most);
            indices = order.map(|position| indices[position]).collect();
        }
        indices.sort_unstable();
        Ok(Questions {
            data,
            indices,
            which,
            concern,
        })
    }
}

/// Gives `data`, read from `given` in place of the network's own, the scale of the network's own, which given weights are
/// taken to have learned from; what is to be said of their ranges.
///
/// # Errors
/// Data that cannot be read.
pub fn scale_as_learned(
    resolved: &Resolved,
    data: &mut Dataset,
    given: Given<'_>,
) -> Result<Option<Concern>, Failure> {
    let choice = Choice {
        data: given,
        trained: None,
        all: true,
        most: None,
    };
    let Some(path) = given.path else {
        return Ok(None);
    };
    let learned = learned_from(resolved, &choice)?;
    let name = format!("`{}`", path.display());
    Ok(learned.and_then(|learned| data.scaled_as(&learned.train, &name)))
}

/// The data that weights learned from, as far as anyone has said; none where the network's own are random numbers, or
/// cannot be read beside others that are given.
fn learned_from(resolved: &Resolved, choice: &Choice) -> Result<Option<Parts>, Failure> {
    let network = &resolved.network;
    let label = choice.data.label;
    let load = |path| Parts::load(network, &resolved.folder, Given { path, label }, None);
    match (choice.trained, choice.data.path) {
        (Some(path), _) => Ok(Some(load(Some(path))?)),
        (None, _) if network.dataset == Source::Random => Ok(None),
        (None, None) => Ok(Some(load(None)?)),
        (None, Some(_)) => Ok(load(None).ok()),
    }
}

/// Whether `path` is where the data are that were learned from.
fn is_learned_from(resolved: &Resolved, choice: &Choice, path: &Path) -> bool {
    let learned = match (choice.trained, &resolved.network.dataset) {
        (Some(path), _) => path.to_owned(),
        (None, Source::File(path)) => resolved.folder.join(path),
        _ => return false,
    };
    match (learned.canonicalize(), path.canonicalize()) {
        (Ok(learned), Ok(path)) => learned == path,
        _ => false,
    }
}
