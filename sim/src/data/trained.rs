//! What goes with weights: how the data that they learned from became inputs and classes.

use sha2::{Digest, Sha256};

use hdl::config::Network;
use serde::{Deserialize, Serialize};

use crate::array::Values;
use crate::train::Split;

use super::labels::Numbering;
use super::{Dataset, Parts, Scaling, Sizes};

/// Scale of inputs, names of classes, and which samples were learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AsTrained {
    scale: Scaling,
    classes: Numbering,
    /// Targets were real numbers.
    real_targets: bool,
    /// Of the inputs that training split, test data of their own not counted.
    digest: String,
    seed: u32,
    validation: f64,
    own_test: bool,
}

impl AsTrained {
    /// That of a network which learns from `parts`.
    pub fn of(parts: &Parts, network: &Network) -> AsTrained {
        AsTrained {
            scale: parts.train.scaling.clone(),
            classes: parts.train.numbering.clone(),
            real_targets: parts.train.is_regression(),
            digest: parts.train.digest(),
            seed: network.seed,
            validation: network.data.validation,
            own_test: parts.test.is_some(),
        }
    }

    /// What inputs are scaled by.
    pub fn scaling(&self) -> &Scaling {
        &self.scale
    }

    pub(super) fn numbering(&self) -> &Numbering {
        &self.classes
    }

    /// Targets were real numbers, so outputs are the answer.
    pub fn real_targets(&self) -> bool {
        self.real_targets
    }

    /// The training data's name of a class.
    pub fn class_name(&self, class: usize) -> String {
        self.classes.name(class)
    }

    /// How `data` were split, if they are what was learned from.
    pub fn split(&self, data: &Dataset) -> Option<Split> {
        let own = data.digest() == self.digest;
        own.then(|| Split::new(data.len(), self.own_test, self.validation, self.seed))
    }

    /// The seed of that split.
    pub fn seed(&self) -> u32 {
        self.seed
    }

    /// What is wrong with it, read from a file, for this network.
    pub(crate) fn fault(&self, network: &Network) -> Option<String> {
        let sizes = Sizes::of(network);
        if let Some(fault) = self.scale.fault(sizes.inputs) {
            return Some(format!("its scale {fault}"));
        }
        let (names, classes) = (self.classes.names(), sizes.outputs.max(2));
        (names > classes)
            .then(|| format!("it names {names} classes, but the output layer answers {classes}"))
    }
}

impl Dataset {
    /// A number of the inputs that other data will not have.
    fn digest(&self) -> String {
        let mut digest = Sha256::new();
        digest.update((self.width as u64).to_le_bytes());
        match &self.inputs {
            Values::Bytes(values) => digest.update(values),
            Values::Singles(values) => {
                (values.iter()).for_each(|value| digest.update(value.to_le_bytes()));
            }
            Values::Reals(values) => {
                (values.iter()).for_each(|value| digest.update(value.to_le_bytes()));
            }
        }
        let bytes = digest.finalize();
        bytes[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
