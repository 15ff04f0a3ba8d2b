//! A second simulator: the core in Icarus must answer the same commands with the same words.

use super::common::{case, send, Hardware};
use hdl::arch::stream;
use std::path::Path;
use std::process::Command;

/// Sends `{last, word}` lines of `words.hex` as fast as they are taken and prints what comes back.
const BENCH: &str = "\
module bench;
    reg clock = 0;
    reg reset = 1;
    reg [32:0] words [0:COUNT-1];
    integer next = 0;
    integer answers = 0;
    wire s_ready, m_valid, m_last;
    wire [31:0] m_data;
    wire s_valid = !reset && next < COUNT;
    eqprop_core core (
        .clock(clock), .reset(reset),
        .s_valid(s_valid), .s_ready(s_ready), .s_data(words[next][31:0]), .s_last(words[next][32]),
        .m_valid(m_valid), .m_ready(1'b1), .m_data(m_data), .m_last(m_last)
    );
    initial begin
        $readmemh(\"words.hex\", words);
        #40 reset = 0;
        #10000000 $finish;
    end
    always #5 clock = !clock;
    always @(posedge clock) begin
        if (s_valid && s_ready) next <= next + 1;
        if (!reset && m_valid) begin
            $display(\"%h\", m_data);
            if (m_last) answers = answers + 1;
            if (answers == ANSWERS) $finish;
        end
    end
endmodule
";

fn run(directory: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap_or_else(|e| {
            panic!("{program} does not start ({e}); `./bootstrap test` installs it")
        });
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{program} failed:\n{text}{complaint}"
    );
    text
}

#[test]
fn icarus_answers_as_verilator_does() {
    let case = case(
        "name = \"icarus\"\nlayers = [5, 4, 3]\nblocks = [[0, 1], [1, 2], [0, 2]]\ndataset = \"random\"\n",
        3,
    );
    let hardware = Hardware::of([&case.network], 2);
    let mut commands = hardware.plan.configure();
    commands.extend(hardware.plan.load(
        |block, row, column| case.weights.blocks[block][(row, column)],
        |layer, unit| case.weights.biases[layer - 1][unit],
    ));
    let samples = case.samples.iter();
    commands
        .extend(samples.map(|s| stream::sample(&s.input, stream::Purpose::Nudge(&s.target), true)));
    commands.extend(stream::read_banks(&hardware.plan));
    let verilator = send(&mut hardware.model(0), &commands);

    let words: Vec<String> = commands
        .iter()
        .flat_map(|command| {
            let (last, others) = command.split_last().expect("a command has words");
            let others = others.iter().map(|word| format!("0{word:08x}\n"));
            others.chain([format!("1{last:08x}\n")])
        })
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let counts = [("COUNT", words.len()), ("ANSWERS", commands.len())];
    write("words.hex", &words.concat());
    write("core.v", &hdl::design::core(&hardware.plan).unwrap().text);
    let bench = counts.iter().fold(BENCH.to_owned(), |text, (name, value)| {
        text.replace(name, &value.to_string())
    });
    write("bench.v", &bench);
    run(
        folder.path(),
        "iverilog",
        &["-g2005", "-o", "bench.vvp", "bench.v", "core.v"],
    );
    let icarus: Vec<u32> = run(folder.path(), "vvp", &["-n", "bench.vvp"])
        .lines()
        .filter_map(|line| u32::from_str_radix(line, 16).ok())
        .collect();
    assert_eq!(icarus, verilator);
    assert!(verilator.len() > commands.len() + 2 * case.samples.len());
}
