//! Executes the frames of the ring one by one, in the order of their sequence numbers, and writes the answers.
//!
//! ```text
//!   ring (read), committed ─► +----------+ ─► write, write_address, write_data (slots) ─► send, base
//!        restart, bad       ─► | Executor | ─► s_valid, s_data, s_last   m_ready ─► (core), core_reset
//!     info (read)           ─► |          | ◄─ s_ready        m_valid, m_data, m_last
//!                              +----------+ ─► add, address, value (counters)
//! ```
//! A frame's words go through one shift register, byte by byte: from the ring to the core or, for an echo,
//! to the slot; from the core or the info memory to the slot. The answer's header is written last. Nothing is
//! written while the outbox sends, so what is sent does not change.
//! About three cycles a byte, four with registers; an answer of the core to a sample is counted on its way.

use super::super::primitive::RamShape;
use crate::arch::protocol::{counter, Refusal, Request, ANSWER, HEADER_BYTES, WORD_BYTES};
use crate::arch::registers::Command;
use crate::arch::Link;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Step {
    Idle,
    /// A byte is read, is on its way from a memory with registers, is there.
    Fetch,
    Wait,
    Take,
    /// A word is whole; of a header, what it asks for is looked at first.
    Word,
    Look,
    Decide,
    Give,
    /// The payload is done.
    After,
    Answer,
    Store,
    Head,
    Send,
}

/// What a frame asks for.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Task {
    /// Nothing; dropped.
    Drop,
    /// The kept answer.
    Replay,
    Refuse,
    Info,
    Echo,
    Core,
}

#[derive(LogicBlock)]
pub struct Executor {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    /// Ring.
    pub committed: Signal<In, Bits<16>>,
    pub restart: Signal<In, Bit>,
    pub bad: Signal<In, Bit>,
    pub ring_address: Signal<Out, Bits<16>>,
    pub ring_data: Signal<In, Bits<8>>,
    pub ring_blocked: Signal<In, Bit>,
    /// Identity and counters.
    pub info_address: Signal<Out, Bits<16>>,
    pub info_data: Signal<In, Bits<8>>,
    pub reading_info: Signal<Out, Bit>,
    pub count_busy: Signal<In, Bit>,
    pub count: Signal<Out, Bit>,
    pub count_address: Signal<Out, Bits<5>>,
    pub count_value: Signal<Out, Bits<8>>,
    /// Slots and outbox.
    pub write: Signal<Out, Bit>,
    pub write_address: Signal<Out, Bits<16>>,
    pub write_data: Signal<Out, Bits<8>>,
    pub send: Signal<Out, Bit>,
    pub base: Signal<Out, Bits<16>>,
    pub sending: Signal<In, Bit>,
    /// Core.
    pub core_reset: Signal<Out, Bit>,
    pub s_valid: Signal<Out, Bit>,
    pub s_ready: Signal<In, Bit>,
    pub s_data: Signal<Out, Bits<32>>,
    pub s_last: Signal<Out, Bit>,
    pub m_valid: Signal<In, Bit>,
    pub m_ready: Signal<Out, Bit>,
    pub m_data: Signal<In, Bits<32>>,
    pub m_last: Signal<In, Bit>,
    registered: Constant<Bit>,
    interleaves: Constant<Bit>,
    ring_mask: Constant<Bits<16>>,
    length_mask: Constant<Bits<16>>,
    info_mask: Constant<Bits<16>>,
    offset_mask: Constant<Bits<16>>,
    slot_mask: Constant<Bits<8>>,
    slot_bits: Constant<Bits<4>>,
    first_offset: Constant<Bits<16>>,
    info_words: Constant<Bits<16>>,
    counter_words: Constant<Bits<16>>,
    counters_at: Constant<Bits<16>>,
    kind_hello: Constant<Bits<8>>,
    kind_reset: Constant<Bits<8>>,
    kind_counters: Constant<Bits<8>>,
    kind_echo: Constant<Bits<8>>,
    kind_core: Constant<Bits<8>>,
    kind_again: Constant<Bits<8>>,
    kind_closed: Constant<Bits<8>>,
    kind_long: Constant<Bits<8>>,
    kind_unknown: Constant<Bits<8>>,
    answer: Constant<Bits<8>>,
    command_sample: Constant<Bits<8>>,
    command_pair: Constant<Bits<8>>,
    at_samples: Constant<Bits<5>>,
    at_sweeps: Constant<Bits<5>>,
    at_unsettled: Constant<Bits<5>>,
    at_cycles: Constant<Bits<5>>,
    at_saturations: Constant<Bits<5>>,
    step: DFF<Step>,
    errand: DFF<Task>,
    /// Next byte of the ring.
    place: DFF<Bits<16>>,
    word: DFF<Bits<32>>,
    spot: DFF<Bits<2>>,
    header: DFF<Bit>,
    left: DFF<Bits<16>>,
    number: DFF<Bits<8>>,
    kind: DFF<Bits<8>>,
    /// Expected sequence number; whether a session was begun; whether the host knows that frames are dropped.
    next: DFF<Bits<8>>,
    open: DFF<Bit>,
    told: DFF<Bit>,
    nak: DFF<Bit>,
    /// Place in the slot; whether the slot is full, and too small.
    offset: DFF<Bits<16>>,
    full: DFF<Bit>,
    long: DFF<Bit>,
    heading: DFF<Bit>,
    /// Identity or counters are copied.
    copying: DFF<Bit>,
    info: DFF<Bits<16>>,
    first_word: DFF<Bit>,
    final_word: DFF<Bit>,
    sampling: DFF<Bit>,
    /// The command runs two samples.
    pairing: DFF<Bit>,
    /// Which of the phases ran.
    ran: DFF<Bits<3>>,
    /// Frames of the ring are left.
    waiting: DFF<Bit>,
    /// What a header asks for.
    greeting: DFF<Bit>,
    turn: DFF<Bit>,
    repeated: DFF<Bit>,
    asks_info: DFF<Bit>,
    asks_echo: DFF<Bit>,
    asks_core: DFF<Bit>,
    payload: DFF<Bit>,
    ahead: Signal<Local, Bits<8>>,
    octet: Signal<Local, Bits<8>>,
    base_now: Signal<Local, Bits<16>>,
    length: Signal<Local, Bits<16>>,
    low: Signal<Local, Bits<8>>,
    quarter: Signal<Local, Bits<5>>,
}

