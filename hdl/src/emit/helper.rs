//! Functions for what Verilog-2005 cannot write as an expression: a part of an expression, its
//! sign, and a product inside a wider expression.

use super::expression::part;
use std::fmt::Write;

/// A function that the module needs because Verilog-2005 cannot select from an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Helper {
    SignExtend {
        from: u32,
        to: u32,
    },
    Low {
        from: u32,
        to: u32,
    },
    Multiply {
        signed: bool,
        a: u32,
        b: u32,
        to: u32,
    },
}

impl Helper {
    pub fn name(&self) -> String {
        match *self {
            Helper::SignExtend { from, to } => format!("sign_extend_{from}_to_{to}"),
            Helper::Low { from, to } => format!("low_{to}_of_{from}"),
            Helper::Multiply { signed, a, b, to } => {
                format!(
                    "multiply_{}{a}_{b}_to_{to}",
                    if signed { "signed_" } else { "" }
                )
            }
        }
    }

    /// The function's definition.
    pub fn definition(&self) -> String {
        let name = self.name();
        let mut text = String::new();
        let mut line = |l: String| writeln!(text, "    {l}").expect("writing to a string");
        match *self {
            Helper::SignExtend { from, to } => {
                line(format!(
                    "function [{}:0] {name}(input [{}:0] narrow_value);",
                    to - 1,
                    from - 1
                ));
                line(format!(
                    "    {name} = {{{{{}{{narrow_value[{}]}}}}, narrow_value}};",
                    to - from,
                    from - 1
                ));
            }
            Helper::Low { from, to } => {
                line(format!(
                    "function [{}:0] {name}(input [{}:0] partly_unused);",
                    to - 1,
                    from - 1
                ));
                line(format!("    {name} = {};", part("partly_unused", 0, to)));
            }
            Helper::Multiply { signed, a, b, to } => {
                let kind = if signed { "input signed" } else { "input" };
                let ports = format!(
                    "{kind} [{}:0] left_factor, {kind} [{}:0] right_factor",
                    a - 1,
                    b - 1
                );
                line(format!("function [{}:0] {name}({ports});", to - 1));
                line(format!("    {name} = left_factor * right_factor;"));
            }
        }
        line("endfunction".into());
        text
    }
}
