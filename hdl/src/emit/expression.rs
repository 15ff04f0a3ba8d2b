//! Typed expressions → text. Every printed operand has exactly the width its context needs, so
//! Verilog's own extension rules never act, except for products, which need them to stay
//! recognisable as multipliers.

use super::helper::Helper;
use super::ir::*;
use std::collections::BTreeSet;

/// Prints the expressions of one module.
pub struct Printer<'a> {
    pub module: &'a Module,
    pub helpers: BTreeSet<Helper>,
}

/// Binding strength; higher binds tighter.
const CHOOSE: u8 = 1;
const SHIFT: u8 = 9;
const UNARY: u8 = 12;
const PRIMARY: u8 = 13;

impl Printer<'_> {
    /// The right-hand side of an assignment to a target of the same width.
    pub fn root(&mut self, e: &Expr) -> String {
        match &e.node {
            Node::Binary(Binary::Multiply, a, b) => {
                let signed = is_sign_extended(a) || is_sign_extended(b);
                let (a_text, b_text) = (self.factor(a, signed), self.factor(b, signed));
                match signed
                    || !(self.prints_signed(unextended(a)) && self.prints_signed(unextended(b)))
                {
                    true => format!("{a_text} * {b_text}"),
                    false => format!("$unsigned({a_text}) * {b_text}"),
                }
            }
            Node::Shift(Shift::ArithmeticRight, value, amount) => {
                self.arithmetic_shift(value, amount)
            }
            _ => self.text(e),
        }
    }

    pub fn text(&mut self, e: &Expr) -> String {
        self.prec(e).0
    }

    /// Text and binding strength.
    fn prec(&mut self, e: &Expr) -> (String, u8) {
        let primary = |text: String| (text, PRIMARY);
        match &e.node {
            Node::Literal(bits) => primary(bits.to_string()),
            Node::Constant(name, ..) | Node::Name(name) => primary(name.clone()),
            Node::Part(name, low) => primary(part(name, *low, e.width)),
            Node::PartAt(name, low) => {
                let low = self.position(low);
                primary(format!("{name}[{low} +: {}]", e.width))
            }
            Node::Index(name, index) => {
                let index = self.position(index);
                primary(format!("{name}[{index}]"))
            }
            Node::Text(text) => primary(format!("\"{text}\"")),
            Node::Not(inner) => {
                let operator = if e.width == 1 { '!' } else { '~' };
                (
                    format!("{operator}{}", self.at_least(inner, UNARY + 1)),
                    UNARY,
                )
            }
            Node::Negate(inner) => (format!("-{}", self.at_least(inner, UNARY + 1)), UNARY),
            Node::Reduce(reduction, inner) => {
                let operator = match reduction {
                    Reduction::And => '&',
                    Reduction::Or => '|',
                    Reduction::Xor => '^',
                };
                (
                    format!("{operator}{}", self.at_least(inner, UNARY + 1)),
                    UNARY,
                )
            }
            Node::Binary(Binary::Multiply, a, b) if extended(a) || extended(b) => {
                primary(self.multiply(e.width, a, b))
            }
            Node::Binary(op, a, b) => {
                let (operator, strength) = binary(*op);
                self.infix(operator, strength, a, b)
            }
            Node::Shift(Shift::ArithmeticRight, value, amount) => primary(format!(
                "$unsigned({})",
                self.arithmetic_shift(value, amount)
            )),
            Node::Shift(shift, value, amount) => {
                let operator = if *shift == Shift::Left { "<<" } else { ">>" };
                let (value, amount) = (self.at_least(value, PRIMARY), self.amount(amount));
                (format!("{value} {operator} {amount}"), SHIFT)
            }
            Node::Compare(op, signed, a, b) => self.compare(*op, *signed, a, b),
            Node::Logic(op, a, b) => {
                let (operator, strength) = if *op == Logic::And {
                    ("&&", 3)
                } else {
                    ("||", 2)
                };
                let text = format!(
                    "{} {operator} {}",
                    self.at_least(a, strength),
                    self.at_least(b, strength)
                );
                (text, strength)
            }
            Node::Choose(condition, a, b) => {
                let condition = self.at_least(condition, CHOOSE + 1);
                let (a, b) = (self.at_least(a, CHOOSE + 1), self.at_least(b, CHOOSE));
                (format!("{condition} ? {a} : {b}"), CHOOSE)
            }
            Node::Concat(parts) if parts.len() > 1 && parts.iter().all(|p| *p == parts[0]) => {
                primary(format!("{{{}{{{}}}}}", parts.len(), self.text(&parts[0])))
            }
            Node::Concat(parts) => {
                let parts: Vec<String> = parts.iter().map(|p| self.text(p)).collect();
                primary(format!("{{{}}}", parts.join(", ")))
            }
            Node::ZeroExtend(inner) => {
                let zeros = e.width - inner.width;
                let zeros = if zeros == 1 {
                    "1'b0".into()
                } else {
                    format!("{zeros}'d0")
                };
                primary(format!("{{{zeros}, {}}}", self.text(inner)))
            }
            Node::SignExtend(inner) => primary(self.sign_extend(inner, e.width)),
            Node::Truncate(inner) => {
                self.helpers.insert(Helper::Low {
                    from: inner.width,
                    to: e.width,
                });
                primary(format!(
                    "low_{}_of_{}({})",
                    e.width,
                    inner.width,
                    self.text(inner)
                ))
            }
        }
    }

    fn at_least(&mut self, e: &Expr, strength: u8) -> String {
        match self.prec(e) {
            (text, own) if own >= strength => text,
            (text, _) => format!("({text})"),
        }
    }

    /// Bitwise operators and products bracket every operator inside them but their own.
    fn infix(&mut self, operator: &str, strength: u8, a: &Expr, b: &Expr) -> (String, u8) {
        let sum = strength == 10;
        let mut side = |e: &Expr, least: u8| match self.prec(e) {
            (text, own) if own >= UNARY || own == strength && own >= least => text,
            (text, own) if sum && own > strength => text,
            (text, _) => format!("({text})"),
        };
        let (a, b) = (side(a, strength), side(b, strength + 1));
        (format!("{a} {operator} {b}"), strength)
    }

    fn compare(&mut self, op: Compare, signed: bool, a: &Expr, b: &Expr) -> (String, u8) {
        let (operator, strength) = match op {
            Compare::Equal => ("==", 7),
            Compare::NotEqual => ("!=", 7),
            Compare::Less => ("<", 8),
            Compare::LessEqual => ("<=", 8),
            Compare::Greater => (">", 8),
            Compare::GreaterEqual => (">=", 8),
        };
        let (a_text, b_text) = if strength == 7 {
            (self.at_least(a, SHIFT), self.at_least(b, SHIFT))
        } else if signed {
            (self.signed(a), self.signed(b))
        } else if self.prints_signed(a) && self.prints_signed(b) {
            (
                format!("$unsigned({})", self.text(a)),
                self.at_least(b, SHIFT),
            )
        } else {
            (self.at_least(a, SHIFT), self.at_least(b, SHIFT))
        };
        (format!("{a_text} {operator} {b_text}"), strength)
    }

    /// The expression as a signed primary.
    fn signed(&mut self, e: &Expr) -> String {
        match &e.node {
            Node::Literal(bits) => {
                let magnitude = bits.negated();
                let negative =
                    bits.sign_extended(bits.width() + 1) != bits.zero_extended(bits.width() + 1);
                match negative && *bits != magnitude {
                    true => format!("-{}", magnitude.to_string().replacen('\'', "'s", 1)),
                    false => bits.to_string().replacen('\'', "'s", 1),
                }
            }
            Node::Name(_) | Node::Constant(..) if self.prints_signed(e) => self.text(e),
            _ => format!("$signed({})", self.text(e)),
        }
    }

    /// Whether Verilog gives the printed text a signed type.
    fn prints_signed(&self, e: &Expr) -> bool {
        match &e.node {
            Node::Name(name) => self.module.signal(name).is_some_and(|s| s.signed),
            Node::Index(name, _) => self
                .module
                .signal(name)
                .is_some_and(|s| s.signed && s.array.is_some()),
            Node::Constant(_, _, signed) => *signed,
            Node::Not(inner) | Node::Negate(inner) => e.width > 1 && self.prints_signed(inner),
            Node::Shift(shift, inner, _) => {
                *shift != Shift::ArithmeticRight && self.prints_signed(inner)
            }
            Node::Binary(Binary::Multiply, a, b) if extended(a) || extended(b) => false,
            Node::Binary(_, a, b) | Node::Choose(_, a, b) => {
                self.prints_signed(a) && self.prints_signed(b)
            }
            _ => false,
        }
    }

    fn arithmetic_shift(&mut self, value: &Expr, amount: &Expr) -> String {
        format!("{} >>> {}", self.signed(value), self.amount(amount))
    }

    fn amount(&mut self, amount: &Expr) -> String {
        match &amount.node {
            Node::Literal(bits) if bits.value().is_some() => bits.value().unwrap_or(0).to_string(),
            _ => self.at_least(amount, PRIMARY),
        }
    }

    fn position(&mut self, e: &Expr) -> String {
        match &e.node {
            Node::Literal(_) => self.amount(e),
            _ => self.text(e),
        }
    }

    fn sign_extend(&mut self, inner: &Expr, width: u32) -> String {
        let copies = width - inner.width;
        let top = inner.width - 1;
        match &inner.node {
            _ if inner.width == 1 => format!("{{{width}{{{}}}}}", self.text(inner)),
            Node::Name(name) => format!("{{{{{copies}{{{name}[{top}]}}}}, {name}}}"),
            Node::Part(name, low) => {
                let value = part(name, *low, inner.width);
                format!("{{{{{copies}{{{name}[{}]}}}}, {value}}}", low + top)
            }
            _ => {
                self.helpers.insert(Helper::SignExtend {
                    from: inner.width,
                    to: width,
                });
                format!(
                    "sign_extend_{}_to_{width}({})",
                    inner.width,
                    self.text(inner)
                )
            }
        }
    }

    fn multiply(&mut self, to: u32, a: &Expr, b: &Expr) -> String {
        let signed = is_sign_extended(a) || is_sign_extended(b);
        let (a, b) = match signed {
            true => (signed_factor(a), signed_factor(b)),
            false => (unsigned_factor(a), unsigned_factor(b)),
        };
        self.helpers.insert(Helper::Multiply {
            signed,
            a: a.width,
            b: b.width,
            to,
        });
        let name = Helper::Multiply {
            signed,
            a: a.width,
            b: b.width,
            to,
        }
        .name();
        format!("{name}({}, {})", self.text(&a), self.text(&b))
    }

    /// A factor in its own width.
    fn factor(&mut self, e: &Expr, signed: bool) -> String {
        match signed {
            true => {
                let factor = signed_factor(e);
                self.signed(&factor)
            }
            false => self.at_least(unextended(e), PRIMARY),
        }
    }
}

