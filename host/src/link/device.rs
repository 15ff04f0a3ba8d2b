//! A board that runs a network: what `hdl::arch::stream` can say to its core, over a session.

use hdl::arch::link::Identity;
use hdl::arch::protocol::{counter, Request};
use hdl::arch::registers::{status, Register};
use hdl::arch::stream::{self, PairResponse, Purpose, Response};
use hdl::arch::{Link, Plan};
use hdl::config::Network;
use sim::bittrue::Sample;
use sim::progress::{self, Progress, Silent};
use sim::weights::Weights;

use super::{LinkError, Session, Statistics};

/// A board with the plan of a network that fits it.
pub struct Device {
    session: Session,
    identity: Identity,
    plan: Plan,
    progress: Box<dyn Progress>,
}

/// An answer of inference.
pub enum Answered {
    One(Response),
    /// Two samples that ran by turns.
    Two(PairResponse),
}

impl Answered {
    /// Cycles of the core.
    pub fn cycles(&self) -> u64 {
        let (Answered::One(Response { cycles, .. }) | Answered::Two(PairResponse { cycles, .. })) =
            self;
        u64::from(*cycles)
    }

    /// Non-zero outputs and the answer of each sample.
    pub fn answers(&self) -> &[stream::Answer] {
        match self {
            Answered::One(response) => response.answer.as_slice(),
            Answered::Two(response) => &response.answers,
        }
    }
}

/// Words of a frame that carries weights. Longer frames save little of the line, and a spoiled one
/// costs more.
const PIECE_WORDS: usize = 64;
/// The same on a line on which many frames had to be sent again.
const SHORT_WORDS: usize = 16;

impl Device {
    /// Maps the network to the board's hardware; nothing is sent yet.
    ///
    /// # Errors
    /// The network does not fit: which fields of the configuration are others.
    pub fn new(
        session: Session,
        identity: Identity,
        network: &Network,
    ) -> Result<Device, LinkError> {
        let plan = Plan::on(network, &identity.shape).map_err(|reason| {
            let differences = differences(network, &identity);
            LinkError::Configuration {
                reason,
                differences,
            }
        })?;
        Ok(Device {
            session,
            identity,
            plan,
            progress: Box::new(Silent),
        })
    }

