//! A client of the serial protocol, as small as the four rules of `docs/protocol.md` allow, and a line that damages.

use hdl::arch::link::Identity;
use hdl::arch::protocol::{Decoder, Frame, Received, Refusal, Request};
use hdl::arch::stream::{self, Purpose, Response};
use hdl::arch::{Link, Plan};
use hdl::board::Board;
use sim::bittrue::{Sample, Xorshift};
use sim::board::{Line, VirtualBoard};
use sim::verilate::{build, BuildOptions, Cache, Library, Profile};
use sim::weights::Weights;

/// A board top, Verilated.
pub struct Hardware {
    pub plan: Plan,
    pub link: Link,
    line: Line,
    library: Library,
}

impl Hardware {
    pub fn new(plan: Plan, board: &str, line: fn(&Plan, &Board) -> Line) -> Hardware {
        let board = Board::load(board).unwrap();
        let line = line(&plan, board);
        let cache = Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/verilate"));
        let options = BuildOptions {
            profile: Profile::Quick,
            ..BuildOptions::default()
        };
        let design = line.design(&plan, board).unwrap();
        let library = build(&line.source(&design, board), &options, &cache)
            .unwrap_or_else(|error| panic!("{error}"));
        Hardware {
            link: Link::new(&plan, board),
            plan,
            line,
            library,
        }
    }

    pub fn client(&self) -> Client {
        Client::new(
            VirtualBoard::of(self.library.instance(), self.line),
            &self.link,
            // Longer than the longest answer on the line and the longest sample.
            match self.line {
                Line::Pins { .. } => 100_000,
                Line::Bytes => 10_000,
            },
        )
    }
}

/// How often a byte suffers, in 1/65536, in either direction.
struct Faults {
    rng: Xorshift,
    rate: u16,
}

impl Faults {
    /// Loses, doubles or changes some of the bytes.
    fn damage(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        let mut damaged = vec![];
        for byte in bytes {
            let hit = u32::from(self.rng.draw()) < u32::from(self.rate);
            match (hit, self.rng.draw() % 3) {
                (false, _) => damaged.push(byte),
                (true, 0) => {}
                (true, 1) => damaged.extend([byte, byte]),
                (true, _) => damaged.push(byte ^ (1 << (self.rng.draw() % 8))),
            }
        }
        damaged
    }
}

/// What went wrong on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// Frames that the board must have found damaged.
    pub damaged: u32,
    /// Times that frames were sent again.
    pub retries: u32,
}

pub struct Client {
    pub board: VirtualBoard,
    faults: Option<Faults>,
    pub trouble: Trouble,
    window: usize,
    receive_bytes: usize,
    write_words: usize,
    answer_words: usize,
    read_words: usize,
    next: u8,
    decoder: Decoder,
    /// Reads the line as the board does.
    witness: Decoder,
    patience: u64,
}

/// Cycles of one step of the simulation.
const STEP: u64 = 200;

impl Client {
    fn new(board: VirtualBoard, link: &Link, patience: u64) -> Client {
        Client {
            board,
            faults: None,
            trouble: Trouble::default(),
            window: link.window,
            receive_bytes: link.receive_bytes,
            write_words: (link.receive_bytes - 1 - Link::receive_bytes_of(0)) / 8,
            answer_words: link.answer_words(),
            read_words: link.answer_words(),
            next: 0,
            decoder: Decoder::default(),
            witness: Decoder::default(),
            patience,
        }
    }

    /// From now on the line damages bytes. Short frames get through more often.
    pub fn damage(&mut self, seed: u32, rate: u16) {
        let rng = Xorshift::seed(seed);
        self.faults = Some(Faults { rng, rate });
        (self.write_words, self.read_words) = (12, 12);
    }

    /// Sends bytes through the line's faults.
    pub fn send(&mut self, bytes: Vec<u8>) {
        let bytes = match &mut self.faults {
            None => bytes,
            Some(faults) => faults.damage(bytes),
        };
        let seen = self.witness.extend(bytes.iter().copied());
        let damaged = seen.iter().filter(|seen| **seen == Received::Damaged);
        self.trouble.damaged += damaged.count() as u32;
        self.board.send(&bytes);
    }

    /// Lets time pass; frames that arrive whole.
    pub fn receive(&mut self, cycles: u64) -> Vec<Frame> {
        let mut bytes = vec![];
        self.board.step(cycles, &mut bytes).unwrap();
        if let Some(faults) = &mut self.faults {
            bytes = faults.damage(bytes);
        }
        let frame = |received| match received {
            Received::Frame(frame) => Some(frame),
            Received::Damaged => None,
        };
        let received = self.decoder.extend(bytes);
        received.into_iter().filter_map(frame).collect()
    }

    /// Sends one frame until its answer comes.
    pub fn ask(&mut self, sequence: u8, request: Request, words: Vec<u32>) -> Frame {
        let frame = Frame::request(sequence, request, words);
        for _ in 0..100 {
            self.send(frame.encode());
            for _ in 0..self.patience / STEP {
                let answer =
                    |answer: &Frame| answer.sequence == sequence && answer.kind == request.answer();
                if let Some(answer) = self.receive(STEP).into_iter().find(answer) {
                    return answer;
                }
            }
            self.trouble.retries += 1;
        }
        panic!("no answer to {request:?}");
    }