impl Executor {
    /// An executor for a device whose identity has so many words; ring and slots may have output registers, and
    /// the core may run two samples by turns.
    pub fn new(link: &Link, identity_words: usize, registered: bool, interleaves: bool) -> Self {
        let byte = |value: u8| Constant::new(u64::from(value).into());
        let word = |value: usize| Constant::new((value as u64).into());
        let counter = |index: usize| Constant::new(((WORD_BYTES * index) as u64).into());
        block!(Executor {
            clock, reset, committed, restart, bad, ring_address, ring_data, ring_blocked, info_address,
            info_data, reading_info, count_busy, count, count_address, count_value, write,
            write_address, write_data, send, base, sending, core_reset, s_valid, s_ready, s_data,
            s_last, m_valid, m_ready, m_data, m_last, step, errand, place, word, spot, header, left,
            number, kind, next, open, told, nak, offset, full, long, heading, copying, info,
            first_word, final_word, sampling, pairing, ran, waiting, ahead, greeting, turn, repeated, asks_info, asks_echo, asks_core, payload, octet, base_now,
            length, low, quarter;
            registered: Constant::new(registered),
            interleaves: Constant::new(interleaves),
            ring_mask: word(link.receive_bytes - 1),
            length_mask: Constant::new(link.length_mask().into()),
            info_mask: word((WORD_BYTES * (identity_words + counter::COUNT)).next_power_of_two() - 1),
            offset_mask: word(link.slot_bytes - 1),
            slot_mask: Constant::new((link.slots as u64 - 1).into()),
            slot_bits: Constant::new(u64::from(link.slot_bytes.ilog2()).into()),
            first_offset: word(HEADER_BYTES),
            info_words: word(identity_words + counter::COUNT),
            counter_words: word(counter::COUNT),
            counters_at: word(WORD_BYTES * identity_words),
            kind_hello: byte(Request::Hello as u8),
            kind_reset: byte(Request::Reset as u8),
            kind_counters: byte(Request::Counters as u8),
            kind_echo: byte(Request::Echo as u8),
            kind_core: byte(Request::Core as u8),
            kind_again: byte(Refusal::Again as u8),
            kind_closed: byte(Refusal::Closed as u8),
            kind_long: byte(Refusal::TooLong as u8),
            kind_unknown: byte(Refusal::Unknown as u8),
            answer: byte(ANSWER),
            command_sample: byte(Command::Sample as u8),
            command_pair: byte(Command::Pair as u8),
            at_samples: counter(counter::SAMPLES),
            at_sweeps: counter(counter::SWEEPS),
            at_unsettled: counter(counter::UNSETTLED),
            at_cycles: counter(counter::CYCLES),
            at_saturations: counter(counter::SATURATIONS)
        })
    }