    /// Has long transfers of weights told.
    pub fn tell(&mut self, progress: Box<dyn Progress>) {
        self.progress = progress;
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether the board was generated for exactly this network.
    pub fn made_for_it(&self) -> bool {
        self.plan.hash == self.identity.hash
    }

    pub fn statistics(&self) -> Statistics {
        self.session.statistics()
    }

    /// The board's own counters.
    ///
    /// # Errors
    /// As [`Session::run`]; so also below.
    pub fn counters(&mut self) -> Result<[u32; counter::COUNT], LinkError> {
        self.session.counters()
    }

    /// Has the board send words back; returns how many came back changed.
    pub fn echo(&mut self, frames: Vec<Vec<u32>>) -> Result<usize, LinkError> {
        let sent = frames.clone();
        let mut changed = 0;
        self.session.run(Request::Echo, frames, |index, words| {
            let pairs = sent[index].iter().zip(words);
            changed += sent[index].len().abs_diff(words.len());
            changed += pairs.filter(|(sent, came)| sent != came).count();
            Ok(())
        })?;
        Ok(changed)
    }

    /// Words of an echo.
    pub fn echo_words(&self) -> usize {
        self.identity
            .answer_words
            .min(PIECE_WORDS)
            .min(self.room() / 4)
    }

    /// Bytes of a frame's words of which several find room in the board.
    fn room(&self) -> usize {
        self.identity.receive_bytes / 2 - Link::receive_bytes_of(0)
    }

    /// Writes registers and schedule: from now on the board runs this network. Its weights and the state of
    /// its random numbers stay.
    pub fn configure(&mut self) -> Result<(), LinkError> {
        let random = self.read_random()?;
        self.write("configuring", &self.plan.configure())?;
        self.set(Register::Random, random)
    }

    /// Writes all weights and biases.
    pub fn load(&mut self, weights: &Weights) -> Result<(), LinkError> {
        let commands = self.plan.load(
            |block, row, column| weights.blocks[block][(row, column)],
            |layer, unit| weights.biases[layer - 1][unit],
        );
        self.write("writing weights", &commands)
    }

    /// Reads all weights and biases.
    pub fn read_weights(&mut self) -> Result<Weights, LinkError> {
        let banks = self.read(&stream::read_banks(&self.plan))?;
        let biases = self.read(&stream::read_biases(&self.plan))?;
        let mut weights = Weights::zero(&self.plan.network);
        self.plan.unload(&banks, &biases, |parameter, value| {
            *weights.at_mut(&parameter) = value;
        });
        Ok(weights)
    }

    /// The state of the random number generator.
    pub fn read_random(&mut self) -> Result<u32, LinkError> {
        Ok(self.read(&[stream::read_random()])?[0])
    }

    /// Writes one register.
    pub fn set(&mut self, register: Register, value: u32) -> Result<(), LinkError> {
        self.write("writing", &[stream::write_register(register, value)])
    }

    /// Has samples answered, two at a time where the board takes them by turns; `each` gets the position of an
    /// answer's first sample.
    pub fn infer(
        &mut self,
        count: usize,
        sample: impl Fn(usize) -> Sample,
        mut each: impl FnMut(usize, Answered),
    ) -> Result<(), LinkError> {
        let at_once = if self.plan.shape.interleaves() { 2 } else { 1 };
        let pairs = |first: usize| at_once == 2 && first + 1 < count;
        let commands = (0..count).step_by(at_once).map(|first| {
            let input = sample(first).input;
            match pairs(first) {
                true => stream::pair([&input, &sample(first + 1).input]),
                false => stream::sample(&input, Purpose::Infer, true),
            }
        });
        self.stream(commands, |index, words| {
            let first = at_once * index;
            let answered = match pairs(first) {
                true => Answered::Two(pair_response(words)?),
                false => Answered::One(response(words)?),
            };
            each(first, answered);
            Ok(())
        })
    }

    /// Streams commands whose answers are one frame each, in order; keeps the line full.
    pub fn stream(
        &mut self,
        commands: impl IntoIterator<Item = Vec<u32>>,
        each: impl FnMut(usize, &[u32]) -> Result<(), LinkError>,
    ) -> Result<(), LinkError> {
        self.session.run(Request::Core, commands, each)
    }

    fn write(&mut self, what: &str, commands: &[Vec<u32>]) -> Result<(), LinkError> {
        let pieces = self.pieces(commands);
        let counts: Vec<usize> = pieces.iter().map(Vec::len).collect();
        let progress = progress::of_words(&*self.progress, what, counts.iter().sum());
        let mut done = 0;
        self.session
            .run(Request::Core, pieces, |index, words| match words {
                [status::DONE] => {
                    done += counts[index];
                    progress.reach(done as u64);
                    Ok(())
                }
                other => Err(unexpected("a write", other)),
            })?;
        progress.finish();
        Ok(())
    }

    fn read(&mut self, commands: &[Vec<u32>]) -> Result<Vec<u32>, LinkError> {
        let pieces = self.pieces(commands);
        let counts: Vec<usize> = (pieces.iter())
            .map(|piece| (piece[0] & 0xFFFF) as usize)
            .collect();
        let words = counts.iter().sum();
        let progress = progress::of_words(&*self.progress, "reading weights back", words);
        let mut read = vec![];
        self.session.run(Request::Core, pieces, |index, words| {
            if words.len() != counts[index] {
                return Err(unexpected("a read", words));
            }
            read.extend_from_slice(words);
            progress.reach(read.len() as u64);
            Ok(())
        })?;
        progress.finish();
        Ok(read)
    }

    /// Commands in frames that the board has room for.
    fn pieces(&self, commands: &[Vec<u32>]) -> Vec<Vec<u32>> {
        let (lanes, identity) = (self.plan.shape.lanes, &self.identity);
        let Statistics {
            frames, retries, ..
        } = self.session.statistics();
        let piece = match retries > frames / 4 {
            true => SHORT_WORDS,
            false => PIECE_WORDS,
        };
        let write = piece.min(self.room() / 4).max(lanes + 2);
        let read = piece.min(identity.answer_words).max(lanes);
        let split = |command: &Vec<u32>| stream::split(command, lanes, write, read);
        commands.iter().flat_map(split).collect()
    }
}

/// Reads the answer to two samples that ran by turns.
fn pair_response(words: &[u32]) -> Result<PairResponse, LinkError> {
    match words {
        [status] => Err(unexpected("two samples", &[*status])),
        words => PairResponse::parse(words).ok_or_else(|| unexpected("two samples", words)),
    }
}

/// Reads the answer to a sample.
pub fn response(words: &[u32]) -> Result<Response, LinkError> {
    match words {
        [status] => Err(unexpected("a sample", &[*status])),
        words => Response::parse(words).ok_or_else(|| unexpected("a sample", words)),
    }
}

fn unexpected(question: &str, words: &[u32]) -> LinkError {
    let answer = match words {
        [status::UNKNOWN_COMMAND] => "“unknown command”".into(),
        [status::MALFORMED] => "“malformed command”".into(),
        [status::OUTSIDE] => "“no such place”".into(),
        words => format!("with {} words that are no answer to it", words.len()),
    };
    LinkError::Unexpected {
        question: question.into(),
        answer,
    }
}

/// In which fields the board's configuration is not the one that the network's own hardware would have.
fn differences(network: &Network, identity: &Identity) -> String {
    let Ok(own) = Plan::new(network, identity.shape.lanes) else {
        return "the network has no hardware of its own with as many lanes".into();
    };
    let fields = identity.differences(&own.shape).into_iter();
    let lines: Vec<String> = fields
        .map(|(name, board, own)| {
            format!("  {name}: the board has {board}, the network needs {own}")
        })
        .collect();
    lines.join("\n")
}
