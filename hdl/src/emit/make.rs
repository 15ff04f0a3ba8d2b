//! Constructors of typed expressions that keep them narrow: a truncation moves inwards as far
//! as arithmetic modulo 2^n allows, comparisons drop bits that are zero on both sides, and
//! rust-hdl's masks become parts. None changes a value.

use super::bits::Bits;
use super::ir::*;

impl Expr {
    pub fn literal(bits: Bits) -> Expr {
        Expr {
            width: bits.width(),
            node: Node::Literal(bits),
        }
    }

    pub fn name(name: &str, width: u32) -> Expr {
        Expr {
            width,
            node: Node::Name(name.to_owned()),
        }
    }

    fn new(width: u32, node: Node) -> Expr {
        Expr { width, node }
    }

    pub fn bits(&self) -> Option<&Bits> {
        match &self.node {
            Node::Literal(bits) | Node::Constant(_, bits, _) => Some(bits),
            _ => None,
        }
    }

    /// The low `width` bits (`width` ≤ the present one).
    pub fn truncated(self, width: u32) -> Expr {
        if width == self.width {
            return self;
        }
        let low = |e: Box<Expr>| Box::new(e.truncated(width));
        let node = match self.node {
            Node::Literal(bits) | Node::Constant(_, bits, _) => {
                Node::Literal(bits.zero_extended(width))
            }
            Node::Name(name) => Node::Part(name, 0),
            Node::Part(name, first) => Node::Part(name, first),
            Node::PartAt(name, first) => Node::PartAt(name, first),
            Node::Not(e) => Node::Not(low(e)),
            Node::Negate(e) => Node::Negate(low(e)),
            Node::Binary(op, a, b) => {
                return Expr::binary(op, a.truncated(width), b.truncated(width))
            }
            Node::Shift(Shift::Left, e, amount) => Node::Shift(Shift::Left, low(e), amount),
            Node::Shift(shift, e, amount) => {
                match (part(&e), amount.bits().and_then(Bits::value)) {
                    (Some((name, first)), Some(by)) if by + width as u64 <= e.width as u64 => {
                        Node::Part(name.to_owned(), first + by as u32)
                    }
                    _ => {
                        let whole = Expr::new(self.width, Node::Shift(shift, e, amount));
                        Node::Truncate(whole.into())
                    }
                }
            }
            Node::Choose(c, a, b) => Node::Choose(c, low(a), low(b)),
            Node::Concat(mut parts) => {
                let mut left = width;
                let keep = parts.iter().rposition(|p| {
                    let last = p.width >= left;
                    left = left.saturating_sub(if last { 0 } else { p.width });
                    last
                });
                let keep = keep.expect("a concatenation is as wide as its parts");
                let mut kept = parts.split_off(keep);
                kept[0] = kept[0].clone().truncated(left);
                return Expr::concat(kept);
            }
            Node::ZeroExtend(e) if width <= e.width => return e.truncated(width),
            Node::ZeroExtend(e) => Node::ZeroExtend(e),
            Node::SignExtend(e) if width <= e.width => return e.truncated(width),
            Node::SignExtend(e) => Node::SignExtend(e),
            Node::Truncate(e) => Node::Truncate(e),
            node => Node::Truncate(Expr::new(self.width, node).into()),
        };
        Expr::new(width, node)
    }

    /// Zeros above (`width` ≥ the present one).
    pub fn zero_extended(self, width: u32) -> Expr {
        match self.node {
            _ if width == self.width => self,
            Node::Literal(bits) => Expr::literal(bits.zero_extended(width)),
            // An enumerator keeps its name, so that a comparison or assignment can recover it.
            Node::ZeroExtend(inner) => Expr::new(width, Node::ZeroExtend(inner)),
            _ => Expr::new(width, Node::ZeroExtend(self.into())),
        }
    }

    /// Copies of the sign above (`width` ≥ the present one).
    pub fn sign_extended(self, width: u32) -> Expr {
        match self.node {
            _ if width == self.width => self,
            Node::Literal(bits) => Expr::literal(bits.sign_extended(width)),
            Node::Constant(_, bits, _) => Expr::literal(bits.sign_extended(width)),
            Node::SignExtend(inner) => Expr::new(width, Node::SignExtend(inner)),
            Node::ZeroExtend(inner) => Expr::new(width, Node::ZeroExtend(inner)),
            _ => Expr::new(width, Node::SignExtend(self.into())),
        }
    }

    pub fn extended(self, width: u32, signed: bool) -> Expr {
        if signed {
            self.sign_extended(width)
        } else {
            self.zero_extended(width)
        }
    }

    pub fn binary(op: Binary, a: Expr, b: Expr) -> Expr {
        let width = a.width;
        debug_assert_eq!(width, b.width);
        if op == Binary::And {
            for (mask, other) in [(&a, &b), (&b, &a)] {
                match mask.bits().and_then(Bits::low_mask) {
                    Some(0) => return Expr::literal(Bits::new(0, width)),
                    Some(ones) => return other.clone().truncated(ones).zero_extended(width),
                    None => {}
                }
            }
        }
        Expr::new(width, Node::Binary(op, a.into(), b.into()))
    }

