//! Verilog's width and sign rules (IEEE 1364-2005, 5.4 and 5.5): from [`Syntax`] to [`Expr`].
//!
//! Two traps of rust-hdl's output are refused here, because its own simulator computes
//! something else: a relation between a signed and an unsigned operand, and a signed product
//! in a context narrower than the product.

use super::bits::Bits;
use super::error::Problem;
use super::ir::*;
use super::syntax::Syntax;
use std::collections::HashMap;

/// What the names of one module stand for.
#[derive(Default)]
pub struct Scope {
    names: HashMap<String, Meaning>,
    /// Enumerators per enum type.
    variants: HashMap<String, u32>,
}

#[derive(Clone)]
enum Meaning {
    Signal {
        width: u32,
        signed: bool,
        array: bool,
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
            array: signal.array.is_some(),
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

    fn signal(&self, name: &str) -> Result<(u32, bool, bool), Problem> {
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

    /// An expression where nothing around it decides its width: conditions, indices, ports.
    pub fn alone(&self, syntax: &Syntax) -> Result<Expr, Problem> {
        let (width, signed) = self.size(syntax)?;
        self.build(syntax, width, signed)
    }

    /// The right-hand side of an assignment to `width` bits.
    pub fn assigned(&self, syntax: &Syntax, width: u32) -> Result<Expr, Problem> {
        let (own, signed) = self.size(syntax)?;
        Ok(self.build(syntax, own.max(width), signed)?.truncated(width))
    }

    /// Expressions that are compared with each other, brought to one width (`case`).
    pub fn together(&self, all: &[&Syntax]) -> Result<Vec<Expr>, Problem> {
        let sizes = all
            .iter()
            .map(|s| self.size(s))
            .collect::<Result<Vec<_>, _>>()?;
        let width = sizes.iter().map(|s| s.0).max().unwrap_or(1);
        let signed = sizes.iter().all(|s| s.1);
        let built = all
            .iter()
            .map(|s| self.build(s, width, signed))
            .collect::<Result<Vec<_>, _>>()?;
        let needed = built.iter().map(Expr::unsigned_width).max().unwrap_or(1);
        Ok(built.into_iter().map(|e| e.truncated(needed)).collect())
    }

    /// Width and sign that an expression has by itself.
    fn size(&self, syntax: &Syntax) -> Result<(u32, bool), Problem> {
        Ok(match syntax {
            Syntax::Number(number) => (number.bits.width(), number.signed),
            Syntax::Text(text) => (8 * text.len() as u32, false),
            Syntax::Name(name) => match self.names.get(name) {
                Some(Meaning::Constant { value, signed }) => (value.width(), *signed),
                Some(Meaning::Variant { value }) => (value.width(), true),
                _ => {
                    let (width, signed, _) = self.signal(name)?;
                    (width, signed)
                }
            },
            Syntax::Index(name, _) => match self.signal(name)? {
                (width, signed, true) => (width, signed),
                _ => (1, false),
            },
            Syntax::Part(_, high, low) => (self.range(high, low)?.1, false),
            Syntax::PartAt(_, _, width) => (self.evaluate(width)? as u32, false),
            Syntax::Unary("~" | "-" | "+", e) => self.size(e)?,
            Syntax::Unary(..) => (1, false),
            Syntax::Binary("+" | "-" | "*" | "&" | "|" | "^" | "~^", a, b)
            | Syntax::Choose(_, a, b) => {
                let (a, b) = (self.size(a)?, self.size(b)?);
                (a.0.max(b.0), a.1 && b.1)
            }
            Syntax::Binary("<<" | ">>" | "<<<" | ">>>", a, _) => self.size(a)?,
            Syntax::Binary(..) => (1, false),
            Syntax::Concat(parts) => {
                let sizes = parts
                    .iter()
                    .map(|p| self.size(p))
                    .collect::<Result<Vec<_>, _>>()?;
                (sizes.iter().map(|s| s.0).sum(), false)
            }
            Syntax::Repeat(count, e) => (self.evaluate(count)? as u32 * self.size(e)?.0, false),
            Syntax::Cast(signed, e) => (self.size(e)?.0, *signed),
        })
    }

    /// Low bit and width of `[high:low]`.
    pub fn range(&self, high: &Syntax, low: &Syntax) -> Result<(u32, u32), Problem> {
        let (high, low) = (self.evaluate(high)?, self.evaluate(low)?);
        if high < low || high >= 1 << 16 {
            return Err(Problem::Unsupported(format!("the range [{high}:{low}]")));
        }
        Ok((low as u32, (high - low + 1) as u32))
    }

    /// The expression in a context of `width` bits (at least its own) and sign `signed`.
    fn build(&self, syntax: &Syntax, width: u32, signed: bool) -> Result<Expr, Problem> {
        let leaf = |e: Expr| e.extended(width, signed);
        let inner = |s: &Syntax| self.build(s, width, signed);
        Ok(match syntax {
            Syntax::Number(number) => leaf(Expr::literal(number.bits.clone())),
            Syntax::Text(text) => Expr {
                width,
                node: Node::Text(text.clone()),
            },
            Syntax::Name(name) => leaf(self.name(name, width)?),
            Syntax::Index(name, index) => leaf(self.index(name, index)?),
            Syntax::Part(name, high, low) => {
                let (low, part) = self.range(high, low)?;
                leaf(self.part(name, low, part)?)
            }
            Syntax::PartAt(name, low, part) => {
                let part = self.evaluate(part)? as u32;
                leaf(match self.alone(low)? {
                    Expr {
                        node: Node::Literal(bits),
                        ..
                    } => self.part(name, bits.value().unwrap_or(u64::MAX) as u32, part)?,
                    low => {
                        let low = Box::new(self.position(low));
                        self.signal(name)?;
                        Expr {
                            width: part,
                            node: Node::PartAt(name.clone(), low),
                        }
                    }
                })
            }
            Syntax::Unary("+", e) => inner(e)?,
            Syntax::Unary("~", e) => Expr {
                width,
                node: Node::Not(inner(e)?.into()),
            },
            Syntax::Unary("-", e) => match inner(e)? {
                Expr {
                    node: Node::Literal(bits),
                    ..
                } => Expr::literal(bits.negated()),
                e => Expr {
                    width,
                    node: Node::Negate(e.into()),
                },
            },
            Syntax::Unary(operator, e) => leaf(reduce(operator, self.alone(e)?)),
            Syntax::Binary(operator, a, b) => match *operator {
                "+" => Expr::binary(Binary::Add, inner(a)?, inner(b)?),
                "-" => Expr::binary(Binary::Subtract, inner(a)?, inner(b)?),
                "*" => {
                    let (a_size, b_size) = (self.size(a)?, self.size(b)?);
                    if a_size.1 && b_size.1 && width < a_size.0 + b_size.0 {
                        return Err(Problem::CutProduct(a_size.0, b_size.0, width));
                    }
                    Expr::binary(Binary::Multiply, inner(a)?, inner(b)?)
                }
                "&" => Expr::binary(Binary::And, inner(a)?, inner(b)?),
                "|" => Expr::binary(Binary::Or, inner(a)?, inner(b)?),
                "^" => Expr::binary(Binary::Xor, inner(a)?, inner(b)?),
                "~^" => {
                    let xor = Expr::binary(Binary::Xor, inner(a)?, inner(b)?);
                    Expr {
                        width,
                        node: Node::Not(xor.into()),
                    }
                }
                "<<" | "<<<" => Expr::shift(Shift::Left, inner(a)?, self.alone(b)?),
                ">>>" if signed => Expr::shift(Shift::ArithmeticRight, inner(a)?, self.alone(b)?),
                ">>" | ">>>" => Expr::shift(Shift::Right, inner(a)?, self.alone(b)?),
                "&&" => leaf(Expr::logic(Logic::And, self.alone(a)?, self.alone(b)?)),
                "||" => leaf(Expr::logic(Logic::Or, self.alone(a)?, self.alone(b)?)),
                _ => leaf(self.comparison(operator, a, b)?),
            },
            Syntax::Choose(condition, a, b) => {
                let condition = self.alone(condition)?.truth();
                let (a, b) = (inner(a)?, inner(b)?);
                Expr {
                    width,
                    node: Node::Choose(condition.into(), a.into(), b.into()),
                }
            }
            Syntax::Concat(parts) => {
                let parts = parts
                    .iter()
                    .map(|p| self.alone(p))
                    .collect::<Result<Vec<_>, _>>()?;
                leaf(Expr::concat(parts))
            }
            Syntax::Repeat(count, e) => {
                let e = self.alone(e)?;
                leaf(Expr::concat(vec![e; self.evaluate(count)?.max(1) as usize]))
            }
            Syntax::Cast(_, e) => leaf(self.alone(e)?),
        })
    }

    /// A signal or constant; a variant only as wide as its type if the context allows.
    fn name(&self, name: &str, width: u32) -> Result<Expr, Problem> {
        let constant = |value: Bits, signed: bool| Expr {
            width: value.width(),
            node: Node::Constant(name.to_owned(), value, signed),
        };
        match self.names.get(name) {
            Some(Meaning::Constant { value, signed }) => Ok(constant(value.clone(), *signed)),
            Some(Meaning::Variant { .. }) => {
                let value = self.variant(name).expect("a variant has a value");
                Ok(constant(value, false).zero_extended(width))
            }
            _ => match self.signal(name)? {
                (_, _, true) => Ok(Expr::name(name, width)),
                (own, _, false) => Ok(Expr::name(name, own)),
            },
        }
    }

    fn comparison(&self, operator: &str, a: &Syntax, b: &Syntax) -> Result<Expr, Problem> {
        let op = match operator {
            "==" => Compare::Equal,
            "!=" => Compare::NotEqual,
            "<" => Compare::Less,
            "<=" => Compare::LessEqual,
            ">" => Compare::Greater,
            ">=" => Compare::GreaterEqual,
            other => return Err(Problem::Unsupported(format!("operator `{other}`"))),
        };
        let (a_size, b_size) = (self.size(a)?, self.size(b)?);
        let equality = matches!(op, Compare::Equal | Compare::NotEqual);
        if a_size.1 != b_size.1 && !equality {
            return Err(Problem::MixedCompare);
        }
        let width = a_size.0.max(b_size.0);
        let signed = a_size.1 && b_size.1;
        let (a, b) = (self.build(a, width, signed)?, self.build(b, width, signed)?);
        Ok(Expr::compare(op, signed, a, b))
    }

    /// A constant part; the whole signal where it covers it.
    fn part(&self, name: &str, low: u32, width: u32) -> Result<Expr, Problem> {
        let (own, _, array) = self.signal(name)?;
        if array || low.checked_add(width).is_none_or(|end| end > own) {
            let part = format!("part [{low} +: {width}] of the {own} bits of `{name}`");
            return Err(Problem::Unsupported(part));
        }
        if low == 0 && width == own {
            return Ok(Expr::name(name, own));
        }
        Ok(Expr {
            width,
            node: Node::Part(name.to_owned(), low),
        })
    }

    fn index(&self, name: &str, index: &Syntax) -> Result<Expr, Problem> {
        let (width, _, array) = self.signal(name)?;
        let index = self.alone(index)?;
        match (&index.node, array) {
            (Node::Literal(bits), false) => {
                self.part(name, bits.value().unwrap_or(u64::MAX) as u32, 1)
            }
            _ => {
                let width = if array { width } else { 1 };
                let index = Box::new(self.position(index));
                Ok(Expr {
                    width,
                    node: Node::Index(name.to_owned(), index),
                })
            }
        }
    }

    /// An index without the zeros that only widen it.
    fn position(&self, index: Expr) -> Expr {
        let width = index.unsigned_width();
        match index.node {
            Node::ZeroExtend(_) => index.truncated(width),
            _ => index,
        }
    }

    /// What an assignment writes and its width.
    pub fn target(&self, syntax: &Syntax) -> Result<(Target, u32), Problem> {
        let read = match syntax {
            Syntax::Concat(parts) => {
                let parts = parts
                    .iter()
                    .map(|p| self.target(p))
                    .collect::<Result<Vec<_>, _>>()?;
                let width = parts.iter().map(|p| p.1).sum();
                return Ok((
                    Target::Concat(parts.into_iter().map(|p| p.0).collect()),
                    width,
                ));
            }
            _ => self.alone(syntax)?,
        };
        let width = read.width;
        let target = match read.node {
            Node::Name(name) => Target::Whole(name),
            Node::Part(name, low) => Target::Part(name, low, width),
            Node::PartAt(name, low) => Target::PartAt(name, *low, width),
            Node::Index(name, index) => Target::Index(name, *index),
            _ => return Err(Problem::Unsupported("this assignment target".into())),
        };
        Ok((target, width))
    }
}

fn reduce(operator: &str, e: Expr) -> Expr {
    let reduction = |r: Reduction, e: Expr| Expr {
        width: 1,
        node: Node::Reduce(r, e.into()),
    };
    let not = |e: Expr| Expr {
        width: 1,
        node: Node::Not(e.into()),
    };
    match operator {
        "!" => not(e.truth()),
        "&" => reduction(Reduction::And, e),
        "|" => reduction(Reduction::Or, e),
        "^" => reduction(Reduction::Xor, e),
        "~&" => not(reduction(Reduction::And, e)),
        "~|" => not(reduction(Reduction::Or, e)),
        _ => not(reduction(Reduction::Xor, e)),
    }
}
