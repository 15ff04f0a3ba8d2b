//! The parser's place in the token list.

use super::error::Problem;
use super::lexer::Kind;
use super::parser::Parser;

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

    pub fn unexpected<T>(&mut self, expected: &str) -> Result<T, Problem> {
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
}
