//! Faults put into generated Verilog on purpose: proof that the comparison can fail.
//!
//! A fault changes one operator, shift amount, part-select or bit of a literal in what an `assign`
//! or `always` computes, in the modules that do arithmetic and sequencing. Names, declarations,
//! initial values and the memories' contents stay.

mod change;
mod netlist;
mod sites;
mod trial;

pub use netlist::netlist_faults;
pub use trial::{wild, Trial};

use crate::bittrue::Xorshift;
use hdl::emit::lexer::tokens;
use hdl::emit::EmitError;

/// One changed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The module that it is in.
    pub module: String,
    /// Line of the text, from 1.
    pub line: usize,
    /// That line without its indentation, before and after.
    pub before: String,
    pub after: String,
    /// The whole text with the fault.
    pub text: String,
}

/// Endless faults of one seed in `text`, equal for equal seeds; none if nothing can be changed.
///
/// Some give Verilog that Verilator refuses, or hardware that behaves the same: draw again.
///
/// # Errors
/// The text is not what the emission pass writes.
pub fn faults(text: &str, seed: u32) -> Result<impl Iterator<Item = Fault> + '_, EmitError> {
    let tokens = tokens(text)?;
    let sites = sites::sites(&tokens);
    let mut rng = draws(seed);
    Ok(std::iter::from_fn(move || loop {
        let site = sites.get(below(&mut rng, sites.len()))?;
        if let Some(edits) = change::change(text, &tokens, site, &mut rng) {
            return Some(apply(text, site, edits));
        }
    }))
}

/// The random numbers of a seed.
fn draws(seed: u32) -> Xorshift {
    let mut rng = Xorshift::seed(seed);
    // Neighbouring seeds start with neighbouring words.
    (0..16).for_each(|_| {
        rng.advance();
    });
    rng
}

/// A number in 0…limit−1, or 0 if the limit is 0.
fn below(rng: &mut Xorshift, limit: usize) -> usize {
    ((u64::from(rng.advance()) * limit as u64) >> 32) as usize
}

/// Replaces byte ranges, which rise and lie in one line.
fn apply(text: &str, site: &sites::Site, edits: Vec<change::Edit>) -> Fault {
    let mut changed = String::with_capacity(text.len() + 8);
    let mut from = 0;
    for edit in edits {
        changed += &text[from..edit.start];
        changed += &edit.replacement;
        from = edit.end;
    }
    changed += &text[from..];
    let line_of = |text: &str| {
        let line = text.lines().nth(site.line - 1).unwrap_or_default();
        line.trim().to_owned()
    };
    Fault {
        module: site.module.clone(),
        line: site.line,
        before: line_of(text),
        after: line_of(&changed),
        text: changed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const TEXT: &str = "\
module core_mac (
    input wire clock,
    input wire [15:0] x,
    output wire [15:0] y
);
    localparam [3:0] Op_Row = 4'd1;
    reg [15:0] total;
    wire [15:0] next;
    function [15:0] low(input [31:0] cut);
        low = cut[15:0];
    endfunction
    assign next = {8'd0, x[8:1]} + total;
    initial begin
        total = 16'd3;
    end
    always @(posedge clock) begin
        if (x[3:0] == Op_Row) begin
            total <= next << 2;
        end
    end
    assign y = total;
endmodule
module core_bank (input wire a, output wire b);
    assign b = a & 1'b1;
endmodule
";

    #[test]
    fn every_kind_of_change_is_drawn_and_nothing_else_is_touched() {
        let changes: BTreeSet<String> = faults(TEXT, 1)
            .unwrap()
            .take(300)
            .map(|fault| format!("{} {} | {}", fault.line, fault.module, fault.after))
            .collect();
        let text: Vec<_> = changes.into_iter().collect();
        insta::assert_snapshot!(text.join("\n"));
    }

    #[test]
    fn the_seed_decides_and_one_line_changes() {
        let first = faults(TEXT, 7).unwrap().next().unwrap();
        assert_eq!(faults(TEXT, 7).unwrap().next().unwrap(), first);
        let differing = TEXT.lines().zip(first.text.lines()).filter(|(a, b)| a != b);
        assert_eq!(differing.count(), 1);
        assert_eq!(TEXT.lines().count(), first.text.lines().count());
        assert_ne!(first.before, first.after);
    }

    #[test]
    fn a_text_without_arithmetic_has_no_faults() {
        let text = "module core_mac (input wire a, output wire b);\n    assign b = a;\nendmodule\n";
        assert!(faults(text, 1).unwrap().next().is_none());
    }
}
