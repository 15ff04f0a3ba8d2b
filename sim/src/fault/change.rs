//! What becomes of the place at which a fault is put.

use hdl::emit::lexer::{Kind, Token};

use super::below;
use super::sites::{Site, What};
use crate::bittrue::Xorshift;

/// A byte range of the text and what takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub start: usize,
    pub end: usize,
    pub replacement: String,
}

/// The operator that takes the place of another one.
pub fn opposite(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "+" => "-",
        "-" => "+",
        "*" => "+",
        "&" => "|",
        "|" => "&",
        "^" => "|",
        "==" => "!=",
        "!=" => "==",
        "<" => ">",
        ">" => "<",
        ">=" => "<",
        "&&" => "||",
        "||" => "&&",
        "<<" => ">>",
        ">>" => "<<",
        ">>>" => "<<",
        "!" => "",
        "~" => "",
        _ => return None,
    })
}

/// The edits of a fault at `site`; none where nothing sensible can be written.
pub fn change(text: &str, tokens: &[Token], site: &Site, rng: &mut Xorshift) -> Option<Vec<Edit>> {
    let token = &tokens[site.token];
    let replace = |token: &Token, replacement: String| Edit {
        start: token.start,
        end: token.end,
        replacement,
    };
    match site.what {
        What::Operator => {
            let other = opposite(&text[token.start..token.end])?;
            Some(vec![replace(token, other.to_owned())])
        }
        What::Literal => {
            let literal = flipped(&text[token.start..token.end], rng)?;
            Some(vec![replace(token, literal)])
        }
        What::Select => {
            let bounds = tokens[site.token + 1..]
                .iter()
                .take_while(|token| token.kind != Kind::Symbol("]"))
                .filter(|token| matches!(token.kind, Kind::Number(_)));
            let up = below(rng, 2) == 1;
            let moved = bounds.map(|token| {
                let bound: u32 = text[token.start..token.end].parse().ok()?;
                let bound = if up { bound + 1 } else { bound.checked_sub(1)? };
                Some(replace(token, bound.to_string()))
            });
            moved.collect()
        }
    }
}

/// `8'd5` with one of its bits flipped, or an unsized number with its last bit flipped.
pub fn flipped(literal: &str, rng: &mut Xorshift) -> Option<String> {
    let Some((size, rest)) = literal.split_once('\'') else {
        let value: u32 = literal.parse().ok()?;
        return Some((value ^ 1).to_string());
    };
    let (sign, rest) = match rest.strip_prefix('s') {
        Some(rest) => ("s", rest),
        None => ("", rest),
    };
    let (base, digits) = rest.split_at_checked(1)?;
    let radix = match base {
        "b" => 2,
        "d" => 10,
        "h" => 16,
        _ => return None,
    };
    let width: u32 = size.parse().ok()?;
    let value = u64::from_str_radix(digits, radix).ok()?;
    let bit = below(rng, width.min(64) as usize);
    Some(format!("{width}'{sign}h{:x}", value ^ (1 << bit)))
}
