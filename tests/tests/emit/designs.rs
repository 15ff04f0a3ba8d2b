//! Small rust-hdl designs that together use every construct the engine's RTL uses.

use rust_hdl_core::prelude::*;
use rust_hdl_widgets::prelude::*;

#[derive(Copy, Clone, PartialEq, Debug, LogicState)]
pub enum Phase {
    Idle,
    Run,
    Drain,
}

/// Command port: fields become `port$field` in raw Verilog.
#[derive(Clone, Debug, Default, LogicInterface)]
pub struct CommandSink {
    pub valid: Signal<In, Bit>,
    pub data: Signal<In, Bits<16>>,
    pub ready: Signal<Out, Bit>,
}

/// A RAM of run-time depth as custom text, as a primitive would be.
#[derive(LogicBlock, Default)]
pub struct Ram {
    pub clock: Signal<In, Clock>,
    pub write_enable: Signal<In, Bit>,
    pub write_address: Signal<In, Bits<12>>,
    pub write_data: Signal<In, Bits<16>>,
    pub read_address: Signal<In, Bits<12>>,
    pub read_data: Signal<Out, Bits<16>>,
    _depth: usize,
}

impl Ram {
    pub fn new(depth: usize) -> Self {
        Self {
            _depth: depth,
            ..Default::default()
        }
    }
}

impl Logic for Ram {
    fn update(&mut self) {}
    fn connect(&mut self) {
        self.read_data.connect();
    }
    fn hdl(&self) -> Verilog {
        let high = usize::BITS - (self._depth - 1).leading_zeros() - 1;
        Verilog::Custom(format!(
            "reg [15:0] mem [0:{}];\n\
             integer i;\n\
             initial begin for (i = 0; i < {}; i = i + 1) mem[i] = 0; read_data = 0; end\n\
             always @(posedge clock) begin\n\
             if (write_enable) mem[write_address[{high}:0]] <= write_data;\n\
             read_data <= mem[read_address[{high}:0]];\n\
             end\n",
            self._depth - 1,
            self._depth,
        ))
    }
}

/// Multiply and accumulate with W accumulator bits.
#[derive(LogicBlock, Default)]
pub struct Lane<const W: usize> {
    pub clock: Signal<In, Clock>,
    pub enable_in: Signal<In, Bit>,
    pub enable_out: Signal<Out, Bit>,
    pub state: Signal<In, Bits<16>>,
    pub sum_in: Signal<In, Signed<W>>,
    pub sum_out: Signal<Out, Signed<W>>,
    pub probe: Signal<Out, Bits<W>>,
    memory: Ram,
    count: DFF<Bits<12>>,
    x: DFF<Signed<16>>,
    w: Signal<Local, Signed<16>>,
    acc: DFF<Signed<W>>,
    product: DFF<Signed<32>>,
    valid: DFF<Bit>,
}

impl<const W: usize> Lane<W> {
    pub fn new(depth: usize) -> Self {
        Self {
            memory: Ram::new(depth),
            ..Default::default()
        }
    }
}

impl<const W: usize> Logic for Lane<W> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, count, x, acc, product, valid);
        self.memory.clock.next = self.clock.val();
        self.memory.write_enable.next = self.enable_in.val();
        self.memory.write_address.next = self.count.q.val();
        self.memory.write_data.next = self.state.val();
        self.memory.read_address.next = self.count.q.val();
        self.x.d.next = signed_cast(self.state.val());
        self.w.next = signed_cast(self.memory.read_data.val());
        self.product.d.next = self.x.q.val() * self.w.val();
        self.valid.d.next = self.enable_in.val();
        self.enable_out.next = self.valid.q.val();
        if self.valid.q.val() {
            self.acc.d.next = self.acc.q.val() + signed_bit_cast::<W, 32>(self.product.q.val());
            self.count.d.next = self.count.q.val() + 1;
        } else if self.count.q.val() == 37 {
            self.count.d.next = 0.into();
        }
        self.sum_out.next = self.sum_in.val() + self.acc.q.val();
        self.probe.next = unsigned_cast(self.acc.q.val());
    }
}

