//! The engine on a board: reset, UART at the core's stream, lights.
//!
//! ```text
//!            +--------------------------------+
//!  button ──►| reset                          |
//!     rx  ──►| receiver ─► core ─► transmitter|──► tx
//!            |               │                |──► lights: phase, busy, error
//!            +--------------------------------+
//! ```
//! Levels are positive logic; `primitive::pins` inverts where a board needs it.

use super::control::Phase;
use super::core::Core;
use super::uart::{Receiver, Transmitter};
use crate::arch::Plan;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(LogicBlock)]
pub struct BoardTop<const P: usize, const A: usize> {
    pub clock: Signal<In, Clock>,
    pub button: Signal<In, Bit>,
    pub uart_rx: Signal<In, Bit>,
    pub uart_tx: Signal<Out, Bit>,
    pub light_phase: Signal<Out, Bit>,
    pub light_busy: Signal<Out, Bit>,
    pub light_error: Signal<Out, Bit>,
    pressed_0: DFF<Bit>,
    pressed_1: DFF<Bit>,
    // Counts the first cycles after configuration, in which the core is held in reset.
    awake: DFF<Bits<4>>,
    reset: Signal<Local, Bit>,
    receiver: Receiver,
    transmitter: Transmitter,
    engine: Core<P, A>,
}

impl<const P: usize, const A: usize> BoardTop<P, A> {
    /// The board top of `plan`; a bit on the line lasts `divider` clock cycles.
    pub fn new(plan: &Plan, divider: u32) -> Self {
        block!(BoardTop {
            clock, button, uart_rx, uart_tx, light_phase, light_busy, light_error, pressed_0,
            pressed_1, awake, reset;
            receiver: Receiver::new(divider),
            transmitter: Transmitter::new(divider),
            engine: Core::new(plan)
        })
    }
}

impl<const P: usize, const A: usize> Logic for BoardTop<P, A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, pressed_0, pressed_1, awake);
        clock!(self, clock, receiver, transmitter, engine);
        self.pressed_0.d.next = self.button.val();
        self.pressed_1.d.next = self.pressed_0.q.val();
        self.reset.next = self.pressed_1.q.val() | !self.awake.q.val().all();
        if !self.awake.q.val().all() {
            self.awake.d.next = self.awake.q.val() + 1;
        }
        self.receiver.reset.next = self.reset.val();
        self.transmitter.reset.next = self.reset.val();
        self.engine.reset.next = self.reset.val();

        self.receiver.rx.next = self.uart_rx.val();
        self.engine.s_valid.next = self.receiver.valid.val();
        self.engine.s_data.next = self.receiver.data.val();
        // The line has no frames: each word may end the flushing of an unknown command.
        self.engine.s_last.next = true;
        self.receiver.ready.next = self.engine.s_ready.val();
        self.transmitter.valid.next = self.engine.m_valid.val();
        self.transmitter.data.next = self.engine.m_data.val();
        self.engine.m_ready.next = self.transmitter.ready.val();
        self.uart_tx.next = self.transmitter.tx.val();

        self.light_phase.next = self.engine.phase.val() != Phase::None;
        self.light_busy.next = self.engine.busy.val();
        self.light_error.next = self.receiver.overrun.val();
    }
}
