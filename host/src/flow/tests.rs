//! Small designs through the real tools. Without the tools these tests fail and say what installs them.

use std::fs;
use std::path::Path;

use hdl::board::Board;
use miette::Diagnostic;

use super::*;

/// Design with a counter and, `n` times each, a 16 × 16 multiplier and a 256 × 16 memory, on the
/// ports that the board has.
fn design(board: &Board, multipliers: usize, memories: usize) -> String {
    let ports: Vec<String> = board
        .ports()
        .iter()
        .map(|(port, _)| match port.as_str() {
            "clock" | "button" | "uart_rx" => format!("input {port}"),
            _ => format!("output {port}"),
        })
        .collect();
    let mut body = String::new();
    let mut taps = vec!["count[15]".to_string()];
    for i in 0..multipliers {
        body += &format!(
            "  reg [15:0] m{i} = 1;\n  wire [31:0] p{i} = $signed(m{i}) * $signed(shift);\n\
               always @(posedge clock) m{i} <= p{i}[31:16] ^ count;\n"
        );
        taps.push(format!("p{i}[31]"));
    }
    for i in 0..memories {
        body += &format!(
            "  reg [15:0] bank{i} [0:255];\n  reg [15:0] word{i};\n\
               always @(posedge clock) begin\n    bank{i}[count[7:0]] <= shift + {i};\n\
                 word{i} <= bank{i}[count[15:8]];\n  end\n"
        );
        taps.push(format!("^word{i}"));
    }
    for led in 0..board.leds.pins.len() {
        body += &format!("  assign led_{led} = count[{led}];\n");
    }
    let reset = match &board.button {
        Some(button) if button.active_low => "!button",
        Some(_) => "button",
        None => "1'b0",
    };
    format!(
        "module top(\n  {});\n  reg [15:0] count = 0, shift = 0;\n  always @(posedge clock) begin\n    \
         count <= {reset} ? 0 : count + 1;\n    shift <= {{shift[14:0], uart_rx}};\n  end\n{body}  \
         assign uart_tx = {};\nendmodule\n",
        ports.join(",\n  "),
        taps.join(" ^ ")
    )
}

/// Builds one text for a board; the events that are no tool output come back as text.
fn build_text(
    board: &str,
    text: &str,
    (dsp, bram): (usize, usize),
    seeds: &[u32],
    out_dir: &Path,
) -> (Result<BuildReport, FlowError>, Vec<String>) {
    let board = Board::load(board).unwrap();
    let mut events = Vec::new();
    let input = FlowInput {
        files: &[("top.v".to_string(), text.to_string())],
        hard: "",
        top: "top",
        board,
        seeds,
        out_dir,
        expected: Expected { dsp, bram },
        clock_hz: board.clock.hz.into(),
    };
    let result = build(&input, &mut |event| match event {
        Event::Line(_) => {}
        event => events.push(format!("{event:?}")),
    });
    (result, events)
}

/// Message and help of an error, without the folder.
fn text(error: &FlowError, out_dir: &Path) -> String {
    let help = error
        .help()
        .map(|help| help.to_string())
        .unwrap_or_default();
    format!("{error}\n{help}").replace(&out_dir.display().to_string(), "OUT")
}

/// The report; a missing tool fails the test with the command that installs it.
fn expect(result: Result<BuildReport, FlowError>, out_dir: &Path) -> BuildReport {
    result.unwrap_or_else(|error| panic!("{}", text(&error, out_dir)))
}

fn refusal(board: &str, design: &str, expected: (usize, usize)) -> String {
    let out = tempfile::tempdir().unwrap();
    let error = build_text(board, design, expected, &[1], out.path())
        .0
        .unwrap_err();
    for entry in fs::read_dir(out.path()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            !name.ends_with(".bin") && !name.ends_with(".bit") && !name.starts_with(".partial"),
            "{name} was left behind"
        );
    }
    text(&error, out.path())
}

