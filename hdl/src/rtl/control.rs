//! The phase controller: runs one sample through its phases, sweep by sweep, until it settles.
//!
//! ```text
//!  go ─► drive ─► free sweeps ─► nudged sweeps ─► (nudged, −β) ─► learn ─► outputs ─► finished
//! ```
//! Every sweep reads the states of `base_slot` and writes those of `work_slot`; then the work slot
//! becomes the base and its twin the work slot, so the old states are there until the sweep ends.
//! A phase ends after the first sweep in which no state moved beyond the tolerance, or after the
//! largest number of sweeps. A deep pipeline judges a sweep and starts the next one in the cycle in which it
//! ends. Two samples of inference run by `turns`. The random sign is bit 31 of one step of the xorshift generator; a
//! negative one exchanges p and q, the slots of the phases that learning compares.
//!
//! Spiking units take the largest number of sweeps as time steps, then the output section makes lists of
//! the states that the phase ended in; what changed in it is where outputs differ from the phase
//! that learning compares with.

use super::sequencer_slots;
use super::turns::Turns;
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Stage {
    Idle,
    Drive,
    Start,
    Sweep,
    Judge,
    After,
    Learn,
    Output,
    Finish,
    Pair,
}

/// The running phase, as shown on the status output and in waveforms.
#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Phase {
    None,
    Free,
    Nudged,
    NudgedMinus,
    Learn,
}

/// Names of the phases in the order of their codes.
pub const PHASE_NAMES: [&str; 5] = ["idle", "free", "nudged", "nudged-minus", "learn"];

#[derive(LogicBlock)]
pub struct Control {
    pub clock: Signal<In, Clock>,
    pub reset: Signal<In, Bit>,
    pub go: Signal<In, Bit>,
    pub nudge: Signal<In, Bit>,
    pub answer: Signal<In, Bit>,
    /// The answer is in the lanes and has to be read first.
    pub output_in_lanes: Signal<In, Bits<1>>,
    pub learn: Signal<In, Bit>,
    /// Two samples run by turns; all results of the sweep before have come; whose answer is read.
    pub pair: Signal<In, Bit>,
    pub drained: Signal<In, Bit>,
    pub answers: Signal<In, Bit>,
    /// A sweep that waits for no result; the section is the second sample's.
    pub by_turns: Signal<Out, Bit>,
    pub second: Signal<Out, Bit>,
    pub finished: Signal<Out, Bit>,
    pub busy: Signal<Out, Bit>,
    /// Sequencer.
    pub start: Signal<Out, Bit>,
    pub start_pc: Signal<Out, Bits<16>>,
    /// The words of the section that starts are not read yet, as those of a sweep are in a deep pipeline.
    pub fetches: Signal<Out, Bit>,
    pub done: Signal<In, Bit>,
    pub base_slot: Signal<Out, Bits<3>>,
    pub work_slot: Signal<Out, Bits<3>>,
    pub nudged: Signal<Out, Bit>,
    pub negative: Signal<Out, Bit>,
    /// Slots of the phases that learning compares.
    pub p_slot: Signal<Out, Bits<3>>,
    pub q_slot: Signal<Out, Bits<3>>,
    pub phase: Signal<Out, Phase>,
    /// Spiking units: lists are those of states, not of the units that spiked.
    pub states: Signal<Out, Bit>,
    /// Flags of the states written.
    pub moved: Signal<In, Bit>,
    pub changed: Signal<In, Bit>,
    /// Registers.
    pub max_free: Signal<In, Bits<8>>,
    pub max_nudged: Signal<In, Bits<8>>,
    pub nudging: Signal<In, Bits<2>>,
    pub drive_pc: Signal<In, Bits<16>>,
    pub sweep_pc: Signal<In, Bits<16>>,
    pub output_pc: Signal<In, Bits<16>>,
    pub learn_pc: Signal<In, Bits<16>>,
    /// The random number generator's next state; `draw` takes it.
    pub drawn_word: Signal<In, Bits<32>>,
    pub draw: Signal<Out, Bit>,
    /// Weights saturated, in the lanes and at the head; between them, units that spiked.
    pub saturated_lanes: Signal<In, Bits<7>>,
    pub saturated_head: Signal<In, Bit>,
    /// Response words.
    pub report: Signal<Out, Bits<32>>,
    pub cycles: Signal<Out, Bits<32>>,
    pub saturations: Signal<Out, Bits<32>>,
    pub spikes: Signal<Out, Bits<32>>,
    spiking: Constant<Bit>,
    interleaves: Constant<Bit>,
    deep: Constant<Bit>,
    slot_zero: Constant<Bits<3>>,
    slot_free: Constant<Bits<3>>,
    slot_nudged: Constant<Bits<3>>,
    slot_minus: Constant<Bits<3>>,
    stage: DFF<Stage>,
    phase_now: DFF<Phase>,
    base: DFF<Bits<3>>,
    work: DFF<Bits<3>>,
    free: DFF<Bits<3>>,
    sign: DFF<Bit>,
    moved_any: DFF<Bit>,
    changed_any: DFF<Bit>,
    nudge_moved: DFF<Bit>,
    sweeps: DFF<Bits<8>>,
    sweeps_free: DFF<Bits<8>>,
    sweeps_nudged: DFF<Bits<8>>,
    sweeps_minus: DFF<Bits<8>>,
    settled_free: DFF<Bit>,
    settled_nudged: DFF<Bit>,
    settled_minus: DFF<Bit>,
    drawn: DFF<Bit>,
    draw_1: DFF<Bit>,
    draws: Signal<Local, Bit>,
    nudged_end: DFF<Bits<3>>,
    minus_end: DFF<Bits<3>>,
    learned: DFF<Bit>,
    saturated: DFF<Bits<24>>,
    spiked: DFF<Bits<24>>,
    gathered: DFF<Bit>,
    timer: DFF<Bits<32>>,
    last_sweep: DFF<Bit>,
    paired: DFF<Bit>,
    /// No phase follows the running one.
    final_phase: DFF<Bit>,
    turns: Turns,
    saturated_now: Signal<Local, Bits<8>>,
    limit: Signal<Local, Bits<8>>,
    over: Signal<Local, Bit>,
    settles: Signal<Local, Bit>,
    judges: Signal<Local, Bit>,
    sweeping: Signal<Local, Bit>,
    learns: Signal<Local, Bit>,
    count: Signal<Local, Bits<8>>,
    last_phase: Signal<Local, Bit>,
}

