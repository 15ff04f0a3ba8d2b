//! Frames on the serial line between a host and a board: constants, layout, encoder, decoder.
//!
//! ```text
//! FLAG | sequence  kind  length(2)  | payload: length × 4 bytes | CRC-32(4) | FLAG
//!      '------------ escaped: FLAG and ESCAPE become ESCAPE, byte ^ ESCAPE_XOR ---'
//! ```
//! Numbers go lowest byte first. Framing is that of HDLC (RFC 1662, with its 32-bit check), so a
//! receiver is in step again at the next FLAG whatever came before, without any time-out.
//! `docs/protocol.md` is the page for people who write a client.

use serde::Serialize;

/// Version of the protocol, in the identity.
pub const VERSION: u32 = 1;

/// Begins and ends a frame; never occurs inside one.
pub const FLAG: u8 = 0x7E;
/// The next byte is to be taken with [`ESCAPE_XOR`].
pub const ESCAPE: u8 = 0x7D;
pub const ESCAPE_XOR: u8 = 0x20;

/// Bytes before the payload: sequence, kind, length.
pub const HEADER_BYTES: usize = 4;
/// Bytes after it.
pub const CRC_BYTES: usize = 4;
pub const WORD_BYTES: usize = 4;
/// CRC-32 of a whole frame including its CRC field, before the final inversion: receivers compare
/// with this constant.
pub const CRC_RESIDUE: u32 = 0xDEBB_20E3;
/// The CRC's polynomial, lowest bit first.
pub const CRC_POLYNOMIAL: u32 = 0xEDB8_8320;

/// Kind of a frame from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[repr(u8)]
pub enum Request {
    /// Begins a session: accepted whatever its sequence number, the next one is expected then.
    /// Answer: the identity ([`super::link::Identity`]).
    Hello = 1,
    /// Resets the core and forgets frames that wait, then does what [`Request::Hello`] does. Works
    /// also while the core is busy. Weights, registers and counters stay.
    Reset = 2,
    /// Answer: the counters ([`counter`]).
    Counters = 3,
    /// Answer: the payload.
    Echo = 4,
    /// The payload is one command of the core's stream ([`super::registers::Command`]); so is the answer.
    Core = 5,
}

impl Request {
    pub const ALL: [Request; 5] = [
        Request::Hello,
        Request::Reset,
        Request::Counters,
        Request::Echo,
        Request::Core,
    ];

    /// Kind of the frame that answers this one.
    pub fn answer(self) -> u8 {
        self as u8 | ANSWER
    }
}

/// Added to a request's kind in the frame that answers it.
pub const ANSWER: u8 = 0x80;

/// Kind of a frame from the device that is no answer; it has no payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[repr(u8)]
pub enum Refusal {
    /// Something was damaged or lost: send again from this frame's sequence number on, which is the
    /// next that the device expects.
    Again = 0xC0,
    /// The answer is longer than the device's buffer. The command was executed.
    TooLong = 0xC1,
    /// Not a request: unknown kind, or a core command without a word. Nothing was executed.
    Unknown = 0xC2,
    /// No session: only [`Request::Hello`] and [`Request::Reset`] are taken. The sequence number means nothing.
    Closed = 0xC3,
}

impl Refusal {
    pub const ALL: [Refusal; 4] = [
        Refusal::Again,
        Refusal::TooLong,
        Refusal::Unknown,
        Refusal::Closed,
    ];
}

/// Counters of the device, by index; each wraps at 2^32 and starts at 0 with the configuration.
pub mod counter {
    /// Samples run, inference and training.
    pub const SAMPLES: usize = 0;
    /// Sweeps over all phases.
    pub const SWEEPS: usize = 1;
    /// Weights and biases that learning saturated.
    pub const SATURATIONS: usize = 2;
    /// Samples with a phase that did not settle.
    pub const UNSETTLED: usize = 3;
    /// Frames that were damaged: wrong CRC, wrong length, no room.
    pub const CRC_ERRORS: usize = 4;
    /// Clock cycles in which the core ran samples.
    pub const CYCLES: usize = 5;
    pub const COUNT: usize = 6;
    /// Names by index.
    pub const NAMES: [&str; COUNT] = [
        "samples",
        "sweeps",
        "saturations",
        "unsettled",
        "crc_errors",
        "cycles",
    ];
}

