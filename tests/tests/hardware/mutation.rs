//! The comparison can fail: one changed bit in the RTL's arithmetic, in the schedule or in the
//! bit-true model is caught, and named for what it is.

use super::common::{case, send, Hardware};
use hdl::arch::program::Code;
use hdl::arch::registers::{Command, Space};
use hdl::config::{Network, Order};
use sim::bittrue::Mode;
use sim::lockstep::{Lockstep, LockstepError, Quantity};
use sim::random::RandomCase;

const LANES: usize = 2;

/// Layers in the lanes, at the head and in both, with tiles that are full and half empty.
pub fn subject() -> RandomCase {
    let mut case = case(
        "name = \"subject\"\n\
         layers = [6, 5, 4, 3]\n\
         blocks = [[0, 1], [1, 2], [2, 3], [1, 3]]\n\
         dataset = \"random\"\n\
         dynamics.k = 1\n\
         phases.nudging = \"random_sign\"\n\
         learning.init_scale = 1.5\n",
        8,
    );
    // Equal biases would hide one that is taken for another.
    let biases = case
        .weights
        .biases
        .iter_mut()
        .flat_map(|layer| layer.iter_mut());
    for (index, bias) in biases.enumerate() {
        *bias = (37 * index as i16) % 11 * 250 - 500;
    }
    case
}

/// What a run of all samples meets first: `None` for nothing, `Silence` also for a core that hangs.
fn first(mut lockstep: Lockstep, case: &RandomCase) -> Option<Quantity> {
    let mut samples = case.samples.iter();
    let error = samples.find_map(|sample| lockstep.sample(sample, Mode::Learn).err())?;
    Some(match error {
        LockstepError::Mismatch(mismatch) => mismatch.quantity,
        LockstepError::Run(_) => Quantity::Silence,
    })
}

/// The same for a core whose schedule memory has one bit changed after it was configured.
fn with_schedule_bit(
    hardware: &Hardware,
    case: &RandomCase,
    word: usize,
    bit: u32,
) -> Option<Quantity> {
    let mut lockstep = hardware.lockstep(case, hardware.model(0), None);
    let changed = hardware.plan.program[word].word() ^ 1 << bit;
    let header = Command::Write.header(Space::Program as u32, 1);
    send(lockstep.model(), &[vec![header, word as u32, changed]]);
    first(lockstep, case)
}

#[test]
fn without_a_change_nothing_is_found() {
    let case = subject();
    let hardware = Hardware::of([&case.network], LANES);
    assert_eq!(
        first(hardware.lockstep(&case, hardware.model(0), None), &case),
        None
    );
}

#[test]
fn a_bit_of_the_arithmetic() {
    let case = subject();
    for (from, to, expected) in [
        // The multiply-accumulate unit, the step, and the rounding constant of the lanes.
        (
            "total_d = total + addend;",
            "total_d = total - addend;",
            Quantity::State,
        ),
        (
            "{18'd0, half}) + ((",
            "{18'd0, half}) - ((",
            Quantity::State,
        ),
        (
            "localparam [31:0] unity = 32'h2000;",
            "localparam [31:0] unity = 32'h6000;",
            Quantity::State,
        ),
        // Settling, the random sign, and a latency.
        (
            "moved_any_d = moved_any | moved;",
            "moved_any_d = moved_any & moved;",
            Quantity::State,
        ),
        (
            "source ^ (source << 13);",
            "source ^ (source << 12);",
            Quantity::Weight,
        ),
        (
            "state_ready = 8'd6;",
            "state_ready = 8'd7;",
            Quantity::WriteCycle,
        ),
    ] {
        let hardware = Hardware::altered([&case.network], LANES, |text| {
            assert!(text.contains(from), "the text has no `{from}`");
            *text = text.replace(from, to);
        });
        let found = first(hardware.lockstep(&case, hardware.model(0), None), &case);
        assert_eq!(found, Some(expected), "{to}");
    }
}

