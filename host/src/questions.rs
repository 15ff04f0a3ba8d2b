//! Samples to ask trained weights about: scaled and named as where the weights learned, and samples that they did not
//! learn from.

use std::path::Path;

use hdl::config::Dataset as Source;
use sim::data::{AsTrained, Concern, Dataset, Given, Parts, Shuffled};
use sim::exchange;

use crate::error::Failure;
use crate::output::Printer;
use crate::resolve::Resolved;

/// How the data that weights learned from became inputs and classes; `None`: nobody knows, and what is shown decides.
pub struct Learned(Option<AsTrained>);

impl Learned {
    /// As the file of the weights says; where there is none (those that a board holds), or it does not say, as in the
    /// network's own data, if these can be read. What is assumed then is told.
    ///
    /// # Errors
    /// A file that cannot be read, or that speaks of other inputs or classes than the network has.
    pub fn of(
        weights: Option<&Path>,
        resolved: &Resolved,
        given: Given<'_>,
        printer: &Printer,
    ) -> Result<Learned, Failure> {
        let network = &resolved.network;
        if let Some(path) = weights {
            if let Some(trained) = exchange::as_trained(path, network)? {
                return Ok(Learned(Some(trained)));
            }
        }
        let own = match network.dataset {
            Source::Random => None,
            _ => {
                let own = Given {
                    label: given.label,
                    ..Given::default()
                };
                match Parts::load(network, &resolved.folder, own, None) {
                    // Nobody gives others in their place.
                    Err(error) if given.path.is_none() => return Err(error.into()),
                    parts => parts.ok(),
                }
            }
        };
        let trained = own.map(|parts| parts.as_trained(network));
        let who = match weights {
            Some(path) => format!(
                "`{}` does not say how its inputs were scaled",
                path.display()
            ),
            None => "weights without a file do not say how their inputs were scaled".to_owned(),
        };
        let assumed = match &trained {
            Some(trained) => format!(
                "they are {}, as the training samples of the network's own data are",
                trained.scaling().text()
            ),
            None => "what they are shown decides".to_owned(),
        };
        printer.note(&format!("{who}: {assumed}"));
        Ok(Learned(trained))
    }

    /// The same data, read on this scale.
    pub fn given<'a>(&'a self, given: Given<'a>) -> Given<'a> {
        Given {
            trained: self.0.as_ref(),
            ..given
        }
    }

    /// Warns if data that are shown leave the range of those that weights learned from.
    pub fn compare(shown: &Dataset, printer: &Printer) {
        if let Some(concern) = shown.strays("the data that are shown") {
            printer.concern(&concern);
        }
    }
}

/// What to ask, and what is to be said about it.
pub struct Questions {
    pub data: Dataset,
    /// Samples of `data`, rising.
    pub indices: Vec<usize>,
    /// Which these are, for people.
    pub which: String,
    pub concern: Option<Concern>,
    pub trained: AsTrained,
}

/// Where samples come from.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// In place of the network's data set, and how its table is read.
    pub data: Given<'a>,
    /// Samples that were learned from, too.
    pub all: bool,
    /// Only so many, at random.
    pub most: Option<usize>,
}

impl Questions {
    /// Reads the data as the weights (of a file, or those that a board holds) learned them, and chooses samples: of data
    /// that were learned from those that were not, of others all. Tells what was done to the data, and what is odd
    /// about them.
    ///
    /// # Errors
    /// As [`Learned::of`]; data that cannot be read.
    pub fn new(
        weights: Option<&Path>,
        resolved: &Resolved,
        choice: &Choice,
        printer: &Printer,
    ) -> Result<Questions, Failure> {
        let network = &resolved.network;
        let learned = Learned::of(weights, resolved, choice.data, printer)?;
        let given = learned.given(choice.data);
        let parts = Parts::load(network, &resolved.folder, given, None)?;
        let trained = match &learned.0 {
            Some(trained) => trained.clone(),
            None => parts.as_trained(network),
        };
        let mut concern = parts.concern;
        let all = |data: &Dataset| (0..data.len()).collect();
        let (data, mut indices, which) = match (trained.split(&parts.train), parts.test) {
            (Some(_), Some(test)) if !choice.all => {
                let indices = all(&test);
                let which = "of the test data, not learned from".to_owned();
                (test, indices, which)
            }
            (Some(split), _) => {
                let held_out = !split.test().is_empty() && split.test() != split.train();
                match held_out && !choice.all {
                    true => {
                        let seed = trained.seed();
                        let which = format!("held out, not learned from with seed {seed}");
                        (parts.train, split.test().to_vec(), which)
                    }
                    false => {
                        let indices = all(&parts.train);
                        let which = "of the training data, those learned from too".to_owned();
                        (parts.train, indices, which)
                    }
                }
            }
            (None, test) => {
                let name = choice.data.path.map_or_else(
                    || "the network's data".to_owned(),
                    |path| format!("`{}`", path.display()),
                );
                let data = test.unwrap_or(parts.train);
                concern = concern.or_else(|| data.strays(&name));
                let indices = all(&data);
                (data, indices, format!("of {name}"))
            }
        };
        if let Some(most) = choice.most.filter(|&most| most < indices.len()) {
            // Any of them, not the first ones of a file that may be sorted.
            let order = Shuffled::new(indices.len(), network.seed).take(most);
            indices = order.map(|position| indices[position]).collect();
        }
        indices.sort_unstable();
        printer.data(&data);
        if let Some(concern) = &concern {
            printer.concern(concern);
        }
        Ok(Questions {
            data,
            indices,
            which,
            concern,
            trained,
        })
    }
}
