//! The stream port: AXI4-Stream commands in, responses out.
//!
//! ```text
//!  s_valid, s_data, s_last ─► +------+ ─► register, program, bias and target writes
//!  s_ready                 ◄─ | port | ─► load and read tokens, the input's list
//!  m_valid, m_data, m_last ◄─ +------+ ─► go ─► (control) ─► finished
//! ```
//! Commands and responses are described in `arch::registers`. A sample is received whole before
//! it runs and its response waits until it is finished, so a slow partner stalls the core only
//! between samples: the cycles of a sample never depend on the stream.
//!
//! In reset it takes no word, and clears the accumulators with tokens.

use super::token::Op;
use crate::arch::program::slot;
use crate::arch::registers::{
    flag, identity, status, Command, Space, MAGIC, PAIR_ANSWER, REGISTERS,
};
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// Two bits of a reply tell a refusal from what is done.
const _: () = assert!(
    status::DONE == 0
        && status::UNKNOWN_COMMAND < 4
        && status::MALFORMED < 4
        && status::OUTSIDE < 4
);

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum State {
    Header,
    Begin,
    Address,
    Look,
    Data,
    Settle,
    Store,
    Inputs,
    InputsEnd,
    Targets,
    Go,
    Busy,
    ReadIssue,
    ReadWait,
    ReadBias,
    ReadLook,
    Reply,
    Report,
    Cycles,
    Saturations,
    Spikes,
    ListFirst,
    ListNext,
    Answer,
    Flush,
    Refuse,
}

