//! The command and register map of the core's stream interface.

use serde::Serialize;

/// First byte of a command's first word: {opcode[31:24], argument[23:16], count[15:0]}.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[repr(u32)]
pub enum Command {
    /// Writes `count` words to the space named by the argument, from the address in the next word.
    Write = 1,
    /// Reads `count` words from the space named by the argument, from the address in the next word.
    Read = 2,
    /// Runs one sample: `count` words {unit[27:16], state[15:0]} of non-zero inputs in rising
    /// order, then, if it is nudged, one word for each target. The argument is [`flag`] bits.
    Sample = 3,
    /// Answers two samples that run by turns, on hardware that interleaves: `count` input words of the first one, a
    /// word with the number of the second one's, and those. Of the argument only [`flag::ANSWER`] counts.
    Pair = 4,
}

impl Command {
    pub const OPCODE_SHIFT: u32 = 24;
    pub const ARGUMENT_SHIFT: u32 = 16;

    /// The command's first word.
    pub fn header(self, argument: u32, count: usize) -> u32 {
        (self as u32) << Self::OPCODE_SHIFT | argument << Self::ARGUMENT_SHIFT | count as u32
    }
}

/// Argument bits of [`Command::Sample`].
pub mod flag {
    /// Run the nudged phases after the free one.
    pub const NUDGE: u32 = 1;
    /// Send the outputs of the free phase and the answer.
    pub const ANSWER: u32 = 2;
    /// After the nudged phases, learn from a sample whose nudge moved something.
    pub const LEARN: u32 = 4;
}

/// What [`Command::Write`] and [`Command::Read`] address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[repr(u32)]
pub enum Space {
    /// Writing: [`Register`]. Reading: the [`identity`] words.
    Registers = 0,
    /// The schedule memory (write only).
    Program = 1,
    /// Weights: the word at bank address a of lane l is word a·P + l; the address is a.
    Bank = 2,
    /// Biases of column-side units.
    Bias = 3,
}

/// Writable registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[repr(u32)]
pub enum Register {
    /// Settling tolerance in LSB.
    Tolerance = 0,
    /// Step size shift k.
    K,
    /// 1: sequential order, 0: synchronous.
    Sequential,
    /// 0: positive, 1: random sign, 2: symmetric.
    Nudging,
    /// G − b.
    NudgeShift,
    MaxFree,
    MaxNudged,
    /// First words of the three sections.
    DrivePc,
    SweepPc,
    OutputPc,
    OutputLayer,
    /// 1: the output layer lives in the lanes.
    OutputInLanes,
    /// First tile of the output layer in the lanes' memories.
    OutputTile,
    /// List region of the output layer, in granules.
    OutputList,
    OutputUnits,
    /// Words between the list regions of two slots.
    ListStride,
    /// First word of the input's list.
    InputBase,
    /// First word of the learning section.
    LearnPc,
    /// m of rule 7, the doublings of every rate: M at the start of a run, one less for each halving.
    Doublings,
    /// State of the random number generator.
    Random,
}

/// Number of registers.
pub const REGISTERS: usize = Register::Random as usize + 1;

impl Register {
    /// All registers in the order of their addresses.
    pub const ALL: [Register; REGISTERS] = [
        Register::Tolerance,
        Register::K,
        Register::Sequential,
        Register::Nudging,
        Register::NudgeShift,
        Register::MaxFree,
        Register::MaxNudged,
        Register::DrivePc,
        Register::SweepPc,
        Register::OutputPc,
        Register::OutputLayer,
        Register::OutputInLanes,
        Register::OutputTile,
        Register::OutputList,
        Register::OutputUnits,
        Register::ListStride,
        Register::InputBase,
        Register::LearnPc,
        Register::Doublings,
        Register::Random,
    ];
}

/// Status in the one-word reply to a command without data.
pub mod status {
    pub const DONE: u32 = 0;
    pub const UNKNOWN_COMMAND: u32 = 1;
    /// The command has fewer or more words than its header says. A sample was not run; of a write,
    /// the words that are there were written.
    pub const MALFORMED: u32 = 2;
    /// The command names a space that is not listed, or an address that the space does not have. Nothing is read; of
    /// a write that runs past the end, the words before it were written. A read that runs past the end is answered
    /// by the words before it.
    pub const OUTSIDE: u32 = 3;
}

/// First identity word: "EQP" and the version of this map.
pub const MAGIC: u32 = 0x4551_5002;

/// What reading [`Space::Registers`] gives at each address.
pub mod identity {
    /// [`super::MAGIC`].
    pub const MAGIC: u32 = 0;
    /// The configuration's hash.
    pub const HASH: u32 = 1;
    /// State of the random number generator.
    pub const RANDOM: u32 = 2;
    /// There is no more.
    pub const WORDS: usize = 3;
}

/// Words of a sample's response before the outputs: [`report`], cycles, weights saturated; with
/// [`report::SPIKING`] one more, the spikes of all phases.
pub const REPORT_WORDS: usize = 3;

/// Set in an answer of a [`Command::Pair`], whose response has both samples' outputs and answers: it tells the answer
/// of the first from an output.
pub const PAIR_ANSWER: u32 = 1 << super::program::entry::END_BIT;

/// Fields of the first word of a sample's response. In that of a [`Command::Pair`] those of the nudged phase are the
/// second sample's free phase.
pub mod report {
    pub const SWEEPS_FREE: u32 = 0;
    pub const SWEEPS_NUDGED: u32 = 8;
    pub const SWEEPS_NUDGED_MINUS: u32 = 16;
    pub const SETTLED_FREE: u32 = 24;
    pub const SETTLED_NUDGED: u32 = 25;
    pub const SETTLED_NUDGED_MINUS: u32 = 26;
    /// The drawn sign is negative.
    pub const NEGATIVE: u32 = 27;
    /// Some state changed in the first sweep of a nudged phase.
    pub const MOVED_BY_NUDGE: u32 = 28;
    /// The sample was learned from.
    pub const LEARNED: u32 = 29;
    /// The units spike.
    pub const SPIKING: u32 = 30;
}