impl Control {
    /// A controller for hardware of a shape, at rest.
    pub fn new(shape: &Shape) -> Self {
        let [free, nudged, minus, zero] = sequencer_slots();
        block!(Control {
            clock, reset, go, nudge, answer, output_in_lanes, learn, pair, drained, answers, by_turns, second, finished, busy, start, start_pc, fetches, done, base_slot,
            work_slot, nudged, negative, phase, moved, changed, max_free, max_nudged,
            nudging, drive_pc, sweep_pc, output_pc, learn_pc, drawn_word, draw, saturated_lanes,
            saturated_head, p_slot, q_slot, saturations, nudged_end, minus_end, learned, saturated,
            report, cycles,
            stage, phase_now, base, work, free, sign, moved_any, changed_any, nudge_moved, sweeps,
            sweeps_free, sweeps_nudged, sweeps_minus, settled_free, settled_nudged, settled_minus,
            drawn, draw_1, draws, timer, last_sweep, paired, final_phase, saturated_now, limit, count, last_phase, states, spikes, spiked, gathered, over,
            settles, judges, sweeping, learns;
            spiking: Constant::new(shape.spiking.is_some()),
            interleaves: Constant::new(shape.interleaves()),
            deep: Constant::new(shape.is_deep()),
            turns: Turns::new(),
            slot_zero: Constant::new(zero),
            slot_free: Constant::new(free),
            slot_nudged: Constant::new(nudged),
            slot_minus: Constant::new(minus)
        })
    }
}

