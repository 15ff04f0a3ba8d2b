//! The hard cells of ECP5 for modules that yosys makes of them without their registers.
//!
//! A registered memory becomes DP16KD with its output registers, a deep multiplier MULT18X18D with all of its
//! own. Both are recognised by their structure; the result has the same name and ports, and is read in
//! place of the module. A word is cut into slices as wide as a block of enough words allows, so that
//! nothing stands between blocks and `read_data`.

use super::bits::Bits;
use super::ir::*;
use crate::arch::cells::{slice, Cells};
use crate::board::Family;

/// The same module made of hard cells, if it is one that should be.
pub fn hard(module: &Module) -> Option<Module> {
    multiplier(module).or_else(|| Memory::of(module)?.hard(module))
}

/// A memory whose read word goes through a second register.
struct Memory<'a> {
    words: usize,
    bits: u32,
    clock: &'a str,
    enable: &'a Expr,
    write_address: &'a Expr,
    write_data: &'a Expr,
    read_address: &'a Expr,
    /// The first register, and the second.
    word: &'a str,
    result: &'a str,
    initial: Vec<(u64, u64)>,
}

impl<'a> Memory<'a> {
    fn of(module: &'a Module) -> Option<Memory<'a>> {
        let (edges, body) = module.items.iter().find_map(|item| match item {
            Item::Clocked(edges, body) => Some((edges, body)),
            _ => None,
        })?;
        let [(true, clock)] = &edges[..] else {
            return None;
        };
        let [Stmt::If(enable, then, _), read, register] = &body[..] else {
            return None;
        };
        let [Stmt::Assign {
            target: Target::Index(memory, write_address),
            value: write_data,
            ..
        }] = &then[..]
        else {
            return None;
        };
        let (word, read) = assigned(read)?;
        let Node::Index(_, read_address) = &read.node else {
            return None;
        };
        let (result, _) = assigned(register)?;
        let signal = module.signal(memory)?;
        let initial = module.items.iter().find_map(|item| match item {
            Item::Initial(body) => Some(body),
            _ => None,
        });
        Some(Memory {
            words: signal.array?.1 as usize + 1,
            bits: signal.width,
            clock,
            enable,
            write_address,
            write_data,
            read_address,
            word,
            result,
            initial: initial?.iter().filter_map(initial_word).collect(),
        })
    }

    /// The module with blocks in place of the memory and its registers.
    fn hard(&self, module: &Module) -> Option<Module> {
        let (depth, width) = slice(self.words, self.bits as usize)?;
        // Parity bits are words of their own in narrow blocks: nobody needs contents there.
        let contents = self.initial.is_empty() || width >= 9;
        let cells = Cells::of(Family::Ecp5, self.words, self.bits as usize);
        if !contents || cells.blocks() == 0 {
            return None;
        }
        let mut module = module.clone();
        module.items.retain(|item| matches!(item, Item::Assign(..)));
        module
            .signals
            .retain(|s| s.array.is_none() && s.kind != SignalKind::Integer && s.name != self.word);
        let result = module.signals.iter_mut().find(|s| s.name == self.result)?;
        result.kind = SignalKind::Wire;
        let slices = (0..self.bits).step_by(width);
        let blocks = slices.map(|low| self.block(low, width as u32, depth.ilog2()));
        module.items.splice(0..0, blocks.map(Item::Instance));
        Some(module)
    }

    /// The block of the bits from `low` on.
    fn block(&self, low: u32, width: u32, address_bits: u32) -> Instance {
        let used = width.min(self.bits - low);
        let text = |name: &str, value: &str| (name.to_string(), Expr::text(value));
        let number =
            |name: &str, value: u64| (name.to_string(), Expr::literal(Bits::new(value, 32)));
        let mut parameters = vec![
            number("DATA_WIDTH_A", u64::from(width)),
            number("DATA_WIDTH_B", u64::from(width)),
            // A word of 36 bits leaves through both ports.
            text("REGMODE_A", if width == 36 { "OUTREG" } else { "NOREG" }),
            text("REGMODE_B", "OUTREG"),
            text("RESETMODE", "SYNC"),
            text("ASYNC_RESET_RELEASE", "SYNC"),
            text("CSDECODE_A", "0b000"),
            text("CSDECODE_B", "0b000"),
            text("WRITEMODE_A", "NORMAL"),
            text("WRITEMODE_B", "NORMAL"),
            text("GSR", "DISABLED"),
        ];
        parameters.extend(self.contents(low, used, width));
        let clock = || Some(Expr::name(self.clock, 1));
        let one = || Some(Expr::bit(true));
        let zero = || Some(Expr::bit(false));
        let mut ports = vec![];
        let mut port = |name: String, value: Option<Expr>| ports.push((name, value));
        for side in ["A", "B"] {
            port(format!("CLK{side}"), clock());
            port(format!("CE{side}"), one());
            port(format!("OCE{side}"), one());
            port(format!("RST{side}"), zero());
            (0..3).for_each(|i| port(format!("CS{side}{i}"), zero()));
        }
        port("WEA".into(), Some(self.enable.clone()));
        port("WEB".into(), zero());
        // Addresses are aligned to the top; of a written wide word the low bits say which bytes.
        let below = 14 - address_bits;
        let bytes = width / 9;
        for (side, address) in [("A", self.write_address), ("B", self.read_address)] {
            for i in 0..14 {
                let enables = side == "A" && bytes > 1 && i < bytes;
                let bit = i.checked_sub(below).and_then(|bit| address.one_bit(bit));
                port(
                    format!("AD{side}{i}"),
                    bit.or_else(|| if enables { one() } else { zero() }),
                );
            }
        }
        for i in 0..width.max(18) {
            let written = (i < used)
                .then(|| self.write_data.one_bit(low + i))
                .flatten();
            port(data("DI", "A", i), written.or_else(zero));
        }
        for i in 0..used {
            // A port of 18 bits or less is B's own.
            let name = data("DO", if width == 36 { "A" } else { "B" }, i);
            port(name, Some(Expr::part(self.result, low + i, 1)));
        }
        Instance {
            module: "DP16KD".into(),
            name: format!("block_{}", low / width),
            attributes: vec![],
            parameters,
            ports,
        }
    }

    /// Contents after configuration: 16 groups of 18 bits in each parameter, in the order of the addresses.
    fn contents(&self, low: u32, used: u32, width: u32) -> Vec<(String, Expr)> {
        let mut groups = vec![0u32; 1024];
        for &(address, value) in &self.initial {
            let slice = value >> low & ((1 << used) - 1);
            let first = address as usize * width as usize;
            for bit in 0..used as usize {
                let at = first + bit;
                groups[at / 18] |= ((slice >> bit & 1) as u32) << (at % 18);
            }
        }
        let rows = groups.chunks(16).enumerate();
        let used = rows.filter(|(_, row)| row.iter().any(|&group| group != 0));
        used.map(|(row, groups)| {
            let digits: String = groups
                .iter()
                .rev()
                .map(|group| format!("{group:05x}"))
                .collect();
            let bits = Bits::parse(&digits, 16, 320).expect("hexadecimal digits");
            (format!("INITVAL_{row:02X}"), Expr::literal(bits))
        })
        .collect()
    }
}

/// Data pin `i`; those from 18 on are the other port's.
fn data(kind: &str, side: &str, i: u32) -> String {
    match i {
        0..18 => format!("{kind}{side}{i}"),
        _ => format!("{kind}B{}", i - 18),
    }
}

/// Name and value of a non-blocking assignment to a whole signal.
fn assigned(statement: &Stmt) -> Option<(&str, &Expr)> {
    match statement {
        Stmt::Assign {
            target: Target::Whole(name),
            value,
            blocking: false,
        } => Some((name, value)),
        _ => None,
    }
}

/// Address and value of a word that is not zero at the start.
fn initial_word(statement: &Stmt) -> Option<(u64, u64)> {
    match statement {
        Stmt::Assign {
            target: Target::Index(_, address),
            value,
            ..
        } => Some((address.bits()?.value()?, value.bits()?.value()?)),
        _ => None,
    }
}

/// Registers of both factors, of their product and behind it.
fn multiplier(module: &Module) -> Option<Module> {
    let registers = || {
        module.items.iter().filter_map(|item| match item {
            Item::Register(register) => Some(register),
            _ => None,
        })
    };
    let next = |of: &str| registers().find(|r| r.name == of).map(|r| &r.next);
    let (middle, x, y) = registers().find_map(|r| match &r.next.node {
        Node::Binary(Binary::Multiply, x, y) => Some((r, factor(x)?, factor(y)?)),
        _ => None,
    })?;
    let result = registers().find(|r| r.next.as_name() == Some(&middle.name))?;
    let (x, y) = (next(x)?, next(y)?);
    let mut hard = module.clone();
    hard.items.retain(|item| matches!(item, Item::Assign(..)));
    hard.signals
        .retain(|s| s.direction.is_some() || s.name == result.name);
    let product = hard.signals.iter_mut().find(|s| s.name == result.name)?;
    product.kind = SignalKind::Wire;
    let width = product.width;

    let mut parameters: Vec<(String, Expr)> = ["INPUTA", "INPUTB", "PIPELINE", "OUTPUT"]
        .iter()
        .flat_map(|register| {
            [("CLK", "CLK0"), ("CE", "CE0"), ("RST", "RST0")]
                .map(|(of, value)| (format!("REG_{register}_{of}"), Expr::text(value)))
        })
        .collect();
    parameters.push(("GSR".into(), Expr::text("DISABLED")));
    let mut ports = vec![("CLK0".to_string(), Some(middle.clock.clone()))];
    for i in 0..4 {
        ports.push((format!("CE{i}"), Some(Expr::bit(true))));
        ports.push((format!("RST{i}"), Some(Expr::bit(false))));
    }
    for (side, factor) in [("A", x), ("B", y)] {
        ports.push((format!("SIGNED{side}"), Some(Expr::bit(true))));
        ports.push((format!("SOURCE{side}"), Some(Expr::bit(false))));
        // The sign fills what is above it.
        let pins = (0..18).map(|i| {
            (
                format!("{side}{i}"),
                factor.one_bit(i.min(factor.width - 1)),
            )
        });
        ports.extend(pins);
    }
    ports.extend((0..18).map(|i| (format!("C{i}"), Some(Expr::bit(false)))));
    ports.extend((0..width).map(|i| (format!("P{i}"), Some(Expr::part(&result.name, i, 1)))));
    hard.items.insert(
        0,
        Item::Instance(Instance {
            module: "MULT18X18D".into(),
            name: "multiply".into(),
            attributes: vec![],
            parameters,
            ports,
        }),
    );
    Some(hard)
}

/// The register of a factor, whose sign is extended.
fn factor(expr: &Expr) -> Option<&str> {
    match &expr.node {
        Node::SignExtend(inner) => factor(inner),
        _ => expr.as_name(),
    }
}

impl Expr {
    fn bit(value: bool) -> Expr {
        Expr::literal(Bits::new(value.into(), 1))
    }

    fn text(value: &str) -> Expr {
        Expr {
            width: 8 * value.len() as u32,
            node: Node::Text(value.into()),
        }
    }

    fn part(name: &str, low: u32, width: u32) -> Expr {
        Expr {
            width,
            node: Node::Part(name.into(), low),
        }
    }

    /// One bit of a signal or of a part of one; `None` beyond it.
    fn one_bit(&self, i: u32) -> Option<Expr> {
        if i >= self.width {
            return None;
        }
        match &self.node {
            Node::Name(name) => Some(Expr::part(name, i, 1)),
            Node::Part(name, low) => Some(Expr::part(name, low + i, 1)),
            _ => None,
        }
    }
}
