//! The emitted core as a reader meets it, and that it is the same every time.

use hdl::arch::Plan;
use hdl::config::{Formats, Network, Pipeline, LANE_MENU};

fn small() -> Plan {
    let text = "name = \"small\"\nlayers = [5, 4, 3]\ndataset = \"random\"\n";
    let network = Network::parse("small.toml", text).unwrap_or_else(|error| panic!("{error:?}"));
    Plan::new(&network, 2).unwrap()
}

fn text(plan: &Plan) -> String {
    hdl::design::core(plan)
        .unwrap_or_else(|error| panic!("{error}"))
        .text
}

#[test]
fn header_and_modules() {
    let text = text(&small());
    let (header, _) = text.split_once("\n\n").expect("a header");
    insta::assert_snapshot!(header);
    // The map names every module that there is, in order, and each opens with what the map says.
    let modules: Vec<_> = modules(&text).into_iter().map(|(name, _)| name).collect();
    let rows = header.lines().filter_map(|line| line.strip_prefix("//   "));
    let rows: Vec<Vec<_>> = rows.map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(modules, rows.iter().map(|row| row[0]).collect::<Vec<_>>());
    for row in rows {
        let [name, block, file] = row[..] else {
            panic!("{row:?}")
        };
        let opening = text.split_once(&format!("// {block} ({file})\n//\n// "));
        assert!(opening.is_some(), "{name}");
    }
}

#[test]
fn the_step_of_a_unit() {
    let text = text(&small());
    let start = text
        .find("// Update (hdl/src/rtl/update.rs)")
        .expect("a module of this name");
    let length = text[start..].find("endmodule").expect("every module ends");
    insta::assert_snapshot!(&text[start..start + length]);
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let (first, second) = (small(), small());
    assert_eq!(first.hash, second.hash);
    let designs = [first, second].map(|plan| hdl::design::core(&plan).unwrap());
    assert_eq!(designs[0].text, designs[1].text);
    assert_eq!(designs[0].lint_waivers, designs[1].lint_waivers);
}

#[test]
fn any_allowed_format_generates() {
    for (f, b, g) in [(2, 3, 0), (2, 3, 1), (14, 16, 14), (14, 16, 0), (8, 4, 2)] {
        let mut network = small().network;
        network.formats = Formats {
            state_fraction: f,
            weight_bits: b,
            weight_fraction: g,
        };
        network.dynamics.k = 1;
        network.phases.beta_shift = 0;
        text(&Plan::new(&network, 2).unwrap());
    }
}

#[test]
fn every_number_of_lanes_generates_with_one_module_for_all_lanes() {
    for lanes in LANE_MENU {
        let text = text(&Plan::new(&small().network, lanes).unwrap());
        let modules = text.matches("\nmodule eqprop_core_lane (").count();
        let instances = text.matches("\n    eqprop_core_lane ").count();
        assert_eq!((modules, instances), (1, lanes));
    }
}

/// Names and ports of the modules of a text.
fn modules(text: &str) -> Vec<(&str, &str)> {
    let parts = text
        .split("\nmodule ")
        .map(|part| part.trim_start_matches("module "));
    parts
        .filter_map(|part| {
            let (name, rest) = part.split_once(" (\n")?;
            Some((name, rest.split_once("\n);")?.0))
        })
        .collect()
}

#[test]
fn hard_cells_stand_behind_the_ports_of_deep_memories_and_multipliers() {
    let mut network = Network::builtin("digits").expect("a built-in network");
    let plan = |network: &Network| Plan::new(network, 4).unwrap();
    assert_eq!(hdl::design::core(&plan(&network)).unwrap().ecp5, "");
    network.engine.pipeline = Some(Pipeline::Deep);
    let design = hdl::design::core(&plan(&network)).unwrap();
    let hard = modules(&design.ecp5);
    let all = modules(&design.text);
    assert!(hard.iter().all(|module| all.contains(module)), "{hard:?}");
    for (name, cell) in [
        ("eqprop_core_bank_ram", "DP16KD #("),
        ("eqprop_core_lane_memory_ram", "DP16KD #("),
        ("eqprop_core_multiplier", "MULT18X18D #("),
    ] {
        assert!(hard.iter().any(|module| module.0 == name), "{name}");
        let start = design.ecp5.find(&format!("module {name} (")).unwrap();
        let length = design.ecp5[start..].find("endmodule").unwrap();
        let body = &design.ecp5[start..start + length];
        assert_eq!(body.matches(cell).count(), 1, "{name}");
    }
}