/// One frame, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub sequence: u8,
    /// [`Request`], its answer, or a [`Refusal`].
    pub kind: u8,
    pub words: Vec<u32>,
}

impl Frame {
    pub fn request(sequence: u8, request: Request, words: Vec<u32>) -> Frame {
        Frame {
            sequence,
            kind: request as u8,
            words,
        }
    }

    /// The bytes on the line, with a FLAG at both ends.
    ///
    /// # Panics
    /// If there are more than 65,535 words.
    pub fn encode(&self) -> Vec<u8> {
        let length = u16::try_from(self.words.len()).expect("a length field has 16 bits");
        let mut body = vec![self.sequence, self.kind];
        body.extend(length.to_le_bytes());
        body.extend(self.words.iter().flat_map(|word| word.to_le_bytes()));
        body.extend(crc32fast::hash(&body).to_le_bytes());
        let mut bytes = vec![FLAG];
        for byte in body {
            match byte {
                FLAG | ESCAPE => bytes.extend([ESCAPE, byte ^ ESCAPE_XOR]),
                _ => bytes.push(byte),
            }
        }
        bytes.push(FLAG);
        bytes
    }

    /// A frame from the bytes between two FLAGs, escapes undone; `None` if they are not one.
    fn decode(body: &[u8]) -> Option<Frame> {
        let (content, crc) = body.split_last_chunk::<CRC_BYTES>()?;
        if crc32fast::hash(content) != u32::from_le_bytes(*crc) {
            return None;
        }
        let (header, payload) = content.split_first_chunk::<HEADER_BYTES>()?;
        let length = u16::from_le_bytes([header[2], header[3]]);
        (payload.len() == WORD_BYTES * usize::from(length)).then(|| Frame {
            sequence: header[0],
            kind: header[1],
            words: payload
                .chunks_exact(WORD_BYTES)
                .map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
                .collect(),
        })
    }
}

/// What a [`Decoder`] found between two FLAGs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    Frame(Frame),
    /// Bytes that are no frame.
    Damaged,
}

/// Takes the bytes of a line one by one; works as the device's receiver does, for a line in either direction.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    body: Vec<u8>,
    escaped: bool,
    /// Some byte came since the last FLAG.
    begun: bool,
}

impl Decoder {
    /// Longest frame without its escapes; longer ones are not kept.
    const LONGEST: usize = HEADER_BYTES + WORD_BYTES * 0xFFFF + CRC_BYTES;

    pub fn push(&mut self, byte: u8) -> Option<Received> {
        if byte == FLAG {
            let body = std::mem::take(&mut self.body);
            self.escaped = false;
            return std::mem::take(&mut self.begun)
                .then(|| Frame::decode(&body).map_or(Received::Damaged, Received::Frame));
        }
        self.begun = true;
        if byte == ESCAPE {
            self.escaped = true;
        } else if self.body.len() <= Self::LONGEST {
            let flip = if self.escaped { ESCAPE_XOR } else { 0 };
            self.body.push(byte ^ flip);
            self.escaped = false;
        }
        None
    }

