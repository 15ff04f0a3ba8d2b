//! Synchronous memory with one read and one write port.
//!
//! ```text
//!                 +-----------+
//!  read_address ->|           |-> read_data    one cycle later, registered ones two
//! write_address ->|    RAM    |
//!    write_data ->|           |
//!  write_enable ->|           |
//!                 +-----------+
//! ```
//! Latency 1, registered 2. Nobody may use a word that is read in the cycle in which it is written: block RAMs
//! differ in what they give, and synthesis is told so (`-no-rw-check`).
//! The read register starts undefined: block RAMs have no initial value for it.
//! With a single port, writing goes first: what is read in a cycle in which something is written is lost.
//! `W` is the width of the data ports; the memory itself keeps [`RamShape::bits`] of them and
//! sign-extends on the way out if it is told to.

use rust_hdl_core::prelude::*;

/// Size of one memory, fixed when hardware is generated.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RamShape {
    /// Words; without any, zero is read.
    pub depth: usize,
    /// Stored bits of a word, at most the width of the data ports.
    pub bits: usize,
    /// Whether reading extends the sign of the stored bits.
    pub signed: bool,
    /// Contents after configuration; shorter than `depth` means zeros follow.
    pub initial: Vec<u32>,
    /// One port for reading and writing, for the large memories of UP5K, which have no initial contents.
    pub single_port: bool,
    /// A second register behind the one that reads, as block RAMs have: another cycle, a faster clock.
    pub registered: bool,
    /// Made of logic cells, however large it is.
    pub logic: bool,
}

impl RamShape {
    /// An unsigned memory that starts with zeros.
    pub fn new(depth: usize, bits: usize) -> Self {
        RamShape {
            depth,
            bits,
            ..Default::default()
        }
    }

    /// A memory of weights or biases, which start at zero.
    pub fn weights(depth: usize, bits: u32) -> Self {
        RamShape {
            signed: true,
            ..RamShape::new(depth, bits as usize)
        }
    }

    /// The same memory with or without a second register.
    pub fn registered(self, registered: bool) -> Self {
        RamShape { registered, ..self }
    }

    /// The same memory made of logic cells, or of what synthesis thinks best.
    pub fn logic(self, logic: bool) -> Self {
        RamShape { logic, ..self }
    }

    fn address_bits(&self) -> usize {
        (usize::BITS - (self.depth.max(2) - 1).leading_zeros()) as usize
    }
}

/// See the module documentation.
#[derive(LogicBlock, Default)]
pub struct Ram<const W: usize> {
    pub clock: Signal<In, Clock>,
    pub read_address: Signal<In, Bits<16>>,
    pub read_data: Signal<Out, Bits<W>>,
    pub write_address: Signal<In, Bits<16>>,
    pub write_data: Signal<In, Bits<W>>,
    pub write_enable: Signal<In, Bit>,
    _shape: Box<RamShape>,
}

impl<const W: usize> Ram<W> {
    pub fn new(shape: RamShape) -> Self {
        Ram {
            _shape: Box::new(shape),
            ..Default::default()
        }
    }
}

/// The text of a memory that yosys makes of SB_SPRAM256KA.
fn single_port(depth: usize, bits: usize, address: usize) -> String {
    format!(
        "\
(* ram_style = \"huge\" *)
reg [{top}:0] mem [0:{last}];
reg [{top}:0] word;
wire [{address}:0] place;

assign place = write_enable ? write_address[{address}:0] : read_address[{address}:0];

always @(posedge clock)
    if (write_enable)
        mem[place] <= write_data[{top}:0];
    else
        word <= mem[place];

always @(*) read_data = word;
",
        top = bits - 1,
        last = depth - 1,
    )
}

impl<const W: usize> Logic for Ram<W> {
    fn update(&mut self) {}

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        let shape = &self._shape;
        if shape.depth == 0 {
            return Verilog::Custom(format!("always @(*) read_data = {W}'h0;\n"));
        }
        let (top, address) = (shape.bits - 1, shape.address_bits() - 1);
        if shape.single_port {
            return Verilog::Custom(single_port(shape.depth, shape.bits, address));
        }
        let words: String = shape
            .initial
            .iter()
            .enumerate()
            .filter(|(_, &word)| word != 0)
            .map(|(i, word)| format!("    mem[{i}] = {}'h{word:x};\n", shape.bits))
            .collect();
        let (declared, copied, word) = match shape.registered {
            false => (String::new(), "", "word"),
            true => (
                format!("reg [{top}:0] result;\n"),
                "    result <= word;\n",
                "result",
            ),
        };
        let style = match shape.logic {
            false => "",
            true => "(* ram_style = \"logic\" *)\n",
        };
        let extend = match (W - shape.bits, shape.signed) {
            (0, _) => word.to_string(),
            (n, true) => format!("{{{{{n}{{{word}[{top}]}}}}, {word}}}"),
            (n, false) => format!("{{{n}'h0, {word}}}"),
        };
        Verilog::Custom(format!(
            "\
{style}reg [{top}:0] mem [0:{last}];
reg [{top}:0] word;
{declared}integer i;

initial begin
    for (i = 0; i < {depth}; i = i + 1)
        mem[i] = {bits}'h0;
{words}end

always @(posedge clock) begin
    if (write_enable)
        mem[write_address[{address}:0]] <= write_data[{top}:0];
    word <= mem[read_address[{address}:0]];
{copied}end

always @(*) read_data = {extend};
",
            depth = shape.depth,
            last = shape.depth.max(2) - 1,
            bits = shape.bits,
        ))
    }
}
