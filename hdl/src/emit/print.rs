//! Modules → text.

use super::expression::{part, Printer};
use super::ir::*;
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write;

/// Characters of a line of a list.
const WIDEST: usize = 100;

/// The text of one module.
pub fn module(module: &Module) -> String {
    if let Some(text) = &module.verbatim {
        return format!("{text}\n");
    }
    let registers = procedural(module);
    let mut body = Body {
        printer: Printer {
            module,
            helpers: BTreeSet::new(),
        },
        text: String::new(),
    };
    let mut assigning = false;
    for item in &module.items {
        let assign = matches!(item, Item::Assign(..));
        if assign && !assigning {
            body.line(0, "");
        }
        assigning = assign || assigning && matches!(item, Item::Register(_));
        body.item(item);
    }
    body.registers();
    body.unread();
    let Body {
        printer,
        text: items,
    } = body;

    let mut text = format!("module {} (\n", module.name);
    let ports: Vec<&Signal> = module
        .ports
        .iter()
        .filter_map(|p| module.signal(p))
        .collect();
    for (i, port) in ports.iter().enumerate() {
        let comma = if i + 1 < ports.len() { "," } else { "" };
        text += &format!(
            "    {}{comma}\n",
            declaration(port, registers.contains(port.name.as_str()))
        );
    }
    text += ");\n";
    for constant in &module.constants {
        let sign = if constant.signed { "signed " } else { "" };
        let range = range(constant.value.width());
        text += &format!(
            "    localparam {sign}{range}{} = {};\n",
            constant.name, constant.value
        );
    }
    let locals = module.signals.iter().filter(|s| s.direction.is_none());
    for signal in locals {
        text += &format!(
            "    {};\n",
            declaration(signal, registers.contains(signal.name.as_str()))
        );
    }
    for helper in &printer.helpers {
        text += "\n";
        text += &helper.definition();
    }
    text + &items + "endmodule\n"
}

/// Signals that a process writes.
fn procedural(module: &Module) -> HashSet<&str> {
    let mut names = HashSet::new();
    for item in module
        .items
        .iter()
        .filter(|item| !matches!(item, Item::Assign(..)))
    {
        item.writes(&mut |name| {
            names.insert(name);
        });
    }
    names
}

fn range(width: u32) -> String {
    if width == 1 {
        String::new()
    } else {
        format!("[{}:0] ", width - 1)
    }
}

fn declaration(signal: &Signal, procedural: bool) -> String {
    let attributes: String = signal
        .attributes
        .iter()
        .map(|a| format!("(* {a} *) "))
        .collect();
    if signal.kind == SignalKind::Integer {
        return format!("{attributes}integer {}", signal.name);
    }
    let direction = match signal.direction {
        None => "",
        Some(Direction::Input) => "input ",
        Some(Direction::Output) => "output ",
        Some(Direction::InOut) => "inout ",
    };
    let register = procedural || signal.array.is_some();
    let kind = if register { "reg " } else { "wire " };
    let sign = if signal.signed { "signed " } else { "" };
    let array = signal
        .array
        .map_or(String::new(), |(first, last)| format!(" [{first}:{last}]"));
    format!(
        "{attributes}{direction}{kind}{sign}{}{}{array}",
        range(signal.width),
        signal.name
    )
}

struct Body<'a> {
    printer: Printer<'a>,
    text: String,
}