#[derive(LogicBlock)]
pub struct Port {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub s_valid: Signal<In, Bit>,
    pub s_ready: Signal<Out, Bit>,
    pub s_data: Signal<In, Bits<32>>,
    pub s_last: Signal<In, Bit>,
    pub m_valid: Signal<Out, Bit>,
    pub m_ready: Signal<In, Bit>,
    pub m_data: Signal<Out, Bits<32>>,
    pub m_last: Signal<Out, Bit>,
    /// Writes: address and data are shared by all of them.
    pub register_write: Signal<Out, Bit>,
    pub program_write: Signal<Out, Bit>,
    pub bias_write: Signal<Out, Bit>,
    pub target_write: Signal<Out, Bit>,
    pub write_address: Signal<Out, Bits<16>>,
    pub write_data: Signal<Out, Bits<32>>,
    /// Tokens, for the sequencer's registers; there are none while it runs.
    pub op: Signal<Out, Op>,
    pub sub: Signal<Out, Bits<6>>,
    pub addr: Signal<Out, Bits<16>>,
    pub slot: Signal<Out, Bits<12>>,
    pub value: Signal<Out, Bits<16>>,
    pub tag: Signal<Out, Bits<16>>,
    pub read_valid: Signal<In, Bit>,
    pub read_value: Signal<In, Bits<16>>,
    pub bias_select: Signal<Out, Bit>,
    pub bias_word: Signal<In, Bits<16>>,
    /// List memory.
    pub list_write: Signal<Out, Bit>,
    pub list_write_address: Signal<Out, Bits<16>>,
    pub list_write_word: Signal<Out, Bits<29>>,
    pub list_select: Signal<Out, Bit>,
    pub list_address: Signal<Out, Bits<16>>,
    pub list_word: Signal<In, Bits<29>>,
    /// Control.
    pub go: Signal<Out, Bit>,
    pub nudge: Signal<Out, Bit>,
    pub answer: Signal<Out, Bit>,
    pub learn: Signal<Out, Bit>,
    /// Two samples run by turns; what is received or answered is the second one's.
    pub pair: Signal<Out, Bit>,
    pub second: Signal<Out, Bit>,
    pub finished: Signal<In, Bit>,
    pub report: Signal<In, Bits<32>>,
    pub cycles: Signal<In, Bits<32>>,
    pub saturations: Signal<In, Bits<32>>,
    pub spikes: Signal<In, Bits<32>>,
    pub random: Signal<In, Bits<32>>,
    /// First list address of the slot that holds the free phase's states.
    pub slot_base: Signal<In, Bits<16>>,
    /// Registers.
    pub input_base: Signal<In, Bits<16>>,
    pub output_in_lanes: Signal<In, Bits<1>>,
    pub output_tile: Signal<In, Bits<8>>,
    pub output_list: Signal<In, Bits<8>>,
    pub output_units: Signal<In, Bits<16>>,
    spiking: Constant<Bit>,
    deep: Constant<Bit>,
    interleaves: Constant<Bit>,
    second_input: Constant<Bits<16>>,
    command_pair: Constant<Bits<8>>,
    command_write: Constant<Bits<8>>,
    command_read: Constant<Bits<8>>,
    command_sample: Constant<Bits<8>>,
    pair_answer: Constant<Bits<32>>,
    space_registers: Constant<Bits<8>>,
    space_program: Constant<Bits<8>>,
    space_bank: Constant<Bits<8>>,
    flag_nudge: Constant<Bits<8>>,
    flag_answer: Constant<Bits<8>>,
    flag_learn: Constant<Bits<8>>,
    space_bias: Constant<Bits<8>>,
    at_hash: Constant<Bits<16>>,
    at_random: Constant<Bits<16>>,
    status_done: Constant<Bits<2>>,
    status_unknown: Constant<Bits<2>>,
    status_malformed: Constant<Bits<2>>,
    status_outside: Constant<Bits<2>>,
    words_registers: Constant<Bits<16>>,
    words_identity: Constant<Bits<16>>,
    words_program: Constant<Bits<16>>,
    words_bank: Constant<Bits<16>>,
    words_bias: Constant<Bits<16>>,
    far_mask: Constant<Bits<32>>,
    magic: Constant<Bits<32>>,
    hash: Constant<Bits<32>>,
    last_lane: Constant<Bits<16>>,
    last_wait: Constant<Bits<3>>,
    slot_target: Constant<Bits<12>>,
    tile_bits: Constant<Bits<4>>,
    address_mask: Constant<Bits<16>>,
    lane_mask: Constant<Bits<16>>,
    state_mask: Constant<Bits<16>>,
    state: DFF<State>,
    /// The command, unless it is refused.
    writing: DFF<Bit>,
    /// A command that is refused is answered by its status alone.
    refused: DFF<Bit>,
    reading: DFF<Bit>,
    sampling: DFF<Bit>,
    pairing: DFF<Bit>,
    other: DFF<Bit>,
    argument: DFF<Bits<8>>,
    count: DFF<Bits<16>>,
    address: DFF<Bits<16>>,
    lane: DFF<Bits<16>>,
    patience: DFF<Bits<3>>,
    /// What a command came to, and the word that one which reads has read.
    status: DFF<Bits<2>>,
    reply: DFF<Bits<32>>,
    best: DFF<Bits<16>>,
    winner: DFF<Bits<16>>,
    /// The output that was sent last, compared in a cycle of its own in deep pipelines.
    sent: DFF<Bits<29>>,
    compares: DFF<Bit>,
    /// The last word that came ended its command.
    ended: DFF<Bit>,
    place: Signal<Local, Bits<16>>,
    turn: Signal<Local, Bits<16>>,
    /// One word is left; none is.
    final_word: DFF<Bit>,
    none_left: DFF<Bit>,
    /// The space that the argument names.
    to_bank: DFF<Bit>,
    to_registers: DFF<Bit>,
    to_program: DFF<Bit>,
    to_bias: DFF<Bit>,
    /// Addresses that the space has; the command began beyond them, and further than the address can tell.
    places: DFF<Bits<16>>,
    far: DFF<Bit>,
    /// The address of the last cycle was beyond them: the states `Look` and `ReadLook` wait for it.
    outside: DFF<Bit>,
    /// Two words were left.
    only: Signal<Local, Bit>,
    final_reply: Signal<Local, Bit>,
    output_base: Signal<Local, Bits<16>>,
    arrived: Signal<Local, Bit>,
}

