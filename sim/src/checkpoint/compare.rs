//! Whether two networks train to the same weights, and where they differ.

use std::fmt;

use hdl::config::Network;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// One field that differs between a checkpoint's network and the network file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The field, such as `layers.1.units`.
    pub field: String,
    /// Its value in the checkpoint, as JSON; `nothing` if it is not there.
    pub checkpoint: String,
    /// Its value in the network file, likewise.
    pub network: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}: {} in the checkpoint, {} in the network file",
            self.field, self.checkpoint, self.network
        )
    }
}

/// SHA-256, in hexadecimal, of all of a network that trained weights depend on: everything but
/// `name` and `engine`.
pub fn configuration_hash(network: &Network) -> String {
    let text = relevant(network).to_string();
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All fields that trained weights depend on, that differ.
pub(super) fn differences(checkpoint: &Network, network: &Network) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(
        "",
        Some(&relevant(checkpoint)),
        Some(&relevant(network)),
        &mut found,
    );
    found
}

/// The network without what trained weights do not depend on.
fn relevant(network: &Network) -> Value {
    let mut value = serde_json::to_value(network).expect("a network has a form in JSON");
    if let Some(fields) = value.as_object_mut() {
        fields.retain(|field, _| !["name", "engine"].contains(&field.as_str()));
    }
    value
}

fn walk(field: &str, first: Option<&Value>, second: Option<&Value>, found: &mut Vec<Difference>) {
    let inner = |name: &str| match field {
        "" => name.to_owned(),
        _ => format!("{field}.{name}"),
    };
    match (first, second) {
        (Some(first), Some(second)) if first == second => {}
        (Some(Value::Object(first)), Some(Value::Object(second))) => {
            let added = second.keys().filter(|name| !first.contains_key(*name));
            for name in first.keys().chain(added) {
                walk(&inner(name), first.get(name), second.get(name), found);
            }
        }
        (Some(Value::Array(first)), Some(Value::Array(second))) => {
            for index in 0..first.len().max(second.len()) {
                walk(
                    &inner(&index.to_string()),
                    first.get(index),
                    second.get(index),
                    found,
                );
            }
        }
        _ => {
            let shown = |value: Option<&Value>| {
                value.map_or_else(|| "nothing".to_owned(), Value::to_string)
            };
            found.push(Difference {
                field: field.to_owned(),
                checkpoint: shown(first),
                network: shown(second),
            });
        }
    }
}
