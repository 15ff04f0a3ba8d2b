//! Raw text → tokens. Comments vanish; everything else keeps its line for error messages.

use super::bits::Bits;
use super::error::{EmitError, Problem};

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Identifier or keyword; `$` is allowed inside.
    Word(String),
    /// `$signed`, `$readmemh`, …
    System(String),
    Number(Number),
    /// The text between the quotes, escapes untouched.
    Text(String),
    Symbol(&'static str),
    End,
}

/// A literal: its value in the width that Verilog gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub bits: Bits,
    pub signed: bool,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
    /// Byte offsets in the raw text.
    pub start: usize,
    pub end: usize,
}

/// Longest first, so that `<<<` is not read as `<<` and `<`.
const SYMBOLS: [&str; 44] = [
    "<<<", ">>>", "===", "!==", "(*", "*)", "+:", "-:", "<<", ">>", "<=", ">=", "==", "!=", "&&",
    "||", "~&", "~|", "~^", "**", "(", ")", "[", "]", "{", "}", ",", ";", ":", ".", "=", "+", "-",
    "*", "/", "%", "&", "|", "^", "~", "!", "<", ">", "?",
];

/// Splits `text` into tokens; the last one is [`Kind::End`].
pub fn tokens(text: &str) -> Result<Vec<Token>, EmitError> {
    let mut lexer = Lexer {
        text,
        position: 0,
        line: 1,
    };
    let mut tokens: Vec<Token> = Vec::new();
    loop {
        let token = lexer.next().map_err(|(line, problem)| EmitError {
            module: module_of(&tokens),
            line,
            problem,
        })?;
        let last = token.kind == Kind::End;
        tokens.push(token);
        if last {
            return Ok(tokens);
        }
    }
}

/// The module that the last token belongs to.
fn module_of(tokens: &[Token]) -> String {
    let name = |pair: &[Token]| match (&pair[0].kind, &pair[1].kind) {
        (Kind::Word(keyword), Kind::Word(name)) if keyword == "module" => Some(name.clone()),
        _ => None,
    };
    tokens
        .windows(2)
        .rev()
        .find_map(name)
        .unwrap_or_else(|| "?".into())
}

struct Lexer<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.position..]
    }

    fn take(&mut self, length: usize) -> String {
        let taken = self.rest()[..length].to_owned();
        self.line += taken.matches('\n').count();
        self.position += length;
        taken
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let length = self
            .rest()
            .find(|c| !accept(c))
            .unwrap_or(self.rest().len());
        self.take(length)
    }

    fn skip_blank(&mut self) -> Result<(), (usize, Problem)> {
        loop {
            self.take_while(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take_while(|c| c != '\n');
            } else if self.rest().starts_with("/*") {
                let Some(end) = self.rest().find("*/") else {
                    return Err((
                        self.line,
                        Problem::Unsupported("an unclosed comment".into()),
                    ));
                };
                self.take(end + 2);
            } else {
                return Ok(());
            }
        }
    }

    fn next(&mut self) -> Result<Token, (usize, Problem)> {
        self.skip_blank()?;
        let (start, line) = (self.position, self.line);
        let kind = self.kind().map_err(|problem| (line, problem))?;
        Ok(Token {
            kind,
            line,
            start,
            end: self.position,
        })
    }

    fn kind(&mut self) -> Result<Kind, Problem> {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        let Some(first) = self.rest().chars().next() else {
            return Ok(Kind::End);
        };
        if first.is_ascii_alphabetic() || first == '_' {
            return Ok(Kind::Word(self.take_while(word)));
        }
        if first == '$' {
            return Ok(Kind::System(self.take_while(word)));
        }
        if first.is_ascii_digit() || first == '\'' {
            return self.number().map(Kind::Number);
        }
        if first == '"' {
            self.take(1);
            let text = self.take_while(|c| c != '"' && c != '\n');
            if !self.rest().starts_with('"') {
                return Err(Problem::Unsupported("an unclosed string".into()));
            }
            self.take(1);
            return Ok(Kind::Text(text));
        }
        // `@(*)` must not be read as the start of an attribute.
        if first == '@' {
            self.take(1);
            return Ok(Kind::Symbol("@"));
        }
        if first == '#' {
            self.take(1);
            return Ok(Kind::Symbol("#"));
        }
        if self.rest().starts_with("(*)") {
            self.take(1);
            return Ok(Kind::Symbol("("));
        }
        match SYMBOLS.into_iter().find(|s| self.rest().starts_with(s)) {
            Some(symbol) => {
                self.take(symbol.len());
                Ok(Kind::Symbol(symbol))
            }
            None => Err(Problem::Character(first)),
        }
    }

    /// `37`, `8'hff`, `16'sd5`; also `16'h-5`, as rust-hdl prints a negative constant.
    fn number(&mut self) -> Result<Number, Problem> {
        let decimal = |c: char| c.is_ascii_digit() || c == '_';
        let size = self.take_while(decimal);
        if !self.rest().starts_with('\'') {
            let bits = Bits::parse(&size, 10, 32);
            return match bits {
                Some(bits) => Ok(Number { bits, signed: true }),
                None => Err(Problem::Number(size)),
            };
        }
        self.take(1);
        let signed = self.rest().starts_with(['s', 'S']);
        if signed {
            self.take(1);
        }
        let base = self.take(self.rest().chars().next().map_or(0, char::len_utf8));
        let negative = self.rest().starts_with('-');
        if negative {
            self.take(1);
        }
        let digits = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '?');
        let radix = match base.as_str() {
            "b" | "B" => Some(2),
            "o" | "O" => Some(8),
            "d" | "D" => Some(10),
            "h" | "H" => Some(16),
            _ => None,
        };
        let width = if size.is_empty() {
            Some(32)
        } else {
            size.replace('_', "").parse().ok()
        };
        let bits = radix
            .zip(width.filter(|w| (1..=1 << 16).contains(w)))
            .filter(|_| !digits.is_empty())
            .and_then(|(radix, width)| Bits::parse(&digits, radix, width));
        match bits {
            Some(bits) if negative => Ok(Number {
                bits: bits.negated(),
                signed,
            }),
            Some(bits) => Ok(Number { bits, signed }),
            None => Err(Problem::Number(format!("{size}'{base}{digits}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_numbers_and_symbols() {
        let kinds: Vec<Kind> = tokens("lanes$0$acc <= 16'h-5; // note\n/* x */ @(*)")
            .unwrap()
            .into_iter()
            .map(|t| t.kind)
            .collect();
        let minus_five = Number {
            bits: Bits::new(0xfffb, 16),
            signed: false,
        };
        assert_eq!(
            kinds,
            [
                Kind::Word("lanes$0$acc".into()),
                Kind::Symbol("<="),
                Kind::Number(minus_five),
                Kind::Symbol(";"),
                Kind::Symbol("@"),
                Kind::Symbol("("),
                Kind::Symbol("*)"),
                Kind::End,
            ]
        );
    }

    #[test]
    fn errors_name_module_and_line() {
        let error = tokens("module m(a);\n`ifdef").unwrap_err();
        assert_eq!((error.module.as_str(), error.line), ("m", 2));
        assert_eq!(error.problem, Problem::Character('`'));
        let problem = |text| tokens(text).unwrap_err().problem;
        assert_eq!(problem("8'q1"), Problem::Number("8'q1".into()));
        assert_eq!(problem("4'bx"), Problem::Number("4'bx".into()));
        assert_eq!(
            problem("99999999'd1"),
            Problem::Number("99999999'd1".into())
        );
        assert!(tokens("/* open").is_err());
        assert!(tokens("\"open\n").is_err());
    }
}
