//! The typed tree: modules whose expressions carry their width and every extension explicitly.
//!
//! Verilog's context rules are resolved once, in `elaborate`; all passes after it work on
//! exact bit vectors, and `print` writes text whose widths match by construction.

use super::bits::Bits;

#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    pub name: String,
    /// Line of the raw text on which it starts.
    pub line: usize,
    /// Port names in order.
    pub ports: Vec<String>,
    pub signals: Vec<Signal>,
    pub constants: Vec<Constant>,
    pub items: Vec<Item>,
    /// A black box: its text, printed as it is.
    pub verbatim: Option<String>,
    /// Its text is in another file; here it has only ports.
    pub external: bool,
    /// What is not read of the module's signals, so that a reader and linters see that it is meant.
    pub unread: Vec<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Input,
    Output,
    InOut,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    pub name: String,
    pub width: u32,
    pub signed: bool,
    pub kind: SignalKind,
    pub direction: Option<Direction>,
    /// First and last index of a memory.
    pub array: Option<(u64, u64)>,
    pub attributes: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalKind {
    Wire,
    Reg,
    Integer,
}

/// A `localparam`.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    pub name: String,
    pub value: Bits,
    pub signed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Assign(Target, Expr),
    /// `always @(*)`.
    Combinational(Vec<Stmt>),
    /// `always @(posedge a or negedge b)`: (rising, signal).
    Clocked(Vec<(bool, String)>, Vec<Stmt>),
    Initial(Vec<Stmt>),
    Instance(Instance),
    /// A D flip-flop that used to be a module of its own.
    Register(Register),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    pub module: String,
    pub name: String,
    pub attributes: Vec<String>,
    pub parameters: Vec<(String, Expr)>,
    /// `None` leaves the port open.
    pub ports: Vec<(String, Option<Expr>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    pub name: String,
    pub clock: Expr,
    pub next: Expr,
    pub initial: Bits,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Stmt {
    Assign {
        target: Target,
        value: Expr,
        blocking: bool,
    },
    If(Expr, Vec<Stmt>, Vec<Stmt>),
    Case {
        subject: Expr,
        arms: Vec<(Vec<Expr>, Vec<Stmt>)>,
        default: Option<Vec<Stmt>>,
    },
    /// `for (variable = from; condition; variable = step)`.
    For {
        variable: String,
        from: Expr,
        condition: Expr,
        step: Expr,
        body: Vec<Stmt>,
    },
    /// `$readmemh("file", memory)`.
    System(String, Vec<Expr>),
}

/// What an assignment writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    Whole(String),
    /// Low bit and width.
    Part(String, u32, u32),
    /// Run-time low bit and width.
    PartAt(String, Expr, u32),
    /// Run-time bit of a vector or word of a memory.
    Index(String, Expr),
    /// Most significant first.
    Concat(Vec<Target>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    pub width: u32,
    pub node: Node,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Literal(Bits),
    /// A `localparam` by name, its value and whether it is declared signed.
    Constant(String, Bits, bool),
    /// A signal by name.
    Name(String),
    /// Constant part of a signal from this low bit.
    Part(String, u32),
    /// Run-time part of a signal.
    PartAt(String, Box<Expr>),
    /// Bit of a vector or word of a memory.
    Index(String, Box<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Reduce(Reduction, Box<Expr>),
    /// Operands as wide as the result.
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// The amount has its own width.
    Shift(Shift, Box<Expr>, Box<Expr>),
    /// Operands equally wide; the flag says signed.
    Compare(Compare, bool, Box<Expr>, Box<Expr>),
    /// One-bit operands.
    Logic(Logic, Box<Expr>, Box<Expr>),
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Most significant first.
    Concat(Vec<Expr>),
    ZeroExtend(Box<Expr>),
    SignExtend(Box<Expr>),
    Truncate(Box<Expr>),
    /// A string, for parameters and `$readmemh`.
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    And,
    Or,
    Xor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    And,
    Or,
    Xor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shift {
    Left,
    Right,
    ArithmeticRight,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logic {
    And,
    Or,
}

impl Module {
    pub fn signal(&self, name: &str) -> Option<&Signal> {
        self.signals.iter().find(|s| s.name == name)
    }

    pub fn is_port(&self, name: &str) -> bool {
        self.ports.iter().any(|p| p == name)
    }

    pub fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.items.iter().filter_map(|item| match item {
            Item::Instance(instance) => Some(instance),
            _ => None,
        })
    }
}