#[test]
fn every_board_gets_a_bitstream_with_the_planned_blocks() {
    for board in Board::all() {
        let out = tempfile::tempdir().unwrap();
        let multipliers = board.device.resources.dsps.min(1);
        let text = design(board, multipliers, 1);
        let (result, _) = build_text(&board.name, &text, (multipliers, 1), &[1], out.path());
        let report = expect(result, out.path());
        assert_eq!(
            (report.dsp, report.bram),
            (multipliers, 1),
            "{}",
            board.name
        );
        assert_eq!(report.device, board.device.part);
        assert!(report.timing_met && report.fmax_mhz.unwrap() > report.clock_mhz);
        assert!(report.ffs >= 16 && report.luts >= 16);
        assert!(fs::metadata(&report.bitstream).unwrap().len() > 1000);
        // The description's figures are those that nextpnr has for the device.
        let available = |cell: &str| {
            let found = report
                .utilization
                .iter()
                .find(|resource| resource.cell == cell);
            found.map(|resource| resource.available)
        };
        let resources = board.device.resources;
        assert_eq!(
            available("ICESTORM_LC").or(available("TRELLIS_COMB")),
            Some(resources.luts)
        );
        assert_eq!(
            available("ICESTORM_RAM").or(available("DP16KD")),
            Some(resources.block_rams)
        );
        if multipliers > 0 {
            assert_eq!(
                available("ICESTORM_DSP").or(available("MULT18X18D")),
                Some(resources.dsps)
            );
            assert!(report.untimed.iter().any(|text| text.contains("not timed")));
        }
        let path = report.critical_path.unwrap();
        // The path is nextpnr's; icetime may find a slower one.
        assert!(1e3 / path.total_ns > report.fmax_mhz.unwrap() - 0.01 * report.clock_mhz);
        assert_eq!(
            report.icetime_all[0].is_some(),
            board.device.family == hdl::board::Family::Ice40
        );
        assert!(path.routing_ns < path.total_ns);
    }
}

/// nextpnr works the frequency out by itself; the build fails where it comes to another.
#[test]
fn a_pll_makes_the_clock_that_it_is_set_to() {
    use hdl::clocking::EngineClock;
    let inner = "module inner(input clock, input button, input uart_rx, output uart_tx,\n\
        output light_phase, output light_activity, output light_error);\n  reg [15:0] count = 0;\n\
        always @(posedge clock) count <= button ? 0 : count + uart_rx;\n\
        assign {uart_tx, light_phase, light_activity, light_error} = count[15:12];\nendmodule\n";
    for (name, mhz) in [
        ("icebreaker", 20.0),
        ("hx8k-evn", 50.0),
        ("colorlight-i5", 53.4),
    ] {
        let board = Board::load(name).unwrap();
        let clock = EngineClock::at_most(board, mhz * 1e6).unwrap();
        assert!(clock.pll.is_some());
        let text = inner.to_string() + &hdl::rtl::primitive::pins(board, &clock, "inner");
        let out = tempfile::tempdir().unwrap();
        let run = |clock_hz: f64| {
            let input = FlowInput {
                files: &[("top.v".to_string(), text.clone())],
                hard: "",
                top: "top",
                board,
                seeds: &[1],
                out_dir: out.path(),
                expected: Expected { dsp: 0, bram: 0 },
                clock_hz,
            };
            build(&input, &mut |_| {})
        };
        let report = expect(run(clock.hz), out.path());
        assert!(report.timing_met && report.clock_mhz == clock.mhz());
        let plls = report.utilization.iter().find(|used| used.name == "PLLs");
        assert_eq!(plls.unwrap().used, 1, "{name}");
        if name == "colorlight-i5" {
            let error = run(2.0 * clock.hz).unwrap_err();
            insta::assert_snapshot!(error, @"nextpnr-ecp5 wrote a report that cannot be read, seed-1.json: clock $glbnet$engine_clock is taken for 53.333 MHz, it has 106.667 MHz");
        }
    }
}

