//! One time step of an integrate-and-fire unit (design rule S2): integrate, leak, nudge, fire,
//! reset, clip; then its trace, which is the filtered spike train.
//!
//! ```text
//!  v, target, z ─► leak, pull ─► v less leak plus pull ─┐
//!  current ────────────────────────────────────────────►+ ─► threshold ─► v_new, spike
//!  z ───────────────────────────────────────► decay ─────────────────► + ─► z_new
//!  stage 2            3                  4              5                    6
//! ```
//! A membrane v in −θ…2θ is 16 bits whose value is negative if both upper bits are set, so that 2θ =
//! 2^15 fits; θ = 2^G. Reset and clip are a choice by the bits from θ on: there is no subtraction. A
//! trace z decays by ⌈z / 2^κ⌉ and a spike adds 2^(F+4−κ) to it. Leak and nudge are there only
//! in hardware that is built for them. The results stay until the next step; latency 4, from `current` 2.

use crate::arch::spiking::{Spiking, MEMBRANE_BITS, TRACE_BITS};
use crate::arch::Shape;
use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// Widths of the ports are literals below.
const _: () = assert!(MEMBRANE_BITS == 16 && TRACE_BITS == 18);

/// Where a unit lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Lane,
    Head,
}

#[derive(LogicBlock)]
pub struct Spike<const A: usize> {
    pub clock: Signal<In, Clock>,
    /// Stage 2: membrane and trace before the step, target, and the nudge.
    pub v: Signal<In, Bits<16>>,
    pub z: Signal<In, Bits<18>>,
    pub target: Signal<In, Bits<16>>,
    pub nudged: Signal<In, Bit>,
    pub negative: Signal<In, Bit>,
    /// Stage 4: the same membrane and trace, and the current, two's complement.
    pub v_late: Signal<In, Bits<16>>,
    pub z_late: Signal<In, Bits<18>>,
    pub current: Signal<In, Bits<A>>,
    /// Stage 5: these are results.
    pub valid: Signal<In, Bit>,
    pub v_new: Signal<Out, Bits<16>>,
    pub z_new: Signal<Out, Bits<18>>,
    pub spike: Signal<Out, Bit>,
    leaks: Constant<Bit>,
    pulls: Constant<Bit>,
    leak_shift: Constant<Bits<6>>,
    pull_shift: Constant<Bits<6>>,
    decay_shift: Constant<Bits<5>>,
    weight_fraction: Constant<Bits<6>>,
    below_threshold: Constant<Bits<16>>,
    threshold: Constant<Bits<16>>,
    twice: Constant<Bits<16>>,
    charge: Constant<Bits<18>>,
    v_wide: Signal<Local, Bits<18>>,
    v_signed: Signal<Local, Signed<40>>,
    v_bits: Signal<Local, Bits<40>>,
    pull: Signal<Local, Signed<20>>,
    pull_signed: Signal<Local, Signed<40>>,
    pull_bits: Signal<Local, Bits<40>>,
    pulled: Signal<Local, Bits<18>>,
    folded: Signal<Local, Bits<18>>,
    sum: Signal<Local, Bits<19>>,
    rest: Signal<Local, Signed<18>>,
    rest_signed: Signal<Local, Signed<A>>,
    rest_bits: Signal<Local, Bits<A>>,
    late: Signal<Local, Bits<18>>,
    kept: Signal<Local, Bits<26>>,
    leaked_3: DFF<Bits<18>>,
    pull_3: DFF<Bits<20>>,
    rest_4: DFF<Bits<18>>,
    sum_5: DFF<Bits<A>>,
    decayed_5: DFF<Bits<18>>,
    total: Signal<Local, Signed<64>>,
    total_bits: Signal<Local, Bits<64>>,
    above: Signal<Local, Bits<48>>,
    minus: Signal<Local, Bit>,
    fires: Signal<Local, Bit>,
    far: Signal<Local, Bit>,
    clipped: Signal<Local, Bit>,
    v_6: DFF<Bits<16>>,
    z_6: DFF<Bits<18>>,
    spike_6: DFF<Bit>,
}

impl<const A: usize> Spike<A> {
    /// A step for the spiking units of a shape at a place; of no use in hardware without any.
    pub fn new(shape: &Shape, place: Place) -> Self {
        let spiking = shape.spiking.unwrap_or_default();
        let Spiking {
            trace_shift,
            leak_shift,
            nudge_shift,
            ..
        } = spiking;
        let pulls = match place {
            Place::Lane => spiking.nudge_in_lanes,
            Place::Head => spiking.nudge_at_head,
        };
        let formats = shape.formats;
        let charge = (shape.spiking).map_or(0, |s| s.full_trace(&formats) >> s.trace_shift);
        let threshold = 1u64 << formats.weight_fraction;
        block!(Spike {
            clock, v, z, target, nudged, negative, v_late, z_late, current, valid, v_new, z_new, spike,
            v_wide, v_signed, v_bits, pull, pull_signed, pull_bits, pulled, folded, sum, rest,
            rest_signed, rest_bits, late, kept, leaked_3, pull_3, rest_4, sum_5, decayed_5, total,
            total_bits, above, minus, fires, far, clipped, v_6, z_6, spike_6;
            leaks: Constant::new(leak_shift > 0),
            pulls: Constant::new(pulls),
            leak_shift: Constant::new(u64::from(leak_shift).into()),
            pull_shift: Constant::new(u64::from(nudge_shift).into()),
            decay_shift: Constant::new(u64::from(trace_shift).into()),
            weight_fraction: Constant::new(u64::from(formats.weight_fraction).into()),
            below_threshold: Constant::new((threshold - 1).into()),
            threshold: Constant::new(threshold.into()),
            twice: Constant::new((2 * threshold).into()),
            charge: Constant::new(charge.into())
        })
    }
}

