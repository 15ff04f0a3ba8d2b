//! Training samples streamed to a board, the bit-true model beside it.

use std::cell::RefCell;
use std::collections::VecDeque;

use hdl::arch::registers::{status, Register};
use hdl::arch::stream::{self, Purpose};
use sim::bittrue::{Mode, Sample};
use sim::data::Dataset;
use sim::train::{doublings, Augmenter, Measure, Score, Split};
use sim::weights::Weights;

use super::judge::{judge, score, Judged};
use super::shadow::Shadow;
use crate::link::{response, Device, LinkError};

/// Samples over which the live accuracy is taken.
pub const LAST: usize = 200;

/// Which samples are shown, in which order.
pub struct Lesson<'a> {
    pub data: &'a Dataset,
    pub split: &'a Split,
    pub samples: u64,
}

/// What came of it.
pub struct Trained {
    /// The last samples, as they were answered before they were learned.
    pub last: Score,
    pub learned: u64,
    /// `None` without a validation part.
    pub chosen: Option<Chosen>,
}

/// The weights that answered the validation part best after an epoch, the first of equal ones.
pub struct Chosen {
    /// Counted from 1.
    pub epoch: u32,
    pub score: Score,
    pub weights: Weights,
}

/// What an answer belongs to.
enum Sent {
    Doublings(u32),
    Sample(Box<Sample>, usize),
}

impl Lesson<'_> {
    /// Streams the training samples, and the halvings of the rate between epochs, to the board; hands
    /// the samples done and how the last ones were answered to `each`. What an epoch is worth the model beside the board
    /// says, whose weights are the board's.
    ///
    /// # Errors
    /// The board does not answer, or refuses a command.
    pub fn teach(
        &self,
        device: &mut Device,
        shadow: &mut Shadow,
        mut each: impl FnMut(u64, &Score),
    ) -> Result<Trained, LinkError> {
        let network = device.plan().network.clone();
        let fraction = network.formats.state_fraction;
        let augmenter = &Augmenter::new(&network, self.data);
        let sent = &RefCell::new(VecDeque::new());
        let epochs = network.learning.epochs;
        let commands = (0..epochs).flat_map(|epoch| {
            let m = doublings(&network.learning, epoch, epochs);
            sent_later(
                Sent::Doublings(m),
                sent,
                stream::write_register(Register::Doublings, m),
            )
            .chain(self.split.order(epoch).into_iter().flat_map(move |index| {
                let mut sample = self.data.sample(index, fraction);
                if let Some(augmenter) = augmenter {
                    augmenter.apply(&mut sample.input, epoch, index);
                }
                let purpose = Purpose::Learn(&sample.target);
                let command = stream::sample(&sample.input, purpose, true);
                let label = self.data.label(index);
                sent_later(Sent::Sample(Box::new(sample), label), sent, command)
            }))
        });
        let first = self.split.train().len() as u64;
        // One write of the rate goes before each epoch.
        let writes = self.samples.div_ceil(first.max(1));
        let (mut done, mut learned) = (0, 0);
        let mut last: VecDeque<Judged> = VecDeque::new();
        let mut chosen = None;
        device.stream(
            commands.take((self.samples + writes) as usize),
            |_, words| {
                match sent
                    .borrow_mut()
                    .pop_front()
                    .expect("every answer has its command")
                {
                    Sent::Doublings(m) if *words == [status::DONE] => shadow.set_doublings(m),
                    Sent::Doublings(_) => drop(response(words)?),
                    Sent::Sample(sample, label) => {
                        let response = response(words)?;
                        shadow.compare(&sample, Mode::Learn, &response);
                        learned += u64::from(response.learned);
                        done += 1;
                        let judged = response.answer.as_ref();
                        let judged = judged.map(|answer| judge(answer, &sample, fraction, label).1);
                        last.push_back(judged.unwrap_or_default());
                        if last.len() > LAST {
                            last.pop_front();
                        }
                        if done % first == 0 {
                            self.choose((done / first) as u32, shadow, &mut chosen);
                        }
                        each(done, &score(last.iter().copied()));
                    }
                }
                Ok(())
            },
        )?;
        Ok(Trained {
            last: score(last),
            learned,
            chosen,
        })
    }

    /// Keeps the weights after an epoch if the validation part likes them better than all before.
    fn choose(&self, epoch: u32, shadow: &Shadow, chosen: &mut Option<Chosen>) {
        let kept = self.split.validation();
        if kept.is_empty() {
            return;
        }
        let measure = Measure::of(self.data);
        let score = shadow.score(self.data, kept);
        let goodness = |score: &Score| measure.goodness(measure.score(score));
        if chosen
            .as_ref()
            .is_none_or(|best| goodness(&score) > goodness(&best.score))
        {
            *chosen = Some(Chosen {
                epoch,
                score,
                weights: shadow.weights(),
            });
        }
    }
}

/// The command, noted as sent when it is taken.
fn sent_later<'a>(
    what: Sent,
    sent: &'a RefCell<VecDeque<Sent>>,
    command: Vec<u32>,
) -> impl Iterator<Item = Vec<u32>> + 'a {
    let mut what = Some(what);
    std::iter::once(command).inspect(move |_| sent.borrow_mut().extend(what.take()))
}
