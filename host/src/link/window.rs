//! Frames under way: numbers, order, repeats (docs/protocol.md, *Sessions*). No input or output here.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use hdl::arch::protocol::{Frame, Refusal, Request, ANSWER};
use hdl::arch::Link;

/// Sends frames in order and keeps each until its answer has come.
///
/// The device keeps as many answers as it allows frames under way, so the oldest frame without an
/// answer holds the window back, whatever was answered after it. Losses halve the window, answers
/// open it again: on a clean line it is as wide as the device allows, on a bad one few frames are
/// sent in vain.
pub struct Window {
    /// What the device allows: frames, and bytes of its ring.
    frames: usize,
    ring_bytes: usize,
    /// Frames allowed at present, 1…`frames`.
    open: f64,
    /// Frames from the oldest one without an answer on; their numbers rise by one.
    sent: VecDeque<Sent>,
    /// Number of the next frame.
    next: u8,
    /// An *again* for this number was obeyed while later frames were under way, so that it will
    /// come a second time.
    obeyed: Option<u8>,
}

struct Sent {
    bytes: Vec<u8>,
    ring_bytes: usize,
    answer: Option<Frame>,
    at: Instant,
    repeated: bool,
}

/// What a frame from the device means.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// An answer that was waited for; how long it took, if its frame was sent once.
    Answer(Option<Duration>),
    /// The device wants frames again: from this position on.
    Again(usize),
    /// Nothing to do: an answer that came before, or what was obeyed already.
    Old,
    /// The device knows nothing of this session any more.
    Restarted,
}

impl Window {
    /// `next` is the number of the first frame.
    pub fn new(frames: usize, ring_bytes: usize, next: u8) -> Window {
        Window {
            frames,
            ring_bytes,
            open: frames as f64,
            sent: VecDeque::new(),
            next,
            obeyed: None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// Frames without an answer.
    pub fn unanswered(&self) -> usize {
        self.sent
            .iter()
            .filter(|sent| sent.answer.is_none())
            .count()
    }

    /// Whether a frame of so many words may be sent now.
    pub fn room(&self, words: usize) -> bool {
        let waiting = self.sent.iter().skip(1);
        let bytes: usize = waiting.map(|sent| sent.ring_bytes).sum();
        self.sent.is_empty()
            || self.sent.len() < self.open as usize
                && bytes + Link::receive_bytes_of(words) < self.ring_bytes
    }

    /// Makes the next frame; its bytes are to be sent.
    pub fn push(&mut self, request: Request, words: Vec<u32>) -> &[u8] {
        let ring_bytes = Link::receive_bytes_of(words.len());
        let frame = Frame::request(self.next, request, words);
        self.next = self.next.wrapping_add(1);
        self.sent.push_back(Sent {
            bytes: frame.encode(),
            ring_bytes,
            answer: None,
            at: Instant::now(),
            repeated: false,
        });
        &self.sent[self.sent.len() - 1].bytes
    }

    /// Takes a frame from the device.
    pub fn arrive(&mut self, frame: Frame) -> Arrival {
        let oldest = self.next.wrapping_sub(self.sent.len() as u8);
        let position = usize::from(frame.sequence.wrapping_sub(oldest));
        if frame.kind == Refusal::Again as u8 {
            return self.again(frame.sequence, position);
        }
        if frame.kind == Refusal::Closed as u8 {
            return Arrival::Restarted;
        }
        let refused = Refusal::ALL
            .iter()
            .any(|&refusal| refusal as u8 == frame.kind);
        match self.sent.get_mut(position) {
            Some(sent) if sent.answer.is_none() && (refused || frame.kind & ANSWER != 0) => {
                sent.answer = Some(frame);
                let time = (!sent.repeated).then(|| sent.at.elapsed());
                self.open = (self.open + 1.0 / self.open).min(self.frames as f64);
                self.obeyed = None;
                Arrival::Answer(time)
            }
            _ => Arrival::Old,
        }
    }

    fn again(&mut self, number: u8, position: usize) -> Arrival {
        if position > self.sent.len() {
            return Arrival::Old;
        }
        if self.obeyed.take() == Some(number) {
            return Arrival::Old;
        }
        self.obeyed = (position + 1 < self.sent.len()).then_some(number);
        Arrival::Again(position)
    }

    /// The answer to the oldest frame, which then leaves the window.
    pub fn pop(&mut self) -> Option<Frame> {
        let answered = self.sent.front().is_some_and(|sent| sent.answer.is_some());
        let sent = answered.then(|| self.sent.pop_front())??;
        sent.answer
    }

    /// Frames to send again after a loss: those without an answer from `position` on.
    pub fn repeat(&mut self, position: usize) -> impl Iterator<Item = &[u8]> {
        self.open = (self.open / 2.0).max(1.0);
        let from = self.sent.iter_mut().skip(position);
        from.filter(|sent| sent.answer.is_none()).map(|sent| {
            sent.repeated = true;
            sent.bytes.as_slice()
        })
    }

    /// Frames whose answer was overtaken by a later one's, so that it is lost.
    pub fn overtaken(&mut self) -> impl Iterator<Item = &[u8]> {
        let answered = self.sent.iter().rposition(|sent| sent.answer.is_some());
        let before = self.sent.iter_mut().take(answered.unwrap_or(0));
        let lost = before.filter(|sent| sent.answer.is_none() && !sent.repeated);
        lost.map(|sent| {
            sent.repeated = true;
            sent.bytes.as_slice()
        })
    }

    /// After silence: nothing is known any more of what was obeyed.
    pub fn forget(&mut self) {
        self.obeyed = None;
    }
}
