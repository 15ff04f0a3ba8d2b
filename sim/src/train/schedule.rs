//! How the learning rate falls over a run.

use hdl::config::Network;

/// The rate is halved M times, after equal parts of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Passes over the training data, at least 1.
    pub epochs: u32,
    /// M: how often the rate is halved.
    pub halvings: u32,
}

impl Schedule {
    /// The epochs and halvings of a network.
    pub fn of(network: &Network) -> Self {
        Self {
            epochs: network.learning.epochs,
            halvings: network.learning.halvings,
        }
    }

    /// m of rule 7 in `epoch` (from 0): M − ⌊(M + 1)·epoch / epochs⌋, and 0 beyond the last epoch.
    pub fn halvings_left(&self, epoch: u32) -> u32 {
        let (epoch, parts) = (u64::from(epoch), u64::from(self.halvings) + 1);
        let done = parts * epoch / u64::from(self.epochs.max(1));
        // At most M, which is a u32.
        self.halvings - done.min(self.halvings.into()) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_epochs_with_three_halvings_are_four_tens() {
        let schedule = Schedule {
            epochs: 40,
            halvings: 3,
        };
        let left: Vec<u32> = (0..41).map(|epoch| schedule.halvings_left(epoch)).collect();
        assert_eq!(left[0..10], [3; 10]);
        assert_eq!(left[10..20], [2; 10]);
        assert_eq!(left[30..], [0; 11]);
    }

    #[test]
    fn few_epochs_skip_rates_and_no_halving_keeps_the_rate() {
        let left = |epochs, halvings| {
            let schedule = Schedule { epochs, halvings };
            (0..epochs)
                .map(|epoch| schedule.halvings_left(epoch))
                .collect::<Vec<_>>()
        };
        assert_eq!(left(2, 3), [3, 1]);
        assert_eq!(left(3, 0), [0, 0, 0]);
    }
}
