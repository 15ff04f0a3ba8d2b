//! How long a board stays in reset: after configuration, and after its button or the lock of its PLL.

use hdl::arch::{Link, Plan};
use hdl::board::Board;
use hdl::clocking::{EngineClock, SETTLE_SECONDS};
use hdl::design;
use hdl::rtl::primitive::PINS;
use sim::verilate::{build, BuildOptions, Cache, CorePorts, Job, ModelSource, Profile, RunError};

use crate::training::case;

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

/// Cycles until the board of this name listens, after the shim's reset of `pressed` cycles if it has a button.
fn asleep(name: &str, pressed: u32) -> u64 {
    let board = Board::load(name).unwrap();
    let plan = Plan::new(&case("[6, 5, 3]", 0).network, 2).unwrap();
    let design = design::board(&plan, board, &EngineClock::oscillator(board)).unwrap();
    let around = vec![("awake.v".into(), held_low(board))];
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

#[test]
fn a_board_listens_when_its_memories_surely_hold_what_they_should() {
    for (name, pressed) in [("icebreaker", 1), ("icebreaker", 500), ("hx8k-evn", 1)] {
        let board = Board::load(name).unwrap();
        let hz = f64::from(board.clock.hz);
        let slept = asleep(name, pressed);
        println!("{name}: {slept} cycles");
        assert!(
            slept as f64 / hz >= SETTLE_SECONDS,
            "{name}: {slept} cycles"
        );
        let plan = Plan::new(&case("[6, 5, 3]", 0).network, 2).unwrap();
        // Two cycles from the button to the counter, one to the reset, some to the light.
        let settle = u64::from(Link::new(&plan, board).settle_cycles());
        assert!(slept <= settle + 10, "{name}: {slept} cycles");
    }
}
