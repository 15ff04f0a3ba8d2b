//! The device's side of the line: bit time, buffer sizes, and what it says of itself.

use super::estimate;
use super::protocol::{counter, CRC_BYTES, HEADER_BYTES, VERSION, WORD_BYTES};
use super::registers::{MAGIC, REPORT_WORDS};
use super::spiking::Spiking;
use super::{Plan, Shape};
use crate::board::{Board, Family};
use crate::clocking::{settle_cycles, EngineClock};
use crate::config::{Formats, Pipeline};
use serde::Serialize;

/// Usual rates, fastest first. USB bridges of the boards know them all.
const RATES: [u32; 8] = [
    1_000_000, 921_600, 500_000, 460_800, 250_000, 230_400, 115_200, 57_600,
];
/// Least clock cycles of a bit: the receiver then samples within an eighth of the bit's middle.
const LEAST_DIVIDER: u32 = 8;
/// Largest error of the rate: a byte's last bit is then sampled within a tenth of a bit of where it should.
const LARGEST_ERROR: f64 = 0.01;

/// UART, buffers and window of a board top.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Link {
    /// Clock of the board.
    pub clock_hz: u32,
    /// Nominal bits a second.
    pub baud: u32,
    /// Clock cycles of one bit.
    pub divider: u32,
    /// (real rate − nominal) / nominal.
    pub baud_error: f64,
    /// Frames that the host may send without an answer.
    pub window: usize,
    /// Bytes of the ring in which frames wait, a power of two; see [`Link::receive_bytes_of`].
    pub receive_bytes: usize,
    /// The last answers are kept, one in each slot: number and bytes, powers of two.
    pub slots: usize,
    pub slot_bytes: usize,
    /// Whether ring and slots are large single-port RAMs (UP5K).
    pub single_port: bool,
}

impl Link {
    /// The link of `plan` on `board`: fast enough buffers for its samples, as far as there are RAMs.
    pub fn new(plan: &Plan, board: &Board) -> Link {
        let (baud, divider, baud_error) = rate(board.clock.hz);
        let layers = &plan.map.layers;
        let outputs = layers[layers.len() - 1].units;
        let (inputs, samples) = match plan.shape.interleaves() {
            false => (layers[0].units, 1),
            // Two samples are one command, with a count between them.
            true => (2 * layers[0].units + 1, 2),
        };
        let sample = Self::receive_bytes_of(1 + inputs.max(layers[0].units + outputs));
        let answer = identity_words(plan).len() + counter::COUNT;
        let spikes = usize::from(plan.shape.spiking.is_some());
        let answer = answer.max(REPORT_WORDS + spikes + samples * (outputs + 1));
        let slot = (HEADER_BYTES + WORD_BYTES * answer).next_power_of_two();
        // One byte of the ring stays free.
        let least = (sample + 1).next_power_of_two();
        let link = |receive_bytes: usize, slots: usize, slot_bytes: usize, single_port| Link {
            clock_hz: board.clock.hz,
            baud,
            divider,
            baud_error,
            window: (slots - 1).min(1 + (receive_bytes - 1) / sample),
            receive_bytes,
            slots,
            slot_bytes,
            single_port,
        };
        let resources = &board.device.resources;
        let large = resources.spram_bits / SPRAM_WIDTH;
        let (ring, slot_bytes) = ((SLOTS[0] * least).min(large), slot.max(LEAST_LARGE_SLOT));
        if resources.sprams >= 2 && least <= large && SLOTS[0] * slot_bytes <= large {
            return link(ring, SLOTS[0], slot_bytes, true);
        }
        let block = match board.device.family {
            Family::Ice40 => 512,
            Family::Ecp5 => 2048,
        };
        let taken = estimate::core_block_rams(plan, board.device.family) + INFO_BLOCKS;
        let spare = resources.block_rams.saturating_sub(taken);
        let frames = [4, 2, 1].map(|n| (n * least).max(block));
        let choices = frames
            .into_iter()
            .flat_map(|receive| SLOTS.map(|slots| (receive, slots, slot.max(block / slots))));
        let fits = |&(receive, slots, slot): &(usize, usize, usize)| {
            receive.div_ceil(block) + (slots * slot).div_ceil(block) <= spare
        };
        let smallest = (least, SLOTS[1], slot);
        let (receive, slots, slot) = choices.into_iter().find(fits).unwrap_or(smallest);
        link(receive, slots, slot, false)
    }

    /// The same at another clock than the board's oscillator.
    pub fn clocked(self, clock: &EngineClock) -> Link {
        let clock_hz = clock.hz.round() as u32;
        let (baud, divider, baud_error) = rate(clock_hz);
        Link {
            clock_hz,
            baud,
            divider,
            baud_error,
            ..self
        }
    }