impl Logic for Control {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            stage,
            phase_now,
            base,
            work,
            free,
            sign,
            moved_any,
            changed_any,
            nudge_moved,
            sweeps,
            sweeps_free,
            sweeps_nudged,
            sweeps_minus,
            settled_free,
            settled_nudged,
            settled_minus,
            drawn,
            draw_1,
            nudged_end,
            minus_end,
            learned,
            saturated,
            spiked,
            gathered,
            timer,
            last_sweep,
            paired,
            final_phase
        );
        clock!(self, clock, turns);
        self.start.next = false;
        self.learns.next = self.learn.val() & self.nudge_moved.q.val() & !self.learned.q.val();
        // Where a section starts that this stage starts, if it does.
        self.start_pc.next = self.sweep_pc.val();
        if self.stage.q.val() == Stage::Idle {
            self.start_pc.next = self.drive_pc.val();
        } else if self.stage.q.val() == Stage::Judge {
            self.start_pc.next = self.output_pc.val();
        } else if self.stage.q.val() == Stage::After {
            self.start_pc.next = self.output_pc.val();
            if self.learns.val() {
                self.start_pc.next = self.learn_pc.val();
            }
        }
        self.finished.next = false;
        self.fetches.next = false;
        self.judges.next = self.stage.q.val() == Stage::Judge;
        if self.deep.val() {
            self.judges.next = (self.stage.q.val() == Stage::Sweep) & self.done.val();
        }
        self.busy.next = self.stage.q.val() != Stage::Idle;
        self.base_slot.next = self.base.q.val();
        self.work_slot.next = self.work.q.val();
        self.phase.next = self.phase_now.q.val();
        self.nudged.next = (self.phase_now.q.val() == Phase::Nudged)
            | (self.phase_now.q.val() == Phase::NudgedMinus);
        self.negative.next = self.sign.q.val();
        self.moved_any.d.next = self.moved_any.q.val() | self.moved.val();
        self.changed_any.d.next = self.changed_any.q.val() | self.changed.val();
        self.timer.d.next = self.timer.q.val() + 1;
        self.count.next = self.sweeps.q.val() + 1;
        self.limit.next = self.max_nudged.val();
        if self.phase_now.q.val() == Phase::Free {
            self.limit.next = self.max_free.val();
        }
        self.last_phase.next = false;
        self.draws.next = false;
        self.p_slot.next = self.nudged_end.q.val();
        self.q_slot.next = self.free.q.val();
        if self.nudging.val() == 2 {
            self.q_slot.next = self.minus_end.q.val();
        }
        if self.drawn.q.val() {
            self.p_slot.next = self.free.q.val();
            self.q_slot.next = self.nudged_end.q.val();
        }
        self.saturated_now.next = bit_cast::<8, 7>(self.saturated_lanes.val())
            + bit_cast::<8, 1>(self.saturated_head.val().into());
        self.sweeping.next = self.spiking.val() & (self.phase_now.q.val() != Phase::Learn);
        if self.sweeping.val() {
            self.spiked.d.next = self.spiked.q.val() + bit_cast::<24, 8>(self.saturated_now.val());
        } else {
            self.saturated.d.next =
                self.saturated.q.val() + bit_cast::<24, 8>(self.saturated_now.val());
        }
        self.states.next = self.spiking.val() & (self.stage.q.val() != Stage::Sweep);
        // Time steps go on to the last one, and need not settle.
        self.settles.next = !self.moved_any.q.val() | self.spiking.val();
        // The count stands for long before it is judged.
        self.last_sweep.d.next = self.count.val() == self.limit.val();
        self.final_phase.d.next = ((self.phase_now.q.val() == Phase::Free) & !self.nudge.val())
            | ((self.phase_now.q.val() == Phase::Nudged) & (self.nudging.val() != 2))
            | (self.phase_now.q.val() == Phase::NudgedMinus);
        self.over.next = self.last_sweep.q.val() | (!self.moved_any.q.val() & !self.spiking.val());

        if self.stage.q.val() == Stage::Idle {
            self.timer.d.next = self.timer.q.val();
            if self.go.val() {
                self.timer.d.next = 0.into();
                self.start.next = true;
                self.fetches.next = true;
                self.stage.d.next = Stage::Drive;
                self.sweeps_nudged.d.next = 0.into();
                self.sweeps_minus.d.next = 0.into();
                self.settled_nudged.d.next = false;
                self.settled_minus.d.next = false;
                self.nudge_moved.d.next = false;
                self.learned.d.next = false;
                self.saturated.d.next = 0.into();
                self.spiked.d.next = 0.into();
                self.drawn.d.next = false;
                self.sign.d.next = false;
                if self.interleaves.val() {
                    self.paired.d.next = self.pair.val();
                    if self.pair.val() {
                        self.phase_now.d.next = Phase::Free;
                        self.stage.d.next = Stage::Pair;
                    }
                }
            }
        } else if self.stage.q.val() == Stage::Drive {
            if self.done.val() {
                self.phase_now.d.next = Phase::Free;
                self.base.d.next = self.slot_zero.val();
                self.work.d.next = self.slot_free.val();
                self.sweeps.d.next = 0.into();
                self.stage.d.next = Stage::Start;
            }
        } else if self.stage.q.val() == Stage::Start {
            self.start.next = true;
            self.moved_any.d.next = false;
            self.changed_any.d.next = false;
            self.stage.d.next = Stage::Sweep;
        } else if self.judges.val() & self.spiking.val() & self.over.val() & !self.gathered.q.val()
        {
            // The time steps are over: gather their states, beside those of the other phase.
            self.gathered.d.next = true;
            self.changed_any.d.next = false;
            self.base.d.next = self.free.q.val();
            if self.phase_now.q.val() == Phase::Free {
                self.base.d.next = self.slot_zero.val();
            } else if self.phase_now.q.val() == Phase::NudgedMinus {
                self.base.d.next = self.nudged_end.q.val();
            }
            self.start.next = true;
            self.stage.d.next = Stage::Output;
        } else if self.judges.val() {
            self.gathered.d.next = false;
            if self.spiking.val() {
                self.nudge_moved.d.next =
                    self.changed_any.q.val() & (self.phase_now.q.val() != Phase::Free);
            } else if (self.sweeps.q.val() == 0) & (self.phase_now.q.val() != Phase::Free) {
                self.nudge_moved.d.next = self.nudge_moved.q.val() | self.changed_any.q.val();
            }
            self.sweeps.d.next = self.count.val();
            self.base.d.next = self.work.q.val();
            self.work.d.next = self.work.q.val() ^ 1;
            self.stage.d.next = Stage::Start;
            if self.deep.val() {
                // The next sweep, be it another phase's, starts as the last one is judged.
                self.start.next = !self.over.val() | !self.final_phase.q.val();
                self.moved_any.d.next = false;
                self.changed_any.d.next = false;
                self.stage.d.next = Stage::Sweep;
            }
            if self.over.val() {
                self.sweeps.d.next = 0.into();
                if self.phase_now.q.val() == Phase::Free {
                    self.free.d.next = self.work.q.val();
                    self.sweeps_free.d.next = self.count.val();
                    self.settled_free.d.next = self.settles.val();
                    self.work.d.next = self.slot_nudged.val();
                    self.phase_now.d.next = Phase::Nudged;
                    if self.nudge.val() {
                        if self.nudging.val() == 1 {
                            self.draws.next = true;
                            self.sign.d.next = self.drawn_word.val().get_bit(31);
                            self.drawn.d.next = self.drawn_word.val().get_bit(31);
                        }
                    } else {
                        self.last_phase.next = true;
                    }
                } else if self.phase_now.q.val() == Phase::Nudged {
                    self.sweeps_nudged.d.next = self.count.val();
                    self.nudged_end.d.next = self.work.q.val();
                    self.settled_nudged.d.next = self.settles.val();
                    self.base.d.next = self.free.q.val();
                    self.work.d.next = self.slot_minus.val();
                    self.phase_now.d.next = Phase::NudgedMinus;
                    self.sign.d.next = true;
                    self.last_phase.next = self.nudging.val() != 2;
                } else {
                    self.sweeps_minus.d.next = self.count.val();
                    self.minus_end.d.next = self.work.q.val();
                    self.settled_minus.d.next = self.settles.val();
                    self.last_phase.next = true;
                }
                if self.last_phase.val() {
                    self.phase_now.d.next = Phase::None;
                    self.stage.d.next = Stage::After;
                }
            }
        } else if self.stage.q.val() == Stage::Sweep {
            if self.done.val() {
                self.stage.d.next = Stage::Judge;
            }
        } else if self.stage.q.val() == Stage::After {
            self.base.d.next = self.free.q.val();
            self.work.d.next = self.free.q.val();
            self.stage.d.next = Stage::Finish;
            if self.learns.val() {
                self.learned.d.next = true;
                self.start.next = true;
                self.fetches.next = true;
                self.phase_now.d.next = Phase::Learn;
                self.stage.d.next = Stage::Learn;
            } else if self.answer.val() & !self.spiking.val() & self.output_in_lanes.val().any() {
                self.start.next = true;
                self.fetches.next = true;
                self.stage.d.next = Stage::Output;
            }
        } else if self.stage.q.val() == Stage::Learn {
            if self.done.val() {
                self.phase_now.d.next = Phase::None;
                self.stage.d.next = Stage::After;
            }
        } else if self.stage.q.val() == Stage::Output {
            if self.done.val() {
                self.stage.d.next = Stage::Finish;
                if self.spiking.val() {
                    self.stage.d.next = Stage::Judge;
                }
            }
        } else if self.interleaves.val() & (self.stage.q.val() == Stage::Pair) {
            self.start.next = self.turns.start.val();
            self.start_pc.next = self.turns.start_pc.val();
            self.fetches.next = self.turns.fetches.val();
            self.sweeps_free.d.next = self.turns.sweeps_0.val();
            self.sweeps_nudged.d.next = self.turns.sweeps_1.val();
            self.settled_free.d.next = self.turns.settled_0.val();
            self.settled_nudged.d.next = self.turns.settled_1.val();
            if self.turns.over.val() {
                self.phase_now.d.next = Phase::None;
                self.stage.d.next = Stage::Finish;
            }
        } else {
            self.finished.next = true;
            self.stage.d.next = Stage::Idle;
        }
        if self.interleaves.val() & self.paired.q.val() {
            self.base_slot.next = self.turns.base_slot.val();
            self.work_slot.next = self.turns.work_slot.val();
        }
        self.turns.reset.next = self.reset.val();
        self.turns.go.next = self.go.val() & self.pair.val();
        self.turns.reads.next = self.answer.val() & self.output_in_lanes.val().any();
        self.turns.done.next = self.done.val();
        self.turns.drained.next = self.drained.val();
        self.turns.moved.next = self.moved.val();
        self.turns.max_free.next = self.max_free.val();
        self.turns.drive_pc.next = self.drive_pc.val();
        self.turns.sweep_pc.next = self.sweep_pc.val();
        self.turns.output_pc.next = self.output_pc.val();
        self.turns.answers.next = self.answers.val();
        self.by_turns.next = self.turns.sweeping.val();
        self.second.next = self.turns.second.val() & self.paired.q.val();
        if self.reset.val() {
            self.stage.d.next = Stage::Idle;
            self.phase_now.d.next = Phase::None;
            self.gathered.d.next = false;
        }
        // A deep pipeline takes the drawn word a cycle after its use.
        self.draw_1.d.next = self.draws.val();
        self.draw.next = self.draws.val();
        if self.deep.val() {
            self.draw.next = self.draw_1.q.val();
        }
        self.cycles.next = self.timer.q.val();
        self.saturations.next = bit_cast::<32, 24>(self.saturated.q.val());
        self.spikes.next = bit_cast::<32, 24>(self.spiked.q.val());
        self.report.next = bit_cast::<32, 8>(self.sweeps_free.q.val())
            | (bit_cast::<32, 8>(self.sweeps_nudged.q.val()) << 8)
            | (bit_cast::<32, 8>(self.sweeps_minus.q.val()) << 16)
            | (bit_cast::<32, 1>(self.settled_free.q.val().into()) << 24)
            | (bit_cast::<32, 1>(self.settled_nudged.q.val().into()) << 25)
            | (bit_cast::<32, 1>(self.settled_minus.q.val().into()) << 26)
            | (bit_cast::<32, 1>(self.drawn.q.val().into()) << 27)
            | (bit_cast::<32, 1>(self.nudge_moved.q.val().into()) << 28)
            | (bit_cast::<32, 1>(self.learned.q.val().into()) << 29)
            | (bit_cast::<32, 1>(self.spiking.val().into()) << 30);
    }
}
