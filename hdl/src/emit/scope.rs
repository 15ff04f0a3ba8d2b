//! What the names of a module mean while it is read, and constant expressions.

use super::bits::Bits;
use super::error::Problem;
use super::ir::Signal;
use super::syntax::Syntax;
use std::collections::HashMap;

/// What the names of one module stand for.
#[derive(Default)]
pub struct Scope {
    pub names: HashMap<String, Meaning>,
    /// Enumerators per enum type.
    variants: HashMap<String, u32>,
}

#[derive(Clone)]
pub enum Meaning {
    Signal {
        width: u32,
        signed: bool,
        /// Words of a memory.
        array: Option<u64>,
    },
    Constant {
        value: Bits,
        signed: bool,
    },
    /// A variant of a rust-hdl enum, printed as an unsized number.
    Variant {
        value: Bits,
    },
}

impl Scope {
    pub fn declare(&mut self, signal: &Signal) -> Result<(), Problem> {
        let meaning = Meaning::Signal {
            width: signal.width,
            signed: signal.signed,
            array: signal.array.map(|(first, last)| first.max(last) + 1),
        };
        self.add(&signal.name, meaning)
    }

    /// A constant; an unsized one with `$` in its name is a variant of an enum type.
    pub fn constant(
        &mut self,
        name: &str,
        value: Bits,
        signed: bool,
        sized: bool,
    ) -> Result<(), Problem> {
        match name.split_once('$') {
            Some((kind, _)) if !sized => {
                *self.variants.entry(kind.to_owned()).or_default() += 1;
                self.add(name, Meaning::Variant { value })
            }
            _ => self.add(name, Meaning::Constant { value, signed }),
        }
    }

    fn add(&mut self, name: &str, meaning: Meaning) -> Result<(), Problem> {
        match self.names.insert(name.to_owned(), meaning) {
            None => Ok(()),
            Some(_) => Err(Problem::DeclaredTwice(name.to_owned())),
        }
    }

    /// Value of a variant in the width of its type, as rust-hdl counts it.
    pub fn variant(&self, name: &str) -> Option<Bits> {
        let (kind, _) = name.split_once('$')?;
        match self.names.get(name)? {
            Meaning::Variant { value } => {
                let last = self.variants[kind] - 1;
                Some(value.zero_extended((u32::BITS - last.leading_zeros()).max(1)))
            }
            _ => None,
        }
    }

    /// Value of a constant that is not a variant.
    pub fn value(&self, name: &str) -> Option<&Bits> {
        match self.names.get(name)? {
            Meaning::Constant { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Width, sign and words of a memory.
    pub fn signal(&self, name: &str) -> Result<(u32, bool, Option<u64>), Problem> {
        match self.names.get(name) {
            Some(&Meaning::Signal {
                width,
                signed,
                array,
            }) => Ok((width, signed, array)),
            Some(_) => Err(Problem::Unsupported(format!("a part of constant `{name}`"))),
            None => Err(Problem::Undeclared(name.to_owned())),
        }
    }

    /// Value of an expression that must be known now: a range bound or a part's width.
    pub fn evaluate(&self, syntax: &Syntax) -> Result<u64, Problem> {
        match syntax {
            Syntax::Number(number) => number.bits.value(),
            Syntax::Name(name) => match self.names.get(name) {
                Some(Meaning::Constant { value, .. } | Meaning::Variant { value }) => value.value(),
                _ => return Err(Problem::NotConstant(name.clone())),
            },
            Syntax::Binary(operator, a, b) => {
                let (a, b) = (self.evaluate(a)?, self.evaluate(b)?);
                match *operator {
                    "+" => a.checked_add(b),
                    "-" => a.checked_sub(b),
                    "*" => a.checked_mul(b),
                    _ => None,
                }
            }
            _ => None,
        }
        .ok_or_else(|| Problem::Unsupported("this constant expression".into()))
    }

    /// Low bit and width of `[high:low]`.
    pub fn range(&self, high: &Syntax, low: &Syntax) -> Result<(u32, u32), Problem> {
        let (high, low) = (self.evaluate(high)?, self.evaluate(low)?);
        if high < low || high >= 1 << 16 {
            return Err(Problem::Unsupported(format!("the range [{high}:{low}]")));
        }
        Ok((low as u32, (high - low + 1) as u32))
    }
}
