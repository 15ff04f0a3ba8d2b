//! Faults in a netlist: one bit of what a look-up table holds.

use super::change::flipped;
use super::{below, draws, Fault};

/// How the contents of a table stand in a netlist: of SB_LUT4, of LUT4, and of both tables of CCU2C.
const CONTENTS: [&str; 4] = [".LUT_INIT(", ".INIT(", ".INIT0(", ".INIT1("];

/// Endless faults of one seed in a netlist of module `top`, equal for equal seeds; none without look-up tables. Some
/// change what no input of the table ever asks for.
pub fn netlist_faults<'a>(
    netlist: &'a str,
    top: &'a str,
    seed: u32,
) -> impl Iterator<Item = Fault> + 'a {
    let contents = |line: &str| CONTENTS.iter().any(|name| line.trim().starts_with(name));
    let lines: Vec<&str> = netlist.lines().collect();
    let tables: Vec<usize> = (0..lines.len()).filter(|&i| contents(lines[i])).collect();
    let mut rng = draws(seed);
    std::iter::from_fn(move || {
        let &index = tables.get(below(&mut rng, tables.len()))?;
        let line = lines[index];
        let (name, rest) = line.split_once('(')?;
        let (literal, rest) = rest.split_once(')')?;
        let after = format!("{name}({}){rest}", flipped(literal, &mut rng)?);
        let mut changed = lines.clone();
        changed[index] = &after;
        Some(Fault {
            module: top.to_owned(),
            line: index + 1,
            before: line.trim().to_owned(),
            after: after.trim().to_owned(),
            text: changed.join("\n") + "\n",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETLIST: &str = "\
module top(a, y);
  LUT4 #(
    .INIT(16'hfac0)
  ) y_LUT4_Z (
    .A(a),
    .Z(y)
  );
  TRELLIS_FF #(
    .CEMUX(\"1\")
  ) y_FF (
    .Q(y)
  );
endmodule
";

    #[test]
    fn one_bit_of_a_table_changes_and_nothing_else() {
        for fault in netlist_faults(NETLIST, "top", 3).take(40) {
            assert_eq!((fault.line, fault.before.as_str()), (3, ".INIT(16'hfac0)"));
            let value = fault.after.trim_start_matches(".INIT(16'h");
            let value = u32::from_str_radix(value.trim_end_matches(')'), 16).unwrap();
            assert_eq!((value ^ 0xfac0).count_ones(), 1);
            let rest = fault.text.replace(&fault.after, &fault.before);
            assert_eq!(rest, NETLIST);
        }
        let first = |seed| netlist_faults(NETLIST, "top", seed).next().unwrap();
        assert_eq!(first(7), first(7));
        assert!(netlist_faults("module top;\nendmodule\n", "top", 1)
            .next()
            .is_none());
    }
}
