//! The clock of the engine on a board: the oscillator itself, or a PLL behind it.
//!
//! Dividers are searched, not asked from a tool; the limits are the vendor's (Lattice FPGA-TN-02200 and
//! FPGA-DS-02012 for EHXPLLL, FPGA-TN-02052 and the iCE40 data sheets for SB_PLL40).

use serde::{Serialize, Serializer};

use crate::board::{Board, Family};
use crate::design::BAUD;

/// Largest error of the UART's bit time, as a share. A byte is sampled for the last time after 9.5 bits, so
/// that both ends together may err by 5 %; the host's end and the line's edges get the rest.
pub const BAUD_ERROR: f64 = 0.01;

/// A clock that a board can make.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EngineClock {
    /// Frequency in MHz.
    #[serde(rename = "mhz", serialize_with = "as_mhz")]
    pub hz: f64,
    /// `None`: the oscillator drives the engine.
    pub pll: Option<Pll>,
}

/// Settings of one PLL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "cell")]
pub enum Pll {
    /// VCO = input / `reference` · `feedback` · 2, fed back inside through the first output's divider, which
    /// is 2 so that what is fed back stays below 400 MHz; the clock is VCO / `output`.
    #[serde(rename = "EHXPLLL")]
    Ecp5 {
        reference: u32,
        feedback: u32,
        output: u32,
    },
    /// VCO = input / (`divr` + 1) · (`divf` + 1); the clock is VCO / 2^`divq`.
    #[serde(rename = "SB_PLL40")]
    Ice40 {
        divr: u32,
        divf: u32,
        divq: u32,
        filter_range: u32,
    },
}

/// Divider of the ECP5's first output, which only feeds back.
pub const ECP5_FEEDBACK_OUTPUT: u32 = 2;

/// Limits in Hz.
mod limit {
    use std::ops::RangeInclusive;

    pub const ECP5_PHASE_DETECTOR: RangeInclusive<f64> = 10e6..=400e6;
    pub const ECP5_VCO: RangeInclusive<f64> = 400e6..=800e6;
    pub const ECP5_OUTPUT: RangeInclusive<f64> = 10e6..=400e6;
    pub const ECP5_FEEDBACK_DIVIDERS: u32 = 80;
    pub const ECP5_DIVIDERS: u32 = 128;
    pub const ICE40_PHASE_DETECTOR: RangeInclusive<f64> = 10e6..=133e6;
    pub const ICE40_VCO: RangeInclusive<f64> = 533e6..=1066e6;
    pub const ICE40_OUTPUT: RangeInclusive<f64> = 16e6..=275e6;
    pub const ICE40_DIVR: u32 = 15;
    pub const ICE40_DIVF: u32 = 127;
    pub const ICE40_DIVQ: u32 = 6;
}

/// Time after configuration or the lock of a PLL before which nothing may rely on a block RAM: those of iCE40 give
/// zeros for some 36 cycles of 12 MHz, longer at a faster clock.
pub const SETTLE_SECONDS: f64 = 15e-6;

/// The same in cycles of a clock, rounded up to a power of two.
pub fn settle_cycles(hz: f64) -> u32 {
    ((SETTLE_SECONDS * hz).ceil() as u32).next_power_of_two()
}

impl EngineClock {
    /// The board's oscillator, without a PLL.
    pub fn oscillator(board: &Board) -> EngineClock {
        EngineClock {
            hz: board.clock.hz.into(),
            pll: None,
        }
    }

    /// The fastest clock of at most `hz` that the board can make and that the UART can live with; `None` if
    /// all are faster.
    pub fn at_most(board: &Board, hz: f64) -> Option<EngineClock> {
        let mut best: Option<EngineClock> = None;
        let mut consider = |clock: EngineClock| {
            // The first of equals stays: no PLL, or the one whose phase detector is fastest.
            if clock.hz <= hz
                && clock.baud_error() <= BAUD_ERROR
                && best.is_none_or(|b| clock.hz > b.hz)
            {
                best = Some(clock);
            }
        };
        consider(EngineClock::oscillator(board));
        match board.device.family {
            Family::Ecp5 => ecp5(board.clock.hz, &mut consider),
            Family::Ice40 => ice40(board.clock.hz, &mut consider),
        }
        best
    }

    pub fn mhz(&self) -> f64 {
        self.hz / 1e6
    }

    /// Clock cycles that a bit lasts on the UART.
    pub fn baud_divider(&self) -> u32 {
        (self.hz / f64::from(BAUD)).round() as u32
    }

    fn baud_error(&self) -> f64 {
        let baud = self.hz / f64::from(self.baud_divider().max(1));
        (baud / f64::from(BAUD) - 1.0).abs()
    }
}

fn as_mhz<S: Serializer>(hz: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(hz / 1e6)
}