    /// Cycles for which the board stays in reset after configuration or the lock of its PLL, a power of two.
    pub fn settle_cycles(&self) -> u32 {
        settle_cycles(self.clock_hz.into())
    }

    /// Bytes of the ring that a frame of so many words takes while it waits. All unanswered frames
    /// but the oldest together must take less than [`Link::receive_bytes`].
    pub fn receive_bytes_of(words: usize) -> usize {
        HEADER_BYTES + WORD_BYTES * words + CRC_BYTES
    }

    /// Bytes of the memory that holds identity and counters.
    pub fn info_bytes(&self, plan: &Plan) -> usize {
        WORD_BYTES * (identity_words(plan).len() + counter::COUNT)
    }

    /// Most words of a frame that the ring has room for, all ones.
    pub fn length_mask(&self) -> u64 {
        (self.receive_bytes / WORD_BYTES) as u64 - 1
    }

    /// Most words of an answer's payload.
    pub fn answer_words(&self) -> usize {
        (self.slot_bytes - HEADER_BYTES) / WORD_BYTES
    }

    /// What the device of `plan` answers to a hello, up to the counters.
    pub fn identity(&self, plan: &Plan) -> Vec<u32> {
        let mut words = identity_words(plan);
        words[3] = self.clock_hz;
        words[4] = self.divider;
        words[5] = self.window as u32;
        words[6] = self.receive_bytes as u32;
        words[7] = self.answer_words() as u32;
        words
    }
}

/// Numbers of slots, best first.
const SLOTS: [usize; 2] = [8, 4];
/// Bytes of a slot where they cost nothing: reads of many words at once.
const LEAST_LARGE_SLOT: usize = 512;
/// Bits that a large RAM stores for each byte: its words are twice as wide.
const SPRAM_WIDTH: usize = 16;
/// Block RAMs of identity and counters.
const INFO_BLOCKS: usize = 1;

/// Nominal rate, clock cycles of a bit and relative error.
fn rate(clock_hz: u32) -> (u32, u32, f64) {
    let error =
        |baud: u32, divider: u32| f64::from(clock_hz) / f64::from(divider) / f64::from(baud) - 1.0;
    RATES
        .into_iter()
        .map(|baud| {
            let divider = ((f64::from(clock_hz) / f64::from(baud)).round() as u32).max(1);
            (baud, divider, error(baud, divider))
        })
        .find(|&(_, divider, error)| divider >= LEAST_DIVIDER && error.abs() <= LARGEST_ERROR)
        .unwrap_or((clock_hz / LEAST_DIVIDER, LEAST_DIVIDER, 0.0))
}

/// Words before the shape's.
const FIXED_WORDS: usize = 9;

/// The identity with zeros in the places of the link's own numbers.
fn identity_words(plan: &Plan) -> Vec<u32> {
    let mut words = vec![0; FIXED_WORDS];
    words[0] = MAGIC;
    words[1] = VERSION;
    words[2] = plan.hash;
    words[8] = SHAPE_FIELDS.len() as u32;
    words.extend(shape_words(&plan.shape));
    words.push(plan.map.layers.len() as u32);
    words.extend(plan.map.layers.iter().map(|layer| layer.units as u32));
    words
}

/// What a device says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// [`VERSION`] of its protocol.
    pub version: u32,
    /// Hash of the configuration that it was generated for.
    pub hash: u32,
    pub clock_hz: u32,
    pub divider: u32,
    pub window: usize,
    pub receive_bytes: usize,
    pub answer_words: usize,
    /// What it can hold: [`Plan::on`] maps any network that fits.
    pub shape: Shape,
    /// Units of each layer of the network that it was generated for.
    pub layers: Vec<usize>,
    /// [`counter`] words.
    pub counters: [u32; counter::COUNT],
}

/// Words that are no identity that this program can read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("the device says {found:08x} where an eqprop engine says {MAGIC:08x}")]
    Magic { found: u32 },
    #[error("the device speaks version {found} of the protocol, this program version {VERSION}")]
    Version { found: u32 },
    #[error("the device's identity has {found} words, which is not what its own counts say")]
    Length { found: usize },
}