    /// Everything that `bytes` complete.
    pub fn extend(&mut self, bytes: impl IntoIterator<Item = u8>) -> Vec<Received> {
        bytes.into_iter().filter_map(|b| self.push(b)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::link::SHAPE_FIELDS;
    use super::*;
    use proptest::prelude::*;

    const PAGE: &str = include_str!("../../../docs/protocol.md");

    fn frames() -> impl Strategy<Value = Frame> {
        // Bytes that need escapes are common here.
        let byte = prop_oneof![
            Just(FLAG),
            Just(ESCAPE),
            Just(FLAG ^ ESCAPE_XOR),
            any::<u8>()
        ];
        let word = prop::array::uniform4(byte).prop_map(u32::from_le_bytes);
        (any::<u8>(), any::<u8>(), prop::collection::vec(word, 0..40)).prop_map(
            |(sequence, kind, words)| Frame {
                sequence,
                kind,
                words,
            },
        )
    }

    #[test]
    fn the_bytes_are_those_of_the_protocol_page() {
        let hello = Frame::request(0x2A, Request::Hello, vec![]).encode();
        let bytes: Vec<_> = hello.iter().map(|byte| format!("{byte:02X}")).collect();
        let bytes = bytes.join(" ");
        assert_eq!(bytes, "7E 2A 01 00 00 71 FA 09 EF 7E");
        for text in [
            bytes,
            format!("`{:08X}`", super::super::registers::MAGIC),
            format!("version of this protocol: {VERSION} "),
            format!("number of words of the shape ({})", SHAPE_FIELDS.len()),
            format!("last {} ", counter::COUNT),
        ] {
            assert!(PAGE.contains(&text), "the page does not say {text}");
        }
        let fields = SHAPE_FIELDS.map(|name| PAGE.find(name));
        assert!(
            fields.iter().all(Option::is_some) && fields.is_sorted(),
            "{fields:?}"
        );
        for request in Request::ALL {
            let row = format!(
                "| `{:02X}` | {} |",
                request as u8,
                format!("{request:?}").to_lowercase()
            );
            assert!(PAGE.contains(&row), "{row}");
        }
        for refusal in Refusal::ALL {
            let row = format!("| `{:02X}` | **", refusal as u8);
            assert!(PAGE.contains(&row), "{row}");
        }
        let escapes = Frame::request(0x7E, Request::Echo, vec![0x0000_7D7E]);
        assert_eq!(
            escapes.encode()[..10],
            [0x7E, 0x7D, 0x5E, 0x04, 0x01, 0x00, 0x7D, 0x5E, 0x7D, 0x5D]
        );
    }

    #[test]
    fn answers_and_refusals_cannot_be_mistaken() {
        let answers = Request::ALL.map(Request::answer);
        for refusal in Refusal::ALL {
            assert!(!answers.contains(&(refusal as u8)), "{refusal:?}");
        }
    }

    #[test]
    fn the_residue_is_that_of_the_crc() {
        let mut body = b"123456789".to_vec();
        body.extend(crc32fast::hash(&body).to_le_bytes());
        assert_eq!(!crc32fast::hash(&body), CRC_RESIDUE);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(sent in prop::collection::vec(frames(), 1..5)) {
            let line = sent.iter().flat_map(Frame::encode);
            let received = Decoder::default().extend(line);
            let expected: Vec<_> = sent.into_iter().map(Received::Frame).collect();
            prop_assert_eq!(received, expected);
        }

        #[test]
        fn after_any_noise_the_next_frame_is_received(
            noise in prop::collection::vec(any::<u8>(), 0..100),
            frame in frames(),
        ) {
            let received = Decoder::default().extend(noise.into_iter().chain(frame.encode()));
            prop_assert_eq!(received.last(), Some(&Received::Frame(frame)));
        }

        #[test]
        fn a_changed_byte_never_gives_another_frame(
            frame in frames(),
            at in any::<prop::sample::Index>(),
            flip in 1..=255u8,
        ) {
            let mut line = frame.encode();
            let at = at.index(line.len());
            line[at] ^= flip;
            for received in Decoder::default().extend(line) {
                prop_assert!(received == Received::Damaged || received == Received::Frame(frame.clone()));
            }
        }

        #[test]
        fn a_lost_or_doubled_byte_never_gives_another_frame(
            frame in frames(),
            at in any::<prop::sample::Index>(),
            doubled: bool,
        ) {
            let mut line = frame.encode();
            let at = at.index(line.len());
            let byte = line.remove(at);
            if doubled {
                line.splice(at..at, [byte, byte]);
            }
            for received in Decoder::default().extend(line) {
                prop_assert!(received == Received::Damaged || received == Received::Frame(frame.clone()));
            }
        }
    }
}
