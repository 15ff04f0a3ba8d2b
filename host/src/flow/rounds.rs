//! From a first guess of the clock to the fastest one that a build reaches.
//!
//! The clock decides the PLL's dividers and the UART's, so it is part of the design: another clock is another
//! netlist with another Fmax. So designs are built for one clock after another until the one they are made for
//! is (nearly) the one they reach.

use hdl::clocking::EngineClock;

/// Builds at most.
const ROUNDS: usize = 5;
/// A faster clock is tried only if it gains this share.
const GAIN: f64 = 0.02;
/// Share that each miss takes off what was reached: builds scatter.
const CAUTION: f64 = 0.03;

/// What came of one clock.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Tried {
    pub clock_mhz: f64,
    pub fmax_mhz: f64,
}

/// One build.
pub struct Round<T> {
    pub clock: EngineClock,
    pub fmax_mhz: f64,
    pub built: T,
}

impl<T> Round<T> {
    fn met(&self) -> bool {
        self.fmax_mhz >= self.clock.mhz()
    }

    pub fn tried(&self) -> Tried {
        Tried {
            clock_mhz: self.clock.mhz(),
            fmax_mhz: self.fmax_mhz,
        }
    }
}

/// Builds for one clock after another; the first of the result is the fastest that was reached, or the slowest
/// tried if none was.
///
/// `build` makes a design for a clock and tells its Fmax in MHz; `at_most` gives the fastest clock of at most so
/// many Hz.
pub fn fastest<T, E>(
    first: EngineClock,
    at_most: impl Fn(f64) -> Option<EngineClock>,
    mut build: impl FnMut(EngineClock) -> Result<(f64, T), E>,
) -> Result<Vec<Round<T>>, E> {
    let mut rounds: Vec<Round<T>> = Vec::new();
    let mut next = Some(first);
    while let Some(clock) = next {
        let (fmax_mhz, built) = build(clock)?;
        rounds.push(Round {
            clock,
            fmax_mhz,
            built,
        });
        let misses = rounds.iter().filter(|round| !round.met()).count();
        // The first guess says nothing of how builds scatter.
        let caution = CAUTION * misses.saturating_sub(1) as f64;
        let reached = (rounds.iter().filter(|round| round.met()))
            .map(|round| round.clock.hz)
            .fold(0.0, f64::max);
        next = at_most(fmax_mhz * 1e6 * (1.0 - caution)).filter(|next| {
            let known = rounds.iter().any(|round| round.clock == *next);
            rounds.len() < ROUNDS && !known && next.hz > reached * (1.0 + GAIN)
        });
    }
    let key = |round: &Round<T>| {
        if round.met() {
            -round.clock.hz
        } else {
            round.clock.hz
        }
    };
    rounds.sort_by(|a, b| key(a).total_cmp(&key(b)));
    Ok(rounds)
}

#[cfg(test)]
mod tests {
    use hdl::board::Board;

    use super::*;

    /// Clocks tried in MHz, and the chosen one first, when a build for `mhz` reaches `fmax(mhz)`.
    fn run(first: f64, fmax: impl Fn(f64) -> f64) -> (Vec<f64>, f64, bool) {
        let board = Board::load("colorlight-i5").unwrap();
        let at_most = |hz| EngineClock::at_most(board, hz);
        let mut tried = Vec::new();
        let rounds = fastest(at_most(first * 1e6).unwrap(), at_most, |clock| {
            tried.push((clock.mhz() * 10.0).round() / 10.0);
            Ok::<_, ()>((fmax(clock.mhz()), ()))
        })
        .unwrap();
        (tried, rounds[0].clock.mhz(), rounds[0].met())
    }

    #[test]
    fn a_steady_build_needs_two_rounds() {
        let (tried, mhz, met) = run(60.0, |_| 53.4);
        assert_eq!((tried, met), (vec![60.0, 53.3], true));
        assert!(mhz < 53.4);
        // From below too; and a guess that is right needs one.
        assert_eq!(run(25.0, |_| 53.4).0, [25.0, 53.3]);
        assert_eq!(run(53.4, |_| 53.9).0, [53.3]);
    }

    #[test]
    fn a_build_that_scatters_ends_at_a_clock_that_it_reached() {
        // Every other clock gives a placement that is 6 % slower.
        for phase in 0..2 {
            let count = std::cell::Cell::new(phase);
            let (tried, mhz, met) = run(60.0, |_| {
                count.set(count.get() + 1);
                if count.get() % 2 == 0 {
                    50.0
                } else {
                    53.4
                }
            });
            assert!(met && mhz <= 53.4 && mhz > 47.0, "{tried:?} {mhz}");
        }
    }

    #[test]
    fn a_build_that_always_misses_is_told_as_missed() {
        let (tried, mhz, met) = run(60.0, |mhz| mhz * 0.9);
        assert_eq!(tried.len(), ROUNDS);
        assert!(!met && mhz < 50.0);
    }
}