impl Identity {
    /// Reads the answer to a hello.
    ///
    /// # Errors
    /// Another magic word, version or length than this program knows.
    pub fn parse(words: &[u32]) -> Result<Identity, IdentityError> {
        let length = IdentityError::Length { found: words.len() };
        let (fixed, rest) = words
            .split_first_chunk::<FIXED_WORDS>()
            .ok_or(length.clone())?;
        if fixed[0] != MAGIC {
            return Err(IdentityError::Magic { found: fixed[0] });
        }
        if fixed[1] != VERSION {
            return Err(IdentityError::Version { found: fixed[1] });
        }
        let counted = |rest: &'_ [u32]| {
            let (&count, rest) = rest.split_first()?;
            let (_, after) = rest.split_at_checked(count as usize)?;
            (after.len() == counter::COUNT).then_some(())
        };
        let (shape, rest) = match fixed[8] as usize == SHAPE_FIELDS.len() {
            true => rest
                .split_at_checked(SHAPE_FIELDS.len())
                .ok_or(length.clone())?,
            false => return Err(length),
        };
        counted(rest).ok_or(length)?;
        let (layers, counters) = rest[1..].split_at(rest[0] as usize);
        Ok(Identity {
            version: fixed[1],
            hash: fixed[2],
            clock_hz: fixed[3],
            divider: fixed[4],
            window: fixed[5] as usize,
            receive_bytes: fixed[6] as usize,
            answer_words: fixed[7] as usize,
            shape: shape_of(shape),
            layers: layers.iter().map(|&units| units as usize).collect(),
            counters: std::array::from_fn(|i| counters[i]),
        })
    }

    /// Bits a second on the line.
    pub fn baud(&self) -> f64 {
        f64::from(self.clock_hz) / f64::from(self.divider)
    }

    /// Fields of the shape in which the device differs from `shape`: (name, device's, the other's).
    pub fn differences(&self, shape: &Shape) -> Vec<(&'static str, u32, u32)> {
        let pairs = shape_words(&self.shape).into_iter().zip(shape_words(shape));
        SHAPE_FIELDS
            .into_iter()
            .zip(pairs)
            .filter(|(_, (device, other))| device != other)
            .map(|(name, (device, other))| (name, device, other))
            .collect()
    }
}

/// Names of the shape's words in the identity.
pub const SHAPE_FIELDS: [&str; 17] = [
    "lanes",
    "accumulator_bits",
    "state_fraction",
    "weight_bits",
    "weight_fraction",
    "bank_words",
    "tile_bits",
    "list_words",
    "program_words",
    "bias_words",
    "target_words",
    "sums_words",
    "learn_shift",
    "learn_span",
    "triangular",
    "spiking",
    "pipeline",
];

fn shape_words(shape: &Shape) -> [u32; SHAPE_FIELDS.len()] {
    let Shape {
        lanes,
        accumulator_bits,
        formats:
            Formats {
                state_fraction,
                weight_bits,
                weight_fraction,
            },
        spiking,
        bank_words,
        tile_bits,
        list_words,
        second_input,
        program_words,
        bias_words,
        target_words,
        targets_in_logic,
        sums_words,
        learn_shift,
        learn_span,
        triangular,
        feedback_shift,
        many_halvings,
        pipeline,
    } = *shape;
    [
        lanes as u32,
        accumulator_bits,
        state_fraction,
        weight_bits,
        weight_fraction,
        bank_words as u32,
        tile_bits,
        list_words as u32,
        program_words as u32,
        bias_words as u32,
        target_words as u32,
        sums_words as u32,
        learn_shift,
        learn_span,
        u32::from(triangular),
        spiking.map_or(0, Spiking::word),
        pipeline as u32
            | u32::from(targets_in_logic) << 1
            | feedback_shift << 2
            | u32::from(many_halvings) << 4
            | (second_input as u32) << 16,
    ]
}

/// The shape of words as [`shape_words`] gives them.
fn shape_of(words: &[u32]) -> Shape {
    let size = |index: usize| words[index] as usize;
    Shape {
        lanes: size(0),
        accumulator_bits: words[1],
        formats: Formats {
            state_fraction: words[2],
            weight_bits: words[3],
            weight_fraction: words[4],
        },
        spiking: Spiking::from_word(words[15]),
        bank_words: size(5),
        tile_bits: words[6],
        list_words: size(7),
        second_input: size(16) >> 16,
        program_words: size(8),
        bias_words: size(9),
        target_words: size(10),
        sums_words: size(11),
        learn_shift: words[12],
        learn_span: words[13],
        triangular: words[14] != 0,
        targets_in_logic: words[16] & 2 != 0,
        feedback_shift: words[16] >> 2 & 3,
        many_halvings: words[16] & 16 != 0,
        pipeline: match words[16] & 1 {
            0 => Pipeline::Short,
            _ => Pipeline::Deep,
        },
    }
}

#[cfg(test)]
mod tests;
