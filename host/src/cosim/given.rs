//! Verilog of the user's own, run in place of what is generated.

use std::fs;
use std::path::Path;

use miette::Diagnostic;
use thiserror::Error;

#[derive(Debug, Error, Diagnostic)]
pub enum GivenError {
    #[error("cannot read `{path}`")]
    #[diagnostic(
        code(eqprop::cosim::given),
        help("`eqprop generate` writes eqprop_core.v, to be edited or replaced")
    )]
    Read {
        path: String,
        source: std::io::Error,
    },
    #[error("`{path}` has no module `{top}`; {found}")]
    #[diagnostic(
        code(eqprop::cosim::given),
        help("the top module must be called `{top}` and have the ports of the one that `eqprop generate` writes, all modules in one file")
    )]
    NoModule {
        path: String,
        top: String,
        found: String,
    },
}

/// The text of a file with module `top`.
///
/// # Errors
/// A file that cannot be read, or has no such module.
pub fn read(path: &Path, top: &str) -> Result<String, GivenError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|source| GivenError::Read {
        path: shown.clone(),
        source,
    })?;
    let modules = modules(&text);
    if modules.contains(&top) {
        return Ok(text);
    }
    Err(GivenError::NoModule {
        path: shown,
        top: top.to_string(),
        found: match &modules[..] {
            [] => "it has none at all".to_string(),
            some => format!("it has {}", some.join(", ")),
        },
    })
}

/// Names of the modules of a text. A comment that reads like one counts too; Verilator then knows better.
fn modules(text: &str) -> Vec<&str> {
    let code = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""));
    let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2).filter(|pair| pair[0] == "module");
    pairs.map(|pair| pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_found_whatever_stands_around_them() {
        let text = "// module of mine\n`default_nettype none\nmodule a(input wire x);\nendmodule\n\
                    module\n  b #(parameter N = 1) (input x); // module c\nendmodule\n";
        assert_eq!(modules(text), ["a", "b"]);
    }
}