#[test]
fn a_bit_of_the_schedule() {
    let case = subject();
    let hardware = Hardware::of([&case.network], LANES);
    let mut wrong = vec![];
    for (code, bit, expected) in [
        (Code::Bias, 0, Quantity::State),
        (Code::Save, 16, Quantity::State),
        (Code::Restore, 16, Quantity::State),
        (Code::Row, 0, Quantity::Padding),
        (Code::Update, 17, Quantity::MissingWrite),
        (Code::Column, 0, Quantity::Padding),
        (Code::Segment, 2, Quantity::State),
        (Code::ColumnSums, 0, Quantity::WriteCycle),
        (Code::Add, 0, Quantity::State),
        (Code::Read, 0, Quantity::WriteCycle),
        (Code::End, 28, Quantity::State),
    ] {
        let word = hardware
            .plan
            .program
            .iter()
            .rposition(|i| i.code == code)
            .expect("the subject uses every code");
        let found = with_schedule_bit(&hardware, &case, word, bit);
        if found != Some(expected) {
            wrong.push(format!(
                "bit {bit} of the last {code:?}: {found:?}, not {expected:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_bit_of_every_operation_code_of_the_schedule() {
    let case = subject();
    let hardware = Hardware::of([&case.network], LANES);
    for (word, instruction) in hardware.plan.program.iter().enumerate() {
        // A segment is known by its place behind a column pass; its code is for readers.
        for bit in (28..32).filter(|_| instruction.code != Code::Segment) {
            let found = with_schedule_bit(&hardware, &case, word, bit);
            assert_ne!(found, None, "bit {bit} of word {word}, {instruction:?}");
        }
    }
}

#[test]
fn a_bit_of_the_bit_true_model() {
    let case = subject();
    let hardware = Hardware::of([&case.network], LANES);
    type Change = fn(&mut Network);
    let changes: [(&str, Change, Quantity); 7] = [
        ("k", |n| n.dynamics.k ^= 1, Quantity::State),
        ("b", |n| n.phases.beta_shift ^= 2, Quantity::Weight),
        ("G", |n| n.formats.weight_fraction ^= 1, Quantity::State),
        (
            "order",
            |n| n.dynamics.order = Order::Synchronous,
            Quantity::State,
        ),
        (
            "tolerance",
            |n| n.dynamics.tolerance ^= 4,
            Quantity::WriteCycle,
        ),
        (
            "sweeps",
            |n| n.dynamics.max_sweeps_nudged = 2,
            Quantity::ExtraWrite,
        ),
        ("seed", |n| n.seed ^= 1, Quantity::Weight),
    ];
    for (what, change, expected) in changes {
        // The hardware keeps the registers of the plan; the models follow the changed network.
        let mut plan = hardware.plan(&case.network);
        change(&mut plan.network);
        let lockstep = Lockstep::new(plan, hardware.model(0), &case.weights, None);
        let found = first(lockstep.unwrap_or_else(|error| panic!("{error}")), &case);
        assert_eq!(found, Some(expected), "{what}");
    }
}

#[test]
fn a_bit_of_any_weight() {
    let case = subject();
    let hardware = Hardware::of([&case.network], LANES);
    let blocks = case.weights.blocks.len();
    for which in 0..blocks + case.weights.biases.len() {
        let mut lockstep = hardware.lockstep(&case, hardware.model(0), None);
        // The model keeps its weights; the core gets one that differs in bit 10, worth an eighth.
        let plan = lockstep.plan();
        let commands = plan.load(
            |block, row, column| {
                let changed = block == which && (row, column) == (1, 0);
                case.weights.blocks[block][(row, column)] ^ i16::from(changed) << 10
            },
            |layer, unit| {
                let changed = blocks + layer - 1 == which && unit == 2;
                case.weights.biases[layer - 1][unit] ^ i16::from(changed) << 10
            },
        );
        send(lockstep.model(), &commands);
        assert_eq!(
            first(lockstep, &case),
            Some(Quantity::State),
            "block or layer {which}"
        );
    }
}