fn ecp5(input: u32, consider: &mut impl FnMut(EngineClock)) {
    for reference in 1..=limit::ECP5_DIVIDERS {
        let detector = f64::from(input) / f64::from(reference);
        if !limit::ECP5_PHASE_DETECTOR.contains(&detector) {
            continue;
        }
        for feedback in 1..=limit::ECP5_FEEDBACK_DIVIDERS {
            let vco = detector * f64::from(feedback * ECP5_FEEDBACK_OUTPUT);
            if !limit::ECP5_VCO.contains(&vco) {
                continue;
            }
            for output in 1..=limit::ECP5_DIVIDERS {
                let hz = vco / f64::from(output);
                if limit::ECP5_OUTPUT.contains(&hz) {
                    let pll = Some(Pll::Ecp5 {
                        reference,
                        feedback,
                        output,
                    });
                    consider(EngineClock { hz, pll });
                }
            }
        }
    }
}

fn ice40(input: u32, consider: &mut impl FnMut(EngineClock)) {
    for divr in 0..=limit::ICE40_DIVR {
        let detector = f64::from(input) / f64::from(divr + 1);
        if !limit::ICE40_PHASE_DETECTOR.contains(&detector) {
            continue;
        }
        for divf in 0..=limit::ICE40_DIVF {
            let vco = detector * f64::from(divf + 1);
            if !limit::ICE40_VCO.contains(&vco) {
                continue;
            }
            for divq in 0..=limit::ICE40_DIVQ {
                let hz = vco / f64::from(1 << divq);
                if limit::ICE40_OUTPUT.contains(&hz) {
                    let filter_range = filter_range(detector);
                    let pll = Some(Pll::Ice40 {
                        divr,
                        divf,
                        divq,
                        filter_range,
                    });
                    consider(EngineClock { hz, pll });
                }
            }
        }
    }
}

/// The loop filter for a phase detector's frequency, as icepll chooses it.
fn filter_range(detector: f64) -> u32 {
    const ABOVE: [f64; 5] = [17e6, 26e6, 44e6, 66e6, 101e6];
    1 + ABOVE.iter().filter(|&&edge| detector >= edge).count() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every tenth of a MHz on every board.
    fn wanted() -> impl Iterator<Item = f64> {
        (100..2500).map(|tenths| f64::from(tenths) * 1e5)
    }

    #[test]
    fn a_clock_is_never_faster_than_asked_and_rarely_much_slower() {
        for board in Board::all() {
            let mut slowest: f64 = 1.0;
            for hz in wanted() {
                let Some(clock) = EngineClock::at_most(board, hz) else {
                    assert!(
                        hz < f64::from(board.clock.hz) && hz < 16e6,
                        "{} {hz}",
                        board.name
                    );
                    continue;
                };
                assert!(clock.hz <= hz);
                assert!(clock.baud_error() <= BAUD_ERROR);
                if hz > 20e6 {
                    slowest = slowest.min(clock.hz / hz);
                }
            }
            // Around 22 MHz the UART refuses most.
            assert!(slowest > 0.95, "{}: {slowest}", board.name);
        }
    }

    #[test]
    fn settings_make_the_frequency_within_the_vendors_limits() {
        for board in Board::all() {
            let input = f64::from(board.clock.hz);
            for clock in wanted().filter_map(|hz| EngineClock::at_most(board, hz)) {
                let Some(pll) = clock.pll else {
                    assert_eq!(clock.hz, input);
                    continue;
                };
                let (detector, vco, output) = match pll {
                    Pll::Ecp5 {
                        reference,
                        feedback,
                        output,
                    } => {
                        let detector = input / f64::from(reference);
                        assert!((10e6..=400e6).contains(&detector) && feedback <= 80);
                        let vco = detector * f64::from(feedback) * 2.0;
                        assert!((400e6..=800e6).contains(&vco));
                        (detector, vco, f64::from(output))
                    }
                    Pll::Ice40 {
                        divr,
                        divf,
                        divq,
                        filter_range,
                    } => {
                        assert!(divr < 16 && divf < 128 && (1..=6).contains(&divq));
                        assert!((1..=6).contains(&filter_range));
                        let detector = input / f64::from(divr + 1);
                        let vco = detector * f64::from(divf + 1);
                        assert!((533e6..=1066e6).contains(&vco));
                        (detector, vco, f64::from(1 << divq))
                    }
                };
                assert!(detector > 0.0 && (vco / output - clock.hz).abs() < 1e-3);
            }
        }
    }

    /// `icepll -i 12 -o 19.875`, `-o 48`, `-o 60`.
    #[test]
    fn ice40_settings_are_those_of_icepll() {
        let board = Board::load("icebreaker").expect("a board");
        for (mhz, divf, divq) in [(19.875, 52, 5), (48.0, 63, 4), (60.0, 79, 4)] {
            let clock = EngineClock::at_most(board, mhz * 1e6).expect("a clock");
            let pll = Pll::Ice40 {
                divr: 0,
                divf,
                divq,
                filter_range: 1,
            };
            assert_eq!((clock.mhz(), clock.pll), (mhz, Some(pll)));
        }
    }

    #[test]
    fn the_oscillator_is_used_as_it_is_where_a_pll_gains_nothing() {
        for board in Board::all() {
            let hz = f64::from(board.clock.hz);
            let clock = EngineClock::at_most(board, hz);
            assert_eq!(clock, Some(EngineClock::oscillator(board)));
            assert_eq!(EngineClock::at_most(board, 5e6), None);
        }
    }
}
