//! A conversation with a board: hello, then requests and their answers, each executed once.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hdl::arch::link::Identity;
use hdl::arch::protocol::{counter, Decoder, Frame, Received, Refusal, Request};
use serde::Serialize;

use super::window::{Arrival, Window};
use super::{LinkError, Port};

/// What went over the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Frames sent for the first time.
    pub frames: u64,
    /// Frames sent again.
    pub retries: u64,
    /// Silences that led to one.
    pub timeouts: u64,
    /// Frames that arrived damaged.
    pub damaged: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
}

impl Statistics {
    /// What was added since `earlier`.
    pub fn since(&self, earlier: &Statistics) -> Statistics {
        Statistics {
            frames: self.frames - earlier.frames,
            retries: self.retries - earlier.retries,
            timeouts: self.timeouts - earlier.timeouts,
            damaged: self.damaged - earlier.damaged,
            bytes_sent: self.bytes_sent - earlier.bytes_sent,
            bytes_received: self.bytes_received - earlier.bytes_received,
        }
    }

    /// Bits in the direction with more of them, start and stop bits included.
    pub fn busier_bits(&self) -> u64 {
        10 * self.bytes_sent.max(self.bytes_received)
    }
}

/// A board that has said hello.
pub struct Session {
    port: Port,
    decoder: Decoder,
    window: Window,
    statistics: Statistics,
    /// Without any answer for so long the board is given up.
    patience: Duration,
    /// Mean time from a frame to its answer.
    round_trip: Option<Duration>,
    /// Whether no byte is ever lost, so that silence only means a slow board.
    lossless: bool,
    /// Bytes to send.
    out: Vec<u8>,
}

/// First wait for the answer to a hello; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(100);
/// Bounds of the silence after which a frame is sent again.
const SHORTEST_SILENCE: Duration = Duration::from_millis(50);
const LONGEST_SILENCE: Duration = Duration::from_secs(1);
/// A board that talks but answers nothing is given up after so many times the patience.
const TRIES: u32 = 12;
/// Bytes that are sent without looking for answers.
const PIECE: usize = 512;

impl Session {
    /// Says hello until the board answers.
    ///
    /// # Errors
    /// Silence, garbage, another protocol, a port that is gone.
    pub fn begin(port: Port, patience: Duration) -> Result<(Session, Identity), LinkError> {
        // Drawn at random, so that no answer to an earlier program can be taken for one to this.
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let first = now.map_or(0, |time| time.subsec_micros()) as u8;
        let mut session = Session {
            port,
            decoder: Decoder::default(),
            window: Window::new(1, 0, first.wrapping_add(1)),
            statistics: Statistics::default(),
            patience,
            round_trip: None,
            lossless: false,
            out: vec![],
        };
        let identity = session.hello(first)?;
        session.window = Window::new(
            identity.window,
            identity.receive_bytes,
            first.wrapping_add(1),
        );
        Ok((session, identity))
    }

    /// The same on a line that loses nothing: nothing is sent again as long as the board is not given up.
    pub fn lossless(mut self) -> Session {
        self.lossless = true;
        self
    }

    fn hello(&mut self, sequence: u8) -> Result<Identity, LinkError> {
        let begin = Instant::now();
        let mut wait = FIRST_WAIT;
        let mut understood = false;
        let hello = Frame::request(sequence, Request::Hello, vec![]).encode();
        while begin.elapsed() < self.patience {
            self.out.extend_from_slice(&hello);
            self.flush()?;
            let sent = Instant::now();
            let mut damaged = false;
            while sent.elapsed() < wait && !damaged {
                for received in self.listen(wait)? {
                    let Received::Frame(frame) = received else {
                        // Perhaps the answer: no reason to wait.
                        damaged = true;
                        continue;
                    };
                    understood = true;
                    if frame.sequence == sequence && frame.kind == Request::Hello.answer() {
                        return Ok(Identity::parse(&frame.words)?);
                    }
                }
            }
            if damaged {
                continue;
            }
            self.statistics.retries += 1;
            wait = (wait * 2).min(LONGEST_SILENCE);
        }
        let (path, baud) = (self.port.path().to_owned(), self.port.baud());
        match self.statistics.bytes_received {
            bytes if bytes > 0 && !understood => Err(LinkError::Garbage { path, baud, bytes }),
            _ => Err(LinkError::Silent { path, baud }),
        }
    }

    pub fn statistics(&self) -> Statistics {
        self.statistics
    }