impl Port {
    /// A port for hardware of a shape; `hash` names the configuration.
    pub fn new(shape: &Shape, hash: u32) -> Self {
        let byte = |value: u32| Constant::new(u64::from(value).into());
        let word = |value: u32| Constant::new(u64::from(value).into());
        let code = |value: u32| Constant::new(u64::from(value).into());
        let words = |count: usize| Constant::new((count as u64).into());
        block!(Port {
            clock, reset, s_valid, s_ready, s_data, s_last, m_valid, m_ready, m_data, m_last,
            register_write, program_write, bias_write, target_write, write_address, write_data, op,
            sub, addr, slot, value, tag, read_valid, read_value, bias_select,
            bias_word, learn, pair, second, saturations, spikes, random, list_write, list_write_address,
            list_write_word, list_select, list_address, list_word, go, nudge, answer, finished,
            report, cycles, slot_base, input_base, output_in_lanes, output_tile,
            output_list, output_units, state, writing, refused, reading, sampling, pairing, other, argument, count, address, lane, patience,
            status, reply, best, winner, sent, compares, ended, place, turn, final_word, none_left, final_reply, to_bank, to_registers, to_program, to_bias, places, far, outside, only,
            output_base, arrived;
            deep: Constant::new(shape.is_deep()),
            interleaves: Constant::new(shape.interleaves()),
            second_input: Constant::new((shape.second_input as u64).into()),
            command_pair: byte(Command::Pair as u32),
            spiking: Constant::new(shape.spiking.is_some()),
            command_write: byte(Command::Write as u32),
            command_read: byte(Command::Read as u32),
            command_sample: byte(Command::Sample as u32),
            pair_answer: word(PAIR_ANSWER),
            space_registers: byte(Space::Registers as u32),
            space_program: byte(Space::Program as u32),
            space_bank: byte(Space::Bank as u32),
            flag_nudge: byte(flag::NUDGE),
            flag_answer: byte(flag::ANSWER),
            flag_learn: byte(flag::LEARN),
            space_bias: byte(Space::Bias as u32),
            at_hash: Constant::new(u64::from(identity::HASH).into()),
            at_random: Constant::new(u64::from(identity::RANDOM).into()),
            status_done: code(status::DONE),
            status_unknown: code(status::UNKNOWN_COMMAND),
            status_malformed: code(status::MALFORMED),
            status_outside: code(status::OUTSIDE),
            words_registers: words(REGISTERS),
            words_identity: words(identity::WORDS),
            words_program: words(shape.program_words),
            words_bank: words(shape.bank_words),
            words_bias: words(shape.bias_words),
            far_mask: Constant::new((u64::from(u32::MAX) & !shape.port_mask()).into()),
            magic: word(MAGIC),
            hash: word(hash),
            last_lane: Constant::new((shape.lanes as u64 - 1).into()),
            // The add token leaves one cycle before the wait begins.
            last_wait: Constant::new(u64::from(shape.stages().sum - 2).into()),
            slot_target: Constant::new(u64::from(slot::TARGET).into()),
            address_mask: Constant::new(shape.port_mask().into()),
            lane_mask: Constant::new(shape.lane_mask().into()),
            state_mask: Constant::new(shape.state_mask().into()),
            tile_bits: Constant::new(u64::from(shape.tile_bits).into())
        })
    }
}

