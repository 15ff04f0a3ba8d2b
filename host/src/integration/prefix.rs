//! Names of one's own: generated modules and their files start with `eqprop_`, or with what the user asks for, so that two
//! engines fit into one design.

use std::str::FromStr;

/// What every name starts with if nothing is asked for.
const USUAL: &str = "eqprop_";

/// Longest prefix.
const MOST: usize = 32;

/// The start of every module's name: a letter, then letters, digits and _.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix(String);

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Prefix, String> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let begins = text.starts_with(|c: char| c.is_ascii_alphabetic());
        match begins && text.len() <= MOST && text.chars().all(plain) {
            true => Ok(Prefix(text.to_owned())),
            false => Err(format!(
                "give 1…{MOST} letters, digits and _, the first a letter, such as left"
            )),
        }
    }
}

impl Prefix {
    /// The text, or a file's name, with this start in every name.
    pub fn rename(&self, text: &str) -> String {
        let Prefix(prefix) = self;
        let mut renamed = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(USUAL) {
            let before = rest[..at].chars().next_back();
            let begins = !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            renamed += &rest[..at];
            match begins {
                true => renamed.extend([prefix, "_"]),
                false => renamed += USUAL,
            }
            rest = &rest[at + USUAL.len()..];
        }
        renamed + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_the_prefix_and_other_words_stay() {
        let prefix: Prefix = "left".parse().unwrap();
        let text = "module eqprop_core (eqprop_x, my_eqprop_y); // eqprop: eqprop_lane.v";
        let renamed = "module left_core (left_x, my_eqprop_y); // eqprop: left_lane.v";
        assert_eq!(prefix.rename(text), renamed);
    }

    #[test]
    fn what_verilog_calls_no_name_is_refused() {
        for text in ["", "1st", "a-b", "ü", &"a".repeat(33)] {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
    }
}
