//! What the example's test bench sends, and what must come back.

use hdl::arch::Plan;
use sim::bittrue::{Mode, Sample};
use sim::fault::wild;
use sim::weights::Weights;

use super::reference::{Exchange, Reference};

/// Samples of each round at most. More show no fault that these do not (`cargo test -p host --test command
/// every_fault`), and the bench stays a matter of seconds.
pub const SAMPLES: usize = 4;
/// No further sample begins in a round that has run for so many cycles: a simulator of events makes a few thousand a
/// second.
const CYCLES: u64 = 20_000;

/// What a core is sent, command by command, and what must come of each.
pub struct Example(Vec<Exchange>);

/// The core is configured. Then, from seeded initial weights and again from weights over the whole range of their
/// format: every sample is learned from and inferred, and all weights are read back.
pub fn example(plan: &Plan, samples: &[Sample]) -> Example {
    let mut core = Reference::new(plan);
    let mut all = core.configure();
    let initial = Weights::initial(&plan.network);
    for weights in [&initial, &wild(plan, &initial)] {
        all.extend(core.load(weights));
        let mut cycles = 0;
        for sample in samples {
            if cycles > CYCLES {
                break;
            }
            for mode in [Mode::Learn, Mode::Infer] {
                let exchange = core.sample(sample, mode);
                cycles += exchange.writes.map_or(0, |(_, cycles)| cycles);
                all.push(exchange);
            }
        }
        all.extend(core.read());
    }
    Example(all)
}

impl Example {
    /// The two files of the test bench, commands and responses: the number of words, then one word a line, `{last,
    /// word}` in hexadecimal, and after the response to a sample 2 and the sum of its writes.
    pub fn files(&self) -> [String; 2] {
        let commands = self.0.iter().map(|exchange| (&exchange.command, None));
        let sum = |exchange: &Exchange| exchange.writes.map(|(sum, _)| sum);
        let responses = (self.0.iter()).map(|exchange| (&exchange.response, sum(exchange)));
        [lines(commands), lines(responses)]
    }
}

fn lines<'a>(frames: impl Iterator<Item = (&'a Vec<u32>, Option<u32>)>) -> String {
    let (mut text, mut count) = (String::new(), 0);
    for (words, sum) in frames {
        for (position, word) in words.iter().enumerate() {
            let last = u32::from(position + 1 == words.len());
            text += &format!("{last}{word:08x}\n");
        }
        count += words.len();
        text.extend(sum.map(|sum| format!("2{sum:08x}\n")));
    }
    format!("{count}\n{text}")
}
