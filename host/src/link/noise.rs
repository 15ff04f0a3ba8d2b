//! What goes wrong on a line: bytes that are lost, doubled or changed, and ends that disagree on the rate.

use sim::bittrue::Xorshift;

/// Spoils a share of the bytes that pass, the same ones for the same seed.
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

    /// The bytes as they arrive: each spoiled one is changed, dropped or doubled.
    pub fn pass(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut passed = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            if u32::from(self.random.draw()) >= self.per_65536 {
                passed.push(byte);
                continue;
            }
            match self.random.draw() % 3 {
                0 => passed.push(byte ^ (1 + self.random.draw() % 255) as u8),
                1 => {}
                _ => passed.extend([byte, byte]),
            }
        }
        passed
    }
}

/// What a UART at the rate `read` makes of bytes sent back to back at the rate `sent`: it samples in the
/// middle of its own bits after a falling edge and drops a byte without a stop bit.
pub fn misread(bytes: &[u8], sent: u32, read: u32) -> Vec<u8> {
    let bits: Vec<bool> = bytes
        .iter()
        .flat_map(|&byte| {
            let data = (0..8).map(move |bit| byte >> bit & 1 == 1);
            [false].into_iter().chain(data).chain([true])
        })
        .collect();
    // Time in bits of the sender.
    let level = |time: f64| bits.get(time as usize).copied().unwrap_or(true);
    let bit = f64::from(sent) / f64::from(read.max(1));
    let mut heard = vec![];
    let mut time = 0.0;
    while time < bits.len() as f64 {
        if level(time) {
            time = time.floor() + 1.0;
            continue;
        }
        let sample = |index: u32| level(time + bit * (0.5 + f64::from(index)));
        let byte = (0..8).fold(0, |byte, index| byte | u8::from(sample(index + 1)) << index);
        if sample(9) {
            heard.push(byte);
        }
        time += 9.5 * bit;
    }
    heard
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_that_agree_hear_what_is_sent() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(misread(&bytes, 1_000_000, 1_000_000), bytes);
        // The last sample of a byte is still inside the stop bit at 2 % more.
        assert_eq!(misread(&bytes, 102, 100), bytes);
        assert_ne!(misread(&bytes, 1_000_000, 115_200), bytes);
        assert!(!misread(&bytes, 115_200, 1_000_000).is_empty());
    }

    #[test]
    fn noise_spoils_its_share_and_repeats_itself() {
        let bytes = vec![0x55; 100_000];
        let passed = Noise::new(0.01, 7).pass(&bytes);
        assert_eq!(passed, Noise::new(0.01, 7).pass(&bytes));
        let changed = passed.iter().filter(|&&byte| byte != 0x55).count();
        assert!((233..433).contains(&changed), "{changed} of about 333");
        assert!(passed.len().abs_diff(bytes.len()) < 200);
        assert_eq!(Noise::new(0.0, 7).pass(&bytes), bytes);
    }
}