#[test]
fn results_are_reused_until_an_input_changes_and_repeat_byte_for_byte() {
    let board = Board::load("icebreaker").unwrap();
    let text = design(board, 4, 4);
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let run = |out: &tempfile::TempDir, text: &str, seeds: &[u32]| {
        let (result, events) = build_text("icebreaker", text, (4, 4), seeds, out.path());
        (expect(result, out.path()), events.join(" "))
    };

    let (report, events) = run(&first, &text, &[1]);
    insta::assert_snapshot!(events, @r#"Started("synth") Finished("synth") Started("place-1") Finished("place-1") Started("icetime-1") Finished("icetime-1") Started("pack") Finished("pack")"#);
    let bitstream = fs::read(&report.bitstream).unwrap();

    // Nothing changed; the report is the same.
    let (again, events) = run(&first, &text, &[1]);
    insta::assert_snapshot!(events, @r#"Reused("synth") Reused("place-1") Reused("icetime-1") Reused("pack")"#);
    assert_eq!(again, report);

    // Another folder, the same bytes.
    let (elsewhere, _) = run(&second, &text, &[1]);
    assert_eq!(fs::read(&elsewhere.bitstream).unwrap(), bitstream);

    // A result that somebody cut off is made again.
    fs::write(&report.bitstream, &bitstream[..100]).unwrap();
    let (_, events) = run(&first, &text, &[1]);
    insta::assert_snapshot!(events, @r#"Reused("synth") Reused("place-1") Reused("icetime-1") Started("pack") Finished("pack")"#);
    assert_eq!(fs::read(&report.bitstream).unwrap(), bitstream);

    // A second seed is placed, the faster of the two packed.
    let (both, events) = run(&first, &text, &[1, 2]);
    // Both at the same time, in whatever order.
    assert!(events.contains(r#"Reused("place-1")"#) && events.contains(r#"Finished("place-2")"#));
    assert_eq!(both.seeds, [1, 2]);
    let speeds: Vec<f64> = both.fmax_all.iter().copied().flatten().collect();
    assert!(speeds.len() == 2 && speeds[0] != speeds[1], "{speeds:?}");
    let fastest = if speeds[0] > speeds[1] { 1 } else { 2 };
    assert_eq!(both.seed, fastest);
    assert_eq!(both.fmax_mhz, Some(speeds[0].max(speeds[1])));

    // Another design.
    let (_, events) = run(&first, &text.replace("count + 1", "count + 3"), &[1]);
    insta::assert_snapshot!(events, @r#"Started("synth") Finished("synth") Started("place-1") Finished("place-1") Started("icetime-1") Finished("icetime-1") Started("pack") Finished("pack")"#);
}

#[test]
fn a_design_that_is_too_large_names_what_there_is_too_little_of() {
    let board = Board::load("icebreaker").unwrap();
    insta::assert_snapshot!(refusal("icebreaker", &design(board, 9, 31), (9, 31)), @r"
    the design does not fit the 1BitSquared iCEBreaker: it needs 31 of 30 block RAMs, 9 of 8 multipliers
    fewer lanes (--lanes), smaller layers or a larger board (--board) make it fit; log: OUT/place-1.log
    ");
    let board = Board::load("colorlight-i5").unwrap();
    insta::assert_snapshot!(refusal("colorlight-i5", &design(board, 29, 57), (29, 57)), @r"
    the design does not fit the Colorlight i5 v7.0: it needs 57 of 56 block RAMs, 29 of 28 multipliers
    fewer lanes (--lanes), smaller layers or a larger board (--board) make it fit; log: OUT/place-1.log
    ");
}

#[test]
fn other_hard_blocks_than_planned_are_refused() {
    let board = Board::load("icebreaker").unwrap();
    insta::assert_snapshot!(refusal("icebreaker", &design(board, 1, 1), (2, 1)), @r"
    multipliers (SB_MAC16): synthesis made 1, the plan has 2
    the netlist is not the planned design, so it was not placed; log: OUT/synth.log
    ");
    insta::assert_snapshot!(refusal("icebreaker", &design(board, 1, 1), (1, 0)), @r"
    block RAMs (SB_RAM40_4K): synthesis made 1, the plan has 0
    the netlist is not the planned design, so it was not placed; log: OUT/synth.log
    ");
}

#[test]
fn a_multiplier_that_yosys_deletes_is_noticed() {
    // Registers before, after and once more after the product: all three go into one SB_MAC16.
    let design = "module top(input clock, input button, input uart_rx, output reg uart_tx, output led_0, output led_1);\n\
        reg [15:0] s = 0;\n  reg signed [15:0] a, b;\n  reg signed [31:0] m, o;\n\
        always @(posedge clock) begin\n    s <= {s, uart_rx};\n    a <= s;\n    b <= {s[7:0], s[15:8]};\n\
        m <= a * b;\n    o <= m;\n    uart_tx <= ^o;\n  end\n\
        assign led_0 = 0, led_1 = button;\nendmodule\n";
    insta::assert_snapshot!(refusal("icebreaker", design, (1, 0)), @r"
    yosys removed logic: 32 driver conflicts, the first: Driver-driver conflict for \o [0] between cell $mul$top.v:9$2.O and constant 1'x in top: Resolved using constant.
    synth_ice40 -dsp deletes a multiplier with registers on both sides; instantiate SB_MAC16 instead; log: OUT/synth.log
    ");
}

#[test]
fn a_failing_tool_is_quoted() {
    let design = "module top(input clock;\nendmodule\n";
    insta::assert_snapshot!(refusal("icebreaker", design, (0, 0)), @r"
    yosys failed (exit status: 1):
      top.v:1: ERROR: syntax error, unexpected ';', expecting ')' or ',' or '='
    the whole log: OUT/synth.log
    ");
    // Ports that the constraints do not know.
    let design = "module top(input clock, output lamp);\n  assign lamp = clock;\nendmodule\n";
    insta::assert_snapshot!(refusal("colorlight-i5", design, (0, 0)), @r"
    nextpnr-ecp5 failed (exit status: 125):
      ERROR: IO 'lamp' is unconstrained in LPF (override this error with --lpf-allow-unconstrained)
    the whole log: OUT/place-1.log
    ");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("file");
    fs::write(&file, "").unwrap();
    let error = build_text("icebreaker", "", (0, 0), &[1], &file.join("inside"))
        .0
        .unwrap_err();
    insta::assert_snapshot!(text(&error, out.path()), @r"
    cannot write in OUT/file/inside: Not a directory (os error 20)
    is the disk full or the folder read-only? --out DIR names another folder
    ");
}