    /// Ring and slots of a link.
    pub fn memories(link: &Link, registered: bool) -> [RamShape; 2] {
        [link.receive_bytes, link.slots * link.slot_bytes].map(|bytes| RamShape {
            single_port: link.single_port,
            ..RamShape::new(bytes, 8).registered(registered)
        })
    }
}

impl Logic for Executor {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, step, errand, place, word, spot, header, left, number, kind, next, open,
            told, nak, offset, full, long, heading, copying, info, first_word, final_word,
            sampling, pairing, ran, waiting, greeting, turn, repeated, asks_info, asks_echo,
            asks_core, payload
        );
        self.ring_address.next = self.place.q.val();
        self.info_address.next = self.info.q.val();
        self.reading_info.next = self.copying.q.val();
        self.low.next = self.word.q.val().get_bits::<8>(0);
        self.base_now.next =
            bit_cast::<16, 8>(self.number.q.val() & self.slot_mask.val()) << self.slot_bits.val();
        self.base.next = self.base_now.val();
        self.write.next = false;
        self.write_address.next = self.base_now.val() | self.offset.q.val();
        self.write_data.next = self.low.val();
        self.send.next = false;
        self.core_reset.next = self.restart.val();
        self.s_valid.next = false;
        self.s_data.next = self.word.q.val();
        self.s_last.next = self.left.q.val() == 1;
        self.m_ready.next = false;
        self.octet.next = self.ring_data.val();
        if self.copying.q.val() {
            self.octet.next = self.info_data.val();
        }
        // A header in the shift register: sequence number, kind, length.
        self.ahead.next = self.word.q.val().get_bits::<8>(0) - self.next.q.val();
        self.greeting.d.next = (self.word.q.val().get_bits::<8>(8) == self.kind_hello.val())
            | (self.word.q.val().get_bits::<8>(8) == self.kind_reset.val());
        self.turn.d.next = self.greeting.d.val() | (self.open.q.val() & !self.ahead.val().any());
        self.repeated.d.next = self.open.q.val()
            & (self.ahead.val() | self.slot_mask.val()).all()
            & (self.ahead.val() & self.slot_mask.val()).any();
        self.payload.d.next = self.word.q.val().get_bits::<16>(16).any();
        self.asks_info.d.next = self.greeting.d.val()
            | (self.word.q.val().get_bits::<8>(8) == self.kind_counters.val());
        self.asks_echo.d.next = self.word.q.val().get_bits::<8>(8) == self.kind_echo.val();
        self.asks_core.d.next =
            (self.word.q.val().get_bits::<8>(8) == self.kind_core.val()) & self.payload.d.val();
        self.waiting.d.next = self.place.q.val() != self.committed.val();
        self.length.next = ((self.offset.q.val() >> 2) - 1) & (self.offset_mask.val() >> 2);
        self.count.next = false;
        self.count_value.next = self.low.val();
        self.quarter.next = bit_cast::<5, 2>(self.spot.q.val());
        self.count_address.next = self.at_samples.val();

        match self.step.q.val() {
            Step::Idle => {
                self.header.d.next = true;
                self.heading.d.next = false;
                self.copying.d.next = false;
                self.sampling.d.next = false;
                self.first_word.d.next = true;
                self.full.d.next = false;
                self.long.d.next = false;
                self.spot.d.next = 0.into();
                self.offset.d.next = self.first_offset.val();
                if self.waiting.q.val() {
                    self.step.d.next = Step::Fetch;
                } else if self.nak.q.val() & !self.sending.val() {
                    self.nak.d.next = false;
                    self.told.d.next = true;
                    self.number.d.next = self.next.q.val();
                    self.kind.d.next = self.kind_closed.val();
                    if self.open.q.val() {
                        self.kind.d.next = self.kind_again.val();
                    }
                    self.step.d.next = Step::Head;
                }
            }
            Step::Fetch => {
                self.step.d.next = Step::Take;
                if self.copying.q.val() {
                    if self.count_busy.val() {
                        self.step.d.next = Step::Fetch;
                    }
                } else if self.ring_blocked.val() {
                    self.step.d.next = Step::Fetch;
                } else if self.registered.val() {
                    self.step.d.next = Step::Wait;
                }
            }
            Step::Wait => {
                self.step.d.next = Step::Take;
            }
            Step::Take => {
                self.word.d.next =
                    (self.word.q.val() >> 8) | (bit_cast::<32, 8>(self.octet.val()) << 24);
                self.spot.d.next = self.spot.q.val() + 1;
                if self.copying.q.val() {
                    self.info.d.next = (self.info.q.val() + 1) & self.info_mask.val();
                } else {
                    self.place.d.next = (self.place.q.val() + 1) & self.ring_mask.val();
                }
                self.step.d.next = Step::Fetch;
                if self.spot.q.val() == 3 {
                    self.step.d.next = Step::Word;
                    if self.header.q.val() {
                        self.step.d.next = Step::Look;
                    }
                }
            }
            Step::Look => {
                self.step.d.next = Step::Decide;
            }
            Step::Decide => {
                self.header.d.next = false;
                self.left.d.next = self.word.q.val().get_bits::<16>(16) & self.length_mask.val();
                self.number.d.next = self.word.q.val().get_bits::<8>(0);
                self.kind.d.next = self.word.q.val().get_bits::<8>(8) | self.answer.val();
                self.errand.d.next = Task::Drop;
                if self.turn.q.val() {
                    self.next.d.next = self.word.q.val().get_bits::<8>(0) + 1;
                    self.open.d.next = true;
                    self.told.d.next = false;
                    if self.asks_info.q.val() {
                        self.errand.d.next = Task::Info;
                    } else if self.asks_echo.q.val() {
                        self.errand.d.next = Task::Echo;
                    } else if self.asks_core.q.val() {
                        self.errand.d.next = Task::Core;
                    } else {
                        self.errand.d.next = Task::Refuse;
                        self.kind.d.next = self.kind_unknown.val();
                    }
                } else if self.repeated.q.val() {
                    self.errand.d.next = Task::Replay;
                } else if !self.told.q.val() {
                    self.nak.d.next = true;
                }
                self.info.d.next = 0.into();
                if !self.greeting.q.val() {
                    self.info.d.next = self.counters_at.val();
                }
                self.step.d.next = Step::Fetch;
                if !self.payload.q.val() {
                    self.step.d.next = Step::After;
                }
            }
            Step::Word => {
                if self.copying.q.val() | (self.errand.q.val() == Task::Echo) {
                    self.step.d.next = Step::Store;
                } else if self.errand.q.val() == Task::Core {
                    self.step.d.next = Step::Give;
                    if self.first_word.q.val() {
                        self.sampling.d.next =
                            self.word.q.val().get_bits::<8>(24) == self.command_sample.val();
                        if self.interleaves.val() {
                            self.pairing.d.next =
                                self.word.q.val().get_bits::<8>(24) == self.command_pair.val();
                            if self.pairing.d.val() {
                                self.sampling.d.next = true;
                            }
                        }
                    }
                    self.first_word.d.next = false;
                } else {
                    self.left.d.next = (self.left.q.val() - 1) & self.length_mask.val();
                    self.step.d.next = Step::Fetch;
                    if self.left.q.val() == 1 {
                        self.step.d.next = Step::After;
                    }
                }
            }
            Step::Give => {
                self.s_valid.next = true;
                if self.s_ready.val() {
                    self.left.d.next = (self.left.q.val() - 1) & self.length_mask.val();
                    self.step.d.next = Step::Fetch;
                    if self.left.q.val() == 1 {
                        self.step.d.next = Step::After;
                    }
                }
            }
            Step::After => {
                self.first_word.d.next = true;
                if self.errand.q.val() == Task::Drop {
                    self.step.d.next = Step::Idle;
                } else if self.errand.q.val() == Task::Replay {
                    if !self.sending.val() {
                        self.step.d.next = Step::Send;
                    }
                } else if self.errand.q.val() == Task::Core {
                    self.step.d.next = Step::Answer;
                } else if (self.errand.q.val() == Task::Info) & !self.copying.q.val() {
                    self.copying.d.next = true;
                    self.left.d.next = self.counter_words.val();
                    if !self.info.q.val().any() {
                        self.left.d.next = self.info_words.val();
                    }
                    self.step.d.next = Step::Fetch;
                } else {
                    self.step.d.next = Step::Head;
                }
            }
            Step::Answer => {
                self.m_ready.next = true;
                self.word.d.next = self.m_data.val();
                self.final_word.d.next = self.m_last.val();
                if self.m_valid.val() {
                    self.first_word.d.next = false;
                    // A status is no report of a sample.
                    if self.first_word.q.val() & self.m_last.val() {
                        self.sampling.d.next = false;
                    }
                    self.step.d.next = Step::Store;
                }
            }
            Step::Store => {
                // The report of a sample: sweeps and flags, cycles, saturations.
                if self.heading.q.val() {
                    self.count_value.next = 1.into();
                    if self.interleaves.val() & self.pairing.q.val() {
                        self.count_value.next = 2.into();
                    }
                } else if !self.offset.q.val().get_bit(3) {
                    self.count_address.next = self.at_sweeps.val();
                    if self.spot.q.val().all() {
                        self.count_address.next = self.at_unsettled.val();
                        self.count_value.next = 0.into();
                        if (self.ran.q.val() & !self.word.q.val().get_bits::<3>(0)).any() {
                            self.count_value.next = 1.into();
                        }
                        // Of a pair, the second sample is in the place of the nudged phase.
                        if self.interleaves.val()
                            & self.pairing.q.val()
                            & !self.word.q.val().get_bits::<2>(0).any()
                        {
                            self.count_value.next = 2.into();
                        }
                    }
                } else if self.offset.q.val().get_bit(2) {
                    self.count_address.next = self.at_saturations.val() | self.quarter.val();
                } else {
                    self.count_address.next = self.at_cycles.val() | self.quarter.val();
                }
                if self.heading.q.val() & !self.spot.q.val().get_bit(1) {
                    self.write_data.next = self.kind.q.val();
                    if !self.spot.q.val().get_bit(0) {
                        self.write_data.next = self.number.q.val();
                    }
                }
                if !self.sending.val() & !self.count_busy.val() {
                    self.count.next = self.sampling.q.val()
                        & !self.offset.q.val().get_bits::<12>(4).any()
                        & !self.full.q.val()
                        & (!self.heading.q.val() | !self.spot.q.val().any());
                    self.ran.d.next = self.ran.q.val() >> 1;
                    if self.low.val().any() {
                        self.ran.d.next = (self.ran.q.val() >> 1) | 4;
                    }
                    self.write.next = !self.full.q.val();
                    self.long.d.next = self.long.q.val() | self.full.q.val();
                    self.offset.d.next = (self.offset.q.val() + 1) & self.offset_mask.val();
                    if self.full.q.val() {
                        self.offset.d.next = self.offset.q.val();
                    } else if self.offset.q.val() == self.offset_mask.val() {
                        self.full.d.next = true;
                    }
                    self.word.d.next = self.word.q.val() >> 8;
                    self.spot.d.next = self.spot.q.val() + 1;
                    if self.spot.q.val().all() {
                        self.step.d.next = Step::Fetch;
                        self.left.d.next = (self.left.q.val() - 1) & self.length_mask.val();
                        if self.left.q.val() == 1 {
                            self.step.d.next = Step::After;
                        }
                        if self.heading.q.val() {
                            self.step.d.next = Step::Send;
                        } else if self.errand.q.val() == Task::Core {
                            self.step.d.next = Step::Answer;
                            if self.final_word.q.val() {
                                self.step.d.next = Step::Head;
                            }
                        }
                    }
                }
            }
            Step::Head => {
                self.word.d.next = bit_cast::<32, 16>(self.length.val()) << 16;
                if self.long.q.val() {
                    self.word.d.next = 0.into();
                    self.kind.d.next = self.kind_long.val();
                }
                self.offset.d.next = 0.into();
                self.full.d.next = false;
                self.heading.d.next = true;
                self.step.d.next = Step::Store;
            }
            Step::Send => {
                self.send.next = true;
                self.step.d.next = Step::Idle;
            }
        }

        if self.bad.val() {
            self.nak.d.next = true;
        }
        if self.restart.val() {
            self.place.d.next = self.committed.val();
            self.waiting.d.next = false;
            self.step.d.next = Step::Idle;
        }
        if self.reset.val() {
            self.step.d.next = Step::Idle;
            self.waiting.d.next = false;
            self.open.d.next = false;
            self.told.d.next = false;
            self.nak.d.next = false;
        }
    }
}
