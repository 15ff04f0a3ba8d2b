//! Two samples by turns: each does what it does alone, at predicted cycles, whatever ran before.

use super::common::{case, pressure, send, Hardware};
use super::mutation::subject;
use super::random::{self, piped};
use super::self_connected::{self, odd};
use hdl::arch::registers::{status, Command};
use hdl::arch::{stream, Plan};
use hdl::config::Pipeline;
use sim::bittrue::{BitTrue, Mode, Sample, Xorshift};
use sim::lockstep::{LockstepError, Part, Quantity, Totals};
use sim::random::RandomCase;

/// The same networks in hardware that takes two samples by turns.
pub fn by_turns(cases: Vec<RandomCase>) -> Vec<RandomCase> {
    let mut cases = piped(cases, Pipeline::Deep);
    for case in &mut cases {
        case.network.engine.interleave = true;
    }
    cases
}

/// Pairs of samples, one that is learned from after each, every second case under back-pressure.
fn settle(cases: Vec<RandomCase>, lanes: usize) -> Totals {
    let cases = by_turns(cases);
    let hardware = Hardware::of(cases.iter().map(|case| &case.network), lanes);
    assert!(hardware.shape.interleaves());
    let mut all = Totals::default();
    for (index, case) in cases.iter().enumerate() {
        let pressure = odd(index).then(|| pressure(case, index));
        let mut lockstep = hardware.lockstep(case, hardware.model(case.network.seed), pressure);
        for samples in case.samples.chunks(3) {
            let ran = match samples {
                [first, second, rest @ ..] => lockstep.pair([first, second]).and_then(|_| {
                    let learned = rest.first().map(|s| lockstep.sample(s, Mode::Learn));
                    learned.transpose().map(|_| ())
                }),
                _ => lockstep.sample(&samples[0], Mode::Infer).map(|_| ()),
            };
            ran.unwrap_or_else(|error| panic!("{}: {error}", case.network.name));
        }
        let totals = lockstep.totals();
        assert_eq!(totals.compared_writes, totals.expected_writes);
        assert_eq!(totals.cycles, totals.predicted_cycles);
        all.samples += totals.samples;
        all.learned += totals.learned;
        all.unsettled += totals.unsettled;
    }
    all
}

#[test]
fn fifty_networks_settle_by_turns() {
    for (lanes, count) in [(1, 10), (4, 40)] {
        let cases = random::group(lanes, 14);
        let all = settle(cases.into_iter().take(count).collect(), lanes);
        // Some samples take all their sweeps, others settle before the one beside them.
        assert!(all.unsettled > 0 && all.unsettled < all.samples);
        assert!(all.learned > 0);
    }
}

#[test]
fn self_connected_layers_settle_by_turns() {
    for (lanes, cases) in self_connected::groups() {
        assert!(settle(cases, lanes).samples > 50);
    }
}

/// Two layers in the lanes' tiles, outputs at the head.
const SMALL: &str = "layers = [5, 7, 3]\nseed = 9\n";

/// [`SMALL`] on two lanes that interleave, or do not.
fn small(interleave: bool) -> (RandomCase, Hardware) {
    let mut case = case(SMALL, 4);
    case.network.engine.pipeline = Some(Pipeline::Deep);
    case.network.engine.interleave = interleave;
    let hardware = Hardware::of([&case.network], 2);
    (case, hardware)
}

