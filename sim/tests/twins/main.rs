//! The twins of ECP5's block RAM and multiplier against the rules of Lattice's documents, one test a rule, in Icarus,
//! which knows unknown values. `sim::gates` has the twins; gate-level co-simulation runs them in Verilator.
//!
//! The documents are cited by the titles of their sections, which outlive their numbers: "Memory" is the ECP5 and
//! ECP5-5G Memory Usage Guide, FPGA-TN-02204, "sysDSP" the sysDSP Usage Guide, FPGA-TN-02205.

mod dp16kd;
mod mult18x18d;

use std::process::Command;

use sim::gates::ECP5_TWINS;

/// A cell, the names of its pins for the bench (vector, width, default) and those among them that are outputs.
struct Cell {
    name: &'static str,
    inputs: &'static [(&'static str, usize, &'static str)],
    outputs: &'static [(&'static str, usize)],
}

impl Cell {
    /// Runs `body` on one instance with these parameters (`REGMODE_A = "OUTREG"`). The bench has a register for each
    /// input, the task `cycle` where there is one clock, and the task `see(found, wanted)`; it fails where one differs.
    fn obeys(&self, parameters: &[&str], body: &str) {
        let (text, status) = self.simulate(parameters, body);
        assert!(status && text == "done\n", "{}:\n{text}", self.name);
    }

    /// Whether the twin refuses the parameters.
    fn refuses(&self, parameters: &[&str]) -> bool {
        let (text, status) = self.simulate(parameters, "");
        !status && text.contains("_twin_")
    }

    /// What the simulator says, and whether it ran.
    fn simulate(&self, parameters: &[&str], body: &str) -> (String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("bench.v"), self.bench(parameters, body)).unwrap();
        let twin = ECP5_TWINS.iter().find(|twin| twin.cell == self.name);
        std::fs::write(path("twin.v"), twin.expect("a twin").text).unwrap();
        let files = [path("bench.v"), path("twin.v")];
        let [first, second] = files.each_ref().map(String::as_str);
        let built = run(
            "iverilog",
            &["-g2005", "-o", &path("bench.vvp"), first, second],
        );
        match built {
            (text, false) => (text, false),
            (_, true) => run("vvp", &["-n", &path("bench.vvp")]),
        }
    }

    fn bench(&self, parameters: &[&str], body: &str) -> String {
        let declare = |kind: &str, (name, width): (&str, usize), value: String| {
            format!("    {kind} [{}:0] {name}{value};\n", width - 1)
        };
        let inputs = (self.inputs.iter())
            .map(|&(name, width, value)| declare("reg", (name, width), format!(" = {value}")));
        let outputs = (self.outputs.iter()).map(|&pin| declare("wire", pin, String::new()));
        let declarations: String = inputs.chain(outputs).collect();
        let names = self.inputs.iter().map(|&(name, width, _)| (name, width));
        let pins = names.chain(self.outputs.iter().copied()).flat_map(pins);
        let pins: Vec<String> = pins.collect();
        let parameters: Vec<String> = (parameters.iter())
            .map(|text| text.split_once(" = ").expect("name = value"))
            .map(|(name, value)| format!(".{name}({value})"))
            .collect();
        let cycle = match self.inputs.iter().any(|&(name, ..)| name == "clock") {
            true => "    task cycle; begin #1 clock = 1; #1 clock = 0; end endtask\n",
            false => "",
        };
        format!(
            "module bench;\n{declarations}    {} #({}) twin (\n        {}\n    );\n\
             {cycle}    task see(input [35:0] found, wanted);\n        \
             if (found !== wanted) $display(\"%h where %h is wanted, at time %0d\", found, wanted, $time);\n    \
             endtask\n    integer i;\n    initial begin\n{body}\n        $display(\"done\");\n    end\nendmodule\n",
            self.name,
            parameters.join(", "),
            pins.join(", ")
        )
    }
}

/// Connections of a vector: pins of a bus are numbered, others have the vector's name; `clock` goes to every clock.
fn pins((name, width): (&'static str, usize)) -> Vec<String> {
    let pin = name.to_ascii_uppercase();
    match (name, width) {
        ("clock", _) => vec![".CLKA(clock), .CLKB(clock)".into()],
        (_, 2..) => {
            let bit = |i: usize| format!(".{pin}{i}({name}[{i}])");
            (0..width).map(bit).collect()
        }
        _ => vec![format!(".{pin}({name})")],
    }
}

fn run(program: &str, arguments: &[&str]) -> (String, bool) {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{program} does not start ({error}); `./bootstrap test` installs it")
    });
    let text = [output.stdout, output.stderr].concat();
    (
        String::from_utf8_lossy(&text).into_owned(),
        output.status.success(),
    )
}
