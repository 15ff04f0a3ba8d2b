//! What is done to data before a network is shown them: scale, shape, parts, augmentation.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::ConfigError;
use super::validate::Check;
use super::Network;

/// The table `[data]` of a network file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preparation {
    /// How inputs get into 0…1.
    pub scale: Scale,
    /// Rows and columns of inputs that are pictures; `None` where the data say it or there is none.
    pub shape: Option<[usize; 2]>,
    /// Share of the training samples that is kept back to choose weights by, 0…½.
    pub validation: f64,
    /// How training pictures are varied; `None`: not at all.
    pub augment: Option<Augment>,
}

/// How inputs get into 0…1; what numbers it needs are learned from the training part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// All inputs are divided by the largest of all, if that exceeds 1.
    #[default]
    Whole,
    /// The smallest value of each input becomes 0, its largest 1.
    Feature,
    /// The mean of each input becomes ½; three standard deviations below it 0, above it 1.
    ZScore,
    /// Inputs are taken as they are.
    None,
}

/// The most that a training picture is varied by, each time at random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Augment {
    /// Pixels to any side.
    pub shift: f64,
    /// Degrees to either side.
    pub rotate: f64,
    /// Share by which it becomes larger or smaller.
    pub scale: f64,
    /// Pixels by which a smooth random field moves any point.
    pub elastic: f64,
}

impl FromStr for Augment {
    type Err = String;

    /// `elastic=0.8,rotate=8`: fields of the table, what is not named 0; `none`: all 0.
    fn from_str(text: &str) -> Result<Augment, String> {
        let table = match text {
            "none" => String::new(),
            fields => fields.replace(',', "\n"),
        };
        toml::from_str(&table).map_err(|error| {
            let reason = error.message().trim_end();
            format!("{reason}; write such as shift=1,elastic=0.5, or none")
        })
    }
}

impl Preparation {
    /// Nothing was asked for.
    pub(super) fn is_default(&self) -> bool {
        *self == Preparation::default()
    }
}

/// The largest share of the training samples that may be kept back.
const MOST_VALIDATION: f64 = 0.5;

/// Ranges, and a shape that has as many pixels as there are inputs.
pub(super) fn check(network: &Network) -> Check {
    let data = &network.data;
    let inputs = network.layers[0].units;
    if let Some([rows, columns]) = data.shape {
        if rows.checked_mul(columns) != Some(inputs) {
            return Err(ConfigError::new(
                "eqprop::config::shape",
                "data.shape",
                format!("`data.shape` is [{rows}, {columns}]: it does not multiply to the inputs"),
                format!("rows × columns = {inputs}, the units of layer 0"),
                "write the rows and columns of one picture, or leave the field out",
            ));
        }
    }
    let augment = data.augment.unwrap_or_default();
    let fields: [(&str, f64, f64, &str); 5] = [
        (
            "data.validation",
            data.validation,
            MOST_VALIDATION,
            "it is the share of the training samples that weights are chosen by; 0.1 works well",
        ),
        (
            "data.augment.shift",
            augment.shift,
            16.0,
            "pixels; 2 suits 28×28",
        ),
        (
            "data.augment.rotate",
            augment.rotate,
            45.0,
            "degrees; 10 suits digits",
        ),
        (
            "data.augment.scale",
            augment.scale,
            0.5,
            "a share; 0.1 suits digits",
        ),
        (
            "data.augment.elastic",
            augment.elastic,
            8.0,
            "pixels; 1 suits 28×28",
        ),
    ];
    for (field, value, most, help) in fields {
        if !(0.0..=most).contains(&value) {
            return Err(ConfigError::new(
                "eqprop::config::range",
                field,
                format!("`{field}` is {value}"),
                format!("0…{most}"),
                help,
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(table: &str) -> String {
        let text = format!("layers = [6, 2]\n[data]\n{table}\n");
        let error = Network::parse("net.toml", &text).unwrap_err();
        error.to_string()
    }

    #[test]
    fn what_is_not_asked_for_leaves_no_trace_in_the_configuration() {
        let network = Network::parse("net.toml", "layers = [6, 2]").unwrap();
        let value = serde_json::to_value(&network).unwrap();
        assert!(value.get("data").is_none());
        let text = "layers = [6, 2]\n[data]\nscale = \"z-score\"\nshape = [2, 3]\n\
                    augment = { shift = 1, rotate = 10 }";
        let network = Network::parse("net.toml", text).unwrap();
        assert_eq!(network.data.scale, Scale::ZScore);
        let value = serde_json::to_value(&network).unwrap();
        assert_eq!(serde_json::from_value::<Network>(value).unwrap(), network);
    }

    #[test]
    fn shapes_shares_and_scales_that_do_not_fit_are_refused() {
        let texts = [
            "shape = [2, 2]",
            "validation = 0.6",
            "augment = { rotate = 90 }",
            "augment = { shift = nan }",
            "scale = \"zscore\"",
            "shape = [4294967296, 4294967296]",
        ];
        insta::assert_snapshot!(texts.map(refused).join("\n"));
    }
}
