//! How long a board stays in reset: after configuration, and after its button or the lock of its PLL.

use hdl::arch::{Link, Plan};
use hdl::board::Board;
use hdl::clocking::{EngineClock, SETTLE_SECONDS};
use hdl::design;
use hdl::rtl::primitive::PINS;
use sim::verilate::{build, BuildOptions, Cache, CorePorts, Job, ModelSource, Profile, RunError};

use super::training::case;

/// The line is held low from the first cycle on: the receiver is active, which a light shows, as soon as it may.
/// The shim's reset presses the button.
fn held_low(board: &Board) -> String {
    let invert = |active_low: bool| if active_low { "~" } else { "" };
    let button = board.button.as_ref();
    let button = button.map(|b| format!(".button({}reset), ", invert(b.active_low)));
    let leds = board.leds.pins.len();
    let pins: String = (0..leds)
        .map(|led| format!(", .led_{led}(leds[{led}])"))
        .collect();
    format!(
        "module awake(input wire clock, input wire reset, input wire s_valid, output wire s_ready,\n\
         input wire [31:0] s_data, input wire s_last, output wire m_valid, input wire m_ready,\n\
         output wire [31:0] m_data, output wire m_last, output wire busy);\n\
         wire [{}:0] leds; wire tx;\n\
         wire unused = &{{1'b0, reset, s_valid, s_data, s_last, m_ready, tx, leds}};\n\
         assign s_ready = 1'b0; assign m_valid = 1'b0; assign m_data = 32'd0; assign m_last = 1'b0;\n\
         assign busy = {}leds[1];\n\
         {PINS} board ({}.clock(clock), .uart_rx(1'b0), .uart_tx(tx){pins});\nendmodule\n",
        leds - 1,
        invert(board.leds.active_low),
        button.unwrap_or_default(),
    )
}

/// PLLs whose clock runs at once, as those of the simulation do, and that lock after `LOCK` of its cycles.
const PLLS: &str = "
module SB_PLL40_PAD #(parameter FEEDBACK_PATH = \"\", parameter [3:0] DIVR = 0, parameter [6:0] DIVF = 0,
    parameter [2:0] DIVQ = 0, FILTER_RANGE = 0)
   (input PACKAGEPIN, RESETB, BYPASS, output PLLOUTGLOBAL, LOCK);
    wire unused = &{1'b0, RESETB, BYPASS};
    assign PLLOUTGLOBAL = PACKAGEPIN;
    late late(.clock(PACKAGEPIN), .lock(LOCK));
endmodule
module late(input clock, output reg lock = 0);
    reg [15:0] cycles = 0;
    always @(posedge clock) begin
        cycles <= cycles + 1;
        if (cycles == LATE - 1) lock <= 1;
    end
endmodule
";
/// Long after the oscillator has started, and longer than a board's rest.
const LOCK: u64 = 3000;

/// Cycles until the board of this name listens with such a clock, after the shim's reset of `pressed` cycles if it has
/// a button.
fn asleep(board: &Board, clock: &EngineClock, pressed: u32) -> u64 {
    let plan = Plan::new(&case("[6, 5, 3]", 0).network, 2).unwrap();
    let design = design::board(&plan, board, clock).unwrap();
    let mut around = vec![("awake.v".into(), held_low(board))];
    if clock.pll.is_some() {
        around.push(("plls.v".into(), PLLS.replace("LATE", &LOCK.to_string())));
    }
    let source = ModelSource {
        top: "awake".into(),
        files: [around, design.verilog(), design.waivers()].concat(),
        ports: CorePorts::plain(),
        probes: vec![],
    };
    let options = BuildOptions {
        profile: Profile::Quick,
        ..BuildOptions::default()
    };
    let cache = Cache::new(concat!(env!("CARGO_TARGET_TMPDIR"), "/verilate"));
    let library = build(&source, &options, &cache).unwrap_or_else(|error| panic!("{error}"));
    let mut model = library.instance();
    model.reset_for(pressed);
    let cycle = Job {
        responses: 1,
        max_cycles: 1,
        ..Job::default()
    };
    let mut sleeps = || match model.run(&cycle, &mut vec![], &mut vec![]) {
        Err(RunError::Timeout { busy_cycles, .. }) => busy_cycles == 0,
        other => panic!("{other:?}"),
    };
    let slept = (0..100_000).take_while(|_| sleeps()).count();
    slept as u64
}

/// The rest that a board keeps after the last cause of its reset, within a few cycles.
fn assert_rests(board: &Board, clock: &EngineClock, slept: u64) {
    let plan = Plan::new(&case("[6, 5, 3]", 0).network, 2).unwrap();
    let mhz = clock.mhz();
    println!("{} at {mhz:.2} MHz: {slept} cycles", board.name);
    assert!(
        slept as f64 / clock.hz >= SETTLE_SECONDS,
        "{} at {mhz} MHz: {slept} cycles",
        board.name
    );
    // Two cycles from the button to the counter, one to the reset, some to the light.
    let settle = u64::from(Link::new(&plan, board).clocked(clock).settle_cycles());
    assert!(
        slept <= settle + 10,
        "{} at {mhz} MHz: {slept} cycles",
        board.name
    );
}

#[test]
fn a_board_listens_when_its_memories_surely_hold_what_they_should() {
    for (name, pressed) in [("icebreaker", 1), ("icebreaker", 500), ("hx8k-evn", 1)] {
        let board = Board::load(name).unwrap();
        let clock = EngineClock::oscillator(board);
        assert_rests(board, &clock, asleep(board, &clock, pressed));
    }
}

/// Before the lock the clock may be anything: nothing that happens until then counts as rest.
#[test]
fn a_board_rests_from_the_lock_of_its_pll_on() {
    let board = Board::load("icebreaker").unwrap();
    let clock = EngineClock::at_most(board, 24e6).unwrap();
    assert!(clock.pll.is_some());
    let slept = asleep(board, &clock, 1);
    let rested = slept.checked_sub(LOCK).expect("it sleeps until the lock");
    assert_rests(board, &clock, rested);
}
