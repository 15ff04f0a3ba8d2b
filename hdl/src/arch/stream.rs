//! Words of the core's stream: commands to send and responses to read.

use super::plan::Plan;
use super::registers::{flag, report, Command, Register, Space};

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

/// Writes one register.
pub fn write_register(register: Register, value: u32) -> Vec<u32> {
    vec![
        Command::Write.header(Space::Registers as u32, 1),
        register as u32,
        value,
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

/// Sends a sample: states of the input layer, and of the targets if it is to be nudged.
pub fn sample(input: &[u16], target: Option<&[u16]>, answer: bool) -> Vec<u32> {
    let flags =
        if target.is_some() { flag::NUDGE } else { 0 } | if answer { flag::ANSWER } else { 0 };
    let mut command = vec![0];
    command.extend(
        input
            .iter()
            .enumerate()
            .filter(|(_, &x)| x != 0)
            .map(|(unit, &x)| (unit as u32) << super::program::entry::UNIT_SHIFT | u32::from(x)),
    );
    command[0] = Command::Sample.header(flags, command.len() - 1);
    command.extend(target.unwrap_or(&[]).iter().map(|&t| u32::from(t)));
    command
}

impl Plan {
    /// Commands that make hardware of this plan's shape run this network: registers and schedule.
    pub fn configure(&self) -> Vec<Vec<u32>> {
        let mut commands = write(Space::Registers, &self.registers, 1);
        commands.extend(write(Space::Program, &self.program_words(), 1));
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
                for column in 0..block.columns {
                    let address = block.address(row / lanes) + column;
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

/// What the core says of one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Sweeps and whether it settled: free, nudged, nudged with −β (0 sweeps: not run).
    pub phases: [(u32, bool); 3],
    /// The drawn sign is negative.
    pub negative: bool,
    /// Some state changed in the first sweep of a nudged phase.
    pub moved_by_nudge: bool,
    /// Clock cycles that the sample ran.
    pub cycles: u32,
    /// Non-zero outputs (unit, state) of the free phase and the answer, if asked for.
    pub answer: Option<(Vec<(usize, u16)>, usize)>,
}

impl Response {
    /// Reads a response frame; `None` if it is not one.
    pub fn parse(words: &[u32]) -> Option<Response> {
        let (&first, rest) = words.split_first()?;
        let (&cycles, rest) = rest.split_first()?;
        let phase = |sweeps: u32, settled: u32| (first >> sweeps & 0xFF, first >> settled & 1 == 1);
        let answer = rest.split_last().map(|(&winner, states)| {
            let states = states
                .iter()
                .map(|word| {
                    (
                        (word >> super::program::entry::UNIT_SHIFT) as usize,
                        *word as u16,
                    )
                })
                .collect();
            (states, winner as usize)
        });
        Some(Response {
            phases: [
                phase(report::SWEEPS_FREE, report::SETTLED_FREE),
                phase(report::SWEEPS_NUDGED, report::SETTLED_NUDGED),
                phase(report::SWEEPS_NUDGED_MINUS, report::SETTLED_NUDGED_MINUS),
            ],
            negative: first >> report::NEGATIVE & 1 == 1,
            moved_by_nudge: first >> report::MOVED_BY_NUDGE & 1 == 1,
            cycles,
            answer,
        })
    }
}
