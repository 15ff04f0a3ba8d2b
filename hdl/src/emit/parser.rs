//! Tokens → modules. Declarations come before use, so every expression is elaborated as soon
//! as it is read.

use super::bits::Bits;
use super::elaborate::Scope;
use super::error::{EmitError, Problem};
use super::ir::*;
use super::lexer::{tokens, Kind, Token};
use super::syntax::Syntax;

/// Reads raw Verilog.
pub fn parse(text: &str) -> Result<Vec<Module>, EmitError> {
    let located = |line, problem| EmitError {
        module: "?".into(),
        line,
        problem,
    };
    let tokens = tokens(text).map_err(|(line, problem)| located(line, problem))?;
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
    text: &'a str,
    tokens: &'a [Token],
    position: usize,
    /// Raw name of the module being read.
    module: String,
    pub scope: Scope,
}

impl Parser<'_> {
    pub fn next(&mut self) -> Kind {
        let token = &self.tokens[self.position];
        if token.kind != Kind::End {
            self.position += 1;
        }
        token.kind.clone()
    }

    pub fn peek(&self, kind: &Kind) -> bool {
        self.tokens[self.position].kind == *kind
    }

    pub fn peek_word(&self, word: &str) -> bool {
        matches!(&self.tokens[self.position].kind, Kind::Word(w) if w == word)
    }

    pub fn accept(&mut self, symbol: &'static str) -> bool {
        self.accept_any(&[symbol]).is_some()
    }

    pub fn accept_any(&mut self, symbols: &[&'static str]) -> Option<&'static str> {
        let found = symbols
            .iter()
            .copied()
            .find(|s| self.peek(&Kind::Symbol(s)))?;
        self.position += 1;
        Some(found)
    }

    pub fn accept_word(&mut self, word: &str) -> bool {
        let found = self.peek_word(word);
        self.position += found as usize;
        found
    }

    /// The next token as error messages show it.
    pub fn describe(&self) -> String {
        match &self.tokens[self.position].kind {
            Kind::End => "the end of the text".into(),
            _ => {
                let token = &self.tokens[self.position];
                format!("`{}`", &self.text[token.start..token.end])
            }
        }
    }

    fn unexpected<T>(&mut self, expected: &str) -> Result<T, Problem> {
        let found = self.describe();
        self.next();
        Err(Problem::Unexpected {
            expected: expected.into(),
            found,
        })
    }

    pub fn expect(&mut self, symbol: &'static str) -> Result<(), Problem> {
        if self.accept(symbol) {
            return Ok(());
        }
        self.unexpected(&format!("`{symbol}`"))
    }

    pub fn word(&mut self) -> Result<String, Problem> {
        match &self.tokens[self.position].kind {
            Kind::Word(word) => {
                self.position += 1;
                Ok(word.clone())
            }
            _ => self.unexpected("a name"),
        }
    }

    /// Texts of the attributes that stand here.
    pub fn attributes(&mut self) -> Result<Vec<String>, Problem> {
        let mut attributes = Vec::new();
        while self.accept("(*") {
            let start = self.tokens[self.position].start;
            while !self.accept("*)") {
                if self.next() == Kind::End {
                    return self.unexpected("`*)`");
                }
            }
            let end = self.tokens[self.position - 1].start;
            attributes.push(self.text[start..end].trim().to_owned());
        }
        Ok(attributes)
    }

    fn module(&mut self) -> Result<Module, Problem> {
        let start = self.tokens[self.position].start;
        let attributes = self.attributes()?;
        if !self.accept_word("module") {
            return self.unexpected("`module`");
        }
        self.module = self.word()?;
        self.scope = Scope::default();
        let mut module = Module {
            name: self.module.clone(),
            ports: Vec::new(),
            signals: Vec::new(),
            constants: Vec::new(),
            items: Vec::new(),
            verbatim: None,
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
            let (bits, own_sign, unsized_number) = match &value {
                Syntax::Number(n) => (n.bits.clone(), n.signed, n.signed && n.bits.width() == 32),
                other => (Bits::new(self.scope.evaluate(other)?, 32), true, true),
            };
            let bits = if range {
                bits.zero_extended(width)
            } else {
                bits
            };
            let signed = signed || own_sign && !range;
            self.scope
                .constant(&name, bits.clone(), signed, range || !unsized_number)?;
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
