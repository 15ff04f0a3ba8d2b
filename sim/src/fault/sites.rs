//! Places of a text at which a fault can be put.

use hdl::emit::lexer::{Kind, Token};

/// Last part of the names of the modules that compute and sequence.
const MODULES: [&str; 16] = [
    "control",
    "sequencer",
    "decode",
    "steps",
    "bases",
    "currents",
    "former",
    "column",
    "tiles",
    "biases",
    "membranes",
    "line",
    "lane",
    "mac",
    "update",
    "spike",
];

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// The operator at this token.
    Operator,
    /// The literal at this token: one bit of a sized one, the last bit of a shift amount.
    Literal,
    /// The part-select whose `[` is this token: both bounds move by one.
    Select,
}

/// One place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    pub module: String,
    pub line: usize,
    pub what: What,
    /// Index of the token.
    pub token: usize,
}

/// Every place in the expressions of `assign` and `always`.
pub fn sites(tokens: &[Token]) -> Vec<Site> {
    let mut sites = vec![];
    let (mut module, mut index) = (String::new(), 0);
    while index < tokens.len() {
        let end = match word(&tokens[index]) {
            Some("module") => {
                module = word(&tokens[index + 1]).unwrap_or_default().to_owned();
                index + 1
            }
            Some("function") => skip(tokens, index, |t| word(t) == Some("endfunction")),
            Some("initial") => block_end(tokens, index),
            Some("assign") => {
                let end = skip(tokens, index, |t| t.kind == Kind::Symbol(";"));
                collect(tokens, index + 1, end, &module, &mut sites);
                end
            }
            Some("always") => {
                let body = skip(tokens, index, |t| t.kind == Kind::Symbol(")")) + 1;
                let end = block_end(tokens, body);
                collect(tokens, body, end, &module, &mut sites);
                end
            }
            _ => index,
        };
        index = end + 1;
    }
    sites
}

fn word(token: &Token) -> Option<&str> {
    match &token.kind {
        Kind::Word(word) => Some(word),
        _ => None,
    }
}

/// The first token from `from` on that is asked for, or the last one.
fn skip(tokens: &[Token], from: usize, wanted: impl Fn(&Token) -> bool) -> usize {
    let found = tokens[from..].iter().position(wanted);
    found.map_or(tokens.len() - 1, |offset| from + offset)
}

/// The `end` of the block that begins at or after `from`, or the `;` of a single statement.
fn block_end(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(from) {
        match word(token) {
            Some("begin" | "case") => depth += 1,
            Some("end" | "endcase") => depth = depth.saturating_sub(1),
            _ if token.kind != Kind::Symbol(";") => continue,
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    tokens.len() - 1
}

/// Adds the places between two tokens, if the module is one of those that compute.
fn collect(tokens: &[Token], from: usize, to: usize, module: &str, sites: &mut Vec<Site>) {
    let last = module.rsplit('_').next().unwrap_or_default();
    if !MODULES.contains(&last) {
        return;
    }
    let mut add = |what, token: usize| {
        sites.push(Site {
            module: module.to_owned(),
            line: tokens[token].line,
            what,
            token,
        });
    };
    for index in from..to {
        match &tokens[index].kind {
            // In a clocked block `<=` assigns; elsewhere the text has `=` and comparisons.
            Kind::Symbol("<=") => {}
            Kind::Symbol(symbol) if super::change::opposite(symbol).is_some() => {
                add(What::Operator, index);
            }
            Kind::Symbol("[") if is_constant_select(&tokens[index..]) => add(What::Select, index),
            Kind::Number(_) if !in_select(tokens, index) && !is_repetition(tokens, index) => {
                add(What::Literal, index);
            }
            _ => {}
        }
    }
}

/// `[7:0]` or `[7]`.
fn is_constant_select(tokens: &[Token]) -> bool {
    let number = |index: usize| matches!(tokens[index].kind, Kind::Number(_));
    let symbol = |index: usize, text| tokens[index].kind == Kind::Symbol(text);
    tokens.len() > 5
        && number(1)
        && (symbol(2, "]") || symbol(2, ":") && number(3) && symbol(4, "]"))
}

/// A bound of a select, or the width of an indexed one.
fn in_select(tokens: &[Token], index: usize) -> bool {
    let beside = |index: usize, symbols: &[&str]| matches!(&tokens[index].kind, Kind::Symbol(s) if symbols.contains(s));
    beside(index - 1, &["[", ":", "+:", "-:"]) || beside(index + 1, &[":", "]"])
}

/// The count of `{4{bit}}`.
fn is_repetition(tokens: &[Token], index: usize) -> bool {
    tokens[index + 1].kind == Kind::Symbol("{")
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdl::arch::Plan;
    use hdl::config::Network;
    use std::collections::BTreeSet;

    #[test]
    fn every_module_that_is_named_is_there() {
        let mut found = BTreeSet::new();
        for name in ["digits", "digits-spiking"] {
            let network = Network::builtin(name).expect("built in");
            let plan = Plan::new(&network, 2).expect("on the menu");
            let text = hdl::design::core(&plan).expect("hardware").text;
            let tokens = hdl::emit::lexer::tokens(&text).expect("emitted text");
            let last = |site: Site| site.module.rsplit('_').next().map(str::to_owned);
            found.extend(sites(&tokens).into_iter().filter_map(last));
        }
        assert_eq!(found, MODULES.map(str::to_owned).into());
    }
}
