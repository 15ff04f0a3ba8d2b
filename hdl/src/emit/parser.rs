//! Tokens → modules. Declarations come before use, so every expression is elaborated as soon
//! as it is read.

use super::bits::Bits;
use super::error::{EmitError, Problem};
use super::ir::*;
use super::lexer::{tokens, Kind, Number, Token};
use super::scope::Scope;
use super::syntax::Syntax;

/// Reads raw Verilog.
pub fn parse(text: &str) -> Result<Vec<Module>, EmitError> {
    let tokens = tokens(text)?;
    let mut parser = Parser {
        text,
        tokens: &tokens,
        position: 0,
        module: "?".into(),
        scope: Scope::default(),
    };
    let mut modules = Vec::new();
    while !parser.peek(&Kind::End) {
        match parser.module() {
            Ok(module) => modules.push(module),
            Err(problem) => {
                let line = tokens[parser.position.saturating_sub(1)].line;
                return Err(EmitError {
                    module: parser.module,
                    line,
                    problem,
                });
            }
        }
    }
    Ok(modules)
}

pub struct Parser<'a> {
    pub text: &'a str,
    pub tokens: &'a [Token],
    pub position: usize,
    /// Raw name of the module being read.
    module: String,
    pub scope: Scope,
}

impl Parser<'_> {
    fn module(&mut self) -> Result<Module, Problem> {
        let Token { start, line, .. } = self.tokens[self.position];
        let attributes = self.attributes()?;
        if !self.accept_word("module") {
            return self.unexpected("`module`");
        }
        self.module = self.word()?;
        self.scope = Scope::default();
        let mut module = Module {
            name: self.module.clone(),
            line,
            ports: Vec::new(),
            signals: Vec::new(),
            constants: Vec::new(),
            items: Vec::new(),
            verbatim: None,
            external: false,
            unread: Vec::new(),
        };
        if attributes.iter().any(|a| a == "blackbox") {
            while !self.accept_word("endmodule") {
                if self.next() == Kind::End {
                    return self.unexpected("`endmodule`");
                }
            }
            let end = self.tokens[self.position - 1].end;
            module.verbatim = Some(self.text[start..end].to_owned());
            return Ok(module);
        }
        self.expect("(")?;
        while !self.accept(")") {
            module.ports.push(self.word()?);
            self.accept(",");
        }
        self.expect(";")?;
        while !self.accept_word("endmodule") {
            self.item(&mut module)?;
        }
        for constant in &mut module.constants {
            if let Some(value) = self.scope.variant(&constant.name) {
                constant.value = value;
                constant.signed = false;
            }
        }
        Ok(module)
    }

    fn item(&mut self, module: &mut Module) -> Result<(), Problem> {
        let attributes = self.attributes()?;
        match self.word()?.as_str() {
            "input" => self.declaration(module, Some(Direction::Input), attributes),
            "output" => self.declaration(module, Some(Direction::Output), attributes),
            "inout" => self.declaration(module, Some(Direction::InOut), attributes),
            "wire" | "reg" | "integer" => {
                self.position -= 1;
                self.declaration(module, None, attributes)
            }
            "localparam" => self.constants(module),
            "assign" => {
                let target = self.syntax()?;
                self.expect("=")?;
                let value = self.syntax()?;
                self.expect(";")?;
                self.continuous(module, &target, &value)
            }
            "always" => {
                let item = self.always()?;
                module.items.push(item);
                Ok(())
            }
            "initial" => {
                let body = self.statement()?;
                module.items.push(Item::Initial(body));
                Ok(())
            }
            kind if KEYWORDS.contains(&kind) => Err(Problem::Unsupported(format!("`{kind}`"))),
            kind => {
                let instance = self.instance(kind.to_owned(), attributes)?;
                module.items.push(Item::Instance(instance));
                Ok(())
            }
        }
    }

    fn continuous(
        &mut self,
        module: &mut Module,
        target: &Syntax,
        value: &Syntax,
    ) -> Result<(), Problem> {
        let (target, width) = self.scope.target(target)?;
        let value = self.scope.assigned(value, width)?;
        module.items.push(Item::Assign(target, value));
        Ok(())
    }

    /// `[high:0]`, or one bit where nothing stands.
    fn width(&mut self) -> Result<u32, Problem> {
        if !self.accept("[") {
            return Ok(1);
        }
        let high = self.syntax()?;
        self.expect(":")?;
        let low = self.syntax()?;
        self.expect("]")?;
        match self.scope.range(&high, &low)? {
            (0, width) => Ok(width),
            (low, _) => Err(Problem::Unsupported(format!(
                "a range that ends at bit {low}"
            ))),
        }
    }

    fn declaration(
        &mut self,
        module: &mut Module,
        direction: Option<Direction>,
        attributes: Vec<String>,
    ) -> Result<(), Problem> {
        let kind = match () {
            () if self.accept_word("reg") => SignalKind::Reg,
            () if self.accept_word("integer") => SignalKind::Integer,
            () => {
                self.accept_word("wire");
                SignalKind::Wire
            }
        };
        let integer = kind == SignalKind::Integer;
        let signed = self.accept_word("signed") || integer;
        let width = if integer { 32 } else { self.width()? };
        loop {
            let name = self.word()?;
            let array = if self.accept("[") {
                let first = self.syntax()?;
                self.expect(":")?;
                let last = self.syntax()?;
                self.expect("]")?;
                Some((self.scope.evaluate(&first)?, self.scope.evaluate(&last)?))
            } else {
                None
            };
            let attributes = attributes.clone();
            let signal = Signal {
                name: name.clone(),
                width,
                signed,
                kind,
                direction,
                array,
                attributes,
            };
            self.scope.declare(&signal)?;
            module.signals.push(signal);
            if self.accept("=") {
                let value = self.syntax()?;
                let target = Syntax::Name(name);
                if kind == SignalKind::Wire {
                    self.continuous(module, &target, &value)?;
                } else {
                    let (target, width) = self.scope.target(&target)?;
                    let value = self.scope.assigned(&value, width)?;
                    let set = Stmt::Assign {
                        target,
                        value,
                        blocking: true,
                    };
                    module.items.push(Item::Initial(vec![set]));
                }
            }
            if !self.accept(",") {
                return self.expect(";");
            }
        }
    }

    fn constants(&mut self, module: &mut Module) -> Result<(), Problem> {
        let signed = self.accept_word("signed");
        let range = self.peek(&Kind::Symbol("["));
        let width = self.width()?;
        loop {
            let name = self.word()?;
            self.expect("=")?;
            let value = self.syntax()?;
            let sized = |n: &Number| range || !n.signed || n.bits.width() != 32;
            let (bits, own_sign, sized) = match &value {
                Syntax::Number(n) => (n.bits.clone(), n.signed, sized(n)),
                Syntax::Unary("-", inner) => match inner.as_ref() {
                    Syntax::Number(n) => (n.bits.negated(), n.signed, sized(n)),
                    _ => return Err(Problem::Unsupported("this constant expression".into())),
                },
                other => (Bits::new(self.scope.evaluate(other)?, 32), true, range),
            };
            let bits = match (range, own_sign) {
                (false, _) => bits,
                (true, true) => bits.sign_extended(width),
                (true, false) => bits.zero_extended(width),
            };
            let signed = signed || own_sign && !range;
            self.scope.constant(&name, bits.clone(), signed, sized)?;
            module.constants.push(Constant {
                name,
                value: bits,
                signed,
            });
            if !self.accept(",") {
                return self.expect(";");
            }
        }
    }

    fn instance(&mut self, module: String, attributes: Vec<String>) -> Result<Instance, Problem> {
        let mut parameters = Vec::new();
        if self.accept("#") {
            for (name, value) in self.named()? {
                let Some(value) = value else {
                    return Err(Problem::Unsupported("a parameter without a value".into()));
                };
                parameters.push((name, value));
            }
        }
        let name = self.word()?;
        let ports = self.named()?;
        self.expect(";")?;
        Ok(Instance {
            module,
            name,
            attributes,
            parameters,
            ports,
        })
    }

    /// `(.a(x), .b())`.
    fn named(&mut self) -> Result<Vec<(String, Option<Expr>)>, Problem> {
        self.expect("(")?;
        let mut named = Vec::new();
        while !self.accept(")") {
            self.expect(".")?;
            let name = self.word()?;
            self.expect("(")?;
            if self.accept(")") {
                named.push((name, None));
            } else {
                let value = self.syntax()?;
                named.push((name, Some(self.scope.alone(&value)?)));
                self.expect(")")?;
            }
            self.accept(",");
        }
        Ok(named)
    }
}

/// Items that this parser refuses by name instead of reading them as instances.
const KEYWORDS: [&str; 14] = [
    "parameter",
    "defparam",
    "generate",
    "genvar",
    "function",
    "task",
    "for",
    "if",
    "case",
    "supply0",
    "supply1",
    "tri",
    "specify",
    "real",
];