impl<const A: usize> Logic for Spike<A> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, leaked_3, pull_3, rest_4, sum_5, decayed_5, v_6, z_6, spike_6);
        // Stage 2: the leak, and how far the trace is from the target.
        self.v_wide.next = bit_cast::<18, 16>(self.v.val());
        if self.v.val().get_bits::<2>(14).all() {
            self.v_wide.next = bit_cast::<18, 16>(self.v.val()) | bits::<18>(0x30000);
        }
        self.rest.next = signed_cast(self.v_wide.val());
        self.v_signed.next = signed_bit_cast(self.rest.val());
        self.v_bits.next = unsigned_cast(self.v_signed.val());
        self.leaked_3.d.next = self.v_wide.val();
        if self.leaks.val() {
            self.leaked_3.d.next = self.v_wide.val()
                - self
                    .v_bits
                    .val()
                    .get_bits::<18>(self.leak_shift.val().index());
        }
        self.pull_3.d.next = 0.into();
        if self.pulls.val() & self.nudged.val() {
            self.pull_3.d.next =
                (bit_cast::<20, 16>(self.target.val()) << 4) - bit_cast::<20, 18>(self.z.val());
        }

        // Stage 3: the nudge; with a negative sign its inverse and one more.
        self.pull.next = signed_cast(self.pull_3.q.val());
        self.pull_signed.next = signed_bit_cast(self.pull.val());
        self.pull_bits.next = unsigned_cast(self.pull_signed.val());
        self.pulled.next = self
            .pull_bits
            .val()
            .get_bits::<18>(self.pull_shift.val().index());
        self.folded.next = self.pulled.val();
        if self.negative.val() {
            self.folded.next = !self.pulled.val();
        }
        self.sum.next = ((bit_cast::<19, 18>(self.leaked_3.q.val()) << 1)
            | bit_cast::<19, 1>(self.negative.val().into()))
            + ((bit_cast::<19, 18>(self.folded.val()) << 1)
                | bit_cast::<19, 1>(self.negative.val().into()));
        self.rest_4.d.next = self.leaked_3.q.val();
        if self.pulls.val() {
            self.rest_4.d.next = self.sum.val().get_bits::<18>(1);
        }

        // Stage 4: the current; z − ⌈z / 2^κ⌉ = ⌊(2^κ − 1)·z / 2^κ⌋.
        self.late.next = bit_cast::<18, 16>(self.v_late.val());
        if self.v_late.val().get_bits::<2>(14).all() {
            self.late.next = bit_cast::<18, 16>(self.v_late.val()) | bits::<18>(0x30000);
        }
        if self.leaks.val() | self.pulls.val() {
            self.late.next = self.rest_4.q.val();
        }
        self.rest_signed.next = signed_bit_cast(signed_cast(self.late.val()));
        self.rest_bits.next = unsigned_cast(self.rest_signed.val());
        self.sum_5.d.next = self.current.val() + self.rest_bits.val();
        self.kept.next = (bit_cast::<26, 18>(self.z_late.val()) << self.decay_shift.val())
            - bit_cast::<26, 18>(self.z_late.val());
        self.decayed_5.d.next = bit_cast::<18, 26>(self.kept.val() >> self.decay_shift.val());

        // Stage 5: how often θ is in the sum decides everything.
        self.total.next = signed_bit_cast(signed_cast(self.sum_5.q.val()));
        self.total_bits.next = unsigned_cast(self.total.val());
        self.above.next = self
            .total_bits
            .val()
            .get_bits::<48>(self.weight_fraction.val().index());
        self.minus.next = self.above.val().get_bit(47);
        self.fires.next = !self.minus.val() & self.above.val().any();
        self.far.next = !self.minus.val()
            & (self.above.val().get_bits::<46>(2).any() | self.above.val().get_bits::<2>(0).all());
        self.clipped.next = self.far.val() | (self.minus.val() & !self.above.val().all());
        if self.valid.val() {
            self.v_6.d.next = self.total_bits.val().get_bits::<16>(0) & self.below_threshold.val();
            if self.clipped.val() {
                self.v_6.d.next = 0.into();
            }
            if self.minus.val() {
                self.v_6.d.next = self.v_6.d.val() | !self.below_threshold.val();
            } else if self.far.val() {
                self.v_6.d.next = self.twice.val();
            } else if self.above.val().get_bit(1) {
                self.v_6.d.next = self.v_6.d.val() | self.threshold.val();
            }
            self.z_6.d.next = self.decayed_5.q.val();
            if self.fires.val() {
                self.z_6.d.next = self.decayed_5.q.val() + self.charge.val();
            }
            self.spike_6.d.next = self.fires.val();
        }
        self.v_new.next = self.v_6.q.val();
        self.z_new.next = self.z_6.q.val();
        self.spike.next = self.spike_6.q.val();
    }
}