    pub fn shift(shift: Shift, e: Expr, amount: Expr) -> Expr {
        if let (Node::Literal(bits), Some(by)) = (&e.node, amount.bits().and_then(Bits::value)) {
            match shift {
                Shift::Left => return Expr::literal(bits.shifted_left(by)),
                Shift::Right => return Expr::literal(bits.shifted_right(by)),
                Shift::ArithmeticRight => {}
            }
        }
        // Only the zeros of an extended value enter a logical right shift.
        match (shift, e.node) {
            (Shift::Right, Node::ZeroExtend(inner)) => {
                let narrow = Expr::shift(shift, *inner, amount);
                narrow.zero_extended(e.width)
            }
            (Shift::ArithmeticRight, Node::SignExtend(inner)) => {
                let narrow = Expr::shift(shift, *inner, amount);
                narrow.sign_extended(e.width)
            }
            (_, node) => {
                let e = Expr::new(e.width, node);
                Expr::new(e.width, Node::Shift(shift, e.into(), amount.into()))
            }
        }
    }

    pub fn compare(op: Compare, signed: bool, a: Expr, b: Expr) -> Expr {
        debug_assert_eq!(a.width, b.width);
        let unsigned_width = a.unsigned_width().max(b.unsigned_width());
        let signed_width = a.signed_width().max(b.signed_width());
        let node = if unsigned_width < a.width {
            // Both have a zero on top, so the order is the same either way.
            Node::Compare(
                op,
                false,
                a.truncated(unsigned_width).into(),
                b.truncated(unsigned_width).into(),
            )
        } else if signed && signed_width < a.width {
            Node::Compare(
                op,
                true,
                a.truncated(signed_width).into(),
                b.truncated(signed_width).into(),
            )
        } else {
            Node::Compare(op, signed, a.into(), b.into())
        };
        Expr::new(1, node)
    }

    pub fn logic(op: Logic, a: Expr, b: Expr) -> Expr {
        Expr::new(1, Node::Logic(op, a.truth().into(), b.truth().into()))
    }

    /// One bit: the value is not zero.
    pub fn truth(self) -> Expr {
        match self.node {
            _ if self.width == 1 => self,
            Node::ZeroExtend(inner) => inner.truth(),
            _ => Expr::new(1, Node::Reduce(Reduction::Or, self.into())),
        }
    }

    pub fn concat(mut parts: Vec<Expr>) -> Expr {
        if parts.len() == 1 {
            return parts.remove(0);
        }
        Expr::new(parts.iter().map(|p| p.width).sum(), Node::Concat(parts))
    }

    /// Bits that may be other than zero.
    pub fn unsigned_width(&self) -> u32 {
        match &self.node {
            Node::Literal(bits) | Node::Constant(_, bits, _) => bits.unsigned_width(),
            Node::ZeroExtend(inner) => inner.width,
            _ => self.width,
        }
    }

    /// Bits that hold the value in two's complement.
    fn signed_width(&self) -> u32 {
        match &self.node {
            Node::Literal(bits) | Node::Constant(_, bits, _) => bits.signed_width(),
            Node::ZeroExtend(inner) => inner.width + 1,
            Node::SignExtend(inner) => inner.width,
            _ => self.width,
        }
    }
}

/// Name and low bit of a signal or a part of one.
fn part(e: &Expr) -> Option<(&str, u32)> {
    match &e.node {
        Node::Name(name) => Some((name, 0)),
        Node::Part(name, low) => Some((name, *low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: u64, width: u32) -> Expr {
        Expr::literal(Bits::new(value, width))
    }

    #[test]
    fn a_sum_narrows_to_its_target() {
        let x = Expr::name("x", 12);
        let sum = Expr::binary(Binary::Add, x.clone().zero_extended(32), number(1, 32));
        assert_eq!(
            sum.truncated(12),
            Expr::binary(Binary::Add, x, number(1, 12))
        );
    }

    #[test]
    fn a_mask_is_a_part() {
        let masked = Expr::binary(Binary::And, Expr::name("x", 40), number(0xffff, 40));
        let part = Expr {
            width: 16,
            node: Node::Part("x".into(), 0),
        };
        assert_eq!(masked.truncated(16), part);
    }

    #[test]
    fn a_comparison_keeps_the_bits_it_needs() {
        let x = || Expr::name("x", 4).zero_extended(32);
        let narrow = |v, w| {
            Expr::compare(
                Compare::Equal,
                false,
                Expr::name("x", 4).zero_extended(w),
                number(v, w),
            )
        };
        assert_eq!(
            Expr::compare(Compare::Equal, false, x(), number(9, 32)),
            narrow(9, 4)
        );
        assert_eq!(
            Expr::compare(Compare::Equal, false, x(), number(300, 32)),
            narrow(300, 9)
        );
    }

    #[test]
    fn the_low_bits_of_a_concatenation() {
        let parts = || vec![Expr::name("a", 4), Expr::name("b", 4), Expr::name("c", 4)];
        let cut = Expr::concat(parts()).truncated(6);
        let b = Expr {
            width: 2,
            node: Node::Part("b".into(), 0),
        };
        assert_eq!(cut, Expr::concat(vec![b, Expr::name("c", 4)]));
        assert_eq!(Expr::concat(parts()).truncated(4), Expr::name("c", 4));
    }
}
