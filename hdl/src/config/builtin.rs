//! The example networks that ship in the binary: files of `host/networks`.

use super::error::{did_you_mean, ConfigError};
use super::Network;

const NETWORKS: [(&str, &str); 8] = [
    ("xor", include_str!("../../../host/networks/xor.toml")),
    ("digits", include_str!("../../../host/networks/digits.toml")),
    (
        "digits-deep",
        include_str!("../../../host/networks/digits-deep.toml"),
    ),
    (
        "digits-deep5",
        include_str!("../../../host/networks/digits-deep5.toml"),
    ),
    (
        "digits-skip",
        include_str!("../../../host/networks/digits-skip.toml"),
    ),
    (
        "digits-web",
        include_str!("../../../host/networks/digits-web.toml"),
    ),
    (
        "digits-spiking",
        include_str!("../../../host/networks/digits-spiking.toml"),
    ),
    ("mnist", include_str!("../../../host/networks/mnist.toml")),
];

/// Names of the built-in networks.
pub fn names() -> [&'static str; NETWORKS.len()] {
    NETWORKS.map(|(name, _)| name)
}

/// The commented TOML text of a built-in network.
pub fn text(name: &str) -> Option<&'static str> {
    let (_, text) = NETWORKS.iter().find(|(known, _)| *known == name)?;
    Some(text)
}

impl Network {
    /// The built-in network of this name.
    ///
    /// # Errors
    /// No such name; the error lists them.
    pub fn builtin(name: &str) -> Result<Network, ConfigError> {
        match text(name) {
            Some(text) => Network::parse(&format!("{name}.toml"), text),
            None => Err(ConfigError::new(
                "eqprop::config::builtin",
                "",
                format!("there is no built-in network `{name}`"),
                format!("built in: {}", names().join(", ")),
                match did_you_mean(name, names()) {
                    Some(close) => format!("did you mean `{close}`? A file needs its path"),
                    None => "give one of these names, or the path of a network file".to_owned(),
                },
            )),
        }
    }
}
