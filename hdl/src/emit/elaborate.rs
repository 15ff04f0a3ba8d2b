//! Verilog's width and sign rules (IEEE 1364-2005, 5.4 and 5.5): from [`Syntax`] to [`Expr`].
//!
//! Two traps of rust-hdl's output are refused here, because its own simulator computes
//! something else: a relation between a signed and an unsigned operand, and a signed product
//! in a context narrower than the product.

use super::bits::Bits;
use super::error::Problem;
use super::ir::*;
use super::scope::{Meaning, Scope};
use super::syntax::Syntax;

impl Scope {
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
            Syntax::Index(name, _) if self.value(name).is_some() => (1, false),
            Syntax::Index(name, _) => match self.signal(name)? {
                (width, signed, Some(_)) => (width, signed),
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
                let low = Expr::literal(Bits::new(low.into(), 32));
                leaf(self.part_at(name, low, part)?)
            }
            Syntax::PartAt(name, low, part) => {
                let part = self.evaluate(part)? as u32;
                leaf(self.part_at(name, self.alone(low)?, part)?)
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
                    // The one product that rust-hdl's kernels can write.
                    if a_size == (16, true) && b_size == (16, true) && width < 32 {
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
                (_, _, Some(_)) => Ok(Expr::name(name, width)),
                (own, _, None) => Ok(Expr::name(name, own)),
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

    /// `width` bits from `low`, of a signal or of a constant.
    fn part_at(&self, name: &str, low: Expr, width: u32) -> Result<Expr, Problem> {
        if let Some(value) = self.value(name) {
            let value = value.zero_extended(value.width().max(width));
            return Ok(Expr::shift(Shift::Right, Expr::literal(value), low).truncated(width));
        }
        if let Node::Literal(bits) = &low.node {
            return self.part(name, bits.value().unwrap_or(u64::MAX) as u32, width);
        }
        let (own, ..) = self.signal(name)?;
        let low = Box::new(position(low, own.into()));
        Ok(Expr {
            width,
            node: Node::PartAt(name.to_owned(), low),
        })
    }

    /// A constant part; the whole signal where it covers it.
    fn part(&self, name: &str, low: u32, width: u32) -> Result<Expr, Problem> {
        let (own, _, array) = self.signal(name)?;
        if array.is_some() || low.checked_add(width).is_none_or(|end| end > own) {
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

    /// A bit of a vector or constant, or a word of a memory.
    fn index(&self, name: &str, index: &Syntax) -> Result<Expr, Problem> {
        let index = self.alone(index)?;
        if self.value(name).is_some() {
            return self.part_at(name, index, 1);
        }
        let (width, _, array) = self.signal(name)?;
        if matches!(index.node, Node::Literal(_)) && array.is_none() {
            return self.part_at(name, index, 1);
        }
        let count = array.unwrap_or(width.into());
        let width = if array.is_some() { width } else { 1 };
        let index = Box::new(position(index, count));
        Ok(Expr {
            width,
            node: Node::Index(name.to_owned(), index),
        })
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

/// A run-time index in the bits that `count` elements need, or in its own if it has more.
fn position(index: Expr, count: u64) -> Expr {
    let needed = (u64::BITS - (count - 1).leading_zeros()).max(1);
    let width = index.unsigned_width();
    let index = match index.node {
        Node::Literal(_) | Node::Constant(..) => return index,
        Node::ZeroExtend(_) => index.truncated(width),
        _ => index,
    };
    let width = index.width.max(needed);
    index.zero_extended(width)
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
