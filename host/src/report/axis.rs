//! A linear axis: data to pixels, and round numbers for its ticks.

/// Maps `from..=to` of the data onto `start..=end` in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    pub from: f64,
    pub to: f64,
    pub start: f64,
    pub end: f64,
}

impl Axis {
    /// Pixel of a data value.
    pub fn pixel(&self, value: f64) -> f64 {
        self.start + (value - self.from) / (self.to - self.from) * (self.end - self.start)
    }

    /// An axis that holds every finite value with a margin of 8 % on both sides; 0…1 without values.
    pub fn around(values: impl Iterator<Item = f64>, start: f64, end: f64) -> Axis {
        let (low, high) = values
            .filter(|value| value.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            });
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        // A constant would give an axis of no length.
        let margin = if high > low {
            (high - low) * 0.08
        } else {
            high.abs().max(1.0) * 0.5
        };
        Axis {
            from: low - margin,
            to: high + margin,
            start,
            end,
        }
    }

    /// About `count` ticks at multiples of 1, 2 or 5 · 10^n, with their texts.
    pub fn ticks(&self, count: u32) -> Vec<(f64, String)> {
        let rough = (self.to - self.from) / f64::from(count.max(1));
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .map(|factor| factor * power)
            .into_iter()
            .find(|step| *step >= rough * 0.999)
            .unwrap_or(10.0 * power);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step).floor() as i64;
        (first..=last)
            .map(|n| {
                let value = n as f64 * step;
                (value, format!("{value:.decimals$}").replace('-', "−"))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(from: f64, to: f64) -> Vec<String> {
        let axis = Axis {
            from,
            to,
            start: 0.0,
            end: 100.0,
        };
        axis.ticks(4).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(texts(0.0, 1.0), ["0.0", "0.5", "1.0"]);
        assert_eq!(texts(-3.1, 0.4), ["−3", "−2", "−1", "0"]);
        assert_eq!(texts(-0.021, 0.033), ["−0.02", "0.00", "0.02"]);
        assert_eq!(texts(990.0, 2010.0), ["1000", "1500", "2000"]);
    }

    #[test]
    fn a_constant_still_has_an_axis() {
        let axis = Axis::around([2.0, 2.0, f64::NAN].into_iter(), 100.0, 0.0);
        assert_eq!(axis.pixel(2.0), 50.0);
        assert!(!axis.ticks(4).is_empty());
    }
}
