//! Designs for the operators of rust-hdl kernels and for its links and joins.

use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

/// One output for every operator and cast.
#[derive(LogicBlock)]
pub struct Operators {
    pub clock: Signal<In, Clock>,
    pub a: Signal<In, Bits<12>>,
    pub b: Signal<In, Bits<12>>,
    pub s: Signal<In, Signed<16>>,
    pub t: Signal<In, Signed<16>>,
    pub amount: Signal<In, Bits<4>>,
    pub flag: Signal<In, Bit>,
    pub arithmetic: Signal<Out, Bits<12>>,
    pub bitwise: Signal<Out, Bits<12>>,
    pub shifted: Signal<Out, Bits<12>>,
    pub wide: Signal<Out, Bits<20>>,
    pub narrow: Signal<Out, Bits<5>>,
    pub product: Signal<Out, Signed<32>>,
    pub negated: Signal<Out, Signed<16>>,
    pub sum: Signal<Out, Signed<40>>,
    pub cut: Signal<Out, Signed<8>>,
    pub order: Signal<Out, Bits<6>>,
    pub reduced: Signal<Out, Bits<4>>,
    pub replaced: Signal<Out, Bits<12>>,
    pub window: Signal<Out, Bits<4>>,
    pub picked: Signal<Out, Bit>,
    pub below: Signal<Out, Bit>,
    pub held: Signal<Out, Bits<12>>,
    toggle: DFF<Bits<12>>,
    big: Signal<Local, Signed<32>>,
    bits32: Signal<Local, Bits<32>>,
    minus: Constant<Signed<16>>,
    low: Constant<Bits<12>>,
}

impl Default for Operators {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            a: Default::default(),
            b: Default::default(),
            s: Default::default(),
            t: Default::default(),
            amount: Default::default(),
            flag: Default::default(),
            arithmetic: Default::default(),
            bitwise: Default::default(),
            shifted: Default::default(),
            wide: Default::default(),
            narrow: Default::default(),
            product: Default::default(),
            negated: Default::default(),
            sum: Default::default(),
            cut: Default::default(),
            order: Default::default(),
            reduced: Default::default(),
            replaced: Default::default(),
            window: Default::default(),
            picked: Default::default(),
            below: Default::default(),
            held: Default::default(),
            toggle: Default::default(),
            big: Default::default(),
            bits32: Default::default(),
            minus: Constant::new(7.into()),
            low: Constant::new(0x0f0.into()),
        }
    }
}

impl Logic for Operators {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, toggle);
        self.arithmetic.next = self.a.val() + self.b.val() - 3;
        self.bitwise.next = ((self.a.val() & self.b.val()) | !self.a.val()) ^ self.low.val();
        self.shifted.next =
            (self.a.val() << self.amount.val()) | (self.b.val() >> self.amount.val());
        self.wide.next = bit_cast::<20, 12>(self.a.val()) << 4;
        self.narrow.next = bit_cast::<5, 12>((self.a.val() + self.b.val()) >> self.amount.val());
        self.big.next = self.s.val() * self.t.val();
        self.product.next = self.big.val();
        self.bits32.next = unsigned_cast(self.big.val());
        self.negated.next = -self.s.val();
        self.sum.next = signed_bit_cast::<40, 16>(self.s.val() - self.t.val())
            + signed_bit_cast::<40, 32>(self.big.val());
        self.cut.next = signed_cast(bit_cast::<8, 32>(self.bits32.val()));
        self.order.next = 0.into();
        if self.a.val() < self.b.val() {
            self.order.next = 1.into();
        } else if self.s.val() < self.t.val() && self.flag.val() {
            self.order.next = 2.into();
        } else if self.s.val() >= self.minus.val() || !self.flag.val() {
            self.order.next = 4.into();
        } else if self.a.val() != self.b.val() {
            self.order.next = 8.into();
        }
        self.reduced.next = 0.into();
        if self.a.val().all() {
            self.reduced.next = 1.into();
        } else if self.b.val().any() {
            self.reduced.next = 2.into();
        } else if self.a.val().xor() {
            self.reduced.next = 3.into();
        }
        self.replaced.next = self.a.val().replace_bit(3, self.flag.val());
        self.window.next = self.bits32.val().get_bits::<4>(self.amount.val().index());
        self.picked.next = self.a.val().get_bit(self.amount.val().index());
        self.below.next = (self.a.val() + 1) == 77;
        if self.flag.val() {
            self.toggle.d.next = self.toggle.q.val() ^ self.a.val();
        }
        self.held.next = self.toggle.q.val();
    }
}

#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "WordSink"]
pub struct WordSource {
    pub word: Signal<Out, Bits<8>>,
    pub valid: Signal<Out, Bit>,
    pub ready: Signal<In, Bit>,
}

#[derive(Clone, Debug, Default, LogicInterface)]
#[join = "WordSource"]
pub struct WordSink {
    pub word: Signal<In, Bits<8>>,
    pub valid: Signal<In, Bit>,
    pub ready: Signal<Out, Bit>,
}

/// Counts up whenever its word is taken.
#[derive(LogicBlock, Default)]
pub struct Producer {
    pub clock: Signal<In, Clock>,
    pub words: WordSource,
    count: DFF<Bits<8>>,
}

impl Logic for Producer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, count);
        self.words.word.next = self.count.q.val();
        self.words.valid.next = self.count.q.val().get_bit(0) | self.words.ready.val();
        if self.words.ready.val() {
            self.count.d.next = self.count.q.val() + 1;
        }
    }
}

/// Adds up the words it takes.
#[derive(LogicBlock, Default)]
pub struct Consumer {
    pub clock: Signal<In, Clock>,
    pub words: WordSink,
    pub enable: Signal<In, Bit>,
    pub total: Signal<Out, Bits<16>>,
    sum: DFF<Bits<16>>,
}

impl Logic for Consumer {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, sum);
        self.words.ready.next = self.enable.val();
        self.total.next = self.sum.q.val();
        if self.words.valid.val() && self.enable.val() {
            self.sum.d.next = self.sum.q.val() + bit_cast::<16, 8>(self.words.word.val());
        }
    }
}

/// Two blocks joined by an interface, and a second consumer's ports linked to the outside.
#[derive(LogicBlock, Default)]
pub struct Joined {
    pub clock: Signal<In, Clock>,
    pub enable: Signal<In, Bit>,
    pub outside: WordSink,
    pub total: Signal<Out, Bits<16>>,
    pub outside_total: Signal<Out, Bits<16>>,
    producer: Producer,
    consumer: Consumer,
    linked: Consumer,
}

impl Logic for Joined {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, producer, consumer, linked);
        WordSource::join(&mut self.producer.words, &mut self.consumer.words);
        WordSink::link(&mut self.outside, &mut self.linked.words);
        self.consumer.enable.next = self.enable.val();
        self.linked.enable.next = self.enable.val();
        self.total.next = self.consumer.total.val();
        self.outside_total.next = self.linked.total.val();
    }
}
