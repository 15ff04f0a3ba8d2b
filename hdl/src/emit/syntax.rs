//! Expressions as written, before Verilog's width and sign rules are applied.

use super::error::Problem;
use super::lexer::{Kind, Number};
use super::parser::Parser;

#[derive(Clone, Debug, PartialEq)]
pub enum Syntax {
    Number(Number),
    Text(String),
    Name(String),
    Index(String, Box<Syntax>),
    /// High and low bit.
    Part(String, Box<Syntax>, Box<Syntax>),
    /// Low bit and width.
    PartAt(String, Box<Syntax>, Box<Syntax>),
    Unary(&'static str, Box<Syntax>),
    Binary(&'static str, Box<Syntax>, Box<Syntax>),
    Choose(Box<Syntax>, Box<Syntax>, Box<Syntax>),
    Concat(Vec<Syntax>),
    Repeat(Box<Syntax>, Box<Syntax>),
    /// `$signed` (true) or `$unsigned`.
    Cast(bool, Box<Syntax>),
}

/// Binary operators by rising precedence.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^", "~^"],
    &["&"],
    &["==", "!="],
    &["<", "<=", ">", ">="],
    &["<<", ">>", "<<<", ">>>"],
    &["+", "-"],
    &["*"],
];

const UNARY: [&str; 9] = ["~&", "~|", "~^", "~", "!", "-", "+", "&", "|"];

impl Parser<'_> {
    /// One expression.
    pub fn syntax(&mut self) -> Result<Syntax, Problem> {
        let condition = self.level(0)?;
        if !self.accept("?") {
            return Ok(condition);
        }
        let then = self.syntax()?;
        self.expect(":")?;
        let otherwise = self.syntax()?;
        Ok(Syntax::Choose(
            condition.into(),
            then.into(),
            otherwise.into(),
        ))
    }

    fn level(&mut self, level: usize) -> Result<Syntax, Problem> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.accept_any(operators) {
            let right = self.level(level + 1)?;
            left = Syntax::Binary(operator, left.into(), right.into());
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Syntax, Problem> {
        match self.accept_any(&UNARY).or_else(|| self.accept_any(&["^"])) {
            Some(operator) => Ok(Syntax::Unary(operator, self.unary()?.into())),
            None => self.primary(),
        }
    }

    fn primary(&mut self) -> Result<Syntax, Problem> {
        let found = self.describe();
        match self.next() {
            Kind::Number(number) => Ok(Syntax::Number(number)),
            Kind::Text(text) => Ok(Syntax::Text(text)),
            Kind::Word(name) => self.selected(name),
            Kind::Symbol("(") => {
                let inner = self.syntax()?;
                self.expect(")")?;
                Ok(inner)
            }
            Kind::Symbol("{") => self.braces(),
            Kind::System(name) if name == "$signed" || name == "$unsigned" => {
                self.expect("(")?;
                let inner = self.syntax()?;
                self.expect(")")?;
                Ok(Syntax::Cast(name == "$signed", inner.into()))
            }
            Kind::System(name) => Err(Problem::Unsupported(format!("function `{name}`"))),
            _ => Err(Problem::Unexpected {
                expected: "an expression".into(),
                found,
            }),
        }
    }

    /// `name`, `name[i]`, `name[high:low]` or `name[low +: width]`.
    pub fn selected(&mut self, name: String) -> Result<Syntax, Problem> {
        if !self.accept("[") {
            return Ok(Syntax::Name(name));
        }
        let first = self.syntax()?;
        let selected = if self.accept(":") {
            Syntax::Part(name, first.into(), self.syntax()?.into())
        } else if self.accept("+:") {
            Syntax::PartAt(name, first.into(), self.syntax()?.into())
        } else {
            Syntax::Index(name, first.into())
        };
        self.expect("]")?;
        if self.peek(&Kind::Symbol("[")) {
            return Err(Problem::Unsupported("a part of a memory word".into()));
        }
        Ok(selected)
    }

    fn braces(&mut self) -> Result<Syntax, Problem> {
        let first = self.syntax()?;
        if self.accept("{") {
            let inner = self.braces()?;
            self.expect("}")?;
            return Ok(Syntax::Repeat(first.into(), inner.into()));
        }
        let mut parts = vec![first];
        while self.accept(",") {
            parts.push(self.syntax()?);
        }
        self.expect("}")?;
        Ok(Syntax::Concat(parts))
    }
}
