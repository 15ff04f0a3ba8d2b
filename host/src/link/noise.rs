//! A line that loses, doubles and changes bytes, the same ones for the same seed.

use sim::bittrue::Xorshift;

/// Spoils a share of the bytes that pass.
#[derive(Clone, Debug)]
pub struct Noise {
    random: Xorshift,
    /// Of 2^16 bytes so many are spoiled.
    per_65536: u32,
}

impl Noise {
    /// `share` is 0…1.
    pub fn new(share: f64, seed: u32) -> Noise {
        Noise {
            random: Xorshift::seed(seed),
            per_65536: (share * 65536.0).round() as u32,
        }
    }

    /// Passes bytes on to `out`: each spoiled one is changed, dropped or doubled.
    pub fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for &byte in bytes {
            if u32::from(self.random.draw()) >= self.per_65536 {
                out.push(byte);
                continue;
            }
            match self.random.draw() % 3 {
                0 => out.push(byte ^ (1 + self.random.draw() % 255) as u8),
                1 => {}
                _ => out.extend([byte, byte]),
            }
        }
    }
}