#[test]
fn any_two_inputs_make_a_pair() {
    let (case, hardware) = small(true);
    let mut lockstep = hardware.lockstep(&case, hardware.model(1), None);
    let silent = Sample {
        input: vec![0; 5],
        target: vec![0; 3],
    };
    let [first, second] = [&case.samples[0], &case.samples[1]];
    for pair in [
        [first, second],
        [first, first],
        [&silent, second],
        [first, &silent],
        [&silent, &silent],
    ] {
        lockstep
            .pair(pair)
            .unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn a_pair_of_the_wrong_length_is_refused_and_forgotten() {
    let (case, hardware) = small(true);
    let mut lockstep = hardware.lockstep(&case, hardware.model(0), None);
    let [first, second] = [&case.samples[0], &case.samples[1]];
    let whole = stream::pair([&first.input, &second.input]);
    let entries = (whole[0] & 0xFFFF) as usize;
    let long = [&whole[..], &[7]].concat();
    let commands: Vec<Vec<u32>> = [1, entries, entries + 1, entries + 2, whole.len() - 1]
        .map(|length| whole[..length].to_vec())
        .into_iter()
        .chain([long])
        .collect();
    let refusals = vec![status::MALFORMED; commands.len()];
    assert_eq!(send(lockstep.model(), &commands), refusals);
    lockstep
        .pair([first, second])
        .unwrap_or_else(|error| panic!("{error}"));
    let alone = lockstep.sample(second, Mode::Learn);
    alone.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn other_hardware_does_not_know_pairs() {
    let (case, hardware) = small(false);
    let mut lockstep = hardware.lockstep(&case, hardware.model(0), None);
    let [first, second] = [&case.samples[0], &case.samples[1]];
    let pair = stream::pair([&first.input, &second.input]);
    assert_eq!(pair[0] >> Command::OPCODE_SHIFT, Command::Pair as u32);
    let answer = send(lockstep.model(), &[pair]);
    assert_eq!(answer, [status::UNKNOWN_COMMAND]);
    let alone = lockstep.sample(first, Mode::Nudge);
    alone.unwrap_or_else(|error| panic!("{error}"));
}

/// More lanes than a layer has units: a sweep is over long before its results come.
const WIDE: usize = 8;

/// What pairs of all samples meet first on hardware with a changed text.
fn first_of_pairs(case: &RandomCase, from: &str, to: &str) -> Option<Quantity> {
    let hardware = Hardware::altered([&case.network], WIDE, |text| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        *text = text.replace(from, to);
    });
    let mut lockstep = hardware.lockstep(case, hardware.model(0), None);
    let mut pairs = case.samples.chunks_exact(2);
    let error = pairs.find_map(|pair| lockstep.pair([&pair[0], &pair[1]]).err())?;
    Some(match error {
        LockstepError::Mismatch(mismatch) => mismatch.quantity,
        LockstepError::Run(_) => Quantity::Silence,
    })
}

#[test]
fn samples_that_get_into_each_others_way_are_noticed() {
    let cases = by_turns(vec![subject()]);
    let changed = |from, to| first_of_pairs(&cases[0], from, to);
    assert_eq!(changed("drained = over;", "drained = over;"), None);
    for (from, to) in [
        // The verdict on one sample is taken for the other's, or given before the flags are there.
        ("verdict = current ^ other_open;", "verdict = current;"),
        ("assign drained = over;", "assign drained = ends;"),
        // A list is closed, or the next one opened, while its results are in the line.
        (
            "assign close = over & open;",
            "assign close = ends & closes;",
        ),
        ("timer_d = last;", "timer_d = 8'd1;"),
        // Both have their drive in one place.
        ("slot_second = 12'd11;", "slot_second = 12'd8;"),
        // A weight is written, which inference never does.
        (
            "probe_valid = written | bank_write;\n    assign probe_kind = bank_write;",
            "probe_valid = written | bank_write | save;\n    assign probe_kind = bank_write | save;",
        ),
    ] {
        let found = changed(from, to);
        println!("{to} {found:?}");
        assert!(found.is_some(), "{to}");
    }
}

/// Two samples take no longer than one after the other, but for the turns of a sample that is left alone, of which
/// each costs a cycle more; what they multiply and write is the same.
#[test]
fn turns_cost_less_and_do_the_same() {
    let mut saved = 0;
    for case in by_turns(random::group(4, 2)) {
        let network = &case.network;
        let plan = Plan::new(network, 4).unwrap();
        let mut model = BitTrue::new(network);
        model.load(&case.weights);
        let mut rng = Xorshift::seed(network.seed);
        let parts = [&case.samples[0], &case.samples[1]]
            .map(|sample| Part::run(network, &mut model, &mut rng, sample));
        let traces = parts.each_ref().map(|part| &part.record.trace);
        let mut writes = vec![];
        let both = plan.predict_pair_writes(traces, true, |sample, write| {
            writes.push((write.cycle, write.probe, sample));
        });
        let alone = traces.map(|trace| plan.predict(trace, true));
        assert_eq!(both.products, alone[0].products + alone[1].products);
        let sweeps = traces.map(|trace| trace.phases[0].len() as u64);
        let after = alone[0].cycles + alone[1].cycles;
        assert!(
            both.cycles <= after + sweeps[0].abs_diff(sweeps[1]),
            "{}",
            network.name
        );
        saved += after.saturating_sub(both.cycles);

        assert_eq!(
            writes.len() as u64,
            parts[0].record.writes + parts[1].record.writes
        );
        writes.sort_unstable();
        let ports = |pair: &[(u64, usize, usize)]| (pair[0].0, pair[0].1) != (pair[1].0, pair[1].1);
        assert!(
            writes.windows(2).all(ports),
            "a port writes twice in a cycle"
        );
    }
    assert!(saved > 1_000, "{saved}");
}