    /// Reads the board's counters.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn counters(&mut self) -> Result<[u32; counter::COUNT], LinkError> {
        let mut counters = [0; counter::COUNT];
        self.run(Request::Counters, [vec![]], |_, words| {
            counters = words.try_into().map_err(|_| LinkError::Unexpected {
                question: "the question for its counters".into(),
                answer: format!("{} words", words.len()),
            })?;
            Ok(())
        })?;
        Ok(counters)
    }

    /// Sends requests of one kind as fast as the board takes them and hands on each answer's words
    /// with the request's index, in order.
    ///
    /// # Errors
    /// The port is gone, the board is silent, was reset or refuses a request; what `each` returns.
    pub fn run(
        &mut self,
        kind: Request,
        requests: impl IntoIterator<Item = Vec<u32>>,
        mut each: impl FnMut(usize, &[u32]) -> Result<(), LinkError>,
    ) -> Result<(), LinkError> {
        let mut requests = requests.into_iter().peekable();
        let mut index = 0;
        // The last sign of life, the last answer, and the last time that something was sent or came.
        let mut alive = Instant::now();
        let mut answered = Instant::now();
        let mut silent = Instant::now();
        let mut wait = self.silence();
        loop {
            while let Some(words) = requests.next_if(|words| self.window.room(words.len())) {
                if self.window.is_empty() {
                    let now = Instant::now();
                    (alive, answered, silent) = (now, now, now);
                }
                self.out.extend_from_slice(self.window.push(kind, words));
                self.statistics.frames += 1;
            }
            if self.window.is_empty() {
                return Ok(());
            }
            let left = wait.saturating_sub(silent.elapsed());
            let timeout = if self.out.is_empty() {
                left
            } else {
                Duration::ZERO
            };
            self.send_piece()?;
            let received = self.listen(timeout)?;
            if !received.is_empty() || !self.out.is_empty() {
                silent = Instant::now();
            }
            for received in received {
                if let Received::Frame(_) = received {
                    alive = Instant::now();
                }
                if self.take(received)? {
                    (answered, wait) = (Instant::now(), self.silence());
                }
            }
            while let Some(answer) = self.window.pop() {
                each(index, checked(&answer)?)?;
                index += 1;
            }
            // A bad line may need many tries, but not without end.
            let spent = answered.elapsed() > TRIES * self.patience;
            if alive.elapsed() > self.patience || spent {
                return Err(LinkError::Timeout {
                    after: answered.elapsed(),
                    unanswered: self.window.unanswered(),
                });
            }
            if silent.elapsed() >= wait && !self.window.is_empty() {
                self.statistics.timeouts += 1;
                self.window.forget();
                self.repeat(0, 1);
                silent = Instant::now();
                wait = (wait * 2).min(LONGEST_SILENCE);
            }
        }
    }

    /// Follows what came; true if it was an answer that was waited for.
    fn take(&mut self, received: Received) -> Result<bool, LinkError> {
        let Received::Frame(frame) = received else {
            // An answer or a refusal is lost; the oldest frame brings either again.
            self.statistics.damaged += 1;
            self.repeat(0, 1);
            return Ok(false);
        };
        match self.window.arrive(frame) {
            Arrival::Answer(time) => {
                if let Some(time) = time {
                    self.round_trip = Some(match self.round_trip {
                        Some(mean) => (mean * 7 + time) / 8,
                        None => time,
                    });
                }
                for bytes in self.window.overtaken() {
                    self.out.extend_from_slice(bytes);
                    self.statistics.retries += 1;
                }
                Ok(true)
            }
            Arrival::Again(position) => {
                if self.repeat(position, usize::MAX) == 0 {
                    // Everything was executed: what is missing is an answer.
                    self.repeat(0, 1);
                }
                Ok(false)
            }
            Arrival::Old => Ok(false),
            Arrival::Restarted => Err(LinkError::Restarted),
        }
    }

    /// Sends frames without an answer again; how many.
    fn repeat(&mut self, position: usize, most: usize) -> u64 {
        let before = self.statistics.retries;
        for bytes in self.window.repeat(position).take(most) {
            self.out.extend_from_slice(bytes);
            self.statistics.retries += 1;
        }
        self.statistics.retries - before
    }

    /// How long nothing may come before a frame is sent again.
    fn silence(&self) -> Duration {
        if self.lossless {
            return self.patience;
        }
        let mean = self.round_trip.unwrap_or(LONGEST_SILENCE / 8);
        (mean * 4).clamp(SHORTEST_SILENCE, LONGEST_SILENCE)
    }

    fn flush(&mut self) -> Result<(), LinkError> {
        while !self.out.is_empty() {
            self.send_piece()?;
        }
        Ok(())
    }

    fn send_piece(&mut self) -> Result<(), LinkError> {
        let piece: Vec<u8> = self.out.drain(..PIECE.min(self.out.len())).collect();
        self.statistics.bytes_sent += piece.len() as u64;
        self.port.send(&piece)
    }

    /// Everything that has come, waiting up to `timeout` for something.
    fn listen(&mut self, timeout: Duration) -> Result<Vec<Received>, LinkError> {
        let mut buffer = [0; 4096];
        let count = self.port.receive(&mut buffer, timeout)?;
        self.statistics.bytes_received += count as u64;
        let bytes = buffer[..count].iter().copied();
        Ok(self.decoder.extend(bytes))
    }
}

/// The words of an answer that is none of the refusals.
fn checked(answer: &Frame) -> Result<&[u32], LinkError> {
    let refusal = Refusal::ALL.into_iter().find(|&r| r as u8 == answer.kind);
    match refusal {
        None => Ok(&answer.words),
        Some(refusal) => Err(LinkError::Unexpected {
            question: format!("request {}", answer.sequence),
            answer: format!("{refusal:?}"),
        }),
    }
}