    /// Begins a session.
    pub fn hello(&mut self, sequence: u8) -> Identity {
        let answer = self.ask(sequence, Request::Hello, vec![]);
        self.next = sequence.wrapping_add(1);
        let identity = Identity::parse(&answer.words).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(identity.window, self.window);
        assert_eq!(identity.answer_words, self.answer_words);
        identity
    }

    /// Sends requests in order, many at a time; the payloads of their answers.
    pub fn batch(&mut self, requests: Vec<(Request, Vec<u32>)>) -> Vec<Vec<u32>> {
        let first = self.next;
        let frames: Vec<Frame> = requests
            .into_iter()
            .enumerate()
            .map(|(i, (request, words))| {
                Frame::request(first.wrapping_add(i as u8), request, words)
            })
            .collect();
        let mut answers: Vec<Option<Vec<u32>>> = vec![None; frames.len()];
        let (mut oldest, mut sent, mut waited, mut stale) = (0, 0, 0, 0);
        while oldest < frames.len() {
            let room = |sent: usize| {
                let size = |frame: &Frame| Link::receive_bytes_of(frame.words.len());
                let behind: usize = frames[oldest..=sent].iter().skip(1).map(size).sum();
                sent - oldest < self.window && behind < self.receive_bytes
            };
            // The line is a queue: only as much goes into it as keeps it full.
            if sent < frames.len() && room(sent) && self.board.queued() < 64 {
                let bytes = frames[sent].encode();
                self.send(bytes);
                sent += 1;
            }
            waited += STEP;
            for answer in self.receive(STEP) {
                let index = oldest + answer.sequence.wrapping_sub(frames[oldest].sequence) as usize;
                if answer.kind == Refusal::Again as u8 {
                    if (oldest..sent).contains(&index) {
                        sent = index;
                        self.trouble.retries += 1;
                    }
                } else if let Some(frame) = frames[..sent].get(index) {
                    let name = frame.sequence;
                    assert_eq!(answer.kind & 0x7F, frame.kind & 0x7F, "frame {name}");
                    answers[index].get_or_insert(answer.words);
                    waited = 0;
                }
            }
            while oldest < answers.len() && answers[oldest].is_some() {
                oldest += 1;
                stale = 0;
            }
            sent = sent.max(oldest);
            if waited > self.patience {
                stale += 1;
                assert!(stale < 1000, "no answer to frame {oldest}");
                if sent > oldest {
                    let bytes = frames[oldest].encode();
                    self.send(bytes);
                }
                self.trouble.retries += 1;
                waited = 0;
            }
        }
        self.next = first.wrapping_add(frames.len() as u8);
        answers.into_iter().map(|answer| answer.unwrap()).collect()
    }

    fn commands(&mut self, plan: &Plan, commands: &[Vec<u32>]) -> Vec<Vec<u32>> {
        let (write, read) = (self.write_words, self.read_words);
        let split = |c: &Vec<u32>| stream::split(c, plan.shape.lanes, write, read);
        let pieces = commands.iter().flat_map(split);
        self.batch(pieces.map(|piece| (Request::Core, piece)).collect())
    }

    /// Makes the device run this network from these weights.
    pub fn load(&mut self, plan: &Plan, weights: &Weights) {
        let mut commands = plan.configure();
        commands.extend(plan.load(
            |block, row, column| weights.blocks[block][(row, column)],
            |layer, unit| weights.biases[layer - 1][unit],
        ));
        for status in self.commands(plan, &commands) {
            assert_eq!(status, [0]);
        }
    }

    /// Runs samples one after another.
    pub fn samples(&mut self, samples: &[Sample], learn: bool) -> Vec<Response> {
        let command = |sample: &Sample| {
            let purpose = match learn {
                true => Purpose::Learn(&sample.target),
                false => Purpose::Infer,
            };
            (Request::Core, stream::sample(&sample.input, purpose, true))
        };
        let answers = self.batch(samples.iter().map(command).collect());
        let parse = |words: &Vec<u32>| Response::parse(words).expect("a report");
        answers.iter().map(parse).collect()
    }

    /// All weights and the random state.
    pub fn read(&mut self, plan: &Plan) -> (Weights, u32) {
        let banks = self.commands(plan, &stream::read_banks(plan)).concat();
        let biases = self.commands(plan, &stream::read_biases(plan)).concat();
        let random = self.commands(plan, &[stream::read_random()]).concat();
        let mut weights = Weights::zero(&plan.network);
        plan.unload(&banks, &biases, |parameter, value| {
            *weights.at_mut(&parameter) = value;
        });
        (weights, random[0])
    }

    /// The number of the next frame.
    pub fn next_number(&self) -> u8 {
        self.next
    }

    /// So many frames were sent by hand.
    pub fn skip(&mut self, frames: u8) {
        self.next = self.next.wrapping_add(frames);
    }

    /// The device expects this number.
    pub fn resume(&mut self, next: u8) {
        self.next = next;
    }

    pub fn counters(&mut self) -> Vec<u32> {
        self.batch(vec![(Request::Counters, vec![])]).remove(0)
    }

    /// The counters, asked for while the line is good, and how many frames were damaged until then.
    pub fn quiet_counters(&mut self) -> (Vec<u32>, u32) {
        let faults = self.faults.take();
        let counters = self.counters();
        self.faults = faults;
        (counters, self.trouble.damaged)
    }

    /// Frames that arrive within so many cycles.
    pub fn listen(&mut self, cycles: u64) -> Vec<Frame> {
        (0..cycles / STEP)
            .flat_map(|_| self.receive(STEP))
            .collect()
    }
}
