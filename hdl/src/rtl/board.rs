//! The engine on a board: reset, line, protocol engine, core, lights.
//!
//! ```text
//!            +----------------------------------------------+
//!  button ──►| reset                                        |
//!     rx  ──►| receiver ─► ┌──────┐ ─► ┌──────┐             |
//!     tx  ◄──| transmitter◄┤ link │ ◄─ │ core │             |──► lights: phase, activity, error
//!            |             └──────┘    └──────┘             |
//!            +----------------------------------------------+
//! ```
//! A configuration begins in reset. It ends when the button has been released, or the PLL has been locked, for
//! [`arch::Link::settle_cycles`]: block RAMs of iCE40 give zeros for a while after configuration.
//! Levels are positive logic; `primitive::pins` inverts where a board needs it. [`Bridge`] is link and core
//! without the line: whole bytes go in and out.

use super::control::Phase;
use super::core::Core;
use super::link::slice::Slice;
use super::link::Link;
use super::uart::{Receiver, Transmitter};
use crate::arch::{self, Plan};
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct BoardTop<const P: usize, const A: usize> {
    pub clock: Signal<In, Clock>,
    pub button: Signal<In, Bit>,
    pub uart_rx: Signal<In, Bit>,
    pub uart_tx: Signal<Out, Bit>,
    pub light_phase: Signal<Out, Bit>,
    pub light_activity: Signal<Out, Bit>,
    pub light_error: Signal<Out, Bit>,
    pressed_0: DFF<Bit>,
    pressed_1: DFF<Bit>,
    /// Counts the cycles for which everything is held in reset once nothing else does; all ones at its end.
    awake: DFF<Bits<16>>,
    /// The bits that it does not have.
    unused: Constant<Bits<16>>,
    /// From a register, as it goes everywhere.
    reset: DFFWithInit<Bit>,
    receiver: Receiver,
    transmitter: Transmitter,
    bridge: Bridge<P, A>,
}

impl<const P: usize, const A: usize> BoardTop<P, A> {
    /// The board top of `plan` with such a link.
    pub fn new(plan: &Plan, link: &arch::Link) -> Self {
        block!(BoardTop {
            clock, button, uart_rx, uart_tx, light_phase, light_activity, light_error, pressed_0,
            pressed_1, awake;
            unused: Constant::new((0xFFFF & !u64::from(link.settle_cycles() - 1)).into()),
            reset: DFFWithInit::new(true),
            receiver: Receiver::new(link.divider),
            transmitter: Transmitter::new(link.divider),
            bridge: Bridge::new(plan, link)
        })
    }
}

impl<const P: usize, const A: usize> Logic for BoardTop<P, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, pressed_0, pressed_1, awake, reset);
        clock!(self, clock, receiver, transmitter, bridge);
        self.pressed_0.d.next = self.button.val();
        self.pressed_1.d.next = self.pressed_0.q.val();
        self.reset.d.next = !(self.awake.q.val() | self.unused.val()).all();
        if self.reset.d.val() {
            self.awake.d.next = (self.awake.q.val() + 1) & !self.unused.val();
        }
        if self.pressed_1.q.val() {
            self.awake.d.next = 0.into();
            self.reset.d.next = true;
        }
        self.receiver.reset.next = self.reset.q.val();
        self.transmitter.reset.next = self.reset.q.val();
        self.bridge.reset.next = self.reset.q.val();

        self.receiver.rx.next = self.uart_rx.val();
        self.bridge.in_valid.next = self.receiver.valid.val();
        self.bridge.in_data.next = self.receiver.data.val();
        self.receiver.ready.next = self.bridge.in_ready.val();
        self.transmitter.valid.next = self.bridge.out_valid.val();
        self.transmitter.data.next = self.bridge.out_data.val();
        self.bridge.out_ready.next = self.transmitter.ready.val();
        self.uart_tx.next = self.transmitter.tx.val();

        self.light_phase.next = self.bridge.phase.val() != Phase::None;
        self.light_activity.next =
            self.bridge.busy.val() | self.receiver.active.val() | !self.transmitter.ready.val();
        self.light_error.next = self.bridge.error.val();
    }
}

#[derive(LogicBlock)]
pub struct Bridge<const P: usize, const A: usize> {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub in_valid: Signal<In, Bit>,
    pub in_ready: Signal<Out, Bit>,
    pub in_data: Signal<In, Bits<8>>,
    pub out_valid: Signal<Out, Bit>,
    pub out_ready: Signal<In, Bit>,
    pub out_data: Signal<Out, Bits<8>>,
    pub busy: Signal<Out, Bit>,
    pub phase: Signal<Out, Phase>,
    pub error: Signal<Out, Bit>,
    deep: Constant<Bit>,
    link: Link,
    commands: Slice,
    responses: Slice,
    engine_reset: DFF<Bit>,
    engine: Core<P, A>,
}

impl<const P: usize, const A: usize> Bridge<P, A> {
    /// Link and core of `plan`.
    pub fn new(plan: &Plan, link: &arch::Link) -> Self {
        block!(Bridge {
            clock, reset, in_valid, in_ready, in_data, out_valid, out_ready, out_data, busy, phase,
            error, engine_reset;
            deep: Constant::new(plan.shape.is_deep()),
            commands: Slice::new(&plan.shape),
            responses: Slice::new(&plan.shape),
            link: Link::new(plan, link),
            engine: Core::new(plan)
        })
    }
}

impl<const P: usize, const A: usize> Logic for Bridge<P, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, engine_reset);
        clock!(self, clock, link, commands, responses, engine);
        self.link.reset.next = self.reset.val();
        self.engine_reset.d.next = self.link.core_reset.val();
        self.engine.reset.next = self.link.core_reset.val();
        if self.deep.val() {
            self.engine.reset.next = self.engine_reset.q.val();
        }
        self.commands.reset.next = self.engine.reset.val();
        self.responses.reset.next = self.engine.reset.val();
        self.link.in_valid.next = self.in_valid.val();
        self.link.in_data.next = self.in_data.val();
        self.in_ready.next = self.link.in_ready.val();
        self.out_valid.next = self.link.out_valid.val();
        self.out_data.next = self.link.out_data.val();
        self.link.out_ready.next = self.out_ready.val();

        self.commands.in_valid.next = self.link.s_valid.val();
        self.commands.in_data.next = self.link.s_data.val();
        self.commands.in_last.next = self.link.s_last.val();
        self.link.s_ready.next = self.commands.in_ready.val();
        self.engine.s_valid.next = self.commands.out_valid.val();
        self.engine.s_data.next = self.commands.out_data.val();
        self.engine.s_last.next = self.commands.out_last.val();
        self.commands.out_ready.next = self.engine.s_ready.val();
        self.responses.in_valid.next = self.engine.m_valid.val();
        self.responses.in_data.next = self.engine.m_data.val();
        self.responses.in_last.next = self.engine.m_last.val();
        self.engine.m_ready.next = self.responses.in_ready.val();
        self.link.m_valid.next = self.responses.out_valid.val();
        self.link.m_data.next = self.responses.out_data.val();
        self.link.m_last.next = self.responses.out_last.val();
        self.responses.out_ready.next = self.link.m_ready.val();

        self.busy.next = self.engine.busy.val();
        self.phase.next = self.engine.phase.val();
        self.error.next = self.link.error.val();
    }
}
