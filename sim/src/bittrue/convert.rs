//! Real numbers to and from the fixed-point integers of the network's formats.

/// The value of one least significant bit, 2^−fraction (exact).
pub fn lsb(fraction: u32) -> f64 {
    1.0 / (1u64 << fraction) as f64
}

/// A state or target from a file: clip(floor(v·ONE + ½), 0, ONE) with ONE = 2^fraction (design §1).
///
/// `value` must not be NaN; readers of files refuse it.
pub fn state_from_real(value: f64, fraction: u32) -> u16 {
    let one = f64::from(1u32 << fraction);
    (value * one + 0.5).floor().clamp(0.0, one) as u16
}

/// The real value of a raw state.
pub fn state_to_real(state: u16, fraction: u32) -> f64 {
    f64::from(state) * lsb(fraction)
}

/// The real value of a raw weight or bias.
pub fn weight_to_real(weight: i16, fraction: u32) -> f64 {
    f64::from(weight) * lsb(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::{I3F13, I4F12};
    use proptest::prelude::*;

    #[test]
    fn halves_round_up_and_the_range_is_closed() {
        assert_eq!(state_from_real(0.5 / 4096.0, 12), 1);
        assert_eq!(state_from_real(1.5 / 4096.0, 12), 2);
        assert_eq!(state_from_real(-3.0, 12), 0);
        assert_eq!(state_from_real(1.0, 12), 4096);
        assert_eq!(state_from_real(f64::INFINITY, 12), 4096);
    }

    proptest! {
        #[test]
        fn every_state_survives_the_way_there_and_back(fraction in 2u32..=14, part in 0.0f64..=1.0) {
            let raw = (part * f64::from(1u32 << fraction)) as u16;
            prop_assert_eq!(state_from_real(state_to_real(raw, fraction), fraction), raw);
        }

        #[test]
        fn conversion_agrees_with_the_crate_fixed(value in 0.0f64..=1.0, weight: i16) {
            // `fixed` rounds halves to even, so stay off the exact halves.
            prop_assume!((value * 8192.0).fract() != 0.0);
            prop_assert_eq!(state_from_real(value, 12) as i16, I4F12::from_num(value).to_bits());
            prop_assert_eq!(weight_to_real(weight, 13), I3F13::from_bits(weight).to_num::<f64>());
        }
    }
}
