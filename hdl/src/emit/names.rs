//! Legal identifiers without `$`: `lanes$0$sum_out` becomes `lanes_0_sum_out`.

use super::ir::*;
use std::collections::{HashMap, HashSet};

/// Final names of the signals, constants and instances of one module.
pub struct Names(HashMap<String, String>);

impl Names {
    /// Names without `$` keep theirs; a clash gets the first free number.
    pub fn of(module: &Module) -> Names {
        let signals = module.signals.iter().map(|s| s.name.as_str());
        let constants = module.constants.iter().map(|c| c.name.as_str());
        let instances = module.instances().map(|i| i.name.as_str());
        let mut raw: Vec<&str> = signals.chain(constants).chain(instances).collect();
        raw.sort_by_key(|name| name.contains('$'));
        let mut taken: HashSet<String> = HashSet::new();
        let mut names = HashMap::new();
        for name in raw {
            let mut base = name.replace('$', "_");
            if KEYWORDS.split_whitespace().any(|word| word == base) {
                base.push('_');
            }
            let mut legal = base.clone();
            let mut number = 2;
            while !taken.insert(legal.clone()) {
                legal = format!("{base}_{number}");
                number += 1;
            }
            names.insert(name.to_owned(), legal);
        }
        Names(names)
    }

    pub fn get<'a>(&'a self, raw: &'a str) -> &'a str {
        self.0.get(raw).map_or(raw, String::as_str)
    }
}

/// Renames everything in `module`; `children` has the names of every module it may instantiate.
pub fn apply(module: &mut Module, names: &Names, children: &HashMap<String, Names>) {
    module.rename(&|name| *name = names.get(name).to_owned());
    for item in &mut module.items {
        if let Item::Instance(instance) = item {
            instance.name = names.get(&instance.name).to_owned();
            if let Some(child) = children.get(&instance.module) {
                for (port, _) in &mut instance.ports {
                    *port = child.get(port).to_owned();
                }
            }
        }
    }
}

/// The words that SystemVerilog reserves (IEEE 1800-2017, table B.1), those of Verilog among them.
const KEYWORDS: &str = "
    accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before
    begin bind bins binsof bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class
    clocking cmos config const constraint context continue cover covergroup coverpoint cross deassign
    default defparam design disable dist do edge else end endcase endchecker endclass endclocking
    endconfig endfunction endgenerate endgroup endinterface endmodule endpackage endprimitive endprogram
    endproperty endsequence endspecify endtable endtask enum event eventually expect export extends
    extern final first_match for force foreach forever fork forkjoin function generate genvar global
    highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies import incdir include
    initial inout input inside instance int integer interconnect interface intersect join join_any
    join_none large let liblist library local localparam logic longint macromodule matches medium
    modport module nand negedge nettype new nexttime nmos nor noshowcancelled not notif0 notif1 null or
    output package packed parameter pmos posedge primitive priority program property protected pull0
    pull1 pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence
    rcmos real realtime ref reg reject_on release repeat restrict return rnmos rpmos rtran rtranif0
    rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared sequence shortint shortreal
    showcancelled signed small soft solve specify specparam static string strong strong0 strong1 struct
    super supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time
    timeprecision timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union
    unique unique0 unsigned until until_with untyped use uwire var vectored virtual void wait wait_order
    wand weak weak0 weak1 while wildcard wire with within wor xnor xor
";
