//! Words of the core's stream: commands to send; `response` has those that come back.

use super::plan::Plan;
use super::program::entry;
use super::registers::{flag, identity, Command, Register, Space};
use super::schedule::Parameter;

pub use super::response::{dense, Answer, PairResponse, Response};

/// Words that one write or read command carries at most.
const MAX_WORDS: usize = 0xFFFF;

/// Write commands for `words` from `address` on; `stride` words share an address.
fn write(space: Space, words: &[u32], stride: usize) -> Vec<Vec<u32>> {
    let most = MAX_WORDS / stride * stride;
    words
        .chunks(most)
        .enumerate()
        .map(|(i, chunk)| {
            let address = (i * most / stride) as u32;
            let mut command = vec![Command::Write.header(space as u32, chunk.len()), address];
            command.extend_from_slice(chunk);
            command
        })
        .collect()
}

/// The same as a write or read command of any length, in pieces: at most `write` words in a command
/// (its header and address among them), `read` words in a response. Other commands stay whole.
///
/// # Panics
/// If a piece has no room for one word of each of the `lanes`.
pub fn split(command: &[u32], lanes: usize, write: usize, read: usize) -> Vec<Vec<u32>> {
    let opcode = command[0] >> Command::OPCODE_SHIFT;
    let space = command[0] >> Command::ARGUMENT_SHIFT & 0xFF;
    let stride = if space == Space::Bank as u32 {
        lanes
    } else {
        1
    };
    let whole = |most: usize| {
        assert!(most >= stride, "no room for {stride} words");
        most / stride * stride
    };
    let at = |words: usize| command[1] + (words / stride) as u32;
    if opcode == Command::Write as u32 {
        let most = whole(write - 2);
        let piece = |(i, words): (usize, &[u32])| {
            let mut piece = vec![Command::Write.header(space, words.len()), at(i * most)];
            piece.extend_from_slice(words);
            piece
        };
        command[2..].chunks(most).enumerate().map(piece).collect()
    } else if opcode == Command::Read as u32 {
        let (count, most) = ((command[0] & 0xFFFF) as usize, whole(read));
        let piece = |start: usize| {
            let count = (count - start).min(most);
            vec![Command::Read.header(space, count), at(start)]
        };
        (0..count).step_by(most).map(piece).collect()
    } else {
        vec![command.to_vec()]
    }
}

/// Writes one register.
pub fn write_register(register: Register, value: u32) -> Vec<u32> {
    vec![
        Command::Write.header(Space::Registers as u32, 1),
        register as u32,
        value,
    ]
}

/// Reads the state of the random number generator.
pub fn read_random() -> Vec<u32> {
    vec![
        Command::Read.header(Space::Registers as u32, 1),
        identity::RANDOM,
    ]
}

/// Reads every word of the banks, lane by lane at each address.
pub fn read_banks(plan: &Plan) -> Vec<Vec<u32>> {
    let lanes = plan.shape.lanes;
    let (words, most) = (plan.map.bank_words * lanes, MAX_WORDS / lanes * lanes);
    (0..words)
        .step_by(most)
        .map(|start| {
            let count = (words - start).min(most);
            vec![
                Command::Read.header(Space::Bank as u32, count),
                (start / lanes) as u32,
            ]
        })
        .collect()
}

/// What a sample is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose<'a> {
    /// The free phase only.
    Infer,
    /// The nudged phases too, towards these targets.
    Nudge(&'a [u16]),
    /// All phases, then learning.
    Learn(&'a [u16]),
}

/// Sends a sample: states of the input layer, and of the targets if it is to be nudged.
pub fn sample(input: &[u16], purpose: Purpose, answer: bool) -> Vec<u32> {
    let (target, flags): (&[u16], u32) = match purpose {
        Purpose::Infer => (&[], 0),
        Purpose::Nudge(target) => (target, flag::NUDGE),
        Purpose::Learn(target) => (target, flag::NUDGE | flag::LEARN),
    };
    let flags = flags | if answer { flag::ANSWER } else { 0 };
    let mut command = vec![0];
    command.extend(nonzero(input));
    command[0] = Command::Sample.header(flags, command.len() - 1);
    command.extend(target.iter().map(|&t| u32::from(t)));
    command
}

/// Sends two samples to be answered by turns, of hardware that interleaves.
pub fn pair(inputs: [&[u16]; 2]) -> Vec<u32> {
    let [first, second] = inputs.map(|input| nonzero(input).collect::<Vec<_>>());
    let mut command = vec![Command::Pair.header(flag::ANSWER, first.len())];
    command.extend(first);
    command.push(second.len() as u32);
    command.extend(second);
    command
}

/// List entries of the units that are not zero.
fn nonzero(states: &[u16]) -> impl Iterator<Item = u32> + '_ {
    let units = (0..).zip(states).filter(|(_, &x)| x != 0);
    units.map(|(unit, &x): (u32, _)| unit << entry::UNIT_SHIFT | u32::from(x))
}

