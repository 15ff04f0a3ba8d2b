//! What a build may choose: placement seeds and the engine's clock.

use std::str::FromStr;

/// Placement seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeds(pub Vec<u32>);

impl FromStr for Seeds {
    type Err = String;

    /// "3" are the seeds 1, 2 and 3; "3,7" those two.
    fn from_str(text: &str) -> Result<Seeds, String> {
        let number = |text: &str| match text.trim().parse::<u32>() {
            Ok(n) if n > 0 => Ok(n),
            _ => Err(format!(
                "\"{text}\" is no number from 1; give how many seeds, or a list such as 3,7"
            )),
        };
        let Some((first, rest)) = text.split_once(',') else {
            return match number(text)? {
                count if count <= MOST_SEEDS => Ok(Seeds((1..=count).collect())),
                count => Err(format!("{count} seeds are more than {MOST_SEEDS}")),
            };
        };
        let mut seeds = vec![number(first)?];
        for text in rest.split(',').filter(|text| !text.is_empty()) {
            let seed = number(text)?;
            if seeds.contains(&seed) {
                return Err(format!("seed {seed} stands there twice"));
            }
            seeds.push(seed);
        }
        Ok(Seeds(seeds))
    }
}

/// So many placements of one design say all there is to know about it.
const MOST_SEEDS: u32 = 100;

/// Which clock the engine gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClockChoice {
    /// The fastest that the build reaches.
    Fastest,
    /// The oscillator's.
    Board,
    /// The fastest that the board makes of at most so many MHz.
    Mhz(f64),
}

impl FromStr for ClockChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<ClockChoice, String> {
        match (text, text.parse()) {
            ("fastest", _) => Ok(ClockChoice::Fastest),
            ("board", _) => Ok(ClockChoice::Board),
            (_, Ok(mhz)) if (1.0..=400.0).contains(&mhz) => Ok(ClockChoice::Mhz(mhz)),
            _ => Err("give \"fastest\", \"board\" or MHz from 1 to 400".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_counted_or_listed() {
        let seeds = |text: &str| text.parse::<Seeds>().map(|seeds| seeds.0);
        assert_eq!(seeds("3"), Ok(vec![1, 2, 3]));
        assert_eq!(seeds("3,7"), Ok(vec![3, 7]));
        assert_eq!(seeds("7,"), Ok(vec![7]));
        let refused = ["0", "x", "1,0", "2,2", "101", ""].map(|text| seeds(text).unwrap_err());
        insta::assert_snapshot!(refused.join("\n"), @r#"
        "0" is no number from 1; give how many seeds, or a list such as 3,7
        "x" is no number from 1; give how many seeds, or a list such as 3,7
        "0" is no number from 1; give how many seeds, or a list such as 3,7
        seed 2 stands there twice
        101 seeds are more than 100
        "" is no number from 1; give how many seeds, or a list such as 3,7
        "#);
    }
}