/// The factor in the fewest bits from which sign extension recovers it.
fn signed_factor(e: &Expr) -> Expr {
    match &e.node {
        Node::ZeroExtend(inner) if inner.width + 1 < e.width => {
            (**inner).clone().zero_extended(inner.width + 1)
        }
        Node::SignExtend(inner) => (**inner).clone(),
        Node::Literal(bits) => Expr::literal(bits.zero_extended(bits.signed_width())),
        _ => e.clone(),
    }
}

/// The factor in the fewest bits from which zero extension recovers it.
fn unsigned_factor(e: &Expr) -> Expr {
    match &e.node {
        Node::Literal(bits) => Expr::literal(bits.zero_extended(bits.unsigned_width())),
        _ => unextended(e).clone(),
    }
}

fn unextended(e: &Expr) -> &Expr {
    match &e.node {
        Node::ZeroExtend(inner) => inner,
        _ => e,
    }
}

fn is_sign_extended(e: &Expr) -> bool {
    matches!(e.node, Node::SignExtend(_))
}

fn extended(e: &Expr) -> bool {
    matches!(e.node, Node::SignExtend(_) | Node::ZeroExtend(_))
}

fn binary(op: Binary) -> (&'static str, u8) {
    match op {
        Binary::Or => ("|", 4),
        Binary::Xor => ("^", 5),
        Binary::And => ("&", 6),
        Binary::Add => ("+", 10),
        Binary::Subtract => ("-", 10),
        Binary::Multiply => ("*", 11),
    }
}

/// `name[low]` or `name[high:low]`.
pub fn part(name: &str, low: u32, width: u32) -> String {
    match width {
        1 => format!("{name}[{low}]"),
        _ => format!("{name}[{}:{low}]", low + width - 1),
    }
}
