//! What can go wrong while raw Verilog is cleaned. Every case is an internal error of the
//! generator, never the user's fault: the raw text comes from our own RTL.

/// A construct of the raw Verilog that the emission pass does not understand or refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("internal error in generated Verilog, module `{module}`, line {line}: {problem}")]
pub struct EmitError {
    /// Raw module name, or `?` before the first module.
    pub module: String,
    /// Line of the raw text, from 1.
    pub line: usize,
    pub problem: Problem,
}

/// The construct itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("character `{0}` is not part of the Verilog subset that the emission pass reads")]
    Character(char),
    #[error("malformed number `{0}`")]
    Number(String),
    #[error("expected {expected}, found {found}")]
    Unexpected { expected: String, found: String },
    #[error("{0} is outside the Verilog subset that the emission pass reads")]
    Unsupported(String),
    #[error("`{0}` is used but not declared")]
    Undeclared(String),
    #[error("`{0}` is declared twice")]
    DeclaredTwice(String),
    #[error("`{0}` is not a constant")]
    NotConstant(String),
    #[error("two different definitions of module `{0}`")]
    ConflictingModules(String),
    #[error("module `{0}` instantiates itself")]
    Recursive(String),
    #[error("there is no module `{0}`")]
    NoModule(String),
    #[error(
        "a signed value is compared with an unsigned one, so Verilog compares unsigned and a \
         negative value counts as large; compare with a signed constant or test the sign bit"
    )]
    MixedCompare,
    #[error(
        "a signed {0}x{1} product is cut to {2} bits before it is used; \
         assign the product to a signal of its full width first"
    )]
    CutProduct(u32, u32, u32),
}