/// Reads the biases of column-side units: no command if there are none.
pub fn read_biases(plan: &Plan) -> Vec<Vec<u32>> {
    match plan.map.bias_words {
        0 => vec![],
        count => vec![vec![Command::Read.header(Space::Bias as u32, count), 0]],
    }
}

impl Plan {
    /// Every weight and bias with its raw value, from the responses to [`read_banks`] and [`read_biases`].
    ///
    /// # Panics
    /// If there are fewer words than these commands ask for.
    pub fn unload(&self, banks: &[u32], biases: &[u32], mut each: impl FnMut(Parameter, i16)) {
        let lanes = self.shape.lanes;
        for (index, &word) in banks.iter().enumerate() {
            if let Some(parameter) = self.parameter_at(index % lanes, index / lanes) {
                each(parameter, word as i16);
            }
        }
        let layers = self.map.layers.iter().enumerate().skip(1);
        for (layer, plan) in layers.filter(|(_, layer)| !layer.in_lanes) {
            for unit in 0..plan.units {
                let word = biases[plan.bias_address + unit];
                each(Parameter::Bias { layer, unit }, word as i16);
            }
        }
    }

    /// Commands that make hardware of this plan's shape run this network: registers and schedule.
    pub fn configure(&self) -> Vec<Vec<u32>> {
        let mut commands = write(Space::Program, &self.program_words(), 1);
        commands.extend(write(Space::Registers, &self.registers, 1));
        commands
    }

    /// Commands that load weights: `weight(block, row, column)` and `bias(layer, unit)`.
    pub fn load(
        &self,
        weight: impl Fn(usize, usize, usize) -> i16,
        bias: impl Fn(usize, usize) -> i16,
    ) -> Vec<Vec<u32>> {
        let lanes = self.shape.lanes;
        let mut banks = vec![0u32; self.map.bank_words * lanes];
        let mut head = vec![0u32; self.map.bias_words];
        for (b, block) in self.map.blocks.iter().enumerate() {
            for row in 0..self.map.layers[block.row].units {
                let tile = block.address(row / lanes, lanes);
                let first = if block.triangular() { row + 1 } else { 0 };
                for column in first..block.columns {
                    let address = tile + column;
                    banks[address * lanes + row % lanes] = u32::from(weight(b, row, column) as u16);
                }
            }
        }
        for (l, layer) in self.map.layers.iter().enumerate().skip(1) {
            for unit in 0..layer.units {
                let word = u32::from(bias(l, unit) as u16);
                if layer.in_lanes {
                    banks[(layer.bias_address + unit / lanes) * lanes + unit % lanes] = word;
                } else {
                    head[layer.bias_address + unit] = word;
                }
            }
        }
        let mut commands = write(Space::Bank, &banks, lanes);
        commands.extend(write(Space::Bias, &head, 1));
        commands
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_address_what_the_whole_command_does() {
        let words: Vec<u32> = (100..120).collect();
        let mut command = vec![Command::Write.header(Space::Bank as u32, 20), 7];
        command.extend(&words);
        // Room for 9 words is room for two whole addresses of four lanes.
        let pieces = split(&command, 4, 11, 1);
        let heads: Vec<_> = pieces.iter().map(|p| (p[0] & 0xFFFF, p[1])).collect();
        assert_eq!(heads, [(8, 7), (8, 9), (4, 11)]);
        let data: Vec<u32> = pieces.iter().flat_map(|p| p[2..].to_vec()).collect();
        assert_eq!(data, words);

        let read = [Command::Read.header(Space::Bank as u32, 20), 7];
        let pieces = split(&read, 4, 3, 9);
        let header =
            |count, address| vec![Command::Read.header(Space::Bank as u32, count), address];
        assert_eq!(pieces, [header(8, 7), header(8, 9), header(4, 11)]);
        let registers = [Command::Read.header(Space::Registers as u32, 3), 0];
        assert_eq!(split(&registers, 4, 3, 2).len(), 2);

        let sample = sample(&[0, 5, 6], Purpose::Infer, true);
        assert_eq!(split(&sample, 4, 3, 1), [sample]);
    }

    #[test]
    fn a_pair_says_where_the_second_sample_begins() {
        let command = pair([&[0, 5, 6], &[0, 0, 7]]);
        let header = Command::Pair.header(flag::ANSWER, 2);
        assert_eq!(command, [header, 0x1_0005, 0x2_0006, 1, 0x2_0007]);
        // The first answer looks like an output of unit 0, but for its mark.
        let response = PairResponse {
            sweeps: [(3, true), (20, false)],
            cycles: 1234,
            answers: [(vec![(0, 9), (2, 4)], 2), (vec![], 0)],
        };
        let words = response.words();
        assert_eq!(PairResponse::parse(&words), Some(response));
        let cut = &words[..words.len() - 1];
        assert_eq!(PairResponse::parse(cut), None);
        let more = [&words[..], &[5]].concat();
        assert_eq!(PairResponse::parse(&more), None);
    }
}