impl Body<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        writeln!(self.text, "{}{line}", "    ".repeat(depth)).expect("writing to a string");
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Register(_) => {}
            Item::Assign(target, value) => {
                let (target, value) = (self.target(target), self.printer.root(value));
                self.line(1, &format!("assign {target} = {value};"));
            }
            Item::Combinational(body) => self.process("always @(*)", body),
            Item::Initial(body) => self.process("initial", body),
            Item::Clocked(edges, body) => {
                let edge = |(rising, name): &(bool, String)| {
                    format!("{} {name}", if *rising { "posedge" } else { "negedge" })
                };
                let edges: Vec<String> = edges.iter().map(edge).collect();
                self.process(&format!("always @({})", edges.join(" or ")), body);
            }
            Item::Instance(instance) => self.instance(instance),
        }
    }

    fn process(&mut self, head: &str, body: &[Stmt]) {
        self.line(0, "");
        self.line(1, &format!("{head} begin"));
        self.statements(2, body);
        self.line(1, "end");
    }

    fn instance(&mut self, instance: &Instance) {
        self.line(0, "");
        for attribute in &instance.attributes {
            self.line(1, &format!("(* {attribute} *)"));
        }
        let parameters: Vec<String> = instance
            .parameters
            .iter()
            .map(|(name, value)| format!(".{name}({})", self.parameter(value)))
            .collect();
        if parameters.is_empty() {
            self.line(1, &format!("{} {} (", instance.module, instance.name));
        } else {
            self.line(1, &format!("{} #(", instance.module));
            self.line(2, &parameters.join(",\n        "));
            self.line(1, &format!(") {} (", instance.name));
        }
        let ports: Vec<String> = instance
            .ports
            .iter()
            .map(|(name, value)| {
                let value = value
                    .as_ref()
                    .map_or(String::new(), |v| self.printer.text(v));
                format!(".{name}({value})")
            })
            .collect();
        self.line(2, &ports.join(",\n        "));
        self.line(1, ");");
    }

    /// A plain number stays one, so that the cell sees an integer.
    fn parameter(&mut self, value: &Expr) -> String {
        match value.bits().and_then(|bits| bits.value()) {
            Some(number) if value.width == 32 && number < 1 << 31 => number.to_string(),
            _ => self.printer.text(value),
        }
    }

    /// All flip-flops: power-up values, then one process for each clock.
    fn registers(&mut self) {
        let module = self.printer.module;
        let registers: Vec<&Register> = module
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Register(register) => Some(register),
                _ => None,
            })
            .collect();
        if registers.is_empty() {
            return;
        }
        self.line(0, "");
        self.line(1, "initial begin");
        for register in &registers {
            self.line(2, &format!("{} = {};", register.name, register.initial));
        }
        self.line(1, "end");
        let mut clocks: Vec<String> = Vec::new();
        for register in &registers {
            let clock = self.printer.text(&register.clock);
            if !clocks.contains(&clock) {
                clocks.push(clock);
            }
        }
        for clock in clocks {
            self.line(0, "");
            self.line(1, &format!("always @(posedge {clock}) begin"));
            for register in &registers {
                if self.printer.text(&register.clock) == clock {
                    let next = self.printer.root(&register.next);
                    self.line(2, &format!("{} <= {next};", register.name));
                }
            }
            self.line(1, "end");
        }
    }

    /// One wire that reads what nothing else does.
    fn unread(&mut self) {
        let module = self.printer.module;
        if module.unread.is_empty() {
            return;
        }
        self.line(0, "");
        self.line(1, "// What this configuration has no use for.");
        let mut line = String::from("wire unused = &{1'b0");
        for unread in &module.unread {
            let text = self.printer.text(unread);
            line.push(',');
            if line.len() + text.len() > WIDEST {
                let full = std::mem::take(&mut line);
                self.line(if full.starts_with("wire") { 1 } else { 2 }, &full);
            } else {
                line.push(' ');
            }
            line += &text;
        }
        let depth = if line.starts_with("wire") { 1 } else { 2 };
        self.line(depth, &(line + "};"));
    }

    fn statements(&mut self, depth: usize, body: &[Stmt]) {
        body.iter().for_each(|s| self.statement(depth, s));
    }

    fn statement(&mut self, depth: usize, statement: &Stmt) {
        match statement {
            Stmt::Assign {
                target,
                value,
                blocking,
            } => {
                let operator = if *blocking { "=" } else { "<=" };
                let (target, value) = (self.target(target), self.printer.root(value));
                self.line(depth, &format!("{target} {operator} {value};"));
            }
            Stmt::If(condition, then, otherwise) => {
                let condition = self.printer.text(condition);
                self.line(depth, &format!("if ({condition}) begin"));
                self.branches(depth, then, otherwise);
            }
            Stmt::Case {
                subject,
                arms,
                default,
            } => self.case(depth, subject, arms, default),
            Stmt::For {
                variable,
                from,
                condition,
                step,
                body,
            } => {
                let (from, step) = (self.printer.root(from), self.printer.root(step));
                let condition = self.printer.text(condition);
                let head = format!("{variable} = {from}; {condition}; {variable} = {step}");
                self.line(depth, &format!("for ({head}) begin"));
                self.statements(depth + 1, body);
                self.line(depth, "end");
            }
            Stmt::System(task, arguments) => {
                let arguments: Vec<String> =
                    arguments.iter().map(|a| self.printer.text(a)).collect();
                self.line(depth, &format!("{task}({});", arguments.join(", ")));
            }
        }
    }

    /// What follows `if (…) begin`, with `else if` chains kept flat.
    fn branches(&mut self, depth: usize, then: &[Stmt], otherwise: &[Stmt]) {
        self.statements(depth + 1, then);
        match otherwise {
            [] => self.line(depth, "end"),
            [Stmt::If(condition, then, otherwise)] => {
                let condition = self.printer.text(condition);
                self.line(depth, &format!("end else if ({condition}) begin"));
                self.branches(depth, then, otherwise);
            }
            body => {
                self.line(depth, "end else begin");
                self.statements(depth + 1, body);
                self.line(depth, "end");
            }
        }
    }

    fn case(
        &mut self,
        depth: usize,
        subject: &Expr,
        arms: &[(Vec<Expr>, Vec<Stmt>)],
        default: &Option<Vec<Stmt>>,
    ) {
        let text = self.printer.text(subject);
        self.line(depth, &format!("case ({text})"));
        for (labels, body) in arms {
            let labels: Vec<String> = labels.iter().map(|l| self.printer.text(l)).collect();
            self.line(depth + 1, &format!("{}: begin", labels.join(", ")));
            self.statements(depth + 2, body);
            self.line(depth + 1, "end");
        }
        match default.as_deref() {
            None | Some([]) => self.line(depth + 1, "default: ;"),
            Some(body) => {
                self.line(depth + 1, "default: begin");
                self.statements(depth + 2, body);
                self.line(depth + 1, "end");
            }
        }
        self.line(depth, "endcase");
    }

    fn target(&mut self, target: &Target) -> String {
        match target {
            Target::Whole(name) => name.clone(),
            Target::Part(name, low, width) => part(name, *low, *width),
            Target::PartAt(name, low, width) => {
                let low = self.printer.text(low);
                format!("{name}[{low} +: {width}]")
            }
            Target::Index(name, index) => {
                let index = self.printer.text(index);
                format!("{name}[{index}]")
            }
            Target::Concat(parts) => {
                let parts: Vec<String> = parts.iter().map(|p| self.target(p)).collect();
                format!("{{{}}}", parts.join(", "))
            }
        }
    }
}
