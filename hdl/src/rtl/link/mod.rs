//! The protocol engine: frames of the line in, commands of the core's stream out, and back.
//!
//! ```text
//!               +-----------------------------------------------+
//! in_valid ────►| inbox ─► ring ─► executor ─► slots ─► outbox  |────► out_valid
//! in_data       |             bad │  ▲ │  ▲                     |      out_data
//! in_ready ◄────|        counters ┘──┘ │  │                     |◄──── out_ready
//!               +----------------------┼--┼---------------------+
//!                      core: s_… ◄─────┘  └───── m_…
//! ```
//! The protocol is described in `docs/protocol.md`. While the executor works on one frame the next ones
//! are received and the last answer is sent. Nothing here waits for the host.

mod counters;
mod crc;
mod executor;
mod inbox;
mod outbox;
pub mod slice;

use super::primitive::Ram;
use crate::arch::{self, Plan};
use counters::Counters;
use executor::Executor;
use inbox::Inbox;
use outbox::Outbox;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct Link {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    /// Bytes of the line.
    pub in_valid: Signal<In, Bit>,
    pub in_ready: Signal<Out, Bit>,
    pub in_data: Signal<In, Bits<8>>,
    pub out_valid: Signal<Out, Bit>,
    pub out_ready: Signal<In, Bit>,
    pub out_data: Signal<Out, Bits<8>>,
    /// A frame was damaged since the last good one.
    pub error: Signal<Out, Bit>,
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
    failed: DFF<Bit>,
    inbox: Inbox,
    ring: Ram<8>,
    executor: Executor,
    counters: Counters,
    slots: Ram<8>,
    outbox: Outbox,
}

impl Link {
    pub fn new(plan: &Plan, link: &arch::Link) -> Self {
        let identity = link.identity(plan);
        let registered = plan.shape.is_deep();
        let [ring, slots] = Executor::memories(link, registered);
        block!(Link {
            clock, reset, in_valid, in_ready, in_data, out_valid, out_ready, out_data, error, core_reset,
            s_valid, s_ready, s_data, s_last, m_valid, m_ready, m_data, m_last, failed;
            inbox: Inbox::new(link),
            ring: Ram::new(ring),
            executor: Executor::new(link, identity.len(), registered, plan.shape.interleaves()),
            counters: Counters::new(&identity),
            slots: Ram::new(slots),
            outbox: Outbox::new(link, registered)
        })
    }
}

impl Logic for Link {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, failed);
        clock!(self, clock, inbox, ring, executor, counters, slots, outbox);
        self.inbox.reset.next = self.reset.val();
        self.executor.reset.next = self.reset.val();
        self.outbox.reset.next = self.reset.val();

        self.inbox.byte_valid.next = self.in_valid.val();
        self.inbox.byte_data.next = self.in_data.val();
        self.in_ready.next = self.inbox.byte_ready.val();
        self.inbox.hold_off.next = self.counters.hold_off.val();
        self.inbox.limit.next = self.executor.ring_address.val();
        self.ring.write_enable.next = self.inbox.write.val();
        self.ring.write_address.next = self.inbox.write_address.val();
        self.ring.write_data.next = self.inbox.write_data.val();
        self.ring.read_address.next = self.executor.ring_address.val();

        self.executor.committed.next = self.inbox.committed.val();
        self.executor.restart.next = self.inbox.restart.val();
        self.executor.bad.next = self.inbox.bad.val();
        self.executor.ring_data.next = self.ring.read_data.val();
        self.executor.ring_blocked.next = self.inbox.write.val();
        self.executor.info_data.next = self.counters.read_data.val();
        self.executor.count_busy.next = self.counters.busy.val();
        self.executor.sending.next = self.outbox.busy.val();
        self.counters.bad.next = self.inbox.bad.val();
        self.counters.hold.next = self.executor.reading_info.val();
        self.counters.read_address.next = self.executor.info_address.val();
        self.counters.add.next = self.executor.count.val();
        self.counters.address.next = self.executor.count_address.val();
        self.counters.value.next = self.executor.count_value.val();

        self.slots.write_enable.next = self.executor.write.val();
        self.slots.write_address.next = self.executor.write_address.val();
        self.slots.write_data.next = self.executor.write_data.val();
        self.slots.read_address.next = self.outbox.read_address.val();
        self.outbox.send.next = self.executor.send.val();
        self.outbox.base.next = self.executor.base.val();
        self.outbox.read_data.next = self.slots.read_data.val();
        self.outbox.blocked.next = self.executor.write.val();
        self.out_valid.next = self.outbox.byte_valid.val();
        self.out_data.next = self.outbox.byte_data.val();
        self.outbox.byte_ready.next = self.out_ready.val();

        self.core_reset.next = self.reset.val() | self.executor.core_reset.val();
        self.s_valid.next = self.executor.s_valid.val();
        self.s_data.next = self.executor.s_data.val();
        self.s_last.next = self.executor.s_last.val();
        self.executor.s_ready.next = self.s_ready.val();
        self.executor.m_valid.next = self.m_valid.val();
        self.executor.m_data.next = self.m_data.val();
        self.executor.m_last.next = self.m_last.val();
        self.m_ready.next = self.executor.m_ready.val();

        self.error.next = self.failed.q.val();
        if self.inbox.bad.val() {
            self.failed.d.next = true;
        } else if self.executor.send.val() {
            self.failed.d.next = false;
        }
    }
}