impl Logic for Port {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            writing,
            refused,
            reading,
            sampling,
            pairing,
            other,
            argument,
            count,
            address,
            lane,
            patience,
            status,
            reply,
            best,
            winner,
            sent,
            compares,
            ended,
            final_word,
            none_left,
            to_bank,
            to_registers,
            to_program,
            to_bias,
            places,
            outside,
            far
        );
        self.place.next = self.address.q.val() & self.address_mask.val();
        // A word that was asked for is there: in a deep pipeline two cycles later.
        self.arrived.next = !self.deep.val() | self.patience.q.val().get_bit(1);
        // Counts while it is waited for.
        self.patience.d.next = 0.into();
        self.turn.next = self.lane.q.val() & self.lane_mask.val();
        self.op.next = Op::Nop;
        self.sub.next = 0.into();
        self.addr.next = self.place.val();
        self.slot.next =
            (self.slot_target.val() << self.tile_bits.val()) | bit_cast::<12, 16>(self.place.val());
        self.value.next = self.s_data.val().get_bits::<16>(0);
        self.tag.next = self.turn.val();
        self.s_ready.next = false;
        self.m_valid.next = false;
        self.m_last.next = false;
        self.m_data.next = self.reply.q.val();
        if !self.reading.q.val() | self.refused.q.val() {
            self.m_data.next = bit_cast::<32, 2>(self.status.q.val());
        }
        self.register_write.next = false;
        self.program_write.next = false;
        self.bias_write.next = false;
        self.target_write.next = false;
        self.write_address.next = self.place.val();
        self.write_data.next = self.s_data.val();
        self.list_write.next = false;
        self.list_write_address.next = self.input_base.val() + self.place.val();
        self.list_write_word.next = bit_cast::<29, 28>(self.s_data.val().get_bits::<28>(0));
        self.list_select.next = false;
        self.list_address.next = self.place.val();
        self.go.next = false;
        self.nudge.next = (self.argument.q.val() & self.flag_nudge.val()).any();
        self.answer.next = (self.argument.q.val() & self.flag_answer.val()).any();
        self.learn.next = (self.argument.q.val() & self.flag_learn.val()).any();
        self.pair.next = self.pairing.q.val();
        self.second.next = self.other.q.val();
        if self.interleaves.val() & self.pairing.q.val() {
            self.nudge.next = false;
            self.learn.next = false;
            if self.other.q.val() {
                self.list_write_address.next = self.second_input.val() + self.place.val();
            }
        }
        self.bias_select.next = false;
        self.only.next = self.count.q.val() == 2;
        self.sent.d.next = self.list_word.val();
        self.compares.d.next = false;
        if self.deep.val()
            & self.compares.q.val()
            & ((self.sent.q.val().get_bits::<16>(0) & self.state_mask.val())
                > (self.best.q.val() & self.state_mask.val()))
        {
            self.best.d.next = self.sent.q.val().get_bits::<16>(0);
            self.winner.d.next = bit_cast::<16, 12>(self.sent.q.val().get_bits::<12>(16));
        }
        self.to_bank.d.next = self.argument.q.val() == self.space_bank.val();
        self.to_registers.d.next = self.argument.q.val() == self.space_registers.val();
        self.to_program.d.next = self.argument.q.val() == self.space_program.val();
        self.to_bias.d.next = self.argument.q.val() == self.space_bias.val();
        // Of a space that is not listed there is nothing, of the schedule nothing to read.
        self.places.d.next = 0.into();
        if self.to_bank.q.val() {
            self.places.d.next = self.words_bank.val();
        } else if self.to_bias.q.val() {
            self.places.d.next = self.words_bias.val();
        } else if self.to_registers.q.val() {
            self.places.d.next = self.words_registers.val();
            if self.reading.q.val() {
                self.places.d.next = self.words_identity.val();
            }
        } else if self.to_program.q.val() & self.writing.q.val() {
            self.places.d.next = self.words_program.val();
        }
        self.outside.d.next = self.far.q.val() | (self.place.val() >= self.places.q.val());
        // What is read ends with the last word that there is.
        self.final_reply.next = self.final_word.q.val()
            | self.outside.q.val()
            | !self.reading.q.val()
            | self.refused.q.val();
        // The controller leaves the free phase's slot selected.
        self.output_base.next =
            self.slot_base.val() + (bit_cast::<16, 8>(self.output_list.val()) << 4);

        match self.state.q.val() {
            State::Header => {
                self.s_ready.next = true;
                self.reading.d.next =
                    self.s_data.val().get_bits::<8>(24) == self.command_read.val();
                self.sampling.d.next =
                    self.s_data.val().get_bits::<8>(24) == self.command_sample.val();
                self.final_word.d.next = self.s_data.val().get_bits::<16>(0) == 1;
                self.none_left.d.next = !self.s_data.val().get_bits::<16>(0).any();
                self.refused.d.next = false;
                self.argument.d.next = self.s_data.val().get_bits::<8>(16);
                self.count.d.next = self.s_data.val().get_bits::<16>(0);
                self.address.d.next = 0.into();
                self.lane.d.next = 0.into();
                self.writing.d.next =
                    self.s_data.val().get_bits::<8>(24) == self.command_write.val();
                self.status.d.next = self.status_done.val();
                if self.interleaves.val() {
                    self.other.d.next = false;
                    self.pairing.d.next =
                        self.s_data.val().get_bits::<8>(24) == self.command_pair.val();
                    if self.pairing.d.val() {
                        self.sampling.d.next = true;
                    }
                }
                if self.s_valid.val() {
                    self.ended.d.next = self.s_last.val();
                    self.state.d.next = State::Begin;
                    // Without inputs this word may be the last, from which the start is counted.
                    if self.sampling.d.val() & !self.s_data.val().get_bits::<16>(0).any() {
                        self.state.d.next = State::InputsEnd;
                    }
                }
            }
            State::Begin => {
                if self.writing.q.val() | self.reading.q.val() {
                    self.state.d.next = State::Address;
                } else if self.sampling.q.val() {
                    self.state.d.next = State::Inputs;
                } else {
                    self.status.d.next = self.status_unknown.val();
                    self.state.d.next = State::Flush;
                    if self.ended.q.val() {
                        self.state.d.next = State::Reply;
                    }
                }
            }
            State::Flush => {
                self.s_ready.next = true;
                if self.s_valid.val() & self.s_last.val() {
                    self.state.d.next = State::Reply;
                }
            }
            State::Address => {
                if self.ended.q.val() {
                    self.state.d.next = State::Refuse;
                } else {
                    self.s_ready.next = true;
                    self.address.d.next = self.s_data.val().get_bits::<16>(0);
                    self.far.d.next = (self.s_data.val() & self.far_mask.val()).any();
                    if self.interleaves.val() & self.pairing.q.val() {
                        self.address.d.next = 0.into();
                        self.count.d.next = self.s_data.val().get_bits::<16>(0);
                        self.final_word.d.next = self.s_data.val().get_bits::<16>(0) == 1;
                        self.none_left.d.next = !self.s_data.val().get_bits::<16>(0).any();
                        if self.s_valid.val() {
                            self.other.d.next = true;
                            self.ended.d.next = self.s_last.val();
                            self.state.d.next = State::Inputs;
                            if !self.s_data.val().get_bits::<16>(0).any() {
                                self.state.d.next = State::InputsEnd;
                            }
                        }
                    } else if self.s_valid.val() {
                        self.ended.d.next = self.s_last.val();
                        self.state.d.next = State::Look;
                        if self.reading.q.val() & (!self.s_last.val() | self.none_left.q.val()) {
                            self.refused.d.next = true;
                            self.status.d.next = self.status_malformed.val();
                            self.state.d.next = State::Reply;
                            if !self.s_last.val() {
                                self.state.d.next = State::Flush;
                            }
                        }
                    }
                }
            }
            State::Look => {
                self.state.d.next = State::Data;
                if self.reading.q.val() {
                    self.state.d.next = State::ReadIssue;
                }
            }
            State::Data => {
                if self.ended.q.val() {
                    self.state.d.next = State::Refuse;
                } else if self.outside.q.val() {
                    self.status.d.next = self.status_outside.val();
                    self.state.d.next = State::Flush;
                } else {
                    self.s_ready.next = true;
                    if self.s_valid.val() {
                        self.ended.d.next = self.s_last.val();
                        self.count.d.next = self.count.q.val() - 1;
                        self.final_word.d.next = self.only.val();
                        self.none_left.d.next = self.final_word.q.val();
                        if self.to_bank.q.val() {
                            self.op.next = Op::Add;
                            self.lane.d.next = self.turn.val() + 1;
                            if (self.turn.val() == self.last_lane.val()) | self.final_word.q.val() {
                                self.state.d.next = State::Settle;
                            }
                        } else {
                            self.address.d.next = self.place.val() + 1;
                            self.state.d.next = State::Look;
                            if self.to_registers.q.val() {
                                self.register_write.next = true;
                            } else if self.to_program.q.val() {
                                self.program_write.next = true;
                            } else {
                                self.bias_write.next = true;
                            }
                            if self.final_word.q.val() {
                                self.state.d.next = State::Reply;
                                if !self.s_last.val() {
                                    self.status.d.next = self.status_malformed.val();
                                    self.state.d.next = State::Flush;
                                }
                            }
                        }
                    }
                }
            }
            State::Settle => {
                // The accumulators must hold the last value before it is stored.
                self.patience.d.next = self.patience.q.val() + 1;
                if self.patience.q.val() == self.last_wait.val() {
                    self.state.d.next = State::Store;
                }
            }
            State::Store => {
                self.op.next = Op::Store;
                self.address.d.next = self.place.val() + 1;
                self.lane.d.next = 0.into();
                self.state.d.next = State::Look;
                if self.sampling.q.val() {
                    self.op.next = Op::Save;
                    self.sub.next = 3.into();
                    self.state.d.next = State::Targets;
                }
                if self.none_left.q.val() {
                    self.state.d.next = State::Reply;
                    if !self.ended.q.val() {
                        self.status.d.next = self.status_malformed.val();
                        self.state.d.next = State::Flush;
                    }
                    if self.sampling.q.val() {
                        self.state.d.next = State::Go;
                    }
                }
            }
            State::Inputs => {
                if self.ended.q.val() {
                    self.state.d.next = State::Refuse;
                } else {
                    self.s_ready.next = true;
                    if self.s_valid.val() {
                        self.ended.d.next = self.s_last.val();
                        self.count.d.next = self.count.q.val() - 1;
                        self.final_word.d.next = self.only.val();
                        self.none_left.d.next = self.final_word.q.val();
                        if self.s_data.val().get_bits::<16>(0).any() {
                            self.list_write.next = true;
                            self.address.d.next = self.place.val() + 1;
                        }
                        if self.final_word.q.val() {
                            self.state.d.next = State::InputsEnd;
                        }
                    }
                }
            }
            State::InputsEnd => {
                self.list_write.next = true;
                self.list_write_word.next = bits::<29>(0x1000_0000);
                self.state.d.next = State::Go;
                self.address.d.next = 0.into();
                if self.nudge.val() {
                    self.count.d.next = self.output_units.val();
                    self.final_word.d.next = self.output_units.val() == 1;
                    self.none_left.d.next = !self.output_units.val().any();
                    self.state.d.next = State::Targets;
                    if self.output_in_lanes.val().any() {
                        self.address.d.next = bit_cast::<16, 8>(self.output_tile.val());
                    }
                }
                if self.interleaves.val() & self.pairing.q.val() & !self.other.q.val() {
                    self.state.d.next = State::Address;
                }
            }
            State::Targets => {
                if self.ended.q.val() {
                    self.state.d.next = State::Refuse;
                } else {
                    self.s_ready.next = true;
                    if self.s_valid.val() {
                        self.ended.d.next = self.s_last.val();
                        self.count.d.next = self.count.q.val() - 1;
                        self.final_word.d.next = self.only.val();
                        self.none_left.d.next = self.final_word.q.val();
                        if self.output_in_lanes.val().any() {
                            self.op.next = Op::Add;
                            self.lane.d.next = self.turn.val() + 1;
                            if (self.turn.val() == self.last_lane.val()) | self.final_word.q.val() {
                                self.state.d.next = State::Settle;
                            }
                        } else {
                            self.target_write.next = true;
                            self.address.d.next = self.place.val() + 1;
                            if self.final_word.q.val() {
                                self.state.d.next = State::Go;
                            }
                        }
                    }
                }
            }
            State::Go => {
                if !self.ended.q.val() | self.status.q.val().any() {
                    self.refused.d.next = true;
                    self.status.d.next = self.status_malformed.val();
                    self.state.d.next = State::Reply;
                    if !self.ended.q.val() {
                        self.state.d.next = State::Flush;
                    }
                } else {
                    self.go.next = true;
                    if self.interleaves.val() {
                        self.other.d.next = false;
                    }
                    self.state.d.next = State::Busy;
                }
            }
            State::Busy => {
                if self.finished.val() {
                    self.state.d.next = State::Report;
                }
            }
            State::ReadIssue => {
                if self.outside.q.val() {
                    self.refused.d.next = true;
                    self.status.d.next = self.status_outside.val();
                    self.state.d.next = State::Reply;
                } else if self.to_bank.q.val() {
                    self.op.next = Op::ReadWeight;
                    self.value.next = 1.into();
                    self.state.d.next = State::ReadWait;
                } else if self.to_bias.q.val() {
                    self.bias_select.next = true;
                    self.state.d.next = State::ReadBias;
                } else {
                    self.reply.d.next = self.magic.val();
                    if self.place.val() == self.at_hash.val() {
                        self.reply.d.next = self.hash.val();
                    } else if self.place.val() == self.at_random.val() {
                        self.reply.d.next = self.random.val();
                    }
                    self.address.d.next = self.place.val() + 1;
                    self.state.d.next = State::ReadLook;
                }
            }
            State::ReadWait => {
                if self.read_valid.val() {
                    self.reply.d.next = bit_cast::<32, 16>(self.read_value.val());
                    self.lane.d.next = self.turn.val() + 1;
                    if self.turn.val() == self.last_lane.val() {
                        self.lane.d.next = 0.into();
                        self.address.d.next = self.place.val() + 1;
                    }
                    self.state.d.next = State::ReadLook;
                }
            }
            State::ReadBias => {
                if !self.arrived.val() {
                    self.patience.d.next = self.patience.q.val() + 1;
                } else {
                    self.reply.d.next = bit_cast::<32, 16>(self.bias_word.val());
                    self.address.d.next = self.place.val() + 1;
                    self.state.d.next = State::ReadLook;
                }
            }
            State::ReadLook => {
                self.state.d.next = State::Reply;
            }
            State::Reply => {
                self.m_valid.next = true;
                self.m_last.next = self.final_reply.val();
                if self.m_ready.val() {
                    self.count.d.next = self.count.q.val() - 1;
                    self.final_word.d.next = self.only.val();
                    self.none_left.d.next = self.final_word.q.val();
                    self.state.d.next = State::ReadIssue;
                    if self.final_reply.val() {
                        self.state.d.next = State::Header;
                    }
                }
            }
            State::Report => {
                self.m_valid.next = true;
                self.m_data.next = self.report.val();
                if self.m_ready.val() {
                    self.state.d.next = State::Cycles;
                }
            }
            State::Cycles => {
                self.m_valid.next = true;
                self.m_data.next = self.cycles.val();
                if self.m_ready.val() {
                    self.state.d.next = State::Saturations;
                }
            }
            State::Saturations => {
                self.m_valid.next = true;
                self.m_data.next = self.saturations.val();
                self.m_last.next = !self.answer.val() & !self.spiking.val();
                if self.m_ready.val() {
                    self.state.d.next = State::Header;
                    if self.spiking.val() {
                        self.state.d.next = State::Spikes;
                    } else if self.answer.val() {
                        self.state.d.next = State::ListFirst;
                    }
                }
            }
            State::Spikes => {
                self.m_valid.next = true;
                self.m_data.next = self.spikes.val();
                self.m_last.next = !self.answer.val();
                if self.m_ready.val() {
                    self.state.d.next = State::Header;
                    if self.answer.val() {
                        self.state.d.next = State::ListFirst;
                    }
                }
            }
            State::ListFirst => {
                self.list_select.next = true;
                self.list_address.next = self.output_base.val();
                self.address.d.next = self.output_base.val();
                self.best.d.next = 0.into();
                self.winner.d.next = 0.into();
                self.state.d.next = State::ListNext;
                // The other sample's slot is selected a cycle before its list.
                if self.interleaves.val() & self.other.q.val() & !self.patience.q.val().any() {
                    self.patience.d.next = 1.into();
                    self.state.d.next = State::ListFirst;
                }
            }
            State::ListNext => {
                self.list_select.next = true;
                self.patience.d.next = self.patience.q.val() + 1;
                if self.arrived.val() {
                    self.patience.d.next = self.patience.q.val();
                    self.m_data.next = bit_cast::<32, 29>(self.list_word.val());
                    if self.list_word.val().get_bit(28) {
                        self.state.d.next = State::Answer;
                    } else {
                        self.m_valid.next = true;
                        if self.m_ready.val() {
                            self.list_address.next = self.place.val() + 1;
                            self.address.d.next = self.place.val() + 1;
                            self.patience.d.next = 0.into();
                            if self.deep.val() {
                                self.compares.d.next = true;
                            } else if (self.list_word.val().get_bits::<16>(0)
                                & self.state_mask.val())
                                > (self.best.q.val() & self.state_mask.val())
                            {
                                self.best.d.next = self.list_word.val().get_bits::<16>(0);
                                self.winner.d.next =
                                    bit_cast::<16, 12>(self.list_word.val().get_bits::<12>(16));
                            }
                        }
                    }
                }
            }
            State::Answer => {
                self.m_valid.next = true;
                self.m_data.next = bit_cast::<32, 16>(self.winner.q.val());
                self.m_last.next = true;
                if self.m_ready.val() {
                    self.state.d.next = State::Header;
                }
                if self.interleaves.val() & self.pairing.q.val() {
                    self.m_data.next =
                        bit_cast::<32, 16>(self.winner.q.val()) | self.pair_answer.val();
                    self.m_last.next = self.other.q.val();
                    if self.m_ready.val() & !self.other.q.val() {
                        self.other.d.next = true;
                        self.state.d.next = State::ListFirst;
                    }
                }
            }
            State::Refuse => {
                // The command ended before the words that its header promised. What the accumulators of a
                // line have taken leaves them through the store.
                self.status.d.next = self.status_malformed.val();
                self.count.d.next = 0.into();
                self.refused.d.next = true;
                self.final_word.d.next = false;
                self.none_left.d.next = true;
                self.state.d.next = State::Reply;
                if self.turn.val().any() {
                    self.state.d.next = State::Settle;
                }
            }
        }
        if self.reset.val() {
            self.state.d.next = State::Header;
            self.s_ready.next = false;
            // A product of zero takes the place of what the accumulators held.
            self.op.next = Op::LearnP;
            self.sub.next = 0.into();
            self.value.next = 0.into();
        }
    }
}
