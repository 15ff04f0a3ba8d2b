//! Constants of any width: a vector of bits, least significant first.

use std::fmt;

/// A bit vector constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bits(Vec<bool>);

impl Bits {
    /// `value` in `width` bits, truncated.
    pub fn new(value: u64, width: u32) -> Bits {
        Bits((0..width).map(|i| i < 64 && value >> i & 1 == 1).collect())
    }

    /// Digits of radix 2, 8, 10 or 16 (`_` ignored) in `width` bits, truncated; `None` for a bad digit.
    pub fn parse(digits: &str, radix: u32, width: u32) -> Option<Bits> {
        let mut bits = Bits::new(0, width);
        for digit in digits.chars().filter(|&c| c != '_') {
            bits.multiply_add(radix, digit.to_digit(radix)?);
        }
        Some(bits)
    }

    fn multiply_add(&mut self, factor: u32, add: u32) {
        let mut carry = add;
        for bit in &mut self.0 {
            carry += *bit as u32 * factor;
            *bit = carry & 1 == 1;
            carry >>= 1;
        }
    }

    pub fn width(&self) -> u32 {
        self.0.len() as u32
    }

    fn top(&self) -> bool {
        self.0.last().copied().unwrap_or(false)
    }

    /// The low bits, or the value with zeros above.
    pub fn zero_extended(&self, width: u32) -> Bits {
        self.resized(width, false)
    }

    /// The low bits, or the value with its top bit repeated above.
    pub fn sign_extended(&self, width: u32) -> Bits {
        self.resized(width, self.top())
    }

    fn resized(&self, width: u32, fill: bool) -> Bits {
        let mut bits = self.0.clone();
        bits.resize(width as usize, fill);
        Bits(bits)
    }

    /// Two's complement negation.
    pub fn negated(&self) -> Bits {
        let mut carry = true;
        Bits(
            self.0
                .iter()
                .map(|&bit| {
                    let sum = !bit ^ carry;
                    carry = !bit && carry;
                    sum
                })
                .collect(),
        )
    }

    /// The same width, shifted with zeros entering.
    pub fn shifted_left(&self, by: u64) -> Bits {
        let bit = |i: usize| i.checked_sub(by as usize).is_some_and(|from| self.0[from]);
        Bits((0..self.0.len()).map(bit).collect())
    }

    /// The same width, shifted with zeros entering.
    pub fn shifted_right(&self, by: u64) -> Bits {
        let above = self.0.iter().copied().chain(std::iter::repeat(false));
        let skipped = by.min(self.0.len() as u64) as usize;
        Bits(above.skip(skipped).take(self.0.len()).collect())
    }

    /// Smallest width that holds the value unsigned; at least 1.
    pub fn unsigned_width(&self) -> u32 {
        self.0
            .iter()
            .rposition(|&bit| bit)
            .map_or(1, |i| i as u32 + 1)
    }

    /// Smallest width that holds the value in two's complement; at least 1.
    pub fn signed_width(&self) -> u32 {
        let top = self.top();
        self.0
            .iter()
            .rposition(|&bit| bit != top)
            .map_or(1, |i| i as u32 + 2)
    }

    /// `Some(k)` if exactly the low k bits are set.
    pub fn low_mask(&self) -> Option<u32> {
        let ones = self.0.iter().take_while(|&&bit| bit).count();
        self.0[ones..]
            .iter()
            .all(|&bit| !bit)
            .then_some(ones as u32)
    }

    /// The value, if it fits in 64 bits.
    pub fn value(&self) -> Option<u64> {
        (self.unsigned_width() <= 64).then(|| {
            let low = self.0.iter().take(64).enumerate();
            low.fold(0, |value, (i, &bit)| value | (bit as u64) << i)
        })
    }
}

/// Sized Verilog: `1'b1`, `12'd37`, `40'h3e80`.
impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let width = self.width();
        match self.value() {
            Some(value) if width == 1 => write!(f, "1'b{value}"),
            Some(value) if value < 4096 => write!(f, "{width}'d{value}"),
            _ => {
                let digits = self.0[..self.unsigned_width() as usize].chunks(4).rev();
                write!(f, "{width}'h")?;
                for digit in digits {
                    let value = digit.iter().rev().fold(0, |v, &bit| v << 1 | bit as u32);
                    write!(f, "{value:x}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(Bits::parse("3e8", 16, 40).unwrap().to_string(), "40'd1000");
        assert_eq!(Bits::new(0x12345, 20).to_string(), "20'h12345");
        assert_eq!(Bits::new(5, 16).negated().to_string(), "16'hfffb");
        let wide = Bits::parse("123456789012345678901234567890", 10, 100).unwrap();
        assert_eq!(wide.to_string(), "100'h18ee90ff6c373e0ee4e3f0ad2");
        assert_eq!(Bits::parse("102", 2, 8), None);
    }

    #[test]
    fn shifts() {
        let bits = Bits::new(0b1011, 5);
        assert_eq!(bits.shifted_left(2), Bits::new(0b01100, 5));
        assert_eq!(bits.shifted_right(1), Bits::new(0b00101, 5));
        assert_eq!(bits.shifted_right(u64::MAX), Bits::new(0, 5));
        assert_eq!(bits.shifted_left(u64::MAX), Bits::new(0, 5));
    }

    #[test]
    fn widths() {
        assert_eq!(Bits::new(0, 8).unsigned_width(), 1);
        assert_eq!(Bits::new(37, 32).unsigned_width(), 6);
        assert_eq!(Bits::new(0xfffb, 16).signed_width(), 4);
        assert_eq!(Bits::new(0xff, 32).low_mask(), Some(8));
        assert_eq!(Bits::new(0xfd, 32).low_mask(), None);
    }
}