/// P lanes in a line, driven by a small state machine.
#[derive(LogicBlock)]
pub struct Line<const P: usize, const W: usize> {
    pub clock: Signal<In, Clock>,
    pub command: CommandSink,
    pub sum: Signal<Out, Signed<W>>,
    pub low: Signal<Out, Bits<8>>,
    pub limited: Signal<Out, Signed<16>>,
    pub negative: Signal<Out, Bit>,
    pub probe: Signal<Out, Bits<W>>,
    lanes: [Lane<W>; P],
    phase: DFF<Phase>,
    count: DFF<Bits<4>>,
    last: Constant<Bits<4>>,
    offset: Constant<Bits<6>>,
    bound: Constant<Signed<W>>,
    zero: Constant<Signed<W>>,
    tail: Signal<Local, Signed<W>>,
    tail_bits: Signal<Local, Bits<W>>,
    shifted: Signal<Local, Bits<W>>,
}

impl<const P: usize, const W: usize> Line<P, W> {
    pub fn new(depth: usize) -> Self {
        Self {
            clock: Default::default(),
            command: Default::default(),
            sum: Default::default(),
            low: Default::default(),
            limited: Default::default(),
            negative: Default::default(),
            probe: Default::default(),
            lanes: std::array::from_fn(|_| Lane::new(depth)),
            phase: Default::default(),
            count: Default::default(),
            last: Constant::new(9.into()),
            offset: Constant::new(5.into()),
            bound: Constant::new(1000.into()),
            zero: Constant::new(0.into()),
            tail: Default::default(),
            tail_bits: Default::default(),
            shifted: Default::default(),
        }
    }
}

impl<const P: usize, const W: usize> Logic for Line<P, W> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, count);
        for i in 0..P {
            self.lanes[i].clock.next = self.clock.val();
        }
        self.lanes[0].enable_in.next = false;
        self.lanes[0].state.next = self.command.data.val();
        self.lanes[0].sum_in.next = 0.into();
        for i in 1..P {
            self.lanes[i].enable_in.next = self.lanes[i - 1].enable_out.val();
            self.lanes[i].state.next = self.command.data.val();
            self.lanes[i].sum_in.next = self.lanes[i - 1].sum_out.val();
        }
        for i in 0..P {
            self.tail.next = self.lanes[i].sum_out.val();
        }
        self.tail_bits.next = unsigned_cast(self.tail.val());
        self.shifted.next = self.tail_bits.val() >> 3;
        self.probe.next = self.lanes[0].probe.val();
        self.command.ready.next = false;
        match self.phase.q.val() {
            Phase::Idle => {
                self.command.ready.next = true;
                if self.command.valid.val() {
                    self.phase.d.next = Phase::Run;
                    self.count.d.next = 0.into();
                }
            }
            Phase::Run => {
                self.lanes[0].enable_in.next = true;
                self.count.d.next = self.count.q.val() + 1;
                if self.count.q.val() == self.last.val() {
                    self.phase.d.next = Phase::Drain;
                }
            }
            Phase::Drain => {
                self.phase.d.next = Phase::Idle;
            }
            _ => {
                self.phase.d.next = Phase::Idle;
            }
        }
        self.sum.next = self.tail.val();
        self.low.next = self
            .tail_bits
            .val()
            .get_bits::<8>(self.offset.val().index())
            ^ bit_cast::<8, W>(self.shifted.val());
        self.negative.next = self.tail.val() < self.zero.val();
        if self.tail.val() > self.bound.val() {
            self.limited.next = 1000.into();
        } else if self.tail.val() < self.zero.val() || self.tail_bits.val().get_bit(3) {
            self.limited.next = 0.into();
        } else {
            self.limited.next = signed_cast(bit_cast::<16, W>(self.tail_bits.val()));
        }
    }
}
